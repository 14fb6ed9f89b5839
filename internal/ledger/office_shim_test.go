package ledger

import (
	"context"
	"errors"
	"sync"
	"testing"

	"antrean/internal/queue"
)

var errLost = errors.New("the answer was lost")

// shim stands between an office and its store and does to it what networks do.
type shim struct {
	Log
	mu     sync.Mutex
	append func(send func() error) error // nil: sends
	deaf   chan struct{}                 // while set and open, reads and tails wait
}

func (s *shim) set(append func(send func() error) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.append = append
}

// deafen makes the node hear nothing of others until the test ends it.
func (s *shim) deafen() (hear func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = make(chan struct{})
	return sync.OnceFunc(func() { close(s.deaf) })
}

func (s *shim) Append(ctx context.Context, office string, end Position, tag string, batch [][]byte) error {
	send := func() error { return s.Log.Append(context.WithoutCancel(ctx), office, end, tag, batch) }
	s.mu.Lock()
	hook := s.append
	s.mu.Unlock()
	if hook == nil {
		return send()
	}
	return hook(send)
}

func (s *shim) listen(ctx context.Context) error {
	s.mu.Lock()
	deaf := s.deaf
	s.mu.Unlock()
	if deaf == nil {
		return nil
	}
	select {
	case <-deaf:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *shim) Read(ctx context.Context, office string, from uint64, limit int) ([]Entry, error) {
	if err := s.listen(ctx); err != nil {
		return nil, err
	}
	return s.Log.Read(ctx, office, from, limit)
}

func (s *shim) Tail(ctx context.Context, office string, after uint64, limit int) ([]Entry, error) {
	if err := s.listen(ctx); err != nil {
		return nil, err
	}
	entries, err := s.Log.Tail(ctx, office, after, limit)
	if err := s.listen(ctx); err != nil {
		return nil, err
	}
	return entries, err
}

// once runs hook for the first append and lets the others through.
func once(hook func(send func() error) error) func(send func() error) error {
	var done sync.Once
	return func(send func() error) (err error) {
		first := false
		done.Do(func() { first, err = true, hook(send) })
		if first {
			return err
		}
		return send()
	}
}

// wholeLog reads what the store holds.
func wholeLog(t testing.TB, log Log, office string) []Entry {
	t.Helper()
	var all []Entry
	for {
		entries, err := log.Read(context.Background(), office, uint64(len(all)+1), 1000)
		must(t, err)
		if len(entries) == 0 {
			return all
		}
		for _, e := range entries {
			if e.Version != uint64(len(all)+1) {
				t.Fatalf("version %d follows %d", e.Version, len(all))
			}
			all = append(all, e)
		}
	}
}

// types are the events of a log by name.
func types(t testing.TB, entries []Entry) []string {
	t.Helper()
	var all []string
	for _, e := range decodeAll(entries) {
		must(t, e.err)
		all = append(all, e.event.Type())
	}
	return all
}

func count[T comparable](all []T, v T) int {
	n := 0
	for _, a := range all {
		if a == v {
			n++
		}
	}
	return n
}

// text is a state as a snapshot holds it.
func text(t testing.TB, s *queue.State) string {
	t.Helper()
	data, err := s.Snapshot()
	must(t, err)
	return string(data)
}

func settledText(t testing.TB, f *Office) (out string) {
	t.Helper()
	f.Read(func(s *queue.State) { out = text(t, s) })
	return out
}

func version(f *Office) uint64 {
	at, _ := f.Confirmed()
	return at.Version
}

func epoch(f *Office) (e string) {
	f.Read(func(s *queue.State) { e = s.Epoch })
	return e
}

// sameAsLog checks that what the node shows is the fold of what the store holds.
func sameAsLog(t testing.TB, f *Office, log Log) {
	t.Helper()
	s := queue.NewState(f.ID())
	for _, e := range decodeAll(wholeLog(t, log, f.ID())) {
		must(t, apply(s, e))
	}
	if got, want := settledText(t, f), text(t, s); got != want {
		t.Errorf("the node shows something else than the log: %s", firstDifference([]byte(want), []byte(got)))
	}
}
