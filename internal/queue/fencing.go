package queue

import "time"

// Void fences a ticket id whose identity is about to be booked with another
// ticket: one that was claimed and never booked can be booked no more, and one
// that has ended comes back no more. If the ticket is active the refusal says
// so: AlreadyBooked.
type Void struct{ Ticket string }

func (a Void) decide(d *draft) error {
	t := d.Tickets[a.Ticket]
	switch {
	case t != nil && !t.Status.Ended():
		return refuse(AlreadyBooked, "ticket_exists")
	case t != nil && (d.Fenced(a.Ticket) || !d.mayComeBack(t)):
		return refuse(WrongState, "ticket_ended")
	case !d.Fenced(a.Ticket):
		d.emit(&TicketVoided{Ticket: a.Ticket})
	}
	return nil
}

// mayComeBack reports whether some command could make an ended ticket active
// again: whoever was missed may return that day, the day may be reopened, and
// an officer may take the last act back.
func (d *draft) mayComeBack(t *Ticket) bool {
	switch t.Status {
	case Cancelled:
		return false
	case NoShow, Expired:
		if t.Date >= d.Today(d.now) {
			return true
		}
	}
	return d.now.Sub(t.Ended) <= d.Config.Calling.UndoWithin.D()
}

// Fenced reports whether no ticket of that id may become active any more.
func (s *State) Fenced(id string) bool { return s.Voided[id] || s.VoidedBefore[id] }

// fencesKept is how long an id stays fenced at least. No request is under way
// for so long, and a ticket that has ended comes back on its own day only; who
// tries the id after that claims its people anew.
const fencesKept = 7 * 24 * time.Hour

// agesFences forgets, once a generation, the ids that were fenced before it.
func (d *draft) agesFences() {
	if len(d.Voided)+len(d.VoidedBefore) > 0 && d.now.Sub(d.VoidsAged) > fencesKept {
		d.emit(&VoidsAged{})
	}
}

// TicketVoided fences an id: no append, however late, makes it active.
type TicketVoided struct {
	Ticket string `json:"ticket"`
}

func (*TicketVoided) kind() string { return "ticket_voided" }

func (f *TicketVoided) apply(s *State, _ *Event) { set(s, s.Voided, f.Ticket, true) }

// VoidsAged begins a generation of fenced ids: the one before stays, what is
// older is forgotten.
type VoidsAged struct{}

func (*VoidsAged) kind() string { return "voids_aged" }

func (*VoidsAged) apply(s *State, e *Event) {
	assign(s, &s.VoidedBefore, s.Voided)
	assign(s, &s.Voided, map[string]bool{})
	assign(s, &s.VoidsAged, e.At)
}
