package queue

import (
	"slices"
	"time"

	"antrean/internal/calendar"
)

// The reasons of a move.
const (
	Rescheduled = "rescheduled" // the applicant chose another hour
	FromStandby = "standby"     // took a place that was offered
	DayClosed   = "day_closed"  // the office closed their day
)

// Hold is a place that was given back and is not free yet.
type Hold struct {
	Service string    `json:"service"`
	Start   time.Time `json:"start"` // of its slot
	Until   time.Time `json:"until"`
	// Marks are digests of who gave it back. They do not get it until Barred,
	// also after it is free for all others (Back).
	Marks  []string  `json:"marks,omitempty"`
	Barred time.Time `json:"barred,omitzero"`
	Back   bool      `json:"back,omitempty"`
}

// Move is a ticket's way from one place, or from none, to another.
type Move struct {
	Ticket     string            `json:"ticket"`
	Slot       calendar.Interval `json:"slot"`
	Date       calendar.Date     `json:"date"`
	Number     string            `json:"number"`
	Seq        int               `json:"seq"`
	Lane       Lane              `json:"lane"`
	Party      string            `json:"party,omitempty"` // that it still belongs to
	ArriveBy   time.Time         `json:"arrive_by"`
	PickupFrom calendar.Date     `json:"pickup_from,omitempty"`
	Hold       *Hold             `json:"hold,omitempty"`    // the place left behind, while it is not free
	Counted    bool              `json:"counted,omitempty"` // as one of the applicant's reschedules
	From       time.Time         `json:"from,omitzero"`     // the hour that the office took away
	Placed     time.Time         `json:"placed,omitzero"`   // since when arrive_by runs, unless the hour begins later
}

// TicketsMoved gives booked tickets another place.
type TicketsMoved struct {
	Why   string `json:"why"`
	Moves []Move `json:"moves"`
}

func (*TicketsMoved) kind() string { return "tickets_moved" }

func (f *TicketsMoved) apply(s *State, _ *Event) {
	for _, m := range f.Moves {
		s.change(m.Ticket, func(t *Ticket) {
			if m.Date != t.Date {
				t.Confirmed = false
			}
			t.Placed = m.Placed
			slot := m.Slot
			t.Slot, t.Date, t.Number, t.Seq, t.Lane, t.Party = &slot, m.Date, m.Number, m.Seq, m.Lane, m.Party
			t.ArriveBy, t.PickupFrom, t.Released, t.NewDay, t.MovedFrom = m.ArriveBy, m.PickupFrom, false, false, m.From
			if m.Counted {
				t.Reschedules++
			}
			t.Kept = false
			t.keep(m.Hold)
			t.endStandby()
		})
	}
}

// keep holds a place that the ticket has left. The ticket must be a copy.
func (t *Ticket) keep(h *Hold) {
	if h != nil {
		t.Holds = append(slices.Clip(t.Holds), *h)
	}
}

// PlaceReturned names one held place.
type PlaceReturned struct {
	Ticket string    `json:"ticket"` // that left it
	Start  time.Time `json:"start"`  // of its slot
	Until  time.Time `json:"until,omitzero"`
	Barred bool      `json:"barred,omitempty"` // not yet free for who gave it back
}

// PlacesReturned makes held places free again: for all but who gave them back,
// then for everybody.
type PlacesReturned struct {
	Places []PlaceReturned `json:"places"`
}

func (*PlacesReturned) kind() string { return "places_returned" }

func (f *PlacesReturned) apply(s *State, _ *Event) {
	for _, p := range f.Places {
		s.change(p.Ticket, func(t *Ticket) {
			i := slices.IndexFunc(t.Holds, func(h Hold) bool {
				return h.Start.Equal(p.Start) && (p.Until.IsZero() || h.Until.Equal(p.Until)) && !(h.Back && p.Barred)
			})
			switch {
			case i < 0:
			case p.Barred:
				t.Holds = slices.Clone(t.Holds)
				t.Holds[i].Back = true
			default:
				t.Holds = slices.Delete(slices.Clone(t.Holds), i, i+1)
			}
		})
	}
}
