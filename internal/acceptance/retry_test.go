package acceptance

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"
)

// TestARetryAfterACutConnectionGetsTheFirstAnswer sends every kind of command
// through a line that breaks before the answer, and then again.
func TestARetryAfterACutConnectionGetsTheFirstAnswer(t *testing.T) {
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, store.redis, store.nodes)
			desk, anna := h.hire("meja", "desk"), h.hire("anna", "officer")
			line := newLine(t, h.nodes[0].url)
			var family ticket
			var called string
			steps := []struct {
				name string
				by   caller
				path func() string
				body any
				then func(answer)
			}{
				{"booking", h.public(), func() string { return at("/bookings") }, booking("ganti", "earliest", 1, 2), func(a answer) {
					made := read[struct {
						Tickets []ticket `json:"tickets"`
					}](t, a.body)
					if len(made.Tickets) != 2 || made.Tickets[0].Token == "" || made.Tickets[0].Token == made.Tickets[1].Token {
						t.Errorf("a booking for two: %s", a)
					}
					family = made.Tickets[0]
				}},
				{"check-in", h.public(), func() string { return "/api/v1/tickets/" + family.Token + "/check-in" }, nothing{}, nil},
				{"cancel", h.public(), func() string { return "/api/v1/tickets/" + family.Token + "/cancel" }, nothing{}, nil},
				{"walk-in", desk, func() string { return at("/tickets") }, map[string]any{"service": "ganti"}, nil},
				{"open", anna, func() string { return counter("2", "open") }, nothing{}, nil},
				{"next", anna, func() string { return counter("2", "next") }, nothing{}, nil},
				{"recall", anna, func() string { return counter("2", "recall") }, nothing{}, nil},
				{"undo", anna, func() string { return counter("2", "undo") }, nothing{}, nil},
				{"next again", anna, func() string { return counter("2", "next") }, nothing{}, func(a answer) { called = read[tablet](t, a.body).Current.Ticket }},
				{"serve", anna, func() string { return counter("2", "serve") }, nothing{}, nil},
				{"park", anna, func() string { return counter("2", "park") }, nothing{}, nil},
				{"return", desk, func() string { return at("/tickets/" + called + "/return") }, nothing{}, nil},
				{"reissue", desk, func() string { return at("/tickets/" + called + "/reissue") }, nothing{}, nil},
				{"suspend", h.admin, func() string { return at("/suspend") }, map[string]string{"reason": "listrik padam"}, nil},
				{"resume", h.admin, func() string { return at("/resume") }, nothing{}, nil},
			}
			for _, step := range steps {
				t.Log(step.name)
				before := tell(t, h.admin.log()).keyed
				key, path := newKey(), step.path()
				// Cut in the request's back: whether it arrived whole, nobody knows.
				line.send(t, step.by, path, key, step.body, whenAsked)
				// Cut when the answer has begun: only the line knows it.
				lost := line.send(t, step.by, path, key, step.body, whenAnswered)
				again := step.by.must(http.MethodPost, path, key, step.body)
				if again.status >= 300 {
					t.Fatalf("%s again: %s", step.name, again)
				}
				if !bytes.Contains(lost, again.body) {
					t.Errorf("%s: the answer that was lost:\n%s\nagain: %s", step.name, lost, again)
				}
				if n := tell(t, h.admin.log()).keyed - before; n != 1 {
					t.Errorf("%s had %d effects", step.name, n)
				}
				if step.then != nil {
					step.then(again)
				}
			}
		})
	}
}

// When a line is cut.
const (
	whenAsked    = iota // with the request's last byte
	whenAnswered        // with the answer's first byte
)

// A line stands between a client and a node, and breaks.
type line struct {
	to       string
	listener net.Listener
	open     sync.WaitGroup

	mu     sync.Mutex
	when   int
	answer bytes.Buffer // what the node said and nobody heard
}

func newLine(t *testing.T, node string) *line {
	t.Helper()
	u, err := url.Parse(node)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{to: u.Host}
	if l.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	l.open.Go(func() {
		for {
			conn, err := l.listener.Accept()
			if err != nil {
				return
			}
			l.open.Go(func() { l.pass(conn) })
		}
	})
	t.Cleanup(func() {
		l.listener.Close()
		l.open.Wait()
	})
	return l
}

// send sends a command over the line and returns what the node answered.
func (l *line) send(t *testing.T, c caller, path, key string, body any, when int) []byte {
	t.Helper()
	l.mu.Lock()
	l.when = when
	l.answer.Reset()
	l.mu.Unlock()
	c.urls = []string{"http://" + l.listener.Addr().String()}
	c.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	if a, err := c.send(context.Background(), http.MethodPost, path, key, body, func(r *http.Request) { r.Host = l.to }); err == nil {
		t.Fatalf("the line was not cut: %s", a)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.answer.Bytes())
}

// pass carries one request to the node and cuts the line as told.
func (l *line) pass(client net.Conn) {
	defer client.Close()
	node, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer node.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	r, err := readRequest(client)
	if err != nil {
		return
	}
	if _, err := node.Write(r); err != nil || l.when == whenAsked {
		return
	}
	_ = node.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.Copy(&l.answer, node) // to its end: the request asked to close
}
