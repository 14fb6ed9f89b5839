package calendar

import (
	"iter"
	"slices"
	"time"
)

// searchDays bounds how far After and WorkingDay look ahead in a calendar that
// may never open again: about eleven years.
const searchDays = 4000

// Never returns the instant that stands for "not in this calendar".
func Never() time.Time { return time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC) }

// Worked returns how much working time lies between from and to: the office's
// spans, and on a date that has hours also what follows its last closing until
// midnight, because after the doors are closed the hall is still served. What
// pauses cover does not count; they may overlap and need no order.
func (h *Hours) Worked(from, to time.Time, pauses []Interval) time.Duration {
	var worked time.Duration
	for i := range h.counting(from, to, pauses) {
		worked += i.End.Sub(i.Start)
	}
	return worked
}

// After returns the first instant until which d of working time has passed
// since from: Worked(from, After(from, d)) == d. If that is beyond any calendar
// (the office never opens again, or a pause is still going on), it returns
// Never.
func (h *Hours) After(from time.Time, d time.Duration, pauses []Interval) time.Time {
	if d <= 0 {
		return from
	}
	for i := range h.counting(from, from.AddDate(0, 0, searchDays), pauses) {
		length := i.End.Sub(i.Start)
		if length >= d {
			return i.Start.Add(d)
		}
		d -= length
	}
	return Never()
}

// WorkingDay returns the n-th date with hours after d: d itself for n = 0, and
// "" if the calendar holds no such date.
func (h *Hours) WorkingDay(d Date, n int) Date {
	if n <= 0 {
		return d
	}
	number, ok := d.number()
	if !ok {
		return ""
	}
	for range searchDays {
		number++
		if len(h.day(number).spans) == 0 {
			continue
		}
		if n--; n == 0 {
			return dateNumbered(number)
		}
	}
	return ""
}

// counting yields the pieces of working time between from and to, in order.
func (h *Hours) counting(from, to time.Time, pauses []Interval) iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		if !from.Before(to) {
			return
		}
		pauses := inOrder(pauses)
		last := dayNumber(to, h.zone)
		for number := dayNumber(from, h.zone); number <= last; number++ {
			for _, i := range h.day(number).counting {
				i.Start, i.End = later(i.Start, from), earlier(i.End, to)
				if !i.without(pauses, yield) {
					return
				}
			}
		}
	}
}

// without yields what pauses, which are in order, leave of i.
func (i Interval) without(pauses []Interval, yield func(Interval) bool) bool {
	for _, p := range pauses {
		if !i.Start.Before(i.End) || !p.Start.Before(i.End) {
			break
		}
		before := Interval{i.Start, earlier(i.End, p.Start)}
		if before.Start.Before(before.End) && !yield(before) {
			return false
		}
		if p.End.IsZero() {
			return true
		}
		i.Start = later(i.Start, p.End)
	}
	return !i.Start.Before(i.End) || yield(i)
}

// inOrder returns pauses by their start; usually they are.
func inOrder(pauses []Interval) []Interval {
	byStart := func(a, b Interval) int { return a.Start.Compare(b.Start) }
	if slices.IsSortedFunc(pauses, byStart) {
		return pauses
	}
	return slices.SortedFunc(slices.Values(pauses), byStart)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
