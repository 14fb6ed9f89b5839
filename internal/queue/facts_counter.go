package queue

import (
	"slices"
	"time"

	"antrean/internal/calendar"
)

// seat replaces a counter by a changed copy.
func (s *State) seat(id string, how func(k *Counter)) {
	k := *s.Counter(id)
	how(&k)
	set(s, s.Counters, id, &k)
}

// act changes a counter and the tickets named, and remembers what was there,
// so that the officer may undo it. A continued act is the second half of one
// press: it keeps what was before the first.
func (s *State) act(what, counter string, e *Event, tickets []string, continued bool, calls []string, how func(k *Counter), each func(t *Ticket)) {
	before := s.Counter(counter)
	act := &Act{What: what, By: e.By, At: e.At, Version: s.Version, Calls: calls}
	if continued && before.Last != nil {
		act.Seat, act.Tickets = before.Last.Seat, slices.Clone(before.Last.Tickets)
	} else {
		plain := *before
		plain.Last = nil
		act.Seat = &plain
	}
	for _, id := range tickets {
		t := s.Tickets[id]
		if t != nil && !slices.ContainsFunc(act.Tickets, func(b *Ticket) bool { return b.ID == id }) {
			act.Tickets = append(act.Tickets, t)
		}
		s.change(id, each)
	}
	s.seat(counter, func(k *Counter) {
		k.Last = act
		how(k)
	})
}

// TicketsCalled calls one person, or one family, to a counter.
type TicketsCalled struct {
	Call      string   `json:"call"` // id of the announcement
	Counter   string   `json:"counter"`
	Tickets   []string `json:"tickets"`             // the first one's number is announced
	Why       string   `json:"why"`                 // see Reason
	Note      string   `json:"note,omitempty"`      // one of Notes; older logs hold words
	Continues bool     `json:"continues,omitempty"` // the same press completed the one before
	DebtOf    string   `json:"debt_of,omitempty"`   // the stage whose priority debt changes
	Debt      int      `json:"debt,omitempty"`      // to this
}

func (*TicketsCalled) kind() string { return "tickets_called" }

func (f *TicketsCalled) apply(s *State, e *Event) {
	what := "next"
	if f.Why == string(Chosen) {
		what = "call"
	}
	s.act(what, f.Counter, e, f.Tickets, f.Continues, []string{f.Call},
		func(k *Counter) {
			k.Tickets = f.Tickets
			if f.DebtOf != "" {
				k.Last.DebtOf, k.Last.Debt = f.DebtOf, f.Debt-s.Debt[f.DebtOf]
			}
		},
		func(t *Ticket) {
			t.Status, t.Counter, t.CalledAt, t.Why, t.NotBefore = Called, f.Counter, e.At, f.Why, time.Time{}
			t.Deferred = false
		})
	if f.DebtOf != "" {
		set(s, s.Debt, f.DebtOf, f.Debt)
	}
	s.announce(f.Call, f.Counter, f.Tickets, e)
}

// TicketsRecalled announces again who was called.
type TicketsRecalled struct {
	Call    string   `json:"call"`
	Counter string   `json:"counter"`
	Tickets []string `json:"tickets"`
}

func (*TicketsRecalled) kind() string { return "tickets_recalled" }

func (f *TicketsRecalled) apply(s *State, e *Event) {
	s.announce(f.Call, f.Counter, f.Tickets, e)
	// The press before the recall may still be undone, and both calls with it.
	// Its version stays, and the tickets' too: else the recall would hide from
	// the undo what others did to them after the press.
	if last := s.Counter(f.Counter).Last; last != nil {
		act := *last
		act.Calls = append(slices.Clone(act.Calls), f.Call)
		s.seat(f.Counter, func(k *Counter) { k.Last = &act })
	}
}

// announce adds a call of the first ticket.
func (s *State) announce(id, counter string, tickets []string, e *Event) {
	if len(tickets) == 0 || s.Tickets[tickets[0]] == nil {
		return
	}
	first := s.Tickets[tickets[0]]
	call := Call{ID: id, Ticket: first.ID, Number: first.Number, Counter: counter, At: e.At, Times: 1, Version: s.Version}
	for i := len(s.Calls) - 1; i >= 0; i-- {
		if c := s.Calls[i]; c.Ticket == first.ID && c.Counter == counter && !c.Withdrawn && !c.At.Before(first.CalledAt) {
			call.Times = c.Times + 1
			break
		}
	}
	calls := append(s.Calls, call)
	assign(s, &s.Calls, calls[max(0, len(calls)-KeptCalls):])
}

// withdraw marks calls that were undone.
func (s *State) withdraw(ids []string) {
	calls := slices.Clone(s.Calls)
	for i := range calls {
		if slices.Contains(ids, calls[i].ID) {
			calls[i].Withdrawn, calls[i].Version = true, s.Version
		}
	}
	assign(s, &s.Calls, calls)
}

// ServingBegan says that who was called has come to the counter.
type ServingBegan struct {
	Counter string   `json:"counter"`
	Tickets []string `json:"tickets"`
}

func (*ServingBegan) kind() string { return "serving_began" }

func (f *ServingBegan) apply(s *State, e *Event) {
	s.act("serve", f.Counter, e, f.Tickets, false, nil, func(*Counter) {},
		func(t *Ticket) { t.Status, t.ServedFrom, t.Help = Serving, e.At, time.Time{} })
}

// TicketsCompleted ends the work at a counter. To is the stage where they
// wait next, empty when they are done.
type TicketsCompleted struct {
	Counter   string        `json:"counter"`
	Tickets   []string      `json:"tickets"`
	To        string        `json:"to,omitempty"`
	Date      calendar.Date `json:"date"`                // the office's day, for the counter's figures
	Continues bool          `json:"continues,omitempty"` // the same press completed others of the family
}

func (*TicketsCompleted) kind() string { return "tickets_completed" }

func (f *TicketsCompleted) apply(s *State, e *Event) {
	var took time.Duration
	if !f.Continues && len(f.Tickets) > 0 && s.Tickets[f.Tickets[0]] != nil {
		first := s.Tickets[f.Tickets[0]]
		from := first.ServedFrom
		if first.Status == Called {
			from = first.CalledAt
		}
		took = max(0, e.At.Sub(from))
		s.pace(first.Service, first.Stage, took)
	}
	s.act("complete", f.Counter, e, f.Tickets, f.Continues, nil,
		func(k *Counter) {
			k.Tickets = nil
			if k.Day != f.Date {
				k.Day, k.Served, k.Busy = f.Date, 0, 0
			}
			k.Served += len(f.Tickets)
			k.Busy += took
		},
		func(t *Ticket) {
			t.Counter, t.CalledAt, t.ServedFrom, t.Absences = "", time.Time{}, time.Time{}, 0
			if f.To == "" {
				t.Status, t.Ended = Done, e.At
			} else {
				t.Status, t.Stage = Waiting, f.To
			}
		})
}

// pace learns how long a service takes: the plain mean of the first twenty,
// then a mean in which each new one weighs a twentieth.
func (s *State) pace(service, stage string, took time.Duration) {
	key := service + "/" + stage
	p := s.Paces[key]
	p.Count++
	p.Mean += (took - p.Mean) / time.Duration(min(p.Count, 20))
	set(s, s.Paces, key, p)
}

// TicketsMissed says that who was called did not come. With NotBefore they
// wait to be called again, without it they are no-shows.
type TicketsMissed struct {
	Counter   string    `json:"counter"`
	Tickets   []string  `json:"tickets"`
	NotBefore time.Time `json:"not_before,omitzero"`
}

func (*TicketsMissed) kind() string { return "tickets_missed" }

func (f *TicketsMissed) apply(s *State, e *Event) {
	s.act("no-show", f.Counter, e, f.Tickets, false, nil,
		func(k *Counter) { k.Tickets = nil },
		func(t *Ticket) {
			t.Counter, t.CalledAt, t.ServedFrom = "", time.Time{}, time.Time{}
			t.Absences++
			if f.NotBefore.IsZero() {
				t.Status, t.Ended = NoShow, e.At
			} else {
				t.Status, t.NotBefore = Waiting, f.NotBefore
			}
		})
}

// TicketsParked lets people go for a while; they keep their seniority.
type TicketsParked struct {
	Counter string   `json:"counter"`
	Tickets []string `json:"tickets"`
}

func (*TicketsParked) kind() string { return "tickets_parked" }

func (f *TicketsParked) apply(s *State, e *Event) {
	s.act("park", f.Counter, e, f.Tickets, false, nil,
		func(k *Counter) { k.Tickets = nil },
		func(t *Ticket) {
			t.Status, t.Counter, t.CalledAt, t.ServedFrom = Parked, "", time.Time{}, time.Time{}
		})
}

// ActUndone compensates a counter's last act: its tickets and its seat are
// again as given here, and its calls are withdrawn.
type ActUndone struct {
	Counter string    `json:"counter"`
	What    string    `json:"what"`
	Tickets []*Ticket `json:"tickets"`
	Seat    *Counter  `json:"seat"`
	Calls   []string  `json:"calls,omitempty"`
	DebtOf  string    `json:"debt_of,omitempty"` // the stage whose priority debt changes
	Debt    int       `json:"debt,omitempty"`    // to this
}

func (*ActUndone) kind() string { return "act_undone" }

func (f *ActUndone) check() error { return checkTickets(f.Tickets...) }

func (f *ActUndone) apply(s *State, _ *Event) {
	for _, t := range f.Tickets {
		s.add(t)
	}
	s.seat(f.Counter, func(k *Counter) {
		if f.Seat != nil {
			k.Tickets, k.Day, k.Served, k.Busy = f.Seat.Tickets, f.Seat.Day, f.Seat.Served, f.Seat.Busy
		}
		k.Last = nil
	})
	if f.DebtOf != "" {
		set(s, s.Debt, f.DebtOf, f.Debt)
	}
	s.withdraw(f.Calls)
}

// CounterChanged opens, pauses or closes a counter, or seats another officer.
// Vacated counters are those that the officer left by it.
type CounterChanged struct {
	Counter string       `json:"counter"`
	State   CounterState `json:"state"`
	Officer string       `json:"officer,omitempty"`
	Vacated []string     `json:"vacated,omitempty"`
}

func (*CounterChanged) kind() string { return "counter_changed" }

func (f *CounterChanged) apply(s *State, _ *Event) {
	for _, id := range f.Vacated {
		s.seat(id, func(k *Counter) { k.State, k.Officer, k.Last = Closed, "", nil })
	}
	s.seat(f.Counter, func(k *Counter) {
		if k.Officer != f.Officer {
			k.Last = nil
		}
		k.State, k.Officer = f.State, f.Officer
	})
}
