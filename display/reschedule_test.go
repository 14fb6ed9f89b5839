package display

import (
	"context"
	"html"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/vault"
	"antrean/static"
)

func TestABookingMovesToAnotherHour(t *testing.T) { onBothStores(t, rescheduled) }

func rescheduled(t *testing.T, h *house) {
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-26T08:30:00+07:00", 1)).is(201, &booked)
	ticket := booked.Tickets[0]
	path := "/api/v1/tickets/" + ticket.Token
	h.ask("POST", path+"/reschedule", map[string]any{}).problem(422, "invalid")
	h.ask("POST", path+"/reschedule", map[string]any{"slot": "tomorrow"}).problem(422, "invalid")
	h.ask("POST", path+"/reschedule", map[string]any{"slot": "2026-11-26T08:30:00+07:00"}).problem(409, "wrong_state")
	var moved static.TicketView
	key := []string{"Idempotency-Key", "r1"}
	first := h.ask("POST", path+"/reschedule", map[string]any{"slot": "2026-12-10T13:00:00+07:00"}, key...).is(200, &moved)
	if moved.State != "booked" || moved.Slot.Start.Format(time.RFC3339) != "2026-12-10T13:00:00+07:00" {
		t.Fatalf("moved to %+v", moved)
	}
	if again := h.ask("POST", path+"/reschedule", map[string]any{"slot": "2026-12-10T13:00:00+07:00"}, key...).is(200); string(again.body) != string(first.body) {
		t.Errorf("repeated: %s", again.body)
	}
	h.ask("POST", path+"/reschedule", map[string]any{"slot": "2026-12-11T13:00:00+07:00"}).problem(409, "wrong_state")
	// The identity is still taken, and the person is still known.
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).problem(409, "already_booked")
	if person, err := h.Vault.Get(context.Background(), "bandung", ticket.ID); err != nil || person.NIK != nikOf(1) {
		t.Errorf("the vault: %v", err)
	}
	// The place that was left is not free yet: nobody can wait for it.
	var slots slotsView
	h.ask("GET", "/api/v1/offices/bandung/slots?service=paspor-baru&from=2026-11-26&days=1", nil).is(200, &slots)
	if free := slots.Days[0].Slots[1].Free; free != 29 {
		t.Errorf("%d are free at %s", free, slots.Days[0].Slots[1].Start)
	}
}

func TestThePhoneOffersOtherHoursWithoutScripts(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-26T08:30:00+07:00", 1)).is(201, &booked)
	cookie := []string{"Cookie", ticketCookie + "=" + booked.Tickets[0].Token}
	page := html.UnescapeString(string(h.ask("GET", "/t", nil, cookie...).is(200).body))
	const hour = "2026-11-24T13:00:00+07:00"
	if strings.Contains(page, `http-equiv="refresh"`) {
		t.Error("the page renews itself under whoever chooses")
	}
	if strings.Count(page, `name="slot"`) != shownHours || !strings.Contains(page, hour) {
		t.Fatalf("the page offers %d hours", strings.Count(page, `name="slot"`))
	}
	form := url.Values{"key": {"k1"}, "slot": {hour}}.Encode()
	h.ask("POST", "/t/reschedule", form, append(cookie, "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://antrean.test")...).is(303)
	var v static.TicketView
	h.ask("GET", "/api/v1/tickets/"+booked.Tickets[0].Token, nil).is(200, &v)
	if v.Slot.Start.Format(time.RFC3339) != hour {
		t.Errorf("it is at %s", v.Slot.Start)
	}
}

// lifetimes remembers how long each record was last asked to be kept.
type lifetimes struct {
	ledger.Records
	of map[string]time.Duration
}

func (l lifetimes) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	l.of[key] = ttl
	return l.Records.Put(ctx, key, value, ttl)
}

func (l lifetimes) Replace(ctx context.Context, key string, old, value []byte, ttl time.Duration) ([]byte, error) {
	l.of[key] = ttl
	return l.Records.Replace(ctx, key, old, value, ttl)
}

// A record that was sealed for the old date must not expire before the new.
func TestARescheduledPersonIsKeptForTheNewDate(t *testing.T) {
	file, err := ledger.OpenEmbedded(filepath.Join(t.TempDir(), "people.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	kept := lifetimes{file, map[string]time.Duration{}}
	h := embedded(t, func(o *Options) { o.Vault = vault.New(kept, o.Ring, time.Now) })
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-26T08:30:00+07:00", 1)).is(201, &booked)
	record := "vault/bandung/" + booked.Tickets[0].ID
	before := kept.of[record]
	h.ask("POST", "/api/v1/tickets/"+booked.Tickets[0].Token+"/reschedule", map[string]any{"slot": "2026-12-17T08:30:00+07:00"}).is(200)
	if longer := kept.of[record] - before; longer < 20*24*time.Hour {
		t.Errorf("kept for %s, then for %s", before, kept.of[record])
	}
}
