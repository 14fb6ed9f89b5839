package queue

import (
	"cmp"
	"slices"
	"time"
)

// usualConfirmBy is how long before their hour people should have said that they
// come, where the office says nothing: the last of the usual reminders has
// reached them.
const usualConfirmBy = 2 * time.Hour

func (s *State) confirmBy(start time.Time) time.Time {
	return start.Add(-cmp.Or(s.Config.Booking.ConfirmBy.D(), usualConfirmBy))
}

// AtRisk reports whether a place may stay empty: its owner has not said that
// they come though they were reminded, and still has it. Who booked or moved
// after that has just said so.
func (s *State) AtRisk(t *Ticket, now time.Time) bool {
	if t.Status != Booked || t.Slot == nil || t.Released || t.NewDay || t.Confirmed {
		return false
	}
	by := s.confirmBy(t.Slot.Start)
	return !now.Before(by) && latest(t.Made, t.Placed).Before(by)
}

// AllAtRisk are the tickets at risk, in the order of their hours and numbers.
func (s *State) AllAtRisk(now time.Time) []*Ticket {
	var all []*Ticket
	for _, t := range s.Tickets {
		if s.AtRisk(t, now) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *Ticket) int {
		return cmp.Or(a.Slot.Start.Compare(b.Slot.Start), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	})
	return all
}
