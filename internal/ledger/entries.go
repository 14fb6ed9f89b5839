package ledger

import (
	"context"

	"antrean/internal/queue"
)

// Entries are at most limit entries of an office after a version, from the log
// or, where that was trimmed, from the archive; fewer only at the end. The
// office need not be awake.
func Entries(ctx context.Context, log Log, archive, office string, after uint64, limit int) ([]Entry, error) {
	return (&Reader{Log: log, Archive: archive}).Entries(ctx, office, after, limit)
}

// Reader reads logs on, a chunk at a time, and where they were trimmed what the
// archive has of them.
type Reader struct {
	Log     Log
	Archive string // directory; "": there is none

	read bookmarks
}

// Entries are at most limit entries of an office after a version; fewer only at
// the end.
func (r *Reader) Entries(ctx context.Context, office string, after uint64, limit int) ([]Entry, error) {
	return history{log: r.Log, archive: r.Archive, office: office, read: &r.read}.entries(ctx, after, limit)
}

// consecutive refuses entries that do not follow each other.
func consecutive(entries []Entry) error {
	for i, e := range entries {
		if e.Version == 0 || i > 0 && e.Version != entries[i-1].Version+1 {
			return errGap
		}
	}
	return nil
}

// State is an office folded to the end of its log, from its newest snapshot.
// The office need not be awake.
func State(ctx context.Context, log Log, records Records, archive, office string) (*queue.State, error) {
	p, err := history{log, records, archive, office, new(bookmarks)}.load(ctx)
	if err == nil && p.state.Config == nil {
		err = ErrNoOffice
	}
	return p.state, err
}
