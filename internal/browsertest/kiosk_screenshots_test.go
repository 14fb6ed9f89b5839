//go:build screenshots

package browsertest

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestScreenshotsOfTheKiosk draws the steps of the kiosk, and the tablet that is
// signed in to with a PIN and held upright.
func TestScreenshotsOfTheKiosk(t *testing.T) {
	s := serve(t, offices())
	admin, sari := signedIn(t, s, "admin"), signedIn(t, s, "sari")
	for range 7 {
		admin.walkIn()
	}
	for _, act := range []string{"open", "next", "serve"} {
		sari.at("1", act)
	}
	admin.do(http.MethodPut, "/api/v1/users/sari/pin", map[string]string{"pin": "739146"}, nil)
	b := open(t)
	kiosk := b.person(t, "kiosk")
	kiosk.pair(s, "kiosk", "")
	kiosk.size(1280, 1024)
	show(kiosk, s.url+"/kiosk/bandung", `document.querySelector(".services em")`, "kiosk-landscape")
	kiosk.size(1080, 1920)
	shoot(kiosk, "kiosk")
	read[any](kiosk, counted)
	kiosk.press(".services a")
	kiosk.sees(`document.querySelector("#page[data-step=service]")`)
	shoot(kiosk, "kiosk-service")
	kiosk.press("form .primary")
	kiosk.sees(`document.querySelector("#page[data-step=given]")`)
	shoot(kiosk, "kiosk-number")
	kiosk.press("a.primary")
	kiosk.press(`a[href*="do=code"]`)
	kiosk.sees(`document.querySelector("#page[data-step=code]")`)
	shoot(kiosk, "kiosk-code")
	kiosk.expect("404 (Not Found)")
	kiosk.write("#typed", "K7QF-3XZP\r")
	kiosk.sees(text(".notice.stop h2") + ` !== ""`)
	shoot(kiosk, "kiosk-unknown")
	show(kiosk, s.url+"/kiosk/bandung?lang=en", `document.querySelector(".services em")`, "kiosk-en")
	kiosk.size(1280, 1024)
	show(kiosk, s.url+"/kiosk/bandung?large=1", `document.querySelector(".services em")`, "kiosk-large")

	tablet := b.person(t, "tablet")
	tablet.pair(s, "counter", "1")
	tablet.size(800, 1280)
	tablet.goTo(s.url + "/login")
	tablet.write("#name", "sari\r")
	tablet.sees(`document.querySelector("#keys button")`)
	shoot(tablet, "tablet-pin")
	tablet.write("#pin", "739146\r")
	tablet.sees(text("#live") + ` === "Tersambung" && ` + text("#number") + ` !== ""`)
	tablet.do(chromedp.KeyEvent(" "))
	tablet.sees(text("#state") + ` === "Memanggil"`)
	shoot(tablet, "tablet-upright")
	tablet.press("[data-act=lock]")
	tablet.sees(text("h1") + ` === "Terkunci"`)
	shoot(tablet, "tablet-locked")
}
