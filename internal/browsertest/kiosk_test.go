package browsertest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// pair makes the browser of the tab a device of the office, as its pages do.
func (p *tab) pair(s *server, kind, counter string) {
	p.t.Helper()
	p.goTo(s.url + "/login")
	code, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](
		`fetch("/api/v1/devices/pairing", {method: "POST"}).then((r) => r.json()).then((d) => d.code)`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	signedIn(p.t, s, "admin").do("POST", "/api/v1/devices",
		map[string]string{"code": code, "name": "Uji " + kind, "kind": kind, "office": "bandung", "counter": counter}, nil)
}

// counted counts how often a page prints, and keeps the printer out of it.
const counted = `window.printed = 0; window.print = () => { window.printed++; }; null`

// scan types as a scanner does that pretends to be a keyboard.
func (p *tab) scan(code string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(code + "\r"))
}

// A walk-in takes a number at the kiosk, and somebody with an appointment checks
// in there by the scanner and by the keys; each is printed once, however often
// they press and whatever the network does.
func TestTheKioskGivesNumbersAndChecksIn(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	var booked struct {
		Tickets []struct{ Number, Code, QR string }
	}
	desk.do("POST", "/api/v1/offices/bandung/bookings", map[string]any{"service": "paspor-baru", "slot": "earliest", "people": []map[string]string{
		{"name": "Ani Suryani", "nik": "3273014107900001", "phone": "081234567890"},
		{"name": "Budi Suryana", "nik": "3273010107900002", "phone": "081234567890"},
	}}, &booked)
	line := plug(t, s)
	kiosk := open(t).person(t, "kiosk")
	kiosk.expect("net::ERR_")
	kiosk.expect("404 (Not Found)") // a code that nobody has
	kiosk.size(1080, 1920)
	kiosk.pair(&server{url: line.url}, "kiosk", "")
	kiosk.goTo(line.url + "/kiosk/bandung")
	kiosk.sees(`document.querySelector("#page[data-step=start] .services a")`)
	read[any](kiosk, counted)
	kiosk.accessible()

	// A number: the interval is told before it is taken.
	kiosk.press(".services a")
	kiosk.sees(text(".wait") + `.indexOf("Tidak ada yang menunggu") >= 0 && ` + text("#who") + `.indexOf("60 tahun") >= 0`)
	kiosk.accessible()
	line.swallow() // the number is given, the answer is lost
	read[any](kiosk, `document.querySelector("form .primary").click(); document.querySelector("form .primary").click(); null`)
	kiosk.sees(text("#unsure") + ` !== ""`)
	line.mend()
	kiosk.sees(text("#page[data-step=given] .no") + `.indexOf("A-") === 0 && window.printed === 1`)
	kiosk.accessible()
	pdf, err := chromedp.Call(kiosk.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: ptr(true)})
	if err != nil {
		t.Fatal(err)
	}
	if pages := regexp.MustCompile(`/Type\s*/Page\b[^s]`).FindAll(pdf.Data, -1); len(pages) != 1 {
		t.Errorf("the number is printed on %d pages", len(pages))
	}
	if got := desk.expecting(); got != 1 {
		t.Errorf("%d numbers were given", got)
	}

	// Back at the start, the next one scans, whatever has the focus.
	kiosk.press("a.primary")
	kiosk.sees(`document.querySelector("#page[data-step=start]")`)
	read[any](kiosk, `document.querySelector("footer a").focus(); null`)
	kiosk.scan(booked.Tickets[0].QR)
	kiosk.sees(text("#page[data-step=arrived] .no") + ` === "` + booked.Tickets[0].Number + `" && window.printed === 2`)
	kiosk.accessible()

	// A family came together: the second of them is in the hall already.
	kiosk.press("a.primary")
	kiosk.press(`a[href*="do=code"]`)
	kiosk.sees(`document.querySelectorAll("#keys button").length === 33`)
	kiosk.accessible()
	kiosk.press("#keys button:nth-child(3)")
	kiosk.press("#keys .erase")
	kiosk.write("#typed", "XXXX-XXXX")
	kiosk.press("form .primary")
	kiosk.sees(text(".notice.stop h2") + ` === "Kode ini tidak dikenal" && document.querySelector("#typed").value === "XXXX-XXXX"`)
	read[any](kiosk, `document.querySelector("#typed").value = ""; null`)
	for _, letter := range strings.ReplaceAll(booked.Tickets[1].Code, "-", "") {
		read[any](kiosk, fmt.Sprintf(`[].filter.call(document.querySelectorAll("#keys button"), (b) => b.textContent === %q)[0].click(); null`, string(letter)))
	}
	kiosk.press("form .primary")
	kiosk.sees(text("#page[data-step=told] h1") + ` === "Anda sudah tercatat hadir" && window.printed === 2`)
	kiosk.accessible()
	if strings.Contains(read[string](kiosk, `document.documentElement.outerHTML`), "Suryan") {
		t.Error("the kiosk names somebody")
	}
}

// expecting is how many wait in the hall.
func (p *program) expecting() int {
	p.t.Helper()
	var view struct{ Waiting []struct{ Number string } }
	p.do("GET", "/api/v1/offices/bandung/queue", nil, &view)
	return len(view.Waiting)
}

// Without scripts the kiosk is forms; the language of one visitor is not the
// next one's.
func TestTheKioskWorksWithoutScripts(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	kiosk := open(t).person(t, "kiosk")
	kiosk.size(1280, 1024)
	kiosk.pair(s, "kiosk", "")
	kiosk.withoutScript()
	kiosk.goTo(s.url + "/kiosk/bandung")
	kiosk.press(`a[hreflang=en]`)
	kiosk.press(".services a")
	kiosk.press("button[name=priority]")
	kiosk.sees(text("h1") + ` === "Your number" && ` + text(".outcome .svc") + `.indexOf("Priority") > 0`)
	number := read[string](kiosk, text(".outcome .no"))
	kiosk.do(chromedp.Reload()) // the same order again gives the same number
	kiosk.sees(text(".outcome .no") + ` === "` + number + `"`)
	kiosk.press("a.primary")
	kiosk.sees(text("h1") + ` === "Selamat datang"`)
}

// Where the browser reads QR codes, the kiosk's own camera is the scanner. The
// detector is a stand-in, because Chromium has none on this system; the camera is
// Chromium's own false one.
func TestTheKioskScansWithItsCamera(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	var booked struct {
		Tickets []struct{ Number, QR string }
	}
	desk.do("POST", "/api/v1/offices/bandung/bookings", map[string]any{"service": "paspor-baru", "slot": "earliest", "people": []map[string]string{
		{"name": "Ani Suryani", "nik": "3273014107900001", "phone": "081234567890"},
	}}, &booked)
	kiosk := open(t, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true)).person(t, "kiosk")
	kiosk.pair(s, "kiosk", "")
	stand := fmt.Sprintf(`window.BarcodeDetector = class { async detect(video) { return video.videoWidth > 0 ? [{rawValue: %q}] : []; } }`, booked.Tickets[0].QR)
	if _, err := chromedp.Call(kiosk.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: stand}); err != nil {
		t.Fatal(err)
	}
	kiosk.goTo(s.url + "/kiosk/bandung")
	kiosk.press("#camera")
	kiosk.sees(text("#page[data-step=arrived] .no") + ` === "` + booked.Tickets[0].Number + `"`)
}

func ptr[T any](v T) *T { return &v }
