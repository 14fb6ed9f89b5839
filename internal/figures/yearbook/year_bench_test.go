package yearbook

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/figures"
	"antrean/internal/figures/figurestest"
	"antrean/internal/ledger"
	"antrean/internal/queue"
)

type still struct{ now time.Time }

func (s still) Now() time.Time { return s.now }

// library is a file with the log of an office that ran for some days.
type library struct {
	file  string
	first calendar.Date
	now   time.Time
}

func played(t testing.TB, days int) *library { t.Helper(); return playedAs(t, days, "b") }

// playedAs is the same days with other tags: another history.
func playedAs(t testing.TB, days int, tags string) *library {
	t.Helper()
	l := &library{file: filepath.Join(t.TempDir(), "antrean.db"), first: "2026-01-01"}
	store, err := ledger.OpenEmbedded(l.file)
	if err != nil {
		t.Fatal(err)
	}
	year := figurestest.New(t, l.first)
	end := ledger.Position{}
	for range days {
		year.Day()
		events := year.Events()
		for len(events) > 0 {
			n := min(len(events), ledger.MaxBatch)
			batch := make([][]byte, n)
			for i := range batch {
				if batch[i], err = queue.Encode(events[i]); err != nil {
					t.Fatal(err)
				}
			}
			tag := fmt.Sprint(tags, end.Version)
			if err := store.Append(t.Context(), "bandung", end, tag, batch); err != nil {
				t.Fatal(err)
			}
			end = ledger.Position{Version: end.Version + uint64(n), Tag: tag}
			events = events[n:]
		}
	}
	if err := store.Put(t.Context(), "office/bandung", []byte("{}"), 0); err != nil {
		t.Fatal(err)
	}
	l.now = year.State().At
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return l
}

// open begins as after a restart; nothing is in the memory.
func (l *library) open(t testing.TB) (*Yearbook, *ledger.Embedded, func()) {
	t.Helper()
	store, err := ledger.OpenEmbedded(l.file)
	if err != nil {
		t.Fatal(err)
	}
	offices := ledger.New(store, store, ledger.Options{Clock: still{l.now}})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = offices.Run(ctx) })
	return New(offices, store), store, func() {
		stop()
		running.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}

// aYear writes down 365 days: those that were played, again and again, under
// other dates.
func (l *library) aYear(t testing.TB, played int) (from, to calendar.Date) {
	t.Helper()
	y, store, end := l.open(t)
	defer end()
	days, err := y.Days(t.Context(), "bandung", l.first, l.first.AddDays(played-1))
	if err != nil {
		t.Fatal(err)
	}
	from, to = l.first, l.first.AddDays(364)
	for i := range 365 {
		d := *days[i%len(days)]
		d.Date, d.Zero = from.AddDays(i), d.Zero.AddDate(0, 0, i-i%len(days))
		value, err := d.Encode()
		if err == nil {
			err = store.Put(t.Context(), dayKey("bandung", d.Date), value, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s := y.shelf("bandung")
	value, err := json.Marshal(mark{Version: s.at.Version, Tag: s.at.Tag, Through: to})
	if err == nil {
		err = store.Put(t.Context(), markKey("bandung"), value, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return from, to
}

// BenchmarkAYear asks for the figures of 365 days of 450 applicants. Cold is
// the first question after a restart, when the office has been loaded and no
// figure has; warm is asking again. Fourteen days are played, and written down
// twenty-six times.
func BenchmarkAYear(b *testing.B) {
	const distinct = 14
	l := played(b, distinct)
	from, to := l.aYear(b, distinct)
	o := figures.Options{From: from, To: to, By: figures.ByMonth}
	ask := func(y *Yearbook) {
		days, err := y.Days(b.Context(), "bandung", o.From, o.To)
		if err != nil {
			b.Fatal(err)
		}
		if r := figures.Sum("bandung", days, o); r.Total.Tickets < 365*400 {
			b.Fatalf("%+v", r.Total)
		}
	}
	b.Run("cold", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			y, _, end := l.open(b)
			if _, err := y.offices.Office(b.Context(), "bandung"); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			ask(y)
			b.StopTimer()
			end()
			b.StartTimer()
		}
	})
	b.Run("warm", func(b *testing.B) {
		y, _, end := l.open(b)
		defer end()
		ask(y)
		for b.Loop() {
			ask(y)
		}
	})
}
