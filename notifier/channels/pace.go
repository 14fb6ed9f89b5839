package channels

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"antrean/internal/queue"
)

// pace gives messages to one and the same person their turns, so that a family
// on one phone is not taken for a flood. It holds numbers for as long as they
// are being written to, on this node alone.
type pace struct {
	each queue.Rate

	mu      sync.Mutex
	persons map[string]*turns
	swept   time.Time
}

type turns struct {
	limit *rate.Limiter
	given map[string]time.Time // by message: when its turn is
	last  time.Time
}

func newPace(each queue.Rate) *pace { return &pace{each: each, persons: map[string]*turns{}} }

// turn says how long a message has to wait; 0: it goes now. One that was given
// a turn keeps it.
func (p *pace) turn(person, message string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep(now)
	t := p.persons[person]
	if t == nil {
		perSecond := float64(p.each.Count) / p.each.Per.Seconds()
		t = &turns{limit: rate.NewLimiter(rate.Limit(perSecond), p.each.Count), given: map[string]time.Time{}}
		p.persons[person] = t
	}
	t.last = now
	at, waited := t.given[message]
	if waited && !now.Before(at) {
		delete(t.given, message)
		return 0
	}
	if !waited {
		at = now.Add(t.limit.ReserveN(now, 1).DelayFrom(now))
		if !at.After(now) {
			return 0
		}
		t.given[message] = at
	}
	return at.Sub(now)
}

// sweep forgets those to whom nothing was written for a while.
func (p *pace) sweep(now time.Time) {
	const quiet = 10 * time.Minute
	if now.Sub(p.swept) < quiet {
		return
	}
	p.swept = now
	for person, t := range p.persons {
		for message, at := range t.given {
			if now.Sub(at) >= quiet { // it went another way
				delete(t.given, message)
			}
		}
		if len(t.given) == 0 && now.Sub(t.last) >= max(quiet, p.each.Per) {
			delete(p.persons, person)
		}
	}
}
