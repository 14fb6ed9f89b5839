package display

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"antrean/internal/queue"
	"antrean/internal/staff"
)

// counting is a house that counts requests, with these limits at bandung.
func counting(t *testing.T, limits map[string]string) *house {
	t.Helper()
	h := embedded(t, func(o *Options) { o.Simulated = false })
	admin := h.named("root", staff.Administrator)
	var config map[string]any
	h.ask("GET", "/api/v1/offices/bandung/config", nil, admin...).is(200, &config)
	config["limits"] = limits
	h.ask("PUT", "/api/v1/offices/bandung/config", config, admin...).is(200)
	return h
}

// tooMany demands a refusal that says when to come back and, in the caller's
// language, what to do.
func (a answer) tooMany(words string) {
	a.t.Helper()
	p := a.problem(429, "rate_limited")
	if a.header.Get("Retry-After") == "" || !strings.Contains(p.Detail, words) {
		a.t.Errorf("%s: Retry-After %q, %q does not say %q", a.asked, a.header.Get("Retry-After"), p.Detail, words)
	}
}

func TestAnOfficeSetsItsOwnLimits(t *testing.T) {
	h := counting(t, map[string]string{"bookings": "2/1h", "tickets": "3/1h", "tickets_each": "1/1h"})
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "earliest", 1, 2)).is(201, &booked)
	h.bookAt(bookingOf("paspor-baru", "earliest", 3)).is(201)
	h.bookAt(bookingOf("paspor-baru", "earliest", 4)).tooMany("pakai jaringan lain")
	h.bookAt(bookingOf("paspor-baru", "earliest", 4), "Accept-Language", "en").tooMany("use another network")
	form := func(office string) answer { return h.form("/", url.Values{"office": {office}, "key": {"k"}}) }
	form("bandung").is(429)
	form("soekarno-hatta").is(422)

	ticket := func(n int) string { return "/api/v1/tickets/" + booked.Tickets[n].Token }
	h.ask("POST", ticket(0)+"/cancel", nil).is(200)
	h.ask("POST", ticket(0)+"/cancel", nil).tooMany("tiket Anda tetap berlaku")
	h.ask("POST", ticket(1)+"/cancel", nil).is(200)
	h.ask("POST", ticket(1)+"/cancel", nil).tooMany("pakai jaringan lain")
}

// A carrier hides a whole town behind one address.
func TestAThousandNeighboursDoNotKeepAnybodyFromBooking(t *testing.T) {
	h := embedded(t, func(o *Options) { o.Simulated = false })
	for n := range 1000 {
		h.ask("POST", "/api/v1/offices/bandung/bookings", fmt.Sprintf(`{"slot": "%d"}`, n))
	}
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201)
}

func TestOneIdentityIsCountedWhereverItComesFrom(t *testing.T) {
	h := counting(t, map[string]string{"bookings_identity": "3/1h"})
	h.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	from := func(n int) []string { return []string{"X-Forwarded-For", fmt.Sprintf("203.0.113.%d", n)} }
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "earliest", 1), append(from(1), "Idempotency-Key", "mine")...).is(201, &booked)
	h.bookAt(bookingOf("paspor-baru", "earliest", 1), from(2)...).problem(409, "already_booked")
	h.bookAt(bookingOf("paspor-baru", "earliest", 2, 1), from(3)...).problem(409, "already_booked")
	h.bookAt(bookingOf("paspor-baru", "earliest", 1), from(4)...).tooMany("NIK ini")
	// A repetition is no further booking, and the others of that family are free.
	h.bookAt(bookingOf("paspor-baru", "earliest", 1), append(from(5), "Idempotency-Key", "mine")...).is(201)
	h.bookAt(bookingOf("paspor-baru", "earliest", 2), from(6)...).is(201)
	if nik := nikOf(1); strings.Contains(fmt.Sprint(h.limits.kinds["bookings_identity"].found), nik) {
		t.Error("the limits remember a NIK")
	}
}

func TestOneDeviceIsCountedByItsCookie(t *testing.T) {
	h := counting(t, map[string]string{"bookings_device": "2/1h"})
	fresh := func() string {
		c := h.see("/").is(200).cookie(visitorCookie)
		if !c.HttpOnly || c.MaxAge != int(visitorLife.Seconds()) {
			t.Errorf("the cookie is %+v", c)
		}
		return visitorCookie + "=" + c.Value
	}
	mine, other := fresh(), fresh()
	if again := h.see("/", "Cookie", mine); again.header.Get("Set-Cookie") != "" {
		t.Error("a known browser gets another cookie")
	}
	book := func(n int, cookie string) answer {
		return h.bookAt(bookingOf("paspor-baru", "earliest", n), "Cookie", cookie)
	}
	book(1, mine).is(201)
	book(2, mine).is(201)
	book(3, mine).tooMany("perangkat ini")
	book(3, other).is(201)
	book(4, visitorCookie+"=made.up").is(201) // a stranger's: as good as none
	form := h.form("/", url.Values{"office": {"bandung"}, "service": {"paspor-baru"}, "name": {"Ujang Tetap"}, "nik": {nikOf(5)}, "key": {"k"}}, "Cookie", mine)
	form.is(429).shows("Ujang Tetap", "perangkat ini")
}

func TestALoginIsHeldBackAsTheStrictestOfficeSays(t *testing.T) {
	h := counting(t, map[string]string{"login": "1/1h"})
	h.as(staff.Officer)
	wrong := func() answer {
		return h.ask("POST", "/api/v1/session", `{"username":"officer","password":"wrong horse"}`)
	}
	wrong().problem(401, "unauthenticated")
	wrong().problem(401, "unauthenticated")
	wrong().tooMany("masuk")
}

func TestTheUsualLimitsAreThoseOfThePublic(t *testing.T) {
	if address, identity := queue.UsualLimit("bookings"), queue.UsualLimit("bookings_identity"); address.Count < 100*identity.Count {
		t.Errorf("an address may book %+v, a person %+v", address, identity)
	}
}
