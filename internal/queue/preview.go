package queue

import (
	"maps"
	"slices"
	"time"
)

// Under is the office as it would be under another configuration, which must be
// prepared: a state of its own, to look at what a change would do. Who is under
// way keeps what was counted for them, as after the change itself.
func (s *State) Under(c *Config) *State {
	u := s.Clone()
	u.Config, u.sold = c, newSoldDays()
	return u
}

// Coming are the next calls, at most so many, if from now on each open counter
// in turn called whom the policy says, and nobody else came. When no counter is
// open, all of them are taken to be.
func (s *State) Coming(most int, now time.Time) (turns []Turn) {
	u := s.Clone()
	counters := slices.DeleteFunc(slices.Clone(u.Config.Counters), func(k CounterConfig) bool { return u.Counter(k.ID).State != Open })
	if len(counters) == 0 {
		counters = u.Config.Counters
	}
	for called := true; called; {
		called = false
		for i := range counters {
			if len(turns) == most {
				return turns
			}
			turn, ok := u.NextTurn(&counters[i], now)
			if !ok {
				continue
			}
			called = true
			turns = append(turns, turn)
			for _, t := range turn.Tickets {
				u.change(t.ID, func(t *Ticket) { t.Status = Called })
			}
			if turn.DebtOf != "" {
				u.Debt[turn.DebtOf] = turn.Debt
			}
		}
	}
	return turns
}

// LimitNames are the names of all rate limits.
func LimitNames() []string { return slices.Sorted(maps.Keys(usualLimits)) }
