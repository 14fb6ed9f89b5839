package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store is what both backends promise.
type store interface {
	Log
	Records
}

// TestContract runs every promise of Log and Records on every backend. A case
// uses only the office and the keys that it is named after, for the cases of a
// backend share it.
func TestContract(t *testing.T) {
	backends := []struct {
		name string
		open func(t *testing.T) store
	}{
		{"embedded", func(t *testing.T) store { return openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db")) }},
		{"redis", func(t *testing.T) store { return openRedis(t, redistest.Start(t).URL()) }},
		{"cluster", func(t *testing.T) store {
			c := redistest.StartCluster(t, 3, 1, steady, "--min-replicas-to-write", "1")
			r, err := OpenRedis(t.Context(), c.URL(), RedisOptions{WaitReplicas: 1, MinReplicas: 1})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = r.Close() })
			return r
		}},
	}
	for _, backend := range backends {
		t.Run(backend.name, func(t *testing.T) {
			s := backend.open(t)
			for name, promise := range logContract {
				t.Run(name, func(t *testing.T) { promise(t, s, "log "+name) })
			}
			for name, promise := range recordsContract {
				t.Run(name, func(t *testing.T) { promise(t, s, "records "+name) })
			}
		})
	}
}

var logContract = map[string]func(t *testing.T, s store, office string){
	"an empty log ends at the zero position": func(t *testing.T, s store, office string) {
		land(t, s, office, Position{}, "", nil)
		expectEntries(t, s, office)
	},
	"versions are gapless from 1": func(t *testing.T, s store, office string) {
		end := land(t, s, office, Position{}, "a", texts("1", "2"))
		end = land(t, s, office, end, "b", texts("3"))
		land(t, s, office, end, "c", texts("4", "5"))
		expectEntries(t, s, office,
			entry(1, "a", "1"), entry(2, "a", "2"), entry(3, "b", "3"), entry(4, "c", "4"), entry(5, "c", "5"))
	},
	"read begins where asked and keeps the limit": func(t *testing.T, s store, office string) {
		land(t, s, office, Position{}, "a", texts("1", "2", "3", "4"))
		for _, c := range []struct {
			from  uint64
			limit int
			want  []Entry
		}{
			{0, 1, []Entry{entry(1, "a", "1")}},
			{1, 2, []Entry{entry(1, "a", "1"), entry(2, "a", "2")}},
			{3, 9, []Entry{entry(3, "a", "3"), entry(4, "a", "4")}},
			{5, 9, nil},
			{1 << 60, 9, nil},
			{1, 0, nil},
		} {
			got, err := s.Read(t.Context(), office, c.from, c.limit)
			expectSame(t, got, c.want, err)
		}
	},
	"a stale end is refused with what came since": func(t *testing.T, s store, office string) {
		first := land(t, s, office, Position{}, "a", texts("1"))
		end := land(t, s, office, first, "b", texts("2", "3"))
		moved := refused(t, s, office, first, "c", texts("x"))
		want := &Moved{End: end, Entries: []Entry{entry(1, "a", "1"), entry(2, "b", "2"), entry(3, "b", "3")}}
		if diff := cmp.Diff(want, moved); diff != "" {
			t.Error(diff)
		}
		expectEntries(t, s, office, want.Entries...)
	},
	"a foreign tag at the same version is refused": func(t *testing.T, s store, office string) {
		end := land(t, s, office, Position{}, "a", texts("1"))
		moved := refused(t, s, office, Position{1, "other"}, "b", texts("2"))
		want := &Moved{End: end, Entries: []Entry{entry(1, "a", "1")}}
		if diff := cmp.Diff(want, moved); diff != "" {
			t.Error(diff)
		}
	},
	"an end beyond the log is refused": func(t *testing.T, s store, office string) {
		end := land(t, s, office, Position{}, "a", texts("1"))
		if moved := refused(t, s, office, Position{7, "a"}, "b", texts("2")); moved.End != end || len(moved.Entries) != 0 {
			t.Errorf("refused with %+v, want the end %+v and no entries", moved, end)
		}
	},
	"a batch repeated finds itself": func(t *testing.T, s store, office string) {
		start := land(t, s, office, Position{}, "a", texts("1"))
		land(t, s, office, start, "mine", texts("2", "3"))
		land(t, s, office, Position{3, "mine"}, "c", texts("4"))
		moved := refused(t, s, office, start, "mine", texts("2", "3"))
		want := []Entry{entry(2, "mine", "2"), entry(3, "mine", "3")}
		if diff := cmp.Diff(want, moved.Entries[1:3]); diff != "" {
			t.Error(diff)
		}
	},
	"a refusal returns a whole batch and the entry before it": func(t *testing.T, s store, office string) {
		batch := slices.Repeat(texts("x"), MaxBatch)
		end := land(t, s, office, Position{}, "a", batch)
		land(t, s, office, end, "b", batch)
		moved := refused(t, s, office, Position{1, "a"}, "c", texts("x"))
		if n := len(moved.Entries); n != MaxBatch+1 {
			t.Errorf("%d entries, want %d", n, MaxBatch+1)
		}
		if moved.Entries[0].Version != 1 || moved.End != (Position{2 * MaxBatch, "b"}) {
			t.Errorf("from %d to the end %v", moved.Entries[0].Version, moved.End)
		}
	},
	"an empty batch compares and writes nothing": func(t *testing.T, s store, office string) {
		end := land(t, s, office, Position{}, "a", texts("1"))
		land(t, s, office, end, "b", nil)
		if moved := refused(t, s, office, Position{}, "b", nil); moved.End != end {
			t.Errorf("refused with the end %v, want %v", moved.End, end)
		}
		expectEntries(t, s, office, entry(1, "a", "1"))
	},
	"a batch too long or without a tag is never written": func(t *testing.T, s store, office string) {
		for tag, batch := range map[string][][]byte{"a": slices.Repeat(texts("x"), MaxBatch+1), "": texts("x")} {
			err := s.Append(t.Context(), office, Position{}, tag, batch)
			if moved := (*Moved)(nil); err == nil || errors.As(err, &moved) {
				t.Errorf("tag %q, %d entries: %v", tag, len(batch), err)
			}
		}
		expectEntries(t, s, office)
	},
	"bytes come back as they were": func(t *testing.T, s store, office string) {
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		big := bytes.Repeat([]byte("\x00\r\n$5\xff"), 10_000)
		land(t, s, office, Position{}, "t\x00\r\n\xff", [][]byte{all, {}, big})
		expectEntries(t, s, office, Entry{1, "t\x00\r\n\xff", all}, Entry{2, "t\x00\r\n\xff", []byte{}}, Entry{3, "t\x00\r\n\xff", big})
	},
	"offices do not see each other": func(t *testing.T, s store, office string) {
		for _, name := range []string{office, office + "2", office + "{x}", "}" + office, office + ":log", office + "/ü \n"} {
			land(t, s, name, Position{}, "a", texts(name))
			expectEntries(t, s, name, entry(1, "a", name))
		}
	},
	"of many who decided on one end, one wins": func(t *testing.T, s store, office string) {
		const callers, rounds = 8, 25
		var landed sync.Map // version -> tag
		var group sync.WaitGroup
		for caller := range callers {
			group.Go(func() {
				var end Position
				for round := 0; round < rounds; {
					tag := fmt.Sprintf("%d-%d", caller, round)
					err := s.Append(t.Context(), office, end, tag, texts(tag, tag))
					var moved *Moved
					switch {
					case err == nil:
						end = Position{end.Version + 2, tag}
						if other, twice := landed.LoadOrStore(end.Version, tag); twice {
							t.Errorf("%v and %s both landed at %d", other, tag, end.Version)
						}
						round++
					case errors.As(err, &moved):
						end = moved.End
					default:
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
		got, err := s.Read(t.Context(), office, 1, 2*callers*rounds+1)
		if err != nil || len(got) != 2*callers*rounds {
			t.Fatalf("%d entries, %v; want %d", len(got), err, 2*callers*rounds)
		}
		for i, e := range got {
			tag, _ := landed.Load(uint64(i/2*2 + 2))
			if e.Version != uint64(i+1) || e.Tag != tag {
				t.Errorf("entry %d is %d of %s, want the tag %v", i, e.Version, e.Tag, tag)
			}
		}
	},
	"a tail returns what is there at once": func(t *testing.T, s store, office string) {
		land(t, s, office, Position{}, "a", texts("1", "2", "3"))
		got, err := s.Tail(t.Context(), office, 1, 1)
		expectSame(t, got, []Entry{entry(2, "a", "2")}, err)
		got, err = s.Tail(t.Context(), office, 1, 9)
		expectSame(t, got, []Entry{entry(2, "a", "2"), entry(3, "a", "3")}, err)
	},
	"a tail is woken by an append, and only of its office": func(t *testing.T, s store, office string) {
		end := land(t, s, office, Position{}, "a", texts("1"))
		woken := make(chan []Entry, 1)
		failed := make(chan error, 1)
		go func() {
			for {
				got, err := s.Tail(t.Context(), office, 1, 9)
				if err != nil {
					failed <- err
					return
				}
				if len(got) > 0 {
					woken <- got
					return
				}
			}
		}()
		land(t, s, office+" next door", Position{}, "x", texts("x"))
		land(t, s, office, end, "b", texts("2", "3"))
		appended := time.Now()
		select {
		case got := <-woken:
			expectSame(t, got, []Entry{entry(2, "b", "2"), entry(3, "b", "3")}, nil)
			// A tail that nobody woke finds them too, at the end of its wait.
			if took := time.Since(appended); took > time.Second {
				t.Errorf("it took %s", took)
			}
		case err := <-failed:
			t.Error(err)
		}
	},
	"a tail of a quiet log returns nothing after a while": func(t *testing.T, s store, office string) {
		got, err := s.Tail(t.Context(), office, 0, 9)
		expectSame(t, got, nil, err)
	},
	"a tail ends with its context, at once": func(t *testing.T, s store, office string) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := s.Tail(ctx, office, 0, 9); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %s", took)
		}
	},
	"hundreds tail at once and none stands before an append": func(t *testing.T, s store, office string) {
		const readers = 300
		var got atomic.Int64
		var group sync.WaitGroup
		for range readers {
			group.Go(func() {
				for {
					entries, err := s.Tail(t.Context(), office, 0, 9)
					if err != nil {
						t.Error(err)
						return
					}
					if len(entries) > 0 {
						got.Add(1)
						return
					}
				}
			})
		}
		land(t, s, office, Position{}, "a", texts("1"))
		group.Wait()
		if got.Load() != readers {
			t.Errorf("%d of %d were woken", got.Load(), readers)
		}
	},
	"trimming drops the old and goes on": func(t *testing.T, s store, office string) {
		end := land(t, s, office, Position{}, "a", texts("1", "2", "3"))
		if err := s.Trim(t.Context(), office, 3); err != nil {
			t.Fatal(err)
		}
		expectEntries(t, s, office, entry(3, "a", "3"))
		land(t, s, office, end, "b", texts("4"))
		expectEntries(t, s, office, entry(3, "a", "3"), entry(4, "b", "4"))
	},
	"trimming never drops the last entry": func(t *testing.T, s store, office string) {
		end := land(t, s, office, Position{}, "a", texts("1", "2"))
		for _, before := range []uint64{3, 1 << 62, 0, 1} {
			if err := s.Trim(t.Context(), office, before); err != nil {
				t.Fatal(err)
			}
			expectEntries(t, s, office, entry(2, "a", "2"))
		}
		end = land(t, s, office, end, "b", texts("3"))
		land(t, s, office, end, "b", nil)
	},
	"trimming a log that is not there does nothing": func(t *testing.T, s store, office string) {
		if err := s.Trim(t.Context(), office, 9); err != nil {
			t.Fatal(err)
		}
		land(t, s, office, Position{}, "a", texts("1"))
	},
	"a long log is trimmed": func(t *testing.T, s store, office string) {
		var end Position
		for range 50 {
			end = land(t, s, office, end, "a", slices.Repeat(texts("x"), MaxBatch))
		}
		if err := s.Trim(t.Context(), office, end.Version-1); err != nil {
			t.Fatal(err)
		}
		expectEntries(t, s, office, entry(end.Version-1, "a", "x"), entry(end.Version, "a", "x"))
	},
	"the time is about now": func(t *testing.T, s store, _ string) {
		now, err := s.Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if off := time.Since(now).Abs(); off > 10*time.Second {
			t.Errorf("off by %s", off)
		}
	},
}

func texts(lines ...string) [][]byte {
	batch := make([][]byte, len(lines))
	for i, line := range lines {
		batch[i] = []byte(line)
	}
	return batch
}

func entry(version uint64, tag, text string) Entry { return Entry{version, tag, []byte(text)} }

// land appends and returns the new end.
func land(t *testing.T, s Log, office string, end Position, tag string, batch [][]byte) Position {
	t.Helper()
	if err := s.Append(t.Context(), office, end, tag, batch); err != nil {
		t.Fatalf("append at %v: %v", end, err)
	}
	if len(batch) == 0 {
		return end
	}
	return Position{end.Version + uint64(len(batch)), tag}
}

func refused(t *testing.T, s Log, office string, end Position, tag string, batch [][]byte) *Moved {
	t.Helper()
	err := s.Append(t.Context(), office, end, tag, batch)
	moved := (*Moved)(nil)
	if !errors.As(err, &moved) {
		t.Fatalf("append at %v: %v; want a refusal", end, err)
	}
	return moved
}

// expectEntries reads the whole log.
func expectEntries(t *testing.T, s Log, office string, want ...Entry) {
	t.Helper()
	got, err := s.Read(t.Context(), office, 0, 1000)
	expectSame(t, got, want, err)
}

func expectSame(t *testing.T, got, want []Entry, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

var recordsContract = map[string]func(t *testing.T, s store, prefix string){
	"an absent record is absent": func(t *testing.T, s store, prefix string) {
		if _, err := s.Get(t.Context(), prefix+"/a/b"); !errors.Is(err, ErrAbsent) {
			t.Errorf("got %v", err)
		}
		if err := s.Delete(t.Context(), prefix+"/a/b", prefix); err != nil {
			t.Error(err)
		}
		if err := s.Delete(t.Context()); err != nil {
			t.Error(err)
		}
	},
	"many records are read at once, absent ones as nil": func(t *testing.T, s store, prefix string) {
		if got, err := s.GetAll(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("of no keys: %q, %v", got, err)
		}
		put(t, s, prefix+"/a", "1", 0)
		put(t, s, prefix+"-other/b", "2", 0) // of another shelf
		got, err := s.GetAll(t.Context(), prefix+"-other/b", prefix+"/none", prefix+"/a")
		if err != nil || len(got) != 3 || string(got[0]) != "2" || got[1] != nil || string(got[2]) != "1" {
			t.Errorf("%q, %v", got, err)
		}
	},
	"a record is put, put over and deleted": func(t *testing.T, s store, prefix string) {
		for _, key := range []string{prefix + "/a/b", prefix + "/a", prefix} {
			for _, value := range []string{"one", "two", ""} {
				put(t, s, key, value, 0)
				expectRecord(t, s, key, value)
			}
			if err := s.Delete(t.Context(), key); err != nil {
				t.Error(err)
			}
			expectAbsent(t, s, key)
		}
		expectKeys(t, s, prefix)
	},
	"odd keys and bytes come back as they were": func(t *testing.T, s store, prefix string) {
		keys := []string{
			prefix + "/{x}/y", prefix + "/}/y", prefix + "/a b/ü", prefix + "//", prefix + "/\x00\xff/\r\n", prefix + "/a/b/c/d/e", prefix + "/*/?",
		}
		for _, key := range keys {
			put(t, s, key, "\x00"+key+"\xff\r\n", 0)
		}
		for _, key := range keys {
			expectRecord(t, s, key, "\x00"+key+"\xff\r\n")
		}
		slices.Sort(keys)
		expectKeys(t, s, prefix+"/", keys...)
	},
	"a record of four megabytes is kept": func(t *testing.T, s store, prefix string) {
		value := strings.Repeat("\x00abc", 1<<20)
		put(t, s, prefix+"/a/b", value, 0)
		expectRecord(t, s, prefix+"/a/b", value)
		list, err := s.List(t.Context(), prefix, "", 9)
		if err != nil || len(list) != 1 || string(list[0].Value) != value {
			t.Errorf("listed %d records, %v", len(list), err)
		}
	},
	"a record expires": func(t *testing.T, s store, prefix string) {
		const ttl = 150 * time.Millisecond
		put(t, s, prefix+"/a/short", "x", ttl)
		put(t, s, prefix+"/a/renewed", "x", ttl)
		put(t, s, prefix+"/a/renewed", "y", 0)
		put(t, s, prefix+"/a/lasting", "x", time.Hour)
		list, err := s.List(t.Context(), prefix+"/a/", "", 9)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if r.Key == prefix+"/a/renewed" && !r.Expires.IsZero() {
				t.Errorf("put for ever, expires %s", r.Expires)
			}
			if r.Key == prefix+"/a/lasting" && (time.Until(r.Expires)-time.Hour).Abs() > time.Minute {
				t.Errorf("put for an hour, expires %s", r.Expires)
			}
		}
		eventually(t, func() bool {
			_, err := s.Get(t.Context(), prefix+"/a/short")
			return errors.Is(err, ErrAbsent)
		})
		expectKeys(t, s, prefix+"/a/", prefix+"/a/lasting", prefix+"/a/renewed")
		held, err := s.Replace(t.Context(), prefix+"/a/short", nil, []byte("new"), 0)
		if err != nil || string(held) != "new" {
			t.Errorf("an expired record is not free: %q, %v", held, err)
		}
		if err := s.Put(t.Context(), prefix+"/a/b", nil, -time.Second); err == nil {
			t.Error("a negative ttl was taken")
		}
	},
	"replace compares with what is held": func(t *testing.T, s store, prefix string) {
		key := prefix + "/a/b"
		for i, c := range []struct{ old, value, held []byte }{
			{[]byte("x"), []byte("y"), nil},             // nothing there to replace
			{nil, []byte("one"), []byte("one")},         // claimed
			{nil, []byte("two"), []byte("one")},         // another's
			{[]byte("?"), []byte("two"), []byte("one")}, // decided on something else
			{[]byte("one"), []byte(""), []byte("")},
			{nil, []byte("two"), []byte("")}, // an empty record is one
			{[]byte(""), []byte("two"), []byte("two")},
		} {
			held, err := s.Replace(t.Context(), key, c.old, c.value, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if (held == nil) != (c.held == nil) || !bytes.Equal(held, c.held) {
				t.Errorf("step %d: held %q, want %q", i, held, c.held)
			}
			if c.held == nil {
				expectAbsent(t, s, key)
			} else {
				expectRecord(t, s, key, string(c.held))
			}
		}
	},
	"of many who claim, one gets it": func(t *testing.T, s store, prefix string) {
		for round := range 10 {
			key := fmt.Sprintf("%s/claim/%d", prefix, round)
			var winners atomic.Int64
			var heldBy sync.Map
			var group sync.WaitGroup
			for caller := range 8 {
				group.Go(func() {
					mine := fmt.Appendf(nil, "caller %d", caller)
					held, err := s.Replace(t.Context(), key, nil, mine, time.Hour)
					if err != nil {
						t.Error(err)
					}
					heldBy.Store(string(held), true)
					if bytes.Equal(held, mine) {
						winners.Add(1)
					}
				})
			}
			group.Wait()
			names := 0
			heldBy.Range(func(any, any) bool { names++; return true })
			if winners.Load() != 1 || names != 1 {
				t.Fatalf("%d winners, %d names", winners.Load(), names)
			}
		}
	},
	"a list has pages, in the order of keys": func(t *testing.T, s store, prefix string) {
		var want []string
		for i := range 25 {
			want = append(want, fmt.Sprintf("%s/a/%02d", prefix, i))
		}
		for _, key := range slices.Backward(want) {
			put(t, s, key, "x", 0)
		}
		put(t, s, prefix+"/a", "x", 0)
		put(t, s, prefix+"/b/1", "x", 0)
		var got []string
		after := ""
		for {
			page, err := s.List(t.Context(), prefix+"/a/", after, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				got = append(got, r.Key)
				after = r.Key
			}
			if len(page) < 10 {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		expectKeys(t, s, prefix+"/a/1", want[10:20]...)
	},
	"a page is full though records before it expired": func(t *testing.T, s store, prefix string) {
		for i := range 20 {
			put(t, s, fmt.Sprintf("%s/a/%02d", prefix, i), "x", 50*time.Millisecond)
		}
		put(t, s, prefix+"/a/98", "x", 0)
		put(t, s, prefix+"/a/99", "x", 0)
		eventually(t, func() bool {
			_, err := s.Get(t.Context(), prefix+"/a/19")
			return errors.Is(err, ErrAbsent)
		})
		list, err := s.List(t.Context(), prefix+"/a/", "", 1)
		if err != nil || len(list) != 1 || list[0].Key != prefix+"/a/98" {
			t.Errorf("%v, %v", list, err)
		}
		expectKeys(t, s, prefix+"/a/", prefix+"/a/98", prefix+"/a/99")
	},
	"a short prefix lists records of every depth": func(t *testing.T, s store, prefix string) {
		want := []string{prefix, prefix + "!/b/c", prefix + "/a", prefix + "/a!/1", prefix + "/a/1", prefix + "/a/2", prefix + "/b/1/2/3", prefix + "x/a/b"}
		for _, key := range want {
			put(t, s, key, "x", 0)
		}
		expectKeys(t, s, prefix, want...)
		expectKeys(t, s, prefix+"/", want[2:7]...)
		expectKeys(t, s, prefix+"/a", want[2:6]...)
		expectKeys(t, s, prefix+"/a/", want[4:6]...)
		list, err := s.List(t.Context(), prefix, want[2], 3)
		if err != nil || len(list) != 3 || list[0].Key != want[3] || list[2].Key != want[5] {
			t.Errorf("%v, %v", list, err)
		}
	},
}

func put(t *testing.T, s Records, key, value string, ttl time.Duration) {
	t.Helper()
	if err := s.Put(t.Context(), key, []byte(value), ttl); err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
}

func expectRecord(t *testing.T, s Records, key, want string) {
	t.Helper()
	if got, err := s.Get(t.Context(), key); err != nil || string(got) != want {
		t.Errorf("%q holds %.80q, %v; want %.80q", key, got, err, want)
	}
}

func expectAbsent(t *testing.T, s Records, key string) {
	t.Helper()
	if got, err := s.Get(t.Context(), key); !errors.Is(err, ErrAbsent) {
		t.Errorf("%q holds %.80q, %v; want it absent", key, got, err)
	}
}

func expectKeys(t *testing.T, s Records, prefix string, want ...string) {
	t.Helper()
	list, err := s.List(t.Context(), prefix, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range list {
		got = append(got, r.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("under %q: %s", prefix, diff)
	}
}

// eventually polls what only another process, or the clock, can bring about.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatal("it did not come about within 10 s")
		}
		<-time.After(5 * time.Millisecond)
	}
}
