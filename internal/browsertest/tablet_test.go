package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// small names what can be pressed and is smaller than a fingertip.
const small = `[].filter.call(document.querySelectorAll("button, a, input"), (e) => {
	const r = e.getBoundingClientRect();
	return r.width > 0 && (r.height < 47.9 || r.width < 47.9);
}).map((e) => (e.id || e.textContent || e.name) + " " + Math.round(e.getBoundingClientRect().width) + "x" + Math.round(e.getBoundingClientRect().height)).join(", ")`

func (p *tab) fitsFingers() {
	p.t.Helper()
	for _, size := range [][2]int64{{800, 1280}, {1024, 768}} {
		p.size(size[0], size[1])
		if found := read[string](p, small); found != "" {
			p.t.Errorf("%s: too small at %d×%d: %s", p.who, size[0], size[1], found)
		}
		if read[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
			p.t.Errorf("%s: wider than %d", p.who, size[0])
		}
	}
}

// An officer signs in on a paired tablet with a PIN, works through gaps of the
// network, is locked out by their own absence while the counter stays open, and
// comes back to the person at it.
func TestATabletIsSignedInToAndLocksByItself(t *testing.T) {
	t.Parallel()
	s := serve(t, strings.Replace(offices(), "calling: {", "calling: {officers_may_choose: true, ", 1))
	admin := signedIn(t, s, "admin")
	admin.do("PUT", "/api/v1/users/sari/pin", map[string]string{"pin": "739146"}, nil)
	var booked struct {
		Tickets []struct{ Number, Code string }
	}
	admin.do("POST", "/api/v1/offices/bandung/bookings", map[string]any{"service": "paspor-baru", "slot": "earliest", "people": []map[string]string{
		{"name": "Ani Suryani", "nik": "3273014107900001", "phone": "081234567890"},
	}}, &booked)
	admin.do("POST", "/api/v1/offices/bandung/check-ins", map[string]string{"code": booked.Tickets[0].Code}, nil)
	line := plug(t, s)
	tablet := open(t).person(t, "tablet")
	tablet.expect("net::ERR_")
	tablet.expect("401 (Unauthorized)")
	tablet.expect("closed before the connection is established") // locked while it was coming back
	tablet.pair(&server{url: line.url}, "counter", "2")

	// Nobody is named to a tablet that nobody used.
	tablet.goTo(line.url + "/login")
	tablet.sees(text("h1") + ` === "Siapa Anda?" && !document.querySelector(".names")`)
	tablet.accessible()
	tablet.write("#name", "Sari")
	tablet.press("form button")
	tablet.sees(`document.querySelectorAll("#keys button").length === 11`)
	tablet.accessible()
	tablet.fitsFingers()
	tablet.write("#pin", "1111\r")
	tablet.sees(text(".note.stop") + ` === "Nama atau PIN tidak cocok."`)
	for _, digit := range "739146" {
		tablet.press(fmt.Sprintf("#keys button:nth-child(%d)", digit-'0'))
	}
	tablet.press("form .primary")
	tablet.sees(`location.search === "?counter=2&office=bandung" && ` + text("#live") + ` === "Tersambung" && !document.querySelector("#act-big").disabled`)

	// Space is Next, whatever has the focus.
	tablet.do(chromedp.KeyEvent(" "))
	tablet.sees(text("#big-words") + ` === "Berikutnya"`)
	tablet.fitsFingers()
	tablet.accessible()
	read[any](tablet, `document.querySelector("#act-close").focus(); null`)
	line.pull() // a gap that is over before anybody asks
	tablet.do(chromedp.KeyEvent(" "))
	tablet.sees(text("#alert") + ` === "Belum pasti, mencoba lagi…"`)
	line.mend()
	tablet.sees(text("#person") + ` === "Ani Suryani"`)
	tablet.accessible()

	// A longer one asks, and sends the same press again.
	line.pull()
	tablet.do(chromedp.KeyEvent(" "))
	tablet.sees(text(".sure p") + `.indexOf("Kirim lagi?") > 0`)
	tablet.do(chromedp.KeyEvent(" ")) // answers nothing
	tablet.accessible()
	tablet.fitsFingers()
	line.mend()
	tablet.press(".sure .yes")
	// The page moves when it is connected again, and may ask once more on a machine
	// that takes its time.
	tablet.sees(`((yes) => yes && !yes.disabled && yes.click())(document.querySelector(".sure .yes")), ` +
		text("#state") + ` === "Sedang dilayani" && !document.querySelector(".sure")`)
	if calls := admin.calls(); calls != 1 {
		t.Errorf("the log holds %d calls", calls)
	}

	// Away for eleven minutes: the name is gone, the counter stays open.
	read[any](tablet, `((real) => { Date.now = () => real() + 11 * 60 * 1000; })(Date.now); null`)
	tablet.sees(text("h1") + ` === "Terkunci" && ` + text(".lead + .lead") + ` === "Loket 2 tetap buka atas nama Anda."`)
	tablet.accessible()
	tablet.goTo(line.url + "/counter")
	tablet.sees(`location.pathname === "/login" && ` + text(".names") + ` === "sari"`)
	tablet.press(".names button")
	tablet.write("#pin", "739146\r")
	tablet.sees(text("#person") + ` === "Ani Suryani" && ` + text("#state") + ` === "Sedang dilayani"`)

	// Done; then somebody out of turn, for a reason.
	first, second := admin.walkIn(), admin.walkIn()
	tablet.sees(`document.querySelectorAll("#lanes .pick").length === 2`)
	tablet.press("#act-complete")
	tablet.sees(text("#number") + ` === "" && !document.querySelectorAll("#lanes .pick")[1].disabled`)
	tablet.press("#lanes li:nth-child(2) .pick")
	tablet.sees(`document.querySelectorAll(".sure button").length === 7 && !document.querySelector(".sure .yes").disabled`)
	tablet.accessible()
	tablet.fitsFingers()
	tablet.press(".sure .yes")
	tablet.sees(text("#number") + ` === "` + second.Number + `" && ` + text("#why") + `.indexOf("luar urutan") > 0`)
	tablet.sees(text("#lanes") + `.indexOf("` + first.Number + `") > 0`)
	tablet.press("[data-act=lock]")
	tablet.sees(text("h1") + ` === "Terkunci"`)
}
