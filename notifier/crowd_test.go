package notifier

import (
	"encoding/json"
	"fmt"
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

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestTwentyThousandAreToldInFlatMemory(t *testing.T) {
	const people = 20_000
	h := openHouse(t, embeddedStore(t), func(c *queue.Config) {
		c.Services[0].SlotCapacity.Places, c.Booking.PartyMax = 10_000, 20
	})
	date := h.crowd(people)
	// What is sent is counted and let go.
	var mu sync.Mutex
	told := map[string]int{}
	begun, done := make(chan struct{}), make(chan struct{})
	phone := newTray("phone")
	phone.reaches = func(Contact) bool { return true }
	phone.answer = func(m Message) error {
		mu.Lock()
		defer mu.Unlock()
		told[m.Ticket]++
		switch len(told) {
		case 1000:
			close(begun)
		case people:
			close(done)
		}
		return nil
	}
	phone.forget = true
	h.tell(nil, phone)
	before := heap()
	h.do("kepala", queue.CloseDay{Date: date, Why: "banjir"})
	var most uint64
	for wait, late := true, time.After(2*time.Minute); wait; {
		select {
		case <-begun:
			begun, most = nil, heap()
		case <-time.After(200 * time.Millisecond):
			if begun == nil {
				most = max(most, heap())
			}
		case <-done:
			wait = false
		case <-late:
			t.Fatalf("%d were told", len(told))
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for id, n := range told {
		if n != 1 {
			t.Errorf("%s was told %d times", id, n)
		}
	}
	// The state has another copy of 20,000 tickets now, and the names of those
	// who were told are kept here: some 400 bytes a person.
	grown := int64(most) - int64(before)
	t.Logf("the heap grew by %d KB at most while %d were told", grown>>10, people)
	if grown > 24<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
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
