package queue

import (
	"maps"
	"slices"
)

// Clone returns a state of its own that may go another way. What states point
// to is never changed in place, so the two share it: a clone copies maps, no
// tickets. The journal must not be open.
func (s *State) Clone() *State {
	c := *s
	c.Tickets = maps.Clone(s.Tickets)
	c.Counters = maps.Clone(s.Counters)
	c.Days = maps.Clone(s.Days)
	c.Debt = maps.Clone(s.Debt)
	c.Paces = maps.Clone(s.Paces)
	c.Sequence = maps.Clone(s.Sequence)
	c.Answered = maps.Clone(s.Answered)
	c.Voided = maps.Clone(s.Voided)
	c.VoidedBefore = maps.Clone(s.VoidedBefore)
	c.numbers = maps.Clone(s.numbers)
	c.places = maps.Clone(s.places)
	c.priority = maps.Clone(s.priority)
	c.waiting = cloneLists(s.waiting)
	c.parties = cloneLists(s.parties)
	c.late = maps.Clone(s.late)
	c.coming = maps.Clone(s.coming)
	c.barred = cloneLists(s.barred)
	c.overdue = maps.Clone(s.overdue)
	c.standby = maps.Clone(s.standby)
	c.sold = s.sold.clone()
	c.Calls = slices.Clip(s.Calls) // the next call of each goes to an array of its own
	c.recording, c.journal = false, nil
	return &c
}

// cloneLists copies the lists too: they are changed in place.
func cloneLists[K comparable, V any](m map[K][]V) map[K][]V {
	c := make(map[K][]V, len(m))
	for k, list := range m {
		c[k] = slices.Clone(list)
	}
	return c
}
