package browsertest

import (
	"net/http"
	"testing"
)

// A television is switched on for the first time: it shows a code, becomes the
// lobby's screen when somebody accepts it, comes back as such after a power cut,
// says why it is silent, and is back at a code when it is revoked. Nobody presses
// a key on it.
func TestATelevisionIsPairedWithoutAKeyPressed(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	tv := open(t).person(t, "tv")
	tv.expect("401")
	tv.size(1920, 1080)
	tv.goTo(s.url + "/pair")
	tv.sees(`/^[2-9A-Z]{3} [2-9A-Z]{3}$/.test(` + text("#code") + `)`)
	tv.accessible()
	code := read[string](tv, text("#code"))
	tv.goTo(s.url + "/pair") // a power cut: the code that somebody is just typing stays
	tv.sees(text("#code") + ` === "` + code + `"`)

	var device struct{ ID string }
	desk.do(http.MethodPost, "/api/v1/devices", map[string]string{"code": code, "name": "TV lobi", "office": "bandung"}, &device)
	tv.sees(`location.pathname === "/display/bandung" && document.readyState === "complete"`)
	tv.goTo(s.url + "/pair")
	tv.sees(`location.pathname === "/display/bandung"`)

	desk.do(http.MethodPost, "/api/v1/offices/bandung/mute", map[string]int{"minutes": 30}, nil)
	tv.sees(text("#muted") + `.indexOf("Suara dimatikan sampai") === 0`)
	desk.do(http.MethodPost, "/api/v1/offices/bandung/mute", map[string]int{"minutes": 0}, nil)
	tv.sees(text("#muted") + ` === ""`)

	tv.sees(text("#board") + `.indexOf("Loket 4") >= 0`)
	desk.do(http.MethodPut, "/api/v1/devices/"+device.ID+"/settings", map[string]any{"counters": []string{"1", "2"}}, nil)
	tv.sees(text("#board") + `.indexOf("Loket 2") >= 0 && ` + text("#board") + `.indexOf("Loket 4") < 0`)

	var list struct {
		Devices []struct{ Health struct{ Width int } }
	}
	desk.do(http.MethodGet, "/api/v1/devices", nil, &list)
	if len(list.Devices) != 1 || list.Devices[0].Health.Width == 0 {
		t.Errorf("the administrator sees %+v", list.Devices)
	}
	if status, answer := desk.ask(http.MethodDelete, "/api/v1/devices/"+device.ID, nil); status != http.StatusNoContent {
		t.Fatalf("revoke: %d %s", status, answer)
	}
	tv.sees(`location.pathname === "/pair" && /^[2-9A-Z]{3} [2-9A-Z]{3}$/.test(` + text("#code") + `)`)
}
