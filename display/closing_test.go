package display

import (
	"slices"
	"testing"
	"time"

	"antrean/internal/staff"
)

func TestAClosedDayFindsItsPeopleOtherPlaces(t *testing.T) { onBothStores(t, closedDay) }

func closedDay(t *testing.T, h *house) {
	var moved, chooses bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T08:30:00+07:00", 1, 2)).is(201, &moved)
	h.bookAt(bookingOf("paspor-baru", "2026-11-26T08:30:00+07:00", 3)).is(201, &chooses)
	key := []string{"Idempotency-Key", "closed"}
	first := h.at(staff.Supervisor, "days/2026-11-25/close", map[string]any{"mode": "move"}, key...).is(200)
	if again := h.at(staff.Supervisor, "days/2026-11-25/close", map[string]any{"mode": "move"}, key...).is(200); string(again.body) != string(first.body) {
		t.Error("repeated, it says something else")
	}
	for _, ticket := range moved.Tickets {
		v := h.ticketOf(ticket.Token)
		if v.State != "booked" || v.Slot.Start.Format(time.DateOnly) != "2026-11-26" || v.MovedFrom == nil || len(v.Party) != 2 {
			t.Errorf("moved: %+v", v)
		}
	}
	h.at(staff.Supervisor, "days/2026-11-26/close", nil).is(200)
	v := h.ticketOf(chooses.Tickets[0].Token)
	if !v.ChooseNewDay || !slices.Contains(v.Can, "reschedule") {
		t.Errorf("chooses: %+v", v)
	}
	h.ask("POST", "/api/v1/tickets/"+chooses.Tickets[0].Token+"/reschedule", map[string]any{"slot": "2026-11-30T08:30:00+07:00"}).is(200, &v)
	if v.ChooseNewDay || !slices.Contains(v.Can, "reschedule") {
		t.Errorf("chose, and it was counted: %+v", v)
	}
}
