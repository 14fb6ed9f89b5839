package display

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"antrean/internal/queue"
	"antrean/internal/staff"
)

// atKiosk sends a form of the kiosk and returns the page.
func (h *house) atKiosk(where, key string, fields ...string) answer {
	h.t.Helper()
	form := url.Values{"key": {key}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return h.form("/kiosk/bandung/"+where, form, h.as(staff.Kiosk)...)
}

var regexpNumber = regexp.MustCompile(`[AB]-\d{3}`)

// codeOf is the code of today's ticket with the number.
func (h *house) codeOf(number string) (code string) {
	h.t.Helper()
	office, err := h.Offices.Office(h.t.Context(), "bandung")
	if err != nil {
		h.t.Fatal(err)
	}
	office.Read(func(s *queue.State) {
		for id, t := range s.Tickets {
			if t.Number == number && t.Date == s.Today(h.clock.Now()) {
				code = h.Ring.Code("bandung", id)
			}
		}
	})
	return code
}

func TestAKioskAnswersEveryCodeInPlainWords(t *testing.T) {
	h := embedded(t)
	var today, later struct{ Tickets []ticketAnswer }
	h.bookAt(bookingOf("penggantian", "earliest", 1)).is(201, &today)
	h.bookAt(bookingOf("penggantian", "2026-11-25T09:30:00+07:00", 2)).is(201, &later)
	mine, tomorrow := today.Tickets[0], later.Tickets[0]

	h.atKiosk("check-ins", "a", "code", "XXXX-XXXX").is(404).shows("Kode ini tidak dikenal", `value="XXXX-XXXX"`)
	h.atKiosk("check-ins", "b", "code", h.Ring.QRCode("soekarno-hatta", "t1")).is(404).shows("Jadwal ini di kantor lain")
	h.atKiosk("check-ins", "c", "code", tomorrow.Code).is(200).shows("Jadwal Anda bukan hari ini", "Rabu 25 Nov pukul 09.30", tomorrow.Number)

	arrived := h.atKiosk("check-ins", "d", "code", mine.QR).is(200).shows("Anda sudah tercatat hadir", mine.Number)
	if strings.Contains(string(arrived.body), "Rahasia") || strings.Contains(string(arrived.body), mine.Token) {
		t.Errorf("the kiosk shows a name or a link to act with:\n%s", arrived.body)
	}
	// Repeated with its key it is the success; pressed anew, or with the link on
	// paper, it tells what is known.
	h.atKiosk("check-ins", "d", "code", mine.QR).is(200).shows(`data-step="arrived"`)
	h.atKiosk("check-ins", "e", "code", mine.URL).is(200).shows(`data-step="told"`, "Anda sudah tercatat hadir")

	officer := h.as(staff.Officer)
	h.press(officer, "3", "open", nil).is(200)
	h.press(officer, "3", "next", nil).is(200)
	h.atKiosk("check-ins", "f", "code", mine.Code).is(200).shows("Nomor Anda sedang dipanggil", "Silakan menuju Loket 3")
	h.press(officer, "3", "serve", nil).is(200)
	h.press(officer, "3", "complete", nil).is(200)
	h.atKiosk("check-ins", "g", "code", mine.Code).is(200).shows("Kunjungan ini sudah selesai")

	h.clock.pass(48 * time.Hour)
	h.atKiosk("check-ins", "h", "code", tomorrow.Code).is(200).shows("Jadwal ini sudah lewat")
}

func TestAKioskGivesOneNumberForOneKey(t *testing.T) {
	h := embedded(t)
	first := h.atKiosk("tickets", "a", "service", "penggantian", "priority", "yes").is(201).shows("Nomor Anda", "Prioritas", `data-print`)
	again := h.atKiosk("tickets", "a", "service", "penggantian", "priority", "yes").is(201)
	number := regexpNumber.FindString(string(first.body))
	if other := regexpNumber.FindString(string(again.body)); number == "" || other != number {
		t.Errorf("the same key gave %q and %q", number, other)
	}
	if other := regexpNumber.FindString(string(h.atKiosk("tickets", "b", "service", "penggantian").is(201).body)); other == number {
		t.Errorf("another key gave %s again", number)
	}
	h.atKiosk("tickets", "c", "service", "nothing").is(422)
}

// When the door has no more numbers, the kiosk gives one without a place; the
// place that comes free is taken where it was given.
func TestAKioskGivesStandbyNumbersAndTakesTheirOffers(t *testing.T) {
	h := embedded(t)
	supervisor := h.as(staff.Supervisor)
	var full struct{ Tickets []ticketAnswer }
	h.bookAt(bookingOf("penggantian", "2026-11-24T10:30:00+07:00", 1)).is(201, &full)
	h.ask("POST", "/api/v1/offices/bandung/days/2026-11-24/walkins", map[string]any{"service": "penggantian", "numbers": 0}, supervisor...).is(200)
	h.ask("POST", "/api/v1/offices/bandung/days/2026-11-24/capacity", map[string]any{"service": "penggantian", "places": 0}, supervisor...).is(200)

	h.ask("GET", "/kiosk/bandung", nil, h.as(staff.Kiosk)...).is(200).shows("masih ada daftar tunggu")
	h.atKiosk("tickets", "a", "service", "penggantian").is(409).shows("sudah habis hari ini", "Ambil nomor daftar tunggu")
	given := h.atKiosk("tickets", "b", "service", "penggantian", "standby", "yes").is(201).shows("Nomor daftar tunggu Anda")
	number := regexpNumber.FindString(string(given.body))
	code := h.codeOf(number)
	h.atKiosk("check-ins", "c", "code", code).is(200).shows("Belum ada tempat kosong", number)

	h.ask("POST", "/api/v1/offices/bandung/days/2026-11-24/capacity", map[string]any{"service": "penggantian", "slot": "2026-11-24T10:30:00+07:00", "places": 3}, supervisor...).is(200)
	h.atKiosk("check-ins", "c", "code", code).is(200).shows(`data-step="arrived"`, number)
	h.atKiosk("check-ins", "c", "code", code).is(200).shows(`data-step="arrived"`, number)
}

func TestAKioskOfAnotherOfficeAndAStrangerAreRefused(t *testing.T) {
	h := embedded(t)
	h.ask("GET", "/kiosk/soekarno-hatta", nil, h.as(staff.Kiosk)...).is(403)
	h.ask("GET", "/kiosk/bandung", nil, h.as(staff.Officer)...).is(403)
	stranger := h.ask("GET", "/kiosk/bandung", nil, "Accept", "text/html").is(303)
	if to := stranger.header.Get("Location"); !strings.HasPrefix(to, "/login") {
		t.Errorf("a stranger is sent to %s", to)
	}
	h.form("/kiosk/bandung/tickets", url.Values{"key": {"a"}, "service": {"penggantian"}}).is(401)
}

// One visitor's choices are not the next one's.
func TestAKioskForgetsItsVisitor(t *testing.T) {
	h := embedded(t)
	page := h.ask("GET", "/kiosk/bandung?lang=en&large=1", nil, append(h.as(staff.Kiosk), "Cookie", "lang=en")...).is(200).shows("Welcome", `class="large"`)
	if set := page.header.Get("Set-Cookie"); set != "" {
		t.Errorf("the kiosk remembers %s", set)
	}
	h.ask("GET", "/kiosk/bandung", nil, append(h.as(staff.Kiosk), "Cookie", "lang=en")...).is(200).shows("Selamat datang")
	h.clock.pass(11 * time.Hour)
	h.ask("GET", "/kiosk/bandung", nil, h.as(staff.Kiosk)...).is(200).shows("Layanan hari ini selesai", "Buka lagi Rabu 25 Nov pukul 07.30")
}
