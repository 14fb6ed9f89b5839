package ledger

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/bbolt"
)

// Moment is the embedded file as it was when At was called: logs and records
// belong together, whatever is written meanwhile. It is only read, by one
// goroutine, until it is closed. While it is open the file gives no room back:
// close it soon.
type Moment struct {
	tx *bbolt.Tx
	at time.Time
}

var _ Log = (*Moment)(nil)

var errMoment = errors.New("a moment that has passed cannot be written")

// At holds on to what is on disk now.
func (e *Embedded) At(ctx context.Context) (*Moment, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// With the turn nobody commits, so that nothing is seen that is not on disk.
	select {
	case <-e.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	tx, err := e.db.Begin(false)
	e.turn <- struct{}{}
	if err != nil {
		return nil, closedOr(err)
	}
	return &Moment{tx: tx, at: time.Now()}, nil
}

// Close lets the moment go.
func (m *Moment) Close() error { return m.tx.Rollback() }

// Read implements Log.
func (m *Moment) Read(ctx context.Context, office string, from uint64, limit int) ([]Entry, error) {
	return entriesFrom(m.tx.Bucket([]byte(logsBucket)).Bucket([]byte(office)), from, limit), ctx.Err()
}

// List does what Records.List does.
func (m *Moment) List(ctx context.Context, prefix, after string, limit int) ([]Record, error) {
	return listIn(m.tx, prefix, after, limit, m.at), ctx.Err()
}

// Now implements Log.
func (m *Moment) Now(context.Context) (time.Time, error) { return m.at, nil }

// Append implements Log; a moment takes nothing.
func (m *Moment) Append(context.Context, string, Position, string, [][]byte) error { return errMoment }

// Trim implements Log; a moment loses nothing.
func (m *Moment) Trim(context.Context, string, uint64) error { return errMoment }

// Tail implements Log; nothing comes after a moment.
func (m *Moment) Tail(context.Context, string, uint64, int) ([]Entry, error) { return nil, errMoment }
