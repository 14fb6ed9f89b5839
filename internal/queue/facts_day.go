package queue

import (
	"slices"
	"time"

	"antrean/internal/calendar"
)

// day replaces a day by a changed copy.
func (s *State) day(date calendar.Date, how func(d *Day)) {
	d := Day{Date: date}
	if old := s.Days[date]; old != nil {
		d = *old
	}
	how(&d)
	set(s, s.Days, date, &d)
	s.sold.forget()
	s.undo(s.sold.forget)
}

// DoorsClosed ends the giving of numbers and places for a day. Who is in the
// hall is still served.
type DoorsClosed struct {
	Date calendar.Date `json:"date"`
	Why  string        `json:"why"`
}

func (*DoorsClosed) kind() string { return "doors_closed" }

func (f *DoorsClosed) apply(s *State, _ *Event) {
	s.day(f.Date, func(d *Day) { d.Closed = f.Why })
}

// DayEnded ends a day and the tickets that it left over.
type DayEnded struct {
	Date     calendar.Date     `json:"date"`
	Tickets  map[string]Status `json:"tickets,omitempty"`  // how each leftover ended
	Counters []string          `json:"counters,omitempty"` // closed by it
}

func (*DayEnded) kind() string { return "day_ended" }

func (f *DayEnded) apply(s *State, e *Event) {
	for _, id := range sortedKeys(f.Tickets) {
		end := f.Tickets[id]
		s.change(id, func(t *Ticket) {
			t.Status, t.Ended = end, e.At
			t.Counter, t.CalledAt, t.ServedFrom, t.NotBefore = "", time.Time{}, time.Time{}, time.Time{}
			t.Help = time.Time{}
			t.endStandby()
		})
	}
	over := func(id string) bool { _, yes := f.Tickets[id]; return yes }
	for _, id := range sortedKeys(s.Counters) {
		if slices.ContainsFunc(s.Counters[id].Tickets, over) {
			s.seat(id, func(k *Counter) { k.Tickets = slices.DeleteFunc(slices.Clone(k.Tickets), over) })
		}
	}
	for _, id := range f.Counters {
		s.seat(id, func(k *Counter) { k.State, k.Officer, k.Last = Closed, "", nil })
	}
	s.day(f.Date, func(d *Day) { d.Ended = true })
	for stage := range s.Debt {
		set(s, s.Debt, stage, 0)
	}
	kept := slices.DeleteFunc(slices.Clone(s.Suspensions), func(p Suspension) bool {
		return !p.End.IsZero() && e.At.Sub(p.End) > 48*time.Hour
	})
	assign(s, &s.Suspensions, kept)
	// The sequences of days long past name numbers that nobody can be given.
	for key := range s.Sequence {
		if calendar.Date(key[:min(10, len(key))]) < f.Date.AddDays(-2) {
			s.forget(key)
		}
	}
}

// forget drops a sequence.
func (s *State) forget(key string) {
	old := s.Sequence[key]
	delete(s.Sequence, key)
	s.undo(func() { s.Sequence[key] = old })
}

// DayReopened takes the end or the closing of a day back, and with it the
// tickets that only the day's end had ended.
type DayReopened struct {
	Date    calendar.Date     `json:"date"`
	Tickets map[string]Status `json:"tickets,omitempty"`
}

func (*DayReopened) kind() string { return "day_reopened" }

func (f *DayReopened) apply(s *State, _ *Event) {
	for _, id := range sortedKeys(f.Tickets) {
		s.change(id, func(t *Ticket) { t.Status, t.Ended = f.Tickets[id], time.Time{} })
	}
	s.day(f.Date, func(d *Day) { d.Ended, d.Closed = false, "" })
}

// OfficeSuspended stops every clock of the office.
type OfficeSuspended struct {
	Reason string    `json:"reason"`
	Until  time.Time `json:"until,omitzero"`
}

func (*OfficeSuspended) kind() string { return "office_suspended" }

func (f *OfficeSuspended) apply(s *State, e *Event) {
	assign(s, &s.Suspensions, append(slices.Clone(s.Suspensions),
		Suspension{Interval: calendar.Interval{Start: e.At}, Reason: f.Reason, Until: f.Until}))
}

// OfficeResumed lets the clocks run again. Deadlines that stood still come by
// so much later.
type OfficeResumed struct {
	ArriveBy  map[string]time.Time `json:"arrive_by,omitempty"`  // new, by ticket
	NotBefore map[string]time.Time `json:"not_before,omitempty"` // new, by ticket
	Expires   map[string]time.Time `json:"expires,omitempty"`    // new, of offers, by ticket
}

func (*OfficeResumed) kind() string { return "office_resumed" }

func (f *OfficeResumed) apply(s *State, e *Event) {
	for _, id := range sortedKeys(f.ArriveBy) {
		s.change(id, func(t *Ticket) { t.ArriveBy = f.ArriveBy[id] })
	}
	for _, id := range sortedKeys(f.NotBefore) {
		s.change(id, func(t *Ticket) { t.NotBefore = f.NotBefore[id] })
	}
	for _, id := range sortedKeys(f.Expires) {
		s.change(id, func(t *Ticket) {
			if t.Offer != nil {
				offer := *t.Offer
				offer.Expires = f.Expires[id]
				t.Offer = &offer
			}
		})
	}
	all := slices.Clone(s.Suspensions)
	if n := len(all); n > 0 && all[n-1].End.IsZero() {
		all[n-1].End = e.At
	}
	assign(s, &s.Suspensions, all)
}

// SoundMuted says until when the hall's screens make no sound; the zero time
// ends a silence.
type SoundMuted struct {
	Until time.Time `json:"until,omitzero"`
}

func (*SoundMuted) kind() string { return "sound_muted" }

func (f *SoundMuted) apply(s *State, _ *Event) { assign(s, &s.MutedUntil, f.Until) }
