// Package ledger runs an office: it decides commands, appends their events to
// the office's log and folds what the log holds. The log itself, and the small
// records beside it, live in a store; two stores satisfy the same contract:
// Redis and an embedded file.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Position is one place in an office's log: a version and the tag of the batch
// that wrote it. Two histories may share a version but never a position, so a
// node that compares positions notices that the log it knew was lost. The zero
// Position is the beginning of an empty log.
type Position struct {
	Version uint64
	Tag     string
}

// Entry is one event as the log holds it. Versions are gapless, from 1.
type Entry struct {
	Version uint64
	Tag     string
	Data    []byte
}

// Position is where the entry stands.
func (e Entry) Position() Position { return Position{e.Version, e.Tag} }

// Moved refuses an append: the log's end was not the one decided on.
type Moved struct {
	// End is the log's end as the store saw it.
	End Position
	// Entries are those from the refused position's version on (that version
	// included), at most MaxBatch+1: a batch whose first answer was lost finds
	// itself among them.
	Entries []Entry
}

func (m *Moved) Error() string {
	return fmt.Sprintf("the log has moved: it ends at %d (%s)", m.End.Version, m.End.Tag)
}

// MaxBatch is the largest number of entries of one append. Ten thousand entries
// in one script stop Redis for 62 ms, 256 for two.
const MaxBatch = 256

// checkBatch refuses, before anything is sent, what no store takes.
func checkBatch(tag string, batch [][]byte) error {
	if len(batch) > MaxBatch {
		return fmt.Errorf("a batch of %d entries, at most %d are allowed", len(batch), MaxBatch)
	}
	if len(batch) > 0 && tag == "" {
		return errors.New("a batch without a tag could not be told from another")
	}
	return nil
}

// Log is the append-only log of every office in a store.
type Log interface {
	// Append writes the batch behind end, all or nothing and durably, if the
	// log of the office still ends there, and refuses with *Moved otherwise. An
	// empty batch only compares. Any other error leaves the outcome unknown:
	// repeat the same batch with the same tag until it lands or is refused. A
	// batch longer than MaxBatch, or without a tag, is a fault of the caller and
	// is never written.
	Append(ctx context.Context, office string, end Position, tag string, batch [][]byte) error
	// Read returns at most limit entries from version from (included) on, in
	// order; fewer, or none, when the log ends or was trimmed there.
	Read(ctx context.Context, office string, from uint64, limit int) ([]Entry, error)
	// Tail waits until the log holds entries after the given version and
	// returns at most limit of them. It returns none, and no error, when the
	// store's own waiting time (a few seconds) passed.
	Tail(ctx context.Context, office string, after uint64, limit int) ([]Entry, error)
	// Trim drops the entries before the given version, but never the last.
	Trim(ctx context.Context, office string, before uint64) error
	// Now is the store's time.
	Now(ctx context.Context) (time.Time, error)
}

// ErrAbsent says that there is no such record, or no longer.
var ErrAbsent = errors.New("no such record")

// Record is a small value under a key. Keys are slash-separated words
// ("vault/bandung/…"); values are sealed by whoever writes them when they are
// about people.
type Record struct {
	Key     string
	Value   []byte
	Expires time.Time // zero: never
}

// Records keeps small values that may expire. A ttl is rounded up to the
// millisecond; a negative one is a fault of the caller.
type Records interface {
	// Get returns the value under key, or ErrAbsent.
	Get(ctx context.Context, key string) ([]byte, error)
	// GetAll returns the values under keys in their order, nil where there is
	// none, in one round trip.
	GetAll(ctx context.Context, keys ...string) ([][]byte, error)
	// Put writes durably. A ttl of zero keeps the record for ever.
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Replace writes value if the record still holds old (nil: if there is
	// none). It returns what the record holds afterwards: value when it was
	// written, the other's when not, nil when there is none. Claims and leases
	// are made of it.
	Replace(ctx context.Context, key string, old, value []byte, ttl time.Duration) (held []byte, err error)
	// Delete removes records; absent ones are no error.
	Delete(ctx context.Context, keys ...string) error
	// List returns at most limit records under the prefix, in the order of
	// their keys, beginning after the key given ("" for the first).
	List(ctx context.Context, prefix, after string, limit int) ([]Record, error)
}
