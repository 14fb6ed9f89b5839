package ledger

import (
	"fmt"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// slot is one slot of a service in which an event may take places.
type slot struct {
	service string
	date    calendar.Date
	start   time.Time
	taken   int // places, before the event
}

// slotsOf are the slots in which an event takes places: it books or moves
// tickets there, offers them places, gives them another service, or gives back
// what was released.
func slotsOf(s *queue.State, fact queue.Fact) []slot {
	var all []slot
	add := func(service string, date calendar.Date, start time.Time) {
		all = append(all, slot{service, date, start, s.Taken(service, start)})
	}
	switch f := fact.(type) {
	case *queue.TicketsBooked:
		for _, t := range f.Tickets {
			if t.Slot != nil {
				add(t.Service, t.Date, t.Slot.Start)
			}
		}
	case *queue.TicketsMoved:
		for _, m := range f.Moves {
			if t := s.Tickets[m.Ticket]; t != nil {
				add(t.Service, m.Date, m.Slot.Start)
			}
		}
	case *queue.PlacesOffered:
		for _, o := range f.Offers {
			if t := s.Tickets[o.Ticket]; t != nil {
				add(t.Service, o.Date, o.Slot.Start)
			}
		}
	case *queue.DayStarted:
		for id := range f.ArriveBy {
			if t := s.Tickets[id]; t != nil && t.Released && t.Slot != nil {
				add(t.Service, t.Date, t.Slot.Start)
			}
		}
	case *queue.TicketAmended:
		// Who is in the hall keeps the visit, however full the hour is.
		if t := s.Tickets[f.Ticket]; t != nil && t.Status == queue.Booked && t.HoldsPlace() && f.Service != "" {
			add(f.Service, t.Date, t.Slot.Start)
		}
	}
	return all
}

// checkPlaces: no event takes more places of a slot than it has, those that are
// offered or not free yet included. What was taken before a capacity was
// lowered stays.
func checkPlaces(s *queue.State, slots []slot) string {
	if s.Config == nil {
		return ""
	}
	for _, at := range slots {
		taken := s.Taken(at.service, at.start)
		service, ok := s.Config.Service(at.service)
		if !ok || taken <= at.taken {
			continue
		}
		for _, place := range s.Places(service, at.date, at.start) {
			if place.Start.Equal(at.start) && taken > place.Capacity {
				return fmt.Sprintf("%d places of %s at %s are taken, there are %d", taken, at.service, place.Start, place.Capacity)
			}
		}
	}
	return ""
}

// checkTaken: the places counted as taken are those of the tickets.
func checkTaken(s *queue.State) string {
	type key struct {
		service string
		start   int64
	}
	counts := map[key]int{}
	for _, t := range s.Tickets {
		if t.HoldsPlace() {
			counts[key{t.Service, t.Slot.Start.Unix()}]++
		}
		if t.Offer != nil && t.Status == queue.Booked {
			counts[key{t.Service, t.Offer.Slot.Start.Unix()}]++
		}
		for _, h := range t.Holds {
			if h.Back {
				continue
			}
			counts[key{h.Service, h.Start.Unix()}]++
		}
	}
	for k, n := range counts {
		if taken := s.Taken(k.service, time.Unix(k.start, 0)); taken != n {
			return fmt.Sprintf("%d places of %s at %s are counted as taken, its tickets have %d", taken, k.service, time.Unix(k.start, 0).UTC(), n)
		}
	}
	return ""
}
