package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

func openEmbedded(t testing.TB, path string) *Embedded {
	t.Helper()
	e, err := OpenEmbedded(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestAFileBelongsToOneServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "antrean.db")
	e := openEmbedded(t, path)
	if _, err := OpenEmbedded(path); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	end := land(t, e, "bandung", Position{}, "a", texts("1"))
	put(t, e, "user/anna", "x", 0)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	again := openEmbedded(t, path)
	expectEntries(t, again, "bandung", entry(1, "a", "1"))
	expectRecord(t, again, "user/anna", "x")
	land(t, again, "bandung", end, "b", texts("2"))
}

func TestAFileThatIsNoStoreIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "antrean.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a store ", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenEmbedded(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v; want an error that names the file", err)
	}
}

func TestABackupIsTheStoreAtOneMoment(t *testing.T) {
	e := openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db"))
	stop := make(chan struct{})
	started := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() { // the server goes on meanwhile
		var end Position
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			tag := fmt.Sprint(n)
			if err := e.Append(t.Context(), "bandung", end, tag, texts("x", "y")); err != nil {
				t.Error(err)
				return
			}
			end = Position{end.Version + 2, tag}
			if n == 10 {
				close(started)
			}
		}
	})
	<-started
	moment, err := e.At(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, err := moment.Read(t.Context(), "bandung", 1, 1<<20)
	if err != nil || len(first) < 20 || len(first)%2 != 0 {
		t.Errorf("the moment holds %d entries, %v", len(first), err)
	}
	put(t, e, "vault/bandung/later", "x", 0) // others write on
	records, err := moment.List(t.Context(), "", "", 10)
	if err != nil || len(records) != 0 {
		t.Errorf("the moment holds %d records that came later, %v", len(records), err)
	}
	if again, err := moment.Read(t.Context(), "bandung", 1, 1<<20); len(again) != len(first) || err != nil {
		t.Errorf("the moment holds %d entries, then %d, %v", len(first), len(again), err)
	}
	if err := moment.Close(); err != nil {
		t.Error(err)
	}
	close(stop)
	group.Wait()
}

func TestSweepGivesBackWhatExpired(t *testing.T) {
	path := filepath.Join(t.TempDir(), "antrean.db")
	e := openEmbedded(t, path)
	put(t, e, "vault/bandung/1", "x", time.Millisecond)
	put(t, e, "vault/bandung/2", "x", time.Hour)
	put(t, e, "vault/bandung/3", "x", 0)
	eventually(t, func() bool {
		_, err := e.Get(t.Context(), "vault/bandung/1")
		return errors.Is(err, ErrAbsent)
	})
	count := func(e *Embedded) (n int) {
		err := e.view(t.Context(), func(tx *bbolt.Tx) { n = tx.Bucket([]byte(recordsBucket)).Stats().KeyN })
		if err != nil {
			t.Error(err)
		}
		return n
	}
	if n := count(e); n != 3 {
		t.Errorf("%d records before the sweep", n)
	}
	if err := e.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(e); n != 2 {
		t.Errorf("%d records after the sweep, want 2", n)
	}

	put(t, e, "vault/bandung/4", "x", time.Millisecond)
	eventually(t, func() bool {
		_, err := e.Get(t.Context(), "vault/bandung/4")
		return errors.Is(err, ErrAbsent)
	})
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(openEmbedded(t, path)); n != 2 {
		t.Errorf("%d records after opening, want 2", n)
	}
}

// gather holds the turn until n writes wait, and returns what lets them go.
func gather(t *testing.T, e *Embedded, n int) (release func()) {
	t.Helper()
	<-e.turn
	return func() {
		eventually(t, func() bool {
			e.mu.Lock()
			defer e.mu.Unlock()
			return len(e.waiting) == n
		})
		e.turn <- struct{}{}
	}
}

func TestWhoeverWaitsSharesOneCommit(t *testing.T) {
	e := openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db"))
	const offices = 20
	before := e.durable.Load()
	release := gather(t, e, offices)
	var group sync.WaitGroup
	for i := range offices {
		group.Go(func() { land(t, e, fmt.Sprint("office", i), Position{}, "a", texts("1")) })
	}
	release()
	group.Wait()
	if commits := e.durable.Load() - before; commits != 1 {
		t.Errorf("%d commits for %d offices", commits, offices)
	}
	for i := range offices {
		expectEntries(t, e, fmt.Sprint("office", i), entry(1, "a", "1"))
	}
}

func TestAWriteFailsAlone(t *testing.T) {
	e := openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db"))
	release := gather(t, e, 3)
	var group sync.WaitGroup
	group.Go(func() { land(t, e, "one", Position{}, "a", texts("1")) })
	group.Go(func() { land(t, e, "two", Position{}, "a", texts("1")) })
	group.Go(func() {
		if err := e.Put(t.Context(), strings.Repeat("k", bbolt.MaxKeySize+1), nil, 0); err == nil {
			t.Error("a key of 32 KB was taken")
		}
	})
	release()
	group.Wait()
	expectEntries(t, e, "one", entry(1, "a", "1"))
	expectEntries(t, e, "two", entry(1, "a", "1"))
}

func TestRefusalsAndComparisonsCostNoCommit(t *testing.T) {
	e := openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db"))
	end := land(t, e, "bandung", Position{}, "a", texts("1"))
	before := e.durable.Load()
	land(t, e, "bandung", end, "b", nil)
	_ = refused(t, e, "bandung", Position{}, "b", texts("2"))
	if commits := e.durable.Load() - before; commits != 0 {
		t.Errorf("%d commits", commits)
	}
}

func TestNobodyReadsWhatIsNotOnDiskYet(t *testing.T) {
	e := openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db"))
	land(t, e, "bandung", Position{}, "a", texts("1"))
	// A commit between its last write and the end of its fsync: bbolt shows it to
	// readers, the one who commits has the turn and does not know yet.
	<-e.turn
	err := e.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(logsBucket)).Bucket([]byte("bandung")).Put(versionKey(2), sealEntry("b", []byte("2")))
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if entries, err := e.Read(ctx, "bandung", 1, 9); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("read %v, %v; want it to wait", entries, err)
	}
	e.turn <- struct{}{}
	expectEntries(t, e, "bandung", entry(1, "a", "1"), entry(2, "b", "2"))
}

func TestAClosedFileSaysSo(t *testing.T) {
	e := openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db"))
	tail := make(chan error)
	go func() {
		for {
			if _, err := e.Tail(t.Context(), "bandung", 0, 1); err != nil {
				tail <- err
				return
			}
		}
	}()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	_, read := e.Read(t.Context(), "bandung", 1, 1)
	for name, err := range map[string]error{
		"tail":   <-tail,
		"read":   read,
		"append": e.Append(t.Context(), "bandung", Position{}, "a", texts("1")),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v; want ErrClosed", name, err)
		}
	}
}
