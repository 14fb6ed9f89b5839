package static

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
)

// HomePage is read by page "home", the booking page at /. Office, service and
// hour are chosen by links that only add to the query. The form POSTs to / with
// office, service, slot, locale, key, one name and one nik a person, phone,
// email, standby and priority. Its other buttons POST the same to /form, which
// books nothing and shows the page again with what was typed.
type HomePage struct {
	Page
	Offices []HomeOffice
	Office  *HomeOffice  // the chosen one; nil: choose
	Service *HomeService // the chosen one; nil: choose

	Slot     *HomeSlot      // the hour that would be booked; nil: nothing is free
	Chosen   bool           // Slot was chosen; else it is the earliest
	Nearest  []HomeSlot     // instead of a chosen hour that is full: the nearest that are not, in order of time
	Calendar *HomeCalendar  // nil: folded away
	Open     string         // link that unfolds the calendar
	Shut     bool           // without an hour to offer: the office is closed on all days that can be booked
	Opening  *Opening       // without an hour to offer: the next day that will be
	Priority string         // link to the hours of the priority lane, "" unless only that has some
	Earliest string         // link back to the earliest hour, "" if it is shown
	Sooner   []SoonerOffice // where the same service is free earlier, soonest first
	PartyMax int            // people in one booking
	KeptDays int            // how long personal data are kept after the visit
	Notice   string         // of how personal data are handled, in paragraphs
	NoticeOf string         // its version, sent along as notice
	Standbys []int          // minutes to choose from

	Key     string
	Form    BookingForm
	Typed   bool    // the page answers a form: links would lose what Form holds
	Wrong   []Wrong // what is wrong with Form, in the order of its fields
	Problem string  // code of a refusal that is no field's fault, "" if none
	Holds   bool    // this browser opens a ticket at /t
}

// HomeOffice is an office as people choose it.
type HomeOffice struct {
	ID       string
	Name     string
	Address  string
	Open     bool       // now
	Opens    *time.Time // next opening if closed
	Timezone string
	Services []HomeService
}

// HomeService is a service as people choose it.
type HomeService struct {
	ID       string
	Name     Text
	Fee      int64 // whole rupiah
	Bring    Text
	Earliest *Slot // nil: nothing free
}

// HomeSlot is an hour that can be booked.
type HomeSlot struct {
	Slot
	ArriveBy time.Time
	Free     int
	Distance int    // days from today
	Picked   bool   // proposed among several
	URL      string // that chooses it
}

// Opening is a day that cannot be booked yet.
type Opening struct {
	Day  time.Time // its first moment
	From time.Time // when it can be booked
}

// SoonerOffice is another office that could serve earlier.
type SoonerOffice struct {
	Office string
	Name   string
	Start  time.Time
	URL    string
}

// HomeCalendar is some weeks of days, and the hours of one of them.
type HomeCalendar struct {
	From, To time.Time // first and last day shown
	Weeks    [][]HomeDay
	Before   string // links to the weeks before and after; "" if there are none
	After    string
	Fold     string // link that folds it away
	Day      *HomeDay
	Hours    []HomeSlot // of Day, full ones included
}

// HomeDay is one day of the calendar.
type HomeDay struct {
	Date   time.Time // its first moment
	Kind   string    // "free", "full", "closed", "past" or "later" (not open for booking yet)
	Free   int
	Today  bool
	Chosen bool
	URL    string
}

// BookingForm holds what the visitor typed, to be shown again.
type BookingForm struct {
	People       []PersonForm
	Phone, Email string
	Standby      int // minutes, 0 if not wished
	Priority     bool
}

// PersonForm is what the visitor typed about one person.
type PersonForm struct{ Name, NIK string }

// Wrong is what is wrong with a field, by the id of its input.
type Wrong struct{ Field, Words string }

// Person is which of the people it is about, from 1; 0 if none of them.
func (w Wrong) Person() int {
	_, index, _ := strings.Cut(w.Field, "-")
	n, _ := strconv.Atoi(index)
	return n
}

// Person is one person's part of the form.
type Person struct {
	PersonForm
	Index int // from 1
	Of    int // people in the form
	Wrong []Wrong
}

// Filled are the people of the form.
func (p HomePage) Filled() []Person {
	people := p.Form.People
	if len(people) == 0 {
		people = []PersonForm{{}}
	}
	all := make([]Person, len(people))
	for i, form := range people {
		all[i] = Person{PersonForm: form, Index: i + 1, Of: len(people), Wrong: p.Wrong}
	}
	return all
}

// Blank is a further person, whose place in the form the scripts fill in.
func (p HomePage) Blank() Person { return Person{Index: 0, Of: 2} }

// Fillable is whether the page shows its form: there is an hour to book, or
// something that was typed, or a number of people to take back.
func (p HomePage) Fillable() bool {
	return p.Slot != nil || len(p.Nearest) > 0 || p.Typed || p.Count() > 1
}

// Count is how many people the form is for.
func (p HomePage) Count() int { return max(1, len(p.Form.People)) }

// Counts are the numbers of people that may be booked together.
func (p HomePage) Counts() []int {
	all := make([]int, p.PartyMax)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// input is one input of the booking form. More holds attributes written in
// the template itself.
type input struct {
	ID, Name, Value string
	Wrong           string // words
	First           bool   // the only wrong one of the form; of several, the summary speaks
	More            template.HTMLAttr
}

func newInput(id string, index int, value string, wrong []Wrong, more template.HTMLAttr) input {
	in := input{ID: id, Name: id, Value: value, More: more}
	if index >= 0 {
		in.ID += "-" + strconv.Itoa(index)
	}
	if i := slices.IndexFunc(wrong, func(w Wrong) bool { return w.Field == in.ID }); i >= 0 {
		in.Wrong, in.First = wrong[i].Words, len(wrong) == 1
	}
	return in
}

// BookedPage is read by page "booked" at /booked: the confirmation, made to be
// photographed.
type BookedPage struct {
	Page
	Office   string // name
	Address  string
	Service  Text
	Bring    Text
	Slot     Slot
	ArriveBy time.Time
	Fee      int64 // a person
	Timeline Timeline
	Members  []BookedMember // one a person, in the order in which they were typed
	Calendar string         // URL of calendar.ics; "" hides it
	Standby  bool           // somebody is on standby for an earlier place
}

// BookedMember is one person's ticket on the confirmation.
type BookedMember struct {
	Number string
	Code   string
	QR     template.HTML // an SVG
	URL    string        // of the live ticket
	Slot   *Slot         // when it is not the page's any more
}

// Total is what all of them pay, in whole rupiah.
func (p BookedPage) Total() int64 { return p.Fee * int64(len(p.Members)) }
