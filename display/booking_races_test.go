package display

import (
	"context"
	"errors"
	"testing"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/vault"
)

const bandungBookings = "/api/v1/offices/bandung/bookings"

// tryOf is one try of a booking with a key, as far as the test lets it come.
func (h *house) tryOf(key string, body string, n int) (order, booking, string) {
	h.t.Helper()
	o, err := h.orderWith("public", bandungBookings, key, []byte(body), applicant)
	if err != nil {
		h.t.Fatal(err)
	}
	b := booking{Service: "paspor-baru", People: []bookedPerson{{Name: personOf(n)["name"], NIK: nikOf(n)}}}
	office, err := h.open(context.Background(), "bandung")
	if err != nil {
		h.t.Fatal(err)
	}
	if err := b.check(office); err != nil {
		h.t.Fatal(err)
	}
	return o, b, h.Ring.TicketID("bandung", o.request, 0)
}

// The slower of two tries of one key is refused after the faster was booked, or
// before: never is the record of the booked ticket erased.
func TestARefusedTryOfAKeyLeavesTheOtherTrysRecord(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		text := `{"service":"paspor-baru","slot":"earliest","people":[{"name":"Ujang","nik":"` + nikOf(1) + `"}]}`
		o, b, id := h.tryOf("twice", text, 1)
		if err := h.claim(ctx, "bandung", []string{id}, b.people, 1); err != nil {
			t.Fatal(err)
		}
		if err := h.Vault.Put(ctx, "bandung", id, b.people[0], 1<<40); err != nil {
			t.Fatal(err)
		}
		// The other try stands just before its event while this one is refused
		// and cleans up. Then it goes on.
		h.forget(ctx, "bandung", o, []string{id})
		office, err := h.open(ctx, "bandung")
		if err != nil {
			t.Fatal(err)
		}
		err = office.Do(ctx, o.asks(queue.Book{Service: "paspor-baru", IDs: []string{id}}), nil)
		_, gone := h.Vault.Get(ctx, "bandung", id)
		if (err == nil) != (gone == nil) {
			t.Errorf("the ticket: %v, its record: %v", err, gone)
		}
		// Whatever came of it, the key still works, and its ticket has its person.
		var booked bookedAnswer
		h.ask("POST", bandungBookings, text, keyHeader, "twice").is(201, &booked)
		person, err := h.Vault.Get(ctx, "bandung", booked.Tickets[0].ID)
		if err != nil || person.NIK != nikOf(1) {
			t.Errorf("the booked person: %v", err)
		}
		// And once it is booked, a try that is refused late erases nothing.
		h.forget(ctx, "bandung", o, []string{booked.Tickets[0].ID})
		if _, err := h.Vault.Get(ctx, "bandung", booked.Tickets[0].ID); err != nil {
			t.Errorf("the booked person is forgotten: %v", err)
		}
	})
}

func TestARetryWhoseTicketWasFencedStartsAnew(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		text := `{"service":"paspor-baru","slot":"earliest","people":[{"name":"Ujang","nik":"` + nikOf(1) + `"}]}`
		_, b, id := h.tryOf("slow", text, 1)
		if err := h.claim(ctx, "bandung", []string{id}, b.people, 1); err != nil {
			t.Fatal(err)
		}
		var other bookedAnswer
		h.ask("POST", "/api/v1/offices/soekarno-hatta/bookings", bookingOf("paspor-baru", "earliest", 1)).is(201, &other)
		// It says why, and of whom.
		p := h.ask("POST", bandungBookings, text, keyHeader, "slow").problem(409, "already_booked")
		if len(p.Errors) != 1 || p.Errors[0].Field != "people[0].nik" {
			t.Errorf("the problem names %v", p.Errors)
		}
		h.ask("POST", "/api/v1/tickets/"+other.Tickets[0].Token+"/cancel", nil).is(200)
		var booked, again bookedAnswer
		h.ask("POST", bandungBookings, text, keyHeader, "slow").is(201, &booked)
		h.ask("POST", bandungBookings, text, keyHeader, "slow").is(201, &again)
		if booked.Tickets[0].ID == id || booked.Tickets[0].ID != again.Tickets[0].ID {
			t.Errorf("fenced %s, booked %s, repeated %s", id, booked.Tickets[0].ID, again.Tickets[0].ID)
		}
	})
}

func TestWhoBooksAgainAfterBeingMissedIsNotBroughtBack(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		var missed bookedAnswer
		h.bookAt(bookingOf("penggantian", "earliest", 1)).is(201, &missed)
		h.at(staff.Supervisor, "days/2026-11-24/end", nil).is(200)
		h.ask("POST", "/api/v1/offices/soekarno-hatta/bookings", bookingOf("paspor-baru", "2026-11-26T08:30:00+07:00", 1)).is(201)
		h.at(staff.Supervisor, "days/2026-11-24/reopen", nil).is(200)
		if got := h.ticketOf(missed.Tickets[0].Token).State; got != "no_show" {
			t.Errorf("the first ticket is %s while the second is booked", got)
		}
		h.at(staff.Desk, "tickets/"+missed.Tickets[0].ID+"/return", nil).problem(409, "already_booked")
	})
}

// A holder without a ticket is fenced only once; two who meet it at the same
// time take it over from one another only if the other is not booked.
func TestAFencedIdentityGoesToOneOfThoseWhoMeetIt(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, b, id := h.tryOf("dead", "{}", 1)
		if err := h.claim(ctx, "bandung", []string{id}, b.people, 1); err != nil {
			t.Fatal(err)
		}
		results := make(chan int, 8)
		for n := range cap(results) {
			office := []string{"bandung", "soekarno-hatta"}[n%2]
			go func() {
				results <- h.ask("POST", "/api/v1/offices/"+office+"/bookings", bookingOf("paspor-baru", "earliest", 1)).status
			}()
		}
		booked := 0
		for range cap(results) {
			if <-results == 201 {
				booked++
			}
		}
		if booked > 1 {
			t.Errorf("one identity was booked %d times", booked)
		}
		if _, err := h.Vault.Get(ctx, "bandung", id); err == nil || errors.Is(err, vault.ErrSealed) {
			t.Errorf("the dead one's record: %v", err)
		}
	})
}
