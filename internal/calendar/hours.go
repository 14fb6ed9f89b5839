package calendar

import (
	"sync/atomic"
	"time"
)

// Interval is the time from Start until just before End. Of a pause, a zero
// End says that it is still going on.
type Interval struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Hours is a compiled Plan. It is safe for concurrent use.
type Hours struct {
	zone    *time.Location
	week    [7][]span
	special map[int64][]span         // by day number; closures are empty
	days    [512]atomic.Pointer[day] // more than the longest booking horizon
}

// span is one opening in seconds of the wall clock since midnight.
type span struct{ start, end int }

// day is what a date amounts to in real instants.
type day struct {
	number   int64
	spans    []Interval
	counting []Interval // spans, the last one prolonged until midnight
	cut      atomic.Pointer[cutDay]
}

// Zone returns the office's time zone.
func (h *Hours) Zone() *time.Location { return h.zone }

// Date returns the office's own date at t.
func (h *Hours) Date(t time.Time) Date { return DateOf(t, h.zone) }

// Spans returns the openings of a date as instants, in order; none on a date
// that is closed or invalid. The caller must not change them.
func (h *Hours) Spans(d Date) []Interval {
	number, ok := d.number()
	if !ok {
		return nil
	}
	return h.day(number).spans
}

// Bounds returns the first opening and the last closing of a date; ok is false
// if it has no hours.
func (h *Hours) Bounds(d Date) (opens, closes time.Time, ok bool) {
	return bounds(h.Spans(d))
}

// OpenAt tells whether t lies within a span.
func (h *Hours) OpenAt(t time.Time) bool {
	for _, s := range h.dayOf(t).spans {
		if s.contains(t) {
			return true
		}
	}
	return false
}

// DoorsOpen tells whether t lies between the first opening and the last
// closing of its date, breaks included.
func (h *Hours) DoorsOpen(t time.Time) bool {
	opens, closes, ok := bounds(h.dayOf(t).spans)
	return ok && Interval{opens, closes}.contains(t)
}

func bounds(spans []Interval) (opens, closes time.Time, ok bool) {
	if len(spans) == 0 {
		return time.Time{}, time.Time{}, false
	}
	return spans[0].Start, spans[len(spans)-1].End, true
}

func (i Interval) contains(t time.Time) bool {
	return !t.Before(i.Start) && t.Before(i.End)
}

func (h *Hours) dayOf(t time.Time) *day { return h.day(dayNumber(t, h.zone)) }

// day returns a date's instants from the cache: one place for each remainder
// of the day's number, so that it stays bounded and needs no lock. Two
// goroutines that miss at once compute the same.
func (h *Hours) day(number int64) *day {
	place := &h.days[uint64(number)%uint64(len(h.days))]
	if d := place.Load(); d != nil && d.number == number {
		return d
	}
	d := h.compute(number)
	place.Store(d)
	return d
}

func (h *Hours) compute(number int64) *day {
	spans, isSpecial := h.special[number]
	if !isSpecial {
		spans = h.week[weekday(number)]
	}
	d := &day{number: number}
	for _, s := range spans {
		// A change of the clock can swallow a span whole.
		if i := (Interval{instant(h.zone, number, s.start), instant(h.zone, number, s.end)}); i.Start.Before(i.End) {
			d.spans = append(d.spans, i)
		}
	}
	if len(d.spans) > 0 {
		d.counting = append(d.counting, d.spans...)
		d.counting[len(d.counting)-1].End = instant(h.zone, number+1, 0)
	}
	return d
}
