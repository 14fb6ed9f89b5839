package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
)

func eachStore(b *testing.B, bench func(b *testing.B, s store)) {
	b.Run("embedded", func(b *testing.B) { bench(b, openEmbedded(b, filepath.Join(b.TempDir(), "antrean.db"))) })
	b.Run("redis", func(b *testing.B) { bench(b, openRedis(b, redistest.Start(b).URL())) })
}

// BenchmarkDo is one durable command, as many callers at once.
func BenchmarkDo(b *testing.B) {
	eachStore(b, func(b *testing.B, s store) {
		for _, callers := range []int{1, 16, 256} {
			b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
				f := openOffice(b, startNode(b, s, s, Options{}), "bandung-"+random())
				var n atomic.Int64
				var group sync.WaitGroup
				b.ResetTimer()
				for range callers {
					group.Go(func() {
						for n.Add(1) <= int64(b.N) {
							if err := f.Do(b.Context(), command(queue.SetNotices{Notices: []queue.Notice{queue.Plain("Selamat pagi")}}), nil); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				group.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
			})
		}
	})
}

// BenchmarkThreeNodes is three nodes that write one office, 85 callers each:
// what all of them do in a second, and how long the unluckiest wait.
func BenchmarkThreeNodes(b *testing.B) {
	s := openRedis(b, redistest.Start(b).URL())
	office := "bandung"
	var nodes []*Office
	for range 3 {
		nodes = append(nodes, openOffice(b, startNode(b, s, s, Options{}), office))
	}
	waits := make([]time.Duration, b.N)
	var n atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for caller := range 3 * 85 {
		group.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				began := time.Now()
				if err := nodes[caller%3].Do(b.Context(), command(queue.SetNotices{Notices: []queue.Notice{queue.Plain("Selamat pagi")}}), nil); err != nil {
					b.Error(err)
					return
				}
				waits[i-1] = time.Since(began)
			}
		})
	}
	group.Wait()
	slices.Sort(waits)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
	b.ReportMetric(float64(waits[b.N/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(waits[b.N*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkLoad wakes an office with a long log and compares with decoding
// alone, on as many processors.
func BenchmarkLoad(b *testing.B) {
	events := 100_000
	if os.Getenv("ANTREAN_BENCH_EVENTS") != "" {
		fmt.Sscan(os.Getenv("ANTREAN_BENCH_EVENTS"), &events)
	}
	eachStore(b, func(b *testing.B, s store) {
		office := "bandung"
		longLog(b, s, office, events)
		h := history{s, s, "", office, new(bookmarks)}
		b.ResetTimer()
		var load, alone time.Duration
		for range b.N {
			began := time.Now()
			p, err := h.load(b.Context())
			must(b, err)
			load += time.Since(began)
			if p.end.Version < uint64(events) {
				b.Fatalf("loaded to %d", p.end.Version)
			}
			began = time.Now()
			must(b, h.each(b.Context(), 0, ^uint64(0), func(e folded) error { return e.err }))
			alone += time.Since(began)
		}
		b.ReportMetric(float64(b.N*events)/load.Seconds(), "events/s")
		b.ReportMetric(alone.Seconds()/load.Seconds(), "of-decoding-alone")
	})
}

// longLog is months of an office: people take numbers, are called, served,
// and forgotten.
func longLog(t testing.TB, log Log, office string, events int) {
	t.Helper()
	s := queue.NewState(office)
	now := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	var end Position
	var batch [][]byte
	do := func(ask queue.Ask) {
		c := command(ask)
		c.Key = random()
		s.Begin()
		made, err := queue.Decide(s, c, now)
		s.Keep()
		must(t, err)
		data, err := encodeAll(made)
		must(t, err)
		batch = append(batch, data...)
	}
	flush := func() {
		tag := random()
		must(t, log.Append(t.Context(), office, end, tag, batch))
		end = Position{end.Version + uint64(len(batch)), tag}
		batch = nil
	}
	c := roundTheClock(t, office)
	do(queue.Configure{Config: c, Epoch: "e"})
	do(queue.OpenCounter{Counter: "1"})
	for i := 0; int(s.Version) < events; i++ {
		now = now.Add(time.Minute)
		do(queue.Issue{ID: fmt.Sprint("t", i), Service: "paspor-baru"})
		do(queue.Next{Counter: "1"})
		do(queue.Serve{Counter: "1"})
		do(queue.Complete{Counter: "1"})
		if i%1000 == 0 {
			do(queue.Forget{})
			s.Prune(now)
		}
		if len(batch) > 200 {
			flush()
		}
	}
	flush()
}
