package display

import (
	"net/url"
	"strings"
	"testing"

	"antrean/internal/staff"
)

// tabletAt pairs a tablet and returns its cookie.
func (h *house) tabletAt(kind, counter string) string {
	h.t.Helper()
	var asked struct{ Code, Token string }
	h.ask("POST", "/api/v1/devices/pairing", nil).is(201, &asked)
	h.ask("POST", "/api/v1/devices", map[string]any{"code": asked.Code, "name": "Tablet 3", "kind": kind, "office": "bandung", "counter": counter}, h.as(staff.Supervisor)...).is(201)
	return deviceCookie + "=" + asked.Token
}

func TestATabletAsksForAPINAndNobodyElseDoes(t *testing.T) {
	h := embedded(t)
	admin := h.as(staff.Administrator)
	officer := h.as(staff.Officer)
	h.ask("PUT", "/api/v1/users/officer/pin", `{"pin":"739146"}`, admin...).is(204)
	tablet := h.tabletAt("counter", "3")
	pin := func(cookie, username, pin string) answer {
		t.Helper()
		return h.form("/login/pin", url.Values{"username": {username}, "pin": {pin}}, "Cookie", cookie)
	}

	// A kiosk and a browser of nobody's neither list names nor take a PIN.
	for _, cookie := range []string{h.tabletAt("kiosk", ""), "x=1"} {
		h.see("/login", "Cookie", cookie+"; "+recentCookie+"=officer").is(200).shows(`name="password"`)
		if to := pin(cookie, "officer", "739146").is(303).header.Get("Location"); to != "/login" {
			t.Errorf("a PIN without a tablet leads to %s", to)
		}
	}
	h.see("/login", "Cookie", tablet).is(200).shows("Siapa Anda?")
	h.see("/counter", "Cookie", tablet).is(303)

	// Whatever is wrong, the words are the same.
	wrong := pin(tablet, "officer", "000000").is(401).shows("Nama atau PIN tidak cocok.")
	unknown := pin(tablet, "nobody", "000000").is(401)
	if a, b := strings.ReplaceAll(string(wrong.body), "officer", "?"), strings.ReplaceAll(string(unknown.body), "nobody", "?"); a != b {
		t.Error("the answer tells whether a name exists")
	}

	in := pin(tablet, "officer", "739146").is(303)
	if to := in.header.Get("Location"); to != "/counter?counter=3&office=bandung" {
		t.Errorf("signed in, the tablet leads to %s", to)
	}
	recent := recentCookie + "=" + in.cookie(recentCookie).Value
	h.see("/login", "Cookie", tablet+"; "+recent).is(200).shows(`value="officer"`)
	h.press(officer, "3", "open", nil).is(200)
	h.see("/login?locked=1", "Cookie", tablet+"; "+recent).is(200).shows("Terkunci", "Loket 3 tetap buka")
}

func TestSomebodySetsTheirOwnPIN(t *testing.T) {
	h := embedded(t)
	officer := h.as(staff.Officer)
	h.see("/account/pin", officer...).is(200).shows("PIN baru")
	form := func(password, pin string) answer {
		t.Helper()
		return h.form("/account/pin", url.Values{"password": {password}, "pin": {pin}}, officer...)
	}
	form("not the password", "739146").is(422)
	form("correct horse", "12").is(422)
	form("correct horse", "739146").is(303)
	h.ask("POST", "/api/v1/session", `{"username":"officer","pin":"739146"}`, "Cookie", h.tabletAt("counter", "")).is(200)
}
