package display

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// TestARushSellsEveryPlaceOnce has 300 people ask for 20 places at once.
func TestARushSellsEveryPlaceOnce(t *testing.T) { onBothStores(t, rush) }

func rush(t *testing.T, h *house) {
	const people, places = 300, 20
	ctx := context.Background()
	tomorrow := calendar.DateOf(morning, morning.Location()).AddDays(1)
	config := &queue.Config{
		ID: "rush", Name: "Rush", Timezone: "Asia/Jakarta",
		Special: map[string]queue.Special{
			string(tomorrow):            {Special: calendar.Special{Hours: []string{"08:00-09:00"}}},
			string(tomorrow.AddDays(1)): {Special: calendar.Special{Hours: []string{"08:00-09:00"}}},
		},
		Booking:  queue.Booking{Horizon: calendar.Duration(48 * time.Hour)},
		Stages:   []queue.Stage{{ID: "s", Name: queue.Text{"id": "S"}}},
		Services: []queue.Service{{ID: "baru", Prefix: "A", Name: queue.Text{"id": "Baru"}, Stages: []string{"s"}, SlotCapacity: queue.Capacity{Places: places / 2}}},
	}
	if errs := config.Prepare(); len(errs) > 0 {
		t.Fatal(errs)
	}
	if _, err := h.Offices.Create(ctx, config); err != nil {
		t.Fatal(err)
	}
	answers := make([]answer, people)
	var group sync.WaitGroup
	for n := range people {
		slot := "earliest"
		if n%5 == 0 {
			slot = string(tomorrow) + "T08:00:00+07:00"
		}
		group.Go(func() {
			answers[n] = h.ask("POST", "/api/v1/offices/rush/bookings", bookingOf("baru", slot, n), "Idempotency-Key", fmt.Sprint(n))
		})
	}
	group.Wait()

	numbers, refused := map[string]bool{}, -1
	for n, a := range answers {
		switch a.status {
		case 201:
			var booked bookedAnswer
			a.is(201, &booked)
			ticket := booked.Tickets[0]
			numbers[ticket.Slot.Start.Format(time.DateOnly)+ticket.Number] = true
			if person, err := h.Vault.Get(ctx, "rush", ticket.ID); err != nil || person.NIK != nikOf(n) {
				t.Errorf("the vault holds %v for the ticket of %d (%v)", person.NIK == nikOf(n), n, err)
			}
		default:
			if p := a.problem(409, "slot_full"); p.Detail == "" {
				t.Errorf("%d is not told why", n)
			}
			refused = n
		}
	}
	if len(numbers) != places {
		t.Errorf("%d numbers were given for %d places", len(numbers), places)
	}
	office, err := h.open(ctx, "rush")
	if err != nil {
		t.Fatal(err)
	}
	office.Read(func(s *queue.State) {
		for day := range 2 {
			start := morning.AddDate(0, 0, day+1).Add(-time.Hour)
			if taken := s.Taken("baru", start); taken != places/2 {
				t.Errorf("%d places of %s are taken", taken, start)
			}
		}
	})
	records, err := h.store.List(ctx, "vault/rush/", "", people)
	if err != nil || len(records) != places {
		t.Errorf("the vault holds %d people (%v)", len(records), err)
	}
	// Who was refused is free to book elsewhere.
	h.bookAt(bookingOf("paspor-baru", "earliest", refused)).is(201)
}
