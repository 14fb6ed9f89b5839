package display

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/staff"
	"antrean/internal/vault"
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

// locked is a vault's store that takes nothing new while it is shut.
type locked struct {
	ledger.Records
	shut bool
}

func (l *locked) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if l.shut {
		return ledger.ErrUnavailable
	}
	return l.Records.Put(ctx, key, value, ttl)
}

func (l *locked) Replace(ctx context.Context, key string, old, value []byte, ttl time.Duration) ([]byte, error) {
	if l.shut {
		return nil, ledger.ErrUnavailable
	}
	return l.Records.Replace(ctx, key, old, value, ttl)
}

// A crash after the closing must not leave a moved person's record with the end
// that it had for the old date.
func TestNobodyIsMovedWhoseRecordCannotBeKeptForIt(t *testing.T) {
	file, err := ledger.OpenEmbedded(filepath.Join(t.TempDir(), "people.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	records := &locked{Records: file}
	h := embedded(t, func(o *Options) { o.Vault = vault.New(records, o.Ring, time.Now) })
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T08:30:00+07:00", 1)).is(201, &booked)
	records.shut = true
	h.at(staff.Supervisor, "days/2026-11-25/close", map[string]any{"mode": "move"}).problem(503, "unavailable")
	if v := h.ticketOf(booked.Tickets[0].Token); v.MovedFrom != nil {
		t.Errorf("moved: %+v", v)
	}
	records.shut = false
	h.at(staff.Supervisor, "days/2026-11-25/close", map[string]any{"mode": "move"}).is(200)
	if v := h.ticketOf(booked.Tickets[0].Token); v.MovedFrom == nil {
		t.Errorf("not moved: %+v", v)
	}
}
