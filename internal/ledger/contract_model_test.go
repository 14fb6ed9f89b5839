package ledger

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"antrean/internal/ledger/redistest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// TestStoresDoAsAModelDoes runs any sequence of calls on a store and on the
// few lines of code that say what they mean.
func TestStoresDoAsAModelDoes(t *testing.T) {
	stores := map[string]func(t *testing.T) store{
		"embedded": func(t *testing.T) store { return openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db")) },
		"redis":    func(t *testing.T) store { return openRedis(t, redistest.Start(t).URL()) },
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			runs := 0
			t.Run("log", rapid.MakeCheck(func(t *rapid.T) {
				runs++
				checkLog(t, s, fmt.Sprint("office", runs))
			}))
			t.Run("records", rapid.MakeCheck(func(t *rapid.T) {
				runs++
				checkRecords(t, s, fmt.Sprint("run", runs, "/"))
			}))
		})
	}
}

func checkLog(t *rapid.T, s Log, office string) {
	ctx := context.Background()
	var log []Entry             // what the store must hold
	positions := []Position{{}} // every one that ever was an end
	end := Position{}           // the log's
	appended := 0
	from := func(version uint64, limit int) []Entry {
		var some []Entry
		for _, e := range log {
			if e.Version >= version && len(some) < limit {
				some = append(some, e)
			}
		}
		return some
	}
	t.Repeat(map[string]func(*rapid.T){
		"append": func(t *rapid.T) {
			at := end
			if rapid.IntRange(0, 3).Draw(t, "stale") == 0 {
				at = rapid.SampledFrom(positions).Draw(t, "at")
				at.Version += uint64(rapid.IntRange(0, 1).Draw(t, "beyond"))
			}
			batch := make([][]byte, rapid.IntRange(0, 4).Draw(t, "entries"))
			for i := range batch {
				batch[i] = rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "data")
			}
			appended++
			tag := fmt.Sprint("tag", appended)
			err := s.Append(ctx, office, at, tag, batch)
			if at != end {
				want := &Moved{End: end, Entries: from(at.Version, MaxBatch+1)}
				moved := (*Moved)(nil)
				if !errors.As(err, &moved) {
					t.Fatalf("got %v, want a refusal", err)
				}
				if diff := cmp.Diff(want, moved, cmpopts.EquateEmpty()); diff != "" {
					t.Fatal(diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, data := range batch {
				end = Position{end.Version + 1, tag}
				log = append(log, Entry{end.Version, tag, data})
			}
			positions = append(positions, end)
		},
		"trim": func(t *rapid.T) {
			before := rapid.Uint64Range(0, end.Version+2).Draw(t, "before")
			if err := s.Trim(ctx, office, before); err != nil {
				t.Fatal(err)
			}
			log = slices.DeleteFunc(log, func(e Entry) bool { return e.Version < min(before, end.Version) })
		},
		"read": func(t *rapid.T) {
			version := rapid.Uint64Range(0, end.Version+2).Draw(t, "from")
			limit := rapid.IntRange(0, 5).Draw(t, "limit")
			got, err := s.Read(ctx, office, version, limit)
			if diff := cmp.Diff(from(version, limit), got, cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Fatal(diff, err)
			}
		},
		"tail": func(t *rapid.T) {
			if end.Version == 0 {
				return // it would wait
			}
			after := rapid.Uint64Range(0, end.Version-1).Draw(t, "after")
			limit := rapid.IntRange(1, 5).Draw(t, "limit")
			got, err := s.Tail(ctx, office, after, limit)
			if diff := cmp.Diff(from(after+1, limit), got, cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Fatal(diff, err)
			}
		},
	})
}

func checkRecords(t *rapid.T, s Records, run string) {
	ctx := context.Background()
	held := map[string][]byte{}
	// Few words, so that keys meet; and characters on both sides of the slash.
	word := rapid.SampledFrom([]string{"a", "a!", "b", "b{", "}", ""})
	key := rapid.Custom(func(t *rapid.T) string {
		return run + strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "words"), "/")
	})
	value := rapid.SliceOfN(rapid.ByteRange('0', '2'), 0, 1)
	t.Repeat(map[string]func(*rapid.T){
		"put": func(t *rapid.T) {
			k, v := key.Draw(t, "key"), value.Draw(t, "value")
			if err := s.Put(ctx, k, v, 0); err != nil {
				t.Fatal(err)
			}
			held[k] = v
		},
		"replace": func(t *rapid.T) {
			k, v := key.Draw(t, "key"), value.Draw(t, "value")
			var old []byte
			if rapid.Bool().Draw(t, "compare") {
				old = append([]byte{}, value.Draw(t, "old")...)
			}
			got, err := s.Replace(ctx, k, old, v, 0)
			is, ok := held[k]
			if ok == (old != nil) && string(is) == string(old) {
				held[k], is, ok = v, v, true
			}
			if err != nil || (got != nil) != ok || string(got) != string(is) {
				t.Fatalf("holds %q, %v; want %q, %v", got, err, is, ok)
			}
		},
		"get": func(t *rapid.T) {
			k := key.Draw(t, "key")
			got, err := s.Get(ctx, k)
			is, ok := held[k]
			if ok != (err == nil) || !ok && !errors.Is(err, ErrAbsent) || string(got) != string(is) {
				t.Fatalf("holds %q, %v; want %q, %v", got, err, is, ok)
			}
		},
		"delete": func(t *rapid.T) {
			keys := rapid.SliceOfN(key, 0, 3).Draw(t, "keys")
			if err := s.Delete(ctx, keys...); err != nil {
				t.Fatal(err)
			}
			for _, k := range keys {
				delete(held, k)
			}
		},
		"list": func(t *rapid.T) {
			prefix, after := run, ""
			if rapid.Bool().Draw(t, "longer") {
				prefix = key.Draw(t, "prefix")
			}
			if rapid.Bool().Draw(t, "next page") {
				after = key.Draw(t, "after")
			}
			limit := rapid.IntRange(0, 6).Draw(t, "limit")
			var want []string
			for k := range held {
				if strings.HasPrefix(k, prefix) && k > after {
					want = append(want, k)
				}
			}
			slices.Sort(want)
			want = want[:min(len(want), limit)]
			list, err := s.List(ctx, prefix, after, limit)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range list {
				got = append(got, r.Key)
				if string(r.Value) != string(held[r.Key]) || !r.Expires.IsZero() {
					t.Fatalf("%q holds %q until %s", r.Key, r.Value, r.Expires)
				}
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("under %q after %q: %s", prefix, after, diff)
			}
		},
	})
}
