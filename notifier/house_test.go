package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"antrean/internal/calendar"
	"antrean/internal/ledger"
	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

func TestMain(m *testing.M) {
	if os.Getenv(nodeStore) != "" {
		fmt.Fprintln(os.Stderr, runNode())
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// tray is a channel that keeps what it is given.
type tray struct {
	name    string
	reaches func(Contact) bool  // nil: whoever has a phone
	answer  func(Message) error // nil: takes everything
	got     chan struct{}       // closed and made anew with every message
	mu      sync.Mutex
	kept    []Message
}

func newTray(name string) *tray { return &tray{name: name, got: make(chan struct{})} }

func (c *tray) Name() string { return c.name }

func (c *tray) Reaches(to Contact) bool {
	if c.reaches != nil {
		return c.reaches(to)
	}
	return to.Phone != ""
}

func (c *tray) Send(_ context.Context, m Message) (Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	if c.answer != nil {
		err = c.answer(m)
	}
	if err == nil {
		c.kept = append(c.kept, m)
	}
	close(c.got)
	c.got = make(chan struct{})
	return Receipt{ID: fmt.Sprint(len(c.kept))}, err
}

// messages are those of a kind ("" for all), with what changes them next.
func (c *tray) messages(kind Kind) ([]Message, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []Message
	for _, m := range c.kept {
		if kind == "" || m.Kind == kind {
			all = append(all, m)
		}
	}
	return all, c.got
}

// await waits until there are n messages of a kind.
func (c *tray) await(t testing.TB, kind Kind, n int) []Message {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		all, more := c.messages(kind)
		if len(all) >= n {
			return all
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%d of %d messages %q came", len(all), n, kind)
		}
	}
}

type store interface {
	ledger.Log
	ledger.Records
}

// house is an office that never closes, with one node that tells its people.
type house struct {
	t       testing.TB
	store   store
	ring    *vault.Keyring
	vault   *vault.Vault
	offices *ledger.Offices
	office  *ledger.Office
	people  int

	mu        sync.Mutex
	notifiers []*Notifier
}

func embeddedStore(t testing.TB) store {
	t.Helper()
	e, err := ledger.OpenEmbedded(filepath.Join(t.TempDir(), "antrean.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func redisStore(t testing.TB, url string) store {
	t.Helper()
	r, err := ledger.OpenRedis(t.Context(), url, ledger.RedisOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func onBothStores(t *testing.T, play func(t *testing.T, s store)) {
	t.Run("embedded", func(t *testing.T) { play(t, embeddedStore(t)) })
	t.Run("redis", func(t *testing.T) { play(t, redisStore(t, redistest.Start(t).URL())) })
}

// openHouse makes the office and runs a node of it. The notifier is started by
// tell.
func openHouse(t testing.TB, s store, edits ...func(*queue.Config)) *house {
	t.Helper()
	ring, err := vault.NewKeyring(vault.Key{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: s, ring: ring, vault: vault.New(s, ring, time.Now)}
	h.offices = ledger.New(s, s, ledger.Options{OnChange: func(office string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, n := range h.notifiers {
			n.Changed(office)
		}
	}})
	h.running(func(ctx context.Context) { _ = h.offices.Run(ctx) })
	if _, err := h.offices.Create(t.Context(), roundTheClock(t, edits...)); err != nil {
		t.Fatal(err)
	}
	if h.office, err = h.offices.Office(t.Context(), "bandung"); err != nil {
		t.Fatal(err)
	}
	return h
}

// running runs something until the test ends, or stop is called.
func (h *house) running(run func(ctx context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	h.t.Cleanup(stop)
	return stop
}

// tell runs a notifier with these channels and returns how to stop it.
func (h *house) tell(change func(*Options), channels ...Channel) (stop func()) {
	h.t.Helper()
	o := Options{
		Offices: h.offices, Store: h.store, Records: h.store, Vault: h.vault, Ring: h.ring,
		Rules: Rules{Quiet: "off"}, PublicURL: "https://antrean.example/", ClaimFor: 10 * time.Second, SendFor: time.Second,
		Log: slog.New(slog.NewTextHandler(h.t.Output(), nil)),
	}
	for _, c := range channels {
		o.Routes = append(o.Routes, Route{Channel: c, Rate: queue.Rate{Count: 10_000, Per: time.Second}})
	}
	if change != nil {
		change(&o)
	}
	n, err := New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	h.notifiers = append(h.notifiers, n)
	h.mu.Unlock()
	stop = h.running(func(ctx context.Context) { _ = n.Run(ctx) })
	h.begun()
	return stop
}

// begun waits until the notice log has begun: what happens from then on is told.
func (h *house) begun() {
	h.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		lines, err := h.store.Tail(h.t.Context(), logOf("bandung"), 0, 1)
		if err == nil && len(lines) > 0 {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatal("the notice log does not begin")
		}
	}
}

func roundTheClock(t testing.TB, edits ...func(*queue.Config)) *queue.Config {
	t.Helper()
	name := func(s string) queue.Text { return queue.Text{"id": s} }
	c := &queue.Config{
		ID: "bandung", Name: "Kantor Bandung", Timezone: "Asia/Jakarta",
		Hours:   map[string][]string{"mon-sun": {"00:00-24:00"}},
		Booking: queue.Booking{Slot: calendar.Duration(time.Hour)},
		NoShow:  queue.NoShowRules{SelfCheckIn: "open"},
		Stages:  []queue.Stage{{ID: "berkas", Name: name("Berkas")}, {ID: "wawancara", Name: name("Wawancara")}},
		Services: []queue.Service{
			{ID: "baru", Prefix: "A", Name: name("Paspor baru"), Stages: []string{"berkas", "wawancara"}, SlotCapacity: queue.Capacity{Places: 30}, Fee: 350_000},
			{ID: "ganti", Prefix: "B", Name: name("Penggantian"), Stages: []string{"wawancara"}, SlotCapacity: queue.Capacity{Places: 100}},
		},
	}
	for i := range 4 {
		k := fmt.Sprint(i + 1)
		c.Counters = append(c.Counters, queue.CounterConfig{ID: k, Name: "Loket " + k})
	}
	for _, edit := range edits {
		edit(c)
	}
	if errs := c.Prepare(); len(errs) > 0 {
		t.Fatal(errs)
	}
	return c
}

func (h *house) do(by string, ask queue.Ask) {
	h.t.Helper()
	h.people++
	id := fmt.Sprintf("cmd%d", h.people)
	if err := h.office.Do(h.t.Context(), queue.Command{Ask: ask, By: queue.Actor{Name: by, Anywhere: true}, ID: id}, nil); err != nil {
		h.t.Fatal(err)
	}
}

// person gives a ticket somebody with a phone.
func (h *house) person(ticket string) {
	h.t.Helper()
	p := vault.Person{Name: "Sri Wahyuni", NIK: "3273011212900001", Phone: "+6281234567890", Locale: "id"}
	if err := h.vault.Put(h.t.Context(), "bandung", ticket, p, time.Hour); err != nil {
		h.t.Fatal(err)
	}
}

// walkIn gives a number to somebody with a phone.
func (h *house) walkIn(ticket string) {
	h.t.Helper()
	h.person(ticket)
	h.do("desk", queue.Issue{ID: ticket, Service: "baru"})
}

// lines are the notice log's.
func (h *house) lines() []line {
	h.t.Helper()
	j := &journal{log: h.store, records: h.store, office: "bandung"}
	var all []line
	for after := uint64(0); ; {
		found, err := j.log.Read(h.t.Context(), logOf("bandung"), after+1, 1000)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, e := range found {
			l, err := readLine(e.Data)
			if err != nil {
				h.t.Fatal(err)
			}
			all = append(all, l)
			after = e.Version
		}
		if len(found) < 1000 {
			return all
		}
	}
}

// kinds are the kinds of messages in the order of their sending.
func kinds(all []Message) string {
	var k []string
	for _, m := range all {
		k = append(k, string(m.Kind))
	}
	return strings.Join(k, " ")
}

// claimed counts the first claims by task and channel.
func claimed(lines []line) map[string]int {
	n := map[string]int{}
	for _, l := range lines {
		for _, c := range l.Claims {
			if c.Attempt == 1 {
				n[c.Ticket+" "+c.Event+" "+c.Channel]++
			}
		}
	}
	return n
}

func ended(lines []line, outcome Outcome) (n int) {
	for _, l := range lines {
		n += len(slices.DeleteFunc(slices.Clone(l.Results), func(r result) bool { return r.Outcome != outcome }))
	}
	return n
}
