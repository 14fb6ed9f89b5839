package queue

import (
	"encoding/json"
	"fmt"
	"time"

	"antrean/internal/calendar"
)

// State is one office as the fold of its events. It is not safe for concurrent
// use; its owner guards it. What it points to (tickets, counters, days, the
// configuration) is never changed in place and may be kept by readers; only
// Calls that a Rollback took back may be written over.
type State struct {
	Office        string                 `json:"office"`
	Epoch         string                 `json:"epoch"`
	EpochAt       time.Time              `json:"epoch_at,omitzero"` // when it began
	Version       uint64                 `json:"version"`           // of the last event
	At            time.Time              `json:"at"`                // of the last event
	Config        *Config                `json:"config"`
	ConfigVersion uint64                 `json:"config_version"` // the event that brought the configuration
	Tickets       map[string]*Ticket     `json:"tickets"`
	Counters      map[string]*Counter    `json:"counters"`
	Days          map[calendar.Date]*Day `json:"days"`
	Calls         []Call                 `json:"calls"` // oldest first, at most the last KeptCalls
	Suspensions   []Suspension           `json:"suspensions"`
	Notices       []Notice               `json:"notices"`
	MutedUntil    time.Time              `json:"muted_until,omitzero"`    // the screens make no sound before
	Debt          map[string]int         `json:"debt"`                    // of the priority lane, by stage, in shares of unit
	Paces         map[string]Pace        `json:"paces"`                   // service times by "service/stage"
	Sequence      map[string]int         `json:"sequence"`                // last number given at the door, by "date/prefix"
	Answered      map[string]Answer      `json:"answered"`                // successes by idempotency key
	Voided        map[string]bool        `json:"voided"`                  // ticket ids that may never become active
	VoidedBefore  map[string]bool        `json:"voided_before,omitempty"` // those of the generation before
	VoidsAged     time.Time              `json:"voids_aged,omitzero"`     // when the generation began

	indexes

	recording bool
	journal   []func()
}

// KeptCalls is how many calls a state remembers, and so how many a display
// that comes back can be told of.
const KeptCalls = 100

// AnswersKept is how long a success is remembered under its idempotency key.
const AnswersKept = 24 * time.Hour

// Answer is where the events of a command lie that succeeded under a key.
type Answer struct {
	Body  string    `json:"body"` // digest of the request's body
	First uint64    `json:"first"`
	Count int       `json:"count"`
	At    time.Time `json:"at"`
}

// Last is the version of the command's last event.
func (a Answer) Last() uint64 { return a.First + uint64(a.Count) - 1 }

// Pace is how long one service takes at one stage: an exponentially weighted
// mean that forgets slowly, in whole seconds.
type Pace struct {
	Count int           `json:"count"`
	Mean  time.Duration `json:"mean"`
}

// NewState is an office of which nothing is known yet.
func NewState(office string) *State {
	s := &State{Office: office}
	s.index()
	return s
}

// Restore reads a state that Snapshot wrote.
func Restore(data []byte) (*State, error) {
	s := &State{}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	if s.Config != nil {
		if err := s.Config.revive(); err != nil {
			return nil, fmt.Errorf("read snapshot: %w", err)
		}
	}
	for _, t := range s.Tickets {
		if err := checkTickets(t); err != nil {
			return nil, fmt.Errorf("read snapshot: %w", err)
		}
	}
	s.index()
	return s, nil
}

// Snapshot writes the state so that Restore gives an equal one.
func (s *State) Snapshot() ([]byte, error) { return json.Marshal(s) }

func make1[M ~map[K]V, K comparable, V any](m *M) {
	if *m == nil {
		*m = M{}
	}
}

// Begin starts the journal: from now on Rollback can take changes back.
func (s *State) Begin() { s.recording, s.journal = true, s.journal[:0] }

// Mark is a point to which Rollback can return.
func (s *State) Mark() int { return len(s.journal) }

// Rollback takes back every change since the mark, 0 being Begin.
func (s *State) Rollback(mark int) {
	for i := len(s.journal) - 1; i >= mark; i-- {
		s.journal[i]()
	}
	clear(s.journal[mark:])
	s.journal = s.journal[:mark]
}

// Keep ends the journal and keeps the changes.
func (s *State) Keep() {
	clear(s.journal)
	s.recording, s.journal = false, s.journal[:0]
}

func (s *State) undo(f func()) {
	if s.recording {
		s.journal = append(s.journal, f)
	}
}

// set stores m[k]=v, or deletes k when v is absent, and journals what was.
func set[K comparable, V any](s *State, m map[K]V, k K, v V) {
	old, had := m[k]
	if s.recording {
		s.undo(func() {
			if had {
				m[k] = old
			} else {
				delete(m, k)
			}
		})
	}
	m[k] = v
}

// assign stores *p=v and journals what was.
func assign[T any](s *State, p *T, v T) {
	if s.recording {
		old := *p
		s.undo(func() { *p = old })
	}
	*p = v
}

// Counter is the counter as it is now; one that nobody has opened is closed.
func (s *State) Counter(id string) *Counter {
	if k := s.Counters[id]; k != nil {
		return k
	}
	return &Counter{ID: id, State: Closed}
}

// Suspended reports whether every clock of the office stands still.
func (s *State) Suspended() (Suspension, bool) {
	if n := len(s.Suspensions); n > 0 && s.Suspensions[n-1].End.IsZero() {
		return s.Suspensions[n-1], true
	}
	return Suspension{}, false
}

// Pauses are the suspensions as intervals, for counting working time.
func (s *State) Pauses() []calendar.Interval {
	if len(s.Suspensions) == 0 {
		return nil
	}
	all := make([]calendar.Interval, len(s.Suspensions))
	for i, p := range s.Suspensions {
		all[i] = p.Interval
	}
	return all
}

// Today is the office's own date.
func (s *State) Today(now time.Time) calendar.Date { return s.Config.Calendar().Date(now) }

// Prune forgets answers that are too old to be asked for. It must not be
// called while the journal is open. Forgetting is no event: an answer that is
// too old is treated as forgotten anyway.
func (s *State) Prune(now time.Time) {
	for k, a := range s.Answered {
		if now.Sub(a.At) > AnswersKept {
			delete(s.Answered, k)
		}
	}
}
