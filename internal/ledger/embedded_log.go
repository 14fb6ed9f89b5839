package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"go.etcd.io/bbolt"
)

var _ Log = (*Embedded)(nil)

// Append implements Log.
func (e *Embedded) Append(ctx context.Context, office string, end Position, tag string, batch [][]byte) error {
	err := checkBatch(tag, batch)
	if err == nil && len(tag) > math.MaxUint8 {
		err = errors.New("a tag of more than 255 bytes")
	}
	if err != nil {
		return fmt.Errorf("append to %s: %w", office, err)
	}
	var moved *Moved
	err = e.commit(ctx, func(tx *bbolt.Tx) (bool, error) {
		moved = nil
		log := tx.Bucket([]byte(logsBucket)).Bucket([]byte(office))
		is := endOf(log)
		if is != end {
			moved = &Moved{End: is, Entries: entriesFrom(log, end.Version, MaxBatch+1)}
			return false, nil
		}
		if len(batch) == 0 {
			return false, nil
		}
		if log == nil {
			var err error
			if log, err = tx.Bucket([]byte(logsBucket)).CreateBucket([]byte(office)); err != nil {
				return false, err
			}
		}
		log.FillPercent = 1 // entries only ever come at the end
		for i, data := range batch {
			if err := log.Put(versionKey(end.Version+uint64(i)+1), sealEntry(tag, data)); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("append to %s at %d: %w", office, end.Version, err)
	}
	if moved != nil {
		return moved
	}
	if len(batch) > 0 {
		e.wake(office)
	}
	return nil
}

// Read implements Log.
func (e *Embedded) Read(ctx context.Context, office string, from uint64, limit int) ([]Entry, error) {
	var entries []Entry
	err := e.view(ctx, func(tx *bbolt.Tx) {
		entries = entriesFrom(tx.Bucket([]byte(logsBucket)).Bucket([]byte(office)), from, limit)
	})
	if err != nil {
		return nil, fmt.Errorf("read %s from %d: %w", office, from, err)
	}
	return entries, nil
}

// Tail implements Log. It is woken by Append; nothing is polled.
func (e *Embedded) Tail(ctx context.Context, office string, after uint64, limit int) ([]Entry, error) {
	if limit <= 0 || after == math.MaxUint64 {
		return nil, nil
	}
	idle := time.NewTimer(idleTail)
	defer idle.Stop()
	for {
		// Watched before read: what is appended in between wakes.
		grown := e.watch(office)
		entries, err := e.Read(ctx, office, after+1, limit)
		if err != nil || len(entries) > 0 {
			return entries, err
		}
		select {
		case <-grown:
		case <-idle.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-e.closed:
			return nil, ErrClosed
		}
	}
}

// Trim implements Log.
func (e *Embedded) Trim(ctx context.Context, office string, before uint64) error {
	for dropped := removedTogether; dropped == removedTogether; {
		err := e.commit(ctx, func(tx *bbolt.Tx) (bool, error) {
			dropped = 0
			log := tx.Bucket([]byte(logsBucket)).Bucket([]byte(office))
			if log == nil {
				return false, nil
			}
			// Found first, deleted then: deleting moves bbolt's cursors.
			var old [][]byte
			upto := min(before, endOf(log).Version)
			c := log.Cursor()
			for k, _ := c.First(); k != nil && binary.BigEndian.Uint64(k) < upto && len(old) < removedTogether; k, _ = c.Next() {
				old = append(old, bytes.Clone(k))
			}
			for _, k := range old {
				if err := log.Delete(k); err != nil {
					return false, err
				}
			}
			dropped = len(old)
			return dropped > 0, nil
		})
		if err != nil {
			return fmt.Errorf("trim %s before %d: %w", office, before, err)
		}
	}
	return nil
}

// watch returns a channel that closes when the office's log grows.
func (e *Embedded) watch(office string) <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	ch, ok := e.changed[office]
	if !ok {
		ch = make(chan struct{})
		e.changed[office] = ch
	}
	return ch
}

func (e *Embedded) wake(office string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if ch, ok := e.changed[office]; ok {
		close(ch)
		delete(e.changed, office)
	}
}

// endOf is the position of a log's last entry; log may be nil.
func endOf(log *bbolt.Bucket) Position {
	if log == nil {
		return Position{}
	}
	k, v := log.Cursor().Last()
	if k == nil {
		return Position{}
	}
	return openEntry(k, v).Position()
}

// entriesFrom copies at most limit entries from a version on; log may be nil.
func entriesFrom(log *bbolt.Bucket, from uint64, limit int) []Entry {
	if log == nil {
		return nil
	}
	var entries []Entry
	c := log.Cursor()
	for k, v := c.Seek(versionKey(from)); k != nil && len(entries) < limit; k, v = c.Next() {
		entries = append(entries, openEntry(k, v))
	}
	return entries
}

func versionKey(version uint64) []byte { return binary.BigEndian.AppendUint64(nil, version) }

func sealEntry(tag string, data []byte) []byte {
	v := make([]byte, 0, 1+len(tag)+len(data))
	v = append(v, byte(len(tag)))
	v = append(v, tag...)
	return append(v, data...)
}

// openEntry copies an entry out of the file's memory.
func openEntry(k, v []byte) Entry {
	n := 1 + int(v[0])
	return Entry{
		Version: binary.BigEndian.Uint64(k),
		Tag:     string(v[1:n]),
		Data:    bytes.Clone(v[n:]),
	}
}
