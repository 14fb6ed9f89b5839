package static

import "time"

// The views are what the live topics of an office show: display fills these
// structs, the hub sends them as the `data` of a snapshot, and the pages read
// the very same values for their first paint. Times carry the office's
// offset, durations are whole seconds, money is whole rupiah. A nil slice or
// map is never sent: use an empty one, so that a client can always iterate.
// No view holds a token, a NIK, a phone number, an address or the reason of a
// priority; only CounterCurrent.Name holds a name.

// Text is a text per language ("id", "en"), as configured.
type Text map[string]string

// In returns the text in lang, else in Indonesian, else in any language that
// it has (the alphabetically first), else "".
func (t Text) In(lang string) string {
	if s := t[lang]; s != "" {
		return s
	}
	if s := t["id"]; s != "" {
		return s
	}
	first := ""
	for l, s := range t {
		if s != "" && (first == "" || l < first) {
			first = l
		}
	}
	return t[first]
}

// Wait is a predicted wait in seconds: one in ten is called before P10, half
// before P50, nine in ten before P90. A prediction that is not yet calibrated
// has all three equal and is shown as "sekitar 15 menit".
type Wait struct {
	P10 int `json:"p10"`
	P50 int `json:"p50"`
	P90 int `json:"p90"`
}

// Slot is an appointment's hour, half-open.
type Slot struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Call is one call of a number to a counter. A recall is a new Call with
// another ID and a higher Times; an undone one comes again, Withdrawn.
type Call struct {
	ID          string    `json:"id"`
	Number      string    `json:"number"`       // "A-012"
	Counter     string    `json:"counter"`      // counter id, "3"
	CounterName string    `json:"counter_name"` // "Loket 3"
	Spoken      string    `json:"spoken"`       // "loket tiga"; "" if the office configured none
	At          time.Time `json:"at"`
	Times       int       `json:"times"` // 1 for the first call of this ticket at this counter
	Withdrawn   bool      `json:"withdrawn,omitempty"`
}

// DisplayView is the `data` of /live/offices/{office}/display.
type DisplayView struct {
	Office     string `json:"office"`      // office id
	OfficeName string `json:"office_name"` // "Kantor Imigrasi Kelas I Bandung"
	Timezone   string `json:"timezone"`    // IANA name, "Asia/Jakarta"

	// Open is whether the doors are open now. Phase says more for people:
	// "before" (opens later today), "open", "break" (reopens at Opens),
	// "closed" (doors closed, the hall may still be served) or "ended".
	Open  bool       `json:"open"`
	Phase string     `json:"phase"`
	Opens *time.Time `json:"opens"` // next opening, nil if unknown or open

	Suspended  bool        `json:"suspended"`
	Suspension *Suspension `json:"suspension"` // nil unless suspended

	Calls    []Call           `json:"calls"`    // newest first; see PROTOCOL.md for how many
	Counters []DisplayCounter `json:"counters"` // in configured order
	Next     []string         `json:"next"`     // numbers likely called next, soonest first
	Services []Service        `json:"services"` // in configured order
	Waiting  map[string]int   `json:"waiting"`  // by service id, those without anybody included as 0
	Wait     map[string]Wait  `json:"wait"`     // by service id; a service without prediction is absent
	Standby  []string         `json:"standby"`  // numbers on standby for today, those with an offer first
	Offered  []string         `json:"offered"`  // those of Standby for whom a place is held now
	Notices  []Text           `json:"notices"`  // said by the office, most important first

	// Muted is until when the hall's screens make no sound; nil unless they are
	// silent.
	Muted *time.Time `json:"muted,omitempty"`

	// PlaceCode is what people type to check in on their own phone, to show
	// that they can see this screen; "" if the office asks for none.
	PlaceCode string `json:"place_code,omitempty"`
}

// Suspension is why an office stands still and until when, if that is known.
type Suspension struct {
	Reason string     `json:"reason"`
	Until  *time.Time `json:"until"`
}

// Service names a service of an office.
type Service struct {
	ID     string `json:"id"`
	Prefix string `json:"prefix"`
	Name   Text   `json:"name"`
}

// DisplayCounter is one counter as the hall sees it.
type DisplayCounter struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	State  string `json:"state"`  // "closed", "open" or "paused"
	Number string `json:"number"` // who is called or served there, "" if nobody
}

// TicketView is the `data` of /live/tickets/{token} and of GET
// /api/v1/tickets/{token}.
type TicketView struct {
	Number string `json:"number"`
	State  string `json:"state"` // PROTOCOL.md, "States of a ticket"
	Late   bool   `json:"late"`  // booked, the place released, may still check in today

	Service     string `json:"service"` // service id
	ServiceName Text   `json:"service_name"`
	Stage       string `json:"stage"` // stage id: the one waited for or under way
	StageName   Text   `json:"stage_name"`
	Lane        string `json:"lane"` // "priority", "appointment", "walkin"; "" before check-in

	Slot     *Slot      `json:"slot"`      // nil for a walk-in
	ArriveBy *time.Time `json:"arrive_by"` // nil for a walk-in

	Ahead *int  `json:"ahead"` // people who will probably be called before; nil unless waiting
	Wait  *Wait `json:"wait"`  // nil unless waiting and predicted

	Counter     string `json:"counter"` // counter id while called or serving, else ""
	CounterName string `json:"counter_name"`
	Calls       []Call `json:"calls"`     // of this ticket today, newest first
	Confirmed   bool   `json:"confirmed"` // the applicant said beforehand that they will come

	StandbyOffer *StandbyOffer `json:"standby_offer"`
	MovedFrom    *time.Time    `json:"moved_from"`     // the hour that the office moved it from; nil if it did not
	ChooseNewDay bool          `json:"choose_new_day"` // the office closed its day: its owner may choose another
	Kept         bool          `json:"kept"`           // booked in an hour that has fewer places now than were booked: it keeps its own
	Help         bool          `json:"help"`           // its owner asked for help and has not been served yet
	Standby      *int          `json:"standby"`        // minutes within which they can come for an earlier place; nil: not on standby
	Timeline     Timeline      `json:"timeline"`
	Fee          int64         `json:"fee"`   // whole rupiah
	Why          string        `json:"why"`   // id of the last call's reason, see CounterCurrent.Why; "" before the first
	Party        []string      `json:"party"` // numbers of the whole party, the own included; empty if alone

	// Can holds what the applicant may do now, by the last path element of
	// the ticket's routes: "check-in", "cancel", "confirm", "defer", "help"…
	// The page shows no other button.
	Can       []string `json:"can"`
	Suspended bool     `json:"suspended"` // the office stands still
}

// StandbyOffer is an earlier hour that is held for this ticket until Expires.
type StandbyOffer struct {
	Slot    Slot      `json:"slot"`
	Expires time.Time `json:"expires"`
}

// Timeline holds the three certainties that an applicant gets.
type Timeline struct {
	Appointment *time.Time `json:"appointment"`
	PaymentDue  *time.Time `json:"payment_due"`
	PickupFrom  *time.Time `json:"pickup_from"` // a day, given as its first moment
}

// CounterView is the `data` of /live/offices/{office}/counters/{counter} and
// the answer to every command at a counter.
type CounterView struct {
	Office     string `json:"office"`
	OfficeName string `json:"office_name"`
	Timezone   string `json:"timezone"`

	ID      string  `json:"id"`
	Name    string  `json:"name"`    // "Loket 3"
	State   string  `json:"state"`   // "closed", "open" or "paused"
	Officer string  `json:"officer"` // user name of who sits there, "" if nobody
	Stages  []Stage `json:"stages"`  // that this counter serves; empty: all

	Current *CounterCurrent `json:"current"` // nil if nobody is there
	Waiting []CounterTicket `json:"waiting"` // whom this counter may serve, in the order of calling
	Parked  []CounterTicket `json:"parked"`  // whom this counter may serve, longest parked first
	Today   CounterToday    `json:"today"`
	Undo    *Undo           `json:"undo"` // nil if there is nothing to take back

	Open      bool   `json:"open"`      // the office's doors
	Phase     string `json:"phase"`     // as DisplayView.Phase
	Suspended bool   `json:"suspended"` // the office stands still
}

// Stage names a step of a service.
type Stage struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
}

// CounterCurrent is the ticket at a counter.
type CounterCurrent struct {
	Ticket      string    `json:"ticket"` // ticket id
	Number      string    `json:"number"`
	Name        string    `json:"name"`             // of the person; "" for a walk-in, who was erased, or when the vault is closed
	Erased      bool      `json:"erased,omitempty"` // the person's data were erased
	State       string    `json:"state"`            // "called" or "serving"
	Service     string    `json:"service"`
	ServiceName Text      `json:"service_name"`
	Stage       string    `json:"stage"`
	StageName   Text      `json:"stage_name"`
	Lane        string    `json:"lane"`
	Since       time.Time `json:"since"` // of State: the last call, or the start of service
	Times       int       `json:"times"` // calls so far

	// Why is the id of the reason that the calling policy recorded; the
	// words are "why.<id>" of the language files. An id without words is
	// shown as it is.
	Why string `json:"why"`

	Slot    *Slot      `json:"slot"`    // nil for a walk-in
	Arrived *time.Time `json:"arrived"` // check-in or issue of a walk-in

	Party []string `json:"party"` // numbers of the whole party, empty if alone

	// Transfers are the stages that the ticket may be sent to from here,
	// the one that plain "complete" leads to first and marked Next; none is
	// Next when plain "complete" ends the ticket.
	Transfers []Transfer `json:"transfers"`
	Confirmed bool       `json:"confirmed"` // the applicant said beforehand that they would come
	Help      bool       `json:"help"`      // its owner asked for help; being served ends it
}

// Transfer is a stage that a ticket can be sent to.
type Transfer struct {
	Stage string `json:"stage"`
	Name  Text   `json:"name"`
	Next  bool   `json:"next"`
}

// CounterTicket is one of those waiting or parked, as officers see them:
// without a name.
type CounterTicket struct {
	Ticket  string    `json:"ticket"`
	Number  string    `json:"number"`
	Lane    string    `json:"lane"`
	Service string    `json:"service"`
	Stage   string    `json:"stage"`
	Since   time.Time `json:"since"`          // when it began to wait, or was parked
	Ahead   int       `json:"ahead"`          // how many of this list are before it
	Help    bool      `json:"help,omitempty"` // its owner asks for help
}

// CounterToday is what this counter did today.
type CounterToday struct {
	Served         int `json:"served"`
	AverageSeconds int `json:"average_seconds"` // of service; 0 before the first
}

// Undo is the officer's own last act, which they may take back until Until.
// What is the path element of the command: "next", "no-show", "park"…
type Undo struct {
	What  string    `json:"what"`
	Until time.Time `json:"until"`
}
