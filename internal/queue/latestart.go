package queue

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"antrean/internal/calendar"
)

// startedLate is until when those come whose hour began before their day did:
// they have the whole grace from now on. Whose place was released meanwhile
// has it again while it is nobody else's; all others are served by arrival, as
// everybody who comes late.
func (d *draft) startedLate(date calendar.Date) map[string]time.Time {
	if date != d.Today(d.now) {
		return nil
	}
	var late []*Ticket
	for _, t := range d.Tickets {
		if t.Date == date && t.Status == Booked && t.Slot != nil && !t.NewDay && t.Slot.Start.Before(d.now) {
			late = append(late, t)
		}
	}
	slices.SortFunc(late, func(a, b *Ticket) int {
		return cmp.Or(a.Slot.Start.Compare(b.Slot.Start), cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID))
	})
	until, back := map[string]time.Time{}, map[placeKey]int{}
	for _, t := range late {
		by := latest(t.ArriveBy, d.now.Add(d.Config.NoShow.CheckInGrace.D()))
		k := placeKey{service: t.Service, start: t.Slot.Start.Unix()}
		switch {
		case t.Released && d.room(t)-back[k] > 0:
			back[k]++
			until[t.ID] = by
		case !t.Released && by.After(t.ArriveBy):
			until[t.ID] = by
		}
	}
	return until
}

// room is how many places of a ticket's slot nobody has. That they may be
// promised twice does not count: their owners are who asks.
func (s *State) room(t *Ticket) int {
	service, ok := s.Config.Service(t.Service)
	if !ok {
		return 0
	}
	for _, slot := range s.Config.Calendar().Slots(t.Date, s.Config.Booking.Slot.D()) {
		if slot.Start.Equal(t.Slot.Start) {
			places, _ := s.capacity(service, t.Date, slot)
			return places - s.Taken(t.Service, slot.Start)
		}
	}
	return 0
}
