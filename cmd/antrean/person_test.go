package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"antrean/internal/config"
	"antrean/internal/ledger"
	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/subject"
	"antrean/internal/vault"
)

// nikBudi is whom fill keeps.
const nikBudi = "3273010101900001"

// onEachStore plays with the flags of an embedded store and of Redis, each with
// one morning in it.
func onEachStore(t *testing.T, play func(t *testing.T, store ...string)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { play(t, "--data", filled(t, morning(t))) })
	t.Run("redis", func(t *testing.T) {
		t.Setenv(vaultKey, testVaultKey)
		f := storeFlags{Redis: redistest.Start(t).URL(), Data: t.TempDir()}
		s := openTest(t, f)
		fill(t, s, morning(t))
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
		play(t, "--redis", f.Redis, "--data", f.Data)
	})
}

// with is a command line with the flags of a store.
func with(store []string, args ...string) []string { return append(args, store...) }

func TestOnePersonIsShownReportedAndErased(t *testing.T) {
	onEachStore(t, func(t *testing.T, store ...string) {
		out := succeed(t, nikBudi+"\n", with(store, "person", "show", "--nik", "--lang", "en")...)
		for _, want := range []string{"Budi", nikBudi, "A-011 (budi)", "done", "Kept until"} {
			if !strings.Contains(out, want) {
				t.Errorf("show lacks %q: %s", want, out)
			}
		}

		name := filepath.Join(t.TempDir(), "laporan")
		succeed(t, "", with(store, "person", "report", "--ticket", "budi", "--out", name)...)
		var held subject.Held
		for _, suffix := range []string{".json", ".txt"} {
			text, err := os.ReadFile(name + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(name + suffix); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s can be read by others: %v, %v", suffix, info.Mode(), err)
			}
			if strings.Contains(string(text), "sari") || !strings.Contains(string(text), "dipanggil ke Loket 3") {
				t.Errorf("the report names the officer, or lacks the call: %s", text)
			}
			if suffix == ".json" {
				if err := json.Unmarshal(text, &held); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(held.Tickets) != 1 || len(held.Tickets[0].History) < 5 || held.Tickets[0].Person.Name != "Budi" {
			t.Errorf("the report holds %d tickets", len(held.Tickets))
		}
		code, _, errs := call(t, "", with(store, "person", "report", "--ticket", "budi", "--out", name)...)
		if code != 2 || !strings.Contains(errs, "exists") {
			t.Errorf("a report over another ended with %d and %q", code, errs)
		}

		if out := succeed(t, nikBudi, with(store, "person", "erase", "--nik")...); !strings.Contains(out, "without a person now: A-011\n") {
			t.Errorf("erase printed %q", out)
		}
		code, _, errs = call(t, nikBudi, with(store, "person", "show", "--nik")...)
		if code != 1 || !strings.Contains(errs, "nothing is held") {
			t.Errorf("after erasing, show ended with %d and %q", code, errs)
		}
		if out := succeed(t, "", with(store, "person", "show", "--ticket", "budi")...); !strings.Contains(out, "terhapus") || strings.Contains(out, "Budi") {
			t.Errorf("show printed %q", out)
		}
		export := succeed(t, "", with(store, "export")...)
		if strings.Contains(export, "vault/bandung/budi") || strings.Count(export, `"people_looked_at"`) != 3 || !strings.Contains(export, `"by":"(console)","fact":{"tickets":["budi"]}`) {
			t.Errorf("the export is %s", export)
		}
		succeed(t, "", with(store, "verify")...)
	})
}

func TestABreachIsListedForLetters(t *testing.T) {
	onEachStore(t, func(t *testing.T, store ...string) {
		name := filepath.Join(t.TempDir(), "orang.csv")
		out := succeed(t, "", with(store, "person", "breach", "--since", "2020-01-01", "--out", name)...)
		if !strings.Contains(out, "people affected: 1, of whom 0 have") || !strings.Contains(out, "3 x 24 hours") {
			t.Errorf("breach printed %q", out)
		}
		text, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(text), "Budi,,,,false,birth_date name nik,") || strings.Contains(string(text), nikBudi) {
			t.Errorf("the list is %s, %v", text, err)
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others can read the list: %v, %v", info.Mode(), err)
		}
		succeed(t, "", with(store, "person", "breach", "--since", "2020-01-01T08:00", "--format", "json", "--out", name+".json")...)
		var b subject.Breach
		if text, err = os.ReadFile(name + ".json"); err != nil || json.Unmarshal(text, &b) != nil || b.People != 1 {
			t.Errorf("the list is %s, %v", text, err)
		}
	})
}

func TestWrongQuestionsAboutPeople(t *testing.T) {
	dir := filled(t, morning(t))
	out := filepath.Join(t.TempDir(), "out")
	for _, c := range []struct {
		stdin string
		args  []string
	}{
		{"", []string{"person", "show"}},
		{"", []string{"person", "show", "--nik"}},
		{"327301", []string{"person", "show", "--nik"}},
		{nikBudi, []string{"person", "show", "--nik", "--ticket", "budi"}},
		{"", []string{"person", "show", "--code", "0000"}},
		{"", []string{"person", "show", "--ticket", "budi", "--office", "elsewhere"}},
		{"", []string{"person", "report", "--ticket", "budi"}},
		{"", []string{"person", "report", "--ticket", "budi", "--out", "/no/such/directory/x"}},
		{"", []string{"person", "breach", "--out", out}},
		{"", []string{"person", "breach", "--since", "yesterday", "--out", out}},
		{"", []string{"person", "breach", "--since", "2999-01-01", "--out", out}},
		{"", []string{"person", "breach", "--since", "2020-01-01", "--out", dir}},
		{"", []string{"person", "show", "--ticket", "budi", "--url", "localhost"}},
	} {
		code, said, errs := call(t, c.stdin, append(c.args, "--data", dir)...)
		if code != 2 || strings.Count(errs, "\n") != 1 || said != "" || strings.Contains(errs, "327301") {
			t.Errorf("antrean %s ended with %d, said %q and printed %q", strings.Join(c.args, " "), code, errs, said)
		}
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		t.Error("a file was made for nothing")
	}
	t.Setenv(vaultKey, strings.Repeat("5a3c", 16))
	if code, _, errs := call(t, "", "person", "show", "--ticket", "budi", "--data", dir); code != 2 || !strings.Contains(errs, "vault key") {
		t.Errorf("with another key it ended with %d and %q", code, errs)
	}
}

// appendNotice writes a line behind those that the server's own notifier writes
// meanwhile.
func appendNotice(t *testing.T, s *server, line string) {
	t.Helper()
	var end ledger.Position
	for {
		err := s.store.log.Append(t.Context(), "bandung:notices", end, rand.Text(), [][]byte{[]byte(line)})
		var moved *ledger.Moved
		if !errors.As(err, &moved) {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		end = moved.End
	}
}

// A running server has the embedded file: people and accounts are reached
// through it, with an administrator's token.
func TestPeopleAndAccountsThroughARunningServer(t *testing.T) {
	t.Setenv(vaultKey, testVaultKey)
	t.Setenv(adminPassword, "sandi-panjang")
	data := t.TempDir()
	s, err := newServer(t.Context(), serverOptions{
		serveCommand: serveCommand{storeFlags: storeFlags{Data: data}, Addr: "127.0.0.1:0"},
		offices:      config.Default(), log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.welcome(t.Context(), &process{out: t.Output(), err: t.Output()}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()

	office, err := s.ledger.Office(t.Context(), "bandung")
	if err != nil {
		t.Fatal(err)
	}
	var slot time.Time
	office.Read(func(state *queue.State) {
		service, _ := state.Config.Service("paspor-baru")
		p, _ := state.Earliest(service, state.Today(s.ledger.Now()), 1, s.ledger.Now())
		slot = p.Start
	})
	if err := office.Do(t.Context(), queue.Command{Ask: queue.Book{Service: "paspor-baru", Slot: slot, IDs: []string{"budi"}}, By: queue.Actor{Name: "applicant", Public: true}, ID: "one"}, func(*queue.State, []*queue.Event) {}); err != nil {
		t.Fatal(err)
	}
	kept := vault.New(s.store.records, s.store.ring, time.Now)
	if err := kept.Put(t.Context(), "bandung", "budi", vault.Person{Name: "Budi", NIK: nikBudi, Phone: "+6281234567890"}, time.Hour); err != nil {
		t.Fatal(err)
	}

	// What the notifier wrote of it, and of somebody else.
	line := `{"v":1,"at":"2026-11-24T01:00:00Z","node":"n","results":[{"t":"budi","e":"booked@2-9f3a","c":"push","o":"sent"},{"t":"wati","e":"called@3-9f3a","c":"sms","o":"sent"}]}`
	appendNotice(t, s, line)

	code, _, errs := call(t, "", "person", "show", "--ticket", "budi", "--data", data)
	if code != 1 || !strings.Contains(errs, "belongs to a running server") {
		t.Errorf("beside a server, show ended with %d and %q", code, errs)
	}
	if out := succeed(t, nikBudi, "person", "show", "--nik", "--url", s.url); !strings.Contains(out, "Budi") || !strings.Contains(out, "+6281234567890") {
		t.Errorf("show printed %q", out)
	}
	name := filepath.Join(t.TempDir(), "x")
	succeed(t, "", "person", "report", "--ticket", "budi", "--out", name, "--url", s.url)
	if text, err := os.ReadFile(name + ".txt"); err != nil || !strings.Contains(string(text), "dipesan: ") || !strings.Contains(string(text), "booked, push: sent") || strings.Contains(string(text), "sms") {
		t.Errorf("the report is %s, %v", text, err)
	}
	if out := succeed(t, "", "person", "breach", "--since", "2020-01-01", "--out", name+".csv", "--url", s.url); !strings.Contains(out, "affected: 1, of whom 1 have") {
		t.Errorf("breach printed %q", out)
	}
	code, _, errs = call(t, nikBudi, "person", "erase", "--nik", "--url", s.url)
	if code != 1 || !strings.Contains(errs, "409 wrong_state") {
		t.Errorf("erasing who is expected ended with %d and %q", code, errs)
	}
	succeed(t, nikBudi, "person", "erase", "--nik", "--cancel", "--url", s.url)
	code, _, errs = call(t, nikBudi, "person", "show", "--nik", "--url", s.url)
	if code != 1 || !strings.Contains(errs, "404 not_found") {
		t.Errorf("after erasing, show ended with %d and %q", code, errs)
	}

	succeed(t, "sandi-sari\n", "user", "add", "sari", "--role", "officer", "--office", "bandung", "--password-stdin", "--url", s.url)
	if out := succeed(t, "", "user", "list", "--url", s.url); !strings.Contains(out, "sari") || !strings.Contains(out, "officer") {
		t.Errorf("list printed %q", out)
	}
	succeed(t, "sandi-baru\n", "user", "passwd", "sari", "--password-stdin", "--url", s.url)
	_, token, err := s.staff.Login(t.Context(), staff.LoginRequest{Username: "sari", Password: "sandi-baru", Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	code, _, errs = call(t, nikBudi, "person", "show", "--nik", "--url", s.url, "--token", token)
	if code != 1 || !strings.Contains(errs, "403 forbidden") {
		t.Errorf("an officer's look ended with %d and %q", code, errs)
	}
	code, _, errs = call(t, "x\n", "user", "add", "x", "--role", "officer", "--office", "nowhere", "--password-stdin", "--url", s.url)
	if code != 2 || strings.Count(errs, "\n") != 1 {
		t.Errorf("a wrong account ended with %d and %q", code, errs)
	}
	enrolment, err := s.staff.NewFactor("sari")
	if err != nil {
		t.Fatal(err)
	}
	if now, err := totp.GenerateCode(enrolment.Secret, time.Now()); err != nil {
		t.Fatal(err)
	} else if _, err := s.staff.EnableFactor(t.Context(), "sari", enrolment.Sealed, now); err != nil {
		t.Fatal(err)
	}
	login := staff.LoginRequest{Username: "sari", Password: "sandi-baru", Address: "192.0.2.1"}
	if _, _, err := s.staff.Login(t.Context(), login); !errors.As(err, new(*staff.SecondFactor)) {
		t.Errorf("with a second factor the password alone gives %v", err)
	}
	succeed(t, "", "user", "reset-totp", "sari", "--url", s.url)
	if _, _, err := s.staff.Login(t.Context(), login); err != nil {
		t.Errorf("after resetting it: %v", err)
	}
	succeed(t, "", "user", "remove", "sari", "--url", s.url)
	if out := succeed(t, "", "user", "list", "--url", s.url); strings.Contains(out, "sari") {
		t.Errorf("list printed %q", out)
	}
	stop()
	ended(t, done)
}
