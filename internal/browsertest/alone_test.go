package browsertest

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// later lets so much time pass on a page, at once.
func (p *tab) later(by time.Duration) {
	p.t.Helper()
	read[any](p, fmt.Sprintf(`((real, now) => { performance.now = () => real.call(performance) + %d; Date.now = () => now() + %d; })(performance.now, Date.now); null`,
		by.Milliseconds(), by.Milliseconds()))
}

// tells waits until the only paired device has told how it is.
func (p *program) tells(kind string) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; {
		var list struct {
			Devices []struct {
				Kind   string
				Health struct {
					Seen    time.Time
					Release string
					Width   int
				}
			}
		}
		p.do(http.MethodGet, "/api/v1/devices", nil, &list)
		if len(list.Devices) != 1 || list.Devices[0].Kind != kind {
			p.t.Fatalf("the devices are %+v", list.Devices)
		}
		if h := list.Devices[0].Health; !h.Seen.IsZero() {
			if h.Release == "" || h.Width == 0 {
				p.t.Errorf("the %s tells %+v", kind, h)
			}
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("the %s never tells how it is", kind)
		}
	}
}

// Who walks away from a kiosk leaves nothing to the next one: it asks, waits for
// whoever is still there, and is back at its start, in the hall's language. It
// tells the administrator how it is, and goes when it is revoked.
func TestAKioskThatIsLeftIsBackAtItsStart(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	admin := signedIn(t, s, "admin")
	kiosk := open(t).person(t, "kiosk")
	kiosk.expect("WebSocket") // the leap in time ends its connection
	kiosk.size(1080, 1920)
	kiosk.pair(s, "kiosk", "")
	kiosk.goTo(s.url + "/kiosk/bandung")
	admin.tells("kiosk")
	kiosk.press("a[hreflang=en]")
	kiosk.sees(`document.documentElement.lang === "en" && !document.querySelector("#page[data-home]")`)
	kiosk.press(".services a")
	kiosk.sees(`document.querySelector("#page[data-step=service]")`)
	kiosk.later(41 * time.Second)
	kiosk.sees(text("#still") + `.indexOf("Are you still there?") === 0`)
	kiosk.accessible()
	kiosk.press("#still-yes")
	kiosk.sees(text("#still") + ` === "" && document.querySelector("#page[data-step=service]")`)
	kiosk.later(61 * time.Second)
	kiosk.sees(`document.querySelector("#page[data-home][data-step=start]") && document.documentElement.lang === "id"`)
}

// A tablet whose day has ended is not locked for its officer but left by them, and
// an answer that comes after that brings nothing back.
func TestATabletIsLeftAtTheEndOfTheDay(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	admin := signedIn(t, s, "admin")
	admin.do(http.MethodPut, "/api/v1/users/sari/pin", map[string]string{"pin": "739146"}, nil)
	tablet := open(t).person(t, "tablet")
	tablet.expect("WebSocket")
	tablet.expect("401 (Unauthorized)")
	tablet.size(1024, 768)
	tablet.pair(s, "counter", "2")
	tablet.goTo(s.url + "/login")
	admin.tells("counter")
	tablet.write("#name", "sari\r")
	tablet.sees(`document.querySelector("#pin")`)
	tablet.write("#pin", "739146\r")
	tablet.sees(`location.pathname === "/counter" && ` + text("#live") + ` === "Tersambung" && !document.querySelector("#act-big").disabled`)
	read[any](tablet, `((real) => { window.held = []; window.fetch = (...all) => window.held ? real(...all).then((answer) => new Promise((give) => window.held ? held.push(() => give(answer)) : give(answer))) : real(...all); })(window.fetch); null`)
	tablet.press("#act-big") // opens it, and the answer is on its way for a long time
	tablet.sees(text("#big-words") + ` === "Berikutnya"`)
	var today struct{ Date string }
	admin.do(http.MethodGet, "/api/v1/offices/bandung/queue", nil, &today)
	admin.do(http.MethodPost, "/api/v1/offices/bandung/days/"+today.Date+"/end", map[string]any{}, nil)
	tablet.sees(text("#big-words") + ` !== "Berikutnya" && held.length > 0`)
	read[any](tablet, `held.forEach((give) => give()); window.held = null; null`) // and says what was before
	tablet.later(301 * time.Second)                                               // half of what locks it in the day
	tablet.sees(`location.pathname === "/login" && ` + text("h1") + ` === "Siapa Anda?" && ` + text(".names") + ` === "sari"`)
	tablet.goTo(s.url + "/counter")
	tablet.sees(`location.pathname === "/login"`)
}
