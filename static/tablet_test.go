package static_test

import (
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
