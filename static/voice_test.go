package static_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/static"
)

// followVoice notes what is said, when it begins and when it has ended.
const followVoice = `
window.said = []; window.speaking = 0; window.overlaps = 0;
document.addEventListener('saying', (e) => { if (window.speaking++) window.overlaps++; });
document.addEventListener('said', (e) => { window.speaking--; window.said.push(e.detail.lang + ': ' + (e.detail.clips || ['-', e.detail.text]).join(' ')); });`

func TestTheHallHearsRecordedWordsInEachOfItsLanguages(t *testing.T) {
	page := display()
	page.Screen = &static.Screen{Languages: []string{"id", "en"}, Settings: map[string]any{"sound": true, "volume": 80}}
	s := serve(t, "display", func() any { return page })
	s.voice = true
	s.api = mayspeak
	ctx := browser(t, s, followVoice)
	w := s.connection(t)
	holds(t, ctx, `performance.getEntriesByType('resource').filter((r) => /voice-..\.bin$/.test(r.name) && r.responseEnd > 0).length === 2`)
	view := page.View
	c := newCall("n1", "A-012", "21", now())
	c.Spoken = ""
	view.Calls = append([]static.Call{c}, view.Calls...)
	if err := w.send(frame(t, "snapshot", "e1", 123, now(), view)); err != nil {
		t.Fatal(err)
	}
	for n := range 2 { // a page that hears nothing for ten seconds gives its connection up
		holds(t, ctx, fmt.Sprintf(`window.said.length > %d`, n))
		if err := w.send(frame(t, "tick", "e1", 123, now(), nil)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"id: nomor-antrean a 0 1 2 silakan-menuju loket 2 puluh 1",
		"en: number a 0 1 2 please-proceed-to counter 20 1",
	}
	if diff := cmp.Diff(want, evaluate[[]string](t, ctx, `window.said.slice(0, 2)`)); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	if n := evaluate[int](t, ctx, `window.overlaps`); n != 0 {
		t.Errorf("%d announcements over each other", n)
	}

	// The call is undone in the middle of a sentence: it ends there.
	holds(t, ctx, `window.speaking === 1`)
	view.Calls = slices.Clone(view.Calls)
	view.Calls[0].Withdrawn = true
	if err := w.send(frame(t, "snapshot", "e1", 124, now(), view)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	holds(t, ctx, `window.speaking === 0`)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("a withdrawn call was spoken for %s more", took)
	}
	if n := evaluate[int](t, ctx, `window.said.length`); n != 3 {
		t.Errorf("%d sentences, want the third to have been cut short", n)
	}
}

// mayspeak is a server that has lent the voice to whoever asks.
func mayspeak(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/v1/devices/voice" {
		fmt.Fprint(w, `{"speak":true,"spoken":"","settings":{"sound":true,"volume":80}}`)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// A counter whose name has no clips: the browser's voice says the sentence; a
// browser without one says the number and what it can.
func TestACounterWithoutRecordedNameIsSaidByTheBrowserOrInPart(t *testing.T) {
	for name, test := range map[string]struct{ voices, want string }{
		"with a voice": {`[{lang: 'id-ID'}]`, "id: - Nomor antrean B, tujuh, silakan menuju Pojok Informasi"},
		"without":      {`[]`, "id: nomor-antrean b 7 silakan-menuju 2"},
	} {
		t.Run(name, func(t *testing.T) {
			page := display()
			s := serve(t, "display", func() any { return page })
			s.voice = true
			ctx := browser(t, s, followVoice+`
Object.defineProperty(window, 'speechSynthesis', {value: {getVoices: () => `+test.voices+`, cancel: () => {}, speak: (u) => setTimeout(() => u.onend(), 50)}});
window.SpeechSynthesisUtterance = function (text) { this.text = text; };`)
			w := s.connection(t)
			holds(t, ctx, `performance.getEntriesByType('resource').some((r) => /voice-id\.bin$/.test(r.name) && r.responseEnd > 0)`)
			view := page.View
			c := newCall("n1", "B-7", "2", now())
			c.Spoken, c.CounterName = "", "Pojok Informasi"
			view.Calls = append([]static.Call{c}, view.Calls...)
			if err := w.send(frame(t, "snapshot", "e1", 123, now(), view)); err != nil {
				t.Fatal(err)
			}
			holds(t, ctx, `window.said.length >= 1`)
			if got := evaluate[string](t, ctx, `window.said[0]`); got != test.want {
				t.Errorf("said %q, want %q", got, test.want)
			}
		})
	}
}

func TestAnOfficesOwnRecordingsAreCheckedAndTakenInPlace(t *testing.T) {
	pages, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	clip, err := os.ReadFile("voice/id/loket.mp3")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(file string, content []byte) {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("bandung/id/3.mp3", clip)
	put("bandung/id/counter-info.mp3", clip)
	put("bandung/id/chime.mp3", clip)
	put(".git/anything", nil)
	offices, err := pages.AddVoices(os.DirFS(dir))
	if err != nil || !cmp.Equal(offices, []string{"bandung"}) {
		t.Fatalf("offices %v: %v", offices, err)
	}

	put("notes.txt", nil)
	put("bandung/su/3.mp3", clip)
	put("bandung/en/tree.mp3", clip)
	put("bandung/en/3.wav", clip)
	put("bandung/en/4.mp3", []byte(strings.Repeat("not a recording ", 20)))
	put("bandung/en/5.mp3", append(slices.Clone(clip), make([]byte, 300<<10)...))
	_, err = pages.AddVoices(os.DirFS(dir))
	if err == nil {
		t.Fatal("everything was taken")
	}
	for _, want := range []string{
		"notes.txt: stands where the directories of offices are",
		"bandung/su: is not the directory of a language (id, en)",
		"bandung/en/tree.mp3: no clip has this name",
		"bandung/en/3.wav: is not a clip",
		"bandung/en/4.mp3: is not an MP3 recording",
		"bandung/en/5.mp3: has 302 KB, a clip at most 256",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}
