package predict

import (
	"fmt"
	"testing"
	"time"

	"antrean/internal/config"
	"antrean/internal/queue"
)

var morning = time.Date(2026, 11, 24, 9, 0, 0, 0, time.FixedZone("WIB", 7*60*60))

// hall is a state with open counters and people who came one after another,
// the last a moment before the morning.
type hall struct{ *queue.State }

func newHall(t testing.TB, office queue.Config, counters int, paces map[string]queue.Pace) hall {
	t.Helper()
	h := hall{queue.NewState(office.ID)}
	h.tell(t, &queue.OfficeConfigured{Config: &office})
	for _, k := range office.Counters[:counters] {
		h.Counters[k.ID] = &queue.Counter{ID: k.ID, State: queue.Open, Officer: "officer" + k.ID}
	}
	h.Paces = paces
	return h
}

func (h hall) tell(t testing.TB, f queue.Fact) {
	t.Helper()
	if err := h.Apply(h.Version+1, &queue.Event{At: morning, Fact: f}); err != nil {
		t.Fatal(err)
	}
}

// comes brings somebody into the hall so long before the morning.
func (h hall) comes(t testing.TB, service string, lane queue.Lane, before time.Duration) *queue.Ticket {
	t.Helper()
	s, ok := h.Config.Service(service)
	if !ok {
		t.Fatalf("no service %s", service)
	}
	n := len(h.Tickets) + 1
	at := morning.Add(-before)
	offset := map[queue.Lane]time.Duration{queue.Priority: 5, queue.Appointment: 20, queue.Walkin: 45}[lane] * time.Minute
	ticket := &queue.Ticket{
		ID: fmt.Sprintf("t%03d", n), Number: fmt.Sprintf("%s-%03d", s.Prefix, n), Seq: n, Service: service,
		Route: s.Stages, Stage: s.Stages[0], Status: queue.Waiting, Lane: lane, Date: h.Today(morning),
		Made: at, Arrived: at, Since: at, Due: at.Add(offset),
	}
	h.tell(t, &queue.TicketsBooked{Tickets: []*queue.Ticket{ticket}})
	return ticket
}

func BenchmarkForecast(b *testing.B) {
	h := newHall(b, config.Default()[0], 10, map[string]queue.Pace{
		"paspor-baru/berkas": {Count: 50, Mean: 4 * time.Minute}, "paspor-baru/wawancara": {Count: 50, Mean: 9 * time.Minute}, "penggantian/wawancara": {Count: 50, Mean: 9 * time.Minute},
	})
	for i := range 300 {
		lane := []queue.Lane{queue.Appointment, queue.Walkin, queue.Appointment, queue.Appointment, queue.Priority}[i%5]
		h.comes(b, []string{"paspor-baru", "penggantian", "paspor-baru"}[i%3], lane, time.Duration(300-i)*20*time.Second)
	}
	b.Run("look", func(b *testing.B) {
		for b.Loop() {
			Look(h.State, morning)
		}
	})
	b.Run("play", func(b *testing.B) {
		seen := Look(h.State, morning)
		for b.Loop() {
			seen.play()
		}
	})
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Waits(h.State, morning)
		}
	})
}
