package static

import (
	"html/template"
	"slices"
	"time"
)

// DeskPage is read by page "desk", the front desk at /desk. Everything in it is
// links and forms; scripts send them and put the answer's #main in the place
// of theirs. Elements with data-live are painted anew when the office changes.
type DeskPage struct {
	Page
	User    string
	Choices []DeskOffice // offices to choose from; the rest is empty then
	Office  DeskOffice
	Live    Live
	Key     string // for the next command of each form
	Counter *DeskCounter
	Hall    DeskHall

	Show    string            // "home", "found", "person" or "slip"
	Refresh string            // where this picture is painted anew
	Said    string            // what was done, in words; "" if nothing was
	Problem string            // what was refused, in words
	Act     string            // whose form that was, and stays open
	Errors  map[string]string // words by field
	Typed   map[string]string // what was typed into the refused form

	Query     string        // that found nothing, or cannot be looked for
	Found     []DeskTicket  // of a search
	Elsewhere *DeskOffice   // of whoever came to the wrong office
	Services  []DeskService // numbers that can be given, when at home
	Person    *DeskTicket
	Slip      *DeskSlip
}

// DeskOffice is an office as the desk names it.
type DeskOffice struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
}

// DeskCounter is the counter of somebody at the desk who also has one: the
// desk's own queue is called there.
type DeskCounter struct {
	Name    string // "" when none is open
	URL     string
	Waiting int
}

// DeskService is a service for which numbers are given at the door.
type DeskService struct {
	ID      string
	Name    Text
	Waiting int
	Wait    *Wait // of whoever takes a number now; nil when nothing is predicted
	Left    int   // numbers left today, if there is an end of them
	Limited bool
	Standby bool // when none are left, a number can wait for a place

	Priority *Wait // Wait with priority
}

// DeskHall is what waits at the desk.
type DeskHall struct {
	Phase     string
	Opens     *time.Time
	Suspended bool
	Waiting   int

	Help    []DeskNumber // At: since when they ask
	Offers  []DeskNumber // At: the hour that is offered; Until: how long
	Late    []DeskNumber // came after their place was released, and wait
	Missing []DeskNumber // booked for an hour that has passed, not here yet
	AtRisk  []DeskNumber // have not said that they come
	Standby []DeskNumber // would come earlier and have no offer
	Away    []DeskNumber // parked, or absent when called
}

// DeskNumber is a ticket in one of the lists.
type DeskNumber struct {
	ID     string
	Number string
	At     *time.Time
	Until  *time.Time
}

// DeskTicket is somebody at the desk.
type DeskTicket struct {
	ID       string
	Code     string
	View     TicketView
	Name     string // "" when nobody is known
	Erased   bool
	Phone    string
	Email    string
	NIKEnd   string
	Known    bool     // a sealed record can be corrected
	Warnings []string // in words
	Day      *time.Time
	Today    bool
	Ready    *time.Time
	Got      *time.Time // picked up
	Made     time.Time

	Do       []string // what may be done now
	Primary  string   // what is most likely to be
	Services []Service
	Lane     string // also before check-in
	Hours    []Slot
	Bring    Text
}

// May is whether the desk may do that for the ticket.
func (t DeskTicket) May(act string) bool { return slices.Contains(t.Do, act) }

// OnlySpecial is whether the rules for applicants no longer let the ticket move.
func (t DeskTicket) OnlySpecial() bool { return !slices.Contains(t.View.Can, "reschedule") }

// DeskSlip is the paper that somebody takes along. With a Link it lets a phone
// follow the ticket and act for it.
type DeskSlip struct {
	DeskTicket
	QR   template.HTML // the check-in code; "" once it is of no use
	Link template.HTML // the ticket's address; "" on a reprint
}

// DeskAct is one form of a person's page.
type DeskAct struct {
	ID  string
	URL string
	Key string

	Primary bool
	Open    bool // it was refused a moment ago
	Page    DeskPage
}

// For is the form that does an act for the person shown.
func (p DeskPage) For(act string) DeskAct {
	return DeskAct{
		ID: act, URL: "/desk/" + p.Office.ID + "/tickets/" + p.Person.ID + "/" + act, Key: p.Key,
		Primary: p.Person.Primary == act, Open: p.Act == act, Page: p,
	}
}

// May is whether the desk may do it now.
func (a DeskAct) May() bool {
	t := a.Page.Person
	switch a.ID {
	case "priority":
		return t.May("amend") && t.Lane != "priority"
	case "no-priority":
		return t.May("amend") && t.Lane == "priority"
	case "service":
		return t.May("amend") && len(t.Services) > 1
	case "correct":
		return t.Known
	}
	return t.May(a.ID)
}

// Wrong is what is wrong with a field of the form.
func (a DeskAct) Wrong(field string) string {
	if !a.Open {
		return ""
	}
	return a.Page.Errors[field]
}

// Value is what stands in a field: what was typed, else what is known.
func (a DeskAct) Value(field, known string) string {
	if a.Open {
		return a.Page.Typed[field]
	}
	return known
}

// Empty is whether nothing waits at the desk.
func (h DeskHall) Empty() bool {
	return len(h.Help)+len(h.Offers)+len(h.Late)+len(h.Missing)+len(h.AtRisk)+len(h.Standby)+len(h.Away) == 0
}

// deskList is one of the hall's lists with the words and links of its own.
type deskList struct {
	ID      string
	Office  string
	Numbers []DeskNumber
}

func newDeskList(h DeskHall, office, id string) deskList {
	all := map[string][]DeskNumber{
		"offers": h.Offers, "late": h.Late, "away": h.Away, "missing": h.Missing, "at_risk": h.AtRisk, "standby": h.Standby,
	}
	return deskList{id, office, all[id]}
}

// deskReason is the choice of a reason, which the log holds, or of one's own
// words, which it does not.
type deskReason struct {
	ID      string
	Reasons []string
	Picked  string
	Text    string
	Wrong   string
}

func newDeskReason(p DeskPage, id string, reasons ...string) deskReason {
	r := deskReason{ID: id, Reasons: reasons}
	if p.Act == id {
		r.Picked, r.Text, r.Wrong = p.Typed["reason"], p.Typed["reason_text"], p.Errors["reason"]
	}
	return r
}

func (p DeskPage) boot(lang string, words map[string]string) map[string]any {
	m := p.bootWith(lang, words, p.Live, nil)
	m["office"], m["user"] = p.Office.ID, p.User
	return m
}
