package calendar

import "time"

// Slot is a bookable part of a date. Share is 1, or for a shorter remainder
// before a break or the closing the fraction of the full length.
type Slot struct {
	Interval
	Share float64 `json:"share"`
}

// Slots cuts each span of a date into slots of the given length. It returns
// none if the length is not positive. The caller must not change them.
func (h *Hours) Slots(d Date, length time.Duration) []Slot {
	number, ok := d.number()
	if length <= 0 || !ok {
		return nil
	}
	of := h.day(number)
	if cut := of.cut.Load(); cut != nil && cut.length == length {
		return cut.slots
	}
	slots := cut(of.spans, length)
	of.cut.Store(&cutDay{length, slots})
	return slots
}

// cutDay is a day as it was last cut: an office has one length of slots.
type cutDay struct {
	length time.Duration
	slots  []Slot
}

func cut(spans []Interval, length time.Duration) (slots []Slot) {
	for _, s := range spans {
		for start := s.Start; start.Before(s.End); start = start.Add(length) {
			end := earlier(start.Add(length), s.End)
			slots = append(slots, Slot{Interval{start, end}, float64(end.Sub(start)) / float64(length)})
		}
	}
	return slots
}
