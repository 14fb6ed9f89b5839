package hub

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestARestartSaysGoodbyeToEverybody(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	watchers := []*watcher{h.watch(t, ""), h.watch(t, "e1:100")}
	for _, w := range watchers {
		w.next()
	}
	closing := make(chan error, 1)
	go func() { closing <- h.close() }()
	for _, w := range watchers {
		code, reason, before := w.closed()
		if code != 1012 || reason != "restart" {
			t.Errorf("closed with %d %q", code, reason)
		}
		if len(before) != 1 || before[0].Type != "bye" || before[0].RetryMS < 500 || before[0].RetryMS > 2500 {
			t.Errorf("last frames: %+v", before)
		}
	}
	if err := <-closing; err != nil {
		t.Error(err)
	}
	if got := h.value(t, `antrean_hub_connections{kind="websocket"}`); got != 0 {
		t.Errorf("%v connections are left", got)
	}
	res, err := http.DefaultClient.Do(h.request(t, "Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after the restart began: %s", res.Status)
	}
}

func TestARestartDoesNotWaitForAStalledClient(t *testing.T) {
	h := newHouse(t, Options{SendBuffer: 4 << 10, DrainTimeout: time.Second}, nil)
	h.stall(t)
	if err := h.close(); err != nil {
		t.Error(err)
	}
	if got := h.value(t, `antrean_hub_connections_ended_total{reason="restart"}`); got != 1 {
		t.Errorf("%v connections ended by the restart, want 1", got)
	}
}

func TestAStalledClientIsDropped(t *testing.T) {
	h := newHouse(t, Options{SendBuffer: 4 << 10, WriteTimeout: 100 * time.Millisecond}, nil)
	h.stall(t)
	eventually(t, "the client is dropped as slow", func() bool {
		return h.value(t, `antrean_hub_connections_ended_total{reason="slow client"}`) == 1
	})
	h.hub.mu.Lock()
	defer h.hub.mu.Unlock()
	if len(h.hub.topics) != 0 || h.hub.count != 0 {
		t.Errorf("%d topics and %d connections are left", len(h.hub.topics), h.hub.count)
	}
}

func TestWhoIsNoLongerAllowedIsToldAtTheNextTick(t *testing.T) {
	var allowed atomic.Bool
	allowed.Store(true)
	h := newHouse(t, Options{}, func(t *Topic) {
		t.Tick = step
		t.Allowed = allowed.Load
	})
	w := h.watch(t, "")
	for _, want := range []string{"snapshot", "tick"} {
		if got := w.next(); got.Type != want {
			t.Fatalf("%+v, want a %s", got, want)
		}
	}
	allowed.Store(false)
	code, reason, before := w.closed()
	if code != 4001 || reason != "no longer allowed" || before[len(before)-1].Type != "bye" {
		t.Errorf("closed with %d %q after %+v", code, reason, before)
	}
}

func TestASilentClientIsDroppedAndOneThatAnswersPingsIsNot(t *testing.T) {
	h := newHouse(t, Options{PingInterval: 2 * step}, func(t *Topic) { t.Tick = step })
	silent, alive := h.watch(t, ""), h.watch(t, "")
	silent.SetPingHandler(func(string) error { return nil })
	lives := make(chan string, 1)
	go func() { // reading answers pings
		for range 10 {
			if _, err := alive.read(); err != nil {
				lives <- err.Error()
				return
			}
		}
		lives <- ""
	}()
	if code, reason, _ := silent.closed(); code != 4003 || reason != "silent" {
		t.Errorf("the silent client: closed with %d %q", code, reason)
	}
	if err := <-lives; err != "" {
		t.Errorf("the other: %s", err)
	}
}

func TestAClientThatTalksIsEnded(t *testing.T) {
	for _, test := range []struct {
		name, reason string
		code         int
		messages     int
		size         int
		kind         int
	}{
		{"with many messages", "too many messages", 4002, 100, 100, websocket.TextMessage},
		{"with many pings", "too many messages", 4002, 100, 100, websocket.PingMessage},
		{"with a large message", "message too large", 1009, 1, 2000, websocket.BinaryMessage},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, Options{}, nil)
			w := h.watch(t, "")
			w.next()
			for range test.messages {
				if err := w.WriteMessage(test.kind, make([]byte, test.size)); err != nil {
					t.Fatal(err)
				}
			}
			if code, _, _ := w.closed(); code != test.code {
				t.Errorf("closed with %d, want %d", code, test.code)
			}
			w.Close()
			eventually(t, "it is counted", func() bool {
				return h.value(t, `antrean_hub_connections_ended_total{reason="`+test.reason+`"}`) == 1
			})
		})
	}
}

func TestAFewWordsAreIgnored(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	w := h.watch(t, "")
	w.next()
	if err := w.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("halo ", 20))); err != nil {
		t.Fatal(err)
	}
	h.press()
	if got := w.next(); got.Version != 101 {
		t.Errorf("after the words: %+v", got)
	}
}
