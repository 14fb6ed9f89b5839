package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"antrean/internal/queue"
)

const (
	// A snapshot is written when both passed since the one before. A day, so
	// that every idempotency key that is still remembered lies behind the older
	// of the two that are kept.
	snapshotEvery  = queue.AnswersKept
	snapshotEvents = 1000
	// snapshotsKept are the newer, which offices are loaded from, and the
	// older, which verifies it.
	snapshotsKept = 2
)

// errUnreadable says that a snapshot is there but not understood.
var errUnreadable = errors.New("the snapshot cannot be read")

// snapshot is a state as a record holds it, under snapshot/<office>/<version>.
type snapshot struct {
	Version uint64          `json:"version"`
	Tag     string          `json:"tag"`
	State   json.RawMessage `json:"state"`
}

func snapshotPrefix(office string) string { return "snapshot/" + office + "/" }

func snapshotKey(office string, version uint64) string {
	return snapshotPrefix(office) + fmt.Sprintf("%020d", version)
}

// snapshots are the versions of the snapshots that there are, newest first.
func (h history) snapshots(ctx context.Context) ([]uint64, error) {
	records, err := h.records.List(ctx, snapshotPrefix(h.office), "", 100)
	if err != nil {
		return nil, err
	}
	versions := make([]uint64, 0, len(records))
	for i := len(records) - 1; i >= 0; i-- {
		name := strings.TrimPrefix(records[i].Key, snapshotPrefix(h.office))
		version, err := strconv.ParseUint(name, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("record %s is no snapshot's", records[i].Key)
		}
		versions = append(versions, version)
	}
	return versions, nil
}

// snapshot reads a snapshot. The error wraps errUnreadable when its content is
// to blame.
func (h history) snapshot(ctx context.Context, version uint64) (past, error) {
	value, err := h.records.Get(ctx, snapshotKey(h.office, version))
	if errors.Is(err, ErrAbsent) {
		return past{}, fmt.Errorf("snapshot of %s at %d: %w", h.office, version, errUnreadable)
	}
	if err != nil {
		return past{}, err
	}
	var s snapshot
	if err := json.Unmarshal(value, &s); err != nil {
		return past{}, fmt.Errorf("snapshot of %s at %d: %w: %w", h.office, version, errUnreadable, err)
	}
	state, err := queue.Restore(s.State)
	if err != nil {
		return past{}, fmt.Errorf("snapshot of %s at %d: %w: %w", h.office, version, errUnreadable, err)
	}
	if state.Version != version || s.Version != version {
		return past{}, fmt.Errorf("snapshot of %s at %d holds version %d: %w", h.office, version, state.Version, errUnreadable)
	}
	return past{state: state, end: Position{s.Version, s.Tag}}, nil
}

// write keeps a state as a snapshot, unless one of that version is there.
func (h history) write(ctx context.Context, p past) error {
	state, err := p.state.Snapshot()
	if err != nil {
		return err
	}
	value, err := json.Marshal(snapshot{p.end.Version, p.end.Tag, state})
	if err != nil {
		return err
	}
	_, err = h.records.Replace(ctx, snapshotKey(h.office, p.end.Version), nil, value, 0)
	return err
}

// keep writes a snapshot when it is time to, lets go what lies behind the older
// of the two newest, and returns the newest, if there is one. It does nothing
// when another node has just done it.
func (h history) keep(ctx context.Context, p past, now time.Time) (last past, err error) {
	all, foreign, err := h.ours(ctx)
	if err != nil {
		return past{}, err
	}
	if err := h.records.Delete(ctx, foreign...); err != nil {
		return past{}, err
	}
	due := len(all) == 0 && p.end.Version >= snapshotEvents ||
		len(all) > 0 && p.end.Version >= all[0].end.Version+snapshotEvents && p.state.At.Sub(all[0].state.At) >= snapshotEvery
	if due {
		if err := h.write(ctx, p); err != nil {
			return past{}, err
		}
		all = append([]past{p}, all...)
	}
	if len(all) == 0 {
		return past{}, nil
	}
	return all[0], h.forget(ctx, all, now)
}

// ours are the readable snapshots that the log holds, newest first, and the
// keys of those that it contradicts: they are of a history that was lost. One
// that lies beyond the log's end is neither.
func (h history) ours(ctx context.Context) (all []past, foreign []string, err error) {
	versions, err := h.snapshots(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, version := range versions {
		p, err := h.snapshot(ctx, version)
		if errors.Is(err, errUnreadable) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		found, err := h.log.Read(ctx, h.office, version, 1)
		switch {
		case err != nil:
			return nil, nil, err
		case len(found) == 1 && found[0].Position() == p.end:
			all = append(all, p)
		case len(found) == 1:
			foreign = append(foreign, snapshotKey(h.office, version))
		}
	}
	return all, foreign, nil
}

// forget drops snapshots beyond the two newest, and archives and trims the
// entries that lie behind the older. The entries at both stay: they prove that
// the snapshots belong to the log.
func (h history) forget(ctx context.Context, all []past, now time.Time) error {
	if len(all) < snapshotsKept {
		return nil
	}
	for _, p := range all[snapshotsKept:] {
		if err := h.records.Delete(ctx, snapshotKey(h.office, p.end.Version)); err != nil {
			return err
		}
	}
	older := all[snapshotsKept-1]
	keep := older.state.Config.Retention.Log.D()
	if h.archive == "" {
		return h.trimBefore(ctx, older.end.Version, now.Add(-keep))
	}
	if err := h.archiveBefore(ctx, older.end.Version); err != nil {
		return fmt.Errorf("archive %s: %w", h.office, err)
	}
	if err := h.log.Trim(ctx, h.office, older.end.Version); err != nil {
		return err
	}
	return expireArchive(h.archive, h.office, now.Add(-keep))
}

// trimBefore trims what is older than the retention, and nothing from the
// given version on.
func (h history) trimBefore(ctx context.Context, version uint64, oldest time.Time) error {
	before := uint64(0)
	for {
		entries, err := h.log.Read(ctx, h.office, before, readChunk)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if at, err := eventTime(e.Data); err != nil || !at.Before(oldest) || e.Version >= version {
				return h.log.Trim(ctx, h.office, before)
			}
			before = e.Version + 1
		}
		if len(entries) == 0 {
			return nil
		}
	}
}

// eventTime reads when an event happened, whatever release wrote it.
func eventTime(data []byte) (time.Time, error) {
	var e struct {
		At time.Time `json:"at"`
	}
	err := json.Unmarshal(data, &e)
	return e.At, err
}
