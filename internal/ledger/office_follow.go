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
	// checkEvery is how often the node's own last entry is looked at even when
	// everything that is new is its own.
	checkEvery = 2 * time.Second
	// witnessWithin is how long after a break a client's word is believed that it
	// has seen more than the log holds; they come back within seconds.
	witnessWithin = 10 * time.Minute
)

// follow keeps the settled state at the log's end. The store's tail is only
// the bell: what is folded is read from the node's own last entry on, that
// entry included, so that nothing is ever folded behind a position that the
// log has lost.
func (f *Office) follow() {
	var checked time.Time
	backoff := leastBackoff
	for f.life.Err() == nil {
		at, _ := f.Confirmed()
		rung, err := f.offices.log.Tail(f.life, f.id, at.Version, 1)
		if err == nil && len(rung) == 1 && time.Since(checked) < checkEvery {
			if at, _ := f.Confirmed(); at.Version >= rung[0].Version {
				continue // our own, settled meanwhile
			}
		}
		if err == nil {
			checked = time.Now()
			err = f.readOn(f.life)
		}
		if f.life.Err() != nil || errors.Is(err, ErrReadOnly) {
			return
		}
		f.trouble.Store(&err)
		if err == nil {
			backoff = leastBackoff
			continue
		}
		f.mu.Lock()
		f.looking, f.witnessed = time.Now(), false
		f.mu.Unlock()
		f.complain(backoff, "follow the log", err)
		if !pause(f.life, backoff/2+rand.N(backoff)) {
			return
		}
		backoff = min(2*backoff, mostBackoff)
		checked = time.Time{}
	}
}

// readOn folds the log to its end. If the log has lost the node's own last
// entry, the office is loaded anew.
func (f *Office) readOn(ctx context.Context) error {
	for {
		f.mu.RLock()
		at, readOnly := f.at, f.readOnly
		f.mu.RUnlock()
		if readOnly != nil {
			return readOnly
		}
		asked := f.offices.Now()
		entries, err := f.offices.log.Read(ctx, f.id, at.Version, readChunk)
		if err != nil {
			return err
		}
		f.offices.heard(nil)
		if len(entries) == 0 || entries[0].Position() != at {
			return f.reload(at)
		}
		last := entries[len(entries)-1].Position()
		known, _ := f.Confirmed() // the writer may have settled some meanwhile
		from := min(max(int(known.Version-at.Version), 0), len(entries)-1)
		err = f.fold(entries[from].Position(), decodeAll(entries[from+1:]))
		if errors.Is(err, errFlying) {
			if err := f.landing(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil && !errors.Is(err, errGap) {
			return err
		}
		if len(entries) < readChunk {
			f.confirm(last, asked)
			return nil
		}
	}
}

// landing waits until the batch in flight, if there is one, has landed or was
// refused.
func (f *Office) landing(ctx context.Context) error {
	f.mu.RLock()
	b := f.flight
	f.mu.RUnlock()
	if b == nil {
		return nil
	}
	select {
	case <-b.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reload loads the office anew because the log has lost the position that this
// node was at, and begins an epoch unless another node has: what was shown of
// the old one may not be true any more.
func (f *Office) reload(lost Position) error {
	f.reloading.Lock()
	defer f.reloading.Unlock()
	if at, _ := f.Confirmed(); at != lost {
		return nil // somebody was faster
	}
	f.offices.metrics.reloads.Inc()
	f.log.Error("the log has lost entries; loading the office anew", "version", lost.Version)
	for {
		asked := f.offices.Now()
		p, err := f.history.load(f.life)
		if err != nil {
			return fmt.Errorf("load %s anew: %w", f.id, err)
		}
		if p.end.Version == 0 {
			return fmt.Errorf("the log of %s is gone", f.id)
		}
		if p.err == nil && !f.isNew(p.state) {
			begun, err := f.beginEpoch(&p)
			if err != nil {
				return err
			}
			if !begun {
				continue // the log has moved
			}
		}
		f.replace(p, asked)
		return nil
	}
}

// isNew reports whether the log's epoch began since the node saw its last
// event. One that it does not know need not be new: it may be over since before
// the office woke here, and the log back in it.
func (f *Office) isNew(found *queue.State) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return !f.epochs[found.Epoch] && !found.EpochAt.Before(f.settled.At)
}

// beginEpoch appends a new epoch behind a state. It reports false when the log
// has moved.
func (f *Office) beginEpoch(p *past) (bool, error) {
	p.state.Begin()
	events, err := queue.Decide(p.state, queue.Command{
		Ask: queue.BeginEpoch{Epoch: random(), Found: p.state.Epoch, Why: "the log lost entries"},
		By:  queue.Actor{Name: system},
		ID:  random(),
	}, f.offices.Now())
	p.state.Keep()
	if err != nil {
		return false, err
	}
	data, err := encodeAll(events)
	if err != nil {
		return false, err
	}
	tag := random()
	ctx, cancel := context.WithTimeout(f.life, appendWithin)
	defer cancel()
	err = f.offices.log.Append(ctx, f.id, p.end, tag, data)
	if moved := (*Moved)(nil); errors.As(err, &moved) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("begin an epoch: %w", err)
	}
	p.end = Position{p.end.Version + uint64(len(data)), tag}
	return true, nil
}

// replace settles a state that was loaded.
func (f *Office) replace(p past, asked time.Time) {
	f.mu.Lock()
	f.settled, f.at, f.confirmed = p.state, p.end, asked
	f.missed, f.marks = nil, p.marks
	f.generation++
	f.epochs[p.state.Epoch] = true
	if p.err != nil {
		f.readOnly = fmt.Errorf("%w: %w", ErrReadOnly, p.err)
	}
	f.mu.Unlock()
	f.offices.o.OnChange(f.id)
}

// CatchUp brings the office to what a client has seen: an epoch and a version
// beyond ours. It reads on; if the log lacks the version, the client is the
// witness of a loss, and a new epoch begins.
//
// Anybody can say to have seen any version. But a node that has followed the log
// without a break knows what it held: only what was lost while this node was not
// looking, before it woke or while its store did not answer, can a client know
// better. So a witness is believed only for a while after such a break, and one
// of them is enough.
func (f *Office) CatchUp(ctx context.Context, epoch string, version uint64) error {
	f.mu.RLock()
	known := f.settled.Epoch == epoch && f.settled.Version >= version || f.settled.Epoch != epoch && f.epochs[epoch]
	f.mu.RUnlock()
	if known {
		return nil
	}
	if err := f.readOn(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	f.mu.RLock()
	lost := f.settled.Epoch == epoch && f.settled.Version < version
	broke, believed := f.looking, !f.witnessed && time.Since(f.looking) < witnessWithin
	f.mu.RUnlock()
	if !lost {
		return nil // of another epoch, the client is given everything anew
	}
	if !believed {
		f.log.Warn("a client says to have seen what the log never held", "version", version)
		return nil
	}
	err := f.Do(ctx, queue.Command{
		Ask: queue.BeginEpoch{Epoch: random(), Found: epoch, Why: "a client had seen more"},
		By:  queue.Actor{Name: system},
		ID:  random(),
	}, nil)
	if err == nil {
		f.mu.Lock()
		f.witnessed = f.witnessed || f.looking.Equal(broke)
		f.mu.Unlock()
	}
	return err
}

// maintain forgets old answers now and then, and keeps snapshots while this
// node has the office's duty.
func (f *Office) maintain() {
	for pause(f.life, keepEvery) {
		now := f.offices.Now()
		f.mu.Lock()
		f.settled.Prune(now)
		f.mu.Unlock()
		duty, err := f.offices.Duty(f.life, f.id)
		if err == nil && duty {
			err = f.keep(f.life, now)
		}
		if err != nil && f.life.Err() == nil {
			f.log.Warn("keep a snapshot", "error", err)
		}
	}
}

// keep writes a snapshot if it is time to.
func (f *Office) keep(ctx context.Context, now time.Time) error {
	f.mu.RLock()
	early := f.settled.Version < f.kept.version+snapshotEvents || f.settled.At.Sub(f.kept.at) < snapshotEvery
	if early || f.readOnly != nil {
		f.mu.RUnlock()
		return nil
	}
	p := past{state: f.settled.Clone(), end: f.at}
	f.mu.RUnlock()
	p.state.Prune(now)
	last, err := f.history.keep(ctx, p, now)
	if err == nil && last.state != nil {
		f.mu.Lock()
		f.kept.version, f.kept.at = last.end.Version, last.state.At
		f.mu.Unlock()
	}
	return err
}
