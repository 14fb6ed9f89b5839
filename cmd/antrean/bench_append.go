package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
)

// ledgerBench is a run of bench ledger.
type ledgerBench struct {
	benchLedger
	ctx      context.Context
	dir      string
	progress io.Writer
}

const (
	// benchRound is about how long a side is measured before it is the other's
	// turn: short, so that whatever else the machine does hits both.
	benchRound = 500 * time.Millisecond
	// sampled is how many of a round's entries the limit repeats.
	sampled = 20_000
)

// appendFigures compare acknowledged commands with the limit.
type appendFigures struct {
	Callers   int     `json:"callers"`
	PerSecond float64 `json:"commands_per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Batch     float64 `json:"events_per_batch"`
	Limit     float64 `json:"limit_per_second"`
	Shape     string  `json:"limit_shape"` // of the limit's best variant
	Ratio     float64 `json:"ratio"`
}

// tally sums what a side did.
type tally struct {
	done int
	took time.Duration
}

func (t tally) rate() float64 { return float64(t.done) / max(t.took.Seconds(), 1e-9) }

// ours is what the ledger did with so many callers.
type ours struct {
	tally
	waits   []time.Duration
	entries int
	batches int
}

func (o *ours) figures(callers int) appendFigures {
	slices.Sort(o.waits)
	at := func(q float64) float64 {
		if len(o.waits) == 0 {
			return 0
		}
		return float64(o.waits[int(q*float64(len(o.waits)-1))]) / float64(time.Millisecond)
	}
	return appendFigures{Callers: callers, PerSecond: o.rate(), P50: at(0.5), P99: at(0.99), Batch: float64(o.entries) / float64(max(o.batches, 1))}
}

func (f *appendFigures) against(limit tally, shape string) {
	f.Limit, f.Shape = limit.rate(), shape
	f.Ratio = f.PerSecond / max(f.Limit, 1e-9)
}

// rounds is how often each side has its turn.
func (b *ledgerBench) rounds() int {
	return max(1, int(b.Seconds*float64(time.Second)/float64(benchRound)))
}

// redis measures beside raw pipelines.
func (b *ledgerBench) redis(f *ledgerFigures) error {
	url := b.Redis
	if url == "" {
		if _, err := exec.LookPath("redis-server"); err != nil {
			return misused("bench ledger starts a redis-server of its own, and there is none on the PATH: install it (Debian: apt install redis-server), or name a spare one with --redis")
		}
		server, err := redistest.Launch(b.dir)
		if err != nil {
			return err
		}
		defer server.Close()
		url = server.URL()
	}
	store, err := ledger.OpenRedis(b.ctx, url, ledger.RedisOptions{})
	if err != nil {
		return err
	}
	defer store.Close()
	bare, err := ledger.OpenBareRedis(url)
	if err != nil {
		return err
	}
	defer bare.Close()
	for _, callers := range b.Callers {
		var sum ours
		limits := map[int]*tally{} // by connections
		for round := range b.rounds() {
			b.say("redis, %d callers, round %d of %d", callers, round+1, b.rounds())
			office := "bench-" + strings.ToLower(rand.Text())
			entries, err := b.acknowledged(store, store, office, callers, &sum)
			if err == nil {
				err = b.raw(bare, office, callers, entries, limits)
			}
			_ = store.Delete(b.ctx, "office/"+office)
			if err := bare.Forget(b.ctx, rawStream(office), office); err != nil {
				return err
			}
			if err != nil {
				return err
			}
		}
		figures := sum.figures(callers)
		for _, conns := range connections(callers) {
			if limit := *limits[conns]; limit.rate() > figures.Limit {
				figures.against(limit, fmt.Sprintf("%d × %d", conns, callers/conns))
			}
		}
		f.Redis = append(f.Redis, figures)
	}
	return nil
}

func rawStream(office string) string { return "antrean:{" + office + "}:raw" }

// connections are the shapes of the limit: a single long pipeline is read in
// pieces, each with its own fsync, so a few shorter ones beside each other may
// be faster. The best counts.
func connections(callers int) []int {
	var all []int
	for _, n := range []int{1, 2, 4, 16} {
		if callers%n == 0 {
			all = append(all, n)
		}
	}
	return all
}

// raw pipelines XADDs of the entries, with as many on their way as the ledger
// had callers.
func (b *ledgerBench) raw(bare *ledger.BareRedis, office string, callers int, entries []ledger.Entry, limits map[int]*tally) error {
	shapes := connections(callers)
	for _, conns := range shapes {
		if limits[conns] == nil {
			limits[conns] = &tally{}
		}
		took, done, err := b.during(conns, func(caller int) func() (int, error) {
			each := callers / conns
			next := caller * each
			return func() (int, error) {
				if next+each > len(entries) {
					next = 0
				}
				part := entries[next:min(next+each, len(entries))]
				next += callers
				return len(part), bare.Add(b.ctx, rawStream(office), part)
			}
		})
		if err != nil {
			return err
		}
		limits[conns].took += took
		limits[conns].done += done
	}
	return nil
}

// during repeats what each caller does for a round and counts.
func (b *ledgerBench) during(callers int, start func(caller int) func() (int, error)) (took time.Duration, done int, err error) {
	began := time.Now()
	until := began.Add(time.Duration(b.Seconds / float64(b.rounds()) * float64(time.Second)))
	var mu sync.Mutex
	var group sync.WaitGroup
	for caller := range callers {
		act := start(caller)
		group.Go(func() {
			n := 0
			var failed error
			for failed == nil && time.Now().Before(until) {
				var more int
				more, failed = act()
				n += more
			}
			mu.Lock()
			defer mu.Unlock()
			done += n
			if err == nil {
				err = failed
			}
		})
	}
	group.Wait()
	return time.Since(began), done, err
}

// acknowledged has callers work a new office, each waiting for its answers,
// and returns some of the entries that they made.
func (b *ledgerBench) acknowledged(log ledger.Log, records ledger.Records, office string, callers int, sum *ours) ([]ledger.Entry, error) {
	offices := ledger.New(log, records, ledger.Options{})
	ctx, stop := context.WithCancel(b.ctx)
	ended := make(chan error, 1)
	go func() { ended <- offices.Run(ctx) }() // ends with ctx, awaited below
	defer func() { stop(); <-ended }()        // it ends without an error
	config, err := benchOffice(office, callers)
	if err != nil {
		return nil, err
	}
	if _, err := offices.Create(ctx, config); err != nil {
		return nil, err
	}
	f, err := offices.Office(ctx, office)
	if err != nil {
		return nil, err
	}
	for caller := range callers {
		if err := f.Do(ctx, staffCommand(queue.OpenCounter{Counter: strconv.Itoa(caller)}, caller), nil); err != nil {
			return nil, err
		}
	}
	began, _ := f.Confirmed()
	waits := make([][]time.Duration, callers)
	took, done, err := b.during(callers, func(caller int) func() (int, error) {
		step := 0
		return func() (int, error) {
			c := visit(caller, step)
			step++
			sent := time.Now()
			err := f.Do(ctx, c, nil)
			waits[caller] = append(waits[caller], time.Since(sent))
			return 1, err
		}
	})
	if err != nil {
		return nil, fmt.Errorf("a caller was refused: %w", err)
	}
	sum.done += done
	sum.took += took
	sum.waits = append(sum.waits, slices.Concat(waits...)...)
	entries, err := readSome(ctx, log, office, began.Version, sampled)
	for i, e := range entries {
		sum.entries++
		if i == 0 || e.Tag != entries[i-1].Tag {
			sum.batches++
		}
	}
	return entries, err
}

func readSome(ctx context.Context, log ledger.Log, office string, after uint64, most int) ([]ledger.Entry, error) {
	var all []ledger.Entry
	for len(all) < most {
		entries, err := ledger.Entries(ctx, log, "", office, after, readTogether)
		if err != nil || len(entries) == 0 {
			return all, err
		}
		all = append(all, entries...)
		after = all[len(all)-1].Version
	}
	return all, nil
}

// visit is a caller's next command: a number is taken at the door, then
// somebody is called to the caller's counter, served and completed. Whoever
// calls has brought somebody, so nobody is refused and the waiting stays as
// long as there are callers.
func visit(caller, step int) queue.Command {
	counter := strconv.Itoa(caller)
	switch step % 4 {
	case 0:
		services := [...]string{"paspor-baru", "penggantian"}
		c := staffCommand(queue.Issue{ID: rand.Text(), Service: services[step/4%2], Priority: step/4%10 == 0}, caller)
		c.By = queue.Actor{Name: "applicant", Public: true}
		return c
	case 1:
		return staffCommand(queue.Next{Counter: counter}, caller)
	case 2:
		return staffCommand(queue.Serve{Counter: counter}, caller)
	default:
		return staffCommand(queue.Complete{Counter: counter}, caller)
	}
}

// staffCommand comes, as all that the API takes, with a key to be remembered.
func staffCommand(ask queue.Ask, caller int) queue.Command {
	id := rand.Text()
	return queue.Command{Ask: ask, By: queue.Actor{Name: "petugas-" + strconv.Itoa(caller)}, Key: id, Body: id, ID: id}
}

// benchOffice is an office that never closes.
func benchOffice(id string, counters int) (*queue.Config, error) {
	c := &queue.Config{
		ID: id, Name: "Kantor Imigrasi " + id, Timezone: "Asia/Jakarta",
		Hours:  map[string][]string{"mon-sun": {"00:00-24:00"}},
		Stages: []queue.Stage{{ID: "wawancara", Name: queue.Text{"id": "Wawancara dan foto"}}},
		Services: []queue.Service{
			{ID: "paspor-baru", Prefix: "A", Name: queue.Text{"id": "Paspor baru"}, Fee: 350_000, Stages: []string{"wawancara"}},
			{ID: "penggantian", Prefix: "B", Name: queue.Text{"id": "Penggantian paspor"}, Fee: 350_000, Stages: []string{"wawancara"}},
		},
	}
	for i := range counters {
		k := strconv.Itoa(i)
		c.Counters = append(c.Counters, queue.CounterConfig{ID: k, Name: "Loket " + k})
	}
	if errs := c.Prepare(); len(errs) > 0 {
		return nil, errs[0]
	}
	return c, nil
}

func (b *ledgerBench) say(format string, args ...any) {
	if isTerminal() {
		fmt.Fprintf(b.progress, format+"\n", args...)
	}
}
