package display

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"antrean/internal/queue"
	"antrean/internal/staff"
)

// Eight people whose bookings have one phone give their hour back from one
// browser; the first of the places that comes back is not for them.
func TestAFuturePlaceIsKeptFromItsGiversPhoneAndDevice(t *testing.T) {
	h := embedded(t, func(o *Options) { o.Simulated = false })
	const slot, phone = "2026-11-26T08:30:00+07:00", "081299998888"
	people := []int{1, 2, 3, 4, 5, 6, 7, 8}
	with := func(n int, phone string) map[string]any {
		person := personOf(n)
		person["phone"] = phone
		body := bookingOf("paspor-baru", slot)
		body["people"] = []map[string]string{person}
		return body
	}
	h.at(staff.Supervisor, "days/2026-11-26/capacity", map[string]any{"service": "paspor-baru", "places": len(people)}).is(200)
	browser := []string{"User-Agent", "giver"}
	for i, n := range people {
		var booked bookedAnswer
		h.bookAt(with(n, phone), "User-Agent", "elsewhere").is(201, &booked)
		given := h.ask("POST", "/api/v1/tickets/"+booked.Tickets[0].Token+"/cancel", nil, browser...).is(200)
		if i > 0 {
			continue
		}
		set, err := http.ParseSetCookie(given.header.Get("Set-Cookie"))
		if err != nil || set.Name != visitorCookie || !set.HttpOnly {
			t.Fatalf("the browser is told %+v, %v", set, err)
		}
		browser = append(browser, "Cookie", visitorCookie+"="+set.Value)
	}
	free := func(headers ...string) int {
		t.Helper()
		var v slotsView
		h.ask("GET", "/api/v1/offices/bandung/slots?service=paspor-baru&days=1&from=2026-11-26", nil, headers...).is(200, &v)
		return v.Days[0].Slots[1].Free
	}
	stranger := []string{"User-Agent", "stranger"}
	for free(stranger...) == 0 { // each returns at an instant of its own
		h.clock.pass(time.Minute)
		h.release()
	}
	givers := map[string][]string{
		"its browser":             {"User-Agent", "updated", "Cookie", browser[3]},
		"its network and program": {"User-Agent", "giver"},
	}
	for who, headers := range givers {
		if n := free(headers...); n != 0 {
			t.Errorf("%s sees %d free", who, n)
		}
		h.bookAt(with(20, "081200000020"), headers...).problem(409, string(queue.SlotFull))
	}
	h.bookAt(with(20, phone), stranger...).problem(409, string(queue.SlotFull))
	h.bookAt(with(20, "081200000020"), stranger...).is(201)
	if log := h.logOf("bandung"); strings.Contains(log, "giver") || strings.Contains(log, phone[1:]) || !strings.Contains(log, `"marks"`) {
		t.Error("the log holds what the marks were made of, or no marks")
	}
}
