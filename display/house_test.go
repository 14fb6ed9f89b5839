package display

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"

	"antrean/internal/config"
	"antrean/internal/ledger"
	"antrean/internal/ledger/redistest"
	"antrean/internal/staff"
	"antrean/internal/vault"
	"antrean/static"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The server's date is updated for the life of the process.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		// A server that was shut down cleans its workers up once more, within 10 s.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// morning is a Tuesday in Bandung, an hour and a half after the doors opened.
var morning = time.Date(2026, 11, 24, 9, 0, 0, 0, time.FixedZone("WIB", 7*3600))

// wall is the clock of the offices, moved by hand.
type wall struct {
	mu  sync.Mutex
	now time.Time
}

func (w *wall) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *wall) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// store is where everything of a house lies.
type store interface {
	ledger.Log
	ledger.Records
}

// house is a running server on a store, without a network. It can be closed
// and opened again on the same store.
type house struct {
	*App
	t      testing.TB
	clock  *wall
	key    vault.Key
	logs   *lines
	feeds  []Feed // what was asked to be served live
	store  store
	reopen func() (store, func()) // the same store again
	close  func()

	tokens map[string]string // of staff, by role
	later  atomic.Int64      // by how much the clock that people live by was moved
}

// lines is a log that tests read.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// embedded is a house on a file of its own.
func embedded(t testing.TB, change ...func(*Options)) *house {
	t.Helper()
	path := filepath.Join(t.TempDir(), "antrean.db")
	return newHouse(t, func() (store, func()) {
		e, err := ledger.OpenEmbedded(path)
		if err != nil {
			t.Fatal(err)
		}
		return e, func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
	}, change...)
}

func newHouse(t testing.TB, open func() (store, func()), change ...func(*Options)) *house {
	t.Helper()
	h := &house{t: t, clock: &wall{now: morning}, key: vault.NewKey(), logs: &lines{}, reopen: open, tokens: map[string]string{}}
	h.start(open, change...)
	for _, office := range config.Default() {
		if _, err := h.Offices.Create(context.Background(), &office); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// onRedis is a house on a server of its own.
func onRedis(t testing.TB, server *redistest.Server, change ...func(*Options)) *house {
	t.Helper()
	return newHouse(t, func() (store, func()) {
		r, err := ledger.OpenRedis(context.Background(), server.URL(), ledger.RedisOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r, func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}, change...)
}

// onBothStores plays a scenario on the file and on Redis.
func onBothStores(t *testing.T, play func(*testing.T, *house)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { play(t, embedded(t)) })
	t.Run("redis", func(t *testing.T) { play(t, onRedis(t, redistest.Start(t))) })
}

// twin is another node on the same store, with the same clock and keys.
func (h *house) twin() *house {
	h.t.Helper()
	twin := &house{t: h.t, clock: h.clock, key: h.key, logs: &lines{}, reopen: h.reopen, tokens: h.tokens}
	twin.start(h.reopen)
	return twin
}

// start runs the house; it ends with the test, or before by close.
func (h *house) start(open func() (store, func()), change ...func(*Options)) {
	h.t.Helper()
	ring, err := vault.NewKeyring(h.key)
	if err != nil {
		h.t.Fatal(err)
	}
	pages, err := static.New()
	if err != nil {
		h.t.Fatal(err)
	}
	s, closeStore := open()
	h.store = s
	offices := ledger.New(s, s, ledger.Options{Clock: h.clock, Node: "test"})
	o := Options{
		Offices: offices, Staff: staff.New(s, ring, func() time.Time { return time.Now().Add(time.Duration(h.later.Load())) }), Vault: vault.New(s, ring, h.clock.Now), Ring: ring, Pages: pages,
		Log: slog.New(slog.NewTextHandler(h.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Live: func(c *fiber.Ctx, f Feed) error {
			h.feeds = append(h.feeds, f)
			return c.SendStatus(fiber.StatusNoContent)
		},
		Simulated: true, PublicURL: "https://antrean.test",
	}
	for _, f := range change {
		f(&o)
	}
	if h.App, err = New(o); err != nil {
		h.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = offices.Run(ctx) })
	running.Go(func() { _ = h.Run(ctx) })
	var once sync.Once
	h.close = func() {
		once.Do(func() {
			stop()
			running.Wait()
			closeStore()
		})
	}
	h.t.Cleanup(h.close)
}

// answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
	t      testing.TB
	asked  string
}

// ask sends one request. Headers are pairs; a body that is no string is sent as
// JSON.
func (h *house) ask(method, path string, body any, headers ...string) answer {
	h.t.Helper()
	var sent []byte
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		sent, kind = []byte(b), "application/json"
	default:
		text, err := json.Marshal(body)
		if err != nil {
			h.t.Fatal(err)
		}
		sent, kind = text, "application/json"
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(sent))
	r.Host = "antrean.test"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := h.fiber.Test(r, -1)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	keepsItsPromise(h.t, method, path, sent, response.StatusCode, response.Header, text)
	return answer{response.StatusCode, response.Header, text, h.t, method + " " + path}
}

// is demands a status and reads the body into v.
func (a answer) is(status int, v ...any) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d %s, want %d", a.asked, a.status, a.body, status)
	}
	if len(v) > 0 {
		if err := json.Unmarshal(a.body, v[0]); err != nil {
			a.t.Fatalf("%s: %v in %s", a.asked, err, a.body)
		}
	}
	return a
}

// problem demands a problem with that status and code.
func (a answer) problem(status int, code string) Problem {
	a.t.Helper()
	var p Problem
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
		a.t.Fatalf("%s: %d %q %s is no problem", a.asked, a.status, kind, a.body)
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		a.t.Fatalf("%s: %v in %s", a.asked, err, a.body)
	}
	if a.status != status || p.Status != status || p.Code != code || p.Title == "" || strings.Contains(p.Title, "problem.") {
		a.t.Fatalf("%s: %d %s, want %d %s", a.asked, a.status, a.body, status, code)
	}
	return p
}

// as is the header of somebody with that role at bandung.
func (h *house) as(role staff.Role) []string {
	h.t.Helper()
	return h.named(string(role), role, "bandung")
}

// named is the header of an account, made when it is first asked for.
func (h *house) named(name string, role staff.Role, offices ...string) []string {
	h.t.Helper()
	if h.tokens[name] == "" {
		ctx := context.Background()
		err := h.Staff.Add(ctx, staff.Account{Name: name, Roles: []staff.Role{role}, Offices: offices}, "correct horse")
		if err != nil {
			h.t.Fatal(err)
		}
		_, token, err := h.Staff.Login(ctx, staff.LoginRequest{Username: name, Password: "correct horse", Address: "192.0.2.1"})
		if err != nil {
			h.t.Fatal(err)
		}
		h.tokens[name] = token
	}
	return []string{"Authorization", "Bearer " + h.tokens[name]}
}

// at sends a staff command to bandung.
func (h *house) at(role staff.Role, path string, body any, headers ...string) answer {
	h.t.Helper()
	return h.ask("POST", "/api/v1/offices/bandung/"+path, body, append(h.as(role), headers...)...)
}

// walkIn gives a number at the door.
func (h *house) walkIn(service string, priority bool) ticketAnswer {
	h.t.Helper()
	var t ticketAnswer
	h.at(staff.Kiosk, "tickets", map[string]any{"service": service, "priority": priority}).is(201, &t)
	return t
}

// nikOf makes up the n-th possible NIK.
func nikOf(n int) string { return fmt.Sprintf("327301010190%04d", n+1) }

// personOf makes up the n-th person.
func personOf(n int) map[string]string {
	return map[string]string{"name": fmt.Sprintf("Ujang Rahasia %c", 'A'+n%26), "nik": nikOf(n), "phone": "0812345678" + fmt.Sprintf("%02d", n%100), "email": fmt.Sprintf("rahasia%d@example.com", n)}
}

// booking is the body of a booking for those people.
func bookingOf(service, slot string, people ...int) map[string]any {
	var all []map[string]string
	for _, n := range people {
		all = append(all, personOf(n))
	}
	return map[string]any{"service": service, "slot": slot, "people": all, "locale": "id"}
}

type bookedAnswer struct {
	Tickets []ticketAnswer `json:"tickets"`
}

// book books at bandung.
func (h *house) bookAt(body map[string]any, headers ...string) answer {
	h.t.Helper()
	return h.ask("POST", "/api/v1/offices/bandung/bookings", body, headers...)
}

// counterAct presses a button at a counter of bandung.
func (h *house) press(who []string, counter, act string, body any) answer {
	h.t.Helper()
	return h.ask("POST", "/api/v1/offices/bandung/counters/"+counter+"/"+act, body, who...)
}

func unmarshal(t testing.TB, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}
