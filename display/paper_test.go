package display

import (
	"testing"

	"antrean/internal/staff"
	"antrean/static"
)

// The system was down until nine: 57 came for a new passport, 55 were called on
// paper.
func TestADayThatBeganOnPaperGoesOn(t *testing.T) {
	h := embedded(t)
	start := map[string]any{"A": 57, "called": map[string]int{"A": 55}}
	key := []string{"Idempotency-Key", "paper"}
	first := h.at(staff.Supervisor, "days/2026-11-24/start", start, key...).is(200)
	if again := h.at(staff.Supervisor, "days/2026-11-24/start", start, key...).is(200); string(again.body) != string(first.body) {
		t.Error("repeated, it says something else")
	}
	var v queueView
	unmarshal(t, first.body, &v)
	if v.Counts["waiting"] != 2 {
		t.Errorf("the hall holds %+v", v.Counts)
	}
	sari := h.named("sari", staff.Officer, "bandung")
	h.press(sari, "3", "open", nil).is(200)
	for _, want := range []string{"A-056", "A-057"} {
		var counter static.CounterView
		h.press(sari, "3", "next", nil).is(200, &counter)
		if counter.Current == nil || counter.Current.Number != want {
			t.Fatalf("called: %+v, want %s", counter.Current, want)
		}
		if tv := h.display(); tv.Calls[0].Number != want {
			t.Errorf("the lobby shows %+v", tv.Calls)
		}
		h.press(sari, "3", "no-show", nil).is(200)
	}
	if got := h.walkIn("paspor-baru", false).Number; got <= "A-057" {
		t.Errorf("the next number is %s", got)
	}
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201, &booked)
	if got := booked.Tickets[0].Number; got <= "A-057" {
		t.Errorf("a booking of today has a number that was given on paper: %s", got)
	}
	for _, wrong := range []any{
		map[string]any{"called": map[string]int{"A": 3}},
		map[string]any{"A": 57, "called": map[string]int{"A": 58}},
		map[string]any{"A": 9999, "called": map[string]int{"A": 0}},
		map[string]any{"called": 3},
		map[string]any{"A": map[string]int{"A": 1}},
		map[string]any{"A": "57"},
	} {
		if got := h.at(staff.Supervisor, "days/2026-11-24/start", wrong); got.status != 422 && got.status != 400 {
			t.Errorf("%v: %d %s", wrong, got.status, got.body)
		}
	}
	h.at(staff.Supervisor, "days/2026-11-25/start", map[string]any{"A": 3, "called": map[string]int{"A": 1}}).problem(409, "too_early")
}
