package hub

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

// request is a GET of the topic with these header fields and values. The
// field "?" is the query.
func (h *house) request(t testing.TB, fields ...string) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.addr+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		if fields[i] == "?" {
			r.URL.RawQuery = fields[i+1]
			continue
		}
		r.Header.Set(fields[i], fields[i+1])
	}
	return r
}

func TestWhatIsNotServedIsLeftToTheApp(t *testing.T) {
	handshake := func(fields ...string) []string {
		return append([]string{"Connection", "Upgrade", "Upgrade", "websocket",
			"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}, fields...)
	}
	events := func(fields ...string) []string {
		return append([]string{"Accept", "text/event-stream"}, fields...)
	}
	for _, test := range []struct {
		name   string
		fields []string
		want   error
		status int
	}{
		{"neither socket nor stream", nil, ErrUpgradeRequired, 426},
		{"since without a version", events("?", "since=e1"), ErrBadSince, 400},
		{"since with a negative version", handshake("?", "since=e1:-1"), ErrBadSince, 400},
		{"since with a line break", events("?", "since=e%0a1:1"), ErrBadSince, 400},
		{"since too long", events("?", "since="+strings.Repeat("e", 65)+":1"), ErrBadSince, 400},
		{"a last event that was none", events("Last-Event-ID", "x"), ErrBadSince, 400},
		{"a socket for a foreign page", handshake("Origin", "https://evil.example"), ErrForeignOrigin, 403},
		{"a stream for a foreign page", events("Origin", "null"), ErrForeignOrigin, 403},
		{"a stream without origin, from another site", events("Sec-Fetch-Site", "cross-site"), ErrForeignOrigin, 403},
		{"another version of the protocol", handshake("Sec-WebSocket-Version", "8"), ErrUpgradeRequired, 426},
		{"a handshake without a key", handshake("Sec-WebSocket-Key", ""), ErrBadHandshake, 400},
		{"a handshake that does not connect", handshake("Connection", "keep-alive"), ErrBadHandshake, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, Options{}, func(t *Topic) { t.SameOrigin = true })
			res, err := http.DefaultClient.Do(h.request(t, test.fields...))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != test.status || string(body) != test.want.Error() {
				t.Errorf("%s: %s, want %d: %v", res.Status, body, test.status, test.want)
			}
		})
	}
}

func TestPagesOfTheSameOriginAreServed(t *testing.T) {
	h := newHouse(t, Options{}, func(t *Topic) { t.SameOrigin = true })
	for _, origin := range []string{"", "http://" + h.addr, "https://" + strings.ToUpper(h.addr)} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		ws, _, err := websocket.DefaultDialer.Dial("ws://"+h.addr+"/live", header)
		if err != nil {
			t.Errorf("origin %q: %v", origin, err)
			continue
		}
		ws.Close()
	}
}

func TestTheAppMayKnowTheOriginBetter(t *testing.T) {
	ours := func(c *fiber.Ctx) bool { return c.Get("Origin") == "https://antrean.example" }
	h := newHouse(t, Options{SameOrigin: ours}, func(t *Topic) { t.SameOrigin = true })
	for origin, want := range map[string]int{"https://antrean.example": 101, "http://" + h.addr: 403} {
		ws, res, err := websocket.DefaultDialer.Dial("ws://"+h.addr+"/live", http.Header{"Origin": {origin}})
		if err == nil {
			ws.Close()
		}
		if res == nil || res.StatusCode != want {
			t.Errorf("origin %s: %v, %v, want %d", origin, res, err, want)
		}
	}
}

func TestPublicTopicsAreServedToAnyPage(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+h.addr+"/live", http.Header{"Origin": {"https://kiosk.example"}})
	if err != nil {
		t.Fatal(err)
	}
	ws.Close()
}

func TestWithoutConfigureNothingIsHijacked(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	h.app.Server().KeepHijackedConns = false
	res, err := http.DefaultClient.Do(h.request(t, "Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusInternalServerError {
		t.Errorf("answered %s", res.Status)
	}
}

func TestEventsResumeFromTheLastEventID(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	for range 12 {
		h.call()
	}
	res, err := http.DefaultClient.Do(h.request(t, "Accept", "text/event-stream", "Last-Event-ID", "e1:100", "?", "since=e1:1"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store",
		"X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	stream := bufio.NewScanner(res.Body)
	if got := block(stream); len(got) != 1 || !strings.HasPrefix(got[0], "retry: ") {
		t.Errorf("first: %q", got)
	}
	want := []string{"id: e1:112", `data: {"type":"snapshot","epoch":"e1","version":112,"at":"2026-11-24T08:00:00.000+07:00",` +
		`"data":{"calls":[112,111,110,109,108,107,106,105,104,103,102,101],"notice":""}}`}
	if diff := cmp.Diff(want, block(stream)); diff != "" {
		t.Errorf("resumed (-want +got):\n%s", diff)
	}
	h.press()
	if got := block(stream); len(got) != 2 || got[0] != "id: e1:113" {
		t.Errorf("live: %q", got)
	}
	closing := make(chan error, 1)
	go func() { closing <- h.close() }()
	if got := block(stream); len(got) != 2 || !strings.HasPrefix(got[0], "retry: ") || !strings.HasPrefix(got[1], `data: {"type":"bye","retry_ms":`) {
		t.Errorf("last: %q", got)
	}
	if got := block(stream); got != nil || stream.Err() != nil {
		t.Errorf("after the bye: %q, %v", got, stream.Err())
	}
	if err := <-closing; err != nil {
		t.Error(err)
	}
}

// block is the next event's lines.
func block(s *bufio.Scanner) (lines []string) {
	for s.Scan() && s.Text() != "" {
		lines = append(lines, s.Text())
	}
	return lines
}

func TestStaffStreamsCannotBeReadByOtherPages(t *testing.T) {
	h := newHouse(t, Options{}, func(t *Topic) { t.SameOrigin = true })
	res, err := http.DefaultClient.Do(h.request(t, "Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if got := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != 200 || got != "" {
		t.Errorf("answered %s, for pages of %q", res.Status, got)
	}
}

func TestAStreamThatEndsIsForgotten(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	res, err := http.DefaultClient.Do(h.request(t, "Accept", "text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	stream := bufio.NewScanner(res.Body)
	block(stream)
	block(stream)
	if got := h.value(t, `antrean_hub_connections{kind="events"}`); got != 1 {
		t.Errorf("%v streams, want 1", got)
	}
	res.Body.Close()
	eventually(t, "no stream is left", func() bool {
		return h.value(t, `antrean_hub_connections{kind="events"}`) == 0
	})
}

func TestSocketsLiveOverTLS(t *testing.T) {
	with := httptest.NewTLSServer(nil) // for its certificate
	certificate := with.TLS.Certificates
	trust := with.Client().Transport.(*http.Transport).TLSClientConfig
	with.Close()

	h := newHouseOn(t, Options{}, nil, &tls.Config{Certificates: certificate})
	dialer := websocket.Dialer{TLSClientConfig: trust}
	ws, _, err := dialer.Dial("wss://"+h.addr+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	w := &watcher{Conn: ws, t: t}
	w.next()
	h.press()
	if got := w.next(); got.Version != 101 {
		t.Errorf("second frame: %+v", got)
	}
	go h.close()
	if code, _, _ := w.closed(); code != 1012 {
		t.Errorf("closed with %d", code)
	}
}

func FuzzSince(f *testing.F) {
	for _, s := range []string{"", "e1:0", "e1:18446744073709551615", "e1:18446744073709551616", ":1", "a:b:1", "ü:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := parsePosition(s)
		if err != nil {
			if !errors.Is(err, ErrBadSince) || !at.nowhere() {
				t.Fatalf("%q: %v, %v", s, at, err)
			}
			return
		}
		if s == "" {
			return
		}
		// What is accepted is what the hub itself would send as an id.
		again, err := parsePosition(strings.TrimPrefix(strings.Split(string(event(at, nil, 0)), "\n")[0], "id: "))
		if err != nil || again != at {
			t.Fatalf("%q is %v, then %v (%v)", s, at, again, err)
		}
	})
}
