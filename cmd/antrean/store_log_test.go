package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// testVaultKey seals what these tests keep.
const testVaultKey = "7f3c1e9a5b2d8640c1f7a39e5d2b8c4671e0f9a3b5d7c2e48690a1b3c5d7e9f2"

// call runs the command line in this process.
func call(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &o, &e)
	return code, o.String(), e.String()
}

// succeed calls and wants success; it returns what was printed.
func succeed(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	code, out, errs := call(t, stdin, args...)
	if code != 0 {
		t.Fatalf("antrean %s ended with %d: %s", strings.Join(args, " "), code, errs)
	}
	return out
}

// testOffice opens at half past seven in Bandung.
func testOffice(t *testing.T) *queue.Config {
	t.Helper()
	c := &queue.Config{
		ID: "bandung", Name: "Kantor Imigrasi Bandung", Timezone: "Asia/Jakarta",
		Hours:    map[string][]string{"mon-sun": {"07:30-16:00"}},
		Booking:  queue.Booking{Slot: calendar.Duration(time.Hour)},
		NoShow:   queue.NoShowRules{SelfCheckIn: "open"},
		Stages:   []queue.Stage{{ID: "wawancara", Name: queue.Text{"id": "Wawancara", "en": "Interview"}}},
		Services: []queue.Service{{ID: "paspor-baru", Prefix: "A", Name: queue.Text{"id": "Paspor baru", "en": "New passport"}, Stages: []string{"wawancara"}, SlotCapacity: queue.Capacity{Places: 5}}},
		Counters: []queue.CounterConfig{{ID: "3", Name: "Loket 3"}},
	}
	if errs := c.Prepare(); len(errs) > 0 {
		t.Fatal(errs)
	}
	return c
}

// bandung is a moment of 24 November 2026 there.
func bandung(clock string) time.Time {
	at, err := time.Parse(time.RFC3339, "2026-11-24T"+clock+"+07:00")
	if err != nil {
		panic(err)
	}
	return at
}

// morning is the log of one morning, with a field that this release does not
// know in its last event.
func morning(t *testing.T) []ledger.Entry {
	t.Helper()
	s := queue.NewState("bandung")
	s.Begin()
	var entries []ledger.Entry
	n := 0
	do := func(clock, by string, ask queue.Ask) {
		n++
		id := fmt.Sprintf("command-%d", n)
		events, err := queue.Decide(s, queue.Command{Ask: ask, By: queue.Actor{Name: by, Public: by == "applicant"}, ID: id, Key: id, Body: id}, bandung(clock))
		if err != nil {
			t.Fatalf("%T: %v", ask, err)
		}
		for _, e := range events {
			data, err := queue.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, ledger.Entry{Version: uint64(len(entries) + 1), Tag: id, Data: data})
		}
	}
	do("07:00:00", "system", queue.Configure{Config: testOffice(t), Epoch: "e1"})
	do("07:05:00", "applicant", queue.Book{Service: "paspor-baru", Slot: bandung("09:30:00"), IDs: []string{"budi"}})
	do("07:31:00", "sari", queue.OpenCounter{Counter: "3"})
	do("08:30:00", "applicant", queue.CheckIn{Ticket: "budi"})
	do("09:35:00", "meja", queue.Issue{ID: "wati", Service: "paspor-baru"})
	do("09:40:04", "sari", queue.Next{Counter: "3"})
	do("09:40:30", "sari", queue.Serve{Counter: "3"})
	do("09:52:00", "sari", queue.Complete{Counter: "3"})
	last := &entries[len(entries)-1]
	last.Data = []byte(strings.Replace(string(last.Data), `{"v":1,`, `{"v":1,"later":{"kept":"<yes> & ü"},`, 1))
	return entries
}

// fill writes a log, the record that lists its office, and a sealed person.
func fill(t *testing.T, s *store, entries []ledger.Entry) {
	t.Helper()
	target, ok := s.log.(restorer)
	if !ok {
		t.Fatalf("%T takes no entries", s.log)
	}
	ctx := t.Context()
	people := vault.New(s.records, s.ring, time.Now)
	err := errors.Join(
		target.Restore(ctx, "bandung", entries),
		s.records.Put(ctx, "office/bandung", []byte("{}"), 0),
		s.records.Put(ctx, "lease/bandung", []byte("node"), time.Minute),
		people.Prove(ctx),
		people.Put(ctx, "bandung", "budi", vault.Person{Name: "Budi", NIK: "3273010101900001"}, 30*24*time.Hour),
	)
	if err != nil {
		t.Fatal(err)
	}
}

// openTest opens a store as a command does.
func openTest(t *testing.T, f storeFlags) *store {
	t.Helper()
	s, err := logFlags{storeFlags: f}.open(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// filled is the directory of an embedded store with the entries.
func filled(t *testing.T, entries []ledger.Entry) string {
	t.Helper()
	t.Setenv(vaultKey, testVaultKey)
	dir := filepath.Join(t.TempDir(), "data")
	s := openTest(t, storeFlags{Data: dir})
	fill(t, s, entries)
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tampered is the morning after somebody wrote into the log that who was
// completed is called again while at the counter.
func tampered(t *testing.T) []ledger.Entry {
	entries := morning(t)
	call := -1
	for i, e := range entries {
		if strings.Contains(string(e.Data), `"tickets_called"`) {
			call = i
		}
	}
	if call < 0 {
		t.Fatal("nobody was called that morning")
	}
	entries[call+1].Data = entries[call].Data
	return entries
}

// serving answers as a server does that has the entries.
func serving(t *testing.T, entries []ledger.Entry) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/offices", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"offices":[{"id":"bandung","name":"Kantor"}]}`)
	})
	mux.HandleFunc("GET /api/v1/offices/bandung/log", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"code":"unauthenticated","title":"Sign in"}`)
			return
		}
		after, err := strconv.Atoi(r.URL.Query().Get("after"))
		if err != nil {
			t.Error(err)
		}
		type entry struct {
			Version uint64          `json:"version"`
			Event   json.RawMessage `json:"event"`
		}
		page := []entry{}
		for _, e := range entries[after:min(after+3, len(entries))] {
			page = append(page, entry{e.Version, e.Data})
		}
		if err := json.NewEncoder(w).Encode(map[string]any{"events": page}); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestMisuseEndsWithTwoAndOneLine(t *testing.T) {
	dir := filled(t, morning(t))
	certificate := filepath.Join(t.TempDir(), "chain.pem")
	if err := os.WriteFile(certificate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"verify", "--nonsense"},
		{"verify", "--data", dir, "--office", "elsewhere"},
		{"verify", "--url", "localhost:8080", "--token", "x"},
		{"verify", "--url", "http://127.0.0.1:1"},
		{"simulate", "--url", "localhost:8080", "--token", "x"},
		{"trace", "--data", dir, "--ticket", "A-001"},
		{"trace", "--data", dir, "--office", "bandung"},
		{"trace", "--data", dir, "--office", "bandung", "--date", "yesterday"},
		{"trace", "--data", dir, "--office", "bandung", "--date", "2026-11-24", "--lang", "fr"},
		{"trace", "--data", dir, "--office", "elsewhere", "--date", "2026-11-24"},
		{"export", "--data", dir, "--office", "elsewhere"},
		{"import", "--data", dir, "no-such-file"},
		{"verify", "--data", t.TempDir()},
		{"export", "--data", t.TempDir()},
		{"user", "list", "--data", t.TempDir()},
		{"user", "add", "sari", "--role", "officer", "--password-stdin", "--data", dir},
		{"user", "add", "sari", "--role", "officer", "--office", "elsewhere", "--password-stdin", "--data", dir},
		{"serve", "--data", t.TempDir(), "--addr", "8080"},
		{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--tls-cert", certificate},
		{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--public-url", "antrean.example.go.id"},
		{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--acme", "https://antrean.example.go.id"},
		{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--public-url", "https://example.go.id/antrean"},
		{"bench", "ledger", "--seconds", "0"},
		{"bench", "ledger", "--events", "1"},
	} {
		code, out, errs := call(t, "", args...)
		if code != 2 || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "antrean: ") || out != "" {
			t.Errorf("antrean %s ended with %d, said %q and printed %q", strings.Join(args, " "), code, errs, out)
		}
	}
}

// A command that is given the wrong directory leaves nothing there, and says so
// rather than finding nothing to complain about.
func TestADirectoryWithoutAStoreIsNoEmptyOne(t *testing.T) {
	for _, args := range [][]string{{"verify"}, {"export"}, {"trace", "--office", "bandung", "--ticket", "A-001"}, {"user", "list"}} {
		dir := filepath.Join(t.TempDir(), "antrean-data")
		code, out, errs := call(t, "", append(args, "--data", dir)...)
		if code != 2 || !strings.Contains(errs, "there is no store in "+dir) || out != "" {
			t.Errorf("%s ended with %d, %q and %q", args[0], code, errs, out)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s made the directory", args[0])
		}
	}
}

func TestAFileOfARunningServerIsLeftAlone(t *testing.T) {
	dir := filled(t, morning(t))
	s := openTest(t, storeFlags{Data: dir})
	defer func() { _ = s.close() }()
	for _, command := range []string{"verify", "export", "import"} {
		code, _, errs := call(t, "", command, "--data", dir)
		if code == 0 || !strings.Contains(errs, "belongs to a running server") || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s ended with %d and %q", command, code, errs)
		}
	}
}

func TestVerifyPassesTheTruthAndNamesTheFirstViolation(t *testing.T) {
	out := succeed(t, "", "verify", "--data", filled(t, morning(t)))
	if !strings.HasPrefix(out, "bandung  ok  version 9, 9 events") {
		t.Errorf("verify printed %q", out)
	}
	code, _, errs := call(t, "", "verify", "--data", filled(t, tampered(t)))
	if code != 1 || !strings.Contains(errs, "bandung: event 8: ticket budi is called") {
		t.Errorf("verify ended with %d and %q", code, errs)
	}
}

func TestVerifyThroughAServer(t *testing.T) {
	out := succeed(t, "", "verify", "--url", serving(t, morning(t)), "--token", "secret")
	if !strings.HasPrefix(out, "bandung  ok  version 9") {
		t.Errorf("verify printed %q", out)
	}
	code, _, errs := call(t, "", "verify", "--url", serving(t, tampered(t)), "--token", "secret")
	if code != 1 || !strings.Contains(errs, "bandung: event 8: ticket") {
		t.Errorf("verify ended with %d and %q", code, errs)
	}
	code, _, errs = call(t, "", "verify", "--url", serving(t, morning(t)), "--token", "wrong")
	if code != 1 || !strings.Contains(errs, "401 unauthenticated") {
		t.Errorf("verify with a wrong token ended with %d and %q", code, errs)
	}
}
