package ledger

import (
	"context"
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
	leastBackoff, mostBackoff = 20 * time.Millisecond, time.Second
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
	b = &batch{base: base, tag: random()}
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

// append sends the batch, unchanged, until the store has taken or refused it.
// The error is the office's end.
func (f *Office) append(b *batch) (took time.Duration, moved *Moved, err error) {
	f.mu.Lock()
	f.flight = b
	f.mu.Unlock()
	defer f.stuck.Store(false)
	began := time.Now()
	for backoff := leastBackoff; ; backoff = min(2*backoff, mostBackoff) {
		sent, at := time.Now(), f.offices.Now()
		ctx, cancel := context.WithTimeout(f.life, appendWithin)
		err := f.offices.log.Append(ctx, f.id, b.base, b.tag, b.data)
		cancel()
		took = time.Since(sent)
		f.offices.metrics.appends.Observe(took.Seconds())
		switch {
		case err == nil:
			f.offices.heard(nil)
			if err := f.fold(b.events); err != nil {
				f.log.Warn("fold an own batch", "error", err) // the tail will
			}
			f.confirm(Position{b.base.Version + uint64(len(b.data)), b.tag}, at)
			if len(b.data) == 0 {
				f.confirm(b.base, at)
			}
			return took, nil, nil
		case errors.As(err, &moved):
			f.offices.heard(nil)
			if b.isIn(moved.Entries) {
				if err := f.fold(b.events); err != nil {
					f.log.Warn("fold an own batch", "error", err)
				}
				return took, nil, nil
			}
			return took, moved, nil
		}
		f.offices.heard(err)
		f.offices.metrics.unknown.Inc()
		f.complain(backoff, "an append's outcome is unknown; repeating it", err)
		f.stuck.Store(time.Since(began) > stuckAfter)
		if !pause(f.life, backoff/2+rand.N(backoff)) {
			return 0, nil, err
		}
	}
}

// complain logs the first of a row of failures.
func (f *Office) complain(backoff time.Duration, what string, err error) {
	if backoff == leastBackoff {
		f.log.Warn(what, "error", err)
	}
}

// isIn reports whether the batch stands among the entries that a refusal
// returned: its first answer was lost.
func (b *batch) isIn(entries []Entry) bool {
	for _, e := range entries {
		if b.wrote(e.Position()) {
			return true
		}
	}
	return false
}

// land answers what the fold has not: decisions without events, and those
// whose events were settled by a load in between.
func (f *Office) land(b *batch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flight = nil
	for ; b.answered < len(b.decisions); b.answered++ {
		switch d := b.decisions[b.answered]; {
		case d.err != nil:
			d.request.finish(d.err)
		case len(d.events) == 0:
			d.request.reply(f.settled, nil)
		default:
			n := len(d.events)
			d.request.finish(&queue.Repeated{Answer: queue.Answer{First: d.version - uint64(n) + 1, Count: n}})
		}
	}
}

// ground takes a refused batch back: its commands wait again, but for those
// that were answered by a log that has since lost them.
func (f *Office) ground(b *batch) []*request {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flight = nil
	var again []*request
	for _, d := range b.decisions[b.answered:] {
		again = append(again, d.request)
	}
	return again
}

// abandon ends what the office's end leaves undecided.
func (f *Office) abandon(b *batch, waiting []*request) {
	for _, r := range append(f.ground(b), waiting...) {
		r.finish(ErrUnavailable)
	}
}

// absorb folds what came before the batch, or finds that the log lost the
// position that it was decided on.
func (f *Office) absorb(b *batch, moved *Moved) error {
	base := b.base.Version > 0
	if moved.End.Version < b.base.Version || base && (len(moved.Entries) == 0 || moved.Entries[0].Position() != b.base) {
		return f.reload(b.base)
	}
	entries := moved.Entries
	if base {
		entries = entries[1:]
	}
	if err := f.fold(decodeAll(entries)); err != nil {
		return err
	}
	if n := len(entries); n == 0 || entries[n-1].Version < moved.End.Version {
		return f.readOn(f.life)
	}
	return nil
}
