package browsertest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// pairs makes the tab a lobby's screen of the office, and returns its id.
func (p *tab) pairs(s *server, desk *program) string {
	p.t.Helper()
	p.goTo(s.url + "/pair")
	p.sees(`/^[2-9A-Z]{3} [2-9A-Z]{3}$/.test(` + text("#code") + `)`)
	var device struct{ ID string }
	desk.do(http.MethodPost, "/api/v1/devices", map[string]string{"code": read[string](p, text("#code")), "name": p.who, "office": "bandung"}, &device)
	p.sees(`location.pathname === "/display/bandung" && document.readyState === "complete"`)
	return device.ID
}

// What the screen does every minute it does every second and a half, and what it
// does every eight seconds every other second.
const inHaste = `((interval) => { window.setInterval = (f, ms) => interval(f, ms < 8000 ? ms : ms < 60000 ? ms / 4 : ms / 40); })(window.setInterval);`

// A screen shows the counters and services of its zone only, in its languages by
// turns, darker in the evening, and never stands still on its panel.
func TestAScreenIsAsItWasSetUp(t *testing.T) {
	t.Parallel()
	config := strings.Replace(offices(), "\n    counters:",
		"\n      - {id: penggantian, prefix: B, name: {id: Penggantian paspor, en: Passport renewal}, fee: 350000, stages: [berkas], slot_capacity: 30, walkin_capacity: 400, pickup_after: 4 working days}\n    counters:", 1)
	s := serve(t, config, "--clock", "simulated")
	desk, sari, budi := signedIn(t, s, "admin"), signedIn(t, s, "sari"), signedIn(t, s, "budi")
	var all struct{ Offices []struct{ Timezone string } }
	desk.do(http.MethodGet, "/api/v1/offices", nil, &all)
	zone, err := time.LoadLocation(all.Offices[0].Timezone)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Now().In(zone).AddDate(0, 0, 1)
	clock := func(hour int) {
		t.Helper()
		now := time.Date(day.Year(), day.Month(), day.Day(), hour, 30, 0, 0, day.Location())
		desk.do(http.MethodPut, "/api/v1/clock", map[string]any{"now": now, "speed": 0}, nil)
	}
	clock(10)
	tv := open(t).person(t, "tv")
	tv.size(1920, 1080)
	tv.runsFirst(inHaste)
	device := tv.pairs(s, desk)
	desk.do(http.MethodPut, "/api/v1/devices/"+device+"/settings", map[string]any{
		"counters": []string{"1"}, "services": []string{"paspor-baru"}, "languages": []string{"id", "en"}, "shift": true,
		"brightness": []map[string]any{{"from": "07:00", "percent": 100}, {"from": "18:00", "percent": 40}},
	}, nil)
	tv.seesWithin(slowly, text("#board")+`.indexOf("Loket 1") >= 0 && `+text("#board")+`.indexOf("Loket 2") < 0`)
	read[any](tv, keepNumbers+"; null")

	elsewhere, here := desk.walkIn(), desk.walkIn()
	for _, at := range []struct {
		counter string
		officer *program
		calls   ticket
	}{{"2", budi, elsewhere}, {"1", sari, here}} {
		at.officer.at(at.counter, "open")
		if number := at.officer.at(at.counter, "next"); number != at.calls.Number {
			t.Fatalf("counter %s called %s, want %s", at.counter, number, at.calls.Number)
		}
	}
	next := desk.walkIn()
	desk.do(http.MethodPost, "/api/v1/offices/bandung/tickets", map[string]string{"service": "penggantian"}, nil)
	tv.sees(text(tvNumber) + ` === "` + here.Number + `" && ` + text("#next") + ` === "` + next.Number + `"`)
	tv.sees(text("#waiting") + `.indexOf("Paspor baru") === 0`)
	if shown := read[[]string](tv, `shown`); slices.Contains(shown, elsewhere.Number) {
		t.Errorf("a call of another counter was shown: %v", shown)
	}
	if words := read[string](tv, text("#waiting")); strings.Contains(words, "Penggantian") || strings.Contains(words, "renewal") {
		t.Errorf("a service of another zone is shown: %s", words)
	}
	for _, turn := range []struct{ lang, label, service string }{{"en", "Queue number", "New passport"}, {"id", "Nomor antrean", "Paspor baru"}} {
		tv.seesWithin(slowly, `document.documentElement.lang === "`+turn.lang+`" && `+text("#now-label")+` === "`+turn.label+`" && `+text("#waiting")+`.indexOf("`+turn.service+`") === 0`)
	}

	tv.sees(`getComputedStyle(document.querySelector("#dim")).opacity === "0"`)
	clock(18)
	tv.sees(`getComputedStyle(document.querySelector("#dim")).opacity === "0.6"`)
	for range 2 {
		tv.sees(`document.body.style.transform !== "" && document.body.getBoundingClientRect().top !== window.was`)
		read[any](tv, `(window.was = document.body.getBoundingClientRect().top, null)`)
	}
}

// slowly is how long a screen may take for what it looks at every few seconds.
const slowly = 40 * time.Second

// heardHere makes a page note which calls it has spoken, speaks at once what is to be
// said, asks for the voice each second, and lets the test block its sound.
const heardHere = `((interval) => { window.setInterval = (f, ms) => interval(f, ms === 5000 ? 1000 : ms); })(window.setInterval);
window.said = [];
document.addEventListener("said", (e) => { if (said.indexOf(e.detail.call) < 0) said.push(e.detail.call); });
Object.defineProperty(window, "speechSynthesis", {value: {getVoices: () => [{lang: "id-ID"}], cancel: () => {}, speak: (words) => setTimeout(() => words.onend(), 50)}});
window.SpeechSynthesisUtterance = function () {};
AudioContext.prototype.decodeAudioData = (bytes, done, fail) => fail();
Object.defineProperty(AudioContext.prototype, "state", {get: () => window.mute ? "suspended" : "running"});`

// Of two screens in a lobby one speaks. When it is blocked, and when it is gone,
// the other goes on: no call is spoken by both, and none by neither.
func TestTheVoiceOfALobbyIsTakenOver(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk, officer := signedIn(t, s, "admin"), signedIn(t, s, "sari")
	b := open(t)
	screens := []*tab{b.person(t, "first screen"), b.person(t, "second screen")}
	for _, screen := range screens {
		screen.runsFirst(heardHere)
		screen.pairs(s, desk)
	}
	officer.at("1", "open")
	call := func() {
		t.Helper()
		desk.walkIn()
		officer.do(http.MethodPost, "/api/v1/offices/bandung/counters/1/next", map[string]any{"complete": true}, nil)
		officer.at("1", "serve")
	}
	spoken := func(p *tab) []string { t.Helper(); return read[[]string](p, `said`) }
	speaks := func(p *tab, n int) { t.Helper(); p.seesWithin(slowly, fmt.Sprintf(`said.length === %d`, n)) }

	call()
	speaking, silent := screens[0], screens[1]
	for end := time.Now().Add(patience); len(spoken(speaking)) == 0; <-time.After(50 * time.Millisecond) {
		if speaking, silent = silent, speaking; time.Now().After(end) {
			t.Fatal("no screen speaks")
		}
	}
	first := spoken(speaking)
	speaking.sees(`document.querySelector("#sound").hidden`)

	read[any](speaking, `(window.mute = true, null)`) // by its browser
	speaking.sees(`!document.querySelector("#sound").hidden`)
	call()
	speaks(silent, 1)
	speaking, silent = silent, speaking
	second := spoken(speaking)
	read[any](silent, `(window.mute = false, null)`)
	silent.sees(`document.querySelector("#sound").hidden`)

	call()
	speaks(speaking, 2)
	third := spoken(speaking)[1:]
	// What was told of must have arrived: the other learns whose turn it is from it.
	told := `performance.getEntriesByType("resource").filter((e) => /devices.voice/.test(e.name)).length`
	speaking.sees(fmt.Sprintf(`%s > %d`, told, read[int](speaking, told)+1))
	speaking.close()
	call()
	speaks(silent, 2)
	fourth := spoken(silent)[1:]
	if got := slices.Concat(first, second, third, fourth); len(got) != 4 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 4 {
		t.Errorf("spoken, one after the other: %v", got)
	}
	if got := spoken(silent); !slices.Equal(got[:1], first) {
		t.Errorf("the other screen spoke %v, of which %v was its own", got, first)
	}
}
