package calendar

import "time"

// Slot is a bookable part of a date. Share is 1, or for a shorter remainder
// before a break or the closing the fraction of the full length.
type Slot struct {
	Interval
	Share float64 `json:"share"`
}

// Slots cuts each span of a date into slots of the given length. It returns
// none if the length is not positive.
func (h *Hours) Slots(d Date, length time.Duration) []Slot {
	if length <= 0 {
		return nil
	}
	var slots []Slot
	for _, s := range h.Spans(d) {
		for start := s.Start; start.Before(s.End); start = start.Add(length) {
			end := earlier(start.Add(length), s.End)
			slots = append(slots, Slot{Interval{start, end}, float64(end.Sub(start)) / float64(length)})
		}
	}
	return slots
}
