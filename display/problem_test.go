package display

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
)

func TestEveryErrorIsAProblem(t *testing.T) {
	h := embedded(t)
	officer := h.as(staff.Officer)
	with := func(pairs ...string) []string { return append(append([]string{}, officer...), pairs...) }
	for name, c := range map[string]struct {
		answer answer
		status int
		code   string
	}{
		"no such route":       {h.ask("GET", "/api/v1/nothing", nil), 404, "not_found"},
		"no such office":      {h.ask("GET", "/api/v1/offices/mars/slots?service=x", nil), 404, "not_found"},
		"no such counter":     {h.press(officer, "99", "open", nil), 404, "not_found"},
		"wrong method":        {h.ask("DELETE", "/api/v1/offices", nil), 405, "method_not_allowed"},
		"not JSON":            {h.press(officer, "3", "open", "{"), 400, "invalid"},
		"a form":              {h.ask("POST", "/api/v1/offices/bandung/counters/3/open", "a=b", with("Content-Type", "application/x-www-form-urlencoded")...), 415, "unsupported_media_type"},
		"packed":              {h.ask("POST", "/api/v1/offices/bandung/counters/3/open", "{}", with("Content-Encoding", "gzip")...), 415, "unsupported_media_type"},
		"an unknown field":    {h.press(officer, "3", "open", `{"force": true}`), 400, "invalid"},
		"a bad key":           {h.ask("POST", "/api/v1/offices/bandung/counters/3/open", nil, with("Idempotency-Key", "a b")...), 422, "invalid"},
		"a long key":          {h.ask("POST", "/api/v1/offices/bandung/counters/3/open", nil, with("Idempotency-Key", strings.Repeat("k", 201))...), 422, "invalid"},
		"nobody":              {h.press(nil, "3", "open", nil), 401, "unauthenticated"},
		"a made-up session":   {h.press([]string{"Authorization", "Bearer " + strings.Repeat("x", 43)}, "3", "open", nil), 401, "unauthenticated"},
		"not allowed":         {h.ask("POST", "/api/v1/offices/bandung/suspend", `{"reason":"x"}`, officer...), 403, "forbidden"},
		"another office":      {h.ask("POST", "/api/v1/offices/soekarno-hatta/counters/1/open", nil, officer...), 403, "forbidden"},
		"a closed counter":    {h.press(officer, "3", "next", nil), 409, "wrong_state"},
		"an unknown ticket":   {h.at(staff.Desk, "tickets/none/return", nil), 404, "not_found"},
		"a bad date":          {h.at(staff.Supervisor, "days/tomorrow/close", nil), 422, "invalid"},
		"a bad count":         {h.ask("GET", "/api/v1/offices/bandung/slots?service=penggantian&days=x", nil), 422, "invalid"},
		"an unknown asset":    {h.ask("GET", "/a/none/x.js", nil), 404, "not_found"},
		"foreign by cookie":   {h.ask("POST", "/api/v1/offices/bandung/counters/3/open", nil, "Cookie", "antrean_session="+h.tokens["officer"], "Origin", "https://evil.test"), 403, "forbidden"},
		"a foreign reader":    {h.ask("GET", "/api/v1/offices/bandung/queue", nil, "Cookie", "antrean_session="+h.tokens["officer"], "Origin", "https://evil.test"), 403, "forbidden"},
		"foreign by metadata": {h.ask("POST", "/api/v1/offices/bandung/counters/3/open", nil, "Cookie", "antrean_session="+h.tokens["officer"], "Sec-Fetch-Site", "cross-site"), 403, "forbidden"},
		"a foreign login":     {h.ask("POST", "/api/v1/session", `{"username":"officer","password":"correct horse"}`, "Origin", "https://evil.test"), 403, "forbidden"},
		"a wrong password":    {h.ask("POST", "/api/v1/session", `{"username":"officer","password":"wrong horse"}`), 401, "unauthenticated"},
		"no password":         {h.ask("POST", "/api/v1/session", `{"username":"officer"}`), 422, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			c.answer.t = t
			c.answer.problem(c.status, c.code)
			if c.answer.header.Get("Content-Security-Policy") == "" || c.answer.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("the answer lacks security headers")
			}
		})
	}
	if h.version() != 2 {
		t.Errorf("refused requests wrote: the log ends at %d", h.version())
	}
	// The same cookie from our own page, and a bearer from anywhere.
	h.ask("POST", "/api/v1/offices/bandung/counters/3/open", nil, "Cookie", "antrean_session="+h.tokens["officer"], "Origin", "https://antrean.test").is(200)
	h.ask("POST", "/api/v1/offices/bandung/counters/3/close", nil, with("Origin", "https://evil.test")...).is(200)
}

func TestWhatIsNotBuiltYetIsNotFound(t *testing.T) {
	h := embedded(t)
	ticket := h.walkIn("penggantian", false)
	h.ask("PUT", "/api/v1/tickets/"+ticket.Token+"/push", "{}").problem(404, "not_found")
	h.ask("GET", "/api/v1/push-key", nil).problem(404, "not_found")
	h.ask("POST", "/api/v1/tickets/mine/cancel", nil, "Cookie", ticketCookie+"="+ticket.Token, "Origin", "https://evil.test").problem(403, "forbidden")
	h.ask("GET", "/api/v1/tickets/mine", nil, "Cookie", ticketCookie+"="+ticket.Token).is(200)
}

func TestProblemsSpeakTheCallersLanguage(t *testing.T) {
	h := embedded(t)
	for header, want := range map[string]string{
		"":                        "Ada yang perlu diperbaiki.",
		"en-GB,en;q=0.9,id;q=0.1": "Something needs to be corrected.",
		"de, id;q=0.5, en;q=0.4":  h.Pages.Words("id", "problem.invalid"),
	} {
		p := h.ask("POST", "/api/v1/offices/bandung/bookings", `{"x":1}`, "Accept-Language", header).problem(400, "invalid")
		if header == "" {
			want = h.Pages.Words("id", "problem.invalid")
		}
		if p.Title != want {
			t.Errorf("%q gives %q, want %q", header, p.Title, want)
		}
	}
}

func TestEveryRefusalHasWords(t *testing.T) {
	h := embedded(t)
	for reason, words := range refusalWords {
		if words.id == "" || words.en == "" || words.id == words.en {
			t.Errorf("%s: %q, %q", reason, words.id, words.en)
		}
	}
	for _, code := range []string{"invalid", "unauthenticated", "forbidden", "not_found", "wrong_state", "queue_empty", "counter_busy",
		"slot_full", "already_booked", "outside_hours", "too_early", "too_late", "rate_limited", "unavailable",
		"method_not_allowed", "too_large", "unsupported_media_type", "headers_too_large", "internal"} {
		if !h.Pages.HasWords("problem." + code) {
			t.Errorf("problem.%s has no words", code)
		}
	}
}

// listen serves the house on a port of the loopback.
func (h *house) listen() string {
	h.t.Helper()
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- h.fiber.Listener(at) }()
	h.t.Cleanup(func() {
		if err := h.fiber.Shutdown(); err != nil {
			h.t.Error(err)
		}
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
	return at.Addr().String()
}

// raw sends bytes and reads one answer.
func raw(t *testing.T, address, request string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, request) }() // the server may answer and close before it has read all
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, body, t, request[:min(60, len(request))]}
}

func TestOversizedAndBrokenRequestsAreProblems(t *testing.T) {
	h := embedded(t)
	address := h.listen()
	post := func(path string, size int) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, size, strings.Repeat(" ", size))
	}
	raw(t, address, post("/api/v1/offices/bandung/bookings", bodyLimit+1)).problem(413, "too_large")
	raw(t, address, "GET /?"+strings.Repeat("a", 2*headerLimit)+" HTTP/1.1\r\nHost: x\r\n\r\n").problem(431, "headers_too_large")
	raw(t, address, "GET / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("a", 2*headerLimit)+"\r\n\r\n").problem(431, "headers_too_large")
	raw(t, address, "nonsense\r\n\r\n").problem(400, "invalid")
	put := strings.Replace(post("/api/v1/offices/bandung/config", 4*bodyLimit), "POST", "PUT", 1)
	raw(t, address, put).problem(401, "unauthenticated")
	raw(t, address, strings.Replace(post("/api/v1/offices/bandung/config", configBodyLimit+1), "POST", "PUT", 1)).problem(413, "too_large")
}

// Most programs read an answer only when all is sent. The server waits for the rest a
// fraction of a second only, so that one of some attempts may fail on a machine that
// stands still for a moment.
func TestWhoSendsFarTooMuchStillReadsWhy(t *testing.T) {
	h := embedded(t)
	address := h.listen()
	for start, code := range map[string]string{
		"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 8388608\r\n\r\n": "too_large",
		"GET /api/v1/offices HTTP/1.1\r\nHost: x\r\nX: ":                                                                "headers_too_large",
	} {
		send := func() (string, error) {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				return "", err
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, start+strings.Repeat("a", 8<<20)); err != nil {
				return "", err
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				return "", err
			}
			body, err := io.ReadAll(response.Body)
			return string(body), err
		}
		said, err := send()
		for again := 0; err != nil && again < 5; again++ {
			said, err = send()
		}
		if err != nil || !strings.Contains(said, code) {
			t.Errorf("%s: %s, %v", code, said, err)
		}
	}
}

func TestABrokenHandlerIsCaughtAndWrittenDown(t *testing.T) {
	h := embedded(t)
	h.fiber.Get("/api/v1/broken", func(*fiber.Ctx) error { panic("ouch") })
	h.ask("GET", "/api/v1/broken", nil).problem(500, "internal")
	if !strings.Contains(h.logs.String(), "ouch") {
		t.Error("the log does not say why")
	}
}

func TestAStoreThatFailsIsUnavailable(t *testing.T) {
	f := classify(fmt.Errorf("keep the person: %w", errors.New("connection refused")))
	if f.status != 503 || f.code != "unavailable" || f.retry == 0 {
		t.Errorf("it is %+v", f)
	}
}

func TestTheServersOwnRefusalsKeepTheirStatus(t *testing.T) {
	for status, code := range map[int]string{400: "invalid", 426: "upgrade_required", 503: "unavailable", 502: "invalid", 501: "internal", 414: "invalid"} {
		if f := classify(fiber.NewError(status)); f.code != code {
			t.Errorf("%d is %s, want %s", status, f.code, code)
		}
	}
}
