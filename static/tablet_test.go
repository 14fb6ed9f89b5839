package static_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antrean/static"
	"antrean/static/sample"
)

// tablet is the sampled page of that name, as of now.
func tablet(name string) static.CounterPage {
	for _, p := range sample.All() {
		if p.Name == name {
			page := p.Data.(static.CounterPage)
			page.Live.At, page.Live.Confirmed = now(), now()
			return page
		}
	}
	panic("no sampled " + name)
}

func TestATabletNamesEverybodyWhoAskedForHelp(t *testing.T) {
	s := serve(t, "counter", func() any { return tablet("counter-help") })
	ctx := browser(t, s, "")
	w := s.connection(t)
	holds(t, ctx, `!document.getElementById('help').hidden && document.getElementById('help').textContent === 'Pemohon ini butuh bantuan'`)
	// A-041 is far down a list of which only the beginning is shown otherwise.
	want := []string{"A-013butuh bantuan", "A-041butuh bantuan", "PB-1003butuh bantuan"}
	got := evaluate[[]string](t, ctx, `[...document.querySelectorAll('#lanes li .asks')].map((e) => e.parentElement.firstChild.textContent + e.textContent)`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	view := *tablet("counter-help").View
	view.Current.State, view.Current.Help = "serving", false
	if err := w.send(frame(t, "snapshot", "e1", 121, now(), view)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `document.getElementById('help').hidden`)
}

func TestACounterInUseIsTakenOverOnlyAfterAQuestion(t *testing.T) {
	s := serve(t, "counter", func() any { return tablet("counter-taken") })
	sent := make(chan string, 4)
	s.api = func(w http.ResponseWriter, r *http.Request) {
		sent <- r.URL.Path
		w.WriteHeader(http.StatusConflict)
	}
	ctx := browser(t, s, "")
	w := s.connection(t)
	holds(t, ctx, `document.getElementById('act-undo').hidden && !document.getElementById('act-big').disabled`)
	ask := `document.getElementById('act-big').click()`
	answer := func(which string) string {
		return `(() => { const b = document.querySelector('.sure .` + which + `'); if (!b || b.disabled) return false; b.click(); return true; })()`
	}
	question := `document.querySelector('.sure p') && document.querySelector('.sure p').textContent === 'Loket ini dipakai budi. Ambil alih?'`
	evaluate[any](t, ctx, ask)
	holds(t, ctx, question)
	if !evaluate[bool](t, ctx, `document.querySelector('.sure .yes').disabled`) {
		t.Error("the second tap of a double tap takes over")
	}
	holds(t, ctx, answer("no"))
	holds(t, ctx, `!document.querySelector('.sure')`)

	// Whoever is asked about has left meanwhile: the question is void.
	evaluate[any](t, ctx, ask)
	holds(t, ctx, question)
	view := *tablet("counter-taken").View
	view.Officer = "tuti"
	if err := w.send(frame(t, "snapshot", "e1", 121, now(), view)); err != nil {
		t.Fatal(err)
	}
	holds(t, ctx, `!document.querySelector('.sure')`)
	if len(sent) > 0 {
		t.Errorf("sent %s without an answer", <-sent)
	}

	evaluate[any](t, ctx, ask)
	holds(t, ctx, answer("yes"))
	if got := <-sent; got != "/api/v1/offices/bandung/counters/3/take-over" {
		t.Errorf("sent %s", got)
	}
}
