package browsertest

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// until waits for what the office's log is to hold.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); <-time.After(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s never happens", what)
		}
	}
}

// One person's visit, from booking at home to the counter, on six machines. At
// each step the network loses an answer or is cut; everything happens once, and
// everybody sees it.
func TestAVisitThroughBrokenNetworks(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	b := open(t)
	lines := map[string]*cable{}
	at := func(who string) *tab {
		lines[who] = plug(t, s)
		p := b.person(t, who)
		p.expect("ERR_")
		p.expect("Connection closed before")
		return p
	}
	tv := at("tv")
	tv.runsFirst(`window.said = []; document.addEventListener("saying", (e) => said.push(e.detail.text));`)
	tv.size(1920, 1080)
	tv.goTo(lines["tv"].url + "/display/bandung")

	// She books on her phone, whose line loses the answer.
	phone := at("phone")
	phone.size(360, 740, chromedp.EmulateMobile)
	phone.goTo(lines["phone"].url + bookingPage)
	phone.fill(map[string]string{"name-1": "Siti Kartadiningrat", "nik-1": nik(1)})
	lines["phone"].swallow()
	phone.press(`#send`)
	until(t, "a booking", func() bool { return desk.bookings() == 1 })
	lines["phone"].mend()
	phone.seesWithin(2*patience, confirmed)
	// Her husband follows on an old phone without scripts.
	husband := at("husband")
	husband.withoutScript()
	husband.goTo(strings.Replace(read[string](phone, `document.querySelector(".acts .primary").href`), lines["phone"].url, lines["husband"].url, 1))
	number, code := read[string](phone, text(".number")), read[string](phone, text(".code"))
	phone.press(`.acts .primary`)
	phone.sees(text("#hour-time") + ` !== "" && ` + text("#live") + ` === "Tersambung"`)

	// She checks in at the kiosk, whose line loses the answer, too.
	kiosk := at("kiosk")
	kiosk.size(1080, 1920)
	kiosk.pair(&server{url: lines["kiosk"].url}, "kiosk", "")
	kiosk.goTo(lines["kiosk"].url + "/kiosk/bandung")
	kiosk.sees(`document.querySelector("#page[data-step=start] .services a")`)
	read[any](kiosk, counted)
	lines["kiosk"].swallow()
	kiosk.scan(code)
	until(t, "a check-in", func() bool { return desk.expecting() == 1 })
	lines["kiosk"].mend()
	kiosk.sees(text("#page[data-step=arrived] .no") + ` === "` + number + `" && window.printed === 1`)
	phone.sees(text("#ahead") + ` === "Anda berikutnya"`)
	// The officer presses; the answer is lost. The television and the phone are
	// cut off meanwhile.
	tablet := at("tablet")
	tablet.size(1024, 768)
	tablet.signIn(lines["tablet"].url, "sari", password, "/counter")
	tablet.take("3")
	for _, who := range []string{"tv", "phone"} {
		lines[who].pull()
	}
	lines["tablet"].swallow()
	tablet.do(chromedp.KeyEvent(" "))
	landed(t, desk, 1)
	for _, who := range []string{"tablet", "tv", "phone"} {
		lines[who].mend()
	}
	tablet.sees(text("#number") + ` === "` + number + `"`)
	tv.sees(text(tvNumber) + ` === "` + number + `" && ` + text(tvCounter) + ` === "3"`)
	tv.sees(`said.length > 0`)
	if said := read[string](tv, `said[0]`); !strings.HasPrefix(said, "Nomor antrean A, ") || !strings.HasSuffix(said, "loket tiga") {
		t.Errorf("the hall hears %q", said)
	}
	phone.sees(yourTurn + ` && ` + text("#counter-place") + ` === "3" && ` + background + ` === "` + amber + `"`)
	phone.accessible()
	husband.goTo(lines["husband"].url + "/t") // as its refreshing does
	husband.sees(yourTurn + ` && ` + text("#number") + ` === "` + number + `"`)
	if calls, bookings := desk.calls(), desk.bookings(); calls != 1 || bookings != 1 {
		t.Errorf("the log holds %d bookings and %d calls", bookings, calls)
	}
}
