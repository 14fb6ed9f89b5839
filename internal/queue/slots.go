package queue

import (
	"time"

	"antrean/internal/calendar"
)

// Place is a slot of a service with its places.
type Place struct {
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Capacity int       `json:"capacity"`
	Free     int       `json:"free"`          // for everybody
	Priority int       `json:"free_priority"` // for the priority lane: Free and what is kept for it
}

// FreeFor is how many places a booking in that lane may take.
func (p Place) FreeFor(lane Lane) int {
	if lane == Priority {
		return p.Priority
	}
	return p.Free
}

// Places are the slots of a service on a date, in order, those that have
// ended left out. A closed or ended day has none.
func (s *State) Places(service *Service, date calendar.Date, now time.Time) []Place {
	if service.SlotCapacity.IsZero() || s.shut(date) {
		return nil
	}
	today := s.Today(now)
	slots := s.Config.Calendar().Slots(date, s.Config.Booking.Slot.D())
	all := make([]Place, 0, len(slots))
	for _, slot := range slots {
		if !slot.End.After(now) {
			continue
		}
		capacity, reserved := s.capacity(service, date, slot)
		k := placeKey{service: service.ID, start: slot.Start.Unix()}
		free := max(0, capacity-s.places[k])
		if twice := min(free, s.late[k]); twice > 0 {
			// Their owners may still come today: such places are promised again
			// only as far as the day can serve both.
			if spare, known := s.Spare(service, now); known {
				free -= twice - min(twice, max(0, spare))
			}
		}
		place := Place{Start: slot.Start, End: slot.End, Capacity: capacity, Free: free, Priority: free}
		if date > today {
			place.Free = max(0, free-max(0, reserved-s.priority[k]))
		}
		all = append(all, place)
	}
	return all
}

// CapacityOf is how many places a slot of a date has, those that are kept for
// the priority lane among them.
func (s *State) CapacityOf(service *Service, date calendar.Date, slot calendar.Slot) int {
	places, _ := s.capacity(service, date, slot)
	return places
}

// Taken is how many places of a slot are taken: by tickets, by offers, and by
// those who left one that is not free yet.
func (s *State) Taken(service string, start time.Time) int {
	return s.places[placeKey{service: service, start: start.Unix()}]
}

// shut reports whether a day takes nobody any more.
func (s *State) shut(date calendar.Date) bool {
	d := s.Days[date]
	return d != nil && (d.Ended || d.Closed != "")
}

// LastBookable is the last date within the booking horizon.
func (s *State) LastBookable(now time.Time) calendar.Date {
	return s.Config.Calendar().Date(now.Add(s.Config.Booking.Horizon.D()))
}

// firstNumbers is where the numbers of a slot begin, and where those of the
// door do: the slots of a day share the low numbers in the order of the hours,
// so that numbers rise with the time of day; walk-ins come after them.
func (s *State) firstNumbers(service *Service, date calendar.Date, start time.Time) (first, size, door int) {
	n, capacity := 1, s.Config.capacity(service, date).Total()
	for _, slot := range s.Config.Calendar().Slots(date, s.Config.Booking.Slot.D()) {
		places := part(capacity, slot.Share)
		if slot.Start.Equal(start) {
			first, size = n, places
		}
		n += places
	}
	return first, size, n
}

// bookedNumbers are the first free numbers of a slot; when cancelled bookings
// have used them up, the door's. What was given on paper is not given again, nor the
// numbers in but.
func (s *State) bookedNumbers(service *Service, date calendar.Date, start time.Time, people int, but map[numberKey]bool) []int {
	first, size, door := s.firstNumbers(service, date, start)
	paper, given := s.paper(service, date), s.Sequence[sequenceKey(date, service.Prefix)]
	var all []int
	take := func(n int) {
		k := numberKey{date, service.Prefix, n}
		if _, used := s.numbers[k]; !used && !but[k] {
			all = append(all, n)
		}
	}
	for n := max(first, paper+1); n < first+size && len(all) < people; n++ {
		take(n)
	}
	for n := max(door, given+1, paper+1); len(all) < people; n++ {
		take(n)
	}
	return all
}

// doorNumber is the next number given at the door.
func (s *State) doorNumber(service *Service, date calendar.Date) int {
	given := s.Sequence[sequenceKey(date, service.Prefix)]
	if given == 0 {
		_, _, door := s.firstNumbers(service, date, time.Time{})
		given = door - 1
	}
	n := max(given, s.paper(service, date)) + 1
	for {
		if _, used := s.numbers[numberKey{date, service.Prefix, n}]; !used {
			return n
		}
		n++
	}
}

// paper is the last number that was given on paper before the day was started.
func (s *State) paper(service *Service, date calendar.Date) int {
	if d := s.Days[date]; d != nil {
		return d.Paper[service.Prefix]
	}
	return 0
}

// DoorGiven counts the numbers given at the door on a date.
func (s *State) DoorGiven(service *Service, date calendar.Date) int {
	return s.places[placeKey{service: service.ID, door: date}]
}
