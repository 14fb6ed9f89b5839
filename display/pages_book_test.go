package display

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/internal/staff"
)

const passports = "/?office=bandung&service=paspor-baru"

// typedForm is a form of the booking page for people, as a browser sends it.
func typedForm(h *house, people ...int) url.Values {
	h.t.Helper()
	page := h.see(passports).is(200)
	key := hiddenKey.FindStringSubmatch(string(page.body))
	slot := regexp.MustCompile(`name="slot" value="([^"]+)"`).FindStringSubmatch(string(page.body))
	if key == nil || slot == nil {
		h.t.Fatalf("no form: %s", page.body)
	}
	values := url.Values{"office": {"bandung"}, "service": {"paspor-baru"}, "slot": {html.UnescapeString(slot[1])}, "locale": {"id"}, "key": {key[1]}}
	for _, n := range people {
		person := personOf(n)
		values.Add("name", person["name"])
		values.Add("nik", person["nik"])
	}
	return values
}

// It is Tuesday 24 November, nine o'clock. Of the 240 places of tomorrow, 15 are
// kept for the priority lane.
func TestTheCalendarSaysWhyADayCannotBeHad(t *testing.T) {
	h := embedded(t)
	h.at(staff.Supervisor, "days/2026-11-26/close", nil).is(200)
	h.at(staff.Supervisor, "days/2026-11-27/capacity", map[string]any{"service": "paspor-baru", "places": 0}).is(200)
	page := string(h.see(passports + "&calendar=1").is(200).body)
	for _, want := range []string{
		"Senin 23 November, sudah lewat", "Rabu 25 November, 225 tempat kosong", "Kamis 26 November, kantor tutup",
		"Jumat 27 November, semua jam sudah terisi", "Sabtu 28 November, kantor tutup", "Jumat 25 Desember, belum dapat dipesan",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the calendar does not say %q", want)
		}
	}
	h.see(passports+"&day=2026-11-25").is(200).shows("Rabu 25 November</h3>", "15.00–16.00")
	h.see(passports+"&slot=2026-11-25T13:00:00%2B07:00").is(200).shows("Jam pilihan Anda", "13.00–14.00", "Hadir paling lambat 13.30")
	h.see(passports+"&slot=2031-01-01T13:00:00%2B07:00&from=1999-01-01").is(200).shows("baru saja penuh", `type="radio" name="slot"`)
}

func TestAnOfficeThatIsFreeSoonerIsNamed(t *testing.T) {
	h := embedded(t)
	if page := h.see(passports).is(200); strings.Contains(string(page.body), "Lebih cepat") {
		t.Error("another office is praised for the same hour")
	}
	h.at(staff.Supervisor, "days/2026-11-24/capacity", map[string]any{"service": "paspor-baru", "places": 0}).is(200)
	h.see(passports).is(200).shows("Lebih cepat: Selasa 24 Nov, 08.30", "di ULP Soekarno-Hatta", "office=soekarno-hatta")
}

func TestTheFormIsFilledInFurtherWithoutBooking(t *testing.T) {
	h := embedded(t)
	before := h.version()
	values := typedForm(h, 1)
	values.Set("phone", "0812 3456 7890")
	values.Set("standby", "60")
	values.Set("priority", "yes")
	values.Set("count", "3")
	person := personOf(1)
	kept := []string{person["name"], person["nik"], "0812 3456 7890", `value="60" selected`, `value="yes" aria-describedby="priority-hint" checked`, values.Get("key")}
	page := h.form("/form", values).is(200).shows(append(kept, `id="nik-3"`)...)
	if page.header.Get("Cache-Control") != "no-store" {
		t.Error("what was typed is kept by a cache")
	}
	values.Del("count")
	values.Add("name", "Orang Kedua")
	values.Add("nik", "")
	page = h.form("/form?remove=1", values).is(200).shows("Orang Kedua")
	if strings.Contains(string(page.body), person["nik"]) {
		t.Error("the person who was removed is still there")
	}
	h.form("/form?office=bandung&service=paspor-baru&day=2026-11-25", values).is(200).shows("Rabu 25 November</h3>", person["nik"])
	h.form("/form", values, "Sec-Fetch-Site", "cross-site").is(403)
	if h.version() != before {
		t.Error("something was booked")
	}
	if strings.Contains(h.logs.String(), person["nik"]) {
		t.Error("the log holds a NIK")
	}
}

func TestAChangedFormUnderAKeyThatBookedShowsWhatWasBooked(t *testing.T) {
	h := embedded(t)
	values := typedForm(h, 1, 2)
	first := h.form("/", values).is(303).cookie(bookedCookie).Value
	values.Set("phone", "0812 3456 7890")
	if second := h.form("/", values).is(303).cookie(bookedCookie).Value; second != first {
		t.Error("another booking is shown")
	}
	shown := h.see("/booked", "Cookie", bookedCookie+"="+first).is(200).shows("A-", "Pemohon ke-2", "Rp700.000")
	if shown.header.Get("Referrer-Policy") != "no-referrer" || shown.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the confirmation's headers are %v", shown.header)
	}
}

func TestTheConfirmationTellsNoHourThatIsGone(t *testing.T) {
	h := embedded(t)
	cookie := h.form("/", typedForm(h, 1, 2)).is(303).cookie(bookedCookie)
	tokens := strings.Split(cookie.Value, tokenSeparator)
	h.ask("POST", "/api/v1/tickets/"+tokens[0]+"/cancel", nil).is(200)
	page := h.see("/booked", "Cookie", bookedCookie+"="+cookie.Value).is(200)
	if strings.Contains(string(page.body), "Pemohon ke-2") {
		t.Error("a cancelled number is shown")
	}
	h.ask("POST", "/api/v1/tickets/"+tokens[1]+"/cancel", nil).is(200)
	if to := h.see("/booked", "Cookie", bookedCookie+"="+cookie.Value).is(303).header.Get("Location"); to != "/t" {
		t.Errorf("nobody's confirmation leads to %s", to)
	}
	h.see("/booked").is(303)
	h.see("/booked", "Cookie", bookedCookie+"=x.y").is(303)
}

// A day that closes takes its people's codes from the page: nobody is to show
// one at a door that stays shut.
func TestNoCodeIsShownForAClosedDay(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T08:30:00+07:00", 1)).is(201, &booked)
	cookie := []string{"Cookie", ticketCookie + "=" + booked.Tickets[0].Token}
	shown := regexp.MustCompile(`<section class="qr" data-when="booked">`)
	if !shown.Match(h.see("/t", cookie...).is(200).body) {
		t.Fatal("the code is never shown")
	}
	h.at(staff.Supervisor, "days/2026-11-25/close", nil).is(200)
	if shown.Match(h.see("/t", cookie...).is(200).shows("Kantor tutup pada hari Anda").body) {
		t.Error("the code of a closed day is shown")
	}
}

// Without scripts the phone reads its page again, from an address that can be
// read, until its owner asks it not to.
func TestAWaitingPageRenewsItselfUntilToldNotTo(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-24T10:30:00+07:00", 1)).is(201, &booked)
	cookie := []string{"Cookie", ticketCookie + "=" + booked.Tickets[0].Token}
	h.at(staff.Desk, "check-ins", map[string]any{"code": booked.Tickets[0].Code}).is(200)
	h.see("/t", cookie...).is(200).shows(`content="15; url=/t"`, `href="/t?still=1"`)
	if page := h.see("/t?still=1", cookie...).is(200); strings.Contains(string(page.body), `http-equiv="refresh"`) {
		t.Error("it goes on")
	}
}

// When nothing is free, the page says why and when the next day opens.
func TestTheNextDayToBookIsAnnounced(t *testing.T) {
	h := embedded(t)
	for day := calendar.Date("2026-11-24"); day <= "2026-12-24"; day = day.AddDays(1) {
		h.at(staff.Supervisor, "days/"+string(day)+"/capacity", map[string]any{"service": "paspor-baru", "places": 0}).is(200)
	}
	h.see(passports).is(200).shows("Belum ada tempat kosong", "Jam untuk Senin 28 Desember dapat dipesan mulai Sabtu 28 November pukul 00.00.", "Cari jam kosong lagi")
	h.see(passports+"&people=2").is(200).shows("Belum ada jam untuk 2 orang", `id="nik-2"`)
}

func TestAnOfficeThatIsShutForTheWholeHorizonSaysSo(t *testing.T) {
	h := embedded(t)
	admin := h.as(staff.Administrator)
	var config queue.Config
	h.ask("GET", "/api/v1/offices/bandung/config", nil, admin...).is(200, &config)
	config.Booking.Horizon = calendar.Duration(24 * time.Hour)
	h.ask("PUT", "/api/v1/offices/bandung/config", config, admin...).is(200)
	h.clock.pass(4 * 24 * time.Hour) // it is Saturday
	h.see(passports).is(200).shows("Belum ada hari yang dapat dipesan", "Jam untuk Senin 30 November dapat dipesan mulai Minggu 29 November pukul 00.00.")
}
