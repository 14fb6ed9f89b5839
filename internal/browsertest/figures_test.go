package browsertest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// silence makes a page count what would be heard.
const silence = `window.heard = 0;
	speechSynthesis.speak = () => { window.heard++ };
	document.addEventListener("saying", () => { window.heard++ });
	for (const kind of ["OscillatorNode", "AudioBufferSourceNode"]) window[kind].prototype.start = () => { window.heard++ };
	HTMLMediaElement.prototype.play = () => { window.heard++; return Promise.resolve() };`

// A day that was played on the simulated clock is read in figures and in words,
// and shown again on the lobby's screen, which moves, stands still, jumps and is
// silent. An officer reads their own figures.
func TestAPastDayIsReadAndShownAgain(t *testing.T) {
	t.Parallel()
	s := serve(t, strings.Replace(offices(), `["00:00-24:00"]`, `["08:00-16:00"]`, 1), "--clock", "simulated")
	admin := signedIn(t, s, "admin")
	var all struct{ Offices []struct{ Timezone string } }
	admin.do(http.MethodGet, "/api/v1/offices", nil, &all)
	zone, err := time.LoadLocation(all.Offices[0].Timezone)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Now().In(zone).AddDate(0, 0, 1)
	clock := func(hour, minute int) {
		t.Helper()
		now := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 30, 0, day.Location())
		admin.do(http.MethodPut, "/api/v1/clock", map[string]any{"now": now, "speed": 0}, nil)
	}
	officers := map[string]*program{}
	clock(8, 30)
	for name, counter := range map[string]string{"sari": "1", "budi": "2"} {
		officers[name] = signedIn(t, s, name)
		officers[name].at(counter, "open")
	}
	var numbers []string
	for range 6 {
		numbers = append(numbers, admin.walkIn().Number)
	}
	for _, call := range []struct {
		hour, minute  int
		name, counter string
	}{{9, 0, "sari", "1"}, {9, 2, "sari", "1"}, {9, 8, "sari", "1"}, {10, 0, "budi", "2"}, {10, 2, "sari", "1"}} {
		clock(call.hour, call.minute)
		officers[call.name].do(http.MethodPost, "/api/v1/offices/bandung/counters/"+call.counter+"/next", map[string]any{"complete": true}, nil)
		officers[call.name].at(call.counter, "serve")
	}
	clock(10, 20)
	date := day.Format(time.DateOnly)

	b := open(t)
	head := b.person(t, "head of office")
	head.size(1920, 1080)
	head.runsFirst(silence)
	head.signIn(s.url, "admin", password, "/admin/offices/bandung/report")
	head.goTo(s.url + "/admin/offices/bandung/report?date=" + date)
	head.sees(`document.querySelector("table") && document.body.innerText.indexOf("budi") > 0`)
	head.accessible()
	head.goTo(s.url + "/admin/offices/bandung/log?date=" + date + "&number=" + numbers[1])
	head.sees(`document.body.innerText.indexOf("dipanggil ke Loket 1") > 0 && document.body.innerText.indexOf("Loket 2 ") < 0`)
	head.accessible()

	head.goTo(s.url + "/admin/offices/bandung/replay?date=" + date + "&at=9&speed=60")
	head.sees(text(".replay b") + ` === "PUTAR ULANG"`)
	shows := func(number string) { t.Helper(); head.sees(text(tvNumber) + ` === "` + number + `"`) }
	shows(numbers[0])
	shows(numbers[1])
	head.press("#pause")
	head.sees(`document.querySelector("#pause").getAttribute("aria-pressed") === "true"`)
	head.accessible()
	stood := read[string](head, text("#clock"))
	// A minute and a half of the day, if it went on.
	head.sees(fmt.Sprintf(`performance.now() > %f`, read[float64](head, `performance.now()`)+1500))
	if now := read[string](head, text("#clock")); now != stood {
		t.Errorf("it stands at %s, and then at %s", stood, now)
	}
	head.press("#pause")
	shows(numbers[2])
	read[any](head, `(document.querySelector("[name=at]").value = "10", null)`)
	head.press("#replay button:not([type=button])")
	head.sees(`location.search.indexOf("at=10") > 0 && ` + text("#clock") + `.indexOf("10.0") === 0`)
	shows(numbers[3])
	shows(numbers[4])
	if n := read[int](head, `window.heard`); n != 0 {
		t.Errorf("it was heard %d times", n)
	}

	sari := b.person(t, "sari")
	sari.size(1024, 768)
	sari.signIn(s.url, "sari", password, "/staff/figures")
	sari.goTo(s.url + "/staff/figures?date=" + date + "&officer=budi")
	sari.sees(`document.querySelector("table") && document.body.innerText.indexOf("Loket 1") > 0`)
	if words := read[string](sari, `document.body.innerText`); strings.Contains(words, "budi") || strings.Contains(words, "Loket 2") {
		t.Errorf("sari reads of budi:\n%s", words)
	}
	sari.accessible()
}
