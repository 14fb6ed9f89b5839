package ledger

import (
	"fmt"
	"time"
)

// missedKept is how many events of others the writer may have before it; a
// fresh copy of the settled state costs about as much as folding those.
const missedKept = 4096

// fold brings durable entries, which stand behind a position of the log, into
// the settled state: the one way in, for the acknowledgement of an own batch
// and for what the tail reads. It passes over old versions, refuses gaps and
// what continues another history (errGap: the office may have been loaded anew
// since they were read), and answers the commands of the batch in flight as
// their events go by, but not before the store has acknowledged it (errFlying):
// what the tail sees first, the replicas may not hold yet. After an entry that
// this release does not understand the office is read-only, as of the version
// before (ErrReadOnly).
func (f *Office) fold(behind Position, entries []folded) error {
	changed, err := f.foldLocked(behind, entries)
	if changed {
		f.offices.o.OnChange(f.id)
	}
	return err
}

func (f *Office) foldLocked(behind Position, entries []folded) (changed bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Time{}
	for _, e := range entries {
		if f.readOnly != nil {
			return changed, f.readOnly
		}
		follows := behind == f.at
		behind = e.Position
		if e.Version <= f.settled.Version {
			continue
		}
		if e.Version != f.settled.Version+1 || !follows {
			return changed, fmt.Errorf("fold %d after %d: %w", e.Version, f.settled.Version, errGap)
		}
		mine := f.flight.wrote(e.Position)
		if mine && !f.flight.acked {
			return changed, errFlying
		}
		if mine {
			f.flight.answer(f.settled) // those decided before its first event
		}
		if err := apply(f.settled, e); err != nil {
			f.halt(e.Version, err)
			return changed, f.readOnly
		}
		f.at = e.Position
		changed = true
		f.epochs[f.settled.Epoch] = true
		if mine {
			f.flight.answer(f.settled)
		} else {
			f.miss(e)
			if now.IsZero() {
				now = f.offices.Now()
			}
			f.offices.metrics.lag.Observe(now.Sub(e.event.At).Seconds())
		}
		f.marks.add(f.settled)
	}
	return changed, nil
}

// halt makes the office read-only on this node. It goes on showing the version
// before; after a panic, which may have left the state half changed, that is
// folded anew.
func (f *Office) halt(version uint64, err error) {
	f.log.Error("the office is read-only on this node", "version", version, "error", err)
	f.readOnly = fmt.Errorf("%w: %w", ErrReadOnly, err)
	if f.settled.Version != version {
		return
	}
	if p, err := f.history.at(f.life, version-1); err == nil {
		f.settled = p.state
	}
}

// miss keeps an event of another node for the writer, if it has a state to
// fold it into.
func (f *Office) miss(e folded) {
	if !f.following {
		return
	}
	if len(f.missed) == missedKept {
		f.missed = nil
		f.generation++ // the writer takes a fresh copy
		return
	}
	f.missed = append(f.missed, e)
}

// confirm notes that the log ended at p at that time.
func (f *Office) confirm(p Position, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at == p && f.confirmed.Before(at) && f.readOnly == nil {
		f.confirmed = at
	}
}

// mark is a copy of the newest state at hand up to a version, if there is one.
func (f *Office) mark(version uint64) (past, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.settled.Version == version {
		return past{state: f.settled.Clone(), end: f.at}, true
	}
	if m := f.marks.before(version); m != nil {
		return past{state: m.Clone(), end: Position{Version: m.Version}}, true
	}
	return past{}, false
}
