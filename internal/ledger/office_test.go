package ledger

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
)

// eachBackend runs a test on both.
func eachBackend(t *testing.T, test func(t *testing.T, s store)) {
	t.Run("embedded", func(t *testing.T) {
		test(t, openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db")))
	})
	t.Run("redis", func(t *testing.T) {
		test(t, openRedis(t, redistest.Start(t).URL()))
	})
}

// startNode runs offices until the test ends.
func startNode(t testing.TB, log Log, records Records, o Options) *Offices {
	t.Helper()
	offices := New(log, records, o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := offices.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return offices
}

// roundTheClock is an office that never closes, with two services of one stage
// and four counters.
func roundTheClock(t testing.TB, id string) *queue.Config {
	t.Helper()
	c := &queue.Config{
		ID: id, Name: "Kantor " + id, Timezone: "Asia/Jakarta",
		Hours:   map[string][]string{"mon-sun": {"00:00-24:00"}},
		Booking: queue.Booking{Slot: calendar.Duration(time.Hour)},
		NoShow:  queue.NoShowRules{SelfCheckIn: "open"},
		Stages:  []queue.Stage{{ID: "wawancara", Name: queue.Text{"id": "Wawancara"}}},
		Services: []queue.Service{
			{ID: "paspor-baru", Prefix: "A", Name: queue.Text{"id": "Paspor baru"}, Stages: []string{"wawancara"}, SlotCapacity: queue.Capacity{Places: 5}},
			{ID: "penggantian", Prefix: "B", Name: queue.Text{"id": "Penggantian"}, Stages: []string{"wawancara"}, SlotCapacity: queue.Capacity{Places: 5}},
		},
	}
	for i := range 4 {
		k := fmt.Sprint(i + 1)
		c.Counters = append(c.Counters, queue.CounterConfig{ID: k, Name: "Loket " + k})
	}
	if errs := c.Prepare(); len(errs) > 0 {
		t.Fatal(errs)
	}
	return c
}

// openOffice creates the office and wakes it on the node.
func openOffice(t testing.TB, o *Offices, id string) *Office {
	t.Helper()
	if _, err := o.Create(t.Context(), roundTheClock(t, id)); err != nil {
		t.Fatal(err)
	}
	return wakeOffice(t, o, id)
}

func wakeOffice(t testing.TB, o *Offices, id string) *Office {
	t.Helper()
	f, err := o.Office(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var officer = queue.Actor{Name: "sari", Anywhere: true}

// command is one of the staff's, without a key.
func command(ask queue.Ask) queue.Command {
	return queue.Command{Ask: ask, By: officer, ID: random()}
}

func issue(id string) queue.Command { return command(queue.Issue{ID: id, Service: "paspor-baru"}) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCommandsAreAnsweredAsOfTheirLastEvent(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
		const people = 200
		numbers := make(map[string]bool)
		var mu sync.Mutex
		var group sync.WaitGroup
		for i := range people {
			group.Go(func() {
				id := fmt.Sprintf("t%d", i)
				err := f.Do(t.Context(), issue(id), func(s *queue.State, events []*queue.Event) {
					mu.Lock()
					defer mu.Unlock()
					ticket := s.Tickets[id]
					if ticket == nil || len(events) != 1 || ticket.Version != s.Version {
						t.Errorf("%s was answered at %d with %d events and %+v", id, s.Version, len(events), ticket)
						return
					}
					numbers[ticket.Number] = true
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if len(numbers) != people {
			t.Errorf("%d numbers for %d people", len(numbers), people)
		}
		f.Read(func(s *queue.State) {
			if s.Version != people+2 || len(s.Tickets) != people {
				t.Errorf("version %d, %d tickets", s.Version, len(s.Tickets))
			}
		})
		at, confirmed := f.Confirmed()
		if at.Version != people+2 || time.Since(confirmed).Abs() > 10*time.Second {
			t.Errorf("confirmed %v at %s", at, confirmed)
		}
	})
}
