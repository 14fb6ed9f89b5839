package display

import (
	"net/url"
	"testing"

	"antrean/internal/staff"
)

// A kiosk whose browser runs no scripts asks for its code by a button, shows it
// until it is accepted, and goes to its page.
func TestADeviceIsPairedWithoutScripts(t *testing.T) {
	h := embedded(t)
	h.see("/pair?kind=kiosk").is(200).shows("Tampilkan kode")
	h.form("/pair", url.Values{"kind": {"toaster"}}).is(422)
	h.form("/pair", url.Values{"kind": {"kiosk"}}, "Sec-Fetch-Site", "cross-site").is(403)
	asked := h.form("/pair", url.Values{"kind": {"kiosk"}}).is(303)
	if to := asked.header.Get("Location"); to != "/pair?kind=kiosk" {
		t.Fatalf("it leads to %s", to)
	}
	cookies := deviceCookie + "=" + asked.cookie(deviceCookie).Value + "; " + pairingCookie + "=" + asked.cookie(pairingCookie).Value
	code := h.see("/pair?kind=kiosk", "Cookie", cookies).is(200).shows(`http-equiv="refresh"`).found(`<p class="code">([2-9A-Z]{3} [2-9A-Z]{3})</p>`)
	h.see("/pair?kind=counter", "Cookie", cookies).is(200).shows("Tampilkan kode") // the code is a kiosk's
	h.ask("POST", "/api/v1/devices", map[string]any{"code": code, "name": "Anjungan 1", "office": "bandung"}, h.as(staff.Supervisor)...).is(201)
	if to := h.see("/pair?kind=kiosk", "Cookie", cookies).is(303).header.Get("Location"); to != "/kiosk/bandung" {
		t.Errorf("paired, it is at %s", to)
	}
}
