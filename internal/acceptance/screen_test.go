package acceptance

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A frame is what a live topic sends.
type frame struct {
	Type      string          `json:"type"`
	Epoch     string          `json:"epoch"`
	Version   uint64          `json:"version"`
	At        time.Time       `json:"at"`
	Confirmed time.Time       `json:"confirmed"`
	RetryMS   *int            `json:"retry_ms"`
	Data      json.RawMessage `json:"data"`
}

// A screen follows a live topic as a page does: it comes back by itself after
// every end of a connection, from where it was. It is safe for concurrent use.
type screen struct {
	t      testing.TB
	urls   []string // each connection goes to one of them
	path   string
	token  string
	events bool // server-sent events instead of a WebSocket
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	heard  func(message []byte) // may be nil

	mu          sync.Mutex
	moved       chan struct{} // closed and replaced at each frame
	last        frame         // snapshot
	tick        frame
	position    frame // of the last frame
	snapshots   int
	ticks       int
	connections int
	epochs      []string
	calls       map[string]call // of displays, as last shown
	broken      []string        // promises
}

// call is one announcement on a display.
type call struct {
	ID          string    `json:"id"`
	Number      string    `json:"number"`
	Counter     string    `json:"counter"`
	CounterName string    `json:"counter_name"`
	Spoken      string    `json:"spoken"`
	At          time.Time `json:"at"`
	Times       int       `json:"times"`
	Withdrawn   bool      `json:"withdrawn"`
}

// watch makes a screen at these nodes and lets it run until the test ends.
func watch(c caller, path string, edit ...func(*screen)) *screen {
	s := &screen{
		t: c.t, urls: c.urls, path: path, token: c.token,
		moved: make(chan struct{}), calls: map[string]call{},
		dial: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	}
	for _, e := range edit {
		e(s)
	}
	ctx, stop := context.WithCancel(context.Background())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		s.run(ctx)
	}()
	s.t.Cleanup(func() {
		stop()
		<-gone
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, b := range s.broken[:min(len(s.broken), 5)] {
			s.t.Errorf("%s: %s", s.path, b)
		}
	})
	return s
}

// display is the path of the office's lobby screen.
func display() string { return "/live/offices/" + office + "/display" }

func (s *screen) run(ctx context.Context) {
	for ctx.Err() == nil {
		_ = s.connect(ctx) // every connection ends in an error
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(1+rand.IntN(5)) * time.Millisecond):
		}
	}
}

// connect follows the topic until the connection ends.
func (s *screen) connect(ctx context.Context) error {
	base, header := s.urls[rand.IntN(len(s.urls))], http.Header{}
	if s.token != "" {
		header.Set("Authorization", "Bearer "+s.token)
	}
	s.mu.Lock()
	target := base + s.path
	if s.position.Epoch != "" {
		target += "?since=" + url.QueryEscape(fmt.Sprintf("%s:%d", s.position.Epoch, s.position.Version))
	}
	s.mu.Unlock()
	if s.events {
		return s.follow(ctx, target, header)
	}
	dialer := websocket.Dialer{NetDialContext: s.dial, HandshakeTimeout: 10 * time.Second}
	conn, res, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(target, "http"), header)
	if err != nil {
		if res != nil && res.StatusCode != http.StatusServiceUnavailable {
			s.fault("a resume was answered with %d", res.StatusCode)
		}
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	s.connected()
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			if c := (*websocket.CloseError)(nil); errors.As(err, &c) && c.Code != 1012 && c.Code != 1006 && (c.Code < 4000 || c.Code > 4999) {
				s.fault("closed with %d", c.Code)
			}
			return err
		}
		if kind != websocket.TextMessage {
			s.fault("a frame that is no text")
		}
		s.take(message)
	}
}

// follow is connect for server-sent events.
func (s *screen) follow(ctx context.Context, target string, header http.Header) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	r.Header = header
	r.Header.Set("Accept", "text/event-stream")
	transport := &http.Transport{DialContext: s.dial, DisableKeepAlives: true}
	res, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		if res.StatusCode != http.StatusServiceUnavailable {
			s.fault("a stream was answered with %d", res.StatusCode)
		}
		return nil
	}
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		s.fault("a stream of type %q", kind)
	}
	s.connected()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); ok {
			s.take(bytes.Clone(data))
		}
	}
	return lines.Err()
}

func (s *screen) connected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections++
}

func (s *screen) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

// take holds a frame to the contract and remembers what it shows.
func (s *screen) take(message []byte) {
	if s.heard != nil {
		s.heard(message)
	}
	var f frame
	if err := json.Unmarshal(message, &f); err != nil {
		s.fault("%v in %.200s", err, message)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	wrong := func(what string) { s.broken = append(s.broken, fmt.Sprintf("%s: %.300s", what, message)) }
	switch f.Type {
	case "bye":
		if f.RetryMS == nil {
			wrong("a bye without retry_ms")
		}
		return
	case "snapshot":
		if len(f.Data) == 0 || f.At.IsZero() {
			wrong("an empty snapshot")
		}
		s.last = f
		s.snapshots++
		s.learn(f.Data)
	case "tick":
		if f.Confirmed.IsZero() || f.At.IsZero() {
			wrong("a tick without times")
		}
		s.tick = f
		s.ticks++
	default:
		wrong("a frame of unknown type")
		return
	}
	if f.Epoch == "" {
		wrong("a frame without epoch")
	}
	if f.Epoch == s.position.Epoch && f.Version < s.position.Version {
		wrong(fmt.Sprintf("back from %d", s.position.Version))
	}
	if !slices.Contains(s.epochs, f.Epoch) {
		s.epochs = append(s.epochs, f.Epoch)
	} else if s.epochs[len(s.epochs)-1] != f.Epoch {
		wrong("back to a former epoch")
	}
	s.position = f
	close(s.moved)
	s.moved = make(chan struct{})
}

// learn remembers the calls of a display.
func (s *screen) learn(data []byte) {
	var d struct {
		Calls []call `json:"calls"`
	}
	if json.Unmarshal(data, &d) != nil {
		return // another kind of topic
	}
	for _, c := range d.Calls {
		s.calls[c.ID] = c
	}
}

// seen are the calls that the screen has shown, as last shown.
func (s *screen) seen() map[string]call {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]call{}
	for id, c := range s.calls {
		all[id] = c
	}
	return all
}

// until waits until the last snapshot is as wanted, and returns it.
func (s *screen) until(within time.Duration, what string, so func(f frame) bool) frame {
	s.t.Helper()
	return s.wait(within, what, func() (frame, bool) { return s.last, s.snapshots > 0 && so(s.last) })
}

// ticked waits for another tick and returns it.
func (s *screen) ticked(within time.Duration) frame {
	s.t.Helper()
	s.mu.Lock()
	had := s.ticks
	s.mu.Unlock()
	return s.wait(within, "a tick", func() (frame, bool) { return s.tick, s.ticks > had })
}

// wait waits until a look under the lock finds what it wants.
func (s *screen) wait(within time.Duration, what string, look func() (frame, bool)) frame {
	s.t.Helper()
	deadline := time.After(within)
	for {
		s.mu.Lock()
		f, ok := look()
		moved, last := s.moved, s.last
		s.mu.Unlock()
		if ok {
			return f
		}
		select {
		case <-moved:
		case <-deadline:
			s.t.Fatalf("%s: not within %s: %s; the last snapshot was %s:%d %.1500s", s.path, within, what, last.Epoch, last.Version, last.Data)
		}
	}
}
