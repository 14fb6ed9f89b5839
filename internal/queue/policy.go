package queue

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// Reason is why a ticket was called before the others. Every call records one.
type Reason string

// The reasons, in the words of the policy.
const (
	ByPriority    Reason = "priority"    // the priority lane's turn
	ByCeiling     Reason = "ceiling"     // has waited longer than the ceiling
	ByAge         Reason = "age"         // a priority person who came before the one whose turn it was
	ByAppointment Reason = "appointment" // earliest due, by appointment
	ByArrival     Reason = "arrival"     // earliest due, walked in
	Chosen        Reason = "chosen"      // out of turn, by a person
)

// unit is one call in the priority lane's account. It is divisible by every
// number up to 16, so that the usual shares are exact.
const unit = 720720

// Turn is whom the policy calls next, and why.
type Turn struct {
	Tickets []*Ticket // one person, or the family that goes together
	Why     Reason
	DebtOf  string // the stage whose account changes, "" if none does
	Debt    int    // to this
}

// NextTurn says whom a counter would call now. It is a pure function of the
// state: the same on every node, and each call records its reason.
//
// The order: the priority lane goes first, but while others wait at most
// max(its configured share, its share of those waiting) of the calls may jump
// the others; then whoever has waited longer than the ceiling; then the
// earliest due. Nobody is called while an earlier priority person of the same
// service waits. Who let others pass comes after all who stand before them.
// Waiting counts in the office's working time.
func (s *State) NextTurn(counter *CounterConfig, now time.Time) (Turn, bool) {
	var oldest, first, due *Ticket // of all; by check-in of the priority lane; by their hour of the others
	priority, others := 0, 0
	for t := range s.inTurn(counter, now) {
		if oldest == nil || senior(t, oldest) < 0 {
			oldest = t
		}
		if t.Lane == Priority {
			priority++
			if first == nil || olderArrival(t, first) {
				first = t
			}
			continue
		}
		others++
		if due == nil || t.Due.Before(due.Due) || t.Due.Equal(due.Due) && senior(t, due) < 0 {
			due = t
		}
	}
	switch {
	case oldest == nil:
		return Turn{}, false
	case others == 0:
		return s.turn(first, ByPriority, now), true
	case priority == 0:
		turn := s.turn(s.ordinary(oldest, due, now))
		turn.DebtOf = turn.Tickets[0].Stage
		turn.Debt = max(0, s.Debt[turn.DebtOf]-s.share(0, others))
		return s.settle(turn), true
	}

	least, share := s.share(0, others), s.share(priority, others)
	debt := s.Debt[first.Stage]
	if debt <= share-least {
		turn := s.turn(first, ByPriority, now)
		turn.DebtOf, turn.Debt = first.Stage, debt+unit-share
		return s.settle(turn), true
	}
	chosen, why, at := s.ordinary(oldest, due, now)
	if older := s.olderPriority(counter, chosen, now); older != nil {
		chosen, why = older, ByAge
	}
	turn := s.turn(chosen, why, at)
	turn.DebtOf, turn.Debt = first.Stage, max(0, debt-share)
	if chosen.Lane == Priority {
		turn.Debt = min(unit, debt+unit-share)
	}
	return s.settle(turn), true
}

// Candidates are those whom the counter may call now, longest waiting first.
func (s *State) Candidates(counter *CounterConfig, now time.Time) []*Ticket {
	return slices.SortedFunc(s.callable(counter, now), senior)
}

// callable yields those whom the counter may call now, stage by stage, in no
// order of the stages.
func (s *State) callable(counter *CounterConfig, now time.Time) iter.Seq[*Ticket] {
	return func(yield func(*Ticket) bool) {
		for stage, waiting := range s.waiting {
			if !allows(counter.Stages, stage) {
				continue
			}
			for _, t := range waiting {
				if counter.Serves(t) && !t.NotBefore.After(now) && !yield(t) {
					return
				}
			}
		}
	}
}

// inTurn yields those of the callable whose turn it may be: whoever let others
// pass waits until none of their stage stands before them, in any lane.
func (s *State) inTurn(counter *CounterConfig, now time.Time) iter.Seq[*Ticket] {
	return func(yield func(*Ticket) bool) {
		stage, before := "", false
		for t := range s.callable(counter, now) {
			if t.Stage != stage {
				stage, before = t.Stage, false
			}
			if t.Deferred && before {
				continue
			}
			if before = true; !yield(t) {
				return
			}
		}
	}
}

// Serves reports whether the counter may serve the ticket at its stage.
func (k *CounterConfig) Serves(t *Ticket) bool {
	return allows(k.Stages, t.Stage) && allows(k.Services, t.Service) && allows(k.Lanes, t.Lane)
}

func allows[T comparable](limit []T, v T) bool { return len(limit) == 0 || slices.Contains(limit, v) }

// settle leaves the account out of a turn that does not change it.
func (s *State) settle(turn Turn) Turn {
	if s.Debt[turn.DebtOf] == turn.Debt {
		turn.DebtOf, turn.Debt = "", 0
	}
	return turn
}

// ordinary is whose turn it is without the priority lane's privilege: the
// longest waiting beyond the ceiling, else the earliest due of the others.
func (s *State) ordinary(oldest, due *Ticket, now time.Time) (*Ticket, Reason, time.Time) {
	ceiling := s.Config.Calling.Ceiling.D()
	if now.Sub(oldest.Since) > ceiling && s.Waited(oldest, now) > ceiling {
		return oldest, ByCeiling, now
	}
	if due.Lane == Appointment {
		return due, ByAppointment, now
	}
	return due, ByArrival, now
}

// olderPriority is the priority person of the same service who checked in
// before the chosen one, if there is one: the earliest of them.
func (s *State) olderPriority(counter *CounterConfig, chosen *Ticket, now time.Time) *Ticket {
	if chosen.Lane == Priority {
		return nil
	}
	var older *Ticket
	for t := range s.inTurn(counter, now) {
		if t.Lane == Priority && t.Service == chosen.Service && olderArrival(t, chosen) && (older == nil || olderArrival(t, older)) {
			older = t
		}
	}
	return older
}

func olderArrival(a, b *Ticket) bool {
	if c := a.Arrived.Compare(b.Arrived); c != 0 {
		return c < 0
	}
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID)) < 0
}

// share is the part of the calls that the priority lane may take, in units.
func (s *State) share(priority, others int) int {
	configured := s.Config.Calling.PriorityShare
	return max(unit*configured.Num/configured.Den, unit*priority/(priority+others))
}

// Waited is how long a ticket has waited in the office's working time, from
// its slot or its check-in, whichever came later.
func (s *State) Waited(t *Ticket, now time.Time) time.Duration {
	return s.Config.Calendar().Worked(t.Since, now, s.Pauses())
}

// turn gathers who goes together with the ticket.
func (s *State) turn(t *Ticket, why Reason, now time.Time) Turn {
	if t.Party == "" {
		return Turn{Tickets: []*Ticket{t}, Why: why}
	}
	turn := Turn{Why: why}
	for _, m := range s.Party(t) {
		if m.Status == Waiting && m.Stage == t.Stage && m.Service == t.Service && (m.ID == t.ID || !m.NotBefore.After(now)) {
			turn.Tickets = append(turn.Tickets, m)
		}
	}
	return turn
}

// Ahead is how many people would be called before the ticket if nobody else
// came: those who wait at its stage, served by a counter that serves it, and
// stand before it in the order of the policy without the priority lane's turns.
func (s *State) Ahead(t *Ticket) int {
	n := 0
	for _, o := range s.waiting[t.Stage] {
		if o != t && before(o, t) {
			n++
		}
	}
	return n
}

// Order is how many are Ahead of each who waits at the stage, by ticket: for
// when it is asked of all of them.
func (s *State) Order(stage string) map[string]int {
	waiting := s.waiting[stage]
	ahead := make(map[string]int, len(waiting))
	var plain, deferred []*Ticket
	for _, t := range waiting {
		if t.Deferred {
			deferred = append(deferred, t)
		} else {
			plain = append(plain, t)
		}
	}
	// Without those who let others pass, it is an order like any other.
	slices.SortFunc(plain, func(a, b *Ticket) int {
		if before(a, b) {
			return -1
		}
		return 1
	})
	for i, t := range plain {
		n := i
		for _, d := range deferred {
			if before(d, t) {
				n++
			}
		}
		ahead[t.ID] = n
	}
	for _, t := range deferred {
		ahead[t.ID] = s.Ahead(t)
	}
	return ahead
}

// before orders two who wait at one stage as an applicant may expect it.
func before(a, b *Ticket) bool {
	switch {
	case b.Deferred && senior(a, b) < 0:
		return true
	case a.Deferred && senior(b, a) < 0:
		return false
	}
	if (a.Lane == Priority) != (b.Lane == Priority) {
		return a.Lane == Priority
	}
	if c := a.Due.Compare(b.Due); c != 0 {
		return c < 0
	}
	return senior(a, b) < 0
}
