package notifier

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"antrean/internal/ledger"
)

const (
	readChunk = 500
	// A snapshot is written when so many lines came since the last.
	snapshotLines = 2000
	// keptLines is how long lines stay: an administrator looks up in them what
	// somebody was told.
	keptLines = 30 * 24 * time.Hour
	// again is the pause before a line whose outcome is unknown is repeated.
	again = 200 * time.Millisecond
)

// journal is a node's hold on an office's notice log: the fold of what it has
// read and where that ends. One goroutine owns it.
type journal struct {
	log     ledger.Log
	records ledger.Records
	office  string

	book  *book
	end   ledger.Position
	fresh int // lines since the newest snapshot
}

func snapshotKey(office string, version uint64) string {
	return fmt.Sprintf("notices/%s/%020d", office, version)
}

// load folds the log from its newest snapshot.
func (j *journal) load(ctx context.Context) error {
	j.book, j.end, j.fresh = newBook(), ledger.Position{}, 0
	kept, err := j.records.List(ctx, "notices/"+j.office+"/", "", 100)
	if err != nil {
		return fmt.Errorf("load notices of %s: %w", j.office, err)
	}
	for i := len(kept) - 1; i >= 0; i-- {
		b, at, err := restore(kept[i].Value)
		if err != nil {
			continue // a newer release wrote it; an older one may do
		}
		found, err := j.log.Read(ctx, logOf(j.office), at.Version, 1)
		if err != nil {
			return fmt.Errorf("load notices of %s: %w", j.office, err)
		}
		if len(found) == 1 && found[0].Position() == at {
			j.book, j.end = b, at
			break
		}
	}
	return j.catchUp(ctx)
}

// catchUp folds what others have written.
func (j *journal) catchUp(ctx context.Context) error {
	for {
		lines, err := j.log.Read(ctx, logOf(j.office), j.end.Version+1, readChunk)
		if err != nil {
			return fmt.Errorf("read notices of %s: %w", j.office, err)
		}
		if err := j.fold(lines); err != nil || len(lines) < readChunk {
			return err
		}
	}
}

// errLost says that the notice log is not the one that was folded.
var errLost = errors.New("the notice log is another one")

// fold brings lines in that follow the end.
func (j *journal) fold(lines []ledger.Entry) error {
	for _, l := range lines {
		if l.Version != j.end.Version+1 && j.end.Version > 0 {
			return fmt.Errorf("notices of %s go from %d to %d: %w", j.office, j.end.Version, l.Version, errLost)
		}
		if err := j.book.apply(l.Data); err != nil {
			return fmt.Errorf("notices of %s at %d: %w", j.office, l.Version, err)
		}
		j.end = l.Position()
		j.fresh++
	}
	return nil
}

// write appends a line if nobody has written since; landed says whether it
// did. Either way the book is then at the log's end. While the outcome is
// unknown the same line is repeated, and it knows itself by its tag.
func (j *journal) write(ctx context.Context, l line) (landed bool, err error) {
	l.Schema = lineSchema
	data, err := json.Marshal(l)
	if err != nil {
		return false, fmt.Errorf("write notices of %s: %w", j.office, err)
	}
	tag := rand.Text()[:12]
	for {
		err := j.log.Append(ctx, logOf(j.office), j.end, tag, [][]byte{data})
		if err == nil {
			return true, j.fold([]ledger.Entry{{Version: j.end.Version + 1, Tag: tag, Data: data}})
		}
		if moved := (*ledger.Moved)(nil); errors.As(err, &moved) {
			return j.moved(ctx, moved, tag)
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("write notices of %s: %w", j.office, err)
		case <-time.After(again):
		}
	}
}

// moved folds what stands where the line was to stand.
func (j *journal) moved(ctx context.Context, m *ledger.Moved, tag string) (landed bool, err error) {
	lines := m.Entries
	if j.end.Version > 0 {
		if len(lines) == 0 || lines[0].Position() != j.end {
			return false, fmt.Errorf("notices of %s at %d: %w", j.office, j.end.Version, errLost)
		}
		lines = lines[1:]
	}
	for _, l := range lines {
		landed = landed || l.Tag == tag
	}
	if err := j.fold(lines); err != nil {
		return landed, err
	}
	return landed, j.catchUp(ctx)
}

// keep writes a snapshot when one is due, and trims what is long past: lines
// older than a month that lie behind the older of two snapshots.
func (j *journal) keep(ctx context.Context) error {
	if j.fresh < snapshotLines {
		return nil
	}
	data, err := j.book.snapshot(j.end)
	if err != nil {
		return fmt.Errorf("keep notices of %s: %w", j.office, err)
	}
	if err := j.records.Put(ctx, snapshotKey(j.office, j.end.Version), data, 0); err != nil {
		return fmt.Errorf("keep notices of %s: %w", j.office, err)
	}
	j.fresh = 0
	j.book.forget()
	older, err := j.older(ctx)
	if err != nil || older == 0 {
		return err
	}
	return j.trim(ctx, older, j.book.At.Add(-keptLines))
}

// older is the version of the older of the two newest snapshots, 0 if there is
// one only. It deletes the rest, and those beyond the log's end, which are of a
// log that was lost.
func (j *journal) older(ctx context.Context) (uint64, error) {
	kept, err := j.records.List(ctx, "notices/"+j.office+"/", "", 100)
	if err != nil {
		return 0, fmt.Errorf("keep notices of %s: %w", j.office, err)
	}
	var versions []uint64
	for i := len(kept) - 1; i >= 0; i-- {
		_, at, err := restore(kept[i].Value)
		if err == nil && at.Version <= j.end.Version && len(versions) < 2 {
			versions = append(versions, at.Version)
			continue
		}
		if err := j.records.Delete(ctx, kept[i].Key); err != nil {
			return 0, fmt.Errorf("keep notices of %s: %w", j.office, err)
		}
	}
	if len(versions) < 2 {
		return 0, nil
	}
	return versions[1], nil
}

// trim drops lines before a version that are older than a time.
func (j *journal) trim(ctx context.Context, version uint64, oldest time.Time) error {
	next := uint64(0)
	for {
		lines, err := j.log.Read(ctx, logOf(j.office), next, readChunk)
		if err != nil {
			return fmt.Errorf("trim notices of %s: %w", j.office, err)
		}
		for _, l := range lines {
			var old line
			if err := json.Unmarshal(l.Data, &old); err != nil || !old.At.Before(oldest) || l.Version >= version {
				return j.log.Trim(ctx, logOf(j.office), l.Version)
			}
			next = l.Version + 1
		}
		if len(lines) == 0 {
			return nil
		}
	}
}
