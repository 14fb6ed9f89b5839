package display

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/staff"
)

// countedLog is a store that counts the entries that are read from logs.
type countedLog struct {
	*ledger.Embedded
	read atomic.Int64
}

func (c *countedLog) Read(ctx context.Context, office string, from uint64, limit int) ([]ledger.Entry, error) {
	entries, err := c.Embedded.Read(ctx, office, from, limit)
	c.read.Add(int64(len(entries)))
	return entries, err
}

// The page of who looked at whom reads a log of years no further back than it
// shows; an erasure, which ends on that page, would not be answered either.
func TestWhoLookedAtWhomIsReadFromTheLogsEnd(t *testing.T) {
	c := &countedLog{}
	h := newHouse(t, func() (store, func()) {
		e, err := ledger.OpenEmbedded(filepath.Join(t.TempDir(), "antrean.db"))
		if err != nil {
			t.Fatal(err)
		}
		c.Embedded = e
		return c, func() { _ = e.Close() }
	})
	o, err := h.open(t.Context(), "bandung")
	if err != nil {
		t.Fatal(err)
	}
	look := func(by string) {
		err := o.Do(t.Context(), order{by: queue.Actor{Name: by}, request: by}.asks(queue.LookAtPeople{What: queue.DataListed, Count: 3}), func(*queue.State, []*queue.Event) {})
		if err != nil {
			t.Fatal(err)
		}
	}
	look("long-ago")
	var many errgroup.Group
	many.SetLimit(200)
	for n := range 5000 {
		many.Go(func() error {
			ask := queue.SetNotices{Notices: []queue.Notice{queue.Plain(fmt.Sprint(n))}}
			return o.Do(t.Context(), order{by: queue.Actor{Name: "kepala"}, request: fmt.Sprint(n)}.asks(ask), func(*queue.State, []*queue.Event) {})
		})
	}
	if err := many.Wait(); err != nil {
		t.Fatal(err)
	}
	h.clock.pass(looksDays*24*time.Hour + time.Hour)
	look("lately")
	me := h.signIn("ibu-kepala", staff.Administrator)
	before := c.read.Load()
	page := h.see("/admin/privacy", me...).is(200).shows("lately")
	if read := c.read.Load() - before; read > 2000 {
		t.Errorf("%d entries were read for one look", read)
	}
	if strings.Contains(string(page.body), "long-ago") {
		t.Error("it shows what is too long ago")
	}
}
