//go:build screenshots

package browsertest

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const folder = "../../docs/screenshots"

// hall is Jalan Surapati with its ten counters, an office where nobody is, and
// one of forty counters.
func hall() string {
	var b strings.Builder
	b.WriteString("offices:\n")
	for _, o := range []struct {
		id, name string
		counters int
	}{
		{"bandung", "Kantor Imigrasi Kelas I Bandung", 10},
		{"soekarno-hatta", "ULP Soekarno-Hatta", 4},
		{"besar", "Kantor Imigrasi Kelas I Khusus TPI Soekarno-Hatta", 40},
	} {
		fmt.Fprintf(&b, `  - id: %s
    name: %s
    address: Jl. Surapati No. 82, Bandung
    timezone: Asia/Jakarta
    languages: [id, en]
    hours: {mon-fri: ["07:30-12:00", "13:00-16:00"]}
    special: {%q: ["07:30-12:00", "13:00-16:00"]}
    booking: {slot: 60m, horizon: 30d, per_identity: 1, party_max: 5, payment_within: 2h}
    noshow: {check_in_grace: 30m, absent_returns: 1, absent_after: 10m, self_check_in: open}
    calling: {priority_share: 1/3, ceiling: 60m, offsets: {priority: 5m, appointment: 20m, walkin: 45m}}
    stages:
      - {id: berkas, name: {id: Pemeriksaan berkas, en: Document check}}
      - {id: wawancara, name: {id: Wawancara dan foto, en: Interview and photo}}
    services:
      - {id: paspor-baru, prefix: A, name: {id: Paspor baru, en: New passport}, fee: 350000, stages: [berkas, wawancara], slot_capacity: 6, walkin_capacity: 200, pickup_after: 4 working days, bring: {id: "KTP, kartu keluarga, dan akta lahir, ijazah atau buku nikah; asli dan fotokopi", en: "Identity card, family card, and birth certificate; originals and copies"}}
      - {id: penggantian, prefix: B, name: {id: Penggantian paspor, en: Passport renewal}, fee: 350000, stages: [wawancara], slot_capacity: 4, walkin_capacity: 200, pickup_after: 4 working days}
    counters:
`, o.id, o.name, opening().Format(time.DateOnly))
		for i := range o.counters {
			fmt.Fprintf(&b, "      - {id: %q, name: Loket %d}\n", fmt.Sprint(i+1), i+1)
		}
	}
	return b.String()
}

// TestScreenshots draws docs/screenshots from a running office.
func TestScreenshots(t *testing.T) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	s := unopened(t, hall(), "--clock", "simulated")
	s.start(t)
	b := open(t)
	light := b.person(t, "applicant")
	light.size(1024, 768)
	light.goTo(s.link)
	shoot(light, "setup")
	light.write("#username", "admin")
	light.write("#password", password)
	light.press("form button")
	light.sees(`location.pathname === "/staff"`)

	m := morning(t, s)
	b = open(t) // the morning has taken its time
	tv := b.person(t, "tv")
	tv.size(1920, 1080)
	show(tv, s.url+"/display/bandung", `document.querySelectorAll("#recent li").length === 3 && `+text("#waiting")+`.indexOf("menit") > 0`, "tv")
	tv.size(1080, 1920)
	shoot(tv, "tv-portrait")
	tv.size(1920, 1080)
	show(tv, s.url+"/display/soekarno-hatta", text("#quiet-title")+` !== ""`, "tv-empty")
	show(tv, s.url+"/display/besar", `document.querySelectorAll("#recent li").length === 3`, "tv-40-counters")

	phone := b.person(t, "phone")
	phone.size(360, 740, chromedp.EmulateMobile)
	connected := text("#live") + ` === "Tersambung"`
	waiting := m.issue("bandung", "paspor-baru")
	show(phone, waiting.URL, connected+" && "+text("#wait-main")+` !== ""`, "phone")
	scheme(phone, "dark")
	shoot(phone, "phone-dark")
	scheme(phone, "light")

	tablet := b.person(t, "tablet")
	tablet.size(1024, 768)
	tablet.goTo(s.url + "/login")
	shoot(tablet, "login")
	tablet.signIn(s.url, "sari", password, "/counter")
	tablet.sees(connected + ` && ` + text("#number") + ` !== ""`) // she sits at counter 3
	served := read[string](tablet, text("#number"))
	tablet.do(chromedp.KeyEvent(" "))
	tablet.sees(text("#number") + ` !== "` + served + `"`)
	shoot(tablet, "tablet")
	called := m.tickets["bandung"][read[string](tablet, text("#number"))]
	show(phone, called.URL, connected+" && "+yourTurn, "phone-called")
	scheme(phone, "dark")
	shoot(phone, "phone-called-dark")
	scheme(phone, "light")
	tablet.do(chromedp.KeyEvent(" "))
	tablet.sees(`document.querySelector("#state").textContent.indexOf("layan") >= 0`)
	shoot(tablet, "tablet-serving")

	phone.goTo(s.url + "/?office=bandung")
	shoot(phone, "booking-services")
	phone.press(".choices a")
	phone.sees(`document.querySelector("form input[name=nik]")`)
	phone.press(".others a")
	phone.sees(`document.querySelector("#calendar")`)
	shoot(phone, "booking-calendar")
	phone.press(".others a")
	phone.sees(`!document.querySelector("#calendar")`)
	phone.write("[name=name]", "Siti Kartadiningrat")
	phone.write("[name=nik]", "3273016503990001")
	phone.write("[name=phone]", "0812 3456 7890")
	read[any](phone, "document.activeElement.blur(); scrollTo(0, 0); null")
	shoot(phone, "booking")
	phone.press("form .primary")
	phone.sees(`document.body.classList.contains("booked")`)
	shoot(phone, "booking-confirmed")
	phone.press(".acts .primary")
	phone.sees(`location.pathname === "/t" && ` + connected)
	shoot(phone, "phone-booked")
	scheme(phone, "dark")
	shoot(phone, "phone-booked-dark")
	scheme(phone, "light")
	left := m.issue("bandung", "penggantian")
	m.do(http.MethodPost, "/api/v1/tickets/"+left.token()+"/cancel", map[string]any{}, nil)
	show(phone, left.URL, connected+` && document.body.getAttribute("data-state") === "cancelled"`, "phone-cancelled")
	show(phone, s.url+"/t?lang=en", `document.documentElement.lang === "en"`, "phone-cancelled-en")
	phone.goTo(s.url + "/t?lang=id")

	b = open(t)
	phone = b.person(t, "phone")
	phone.expect("404")
	phone.size(320, 640, chromedp.EmulateMobile)
	show(phone, waiting.URL, connected+" && "+text("#wait-main")+` !== ""`, "phone-320")
	phone.size(360, 740, chromedp.EmulateMobile)
	show(phone, s.url+"/t?lang=en", `document.documentElement.lang === "en" && `+text("#wait-main")+` !== ""`, "phone-en")
	for _, one := range []struct {
		name, path, scheme string
		width, height      int64
	}{
		{"booking-320", "/?office=bandung&service=paspor-baru&lang=id", "light", 320, 640},
		{"booking-dark", "/?office=bandung&service=paspor-baru&lang=id", "dark", 360, 740},
		{"booking-en", "/?office=bandung&service=paspor-baru&lang=en", "light", 360, 740},
		{"error", "/tidak-ada?lang=id", "light", 360, 740},
		{"login-phone", "/login?lang=id", "light", 360, 740},
		{"pair-phone", "/pair?kind=kiosk&lang=en", "light", 360, 740},
	} {
		phone.size(one.width, one.height, chromedp.EmulateMobile)
		scheme(phone, one.scheme)
		show(phone, s.url+one.path, `document.readyState === "complete"`, one.name)
	}
	tablet = b.person(t, "tablet")
	tablet.size(1024, 768)
	tablet.signIn(s.url, "sari", password, "/counter")
	show(tablet, s.url+"/counter?lang=en", text("#number")+` !== ""`, "tablet-en")
	show(tablet, s.url+"/counter?choose=1&lang=id", `document.querySelector("[data-counter]")`, "tablet-choose")
	device := b.person(t, "device")
	device.size(1920, 1080)
	show(device, s.url+"/pair", `/^[2-9A-Z]{3} [2-9A-Z]{3}$/.test(`+text("#code")+`)`, "pair")

	b = open(t)
	chief := b.person(t, "administrator")
	chief.size(1280, 800)
	chief.signIn(s.url, "admin", password, "/staff")
	pages := map[string]string{
		"staff": "/staff", "figures-own": "/staff/figures", "desk": "/desk?office=bandung", "desk-person": "/desk/bandung/tickets/" + called.ID, "account": "/account", "api": "/docs",
		"admin": "/admin", "admin-new": "/admin/new", "admin-channels": "/admin/channels", "admin-users": "/admin/users", "admin-devices": "/admin/devices",
		"admin-sessions": "/admin/sessions", "admin-tokens": "/admin/tokens", "admin-texts": "/admin/texts/bandung", "admin-office": "/admin/offices/bandung",
		"admin-config": "/admin/offices/bandung/config", "admin-days": "/admin/offices/bandung/days", "admin-notices": "/admin/offices/bandung/notices",
		"admin-messages": "/admin/offices/bandung/messages", "admin-report": "/admin/offices/bandung/report?date=" + m.opens.Format(time.DateOnly),
		"admin-replay": "/admin/offices/bandung/replay?at=9&date=" + m.opens.Format(time.DateOnly),
		"admin-log":    "/admin/offices/bandung/log?date=" + m.opens.Format(time.DateOnly), "admin-history": "/admin/offices/bandung/config/history",
		"admin-configfile": "/admin/offices/bandung/config/file", "admin-privacy": "/admin/privacy", "admin-people": "/admin/offices/bandung/privacy",
		"admin-user": "/admin/users/rina", "account-factor": "/account/second-factor", "account-pin": "/account/pin",
		"admin-day-off": "/admin/offices/bandung/days?date=" + dayOff(m.opens).Format(time.DateOnly),
	}
	names := slices.Sorted(maps.Keys(pages))
	for _, name := range names {
		show(chief, s.url+pages[name], `document.readyState === "complete" && document.querySelector("main")`, name)
	}
	chief.size(360, 740, chromedp.EmulateMobile)
	for _, name := range []string{"admin-office", "admin-report", "admin-devices", "desk"} {
		show(chief, s.url+pages[name], `document.readyState === "complete" && document.querySelector("main")`, name+"-phone")
	}
	scheme(chief, "dark")
	for _, name := range []string{"admin", "admin-config", "staff"} {
		show(chief, s.url+pages[name], `document.readyState === "complete" && document.querySelector("main")`, name+"-phone-dark")
	}
	chief.size(1280, 800)
	for _, name := range []string{"admin-office", "admin-report", "desk"} {
		show(chief, s.url+pages[name], `document.readyState === "complete" && document.querySelector("main")`, name+"-dark")
	}
	scheme(chief, "light")
	for _, name := range []string{"admin-office", "admin-config", "desk"} {
		page, query, _ := strings.Cut(pages[name], "?")
		show(chief, s.url+page+"?lang=en&"+query, `document.documentElement.lang === "en"`, name+"-en")
	}
	chief.size(1024, 768)
	show(chief, s.url+"/counter?lang=id&office=soekarno-hatta&counter=1", text("#live")+` === "Tersambung" && !document.querySelector("#act-big").disabled`, "tablet-closed")
	chief.do(chromedp.KeyEvent(" "))
	chief.sees(text("#big-words") + ` === "Berikutnya"`)
	shoot(chief, "tablet-empty")
	m.do(http.MethodPost, at("soekarno-hatta", 1, "close"), map[string]any{}, nil)

	m.clock(9*time.Hour, 1) // half past four
	b = open(t)
	tv = b.person(t, "tv")
	tv.size(1920, 1080)
	show(tv, s.url+"/display/soekarno-hatta", text("#quiet-title")+` !== ""`, "tv-closed")
}

// day is an office day that is played by hand on the simulated clock.
type day struct {
	*program
	opens   time.Time
	tickets map[string]map[string]ticket // by office and number
	people  map[string]*program          // officers by name
}

// opening is when the doors open tomorrow, which may be a Sunday.
func opening() time.Time {
	now := time.Now().In(time.FixedZone("WIB", 7*3600))
	return time.Date(now.Year(), now.Month(), now.Day()+1, 7, 30, 0, 0, now.Location())
}

// dayOff is the first Sunday after the day that was played.
func dayOff(day time.Time) time.Time { return day.AddDate(0, 0, 7-int(day.Weekday())) }

// morning plays from half past seven to 09.42.
func morning(t *testing.T, s *server) *day {
	t.Helper()
	d := &day{program: signedIn(t, s, "admin"), opens: opening(), tickets: map[string]map[string]ticket{}, people: map[string]*program{}}
	d.clock(0, 1)
	names := []string{"rina", "budi", "sari", "dewi", "agus", "tono", "yuni", "eko", "wati", "joko"}
	for i, name := range names {
		d.do(http.MethodPost, "/api/v1/users", map[string]any{"name": name, "password": password, "roles": []string{"officer"}, "offices": []string{"bandung"}}, nil)
		d.people[name] = signedIn(t, s, name)
		d.people[name].do(http.MethodPost, at("bandung", i+1, "open"), map[string]any{}, nil)
	}
	free := make([]int, len(names)) // the minute from which each counter calls again
	for minute := range 132 {
		d.clock(time.Duration(minute)*time.Minute, 1)
		if minute%4 != 3 || minute < 12 {
			d.issue("bandung", []string{"paspor-baru", "penggantian", "paspor-baru"}[minute%3])
		}
		for i, name := range names {
			if minute < free[i] {
				continue
			}
			free[i] = minute + 6 + (minute*7+i*5)%7
			// Nobody may wait for this counter just now.
			if status, _ := d.people[name].ask(http.MethodPost, at("bandung", i+1, "next"), map[string]any{"complete": true}); status == http.StatusOK {
				d.people[name].do(http.MethodPost, at("bandung", i+1, "serve"), map[string]any{}, nil)
			}
		}
	}
	for i := range 40 {
		d.issue("besar", "paspor-baru")
		counter := i*7%40 + 1
		name := fmt.Sprintf("besar%d", counter)
		d.do(http.MethodPost, "/api/v1/users", map[string]any{"name": name, "password": password, "roles": []string{"officer"}, "offices": []string{"besar"}}, nil)
		officer := signedIn(t, s, name)
		officer.do(http.MethodPost, at("besar", counter, "open"), map[string]any{}, nil)
		officer.do(http.MethodPost, at("besar", counter, "next"), map[string]any{}, nil)
	}
	return d
}

func at(office string, counter int, act string) string {
	return fmt.Sprintf("/api/v1/offices/%s/counters/%d/%s", office, counter, act)
}

// clock sets the simulated time so long after the doors opened.
func (d *day) clock(after time.Duration, speed float64) {
	d.t.Helper()
	d.do(http.MethodPut, "/api/v1/clock", map[string]any{"now": d.opens.Add(after), "speed": speed}, nil)
}

func (d *day) issue(office, service string) ticket {
	d.t.Helper()
	var tk ticket
	d.do(http.MethodPost, "/api/v1/offices/"+office+"/tickets", map[string]any{"service": service, "priority": len(d.tickets[office])%12 == 11}, &tk)
	if d.tickets[office] == nil {
		d.tickets[office] = map[string]ticket{}
	}
	d.tickets[office][tk.Number] = tk
	return tk
}

// token is what the ticket's link ends with.
func (tk ticket) token() string { return tk.URL[strings.LastIndex(tk.URL, "/")+1:] }

// show opens a page and draws it once the expression is true.
func show(p *tab, url, expression, name string) {
	p.t.Helper()
	p.goTo(url)
	p.sees(expression)
	shoot(p, name)
}

func scheme(p *tab, name string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// shoot writes what is seen, without the banner of the simulated clock: the
// pictures show an office.
func shoot(p *tab, name string) {
	p.t.Helper()
	const settled = `document.fonts.status === "loaded" && document.getAnimations().length === 0`
	read[any](p, `[].forEach.call(document.querySelectorAll(".sim"), (e) => { e.hidden = true; }); null`)
	p.sees(settled)
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	small, err := quantise(shot)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), small, 0o644); err != nil {
		p.t.Fatal(err)
	}
	if len(small) > 150<<10 {
		p.t.Errorf("%s.png has %d KB", name, len(small)>>10)
	}
}

// quantise draws a picture in the 256 colours that it holds most of, which is
// all that a page has but for the edges of its letters.
func quantise(shot []byte) ([]byte, error) {
	from, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		return nil, err
	}
	bounds := from.Bounds()
	count := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[opaque(from.At(x, y))]++
		}
	}
	colours := make([]color.RGBA, 0, len(count))
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette := make(color.Palette, 0, 256)
	for _, c := range colours[:min(256, len(colours))] {
		palette = append(palette, c)
	}
	to, nearest := image.NewPaletted(bounds, palette), map[color.RGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := opaque(from.At(x, y))
			index, known := nearest[c]
			if !known {
				index = uint8(palette.Index(c))
				nearest[c] = index
			}
			to.SetColorIndex(x, y, index)
		}
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to)
	return out.Bytes(), err
}

func opaque(c color.Color) color.RGBA { return color.RGBAModel.Convert(c).(color.RGBA) }
