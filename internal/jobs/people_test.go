package jobs

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"antrean/internal/config"
	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// morning is a Tuesday in Bandung, an hour and a half after the doors opened.
var morning = time.Date(2026, 11, 24, 9, 0, 0, 0, time.FixedZone("WIB", 7*3600))

type still time.Time

func (s still) Now() time.Time { return time.Time(s) }

// hall is the office of Bandung with one booked ticket, and a vault whose
// records were written two hours ago.
type hall struct {
	offices *ledger.Offices
	people  *vault.Vault
	jobs    *Runner
	stop    func()
}

func newHall(t *testing.T) *hall {
	t.Helper()
	store, err := ledger.OpenEmbedded(filepath.Join(t.TempDir(), "antrean.db"))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := vault.NewKeyring(vault.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	offices := ledger.New(store, store, ledger.Options{Clock: still(morning)})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = offices.Run(ctx) })
	h := &hall{offices: offices, people: vault.New(store, ring, still(morning).Now)}
	h.stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(func() {
		h.stop()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	for i, office := range config.Default() {
		if _, err := offices.Create(ctx, &office); err != nil {
			t.Fatal(i, err)
		}
	}
	bandung, err := offices.Office(ctx, "bandung")
	if err != nil {
		t.Fatal(err)
	}
	if err := bandung.Do(ctx, queue.Command{Ask: queue.Book{Service: "paspor-baru", IDs: []string{"booked"}}, By: queue.Actor{Name: "applicant", Public: true}, ID: "one"}, nil); err != nil {
		t.Fatal(err)
	}
	before := vault.New(store, ring, still(morning.Add(-2*time.Hour)).Now)
	for _, at := range []struct{ office, ticket string }{{"bandung", "booked"}, {"bandung", "refused"}, {"elsewhere", "imported"}} {
		if err := before.Put(ctx, at.office, at.ticket, vault.Person{Name: "Sri", NIK: "3273010101900001"}, 24*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.people.Put(ctx, "bandung", "on-its-way", vault.Person{Name: "Sri", NIK: "3273010101900001"}, 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	h.jobs = New(offices, Table(offices, h.people, nil), slog.New(slog.DiscardHandler))
	return h
}

// known says whether somebody's record is there.
func (h *hall) known(t *testing.T, office, ticket string) bool {
	t.Helper()
	_, err := h.people.Get(t.Context(), office, ticket)
	if err != nil && !errors.Is(err, ledger.ErrAbsent) {
		t.Fatal(err)
	}
	return err == nil
}

// run does the job of that name.
func (h *hall) run(t *testing.T, name string) {
	t.Helper()
	for _, job := range h.jobs.table {
		if job.Name == name {
			h.jobs.do(t.Context(), job)
			return
		}
	}
	t.Fatalf("the table has no job %q", name)
}

func TestOnlyPeopleWithoutATicketAreForgotten(t *testing.T) {
	h := newHall(t)
	h.run(t, "forget people")
	if !h.known(t, "bandung", "booked") || !h.known(t, "bandung", "on-its-way") || !h.known(t, "elsewhere", "imported") {
		t.Error("somebody is forgotten whose ticket is there or may come")
	}
	if h.known(t, "bandung", "refused") {
		t.Error("who never had a ticket is still known")
	}
}

func TestNobodyIsForgottenWhileTheLogCannotBeAsked(t *testing.T) {
	h := newHall(t)
	h.stop() // the offices answer nothing more
	h.run(t, "forget people")
	for _, ticket := range []string{"booked", "refused"} {
		if !h.known(t, "bandung", ticket) {
			t.Errorf("%s is forgotten", ticket)
		}
	}
}

// A crash between the event and the vault leaves a record of somebody whom the
// log says to be erased.
func TestWhoIsErasedInTheLogIsForgotten(t *testing.T) {
	h := newHall(t)
	bandung, err := h.offices.Office(t.Context(), "bandung")
	if err != nil {
		t.Fatal(err)
	}
	for _, ask := range []queue.Ask{queue.Cancel{Ticket: "booked"}, queue.ErasePeople{Tickets: []string{"booked"}}} {
		if err := bandung.Do(t.Context(), queue.Command{Ask: ask, By: queue.Actor{Name: "admin", Anywhere: true}, ID: "x"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	h.run(t, "forget people")
	if h.known(t, "bandung", "booked") {
		t.Error("who was erased is still known")
	}
}
