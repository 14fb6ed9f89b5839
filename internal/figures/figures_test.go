package figures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"antrean/internal/calendar"
	"antrean/internal/figures"
	"antrean/internal/queue"
)

// A morning of five people, each with a story of their own, and what is counted
// of it: by hand, from the times that stand here.
func TestADayOfFivePeopleIsCounted(t *testing.T) {
	config := &queue.Config{
		ID: "bandung", Name: "Bandung", Timezone: "Asia/Jakarta",
		Hours:    map[string][]string{"mon-sun": {"08:00-16:00"}},
		Booking:  queue.Booking{Slot: calendar.Duration(time.Hour)},
		NoShow:   queue.NoShowRules{SelfCheckIn: "open", CheckInGrace: calendar.Duration(30 * time.Minute)},
		Stages:   []queue.Stage{{ID: "berkas", Name: queue.Text{"id": "Berkas"}}},
		Services: []queue.Service{{ID: "baru", Prefix: "A", Name: queue.Text{"id": "Baru"}, Stages: []string{"berkas"}, SlotCapacity: queue.Capacity{Places: 2}}},
		Counters: []queue.CounterConfig{{ID: "3", Name: "Loket 3"}},
	}
	if errs := config.Prepare(); len(errs) > 0 {
		t.Fatal(errs)
	}
	at := func(clock string) time.Time {
		moment, err := time.Parse(time.RFC3339, "2026-11-24T"+clock+"+07:00")
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	book := func(slot, id string) queue.Ask {
		return queue.Book{Service: "baru", Slot: at(slot), IDs: []string{id}}
	}
	state, counted := queue.NewState("bandung"), figures.NewBook(queue.NewState("bandung"))
	version := uint64(0)
	for i, step := range []struct {
		clock, by string
		ask       queue.Ask
	}{
		{"07:00:00", "system", queue.Configure{Config: config, Epoch: "e1"}},
		{"07:01:00", "applicant", book("08:00:00", "siti")},
		{"07:02:00", "applicant", book("08:00:00", "lena")},
		{"07:03:00", "applicant", book("09:00:00", "nina")}, // never comes
		{"07:31:00", "sari", queue.OpenCounter{Counter: "3"}},
		{"07:40:00", "applicant", queue.CheckIn{Ticket: "siti"}}, // early: waits from eight
		{"08:01:00", "sari", queue.Next{Counter: "3"}},
		{"08:01:30", "sari", queue.Serve{Counter: "3"}},
		{"08:11:30", "sari", queue.Complete{Counter: "3"}},
		{"08:40:00", "system", queue.ReleasePlaces{}},       // Lena's
		{"08:41:00", "applicant", book("08:00:00", "toni")}, // takes it
		{"08:42:00", "applicant", queue.CheckIn{Ticket: "toni"}},
		{"08:44:00", "sari", queue.Next{Counter: "3"}},
		{"08:44:20", "sari", queue.Serve{Counter: "3"}},
		{"08:49:20", "sari", queue.Complete{Counter: "3"}},
		{"08:50:00", "desk", queue.CheckIn{Ticket: "lena"}}, // late
		{"08:55:00", "sari", queue.Next{Counter: "3"}},
		{"08:55:40", "sari", queue.Serve{Counter: "3"}},
		{"09:05:40", "sari", queue.Complete{Counter: "3"}},
		{"09:06:00", "desk", queue.Issue{ID: "wati", Service: "baru"}},
		{"09:08:00", "sari", queue.Next{Counter: "3"}},
		{"09:08:10", "sari", queue.UndoLast{Counter: "3"}}, // nobody was called
		{"09:10:00", "sari", queue.Next{Counter: "3"}},
		{"09:12:00", "sari", queue.Miss{Counter: "3"}}, // and is not there
		{"09:25:00", "sari", queue.Next{Counter: "3"}}, // again
		{"09:27:00", "sari", queue.Miss{Counter: "3"}}, // for the last time
		{"16:00:00", "system", queue.EndDay{Date: "2026-11-24"}},
	} {
		state.Begin()
		by := queue.Actor{Name: step.by, Anywhere: step.by == "system", Public: step.by == "applicant"}
		events, err := queue.Decide(state, queue.Command{Ask: step.ask, By: by, ID: fmt.Sprint("c", i)}, at(step.clock))
		if err != nil {
			t.Fatalf("%s: %T: %v", step.clock, step.ask, err)
		}
		state.Keep()
		for _, e := range events {
			version++
			if err := counted.Add(version, e); err != nil {
				t.Fatal(err)
			}
		}
	}

	// What is written down for later says the same.
	data, err := counted.Day("2026-11-24", at("16:00:01")).Encode()
	if err != nil {
		t.Fatal(err)
	}
	day, err := figures.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	got := figures.Sum("bandung", []*figures.Day{day}, figures.Options{From: "2026-11-24", To: "2026-11-24", By: figures.ByDay}).Total
	want := figures.Row{
		Tickets: 5, Arrived: 4, Done: 3, NoShow: 2, Late: 1, Released: 1, Refilled: 1,
		Served: 3, AbsentReturns: 1, Absent: 1, OpenSeconds: 8*3600 + 29*60, PerHour: 0.4, Average: 500,
		Waiting: figures.Times{Count: 4, P50: 120, P90: 300}, // 60, 120, 240, 300
		Walking: figures.Times{Count: 3, P50: 30, P90: 40},   // 20, 30, 40
		Service: figures.Times{Count: 3, P50: 600, P90: 600}, // 300, 600, 600
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(figures.Row{}, "Predictions")); d != "" {
		t.Error(d)
	}
}
