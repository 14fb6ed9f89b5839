package hub

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The server's date is updated for the life of the process.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		// A server that was shut down cleans its workers up once more, within 10 s.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// A lobby is a view with a list of calls, as a display has.
type lobby struct {
	mu        sync.Mutex
	epoch     string
	version   uint64
	called    []uint64 // the version of each call
	notice    string
	confirmed time.Time
	failing   error
	rendered  []position    // what Snapshot was asked for
	entered   chan struct{} // told of every Snapshot once it is made, if held
	gate      chan struct{} // then lets one go on each
}

// board is a lobby's data.
type board struct {
	Calls  []uint64 `json:"calls"` // newest first
	Notice string   `json:"notice"`
}

var morning = time.Date(2026, 11, 24, 8, 0, 0, 0, time.FixedZone("WIB", 7*3600))

func newLobby() *lobby { return &lobby{epoch: "e1", version: 100, confirmed: morning} }

func (l *lobby) call() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.version++
	l.called = append(l.called, l.version)
}

// silently moves the log on without a change of the view.
func (l *lobby) silently() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.version++
}

func (l *lobby) write(notice string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.version++
	l.notice = notice
}

func (l *lobby) Snapshot(epoch string, version uint64) (Snapshot, error) {
	s, entered, gate, err := l.render(epoch, version)
	if entered != nil {
		entered <- struct{}{}
	}
	if gate != nil {
		<-gate
	}
	return s, err
}

func (l *lobby) render(epoch string, version uint64) (s Snapshot, entered chan struct{}, gate chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rendered = append(l.rendered, position{epoch, version})
	if l.failing != nil {
		return s, l.entered, l.gate, l.failing
	}
	b := board{Calls: []uint64{}, Notice: l.notice}
	for i := len(l.called) - 1; i >= 0; i-- {
		if len(b.Calls) >= 10 && (epoch != l.epoch || l.called[i] <= version) {
			break
		}
		b.Calls = append(b.Calls, l.called[i])
	}
	data, err := json.Marshal(b)
	return Snapshot{l.epoch, l.version, morning, data}, l.entered, l.gate, err
}

// hold makes every Snapshot wait until it is let go.
func (l *lobby) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entered, l.gate = make(chan struct{}, 1000), make(chan struct{}, 1000)
}

// made waits for the next held Snapshot.
func (l *lobby) made(t testing.TB) {
	t.Helper()
	select {
	case <-l.entered:
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was rendered")
	}
}

// let lets n held Snapshots go, now or later.
func (l *lobby) let(n int) {
	for range n {
		l.gate <- struct{}{}
	}
}

func (l *lobby) Confirmed() (string, uint64, time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epoch, l.version, l.confirmed
}

func (l *lobby) renderings() []position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]position(nil), l.rendered...)
}

// A house is an office with one lobby topic, served over real TCP.
type house struct {
	*lobby
	hub     *Hub
	addr    string
	app     *fiber.App
	close   func() error // ends Run as a restart does and returns its error
	metrics *prometheus.Registry
}

// newHouse ticks every hour unless the topic is changed, so that tests see
// only the frames that they cause.
func newHouse(t testing.TB, o Options, change func(*Topic)) *house {
	t.Helper()
	return newHouseOn(t, o, change, nil)
}

// newHouseOn is newHouse with TLS, if secure is not nil.
func newHouseOn(t testing.TB, o Options, change func(*Topic), secure *tls.Config) *house {
	t.Helper()
	h := &house{lobby: newLobby(), metrics: prometheus.NewRegistry()}
	o.Log = slog.New(slog.DiscardHandler)
	o.Registerer = h.metrics
	o.Clock = func() time.Time { return morning.Add(time.Second).UTC() }
	h.hub = New(o)
	topic := Topic{Key: "display:bandung", Group: "bandung", Tick: time.Hour, View: h.lobby}
	if change != nil {
		change(&topic)
	}
	app := fiber.New(fiber.Config{
		DisableStartupMessage: true,
		// Short, so that the tests with ticks show that they do not end sockets.
		ReadTimeout: 500 * time.Millisecond, WriteTimeout: 500 * time.Millisecond, IdleTimeout: time.Second,
	})
	h.app = app
	Configure(app)
	app.Get("/live", func(c *fiber.Ctx) error { return h.hub.Serve(c, topic) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	h.addr = listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.hub.Run(ctx) }()
	h.close = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		<-served
		http.DefaultClient.CloseIdleConnections()
	})
	return h
}

func (h *house) press() {
	h.call()
	h.hub.Changed("bandung")
}

// A message is any frame as the client gets it.
type message struct {
	Type      string
	Epoch     string
	Version   uint64
	At        time.Time
	Confirmed time.Time
	RetryMS   int `json:"retry_ms"`
	Data      board
}

// A watcher is a client.
type watcher struct {
	*websocket.Conn
	t     testing.TB
	begun io.Reader // a frame that is read in part
}

func (h *house) watch(t testing.TB, since string) *watcher {
	t.Helper()
	url := "ws://" + h.addr + "/live"
	if since != "" {
		url += "?since=" + since
	}
	ws, res, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatalf("dial: %v (%v)", err, res)
	}
	t.Cleanup(func() { ws.Close() })
	return &watcher{Conn: ws, t: t}
}

// stall is a client that takes the first bytes of its first frame and then no
// more, as long as nobody reads.
func (h *house) stall(t testing.TB) *watcher {
	t.Helper()
	h.write(strings.Repeat("sabar ", 200_000)) // more than the buffers on the way take
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+h.addr+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	w := &watcher{Conn: ws, t: t}
	ws.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, w.begun, err = ws.NextReader(); err != nil {
		t.Fatal(err)
	}
	return w
}

// next is the next frame; it fails the test when none comes.
func (w *watcher) next() message {
	w.t.Helper()
	m, err := w.read()
	if err != nil {
		w.t.Fatalf("no frame: %v", err)
	}
	return m
}

func (w *watcher) read() (message, error) {
	w.SetReadDeadline(time.Now().Add(5 * time.Second))
	return w.readNow()
}

// readNow is read within the deadline that is set.
func (w *watcher) readNow() (message, error) {
	var m message
	r := w.begun
	if w.begun = nil; r == nil {
		var err error
		if _, r, err = w.NextReader(); err != nil {
			return m, err
		}
	}
	return m, json.NewDecoder(r).Decode(&m)
}

// closed reads until the server closes and returns the frames before.
func (w *watcher) closed() (code int, reason string, before []message) {
	w.t.Helper()
	for {
		m, err := w.read()
		if c, ok := errors.AsType[*websocket.CloseError](err); ok {
			return c.Code, c.Text, before
		}
		if err != nil {
			w.t.Fatalf("ended without a close: %v", err)
		}
		before = append(before, m)
	}
}

// value is a metric's, of a histogram its count, with its labels as in `name{kind="websocket"}`.
func (h *house) value(t testing.TB, name string) float64 {
	t.Helper()
	families, err := h.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			full := f.GetName()
			if len(labels) > 0 {
				full += "{" + strings.Join(labels, ",") + "}"
			}
			if full == name {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return 0
}

// eventually waits for what another goroutine is about to do.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	look, over := time.NewTicker(time.Millisecond), time.After(5*time.Second)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-over:
			t.Fatalf("not within 5 s: %s", what)
		}
	}
}
