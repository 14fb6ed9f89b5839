package ledger

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

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
			f.settle(b)
			f.confirm(Position{b.base.Version + uint64(len(b.data)), b.tag}, at)
			if len(b.data) == 0 {
				f.confirm(b.base, at)
			}
			return took, nil, nil
		case errors.As(err, &moved):
			f.offices.heard(nil)
			if b.isIn(moved.Entries) {
				f.settle(b)
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

// settle folds an acknowledged batch.
func (f *Office) settle(b *batch) {
	f.mu.Lock()
	b.acked = true
	f.mu.Unlock()
	if err := f.fold(b.base, b.events); err != nil {
		f.log.Warn("fold an own batch", "error", err) // the tail will
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

// land answers what the fold has not: decisions without events. Those whose
// events it could not fold landed in a log that was lost since.
func (f *Office) land(b *batch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flight = nil
	close(b.over)
	for ; b.answered < len(b.decisions); b.answered++ {
		switch d := b.decisions[b.answered]; {
		case d.err != nil:
			d.request.finish(d.err)
		case len(d.events) == 0:
			d.request.reply(f.settled, nil)
		default:
			d.request.finish(ErrUnavailable)
		}
	}
}

// ground takes a refused batch back: its commands wait again, but for those
// that were answered by a log that has since lost them.
func (f *Office) ground(b *batch) []*request {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flight = nil
	close(b.over)
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
	if err := f.fold(b.base, decodeAll(entries)); err != nil {
		return err
	}
	if n := len(entries); n == 0 || entries[n-1].Version < moved.End.Version {
		return f.readOn(f.life)
	}
	return nil
}
