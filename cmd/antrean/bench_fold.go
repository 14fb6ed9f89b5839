package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"antrean/internal/config"
	"antrean/internal/ledger"
	"antrean/internal/queue"
)

// foldFigures compare waking an office with decoding its log.
type foldFigures struct {
	Events    int     `json:"events"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"events_per_second"`
	Limit     float64 `json:"limit_per_second"`
	Ratio     float64 `json:"ratio"`
}

// fold measures how an office without a snapshot wakes, beside reading and
// decoding its log on all processors and folding nothing.
func (b *ledgerBench) fold(f *ledgerFigures) error {
	const office, rounds = "bench-fold", 2
	b.say("making %d events", b.Events)
	store, err := ledger.OpenEmbedded(b.path("fold.db"))
	if err != nil {
		return err
	}
	defer store.Close()
	if err := b.history(store, office); err != nil {
		return err
	}
	var folded, decoded tally
	for round := range rounds {
		b.say("folding, round %d of %d", round+1, rounds)
		began := time.Now()
		state, err := ledger.State(b.ctx, store, noRecords{}, "", office)
		if err != nil {
			return err
		}
		folded.took += time.Since(began)
		folded.done += int(state.Version)
		began = time.Now()
		n, err := decodeAlone(b.ctx, store, office)
		if err != nil {
			return err
		}
		decoded.took += time.Since(began)
		decoded.done += n
	}
	f.Fold = foldFigures{
		Events: folded.done / rounds, Seconds: folded.took.Seconds() / rounds,
		PerSecond: folded.rate(), Limit: decoded.rate(), Ratio: folded.rate() / decoded.rate(),
	}
	return nil
}

// history writes years of days of 450 people: issued, called, served,
// completed, and forgotten when their retention has passed.
func (b *ledgerBench) history(store *ledger.Embedded, office string) error {
	const counters, people = 10, 450
	c, err := benchOffice(office, counters)
	if err != nil {
		return err
	}
	year, month, day := time.Now().AddDate(0, 0, -b.Events/(4*people)-2).Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, c.Calendar().Zone())
	l := &life{store: store, ctx: b.ctx, office: office, state: queue.NewState(office), most: b.Events, now: midnight}
	l.state.Begin()
	l.do(queue.Command{Ask: queue.Configure{Config: c, Epoch: rand.Text()}, By: queue.Actor{Name: "system"}, ID: rand.Text()})
	for l.err == nil && !l.full() {
		for caller := range counters {
			l.do(staffCommand(queue.OpenCounter{Counter: strconv.Itoa(caller)}, caller))
		}
		for i := range people {
			for step := range 4 {
				l.do(visit(i%counters, i/counters*4+step))
			}
			l.now = l.now.Add(2 * time.Minute)
		}
		l.do(queue.Command{Ask: queue.EndDay{Date: l.state.Today(l.now)}, By: queue.Actor{Name: "system", Anywhere: true}, ID: rand.Text()})
		l.now = l.now.Add(24*time.Hour - people*2*time.Minute)
		l.do(queue.Command{Ask: queue.Forget{}, By: queue.Actor{Name: "system", Anywhere: true}, ID: rand.Text()})
		l.state.Keep()
		l.state.Prune(l.now)
		l.state.Begin()
	}
	l.flush()
	return l.err
}

// life is an office that lives in memory and is written down in bulk.
type life struct {
	ctx    context.Context
	store  *ledger.Embedded
	office string
	state  *queue.State
	now    time.Time
	most   int
	err    error

	entries []ledger.Entry
	written int
}

func (l *life) full() bool { return l.written+len(l.entries) >= l.most }

func (l *life) do(c queue.Command) {
	if l.err != nil || l.full() {
		return
	}
	events, err := queue.Decide(l.state, c, l.now)
	if refusal := (*queue.Refusal)(nil); errors.As(err, &refusal) {
		l.err = fmt.Errorf("%T: %w", c.Ask, err)
		return
	}
	first := l.state.Version - uint64(len(events)) + 1
	for i, e := range events {
		data, err := queue.Encode(e)
		if err != nil {
			l.err = err
			return
		}
		l.entries = append(l.entries, ledger.Entry{Version: first + uint64(i), Tag: c.ID[:16], Data: data})
	}
	if len(l.entries) >= 5000 {
		l.flush()
	}
}

func (l *life) flush() {
	if l.err == nil {
		l.err = l.store.Restore(l.ctx, l.office, l.entries)
		l.written += len(l.entries)
		l.entries = l.entries[:0]
	}
}

// decodeAlone reads a log and decodes it on all processors.
func decodeAlone(ctx context.Context, log ledger.Log, office string) (int, error) {
	var decoders errgroup.Group
	decoders.SetLimit(runtime.GOMAXPROCS(0))
	n := 0
	for after := uint64(0); ; {
		entries, err := ledger.Entries(ctx, log, "", office, after, readTogether)
		if err != nil {
			return n, errors.Join(err, decoders.Wait())
		}
		if len(entries) == 0 {
			return n, decoders.Wait()
		}
		decoders.Go(func() error {
			for _, e := range entries {
				if _, err := queue.Decode(e.Data); err != nil {
					return err
				}
			}
			return nil
		})
		n += len(entries)
		after = entries[len(entries)-1].Version
	}
}

// memoryFigures are what booked offices occupy.
type memoryFigures struct {
	Tickets int    `json:"tickets"`
	Offices int    `json:"offices"`
	Bytes   uint64 `json:"bytes"`
}

// perOffice is how many are booked in each office over thirty days.
var perOffice = map[string]int{"bandung": 330 * 30, "soekarno-hatta": 120 * 30}

// memory books both offices for thirty days through running offices, and
// weighs what they hold: the settled and the speculative state, remembered
// answers and all.
func (b *ledgerBench) memory(f *ledgerFigures) error {
	b.say("booking thirty days")
	store, err := ledger.OpenEmbedded(b.path("memory.db"))
	if err != nil {
		return err
	}
	defer store.Close()
	before := heap()
	offices := ledger.New(store, store, ledger.Options{})
	ctx, stop := context.WithCancel(b.ctx)
	ended := make(chan error, 1)
	go func() { ended <- offices.Run(ctx) }() // ends with ctx, awaited below
	defer func() { stop(); <-ended }()        // it ends without an error
	built := config.Default()
	for i := range built {
		c := &built[i]
		if perOffice[c.ID] == 0 {
			continue
		}
		n, err := bookFull(ctx, offices, c, perOffice[c.ID])
		if err != nil {
			return fmt.Errorf("book %s: %w", c.ID, err)
		}
		f.Memory.Tickets += n
		f.Memory.Offices++
	}
	f.Memory.Bytes = heap() - before
	runtime.KeepAlive(offices)
	return nil
}

// bookFull books so many places, the same number on each of thirty days.
func bookFull(ctx context.Context, offices *ledger.Offices, c *queue.Config, people int) (int, error) {
	day := []string{"07:30-12:00", "13:00-16:00"}
	c.Hours, c.Special, c.Closures = map[string][]string{"mon-sun": day}, nil, nil
	for i := range c.Services {
		c.Services[i].SlotCapacity = queue.Capacity{Places: 1000} // the days are full when the figure is reached
	}
	if errs := c.Prepare(); len(errs) > 0 {
		return 0, errs[0]
	}
	if _, err := offices.Create(ctx, c); err != nil {
		return 0, err
	}
	f, err := offices.Office(ctx, c.ID)
	if err != nil {
		return 0, err
	}
	var bookings []queue.Book
	f.Read(func(s *queue.State) {
		now := offices.Now()
		for d := range 30 {
			date := s.Today(now).AddDays(d + 1)
			for i := range people / 30 {
				service := &c.Services[i%len(c.Services)]
				places := s.Places(service, date, now)
				if len(places) > 0 {
					bookings = append(bookings, queue.Book{Service: service.ID, Slot: places[i%len(places)].Start, Locale: "id"})
				}
			}
		}
	})
	var callers errgroup.Group
	callers.SetLimit(256)
	for _, book := range bookings {
		callers.Go(func() error {
			c := staffCommand(nil, 0)
			book.IDs = []string{rand.Text()}
			c.Ask, c.By = book, queue.Actor{Name: "applicant", Public: true}
			return f.Do(ctx, c, nil)
		})
	}
	err = callers.Wait()
	n := 0
	f.Read(func(s *queue.State) { n = len(s.Tickets) })
	return n, err
}

// heap is what lives.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
