package notifier

import (
	"fmt"
	"strings"

	"antrean/internal/ledger"
	"antrean/internal/queue"
)

// Notice is one thing to be told about one ticket, before anybody knows by
// which channel.
type Notice struct {
	Ticket string `json:"t"`
	// Event is the kind and what makes it one of its kind: "called@1042-9f3a" is
	// the call that stands in the office's log at 1042, "reminder/1d/1795..." the
	// reminder a day before that hour. One event is told once.
	Event string `json:"e"`
}

// Kind is what the notice says.
func (n Notice) Kind() Kind {
	if i := strings.IndexAny(n.Event, "@/"); i >= 0 {
		return Kind(n.Event[:i])
	}
	return Kind(n.Event)
}

func (n Notice) ticket() string { return n.Ticket }

// version is the office event that the notice comes from, 0 if time brought it.
func (n Notice) version() (v uint64) {
	if _, rest, ok := strings.Cut(n.Event, "@"); ok {
		_, _ = fmt.Sscanf(rest, "%d-", &v) // what is no number is no version
	}
	return v
}

// timely says that the passing of time brought the notice: nothing in the
// office's log tells whether it was told, so the notice log must.
func (n Notice) timely() bool { return strings.Contains(n.Event, "/") }

// haste says how a kind waits for its turn: what is urgent overtakes.
type haste string

const (
	urgent haste = "urgent" // somebody stands in the hall
	calm   haste = "calm"
)

func (k Kind) haste() haste {
	switch k {
	case Offer, NearTurn, Called, Recalled, Withdrawn, Missed, NoShow, Transferred, TestMessage:
		return urgent
	}
	return calm
}

// Arising are the notices that an event of the office gives rise to, always the
// same in the same order. at is where it stands in the office's log.
func Arising(e *queue.Event, at ledger.Position) []Notice {
	var all []Notice
	say := func(kind Kind, tickets ...string) {
		event := fmt.Sprintf("%s@%d-%.4s", kind, at.Version, at.Tag)
		for _, id := range tickets {
			all = append(all, Notice{Ticket: id, Event: event})
		}
	}
	switch f := e.Fact.(type) {
	case *queue.TicketsBooked:
		for _, t := range f.Tickets {
			say(Booked, t.ID)
		}
	case *queue.TicketsMoved:
		kind := Rescheduled
		if f.Why == queue.DayClosed {
			kind = Moved
		}
		for i := range f.Moves {
			say(kind, f.Moves[i].Ticket)
		}
	case *queue.NewDayAsked:
		kind := ChooseDay
		if f.Settled {
			kind = DayHappens
		}
		say(kind, f.Tickets...)
	case *queue.PlacesOffered:
		for i := range f.Offers {
			say(Offer, f.Offers[i].Ticket)
		}
	case *queue.TicketsCalled:
		say(Called, f.Tickets...)
	case *queue.TicketsRecalled:
		say(Recalled, f.Tickets...)
	case *queue.ActUndone:
		for _, t := range f.Tickets {
			switch {
			case t.Status == queue.Called:
				say(Recalled, t.ID) // what sent them away was the mistake
			case len(f.Calls) > 0 && (t.Status == queue.Waiting || t.Status == queue.Parked):
				say(Withdrawn, t.ID)
			}
		}
	case *queue.TicketsMissed:
		kind := Missed
		if f.NotBefore.IsZero() {
			kind = NoShow
		}
		say(kind, f.Tickets...)
	case *queue.TicketsCompleted:
		if f.To != "" {
			say(Transferred, f.Tickets...)
		}
	case *queue.DayEnded:
		for _, id := range sorted(f.Tickets) {
			if f.Tickets[id] == queue.Expired {
				say(DayOver, id)
			}
		}
	case *queue.TicketReady:
		say(Ready, f.Ticket)
	}
	return all
}
