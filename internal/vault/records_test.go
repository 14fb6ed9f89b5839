package vault

import (
	"bytes"
	"context"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/ledger"
)

// memory is ledger.Records in a map, on the test's clock.
type memory struct {
	mu      sync.Mutex
	now     func() time.Time
	records map[string]ledger.Record
}

func newMemory(t *testing.T, now func() time.Time) *memory {
	t.Helper()
	return &memory{now: now, records: map[string]ledger.Record{}}
}

func (m *memory) get(key string) ([]byte, bool) {
	record, ok := m.records[key]
	if !ok || !record.Expires.IsZero() && !m.now().Before(record.Expires) {
		return nil, false
	}
	return record.Value, true
}

func (m *memory) put(key string, value []byte, ttl time.Duration) {
	record := ledger.Record{Key: key, Value: bytes.Clone(value)}
	if ttl > 0 {
		record.Expires = m.now().Add(ttl)
	}
	m.records[key] = record
}

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.get(key)
	if !ok {
		return nil, ledger.ErrAbsent
	}
	return value, nil
}

func (m *memory) Put(_ context.Context, key string, value []byte, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, value, ttl)
	return nil
}

func (m *memory) Replace(_ context.Context, key string, old, value []byte, ttl time.Duration) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held, ok := m.get(key)
	if ok != (old != nil) || !bytes.Equal(held, old) {
		return held, nil
	}
	m.put(key, value, ttl)
	return value, nil
}

func (m *memory) Delete(_ context.Context, keys ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range keys {
		delete(m.records, key)
	}
	return nil
}

func (m *memory) List(_ context.Context, prefix, after string, limit int) ([]ledger.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []ledger.Record
	for key, record := range m.records {
		if _, ok := m.get(key); ok && strings.HasPrefix(key, prefix) && key > after {
			found = append(found, record)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Key < found[j].Key })
	return found[:min(limit, len(found))], nil
}
