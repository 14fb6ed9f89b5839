package queue

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"antrean/internal/calendar"
)

// indexes are what a state derives from its tickets, so that no question needs
// a walk through all of them.
type indexes struct {
	waiting  map[string][]*Ticket  // by stage, by seniority
	numbers  map[numberKey]string  // ticket ids
	places   map[placeKey]int      // places taken
	priority map[placeKey]int      // those of them that the priority lane took
	parties  map[string][]string   // ticket ids, in the order of their numbers
	late     map[placeKey]int      // places given back because nobody came in time
	coming   map[calendar.Date]int // people expected on a date, late ones included
	standby  map[string]bool       // ticket ids that would take an earlier place
	overdue  map[calendar.Date]int // people who may still come late
	barred   map[placeKey][]Hold   // places that are free, but not for who gave them back
	tardy    tardiness
	sold     *soldDays // derived from all of that
}

// tardiness is what became of people who did not come in time.
type tardiness struct{ came, gone int }

type numberKey struct {
	date   calendar.Date
	prefix string
	n      int
}

// placeKey is one slot of a service, or its door on a date.
type placeKey struct {
	service string
	start   int64 // Unix seconds; 0 at the door
	door    calendar.Date
}

// index makes the maps that are missing and builds what is derived.
func (s *State) index() {
	make1(&s.Tickets)
	make1(&s.Counters)
	make1(&s.Days)
	make1(&s.Debt)
	make1(&s.Paces)
	make1(&s.Sequence)
	make1(&s.Answered)
	make1(&s.Voided)
	make1(&s.VoidedBefore)
	s.indexes = indexes{
		waiting:  map[string][]*Ticket{},
		numbers:  map[numberKey]string{},
		places:   map[placeKey]int{},
		priority: map[placeKey]int{},
		parties:  map[string][]string{},
		late:     map[placeKey]int{},
		coming:   map[calendar.Date]int{},
		standby:  map[string]bool{},
		overdue:  map[calendar.Date]int{},
		barred:   map[placeKey][]Hold{},
		sold:     newSoldDays(),
	}
	for _, id := range sortedKeys(s.Tickets) {
		s.enter(s.Tickets[id])
	}
}

// put replaces a ticket (or adds it) and keeps the indexes.
func (s *State) put(t *Ticket) {
	old := s.Tickets[t.ID]
	s.swap(old, t)
	if s.recording {
		s.undo(func() { s.swap(t, old) })
	}
}

// drop forgets a ticket.
func (s *State) drop(id string) {
	if old := s.Tickets[id]; old != nil {
		s.swap(old, nil)
		if s.recording {
			s.undo(func() { s.swap(nil, old) })
		}
	}
}

func (s *State) swap(old, t *Ticket) {
	switch {
	case old == nil && t == nil:
	case old == nil:
		s.Tickets[t.ID] = t
		s.enter(t)
	case t == nil:
		s.leave(old)
		s.vacate(old, nil)
		delete(s.Tickets, old.ID)
	default:
		s.Tickets[t.ID] = t
		s.vacate(old, t)
		if old.Number != t.Number || old.Seq != t.Seq || old.Date != t.Date || old.Party != t.Party {
			s.leave(old)
			s.enter(t)
			return
		}
		s.unline(old)
		s.line(t)
		s.release(old)
		s.take(t)
	}
}

func (s *State) enter(t *Ticket) {
	s.line(t)
	s.take(t)
	s.numbers[t.numberKey()] = t.ID
	if t.Party != "" {
		p := s.parties[t.Party]
		i, found := slices.BinarySearchFunc(p, t, func(id string, t *Ticket) int {
			if id == t.ID {
				return 0
			}
			return cmp.Or(cmp.Compare(s.Tickets[id].Seq, t.Seq), strings.Compare(id, t.ID))
		})
		if !found {
			s.parties[t.Party] = slices.Insert(p, i, t.ID)
		}
	}
}

func (s *State) leave(t *Ticket) {
	s.unline(t)
	s.release(t)
	if k := t.numberKey(); s.numbers[k] == t.ID {
		delete(s.numbers, k)
	}
	if t.Party != "" {
		p := s.parties[t.Party]
		if i := slices.Index(p, t.ID); i >= 0 {
			p = slices.Delete(p, i, i+1)
		}
		if len(p) == 0 {
			delete(s.parties, t.Party)
		} else {
			s.parties[t.Party] = p
		}
	}
}

// line puts a waiting ticket where its seniority places it.
func (s *State) line(t *Ticket) {
	if t.Status == Waiting {
		w := s.waiting[t.Stage]
		i, _ := slices.BinarySearchFunc(w, t, senior)
		s.waiting[t.Stage] = slices.Insert(w, i, t)
	}
}

func (s *State) unline(t *Ticket) {
	if t.Status == Waiting {
		w := s.waiting[t.Stage]
		if i, found := slices.BinarySearchFunc(w, t, senior); found {
			s.waiting[t.Stage] = slices.Delete(w, i, i+1)
		}
	}
}

// take counts the ticket's places: in its slot or at the door, one that it is
// offered, and those that it left and that are not free yet.
func (s *State) take(t *Ticket) { s.account(t, 1) }

func (s *State) release(t *Ticket) { s.account(t, -1) }

func (s *State) account(t *Ticket, n int) {
	for k := range t.places {
		count(s.places, k, n)
		if t.Lane == Priority {
			count(s.priority, k, n)
		}
	}
	if t.Released && t.Slot != nil && t.Status != Cancelled {
		count(s.late, placeKey{service: t.Service, start: t.Slot.Start.Unix()}, n)
	}
	for _, h := range t.Holds {
		if h.Back {
			s.bar(h, n)
		}
	}
	switch {
	case !t.Released:
	case t.Status == Booked:
		count(s.overdue, t.Date, n)
	case t.Arrived.IsZero():
		s.tardy.gone += n
	default:
		s.tardy.came += n
	}
	if t.Status != Booked {
		return
	}
	if t.Slot != nil {
		count(s.coming, t.Date, n)
	}
	if t.Offer != nil && (t.Slot == nil || t.Offer.Date != t.Date) {
		count(s.coming, t.Offer.Date, n)
	}
	if t.Standby != nil && n > 0 {
		s.standby[t.ID] = true
	} else {
		delete(s.standby, t.ID)
	}
}

// count adds to one count; those of nothing are not kept.
func count[K comparable](counts map[K]int, k K, n int) {
	if counts[k] += n; counts[k] == 0 {
		delete(counts, k)
	}
}

// senior orders waiting tickets: who waits longer is first; the number decides
// between equals, so that the order never depends on chance.
func senior(a, b *Ticket) int {
	if c := a.Since.Compare(b.Since); c != 0 {
		return c
	}
	if c := a.Arrived.Compare(b.Arrived); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID))
}

func (t *Ticket) numberKey() numberKey {
	prefix, _, _ := strings.Cut(t.Number, "-")
	return numberKey{t.Date, prefix, t.Seq}
}

// places yields what the ticket takes of its service's capacity.
func (t *Ticket) places(yield func(placeKey) bool) {
	switch {
	case t.HoldsPlace():
		if !yield(placeKey{service: t.Service, start: t.Slot.Start.Unix()}) {
			return
		}
	case t.Slot == nil && t.Status != Cancelled && !t.waitsForPlace():
		if !yield(placeKey{service: t.Service, door: t.Date}) {
			return
		}
	}
	if t.Offer != nil && t.Status == Booked && !yield(placeKey{service: t.Service, start: t.Offer.Slot.Start.Unix()}) {
		return
	}
	for _, h := range t.Holds {
		if !h.Back && !yield(placeKey{service: h.Service, start: h.Start.Unix()}) {
			return
		}
	}
}

// waitsForPlace reports whether the ticket is a number that was taken when
// none were left: on standby, without a place.
func (t *Ticket) waitsForPlace() bool {
	return t.Slot == nil && t.Arrived.IsZero() && (t.Status == Booked || t.Status == Expired)
}

// Waiting is who waits at a stage, longest first. The slice is only valid
// until the next change.
func (s *State) Waiting(stage string) []*Ticket { return s.waiting[stage] }

// Party is the family that a ticket belongs to, itself included, by number.
func (s *State) Party(t *Ticket) []*Ticket {
	if t.Party == "" {
		return []*Ticket{t}
	}
	ids := s.parties[t.Party]
	all := make([]*Ticket, len(ids))
	for i, id := range ids {
		all[i] = s.Tickets[id]
	}
	return all
}

// ByNumber finds a ticket by the number of that day, such as "A-012".
func (s *State) ByNumber(date calendar.Date, number string) (*Ticket, bool) {
	prefix, digits, _ := strings.Cut(number, "-")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return nil, false
	}
	t, ok := s.Tickets[s.numbers[numberKey{date, prefix, n}]]
	return t, ok
}
