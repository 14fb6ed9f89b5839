package static

import "time"

// OfficePage is read by page "office" at /admin/offices/{office}: how it is now.
// Its forms POST key to /admin/offices/{office}/suspend (reason, until),
// /resume and /mute (minutes).
type OfficePage struct {
	AdminShell
	Live  Live
	Key   string
	Now   OfficeNow
	Typed map[string]string // of a refused form
	Wrong map[string]string // words per field of it
}

func (p OfficePage) boot(lang string, words map[string]string) map[string]any {
	return p.bootWith(lang, words, p.Live, nil)
}

// Silences are for how many minutes the hall can be muted.
func (OfficePage) Silences() []int { return []int{5, 15, 30, 60} }

func (p AdminPage) boot(lang string, words map[string]string) map[string]any {
	return p.bootWith(lang, words, p.Live, nil)
}

// OfficeNow is the whole hall as those see it who run it: numbers, no names.
type OfficeNow struct {
	AdminCard
	At         time.Time
	Opens      *time.Time
	Suspension *Suspension
	Muted      *time.Time   // until when the hall's screens make no sound; nil: they do
	Lines      []OfficeLine // of those who wait, by service and lane
	Parked     []OfficeNumber
	Seats      []OfficeSeat
	Late       []OfficeHour // did not come in time and may still
	AtRisk     []OfficeHour // have not said that they come
	Standby    []OfficeHour
	Help       []StaffHelp
	Devices    []OfficeDevice
}

// OfficeLine is who waits for a service in a lane, longest first.
type OfficeLine struct {
	Service Text
	Lane    string
	People  []OfficeNumber
}

// FirstPeople are as many of them as a line of the table holds.
func (l OfficeLine) FirstPeople() []OfficeNumber { return l.People[:min(len(l.People), 12)] }

// Others is how many there are besides.
func (l OfficeLine) Others() int { return max(0, len(l.People)-12) }

// OfficeNumber is somebody in the hall, and for how many minutes of the office's
// working time.
type OfficeNumber struct {
	Number  string
	Minutes int
	Over    bool // longer than the office's ceiling
	Help    bool
}

// OfficeHour is somebody who is not in the hall, and what one waits for: their
// hour, or the end of an offer. Either may be nil.
type OfficeHour struct {
	Number string
	Slot   *Slot
	Until  *time.Time
}

// OfficeSeat is a counter.
type OfficeSeat struct {
	ID, Name string
	State    string // "closed", "open", "paused"
	Officer  string
	Number   string // who is there, "" if nobody
	Serving  bool   // being served; else called
	Since    time.Time
	Minutes  int
	Served   int
}

// OfficeDevice is a paired screen, tablet or kiosk.
type OfficeDevice struct {
	Name    string
	Kind    string
	Silent  bool // it does not report
	Minutes int  // since it last did, -1: never
	Mute    bool // its browser refuses sound
}

// DaysPage is read by page "days" at /admin/offices/{office}/days?date=: a day's
// places and what can be done with it. Its forms POST key to
// /admin/offices/{office}/days/{date}/{act}.
type DaysPage struct {
	AdminShell
	Key     string
	Strip   []DayLink
	Date    string // "2026-11-30"
	Day     time.Time
	First   string // of the dates that can be chosen
	Last    string
	State   string // "usual", "none" (no hours), "closed", "ended"
	Today   bool
	Past    bool
	Hours   []Slot
	Booked  int // who is booked and has not come
	Hall    int // who is in the hall
	Columns []DayService
	Slots   []DaySlot

	Ask   string // an act that wants a confirmation: "close", "end"; "" for none
	Typed map[string]string
	Wrong map[string]string
}

// DayLink is a day in the strip above the page.
type DayLink struct {
	Date     string
	Day      time.Time
	Active   bool
	State    string
	Taken    int
	Capacity int
}

// DayService is a service on a day.
type DayService struct {
	ID      string
	Prefix  string
	Name    Text
	Booked  bool // has places at all
	Walkins int  // numbers at the door; -1: no limit
	Given   int  // that were given
	Changed bool // the day's numbers at the door are its own
}

// DaySlot is an hour of a day with its places by service.
type DaySlot struct {
	Slot
	Value string // as a form sends it
	Cells []DayCell
}

// DayCell is how many places of an hour are taken.
type DayCell struct {
	There           bool
	Taken, Capacity int
}

// NoticesPage is read by page "notices" at /admin/offices/{office}/notices: what
// the screens tell the hall. Its form POSTs key, seen, for each line a notice,
// notice-LANGUAGE, from and until, and do=preview to look first.
type NoticesPage struct {
	AdminShell
	Key     string
	Screens []NoticeScreen // what they show now, or would show
	Preview bool           // of what is typed in the form
	Seen    string         // names the notices, so that two who change them notice
	Texts   []string       // languages of a notice, Indonesian first
	Lines   []NoticeLine   // as the form has them
	Wrong   string
}

// NoticeScreen is what the screens show in one language.
type NoticeScreen struct {
	Lang string
	Said []string
}

// NoticeLine is a notice in the form.
type NoticeLine struct {
	Text        map[string]string // by language
	From, Until string            // on the office's clock, as datetime-local has it
	State       string            // "shown", "later", "over"; "" in a free line
	Wrong       map[string]string // by language, "from" and "until"
}
