package ledger

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"antrean/internal/queue"
)

const (
	// appendWithin bounds one attempt of an append.
	appendWithin = 5 * time.Second
	// The pauses between the attempts of an append whose outcome is unknown.
	leastBackoff, mostBackoff = 20 * time.Millisecond, 500 * time.Millisecond
	// stuckAfter is when callers are told at once that the store is away.
	stuckAfter = 2 * time.Second
)

// write decides what waits, batch after batch, until the office ends.
func (f *Office) write() {
	for {
		r := f.wait()
		if r == nil {
			f.turnAway()
			return
		}
		f.commit(r)
	}
}

// wait blocks for the next command, the staff's before the public's; nil when
// the office ends.
func (f *Office) wait() *request {
	if r := f.next(); r != nil {
		return r
	}
	select {
	case r := <-f.staff:
		return r
	case r := <-f.public:
		return r
	case <-f.life.Done():
		return nil
	}
}

// next takes a command that waits, if there is one.
func (f *Office) next() *request {
	select {
	case r := <-f.staff:
		return r
	default:
	}
	select {
	case r := <-f.staff:
		return r
	case r := <-f.public:
		return r
	default:
		return nil
	}
}

// turnAway tells those who still wait that the office has ended.
func (f *Office) turnAway() {
	for r := f.next(); r != nil; r = f.next() {
		r.finish(ErrUnavailable)
	}
}

// commit decides a command, and what waits beside it, until all of it has
// landed or was refused. What another node's batch came before is decided
// again on the log as it is then.
func (f *Office) commit(first *request) {
	waiting := []*request{first}
	lost := false
	backoff := leastBackoff
	for len(waiting) > 0 {
		base, err := f.sync()
		if err != nil {
			for _, r := range waiting {
				r.finish(err)
			}
			return
		}
		b, rest := f.decide(base, waiting)
		waiting = rest
		if len(b.decisions) == 0 {
			f.spec.Keep()
			continue
		}
		took, moved, err := f.append(b)
		if err != nil { // the office ends
			f.abandon(b, waiting)
			return
		}
		if moved == nil {
			f.spec.Keep()
			f.land(b)
			if lost {
				// Who has just lost lets the others win, about a round; else the last
				// winner keeps winning, for it alone knows the end.
				pause(f.life, rand.N(2*took+1))
				lost = false
			}
			continue
		}
		f.offices.metrics.conflicts.Inc()
		f.spec.Rollback(0)
		f.spec.Keep()
		lost = true
		waiting = append(f.ground(b), waiting...)
		if err := f.absorb(b, moved); err != nil && !errors.Is(err, ErrReadOnly) {
			f.complain(backoff, "follow the log", err)
			f.stuck.Store(backoff == mostBackoff)
			pause(f.life, backoff/2+rand.N(backoff))
			backoff = min(2*backoff, mostBackoff)
		} else {
			backoff = leastBackoff
		}
	}
}

// sync brings the writer's state to the settled one and returns its position.
func (f *Office) sync() (Position, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readOnly != nil {
		return Position{}, f.readOnly
	}
	fresh := f.spec == nil || f.specGeneration != f.generation
	for i := 0; i < len(f.missed) && !fresh; i++ {
		if m := f.missed[i]; m.Version > f.spec.Version {
			fresh = apply(f.spec, m) != nil
		}
	}
	f.missed = nil
	if fresh || f.spec.Version != f.settled.Version {
		f.spec, f.specGeneration, f.following = f.settled.Clone(), f.generation, true
	}
	if time.Since(f.specPruned) > keepEvery {
		f.specPruned = time.Now()
		f.spec.Prune(f.offices.Now())
	}
	return f.at, nil
}

// decide decides the waiting commands and those in the mailboxes, one after
// the other, each on what the ones before it made. rest found no room.
func (f *Office) decide(base Position, waiting []*request) (b *batch, rest []*request) {
	b = &batch{base: base, tag: random(), over: make(chan struct{})}
	now := f.offices.Now()
	f.spec.Begin()
	for len(b.decisions) < MaxBatch {
		var r *request
		if len(waiting) > 0 {
			r, waiting = waiting[0], waiting[1:]
		} else if r = f.next(); r == nil {
			break
		}
		if r.claimed.Load() {
			continue // its caller has left; undecided is an outcome, too
		}
		if !b.add(f.spec, r, func() ([]*queue.Event, error) { return f.judge(r.command, now) }) {
			waiting = append([]*request{r}, waiting...)
			break
		}
	}
	f.offices.metrics.batch.Observe(float64(len(b.decisions)))
	return b, waiting
}

// judge decides one command. A panic in there costs the command its answer,
// not everybody the server.
func (f *Office) judge(c queue.Command, now time.Time) (events []*queue.Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			f.log.Error("a command cannot be decided", "ask", fmt.Sprintf("%T", c.Ask), "panic", p)
			events, err = nil, fmt.Errorf("decide %T: panic: %v", c.Ask, p)
		}
	}()
	return queue.Decide(f.spec, c, now)
}
