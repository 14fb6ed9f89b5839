package queue

import (
	"slices"
	"time"
)

// maxDefer is how many people somebody may let pass at once.
const maxDefer = 50

// Defer lets people pass: the ticket, and the family that waits with it, goes
// behind so many of those who wait at its stage after it. It never comes
// forward by that.
type Defer struct {
	Ticket string
	Places int
}

func (a Defer) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if t.Status != Waiting {
		return refuse(WrongState, "not_waiting")
	}
	if a.Places < 1 || a.Places > maxDefer {
		return refuseField("places", "number_range")
	}
	var behind *Ticket
	left := a.Places
	for _, o := range d.Waiting(t.Stage) {
		together := o.ID == t.ID || t.Party != "" && o.Party == t.Party
		if left > 0 && !together && senior(t, o) < 0 {
			behind = o
			left--
		}
	}
	if behind == nil {
		return refuse(WrongState, "nobody_behind")
	}
	since := behind.Since.Add(time.Millisecond)
	deferred := &TicketsDeferred{Places: a.Places - left}
	for _, m := range d.Party(t) {
		if m.Status == Waiting && m.Stage == t.Stage && m.Since.Before(since) {
			deferred.Tickets = append(deferred.Tickets, Arrival{Ticket: m.ID, Lane: m.Lane, Since: since, Due: d.due(since, m.Lane)})
		}
	}
	d.emit(deferred)
	return nil
}

// AskHelp calls somebody of the office to the ticket's owner in the hall. It is
// harmless twice.
type AskHelp struct{ Ticket string }

func (a AskHelp) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if !d.MayAskHelp(t, d.now) {
		return refuse(WrongState, "not_here")
	}
	if t.Help.IsZero() {
		d.emit(&HelpAsked{Ticket: t.ID})
	}
	return nil
}

// EndHelp says that somebody of the office has been with the ticket's owner. It
// is harmless twice.
type EndHelp struct{ Ticket string }

func (a EndHelp) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if !t.Help.IsZero() {
		d.emit(&HelpEnded{Ticket: t.ID})
	}
	return nil
}

// MayAskHelp reports whether the ticket's owner is in the hall and at no
// counter.
func (s *State) MayAskHelp(t *Ticket, now time.Time) bool {
	return t.Date == s.Today(now) && slices.Contains([]Status{Waiting, Parked}, t.Status)
}

// TicketsDeferred moves waiting tickets back because their owners let others
// pass.
type TicketsDeferred struct {
	Places  int       `json:"places"` // how many people pass
	Tickets []Arrival `json:"tickets"`
}

func (*TicketsDeferred) kind() string { return "tickets_deferred" }

func (f *TicketsDeferred) apply(s *State, _ *Event) {
	for _, a := range f.Tickets {
		s.change(a.Ticket, func(t *Ticket) { t.Since, t.Due, t.Deferred = a.Since, a.Due, true })
	}
}

// HelpAsked says that somebody in the hall needs help. Being served ends it.
type HelpAsked struct {
	Ticket string `json:"ticket"`
}

func (*HelpAsked) kind() string { return "help_asked" }

func (f *HelpAsked) apply(s *State, e *Event) {
	s.change(f.Ticket, func(t *Ticket) { t.Help = e.At })
}

// HelpEnded says that somebody of the office helped.
type HelpEnded struct {
	Ticket string `json:"ticket"`
}

func (*HelpEnded) kind() string { return "help_ended" }

func (f *HelpEnded) apply(s *State, _ *Event) {
	s.change(f.Ticket, func(t *Ticket) { t.Help = time.Time{} })
}
