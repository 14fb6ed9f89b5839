package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"text/tabwriter"
	"time"

	"antrean/internal/config"
	"antrean/internal/ledger"
	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

type benchBooking struct {
	Redis   string  `help:"Measure on this Redis, which must be empty and is left full; a redis-server of its own otherwise." placeholder:"URL"`
	Seconds float64 `help:"How long bookings are measured, and as long again the trivial request." default:"6"`
	Clients int     `help:"How many clients wait for answers at the same time." default:"128"`
	Rushes  int     `help:"How many rushes for a quota are made." default:"5"`
	Dir     string  `help:"Where files are put meanwhile: its disk is measured." placeholder:"DIR"`
	JSON    bool    `name:"json" help:"Print the figures as JSON."`
	Profile string  `help:"Write a CPU profile (pprof) of the server." placeholder:"FILE" hidden:""`
}

// The targets: what the figures are held against.
const (
	bookingRatioTarget = 0.12 // of the trivial request
	bookingTarget      = 5000 // a second
	rushTarget         = 1000 // ms, p99 of an answer in the rush
	pressTarget        = 50   // ms, p99 of Next meanwhile
	earliestTarget     = 1    // ms
)

// bookingFigures is what bench booking found.
type bookingFigures struct {
	PerSecond float64         `json:"bookings_per_second"`
	P50       float64         `json:"p50_ms"`
	P99       float64         `json:"p99_ms"`
	Limits    []trivialLimit  `json:"trivial"` // the first is the one that counts
	ClientCPU float64         `json:"client_cpu_us_per_booking"`
	Rush      rushFigures     `json:"rush"`
	Earliest  earliestFigures `json:"earliest"`
}

// trivialLimit is what the same server answers to the same clients when it need
// do nothing.
type trivialLimit struct {
	Request   string  `json:"request"`
	PerSecond float64 `json:"per_second"`
	Ratio     float64 `json:"ratio"` // of bookings to it
}

// bookingBench is a run of bench booking: a server in this process, its clients
// in others.
type bookingBench struct {
	benchBooking
	ctx      context.Context
	dir      string
	progress io.Writer
	server   *server
	people   int // so many have booked
}

const bookingOffice = "bench"

func (c benchBooking) Run(p *process) (err error) {
	if c.Seconds <= 0 || c.Seconds > 600 {
		return misused("--seconds %g is out of range (above 0, up to 600)", c.Seconds)
	}
	if c.Clients < 1 || c.Clients > 10_000 {
		return misused("--clients %d is out of range (1 to 10000)", c.Clients)
	}
	if c.Rushes < 0 || c.Rushes > 100 {
		return misused("--rushes %d is out of range (0 to 100)", c.Rushes)
	}
	dir, err := os.MkdirTemp(c.Dir, "antrean-bench-")
	if err != nil {
		return misuse{err}
	}
	defer os.RemoveAll(dir)
	b := &bookingBench{benchBooking: c, ctx: p.ctx, dir: dir, progress: p.err}
	var f bookingFigures
	if f.Earliest, err = measureEarliest(); err != nil {
		return err
	}
	if err := b.serving(func() error {
		if c.Profile != "" {
			file, err := os.Create(c.Profile)
			if err != nil {
				return err
			}
			defer file.Close()
			if err := pprof.StartCPUProfile(file); err != nil {
				return err
			}
			defer pprof.StopCPUProfile()
		}
		if err := b.throughput(&f); err != nil {
			return err
		}
		return b.rushes(&f.Rush)
	}); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(p.out).Encode(f)
	}
	return f.print(tabwriter.NewWriter(p.out, 0, 8, 2, ' ', tabwriter.AlignRight))
}

// serving runs a server on an empty Redis while measure measures.
func (b *bookingBench) serving(measure func() error) (err error) {
	url := b.Redis
	if url == "" {
		if _, err := exec.LookPath("redis-server"); err != nil {
			return misused("bench booking starts a redis-server of its own, and there is none on the PATH: install it (Debian: apt install redis-server), or name an empty one with --redis")
		}
		server, err := redistest.Launch(b.dir)
		if err != nil {
			return err
		}
		defer server.Close()
		url = server.URL()
	} else if err := b.mustBeEmpty(url); err != nil {
		return err
	}
	if os.Getenv(vaultKey) == "" {
		key := vault.NewKey()
		if err := os.Setenv(vaultKey, hex.EncodeToString(key[:])); err != nil {
			return err
		}
	}
	// The log is written as serve writes it, a line a request, but to a file.
	lines, err := os.Create(filepath.Join(b.dir, "server.log"))
	if err != nil {
		return err
	}
	defer lines.Close()
	office, err := bookedOffice(bookingOffice)
	if err != nil {
		return err
	}
	b.server, err = newServer(b.ctx, serverOptions{
		serveCommand: serveCommand{storeFlags: storeFlags{Redis: url, Data: b.dir}, Addr: "127.0.0.1:0"},
		offices:      config.Offices{*office}, fromFile: true, log: slog.New(slog.NewTextHandler(lines, nil)),
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(b.ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.server.Run(ctx) }() // ends with ctx, awaited below
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	return measure()
}

// throughput has clients book in turn with trivial requests, a round each. A
// booking is a POST with a JSON body that is written into the server's log, and
// so is the first of those: a login without a name, refused unread. The other is
// the least that the server can be asked.
func (b *bookingBench) throughput(f *bookingFigures) error {
	addr := b.server.listener.Addr().String()
	trivial := []struct {
		name    string
		request []byte
		status  int
		sum     tally
	}{
		{name: "POST /api/v1/session {}", request: httpRequest("POST", "/api/v1/session", "{}"), status: 422},
		{name: "GET /healthz", request: httpRequest("GET", "/healthz", ""), status: 200},
	}
	rounds := max(1, int(b.Seconds))
	each := time.Duration(b.Seconds / float64(rounds) * float64(time.Second))
	var booked tally
	var waits []time.Duration
	var cpu time.Duration
	for round := range rounds {
		b.say("round %d of %d", round+1, rounds)
		for i := range trivial {
			t := &trivial[i]
			a, err := b.load(load{Addr: addr, Requests: []string{string(t.request)}, Clients: b.Clients, For: each / 2}, t.status)
			if err != nil {
				return err
			}
			t.sum.done, t.sum.took = t.sum.done+len(a.Waits), t.sum.took+a.Took
		}
		a, err := b.load(load{
			Addr: addr, Clients: b.Clients, For: each,
			Bookings: &bookingLoad{Office: bookingOffice, Service: "paspor-baru", First: b.people},
		}, 201)
		if err != nil {
			return err
		}
		b.people += 1_000_000
		booked.done, booked.took = booked.done+len(a.Waits), booked.took+a.Took
		waits = append(waits, a.Waits...)
		cpu += a.CPU
	}
	f.P50, f.P99 = percentile(waits, 0.5), percentile(waits, 0.99)
	f.ClientCPU = cpu.Seconds() * 1e6 / float64(max(len(waits), 1))
	f.PerSecond = booked.rate()
	for _, t := range trivial {
		f.Limits = append(f.Limits, trivialLimit{t.name, t.sum.rate(), f.PerSecond / max(t.sum.rate(), 1e-9)})
	}
	return b.sold(bookingOffice, booked.done)
}

func (b *bookingBench) load(l load, statuses ...int) (answers, error) {
	clients, err := b.startClients(l)
	if err != nil {
		return answers{}, err
	}
	a, err := clients.work()
	if err == nil {
		err = a.only(statuses...)
	}
	return a, err
}

// sold checks that as many places were taken as bookings were answered, and
// none twice.
func (b *bookingBench) sold(office string, answered int) error {
	o, err := b.server.ledger.Office(b.ctx, office)
	if err != nil {
		return err
	}
	found := 0
	numbers := map[string]bool{}
	taken := map[time.Time]int{}
	o.Read(func(s *queue.State) {
		for _, t := range s.Tickets {
			if t.Slot == nil {
				continue
			}
			found++
			taken[t.Slot.Start]++
			numbers[string(t.Date)+t.Number] = true
			if service, _ := s.Config.Service(t.Service); taken[t.Slot.Start] > service.SlotCapacity.Places {
				err = fmt.Errorf("more than %d places were sold of %s", service.SlotCapacity.Places, t.Slot.Start)
			}
		}
	})
	if err == nil && (found != answered || len(numbers) != found) {
		err = fmt.Errorf("%d bookings were answered, the office holds %d with %d numbers", answered, found, len(numbers))
	}
	return err
}

// bookedOffice never closes, and has more places within a year than are booked
// here: the hours fill one after the other.
func bookedOffice(id string) (*queue.Config, error) {
	c := &queue.Config{
		ID: id, Name: "Kantor Imigrasi " + id, Timezone: "Asia/Jakarta",
		Hours:  map[string][]string{"mon-sun": {"00:00-24:00"}},
		Stages: []queue.Stage{{ID: "wawancara", Name: queue.Text{"id": "Wawancara dan foto"}}},
		Services: []queue.Service{
			{ID: "paspor-baru", Prefix: "A", Name: queue.Text{"id": "Paspor baru"}, Fee: 350_000, Stages: []string{"wawancara"}, SlotCapacity: queue.Capacity{Places: 30}, PickupAfter: 4},
			{ID: "penggantian", Prefix: "B", Name: queue.Text{"id": "Penggantian paspor"}, Fee: 350_000, Stages: []string{"wawancara"}},
		},
		Counters: []queue.CounterConfig{{ID: "1", Name: "Loket 1"}},
		// All clients come from one address here.
		Limits: map[string]queue.Rate{"bookings": {Count: 1 << 30, Per: time.Second}},
	}
	if err := c.Booking.Horizon.UnmarshalText([]byte("365d")); err != nil {
		return nil, err
	}
	if errs := c.Prepare(); len(errs) > 0 {
		return nil, errs[0]
	}
	return c, nil
}

// mustBeEmpty refuses a Redis that somebody may need.
func (b *bookingBench) mustBeEmpty(url string) error {
	r, err := ledger.OpenRedis(b.ctx, url, ledger.RedisOptions{})
	if err != nil {
		return err
	}
	defer r.Close()
	found, err := r.List(b.ctx, "", "", 1)
	if err == nil && len(found) > 0 {
		err = misused("--redis: there is a store of antrean in it; name a spare one")
	}
	return err
}

func (b *bookingBench) say(format string, args ...any) {
	if isTerminal() {
		fmt.Fprintf(b.progress, format+"\n", args...)
	}
}

func (f bookingFigures) print(w *tabwriter.Writer) error {
	fmt.Fprintln(w, "Bookings over HTTP on Redis, appendfsync always, beside trivial requests by the same clients")
	fmt.Fprintf(w, "\tper second\tratio\t\n")
	fmt.Fprintf(w, "bookings\t%.0f\t\t\n", f.PerSecond)
	for _, t := range f.Limits {
		fmt.Fprintf(w, "%s\t%.0f\t%.3f\t\n", t.Request, t.PerSecond, t.Ratio)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "Bookings: %.0f/s%s; %.2f of %s%s; p50 %.1f ms, p99 %.1f ms; %.0f µs of the clients' own CPU each\n",
		f.PerSecond, verdict(f.PerSecond >= bookingTarget, "at least 5,000/s"),
		f.Limits[0].Ratio, f.Limits[0].Request, verdict(f.Limits[0].Ratio >= bookingRatioTarget, "at least 0.12"), f.P50, f.P99, f.ClientCPU)
	f.Rush.print(w)
	fmt.Fprintf(w, "Earliest on a year's horizon, all %d places taken: %.4f ms, %.3f ms when all of it must be read%s\n",
		f.Earliest.Places, f.Earliest.Milliseconds, f.Earliest.First, verdict(f.Earliest.First < earliestTarget, "below 1 ms"))
	return w.Flush()
}
