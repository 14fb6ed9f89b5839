package queue

import (
	"slices"
	"time"

	"antrean/internal/calendar"
)

// Who gave back a place of a day to come does not get it under another name:
// as long as it might still be held, it stays taken for every booking that
// bears one of the giver's marks (phone, browser, network and program). Marks are
// digests that somebody with the vault's key made; here they are only compared.

// kept is how many free places of a slot somebody with these marks gave back
// and does not get.
func (s *State) kept(service string, start time.Time, marks []string, now time.Time) int {
	if len(marks) == 0 {
		return 0
	}
	n := 0
	for _, h := range s.barred[placeKey{service: service, start: start.Unix()}] {
		if h.Barred.After(now) && slices.ContainsFunc(h.Marks, func(m string) bool { return slices.Contains(marks, m) }) {
			n++
		}
	}
	return n
}

// PlacesFor are the Places as somebody with these marks may take them.
func (s *State) PlacesFor(marks []string, service *Service, date calendar.Date, now time.Time) []Place {
	all := s.Places(service, date, now)
	if len(s.barred) == 0 {
		return all
	}
	for i := range all {
		p := &all[i]
		n := s.kept(service.ID, p.Start, marks, now)
		p.Free, p.Priority = max(0, p.Free-n), max(0, p.Priority-n)
	}
	return all
}

// EarliestPlaceFor is the EarliestFor for somebody with these marks.
func (s *State) EarliestPlaceFor(marks []string, lane Lane, service *Service, from calendar.Date, people int, now time.Time) (Place, bool) {
	p, ok := s.EarliestFor(lane, service, from, people, now)
	if !ok || p.FreeFor(lane)-s.kept(service.ID, p.Start, marks, now) >= people {
		return p, ok
	}
	for date := s.Today(p.Start); date <= s.LastBookable(now); date = date.AddDays(1) {
		for _, p := range s.PlacesFor(marks, service, date, now) {
			if p.FreeFor(lane) >= people {
				return p, true
			}
		}
	}
	return Place{}, false
}

// bar counts a held place that is free again, but not for everybody.
func (s *State) bar(h Hold, n int) {
	k := placeKey{service: h.Service, start: h.Start.Unix()}
	all := s.barred[k]
	if n > 0 {
		s.barred[k] = append(all, h)
		return
	}
	same := func(o Hold) bool { return o.Barred.Equal(h.Barred) && slices.Equal(o.Marks, h.Marks) }
	if i := slices.IndexFunc(all, same); i >= 0 {
		all = slices.Delete(all, i, i+1)
	}
	if len(all) == 0 {
		delete(s.barred, k)
	} else {
		s.barred[k] = all
	}
}
