package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"

	"antrean/internal/queue"
)

// Report is what verifying an office found.
type Report struct {
	Office    string
	From      uint64 // version of the snapshot that folding began at; 0: the log's first entry
	Version   uint64 // of the last event folded
	Compared  []uint64
	Violation string // the first one; "": all is well
}

// OK reports whether nothing is wrong.
func (r Report) OK() bool { return r.Violation == "" }

// Verify folds an office from its older snapshot, or from the first entry of
// log and archive, compares every newer snapshot with the fold and checks on
// the way what must always hold. The error is the store's; what is wrong with
// the office is in the report.
func Verify(ctx context.Context, log Log, records Records, archive, office string) (Report, error) {
	return history{log, records, archive, office, new(bookmarks)}.verify(ctx, past{})
}

// Verify also compares the state that this node shows, if the office is awake.
func (o *Offices) Verify(ctx context.Context, office string) (Report, error) {
	o.mu.Lock()
	f := o.awake[office]
	o.mu.Unlock()
	var live past
	if f != nil {
		select {
		case <-f.loaded:
		case <-ctx.Done():
			return Report{}, ctx.Err()
		}
		if f.failed == nil {
			f.mu.RLock()
			live = past{state: f.settled.Clone(), end: f.at}
			f.mu.RUnlock()
		}
	}
	return o.history(office).verify(ctx, live)
}

func (h history) verify(ctx context.Context, live past) (Report, error) {
	all, _, err := h.ours(ctx)
	if err != nil {
		return Report{}, err
	}
	p := past{state: queue.NewState(h.office)}
	if n := len(all); n >= snapshotsKept {
		p, all = all[n-1], all[:n-1]
	}
	compare := make(map[uint64]past, len(all)+1)
	for _, s := range all {
		compare[s.end.Version] = s
	}
	r := Report{Office: h.office, From: p.end.Version}
	err = h.each(ctx, p.end.Version, ^uint64(0), func(e folded) error {
		r.Version = e.Version
		if r.Violation = step(p.state, e); r.Violation != "" {
			return errStop
		}
		p.end = e.Position
		if e.Version%wholeEvery == 0 {
			r.Violation = checkState(p.state)
		}
		for _, other := range []past{compare[e.Version], live} {
			if r.Violation != "" || other.state == nil || other.end.Version != e.Version {
				continue
			}
			r.Compared = append(r.Compared, e.Version)
			r.Violation = differ(p, other)
		}
		if r.Violation != "" {
			return errStop
		}
		return nil
	})
	switch {
	case errors.Is(err, errStop):
		return r, nil
	case isGap(err):
		r.Violation = err.Error()
		return r, nil
	case err != nil:
		return r, err
	}
	if r.Version == 0 {
		r.Version = p.end.Version
	}
	r.Violation = checkState(p.state)
	if r.Violation == "" && live.end.Version > r.Version {
		r.Violation = fmt.Sprintf("this node shows version %d, the log ends at %d", live.end.Version, r.Version)
	}
	return r, nil
}

// differ names the first difference of a fold from what claims to be the same.
func differ(p, other past) string {
	if p.end != other.end {
		return fmt.Sprintf("version %d is of batch %s in the log, of %s in the state compared", p.end.Version, p.end.Tag, other.end.Tag)
	}
	a := p.state.Clone()
	maps.DeleteFunc(a.Answered, func(key string, _ queue.Answer) bool {
		_, kept := other.state.Answered[key]
		return !kept // forgotten by its age, which depends on when it was asked
	})
	was, err := a.Snapshot()
	if err != nil {
		return err.Error()
	}
	is, err := other.state.Snapshot()
	if err != nil {
		return err.Error()
	}
	if bytes.Equal(was, is) {
		return ""
	}
	return fmt.Sprintf("at version %d the fold and the state compared differ: %s", p.end.Version, firstDifference(was, is))
}

// firstDifference shows where two JSON texts part.
func firstDifference(a, b []byte) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s []byte) []byte { return s[max(0, min(i-60, len(s))):min(i+60, len(s))] }
	return fmt.Sprintf("%q, %q", cut(a), cut(b))
}
