package predict

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antrean/internal/calendar"
	"antrean/internal/config"
	"antrean/internal/queue"
)

var tenMinutes = map[string]queue.Pace{
	"paspor-baru/berkas":    {Count: 1000, Mean: 10 * time.Minute},
	"paspor-baru/wawancara": {Count: 1000, Mean: 10 * time.Minute},
	"penggantian/wawancara": {Count: 1000, Mean: 10 * time.Minute},
}

func TestNobodyWaitsInAnEmptyHall(t *testing.T) {
	h := newHall(t, config.Default()[0], 3, tenMinutes)
	for service, lanes := range Waits(h.State, morning).Newcomers {
		for lane, wait := range lanes {
			if wait != (Wait{0, 0, 60}) {
				t.Errorf("a newcomer of %s by %s waits %v", service, lane, wait)
			}
		}
	}
}

func TestTheWaitIsAsLongAsThoseAheadTake(t *testing.T) {
	h := newHall(t, config.Default()[1], 1, tenMinutes)
	for i := range 8 {
		h.comes(t, "penggantian", queue.Walkin, time.Duration(8-i)*time.Minute)
	}
	f := Waits(h.State, morning)
	for i, id := range []string{"t001", "t002", "t003", "t004", "t005", "t006", "t007", "t008"} {
		got := f.Tickets[id]
		if got.Ahead != i {
			t.Errorf("%s has %d ahead, want %d", id, got.Ahead, i)
		}
		if off := math.Abs(float64(got.Wait.P50)/60 - 10*float64(i)); off > 0.1*10*float64(i)+1 {
			t.Errorf("%s waits %d minutes, want about %d", id, got.Wait.P50/60, 10*i)
		}
	}
	newcomers := f.Newcomers["penggantian"]
	if got := newcomers[queue.Walkin].P50 / 60; got < 70 || got > 90 {
		t.Errorf("who walks in waits %d minutes, want about 80", got)
	}
	if got := newcomers[queue.Priority].P50 / 60; got > 15 {
		t.Errorf("the priority lane waits %d minutes", got)
	}
}

func TestTheOneAtTheCounterIsAlmostDone(t *testing.T) {
	wait := func(served time.Duration) int {
		h := newHall(t, config.Default()[1], 1, tenMinutes)
		there := *h.comes(t, "penggantian", queue.Walkin, time.Hour)
		there.Status, there.Counter, there.CalledAt, there.ServedFrom = queue.Serving, "1", morning.Add(-served), morning.Add(-served)
		h.tell(t, &queue.TicketsBooked{Tickets: []*queue.Ticket{&there}})
		h.Counters["1"] = &queue.Counter{ID: "1", State: queue.Open, Tickets: []string{there.ID}}
		next := h.comes(t, "penggantian", queue.Walkin, time.Minute)
		return Waits(h.State, morning).Tickets[next.ID].Wait.P50 / 60
	}
	if fresh, old := wait(0), wait(9*time.Minute); fresh < 8 || fresh > 10 || old < 2 || old > 5 {
		t.Errorf("after 0 minutes it takes %d more, after 9 minutes %d", fresh, old)
	}
}

func TestABreakIsNotForgotten(t *testing.T) {
	h := newHall(t, config.Default()[1], 1, tenMinutes)
	for range 6 {
		h.comes(t, "penggantian", queue.Walkin, time.Minute)
	}
	before := morning.Add(2*time.Hour + 50*time.Minute) // ten minutes before the break of an hour
	if got := Waits(h.State, before).Tickets["t006"].Wait.P50 / 60; got < 100 || got > 120 {
		t.Errorf("over the break one waits %d minutes, want about 110", got)
	}
	within := morning.Add(3 * time.Hour) // the counter is open all the same
	if got := Waits(h.State, within).Tickets["t006"].Wait.P50 / 60; got < 40 || got > 60 {
		t.Errorf("with a counter open within the break one waits %d minutes, want about 50", got)
	}
}

func TestWhomNobodyServesHasNoPrediction(t *testing.T) {
	h := newHall(t, config.Default()[0], 2, tenMinutes) // both check documents only
	first, other := h.comes(t, "paspor-baru", queue.Walkin, time.Minute), h.comes(t, "penggantian", queue.Walkin, time.Minute)
	f := Waits(h.State, morning)
	if f.Tickets[first.ID].Wait == nil || f.Tickets[other.ID].Wait != nil {
		t.Errorf("forecast %+v", f.Tickets)
	}
	if _, known := f.Newcomers["penggantian"]; known || len(f.Newcomers["paspor-baru"]) != 3 {
		t.Errorf("newcomers %+v", f.Newcomers)
	}
	closed := newHall(t, config.Default()[0], 0, tenMinutes)
	closed.comes(t, "paspor-baru", queue.Walkin, time.Minute)
	if f := Waits(closed.State, morning); f.Tickets["t001"].Wait != nil || len(f.Newcomers) > 0 {
		t.Errorf("with all counters closed: %+v", f)
	}
}

func TestNothingIsPredictedWhileAllStandsStill(t *testing.T) {
	h := newHall(t, config.Default()[0], 3, tenMinutes)
	h.comes(t, "paspor-baru", queue.Walkin, time.Minute)
	h.comes(t, "paspor-baru", queue.Walkin, time.Minute)
	h.Suspensions = []queue.Suspension{{Interval: calendar.Interval{Start: morning.Add(-time.Minute)}}}
	f := Waits(h.State, morning)
	if f.Tickets["t002"].Wait != nil || f.Tickets["t002"].Ahead != 1 || len(f.Newcomers) > 0 {
		t.Errorf("forecast %+v", f)
	}
}

func TestUntilItHasMeasuredAnOfficeSaysAbout(t *testing.T) {
	h := newHall(t, config.Default()[1], 1, map[string]queue.Pace{"penggantian/wawancara": {Count: 19, Mean: 10 * time.Minute}})
	for range 3 {
		h.comes(t, "penggantian", queue.Walkin, time.Minute)
	}
	if got := *Waits(h.State, morning).Tickets["t003"].Wait; got != (Wait{1200, 1200, 1200}) && got != (Wait{1500, 1500, 1500}) {
		t.Errorf("got %v, want about 20 minutes", got)
	}
}

func TestExpectedBookingsStandBeforeWhoWalksIn(t *testing.T) {
	h := newHall(t, config.Default()[1], 1, tenMinutes)
	alone := Waits(h.State, morning)
	for range 6 {
		booked := *h.comes(t, "penggantian", queue.Appointment, time.Hour)
		booked.Status, booked.Arrived = queue.Booked, time.Time{}
		booked.Slot = &calendar.Interval{Start: morning.Add(time.Minute), End: morning.Add(time.Hour)}
		booked.ArriveBy = booked.Slot.Start.Add(30 * time.Minute)
		h.tell(t, &queue.TicketsBooked{Tickets: []*queue.Ticket{&booked}})
	}
	h.comes(t, "penggantian", queue.Walkin, time.Minute)
	h.comes(t, "penggantian", queue.Walkin, time.Minute)
	f := Waits(h.State, morning)
	if got := f.Tickets["t007"].Wait.P90; got > 60 {
		t.Errorf("the only one there waits %d s", got)
	}
	if got := f.Tickets["t008"].Wait.P50 / 60; got < 50 || got > 75 {
		t.Errorf("the second waits %d minutes, want about 60: bookings come within a minute", got)
	}
	if alone.Newcomers["penggantian"][queue.Walkin].P50 != 0 {
		t.Errorf("without bookings: %v", alone.Newcomers)
	}
}

func TestAForecastIsDeterministicAndSharesNothing(t *testing.T) {
	h := newHall(t, config.Default()[0], 4, tenMinutes)
	for i := range 30 {
		h.comes(t, "paspor-baru", queue.Walkin, time.Duration(i)*time.Minute)
	}
	seen := Look(h.State, morning)
	want := seen.Waits()
	h.comes(t, "paspor-baru", queue.Priority, time.Hour)
	h.tell(t, &queue.TicketsCalled{Call: "c", Counter: "1", Tickets: []string{"t010"}, Why: "arrival"})
	if diff := cmp.Diff(want, seen.Waits()); diff != "" {
		t.Errorf("-first +again\n%s", diff)
	}
	if h.Tickets["t010"].Status != queue.Called || h.Tickets["t011"].Status != queue.Waiting {
		t.Error("the forecast changed the state")
	}
}

// TestIntervalsHoldWhatTheyPromise compares with the truth: the whole policy,
// played out in many worlds with service times of its own.
func TestIntervalsHoldWhatTheyPromise(t *testing.T) {
	h := newHall(t, config.Default()[0], 6, tenMinutes)
	const people, worlds = 45, 100
	random := rand.New(rand.NewPCG(1, 2))
	for i := range people {
		lane := []queue.Lane{queue.Appointment, queue.Walkin, queue.Appointment, queue.Appointment, queue.Priority}[random.IntN(5)]
		h.comes(t, []string{"paspor-baru", "penggantian"}[random.IntN(2)], lane, time.Duration(people-i)*time.Minute)
	}
	f := Waits(h.State, morning)

	waits := map[string][]float64{}
	for range worlds {
		pace := math.Exp(drift * random.NormFloat64())
		for id, wait := range h.world(t, func() float64 {
			return 600 * pace * math.Exp(spread*random.NormFloat64()-spread*spread/2)
		}) {
			waits[id] = append(waits[id], wait)
		}
	}
	within, all, off, mean := 0, 0, 0.0, 0.0
	for id, ticket := range f.Tickets {
		slices.Sort(waits[id])
		for _, wait := range waits[id] {
			all++
			if float64(ticket.Wait.P10) <= wait && wait <= float64(ticket.Wait.P90) {
				within++
			}
		}
		off += math.Abs(waits[id][worlds/2]-float64(ticket.Wait.P50)) / 60 / people
		mean += waits[id][worlds/2] / 60 / people
	}
	if all != people*worlds {
		t.Fatalf("%d waits in %d worlds", all, worlds)
	}
	if share := float64(within) / float64(all); share < 0.75 || share > 0.92 {
		t.Errorf("%.0f %% of the waits are within the interval, want about 80", 100*share)
	}
	if off > 0.1*mean {
		t.Errorf("the middle is %.1f minutes off, of %.1f", off, mean)
	}
}

// world plays the hall with the policy itself until everybody was called, and
// returns the seconds that each waited for the first call.
func (h hall) world(t *testing.T, service func() float64) map[string]float64 {
	data, err := h.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	s, err := queue.Restore(data)
	if err != nil {
		t.Fatal(err)
	}
	waits := map[string]float64{}
	free := map[string]float64{}
	for len(waits) < len(h.Tickets) {
		var k *queue.CounterConfig
		for i := range s.Config.Counters {
			c := &s.Config.Counters[i]
			if s.Counter(c.ID).State == queue.Open && (k == nil || free[c.ID] < free[k.ID]) {
				k = c
			}
		}
		now := morning.Add(seconds(free[k.ID]))
		if at := s.Counter(k.ID).Tickets; len(at) > 0 {
			to := ""
			if ticket := s.Tickets[at[0]]; ticket.Stage != ticket.Route[len(ticket.Route)-1] {
				to = ticket.Route[1]
			}
			hall{s}.tell(t, &queue.TicketsCompleted{Counter: k.ID, Tickets: at, To: to})
		}
		next, ok := s.NextTurn(k, now)
		if !ok {
			free[k.ID]++
			continue
		}
		for _, ticket := range next.Tickets {
			if _, again := waits[ticket.ID]; !again {
				waits[ticket.ID] = free[k.ID]
			}
		}
		hall{s}.tell(t, &queue.TicketsCalled{Counter: k.ID, Tickets: []string{next.Tickets[0].ID}, Why: string(next.Why), DebtOf: next.DebtOf, Debt: next.Debt})
		free[k.ID] += service()
	}
	return waits
}

func TestEverybodyWhomACounterServesHasAnOrderedInterval(t *testing.T) {
	office := config.Default()[0]
	rapid.Check(t, func(r *rapid.T) {
		h := newHall(t, office, rapid.IntRange(0, 10).Draw(r, "counters"), tenMinutes)
		served := map[string]bool{}
		for range rapid.IntRange(0, 40).Draw(r, "people") {
			ticket := h.comes(t, rapid.SampledFrom([]string{"paspor-baru", "penggantian"}).Draw(r, "service"),
				rapid.SampledFrom([]queue.Lane{queue.Priority, queue.Appointment, queue.Walkin}).Draw(r, "lane"),
				time.Duration(rapid.IntRange(0, 120).Draw(r, "before"))*time.Minute)
			changed := *ticket
			switch rapid.IntRange(0, 5).Draw(r, "state") {
			case 0: // was absent
				changed.NotBefore = morning.Add(time.Duration(rapid.IntRange(-10, 600).Draw(r, "not before")) * time.Minute)
			case 1:
				changed.Party = "family"
			case 2:
				changed.Status = queue.Booked
				changed.Slot = &calendar.Interval{Start: morning.Add(time.Duration(rapid.IntRange(-60, 60).Draw(r, "slot")) * time.Minute)}
				changed.ArriveBy = changed.Slot.Start.Add(30 * time.Minute)
			}
			h.tell(t, &queue.TicketsBooked{Tickets: []*queue.Ticket{&changed}})
			for _, k := range h.Config.Counters {
				if changed.Status == queue.Waiting && h.Counter(k.ID).State == queue.Open && k.Serves(&changed) {
					served[changed.ID] = true
				}
			}
		}
		now := morning.Add(time.Duration(rapid.IntRange(0, 12*60).Draw(r, "now")) * time.Minute)
		for id, ticket := range Waits(h.State, now).Tickets {
			if (ticket.Wait != nil) != served[id] {
				r.Fatalf("%s: wait %v, served %v", id, ticket.Wait, served[id])
			}
			if w := ticket.Wait; w != nil && (w.P10 < 0 || w.P10 > w.P50 || w.P50 > w.P90 || w.P90%60 != 0) {
				r.Fatalf("%s: wait %v", id, *w)
			}
		}
	})
}
