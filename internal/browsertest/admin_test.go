package browsertest

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tabTo moves the focus on until it is where the selector says.
func (p *tab) tabTo(selector string) {
	p.t.Helper()
	for range 80 {
		if read[bool](p, `document.activeElement.matches(`+"`"+selector+"`"+`)`) {
			return
		}
		p.do(chromedp.KeyEvent(kb.Tab))
	}
	p.t.Fatalf("%s: no way to %s by keyboard\n%s", p.who, selector, p.words())
}

// An office is run from its administration with a keyboard alone: who waits is
// seen at once, the office stands still and goes on, a rule is looked at before
// it is changed, and put back.
func TestAnOfficeIsRunByKeyboard(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	p := open(t).person(t, "head of office")
	p.size(1366, 768)
	p.signIn(s.url, "admin", password, "/admin")
	p.sees(text("#fresh") + `.indexOf("Kantor Imigrasi Kelas I Bandung") >= 0`)
	p.accessible()
	p.tabTo(`#fresh a`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.sees(text("#live") + ` === "Tersambung"`)
	waiting := desk.walkIn()
	p.sees(text("#fresh") + `.indexOf("` + waiting.Number + `") >= 0`)
	p.accessible()

	p.tabTo(`.act > summary`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.tabTo(`#reason`)
	p.do(chromedp.KeyEvent("Listrik padam"), chromedp.KeyEvent(kb.Enter))
	p.sees(text(".suspended") + `.indexOf("Listrik padam") >= 0`)
	p.accessible()
	p.tabTo(`#resume`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.sees(`!document.querySelector(".suspended") && ` + text(".toast") + ` !== ""`)

	at := s.url + "/admin/offices/bandung"
	p.expect("422")
	p.goTo(at + "/config?topic=calling")
	p.tabTo(`[name="calling.ceiling"]`)
	p.do(chromedp.KeyEvent("9"), chromedp.KeyEvent(kb.Enter)) // what was there is selected; Enter looks at the effect
	p.sees(text(".wrong") + ` !== ""`)
	p.accessible()
	p.tabTo(`[name="calling.ceiling"]`)
	p.do(chromedp.KeyEvent("45m"), chromedp.KeyEvent(kb.Enter))
	p.sees(text(".preview") + `.indexOf("45m") >= 0`)
	p.accessible()
	p.tabTo(`.config button.primary`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.sees(text(".toast") + ` !== ""`)
	p.goTo(at + "/config/history")
	p.accessible()
	p.tabTo(`[name=restore]`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.sees(text(".toast") + ` !== ""`)

	for _, path := range []string{"/days", "/notices", "/config", "/config?topic=hours", "/config?topic=services", "/config?topic=limits", "/config/file"} {
		p.goTo(at + path)
		p.sees(`document.readyState === "complete"`)
		p.accessible()
	}
	p.size(360, 740)
	p.goTo(at + "#menu")
	p.sees(text(`#menu .close-menu`) + ` !== ""`)
	p.accessible()
	mine := []*http.Cookie{{Name: "antrean_session", Value: desk.token}}
	audit(t, s.url+"/admin", mine, map[string]int{"accessibility": 100})
	audit(t, at, mine, map[string]int{"accessibility": 100})
}
