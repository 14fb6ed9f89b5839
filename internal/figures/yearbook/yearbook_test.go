package yearbook

import (
	"errors"
	"path/filepath"
	"testing"

	"antrean/internal/figures"
	"antrean/internal/ledger"
)

// ticketsOf is how many tickets the first day had, as it is told.
func ticketsOf(t *testing.T, y *Yearbook, l *library) int {
	t.Helper()
	days, err := y.Days(t.Context(), "bandung", l.first, l.first)
	if err != nil {
		t.Fatal(err)
	}
	return figures.Sum("bandung", days, figures.Options{From: l.first, To: l.first, By: figures.ByDay}).Total.Tickets
}

// What was written down is told again after a restart, without a look at the
// log: here it has been changed, which shows. When the log is another one than
// was counted, because it came back shorter or its end was written anew, what
// was written down no longer counts.
func TestWhatWasWrittenDownCountsWhileTheLogIsTheSame(t *testing.T) {
	l := played(t, 2)
	y, _, end := l.open(t)
	tickets := ticketsOf(t, y, l)
	end()
	if tickets < 400 {
		t.Fatalf("a busy day had %d tickets", tickets)
	}

	y, store, end := l.open(t)
	defer end()
	empty, err := (&figures.Day{Date: l.first, Names: []string{""}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	forge := func() {
		t.Helper()
		if err := store.Put(t.Context(), dayKey("bandung", l.first), empty, 0); err != nil {
			t.Fatal(err)
		}
	}
	forge()
	if n := ticketsOf(t, y, l); n != 0 {
		t.Errorf("after a restart %d tickets are counted anew, instead of read", n)
	}
	kept, err := store.Get(t.Context(), markKey("bandung"))
	if err != nil {
		t.Fatal(err)
	}

	for name, other := range map[string]*library{"shorter": shorter(t, store, l), "written anew": playedAs(t, 1, "c")} {
		forge()
		if err := store.Put(t.Context(), markKey("bandung"), kept, 0); err != nil {
			t.Fatal(err)
		}
		from, _, end := other.open(t)
		want := ticketsOf(t, New(from.offices, nil), other)
		if n := ticketsOf(t, New(from.offices, store), other); n != want || n == 0 {
			t.Errorf("of a log that is %s, %d tickets are told, not %d", name, n, want)
		}
		end()
	}
}

// shorter is the library's log as far as its first thousand events.
func shorter(t *testing.T, log *ledger.Embedded, of *library) *library {
	t.Helper()
	l := &library{file: filepath.Join(t.TempDir(), "antrean.db"), first: of.first, now: of.now}
	store, err := ledger.OpenEmbedded(l.file)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := log.Read(t.Context(), "bandung", 1, 1000)
	if err == nil {
		err = errors.Join(store.Restore(t.Context(), "bandung", entries), store.Put(t.Context(), "office/bandung", []byte("{}"), 0), store.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}
