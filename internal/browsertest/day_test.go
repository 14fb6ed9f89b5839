package browsertest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// form is the form on a page that posts to what ends so.
func form(act string) string { return `form[method=post][action$="` + act + `"]` }

// TestADayOfAnOfficeByItsStaffAlone goes from the first number to the report in
// browsers, with what goes wrong on the way: a screen that is mute, nobody with a
// phone, a wrong name, a wrong service, a wrong press, a power cut with numbers on
// paper, a login that was left behind, and doors that close early.
func TestADayOfAnOfficeByItsStaffAlone(t *testing.T) {
	t.Parallel()
	s := serve(t, strings.Replace(offices(), "    counters:\n", "      - {id: ganti, prefix: B, name: {id: Penggantian paspor, en: Renewal}, stages: [berkas], slot_capacity: 30, walkin_capacity: 400}\n    counters:\n", 1))
	api := signedIn(t, s, "admin")
	for name, role := range map[string]string{"meja": "desk", "kepala": "supervisor"} {
		api.do(http.MethodPost, "/api/v1/users", map[string]any{"username": name, "roles": []string{role}, "offices": []string{"bandung"}, "password": password}, nil)
	}
	api.do(http.MethodPost, "/api/v1/offices/bandung/bookings", map[string]any{
		"service": "paspor-baru", "slot": "earliest", "locale": "id", "people": []map[string]string{
			{"name": "Siti Salah Tulis", "nik": "3273010101900001", "phone": "081234567801"}},
	}, nil)
	b := open(t, chromedp.Flag("autoplay-policy", "document-user-activation-required")) // as on a TV that is switched on

	// The doors open. The screen stands in the hall and is mute: nobody pressed OK.
	tv := b.person(t, "tv")
	tv.size(1920, 1080)
	tv.pair(s, "display", "")
	tv.goTo(s.url + "/display/bandung")
	tablet := b.person(t, "sari's tablet")
	tablet.size(1024, 768)
	tablet.signIn(s.url, "sari", password, "/counter")
	head := b.person(t, "head of office")
	head.size(1280, 900)
	head.signIn(s.url, "kepala", password, "/admin/devices")
	for tries := 0; !strings.Contains(head.words(), "suara diblokir") && !strings.Contains(head.words(), "belum boleh bersuara"); tries++ {
		if tries == 20 {
			t.Fatalf("nobody is told that the screen is mute:\n%s", head.words())
		}
		tv.sees(`document.readyState === "complete"`)
		head.goTo(s.url + "/admin/devices")
	}

	// Somebody without a phone gets a number on paper, for the wrong service.
	desk := b.person(t, "desk")
	desk.size(1024, 768)
	desk.signIn(s.url, "meja", password, "/desk?office=bandung")
	desk.press(`button[name=service][value=ganti]`)
	desk.sees(text(".slip .no") + ` !== ""`)
	number := read[string](desk, text(".slip .no"))
	find := func(words, title string) {
		t.Helper()
		desk.goTo(s.url + "/desk?office=bandung")
		desk.write("#q", words)
		desk.do(chromedp.KeyEvent("\r"))
		desk.sees(`document.querySelector(".who") && document.querySelector(".who").innerText.indexOf("` + title + `") >= 0`)
	}
	change := func(field, act string) {
		t.Helper()
		desk.press(`details:has(` + field + `) > summary`)
		if act == "" {
			return
		}
		desk.press(`details:has(` + field + `) form button.strong`)
	}
	find(number, number)
	change("#service-to", "")
	read[any](desk, `(document.querySelector("#service-to").value = "paspor-baru", null)`)
	desk.press(`details:has(#service-to) form button.strong`)
	desk.sees(text("#where") + `.indexOf("Paspor baru") > 0`)

	// Somebody booked under a name that is written wrongly, and is here.
	find("Siti Salah", "Siti Salah Tulis")
	change("#correct-name", "")
	read[any](desk, `(document.querySelector("#correct-name").value = "Siti Benar", null)`)
	desk.press(`details:has(#correct-name) form button.strong`)
	desk.sees(text("h1") + ` === "Siti Benar"`)
	desk.press(form("/check-in") + " button")
	desk.sees(text("#where") + `.indexOf("Menunggu") === 0`)

	// A wrong Next is taken back before anybody has stood up; the next one counts.
	tablet.take("1")
	tablet.do(chromedp.KeyEvent(" "))
	tablet.sees(text("#number") + ` !== ""`)
	called := read[string](tablet, text("#number"))
	tv.sees(text(tvNumber) + ` === "` + called + `"`)
	tablet.do(chromedp.KeyEvent("u"))
	tablet.sees(text("#number") + ` === ""`)
	tv.sees(text(tvNumber) + ` !== "` + called + `"`)

	// The power is cut. Numbers are given on paper, A-301 to A-305; two were called.
	for _, p := range []*tab{tv, tablet, head, desk} {
		p.expect("net::ERR_")
		p.expect("WebSocket")
	}
	s.fail(t)
	s.again(t)
	head.goTo(s.url + "/admin/offices/bandung/days")
	head.write("#given_A", "305")
	head.write("#called_A", "303")
	head.press(form("/start") + " button")
	head.sees(text(".toast") + ` !== ""`)
	if waiting := api.waits("A-304") + api.waits("A-305"); waiting != 2 {
		t.Errorf("%d of the two on paper wait", waiting)
	}

	// Sari went home without signing out; Budi relieves her.
	relief := b.person(t, "budi's tablet")
	relief.size(1024, 768)
	relief.signIn(s.url, "budi", password, "/counter")
	relief.sees(`document.querySelector("[data-counter=\"1\"]")`)
	relief.press(`[data-counter="1"]`)
	relief.sees(`document.querySelector(".sure .yes") && !document.querySelector(".sure .yes").disabled`)
	relief.press(".sure .yes")
	relief.sees(`location.search.indexOf("counter=1") > 0 && ` + text("#live") + ` === "Tersambung"`)
	relief.do(chromedp.KeyEvent(" "))
	relief.sees(text("#number") + ` !== ""`)

	// Blanks ran out: the doors close early, the hall is served.
	head.goTo(s.url + "/admin/offices/bandung/days")
	head.press(form("/close") + " button.stop")
	head.press(`[role=alertdialog] button.stop`)
	head.sees(text(".toast") + ` !== ""`)

	// The day as the head of office reads it.
	head.goTo(s.url + "/admin/offices/bandung/report")
	head.sees(`document.querySelector(".words") && document.querySelector("table")`)
	for kind, n := range map[string]int{"person_corrected": 1, "day_started": 1, "doors_closed": 1} {
		if got := api.events(kind); got != n {
			t.Errorf("%s: %d events, want %d", kind, got, n)
		}
	}
}

// waits counts a number in the queue.
func (p *program) waits(number string) (n int) {
	p.t.Helper()
	var queue struct{ Waiting []struct{ Number string } }
	p.do(http.MethodGet, "/api/v1/offices/bandung/queue", nil, &queue)
	for _, w := range queue.Waiting {
		if w.Number == number {
			n++
		}
	}
	return n
}
