package display

import (
	"context"
	"strings"
	"testing"
	"time"

	"antrean/internal/staff"
	"antrean/internal/subject"
)

// Booked on Tuesday, moved, served on Wednesday, and forgotten.
func TestATicketsStoryIsToldOverDaysWithWhatWasSent(t *testing.T) {
	var h *house
	var sent time.Time
	h = embedded(t, func(o *Options) {
		o.Notices = func(_ context.Context, _ string, tickets []string) (map[string][]subject.Notice, error) {
			return map[string][]subject.Notice{tickets[0]: {{At: sent, Kind: "booked", Channel: "sms", Outcome: "delivered"}}}, nil
		}
	})
	kepala := h.as(staff.Supervisor)
	var made bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T14:00:00+07:00", 1)).is(201, &made)
	ticket := made.Tickets[0]
	sent = h.Offices.Now().Add(time.Minute)
	other := h.walkIn("penggantian", false)
	h.clock.pass(23*time.Hour + 30*time.Minute)
	h.at(staff.Kiosk, "check-ins", map[string]any{"code": ticket.Code}).is(200)

	day := h.see("/admin/offices/bandung/log?date=2026-11-25", kepala...).is(200)
	at := "/admin/offices/bandung/log/" + ticket.ID
	day.shows(at + "?date=2026-11-25")
	story := h.see(at, kepala...).is(200)
	story.shows("Riwayat "+ticket.Number, "24 Nov 2026", "25 Nov 2026", "dipesan: Paspor baru", "(sms): Sampai").hides(other.Number, "Ujang")
	text := string(story.body)
	if booked, told, came := strings.Index(text, "dipesan:"), strings.Index(text, "(sms)"), strings.Index(text, "tiba,"); booked > told || told > came {
		t.Errorf("the story is not in its order: %s", text)
	}
	h.see("/admin/offices/bandung/log/nobody", kepala...).is(404)
	h.see("/admin/offices/bandung/log/nobody?date=2026-11-24", kepala...).is(404)
	h.see("/admin/offices/bandung/log/nobody?date=never", kepala...).is(404)
	h.see("/admin/offices/soetta/log/"+ticket.ID, kepala...).is(403)
}
