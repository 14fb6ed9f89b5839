package static_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"antrean/static"
)

// inHaste lets the page's clock run so many times as fast, intervals ten times,
// and tells the server what it says: the call, which number stood on the screen,
// and how often it began to be announced; "shown" is one that was too old.
const inHaste = `
((times) => {
  const now = performance.now.bind(performance), timeout = window.setTimeout, interval = window.setInterval;
  performance.now = () => now() * times;
  window.setTimeout = (f, ms, ...more) => timeout(f, (ms || 0) / times, ...more);
  window.setInterval = (f, ms, ...more) => interval(f, (ms || 0) / 10, ...more);
  let last = '';
  const page = String(now()) + Math.random();
  const began = {};
  document.addEventListener('saying', (e) => {
    const id = e.detail.call;
    if (id !== last) began[id] = (began[id] || 0) + 1;
    last = id;
    const shown = document.getElementById('now-number').textContent;
    fetch('/api/said', {method: 'POST', body: id + ' ' + shown + ' ' + began[id] + ' ' + page});
    delete began['s' + (Number(id.slice(1)) - 500)];
  });
  document.addEventListener('shown', (e) => fetch('/api/said', {method: 'POST', body: e.detail.call + ' ' + document.getElementById('now-number').textContent + ' shown ' + page}));
})(%d);`

// hall is a server whose counters call, and a television that follows.
type hall struct {
	t    *testing.T
	s    *server
	view static.DisplayView

	mu       sync.Mutex
	all      []static.Call // oldest first; the call's version is its place, from 1
	watcher  *watcher      // nil while the line is cut
	connects int
	said     map[string]string // by call, the page that announced it: another after each load
	old      int               // calls that were shown only
	more     chan struct{}
}

// snapshot is the view for a page that has seen so many calls.
func (h *hall) snapshot(since int) string {
	view := h.view
	from := max(0, min(len(h.all)-10, since), len(h.all)-100)
	view.Calls = slices.Clone(h.all[from:])
	slices.Reverse(view.Calls)
	return frame(h.t, "snapshot", "e1", len(h.all)+1, now(), view)
}

// follow serves the page's connections, each from where it stands, and lets it
// hear every few milliseconds that all is well.
func (h *hall) follow(end <-chan struct{}) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-end:
			return
		case w := <-h.s.watchers:
			since := 0
			if _, version, ok := strings.Cut(w.since, ":"); ok {
				since, _ = strconv.Atoi(version)
				since--
			}
			h.mu.Lock()
			h.connects++
			h.watcher = w
			_ = w.send(h.snapshot(max(since, 0)))
			h.mu.Unlock()
		case <-tick.C:
			h.mu.Lock()
			if h.watcher != nil {
				_ = h.watcher.send(frame(h.t, "tick", "e1", len(h.all)+1, now(), nil))
			}
			h.mu.Unlock()
		}
	}
}

// call calls n numbers at once.
func (h *hall) call(n int, cut bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if cut && h.watcher != nil {
		h.watcher.close()
		h.watcher = nil
	}
	since := len(h.all)
	for range n {
		i := len(h.all) + 1
		c := newCall(fmt.Sprintf("s%d", i), fmt.Sprintf("A-%03d", i%1000), strconv.Itoa(1+i%9), now())
		h.all = append(h.all, c)
	}
	if h.watcher != nil {
		_ = h.watcher.send(h.snapshot(since))
	}
}

// hear notes what the page says.
func (h *hall) hear(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusNoContent)
	said := strings.Fields(string(body))
	if len(said) != 4 {
		h.t.Errorf("heard %q", body)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	i, _ := strconv.Atoi(said[0][1:])
	switch {
	case said[1] != fmt.Sprintf("A-%03d", i%1000):
		h.t.Errorf("%s was said while %s stood on the screen", said[0], said[1])
	case said[2] == "shown":
		h.old++
	case said[2] != "1" || h.said[said[0]] != "" && h.said[said[0]] != said[3]:
		h.t.Errorf("%s was announced again", said[0])
	}
	h.said[said[0]] = said[3]
	select {
	case h.more <- struct{}{}:
	default:
	}
}

// heard waits until every call was announced.
func (h *hall) heard() {
	h.t.Helper()
	limit := time.After(time.Minute)
	for {
		h.mu.Lock()
		missing := ""
		for i := max(0, len(h.all)-200); i < len(h.all); i++ {
			if h.said[h.all[i].ID] == "" {
				missing = h.all[i].ID
				break
			}
		}
		h.mu.Unlock()
		if missing == "" {
			return
		}
		select {
		case <-h.more:
		case <-limit:
			h.t.Fatalf("%s was never announced", missing)
		}
	}
}

// A television is left open through a day, or months, of calls, a line that is
// cut again and again, and an update of the server: everything is shown and
// announced once, and the page does not grow. `make soak-tv` runs the full size.
func TestATelevisionLeftOpenLosesNothingAndDoesNotGrow(t *testing.T) {
	calls, cuts, times := 90, 6, 50
	if full := os.Getenv("ANTREAN_SOAK_CALLS"); full != "" {
		var err error
		if calls, err = strconv.Atoi(full); err != nil {
			t.Fatal(err)
		}
		cuts, times = calls/50, 200
	}
	page := display()
	h := &hall{t: t, view: page.View, all: []static.Call{}, said: map[string]string{}, more: make(chan struct{}, 1)}
	h.s = serve(t, "display", func() any {
		h.mu.Lock()
		defer h.mu.Unlock()
		page.Live.At, page.Live.Confirmed, page.Live.Version = now(), now(), uint64(len(h.all)+1)
		page.View = h.view
		page.View.Calls = slices.Clone(h.all[max(0, len(h.all)-10):])
		slices.Reverse(page.View.Calls)
		return page
	})
	h.s.voice, h.s.life, h.s.api = true, 2*time.Hour, h.hear
	ctx := browser(t, h.s, fmt.Sprintf(inHaste, times))
	comesTrue(t, ctx, `performance.getEntriesByType('resource').some((r) => /voice-id\.bin$/.test(r.name) && r.responseEnd > 0)`)
	end := make(chan struct{})
	var following sync.WaitGroup
	following.Go(func() { h.follow(end) })
	defer func() { close(end); following.Wait() }()

	measure := func() (heap float64, nodes int64) {
		t.Helper()
		if _, err := chromedp.Call(ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			t.Fatal(err)
		}
		used, err := chromedp.Call(ctx, runtime.GetHeapUsage, cdp.Empty{})
		if err != nil {
			t.Fatal(err)
		}
		counted, err := chromedp.Call(ctx, memory.GetDOMCounters, cdp.Empty{})
		if err != nil {
			t.Fatal(err)
		}
		return used.UsedSize / 1024, counted.Nodes
	}
	began := time.Now()
	var heap float64
	var nodes int64
	every := calls / cuts
	for i := 0; i < calls; {
		n := 1 + i%3
		h.call(n, i/every != (i+n)/every)
		i += n
		h.heard()
		if heap == 0 && i >= max(calls/10, 30) { // every word was decoded, memory of announced calls is full
			heap, nodes = measure()
		}
	}
	heapAfter, nodesAfter := measure()
	t.Logf("%d calls, of which %d older than a minute by the page's clock, %d connections, %s: heap %.0f KB → %.0f KB, nodes %d → %d",
		len(h.all), h.old, h.connects, time.Since(began).Round(time.Second), heap, heapAfter, nodes, nodesAfter)
	if heapAfter > heap*1.1+300 {
		t.Errorf("the heap grew from %.0f to %.0f KB", heap, heapAfter)
	}
	if nodesAfter > nodes+100 {
		t.Errorf("%d nodes became %d", nodes, nodesAfter)
	}
	if h.old > calls/10 {
		t.Errorf("%d of %d calls were not spoken", h.old, calls)
	}
	if h.connects < cuts {
		t.Errorf("connected %d times, the line was cut %d times", h.connects, cuts)
	}

	// The server comes back with another release: the page takes it up by itself,
	// announces nothing again and loses nothing.
	release := "tv-next.js"
	h.s.release.Store(&release)
	evaluate[bool](t, ctx, `window.before = true`)
	h.mu.Lock()
	h.watcher.close()
	h.watcher = nil
	h.mu.Unlock()
	comesTrue(t, ctx, `!window.before && document.readyState === 'complete' && document.querySelector('script[src$="tv-next.js"]')`)
	h.call(3, false)
	h.heard()
}

// comesTrue is holds for a page whose timers do not run as they should.
func comesTrue(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; <-time.After(20 * time.Millisecond) {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && ok {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("never true: %s (%v)", expression, err)
		}
	}
}

// A screen whose line was never cut takes up what the server serves now all the
// same, when nothing is being announced.
func TestATelevisionTakesUpAReleaseByItself(t *testing.T) {
	t.Parallel()
	var release atomic.Value
	release.Store("1")
	s := serve(t, "display", func() any {
		page := display()
		page.Release = release.Load().(string)
		return page
	})
	s.api = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	// What it does in minutes it does in seconds.
	ctx := browser(t, s, `((timeout) => { window.setTimeout = (f, ms, ...more) => timeout(f, ms < 60000 ? ms : ms / 600, ...more); })(window.setTimeout);`)
	comesTrue(t, ctx, `document.readyState === 'complete'`)
	evaluate[bool](t, ctx, `window.before = true`)
	// It looks again and again, and stays while there is nothing new.
	comesTrue(t, ctx, `performance.getEntriesByType('resource').filter((e) => e.initiatorType === 'fetch' && /\/$/.test(e.name)).length > 1`)
	if !evaluate[bool](t, ctx, `!!window.before`) {
		t.Error("loaded anew for nothing")
	}
	release.Store("2")
	comesTrue(t, ctx, `!window.before && document.readyState === 'complete' && JSON.parse(document.getElementById('boot').textContent).release === '2'`)
}
