package browsertest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	bookingPage = "/?office=bandung&service=paspor-baru"
	confirmed   = `location.pathname === "/booked" && document.body.classList.contains("booked")`
)

// numbers are what the confirmation shows.
const numbers = `[].map.call(document.querySelectorAll(".number, .number-small"), (e) => e.innerText)`

// applicant is on the booking page, on a small phone.
func applicant(t *testing.T, b *browser, base string) *tab {
	t.Helper()
	p := b.person(t, "applicant")
	p.size(360, 740, chromedp.EmulateMobile)
	p.expect("422") // the browser reports the refused form itself
	p.goTo(base + bookingPage)
	p.sees(`document.querySelector("#name-1")`)
	return p
}

func (p *tab) value(id string) string {
	p.t.Helper()
	return read[string](p, `document.getElementById("`+id+`").value`)
}

// keeps demands that the form still holds what was typed.
func (p *tab) keeps(typed map[string]string) {
	p.t.Helper()
	for id, want := range typed {
		if kept := p.value(id); kept != want {
			p.t.Errorf("%s: %s kept %q of %q", p.who, id, kept, want)
		}
	}
}

// fill types over what the fields hold.
func (p *tab) fill(typed map[string]string) {
	p.t.Helper()
	for id, text := range typed {
		read[any](p, `document.getElementById("`+id+`").value = ""; null`)
		p.write("#"+id, text)
	}
}

// nik is that of the n-th made-up person.
func nik(n int) string { return fmt.Sprintf("327301650399%04d", n) }

// bookings counts the bookings in the office's log.
func (p *program) bookings() int { return p.events("tickets_booked") }

// Somebody whose phone runs no scripts books for a family: says how many they
// are after having typed, corrects what was wrong without typing anything else
// again, and reaches each ticket.
func TestBookingNeedsNoScript(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	p := open(t).person(t, "applicant")
	p.size(360, 740, chromedp.EmulateMobile)
	p.withoutScript()
	p.expect("422")
	p.goTo(s.url + "/?office=bandung")
	p.press(`.choices a`)
	p.sees(`document.querySelector("#name-1")`)

	// Another hour, by links.
	p.press(`.others a`)
	p.press(`.calendar td:not(.today) a`)
	p.press(`#hours li:nth-child(3) a`)
	p.sees(`document.querySelector("[name=chosen]").value === "1"`)
	hour := read[string](p, text(".hour .time"))

	typed := map[string]string{"name-1": "Siti Nurhaliza Kartadiningrat", "nik-1": "327301650399000", "phone": "0812 3456 7890", "email": "siti@example.com"}
	p.fill(typed)
	p.press(`[name=count][value="3"]`)
	p.sees(`document.querySelectorAll(".person").length === 3`)
	p.keeps(typed)
	p.fill(map[string]string{"name-2": "Budi", "nik-2": nik(2), "name-3": "Wati"})
	p.press(`#send`)

	p.sees(text("#nik-1-wrong") + ` !== ""`)
	if wrong := read[string](p, text("#nik-1-wrong")); !regexp.MustCompile(`16 angka`).MatchString(wrong) {
		t.Errorf("the field says %q", wrong)
	}
	if focus := read[string](p, `document.activeElement.id`); focus != "summary" {
		t.Errorf("what is wrong is not told first, but %q", focus)
	}
	if links := read[[]string](p, `[].map.call(document.querySelectorAll("#summary a"), (a) => a.getAttribute("href"))`); fmt.Sprint(links) != "[#nik-1 #nik-3]" {
		t.Errorf("the summary leads to %v", links)
	}
	if described := read[string](p, `document.querySelector("#nik-1").getAttribute("aria-describedby")`); !strings.HasPrefix(described, "nik-1-wrong ") {
		t.Errorf("the field is described by %q", described)
	}
	typed["name-2"], typed["nik-2"], typed["name-3"] = "Budi", nik(2), "Wati"
	p.keeps(typed)
	if lang := read[string](p, `document.documentElement.lang`); lang != "id" {
		t.Errorf("the page turned to %q", lang)
	}

	p.fill(map[string]string{"nik-1": nik(1), "nik-3": nik(3)})
	p.press(`#send`)
	p.sees(confirmed + ` && ` + numbers + `.length === 3 && document.querySelectorAll(".picture svg").length === 3`)
	if got := read[string](p, text(".hour .time")); got != hour {
		t.Errorf("booked %s, chosen was %s", got, hour)
	}
	if shown := read[string](p, `document.body.innerText`); regexp.MustCompile(`Siti|Budi|3273016503990001|0812`).MatchString(shown) {
		t.Errorf("the confirmation shows personal data:\n%s", shown)
	}
	second := read[string](p, numbers+`[1]`)
	p.press(`.member:nth-of-type(3) a`)
	p.sees(`location.pathname === "/t" && ` + text("#number") + ` === "` + second + `"`)
}

// With scripts the page is never left before the booking is made: hours, people
// and errors come and go around what was typed.
func TestBookingForThreeKeepsItsPlace(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	p := applicant(t, open(t), s.url)
	read[any](p, `window.here = 1; null`)
	typed := map[string]string{"name-1": "Siti", "nik-1": "12", "phone": "08123456789"}
	p.fill(typed)

	p.press(`.others a`)
	p.sees(`document.querySelector("#calendar") && document.activeElement.id === "calendar"`)
	p.press(`.calendar td:not(.today) a`)
	p.sees(`document.activeElement.id === "hours"`)
	p.press(`#hours li:nth-child(2) a`)
	p.sees(`document.querySelector("[name=chosen]").value === "1" && document.activeElement.id === "when"`)
	hour := read[string](p, text(".hour .time"))

	p.press(`[name=count][value="4"]`)
	p.sees(`document.querySelectorAll(".person").length === 4 && document.activeElement.id === "name-2"`)
	p.fill(map[string]string{"name-2": "Salah", "nik-2": "1", "name-3": "Budi", "nik-3": nik(2), "name-4": "Wati", "nik-4": nik(3)})
	p.press(`.person:nth-child(2) .remove`)
	p.sees(`document.querySelectorAll(".person").length === 3`)
	p.press(`[name=count][value="2"]`) // a slip
	p.press(`[name=count][value="3"]`)
	typed["name-2"], typed["nik-2"], typed["name-3"], typed["nik-3"] = "Budi", nik(2), "Wati", nik(3)
	p.keeps(typed)

	p.press(`#send`)
	p.sees(`document.activeElement.id === "nik-1" && ` + text("#nik-1-wrong") + ` !== "" && ` + text("#summary") + ` !== ""`)
	p.keeps(typed)
	if got := read[string](p, text(".hour .time")); got != hour {
		t.Errorf("the hour turned from %s to %s", hour, got)
	}
	p.fill(map[string]string{"nik-1": nik(1)})
	p.sees(text(".person .born") + `.indexOf("25 Maret 1999") > 0`)
	if !read[bool](p, `window.here === 1`) {
		t.Error("the page was left")
	}
	p.press(`#send`)
	p.sees(confirmed + ` && ` + numbers + `.length === 3`)
	shown := read[string](p, numbers+`.join()`)
	p.do(chromedp.Reload())
	p.sees(confirmed + ` && ` + numbers + `.join() === "` + shown + `"`)
	if n := signedIn(t, s, "admin").bookings(); n != 1 {
		t.Errorf("the log holds %d bookings", n)
	}
}

// From the first page to the ticket without touching the screen.
func TestBookingByKeyboardAlone(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	p := open(t).person(t, "applicant")
	p.goTo(s.url + "/?office=bandung")
	to := func(is string) {
		t.Helper()
		for range 60 {
			if read[bool](p, `!!(document.activeElement && document.activeElement.matches(`+fmt.Sprintf("%q", is)+`))`) {
				return
			}
			p.do(chromedp.KeyEvent(kb.Tab))
		}
		t.Fatalf("no way to %s by keyboard", is)
	}
	to(".choices a")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.sees(`document.querySelector("#name-1")`)
	to(".others a")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.sees(`document.activeElement.id === "calendar"`)
	to(".calendar td a")
	day := read[string](p, `document.activeElement.innerText`)
	p.do(chromedp.KeyEvent(kb.ArrowRight))
	if now := read[string](p, `document.activeElement.innerText`); now == day {
		t.Error("the arrow key does not move to the next day")
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.sees(`document.activeElement.id === "hours"`)
	to("#hours a")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.sees(`document.activeElement.id === "when" && !document.querySelector("#calendar")`)
	to("#name-1")
	p.do(chromedp.KeyEvent("Siti"))
	to("#nik-1")
	p.do(chromedp.KeyEvent(nik(1)))
	p.do(chromedp.KeyEvent(kb.Enter)) // sends the form, and presses no other button of it
	p.sees(confirmed)
	to(".acts .primary")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.sees(`location.pathname === "/t" && ` + text("#number") + ` !== ""`)
}

// conditions is the command that browsers of all years know.
var conditions = cdp.Command[network.OverrideNetworkStateParams, cdp.Empty]{Method: "Network.emulateNetworkConditions"}

// offline takes the connection from the browser, and tells it so.
func (p *tab) offline(yes bool) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, conditions, network.OverrideNetworkStateParams{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1})
	if err != nil {
		p.t.Fatal(err)
	}
}

// The connection goes at the moment of sending: the page says so, keeps
// everything, and sends it when the connection is back.
func TestBookingOutlivesALostConnection(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	p := applicant(t, open(t), s.url)
	p.expect("ERR_INTERNET_DISCONNECTED")
	typed := map[string]string{"name-1": "Siti", "nik-1": nik(1)}
	p.fill(typed)
	p.offline(true)
	p.press(`#send`)
	p.sees(text("#trouble") + `.indexOf("Tidak ada sambungan") === 0`)
	p.keeps(typed)
	p.press(`[name=count][value="2"]`) // the form still works, and nothing is lost by that
	p.press(`[name=count][value="1"]`)
	p.keeps(typed)
	if n := signedIn(t, s, "admin").bookings(); n != 0 {
		t.Fatalf("%d bookings arrived", n)
	}
	p.press(`#send`)
	p.offline(false)
	p.sees(confirmed)
	if n := signedIn(t, s, "admin").bookings(); n != 1 {
		t.Errorf("the log holds %d bookings", n)
	}
}

// An answer is lost on its way: what was booked is booked once, and shown, even
// to somebody who changed the form in between.
func TestALostAnswerBooksOnce(t *testing.T) {
	t.Parallel()
	for _, changed := range []bool{false, true} {
		t.Run(fmt.Sprintf("changed %v", changed), func(t *testing.T) {
			t.Parallel()
			s := serve(t, offices())
			line := plug(t, s)
			p := applicant(t, open(t), line.url)
			p.expect("ERR_")
			p.fill(map[string]string{"name-1": "Siti", "nik-1": nik(1)})
			line.swallow()
			p.press(`#send`)
			desk := signedIn(t, s, "admin")
			for end := time.Now().Add(patience); desk.bookings() == 0; {
				if time.Now().After(end) {
					t.Fatal("the booking never arrived")
				}
			}
			p.seesWithin(2*patience, text("#trouble")+`.indexOf("Jawaban belum sampai") === 0`)
			if changed {
				p.write("#email", "siti@example.com")
				p.sees(text("#trouble") + `.indexOf("Isian berubah") === 0`)
			}
			line.mend()
			if changed {
				p.press(`#send`)
			}
			p.seesWithin(2*patience, confirmed)
			if n := desk.bookings(); n != 1 {
				t.Errorf("the log holds %d bookings", n)
			}
		})
	}
}

// A double tap, and then the same person in a second tab.
func TestNobodyIsBookedTwice(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	p := applicant(t, open(t), s.url)
	p.expect("409")
	other := p.another("second tab")
	other.expect("409")
	other.goTo(s.url + bookingPage)
	typed := map[string]string{"name-1": "Siti", "nik-1": nik(1)}
	for _, tab := range []*tab{p, other} {
		tab.fill(typed)
	}
	read[any](p, `document.querySelector("#send").click(); document.querySelector("#send").click(); null`)
	p.sees(confirmed)
	number := read[string](p, text(".number"))

	other.press(`#send`)
	other.sees(text("#nik-1-wrong") + ` !== ""`)
	other.keeps(typed)
	if n := signedIn(t, s, "admin").bookings(); n != 1 {
		t.Errorf("the log holds %d bookings", n)
	}
	// Who goes back and sends the form once more finds the booking that there is.
	p.do(chromedp.NavigateBack())
	p.sees(`document.querySelector("#name-1")`)
	p.fill(typed)
	p.press(`#send`)
	p.sees(text("#nik-1-wrong") + ` !== "" || ` + confirmed)
	if !read[bool](p, confirmed) {
		p.press(`#summary a[href="/t"]`)
		p.sees(`location.pathname === "/t"`)
	}
	p.goTo(s.url + "/booked")
	p.sees(confirmed + ` && ` + text(".number") + ` === "` + number + `"`)
	if n := signedIn(t, s, "admin").bookings(); n != 1 {
		t.Errorf("the log holds %d bookings", n)
	}
}

// The hour became full while the form was filled in: the nearest free ones are
// offered, and nothing is lost. Also without scripts.
func TestAnHourThatBecameFullIsReplaced(t *testing.T) {
	t.Parallel()
	s := serve(t, strings.Replace(offices(), "slot_capacity: 30", "slot_capacity: 1", 1))
	desk := signedIn(t, s, "admin")
	b := open(t)
	for i, scripts := range []bool{true, false} {
		p := b.person(t, "applicant")
		p.expect("409")
		if !scripts {
			p.withoutScript()
		}
		p.goTo(s.url + bookingPage)
		start := read[string](p, `document.querySelector("[name=slot]").value`)
		typed := map[string]string{"name-1": "Siti", "nik-1": nik(10 + i), "email": "siti@example.com"}
		p.fill(typed)
		desk.do(http.MethodPost, "/api/v1/offices/bandung/bookings", map[string]any{
			"service": "paspor-baru", "slot": start, "people": []any{map[string]string{"name": "Lain", "nik": nik(20 + i)}},
		}, nil)
		p.press(`#send`)
		p.sees(text("#when [role=alert]") + ` !== "" && document.querySelectorAll(".nearest input").length > 2`)
		p.keeps(typed)
		if full := read[bool](p, `[].some.call(document.querySelectorAll(".nearest input"), (e) => Date.parse(e.value) === Date.parse("`+start+`"))`); full {
			t.Error("the full hour is offered again")
		}
		p.press(`#send`)
		p.sees(confirmed)
	}
}

// The number of people changes what is free: the page says so where the number
// was pressed, and the button never books an hour that is not shown.
func TestTheHourFollowsTheNumberOfPeople(t *testing.T) {
	t.Parallel()
	s := serve(t, strings.Replace(offices(), "slot_capacity: 30", "slot_capacity: 2", 1))
	desk := signedIn(t, s, "admin")
	p := applicant(t, open(t), s.url)
	desk.do(http.MethodPost, "/api/v1/offices/bandung/bookings", map[string]any{
		"service": "paspor-baru", "slot": "earliest", "people": []any{map[string]string{"name": "Lain", "nik": nik(9)}},
	}, nil)
	typed := map[string]string{"name-1": "Siti", "nik-1": nik(1)}
	p.fill(typed)
	p.press(`[name=count][value="2"]`)
	p.sees(text("#moved") + `.indexOf("Jamnya sekarang") === 0`)
	p.press(`[name=count][value="3"]`)
	p.sees(text("#moved") + ` === "Belum ada jam untuk 3 orang" && document.querySelector("#send").getAttribute("formaction") === "/form?earliest=1"`)
	p.press(`[name=count][value="1"]`)
	p.sees(`document.querySelector("#when .hour") && !document.querySelector("#send").hasAttribute("formaction")`)
	p.keeps(typed)
	p.press(`#send`)
	p.sees(confirmed)
}

// In English, from the first error to the confirmation; and who changes the
// language in the middle keeps what was typed.
func TestBookingInEnglish(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	p := applicant(t, open(t), s.url)
	typed := map[string]string{"name-1": "Siti", "nik-1": "123"}
	p.fill(typed)
	p.press(`.languages a`)
	p.sees(`document.documentElement.lang === "en" && document.querySelector("#name-1")`)
	p.keeps(typed)
	p.press(`#send`)
	p.sees(text("#nik-1-wrong") + ` === "A NIK has 16 digits."`)
	p.keeps(typed)
	p.fill(map[string]string{"nik-1": nik(1)})
	p.press(`#send`)
	p.sees(confirmed + ` && ` + text(".saved") + ` === "Your booking is saved"`)
}
