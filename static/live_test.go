package static_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/static"
	"antrean/static/sample"
)

// spoken replaces the browser's voice by one that notes what it is told, and
// notes every number that was shown large.
const spoken = `
window.said = []; window.shown = []; window.speaking = 0; window.overlaps = 0;
Object.defineProperty(window, 'speechSynthesis', {value: {
  getVoices: () => [{lang: 'id-ID'}], cancel: () => {},
  speak: (u) => {
    window.said.push(u.text);
    if (window.speaking++) window.overlaps++;
    setTimeout(() => { window.speaking--; u.onend(); }, 300);
  },
}});
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
document.addEventListener('DOMContentLoaded', () => {
  new MutationObserver(() => {
    const n = document.getElementById('now-number').textContent;
    if (window.shown[window.shown.length - 1] !== n) window.shown.push(n);
  }).observe(document.getElementById('now-number'), {childList: true, characterData: true, subtree: true});
});`

func display() static.DisplayPage {
	for _, p := range sample.All() {
		if p.Name == "display-open" {
			page := p.Data.(static.DisplayPage)
			page.Live.At, page.Live.Confirmed = now(), now()
			page.View.Calls = page.View.Calls[1:]
			return page
		}
	}
	panic("no sampled display")
}

func newCall(id, number, counter string, at time.Time) static.Call {
	return static.Call{ID: id, Number: number, Counter: counter, CounterName: "Loket " + counter, Spoken: "loket " + counter, At: at, Times: 1}
}

func TestThreeCallsInOneSecondAreShownAndSpokenOneAfterAnother(t *testing.T) {
	page := display()
	s := serve(t, "display", func() any { return page })
	ctx := browser(t, s, spoken)
	w := s.connection(t)
	if w.since != "" {
		t.Errorf("first since = %q: predictions may be newer than the page at the same version", w.since)
	}
	view := page.View
	view.Calls = append([]static.Call{
		newCall("n3", "A-103", "3", now()), newCall("n2", "A-102", "2", now()), newCall("n1", "A-101", "1", now()),
	}, view.Calls...)
	if err := w.send(frame(t, "snapshot", "e1", 123, now(), view)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `window.shown.length >= 3 && window.said.length >= 5`)
	if got, want := evaluate[[]string](t, ctx, `window.shown`), []string{"A-101", "A-102", "A-103"}; !cmp.Equal(got, want) {
		t.Errorf("shown %v, want %v", got, want)
	}
	want := []string{ // once while three wait to be announced, else twice
		"Nomor antrean A, satu nol satu, silakan menuju loket 1",
		"Nomor antrean A, satu nol dua, silakan menuju loket 2",
		"Nomor antrean A, satu nol dua, silakan menuju loket 2",
		"Nomor antrean A, satu nol tiga, silakan menuju loket 3",
		"Nomor antrean A, satu nol tiga, silakan menuju loket 3",
	}
	if diff := cmp.Diff(want, evaluate[[]string](t, ctx, `window.said`)); diff != "" {
		t.Errorf("spoken (-want +got):\n%s", diff)
	}
	if n := evaluate[int](t, ctx, `window.overlaps`); n != 0 {
		t.Errorf("%d announcements over each other", n)
	}

	// The same calls in another snapshot, and after a reload, are old news.
	before := evaluate[int](t, ctx, `window.shown.length`)
	view.Calls = append([]static.Call{newCall("old", "A-001", "9", now().Add(-2*time.Minute))}, view.Calls...)
	view.Calls[1].Withdrawn = true
	if err := w.send(frame(t, "snapshot", "e1", 124, now(), view)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `document.getElementById('now-number').textContent === 'A-001'`)
	if got := evaluate[[]string](t, ctx, fmt.Sprintf(`window.said.filter((x) => x.indexOf('nol nol satu') >= 0 || window.shown.length < %d)`, before)); len(got) > 0 {
		t.Errorf("a call two minutes old was spoken: %v", got)
	}
	if got := evaluate[string](t, ctx, `document.getElementById('recent').textContent`); strings.Contains(got, "A-103") {
		t.Errorf("a withdrawn call is still listed: %s", got)
	}
}

func TestADisplayResumesWhereItStoodAndNeverGoesBackwards(t *testing.T) {
	page := display()
	s := serve(t, "display", func() any { return page })
	ctx := browser(t, s, spoken)
	w := s.connection(t)
	named := func(name string) static.DisplayView {
		v := page.View
		v.OfficeName = name
		return v
	}
	for _, f := range []string{
		frame(t, "snapshot", "e1", 130, now(), named("kini")),
		frame(t, "snapshot", "e1", 129, now(), named("dahulu")),
		frame(t, "tick", "e1", 140, now(), nil),
		"not a frame",
		`{"type":"bye","retry_ms":50}`,
	} {
		if err := w.send(f); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, ctx, `document.getElementById('office').textContent === 'kini'`)
	w.close()
	w = s.connection(t)
	if w.since != "e1:130" {
		t.Errorf("resumed since %q: a tick is no snapshot, and an older one does not count", w.since)
	}
	if got := evaluate[string](t, ctx, `document.getElementById('office').textContent`); got != "kini" {
		t.Errorf("went back to %q", got)
	}
	if err := w.send(frame(t, "snapshot", "e2", 7, now(), named("sejarah lain"))); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `document.getElementById('office').textContent === 'sejarah lain'`)
	w.close()
	if w = s.connection(t); w.since != "e2:7" {
		t.Errorf("resumed since %q in the new epoch", w.since)
	}
}

func TestADisplaySaysHowOldItIs(t *testing.T) {
	page := display()
	s := serve(t, "display", func() any { return page })
	ctx := browser(t, s, spoken)
	w := s.connection(t)
	if err := w.send(frame(t, "tick", "e1", 120, now().Add(-45*time.Second), nil)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `!document.getElementById('stale').hidden && /(4[5-9]|5\d) dtk|mnt/.test(document.getElementById('stale').textContent)`)
	if err := w.send(frame(t, "tick", "e1", 120, now(), nil)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `document.getElementById('stale').hidden`)
}

func TestAPageBehindAProxyWithoutUpgradesFollowsByEvents(t *testing.T) {
	page := display()
	s := serve(t, "display", func() any { return page })
	s.sockets = false
	ctx := browser(t, s, spoken)
	w := s.connection(t)
	view := page.View
	view.OfficeName = "lewat peristiwa"
	if err := w.send(frame(t, "snapshot", "e1", 131, now(), view)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `document.getElementById('office').textContent === 'lewat peristiwa'`)
	w.close()
}

func TestAPressWithALostAnswerIsRepeatedWithItsKeyUntilItIsKnown(t *testing.T) {
	var page static.CounterPage
	for _, p := range sample.All() {
		if p.Name == "counter-serving" {
			page = p.Data.(static.CounterPage)
		}
	}
	page.Live.At, page.Live.Confirmed = now(), now()
	s := serve(t, "counter", func() any { return page })
	var mu sync.Mutex
	var keys, bodies []string
	s.api = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		keys, bodies = append(keys, r.Header.Get("Idempotency-Key")), append(bodies, r.URL.Path+" "+string(body))
		attempt := len(keys)
		mu.Unlock()
		switch attempt {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"code":"unavailable"}`)
		case 2:
			panic(http.ErrAbortHandler) // the answer is lost
		default:
			fmt.Fprint(w, `{"id":"3","office":"bandung","name":"Loket 3","state":"open","officer":"sari","stages":[],
				"current":{"ticket":"t2","number":"A-013","name":"","state":"called","since":"2026-11-24T09:43:00+07:00","times":1,"party":[],"transfers":[]},
				"waiting":[],"parked":[],"today":{"served":18,"average_seconds":390},"undo":null}`)
		}
	}
	ctx := browser(t, s, "")
	s.connection(t)
	holds(t, ctx, `!document.getElementById('act-big').disabled`)
	evaluate[bool](t, ctx, `(() => { for (let i = 0; i < 3; i++) document.dispatchEvent(new KeyboardEvent('keydown', {key: ' ', bubbles: true})); return true })()`)
	holds(t, ctx, `document.getElementById('alert').textContent === 'Belum pasti, mencoba lagi…'`)
	holds(t, ctx, `document.getElementById('number').textContent === 'A-013' && document.getElementById('alert').hidden`)
	mu.Lock()
	defer mu.Unlock()
	if len(keys) != 3 || keys[0] == "" || keys[0] != keys[1] || keys[1] != keys[2] {
		t.Errorf("keys of three attempts of one press: %q", keys)
	}
	for _, body := range bodies {
		if body != `/api/v1/offices/bandung/counters/3/next {"complete":true}` {
			t.Errorf("sent %s", body)
		}
	}
}

func TestAViewThatCannotBeShownIsNotCalledCurrent(t *testing.T) {
	page := display()
	page.Live.Confirmed = now().Add(-7 * time.Second)
	s := serve(t, "display", func() any { return page })
	ctx := browser(t, s, spoken)
	w := s.connection(t)
	if err := w.send(frame(t, "snapshot", "e1", 130, now(), map[string]string{"shape": "of a newer release"})); err != nil {
		t.Fatal(err)
	}
	if err := w.send(frame(t, "tick", "e1", 130, now(), nil)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `!document.getElementById('stale').hidden`)
	if err := w.send(frame(t, "snapshot", "e1", 131, now(), page.View)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `document.getElementById('stale').hidden`)
}

func TestAPhoneTurnsAmberWhenCalledAndBackWhenTheCallIsTakenBack(t *testing.T) {
	var page static.TicketPage
	for _, p := range sample.All() {
		if p.Name == "ticket-waiting" {
			page = p.Data.(static.TicketPage)
		}
	}
	page.Live.At, page.Live.Confirmed = now(), now()
	s := serve(t, "ticket", func() any { return page })
	ctx := browser(t, s, `window.rung = 0; navigator.vibrate = () => { window.rung++; return true; };`)
	w := s.connection(t)
	holds(t, ctx, `document.getElementById('live').textContent === 'Tersambung'`)
	view := page.View
	view.State, view.Ahead, view.Wait = "called", nil, nil
	view.Counter, view.CounterName = "12", "Loket 12"
	view.Calls = []static.Call{newCall("c1", "A-018", "12", now())}
	if err := w.send(frame(t, "snapshot", "e1", 121, now(), view)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `getComputedStyle(document.body).backgroundColor === 'rgb(255, 180, 0)' && document.getElementById('counter-place').textContent === '12'`)
	if got := evaluate[string](t, ctx, `document.title`); got != "Loket 12 · A-018" {
		t.Errorf("title %q", got)
	}
	if n := evaluate[int](t, ctx, `window.rung`); n != 1 {
		t.Errorf("rang %d times for one call", n)
	}
	back := page.View
	back.Calls = []static.Call{view.Calls[0]}
	back.Calls[0].Withdrawn = true
	if err := w.send(frame(t, "snapshot", "e1", 122, now(), back)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `!document.getElementById('withdrawn').hidden && getComputedStyle(document.body).backgroundColor !== 'rgb(255, 180, 0)'`)
	w.close()
	s.connection(t)
}
