package browsertest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys presses keys, one after the other, as a scanner or fingers do.
func (p *tab) keys(all ...string) {
	p.t.Helper()
	for _, k := range all {
		p.do(chromedp.KeyEvent(k))
	}
}

const (
	enter, escape = "\r", kb.Escape

	searching = `document.activeElement.id === "q"`
	restful   = `!document.body.classList.contains("busy")`
)

// down presses the arrow until the focus is on what begins with the words.
func (p *tab) down(words string) {
	p.t.Helper()
	for range 40 {
		p.keys(kb.ArrowDown)
		if strings.HasPrefix(read[string](p, `document.activeElement.textContent.trim()`), words) {
			return
		}
	}
	p.t.Fatalf("%s: no arrow leads to %q:\n%s", p.who, words, p.words())
}

// ready waits until the search has the focus and nothing is under way.
func (p *tab) ready(more ...string) {
	p.t.Helper()
	p.sees(strings.Join(append(more, searching, restful), " && "))
}

// A morning at the front desk without touching a mouse.
func TestTheFrontDeskWorksByKeys(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	api := signedIn(t, s, "admin")
	var booked struct {
		Tickets []struct{ ID, Number, Code, QR, Token string }
	}
	api.do(http.MethodPost, "/api/v1/offices/bandung/bookings", map[string]any{
		"service": "paspor-baru", "slot": "earliest", "locale": "id", "people": []map[string]string{
			{"name": "Siti Salah Tulis", "nik": "3273010101900001", "phone": "081234567801"}},
	}, &booked)
	ticket := booked.Tickets[0]
	desk := open(t).person(t, "desk")
	desk.size(1024, 768)
	desk.signIn(s.url, "admin", password, "/desk?office=bandung")
	desk.ready(text("#live") + ` === "Tersambung"`)
	desk.accessible()

	// The scanner types the QR code and Enter; Enter again checks in.
	desk.keys(ticket.QR, enter)
	desk.ready(text("h1")+` === "Siti Salah Tulis"`, `document.querySelector("[data-primary]")`)
	desk.keys(enter)
	desk.ready(text("#said")+` === "Sudah lapor hadir."`, text("#where")+`.indexOf("Menunggu") === 0`)
	desk.accessible()

	// The name was typed wrong: down to its form, which begins in the name.
	desk.down("Perbaiki nama")
	desk.keys(enter)
	desk.sees(`document.activeElement.id === "correct-name"`)
	desk.accessible()
	desk.keys("Siti Benar", enter) // what stood there is selected
	desk.ready(text("h1") + ` === "Siti Benar"`)

	// Somebody calls them meanwhile: the page knows without being asked.
	api.at("1", "open")
	if got := api.at("1", "next"); got != ticket.Number {
		t.Fatalf("called %s", got)
	}
	desk.sees(text("#where") + `.indexOf("Dipanggil") === 0`)

	// A new link, on paper; the old one is dead.
	desk.down("Tautan baru")
	desk.keys(enter)
	desk.sees(`document.activeElement.tagName === "BUTTON"`)
	desk.keys(enter)
	desk.ready(text(".slip .no")+` === "`+ticket.Number+`"`, `document.querySelectorAll(".slip .qr").length === 1`)
	desk.accessible()
	if status, _ := api.ask(http.MethodGet, "/api/v1/tickets/"+ticket.Token, nil); status != http.StatusNotFound {
		t.Errorf("the old link answers %d", status)
	}

	// Escape leads home; a number with priority needs its reason.
	desk.keys(escape)
	desk.ready(`document.querySelector("#services")`)
	desk.down("Prioritas")
	desk.keys(enter)
	desk.sees(`document.activeElement.name === "priority"`)
	desk.keys(" ")
	desk.keys(kb.Tab, "Alasan lain") // chosen by its first letters
	desk.sees(`document.querySelector("[name=reason]").value === "other"`)
	desk.expect("422")
	desk.keys(escape, kb.ArrowDown, enter) // the form keeps what was ticked
	desk.sees(text("#main [role=alert]") + ` !== "" && document.querySelector("[name=priority]").checked && ` + restful)
	desk.sees(`document.activeElement.name === "priority"`)
	desk.keys(kb.Tab, "Perlu")
	desk.keys(escape, kb.ArrowDown, enter)
	desk.ready(text(".slip .no")+` !== ""`, `document.querySelector(".slip .no").textContent !== "`+ticket.Number+`"`)

	if n := api.events("ticket_issued"); n != 1 {
		t.Errorf("%d numbers were given", n)
	}
	if n := api.events("person_corrected"); n != 1 {
		t.Errorf("corrected %d times", n)
	}
}

func TestLighthouseFindsNothingAtTheFrontDesk(t *testing.T) {
	s := serve(t, offices())
	session := []*http.Cookie{{Name: "antrean_session", Value: signedIn(t, s, "admin").token}}
	audit(t, s.url+"/desk?office=bandung", session, map[string]int{"accessibility": 100})
}

// The answer to a press is lost on the way: the desk asks again by itself, and
// one number is given and printed.
func TestANumberWhoseAnswerIsLostIsGivenOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	api := signedIn(t, s, "admin")
	network := plug(t, s)
	desk := open(t).person(t, "desk")
	desk.expect("ERR_")
	desk.signIn(network.url, "admin", password, "/desk?office=bandung")
	desk.ready(text("#live") + ` === "Tersambung"`)
	network.swallow()
	desk.keys(kb.ArrowDown, enter)
	desk.sees(text("#alert") + ` !== ""`)
	desk.keys("Siti", enter) // who is next waits until the slip was seen
	network.mend()
	desk.ready(text("#alert")+` === ""`, `document.querySelector(".slip .no")`, `document.querySelector("#q").value === "Siti"`)
	if n := api.events("ticket_issued"); n != 1 {
		t.Errorf("%d numbers were given", n)
	}
}
