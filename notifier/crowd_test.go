package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
)

// crowd books so many people for tomorrow, in families of twenty, and returns
// the day.
func (h *house) crowd(people int) calendar.Date {
	h.t.Helper()
	tomorrow := time.Now().Add(30 * time.Hour).Truncate(time.Hour)
	for i := 0; i < people; i += 20 {
		ids := make([]string, 20)
		for k := range ids {
			ids[k] = fmt.Sprintf("b%05d", i+k)
		}
		h.do("applicant", queue.Book{IDs: ids, Service: "baru", Slot: tomorrow.Add(time.Duration(i/10_000) * time.Hour)})
	}
	var date calendar.Date
	h.office.Read(func(s *queue.State) { date = s.Today(tomorrow) })
	return date
}

// quietHeap is what lives on the heap while nothing but bystanders move: the
// least of several looks, since what those need for a moment is not of interest.
func quietHeap() int64 {
	least := int64(math.MaxInt64)
	for range 8 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		least = min(least, int64(m.HeapAlloc))
	}
	return least
}

// gate lets messages through until it closes; then whoever sends one stands
// before it until it opens.
type gate struct {
	after        int // so many go through
	passed       int
	mu           sync.Mutex
	full, opened chan struct{}
	waiting      int
}

func (g *gate) pass() {
	g.mu.Lock()
	g.passed++
	held := g.passed > g.after
	if held {
		if g.waiting++; g.waiting == atOnce {
			close(g.full)
		}
	}
	g.mu.Unlock()
	if held {
		<-g.opened
	}
}

// TestTwentyThousandAreToldInFlatMemory stops a channel in the midst of telling
// everybody of a closed day, and weighs what the notifier holds just then.
func TestTwentyThousandAreToldInFlatMemory(t *testing.T) {
	const people = 20_000
	h := openHouse(t, embeddedStore(t), func(c *queue.Config) {
		c.Services[0].SlotCapacity.Places, c.Booking.PartyMax = 10_000, 20
	})
	date := h.crowd(people)
	var mu sync.Mutex
	told := make(map[string]int, people)
	done := make(chan struct{})
	stopped := gate{after: people / 4, full: make(chan struct{}), opened: make(chan struct{})}
	phone := newTray("phone")
	phone.reaches = func(Contact) bool { return true }
	stop := h.tell(nil, channelFunc{phone, func(m Message) {
		stopped.pass()
		mu.Lock()
		defer mu.Unlock()
		if told[m.Ticket]++; len(told) == people {
			close(done)
		}
	}})
	h.do("kepala", queue.CloseDay{Date: date, Why: "banjir"})
	await(t, stopped.full, "the channel to stand still")
	with := quietHeap()
	close(stopped.opened)
	h.await(done, "everybody to be told", func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(told)
	})
	stop()
	without := quietHeap()

	mu.Lock()
	defer mu.Unlock()
	for id, n := range told {
		if n != 1 {
			t.Errorf("%s was told %d times", id, n)
		}
	}
	most := h.mostOpen()
	t.Logf("at most %d messages were claimed at once, and %d KB held in the midst (of %d)", most, (with-without)>>10, with>>10)
	// A place for each that waits, and as many whose end is not written down yet.
	if most > 2*mostClaimed+mostInLine {
		t.Errorf("%d messages were claimed at once", most)
	}
	// The event that closed the day names everybody: some 35 bytes a person.
	if with-without > 4<<20 {
		t.Errorf("%d MB were held for %d people", (with-without)>>20, people)
	}
}

// mostOpen is how many tasks without an end the notice log held at most.
func (h *house) mostOpen() (most int) {
	h.t.Helper()
	b := newBook()
	for _, l := range h.lines() {
		data, err := json.Marshal(l)
		if err == nil {
			err = b.apply(data)
		}
		if err != nil {
			h.t.Fatal(err)
		}
		most = max(most, len(b.Open))
	}
	return most
}

// channelFunc is a tray that hands every message to a function and keeps none.
type channelFunc struct {
	*tray
	send func(Message)
}

func (c channelFunc) Send(_ context.Context, m Message) (Receipt, error) {
	c.send(m)
	return Receipt{}, nil
}

func await(t testing.TB, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(2 * time.Minute):
		t.Fatalf("waited in vain for %s", what)
	}
}

// await waits as long as something moves: a machine may be slow, but where
// nothing has moved for a minute nothing will.
func (h *house) await(c <-chan struct{}, what string, moved func() int) {
	h.t.Helper()
	for last := -1; ; {
		select {
		case <-c:
			return
		case <-time.After(time.Minute):
			now := moved()
			if now == last {
				h.t.Fatalf("waited in vain for %s: %d", what, now)
			}
			last = now
		}
	}
}

// BenchmarkHandOver books 200 people a second on Redis that acknowledges what is
// on disk, and measures from the acknowledgement of the booking until a gateway
// on this machine has the message.
func BenchmarkHandOver(b *testing.B) {
	var mu sync.Mutex
	booked := map[string]time.Time{}
	var took []time.Duration
	arrived := make(chan struct{}, 1<<16)
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var p posted
		if json.NewDecoder(r.Body).Decode(&p) != nil {
			return
		}
		mu.Lock()
		took = append(took, time.Since(booked[p.Ticket]))
		mu.Unlock()
		arrived <- struct{}{}
	}))
	defer gateway.Close()
	h := openHouse(b, redisStore(b, redistest.Start(b).URL()), func(c *queue.Config) { c.Services[0].SlotCapacity.Places = 10_000 })
	h.tell(func(o *Options) { o.Log = nil }, poster{gateway.URL})
	for i := range max(b.N, 1000) {
		h.person(fmt.Sprintf("b%06d", i))
	}
	slot := time.Now().Add(30 * time.Hour).Truncate(time.Hour)
	b.ResetTimer()
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	n := max(b.N, 1000)
	for i := range n {
		<-pace.C
		id := fmt.Sprintf("b%06d", i)
		mu.Lock()
		booked[id] = time.Now()
		mu.Unlock()
		h.do("applicant", queue.Book{IDs: []string{id}, Service: "baru", Slot: slot})
	}
	for range n {
		<-arrived
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}
