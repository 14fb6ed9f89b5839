package display

import (
	"encoding/json"
	"strings"
	"testing"

	"antrean/internal/staff"
)

// FuzzBodies sends anything to every route that takes a body: it may be
// refused, but never break the server.
func FuzzBodies(f *testing.F) {
	h := embedded(f)
	ticket := h.walkIn("penggantian", false)
	routes := []string{
		"/api/v1/offices/bandung/bookings", "/api/v1/offices/bandung/tickets", "/api/v1/offices/bandung/check-ins",
		"/api/v1/tickets/" + ticket.Token + "/check-in", "/api/v1/offices/bandung/tickets/" + ticket.ID + "/amend",
		"/api/v1/offices/bandung/counters/3/next", "/api/v1/offices/bandung/counters/3/complete", "/api/v1/offices/bandung/counters/3/call",
		"/api/v1/offices/bandung/suspend", "/api/v1/offices/bandung/notices", "/api/v1/offices/bandung/days/2026-11-24/start",
		"/api/v1/offices/bandung/days/2026-11-24/capacity", "/api/v1/offices/bandung/config", "/api/v1/devices", "/api/v1/devices/health",
	}
	config := h.ask("GET", "/api/v1/offices/bandung/config", nil, h.as(staff.Administrator)...).is(200)
	booking, err := json.Marshal(bookingOf("paspor-baru", "earliest", 1, 2))
	if err != nil {
		f.Fatal(err)
	}
	for i, body := range []string{
		string(booking), `{"service":"penggantian","priority":true}`, `{"code":"AQ"}`, `{"place_code":"1234"}`, `{"priority":false,"reason":"x"}`,
		`{"complete":true}`, `{"transfer_to":"wawancara"}`, `{"ticket":"` + ticket.ID + `","reason":"ill"}`, `{"reason":"x","until":"2026-11-24T10:00:00+07:00"}`,
		`{"notices":["a",""]}`, `{"A":57}`, `{"service":"paspor-baru","places":3}`, string(config.body), `{"code":"ABCDEF","kind":"kiosk"}`, `{"release":"1"}`,
		`{"people":[null]}`, `{"people":{"0":1}}`, "\x00", `"`, `{"a":` + strings.Repeat("[", 2000), `{"until":"9999-12-31T23:59:59.999999999+23:59"}`, `{"A":1e400}`,
	} {
		f.Add(uint8(i), body)
	}
	f.Fuzz(func(t *testing.T, route uint8, body string) {
		h.t = t
		path := routes[int(route)%len(routes)]
		method := "POST"
		if strings.HasSuffix(path, "/config") {
			method = "PUT"
		}
		a := h.ask(method, path, body, h.as(staff.Administrator)...)
		if a.status >= 500 {
			t.Errorf("%s %s: %d %s", method, path, a.status, a.body)
		}
	})
}
