package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// removedTogether is how many entries or records one commit of a trim or a sweep
// removes: others wait for it.
const removedTogether = 1000

var _ Records = (*Embedded)(nil)

// Get implements Records.
func (e *Embedded) Get(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	err := e.view(ctx, func(tx *bbolt.Tx) {
		if r, ok := recordIn(tx, key, time.Now()); ok {
			value = append([]byte{}, r.Value...)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("get a %s record: %w", kind(key), err)
	}
	if value == nil {
		return nil, ErrAbsent
	}
	return value, nil
}

// GetAll implements Records.
func (e *Embedded) GetAll(ctx context.Context, keys ...string) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	values := make([][]byte, len(keys))
	err := e.view(ctx, func(tx *bbolt.Tx) {
		now := time.Now()
		for i, key := range keys {
			if r, ok := recordIn(tx, key, now); ok {
				values[i] = append([]byte{}, r.Value...)
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("get %d %s records: %w", len(keys), kind(keys[0]), err)
	}
	return values, nil
}

// Put implements Records.
func (e *Embedded) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := e.write(ctx, key, value, ttl, func(*Record) bool { return true })
	return err
}

// Replace implements Records.
func (e *Embedded) Replace(ctx context.Context, key string, old, value []byte, ttl time.Duration) ([]byte, error) {
	return e.write(ctx, key, value, ttl, func(held *Record) bool {
		if held == nil {
			return old == nil
		}
		return old != nil && bytes.Equal(held.Value, old)
	})
}

// write writes the record if what is held (nil: nothing) may go, and returns
// what is held afterwards.
func (e *Embedded) write(ctx context.Context, key string, value []byte, ttl time.Duration, may func(held *Record) bool) ([]byte, error) {
	ms, err := lifetime(ttl)
	if err != nil {
		return nil, err
	}
	var after []byte
	err = e.commit(ctx, func(tx *bbolt.Tx) (bool, error) {
		now := time.Now()
		after = nil
		held, ok := recordIn(tx, key, now)
		if !ok && !may(nil) {
			return false, nil
		}
		if ok && !may(&held) {
			after = append([]byte{}, held.Value...)
			return false, nil
		}
		var expires uint64
		if ms > 0 {
			expires = uint64(now.UnixMilli() + ms)
		}
		after = append([]byte{}, value...)
		stored := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(value)), expires)
		return true, tx.Bucket([]byte(recordsBucket)).Put([]byte(key), append(stored, value...))
	})
	if err != nil {
		return nil, fmt.Errorf("write a %s record: %w", kind(key), err)
	}
	return after, nil
}

// Delete implements Records.
func (e *Embedded) Delete(ctx context.Context, keys ...string) error {
	err := e.commit(ctx, func(tx *bbolt.Tx) (bool, error) {
		for _, key := range keys {
			if err := tx.Bucket([]byte(recordsBucket)).Delete([]byte(key)); err != nil {
				return false, err
			}
		}
		return len(keys) > 0, nil
	})
	if err != nil {
		return fmt.Errorf("remove records: %w", err)
	}
	return nil
}

// List implements Records.
func (e *Embedded) List(ctx context.Context, prefix, after string, limit int) ([]Record, error) {
	var records []Record
	err := e.view(ctx, func(tx *bbolt.Tx) { records = listIn(tx, prefix, after, limit, time.Now()) })
	if err != nil {
		return nil, fmt.Errorf("list %s records: %w", kind(prefix), err)
	}
	return records, nil
}

// listIn copies out what List returns.
func listIn(tx *bbolt.Tx, prefix, after string, limit int, now time.Time) []Record {
	var records []Record
	c := tx.Bucket([]byte(recordsBucket)).Cursor()
	k, v := c.Seek([]byte(max(prefix, after)))
	if after != "" && string(k) == after {
		k, v = c.Next()
	}
	for ; k != nil && bytes.HasPrefix(k, []byte(prefix)) && len(records) < limit; k, v = c.Next() {
		if r, ok := openRecord(k, v, now); ok {
			r.Value = append([]byte{}, r.Value...)
			records = append(records, r)
		}
	}
	return records
}

// Sweep removes expired records from the file. Nobody sees them anyway; it
// gives their room back and forgets what was to be forgotten. Now and then is
// enough.
func (e *Embedded) Sweep(ctx context.Context) error {
	for {
		expired, err := e.expired(ctx, removedTogether)
		if err != nil || len(expired) == 0 {
			return err
		}
		err = e.commit(ctx, func(tx *bbolt.Tx) (bool, error) {
			now := time.Now()
			for _, key := range expired {
				if _, ok := recordIn(tx, key, now); ok {
					continue // written anew since
				}
				if err := tx.Bucket([]byte(recordsBucket)).Delete([]byte(key)); err != nil {
					return false, err
				}
			}
			return true, nil
		})
		if err != nil {
			return fmt.Errorf("sweep expired records: %w", err)
		}
	}
}

// expired finds at most limit expired records.
func (e *Embedded) expired(ctx context.Context, limit int) ([]string, error) {
	var keys []string
	err := e.view(ctx, func(tx *bbolt.Tx) {
		now := time.Now()
		c := tx.Bucket([]byte(recordsBucket)).Cursor()
		for k, v := c.First(); k != nil && len(keys) < limit; k, v = c.Next() {
			if _, ok := openRecord(k, v, now); !ok {
				keys = append(keys, string(k))
			}
		}
	})
	return keys, err
}

// recordIn finds a record that has not expired. Its value is the file's memory
// and valid as long as the transaction.
func recordIn(tx *bbolt.Tx, key string, now time.Time) (Record, bool) {
	v := tx.Bucket([]byte(recordsBucket)).Get([]byte(key))
	if v == nil {
		return Record{}, false
	}
	return openRecord([]byte(key), v, now)
}

func openRecord(k, v []byte, now time.Time) (Record, bool) {
	r := Record{Key: string(k), Value: v[8:]}
	if ms := int64(binary.BigEndian.Uint64(v)); ms != 0 {
		r.Expires = time.UnixMilli(ms)
		if !r.Expires.After(now) {
			return Record{}, false
		}
	}
	return r, true
}
