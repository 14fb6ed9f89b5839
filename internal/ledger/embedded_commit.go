package ledger

import (
	"context"
	"errors"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// write is one caller's part of a commit.
type write struct {
	apply func(tx *bbolt.Tx) (changed bool, err error)
	err   error         // valid once done is closed
	done  chan struct{} // closed after the commit that holds the write, or its failure
}

// commit makes apply's changes durable. While one caller commits, the others
// gather, and the next one commits for all of them: an fsync costs the same for
// fifty. bbolt's own Batch either delays a lonely caller (10 ms by default) or,
// without delay, gathers nobody.
//
// An error of apply undoes its own changes only. apply may run more than once;
// when nobody's changed anything, nothing is written.
func (e *Embedded) commit(ctx context.Context, apply func(tx *bbolt.Tx) (changed bool, err error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &write{apply: apply, done: make(chan struct{})}
	e.mu.Lock()
	e.waiting = append(e.waiting, w)
	e.mu.Unlock()
	// No look at ctx from here on: a commit takes milliseconds, and a caller who
	// left would not know the outcome.
	select {
	case <-w.done:
		return w.err
	case <-e.turn:
	}
	e.mu.Lock()
	together := e.waiting
	e.waiting = nil
	e.mu.Unlock()
	e.commitTogether(together)
	e.turn <- struct{}{}
	return w.err
}

// commitTogether commits the writes in one transaction; if one of them fails,
// each in its own, so that it fails alone.
func (e *Embedded) commitTogether(writes []*write) {
	err := e.transact(writes...)
	for _, w := range writes {
		w.err = err
		if err != nil && len(writes) > 1 {
			w.err = e.transact(w)
		}
		close(w.done)
	}
}

func (e *Embedded) transact(writes ...*write) error {
	tx, err := e.db.Begin(true)
	if err != nil {
		return closedOr(err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	id := tx.ID()
	worth := false
	for _, w := range writes {
		changed, err := w.apply(tx)
		if err != nil {
			return err
		}
		worth = worth || changed
	}
	if !worth {
		return nil
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	e.durable.Store(int64(id))
	return nil
}

// view reads what is on disk; what read keeps, it copies. bbolt shows a commit
// to readers a moment before its last fsync: whoever meets one of those waits
// for it, for nobody may be shown what a power cut can still take back.
func (e *Embedded) view(ctx context.Context, read func(tx *bbolt.Tx)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := e.db.Begin(false)
	if err != nil {
		return closedOr(err)
	}
	if int64(tx.ID()) > e.durable.Load() {
		if err := tx.Rollback(); err != nil {
			return err
		}
		select {
		case <-e.turn:
		case <-ctx.Done():
			return ctx.Err()
		}
		tx, err = e.db.Begin(false)
		e.turn <- struct{}{}
		if err != nil {
			return closedOr(err)
		}
	}
	defer func() { _ = tx.Rollback() }() // the end of a read cannot fail
	read(tx)
	return nil
}

func closedOr(err error) error {
	if errors.Is(err, bbolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}
