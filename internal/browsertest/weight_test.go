package browsertest

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// weighed is the sum of what came over the wire for the page that is open, in
// bytes, headers included; what lay in the cache counts nothing, nor does the
// hall's voice, which is fetched once and before it is needed.
const weighed = `performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource")).filter((e) => !/voice-..\.bin$/.test(e.name)).reduce((n, e) => n + e.transferSize, 0)`

// Kilobytes that a booking costs a phone on a slow line: the first page with
// the typeface, the others with what is new on them.
func TestPagesAreLightOverTheWire(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	b := open(t)
	p := b.person(t, "applicant")
	p.size(360, 740, chromedp.EmulateMobile)
	weigh := func(p *tab, name string, limit int) {
		t.Helper()
		p.sees(`document.readyState === "complete" && document.fonts.status === "loaded"`)
		bytes := read[int](p, weighed)
		t.Logf("%-12s %6d bytes", name, bytes)
		if bytes > limit<<10 {
			t.Errorf("%s: %d bytes", name, bytes)
		}
	}
	p.goTo(s.url + "/?office=bandung")
	weigh(p, "services", 42)
	p.press(`.choices a`)
	p.sees(`document.querySelector("#name-1")`)
	weigh(p, "form", 14)
	p.fill(map[string]string{"name-1": "Siti", "nik-1": nik(1)})
	p.press(`#send`)
	p.sees(confirmed)
	weigh(p, "confirmation", 10)
	p.press(`.acts .primary`)
	p.sees(`location.pathname === "/t"`)
	weigh(p, "ticket", 30)

	tv := b.person(t, "tv")
	tv.goTo(s.url + "/display/bandung")
	weigh(tv, "television", 50)
}

// What comes over the wire on the first visit, compressed, without typeface and
// voice; the aims are those of the design.
func TestFirstVisitsWeighLittle(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	waiting := signedIn(t, s, "admin").walkIn()
	b := open(t)
	officer := b.person(t, "officer")
	officer.signIn(s.url, "sari", password, "/staff")
	for _, page := range []struct {
		who    *tab
		path   string
		limit  int // KB
		stands string
	}{
		{b.person(t, "visitor"), "/", 30, `document.querySelector("main")`},
		{b.person(t, "applicant"), bookingPage, 30, `document.querySelector("#name-1")`},
		{b.person(t, "phone"), waiting.URL[len(s.url):], 30, text("#live") + ` === "Tersambung"`},
		{b.person(t, "tv"), "/display/bandung", 40, `document.querySelector("#now")`},
		{officer, "/counter", 50, `document.querySelector("[data-counter]")`},
		{officer, "/counter?office=bandung&counter=1", 50, `document.querySelector("#act-big")`},
	} {
		if page.who == officer { // signing in has loaded some of it
			if _, err := chromedp.Call(officer.ctx, network.ClearBrowserCache, struct{}{}); err != nil {
				t.Fatal(err)
			}
		}
		page.who.goTo(s.url + page.path)
		page.who.sees(`document.readyState === "complete" && document.fonts.status === "loaded" && ` + page.stands)
		bytes := read[int](page.who, firstVisit)
		t.Logf("%-10s %6d bytes", page.who.who, bytes)
		if bytes < 1000 || bytes > page.limit<<10 {
			t.Errorf("%s: %d bytes, at most %d KB are allowed", page.who.who, bytes, page.limit)
		}
	}
}

// firstVisit is weighed without typeface and voice.
const firstVisit = `performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
	.filter((e) => !/\.woff2$|\/voice-[^\/]*$/.test(e.name)).reduce((n, e) => n + e.transferSize, 0)`
