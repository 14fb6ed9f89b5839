package queue

import (
	"maps"
	"sync"
	"time"

	"antrean/internal/calendar"
)

// Earliest is the first slot from the date on, within the booking horizon,
// that has places for so many people of no special lane.
func (s *State) Earliest(service *Service, from calendar.Date, people int, now time.Time) (Place, bool) {
	return s.EarliestFor(Appointment, service, from, people, now)
}

// EarliestFor is the Earliest for people of that lane.
func (s *State) EarliestFor(lane Lane, service *Service, from calendar.Date, people int, now time.Time) (Place, bool) {
	today := s.Today(now)
	tomorrow := today.AddDays(1)
	if from <= today {
		for _, p := range s.Places(service, today, now) {
			if p.FreeFor(lane) >= people {
				return p, true
			}
		}
		from = tomorrow
	}
	key := soldKey{service.ID, lane}
	whole := from == tomorrow // what is found is remembered only if nothing was left out
	if sold, ok := s.sold.upTo(s.Config, key, today); ok {
		from = max(from, sold)
	}
	p, sold, ok := s.firstWith(lane, service, from, s.LastBookable(now), people, now)
	if whole {
		s.sold.remember(key, soldSpan{s.Config, today, sold})
	}
	return p, ok
}

// firstWith reads day after day. sold is the first of them that has a place, or
// the day after the last.
func (s *State) firstWith(lane Lane, service *Service, from, last calendar.Date, people int, now time.Time) (found Place, sold calendar.Date, ok bool) {
	sold = from
	for date := from; date <= last; date = date.AddDays(1) {
		any := false
		for _, p := range s.Places(service, date, now) {
			free := p.FreeFor(lane)
			any = any || free > 0
			if free >= people {
				return p, sold, true
			}
		}
		if sold == date && !any {
			sold = date.AddDays(1)
		}
	}
	return Place{}, sold, false
}

// soldDays remembers, service by service, how far the days ahead have no place,
// so that ten thousand who ask in the same second do not each read a year. It
// holds what was found and is no part of the state: readers share it.
//
// A slot of a day to come has a place again only when a ticket leaves one or its
// lane (vacate), when its day changes (day), or under another configuration.
// Today is never remembered: its places also depend on the time.
type soldDays struct {
	mu    sync.Mutex
	spans map[soldKey]soldSpan
}

type soldKey struct {
	service string
	lane    Lane
}

// soldSpan: no day after the one and before the other has a place.
type soldSpan struct {
	config        *Config
	after, before calendar.Date
}

func newSoldDays() *soldDays { return &soldDays{spans: map[soldKey]soldSpan{}} }

func (o *soldDays) clone() *soldDays {
	o.mu.Lock()
	defer o.mu.Unlock()
	return &soldDays{spans: maps.Clone(o.spans)}
}

func (o *soldDays) upTo(c *Config, key soldKey, today calendar.Date) (calendar.Date, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	span, ok := o.spans[key]
	return span.before, ok && span.config == c && span.after <= today
}

// remember keeps the longer of what is known already and what was found.
func (o *soldDays) remember(key soldKey, found soldSpan) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known, ok := o.spans[key]
	if !ok || known.config != found.config || known.after > found.after || known.before < found.before {
		o.spans[key] = found
	}
}

// vacated notes that a slot has a place again.
func (o *soldDays) vacated(k placeKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for key, span := range o.spans {
		if key.service == k.service {
			date := span.config.Calendar().Date(time.Unix(k.start, 0))
			span.before = min(span.before, date)
			o.spans[key] = span
		}
	}
}

func (o *soldDays) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.spans)
}

// vacate notes the places that a ticket had and its next version, nil if there
// is none, has not.
func (s *State) vacate(old, t *Ticket) {
	for k := range old.places {
		kept := false
		if t != nil {
			for now := range t.places {
				kept = kept || now == k && t.Lane == old.Lane
			}
		}
		if !kept {
			s.sold.vacated(k)
		}
	}
}
