package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// weighed is the sum of what came over the wire for the page that is open, in
// bytes, headers included; what lay in the cache counts nothing.
const weighed = `performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource")).reduce((n, e) => n + e.transferSize, 0)`

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
