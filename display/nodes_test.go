package display

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/ledger/redistest"
	"antrean/internal/staff"
	"antrean/static"
)

func TestATicketOfOneNodeIsKnownOnTheOtherAtOnce(t *testing.T) {
	a := onRedis(t, redistest.Start(t))
	b := a.twin()
	a.as(staff.Kiosk)
	officer := a.as(staff.Officer)
	b.press(officer, "3", "open", nil).is(200)
	for range 20 {
		ticket := a.walkIn("penggantian", false)
		b.ask("GET", "/api/v1/tickets/"+ticket.Token, nil).is(200)
		var v static.CounterView
		b.press(officer, "3", "next", nil).is(200, &v)
		if v.Current.Number != ticket.Number {
			t.Fatalf("%s was called, %s given", v.Current.Number, ticket.Number)
		}
		a.press(officer, "3", "serve", nil).is(200)
		b.press(officer, "3", "complete", nil).is(200)
	}
}

func TestARepetitionOnAnotherNodeIsAnsweredAlike(t *testing.T) {
	a := onRedis(t, redistest.Start(t))
	b := a.twin()
	for n := range 10 {
		body := bookingOf("paspor-baru", "earliest", n)
		key := []string{"Idempotency-Key", "k" + nikOf(n)}
		first := a.bookAt(body, key...).is(201)
		again := b.bookAt(body, key...).is(201)
		if diff := cmp.Diff(string(first.body), string(again.body)); diff != "" {
			t.Error(diff)
		}
		b.bookAt(body).problem(409, "already_booked")
	}
}

func TestTheLastPlaceIsBookedOnce(t *testing.T) {
	a := onRedis(t, redistest.Start(t))
	b := a.twin()
	a.at(staff.Supervisor, "days/2026-11-25/capacity", map[string]any{"service": "paspor-baru", "places": 3}).is(200)
	var all sync.WaitGroup
	answers := make([]answer, 12)
	for i := range answers {
		node := []*house{a, b}[i%2]
		all.Go(func() {
			answers[i] = node.bookAt(bookingOf("paspor-baru", "2026-11-25T08:30:00+07:00", i))
		})
	}
	all.Wait()
	booked := 0
	for _, answer := range answers {
		if answer.status == 201 {
			booked++
			continue
		}
		answer.problem(409, "slot_full")
	}
	if booked != 3 {
		t.Errorf("%d places of 3 were booked", booked)
	}
	// One person at both offices at the same moment.
	for n := 20; n < 30; n++ {
		var one, other answer
		all.Go(func() { one = a.bookAt(bookingOf("penggantian", "earliest", n)) })
		all.Go(func() {
			other = b.ask("POST", "/api/v1/offices/soekarno-hatta/bookings", bookingOf("penggantian", "earliest", n))
		})
		all.Wait()
		if (one.status == 201) == (other.status == 201) {
			t.Errorf("person %d: %d %s and %d %s", n, one.status, one.body, other.status, other.body)
		}
	}
}

func TestWhileTheStoreIsDownCommandsAreUnavailableAndPagesReadable(t *testing.T) {
	server := redistest.Start(t)
	h := onRedis(t, server)
	officer := h.as(staff.Officer)
	ticket := h.walkIn("penggantian", false)
	h.press(officer, "3", "open", nil).is(200)
	f := h.feed("/live/offices/bandung/display")
	h.ask("GET", "/api/v1/offices", nil).is(200)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	h.bookAt(bookingOf("penggantian", "earliest", 1)).problem(503, "unavailable")
	h.ask("GET", "/api/v1/tickets/"+ticket.Token, nil).is(200)
	h.shot(f, 0, &struct{}{})
	h.ask("GET", "/healthz", nil).is(200)
	h.see("/display/bandung").is(200)
	h.see("/").is(200)
	if err := server.Cont(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for h.bookAt(bookingOf("penggantian", "earliest", 1)).status == 503 {
		if time.Now().After(deadline) {
			t.Fatal("it does not come back")
		}
	}
}
