package static_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"antrean/static/sample"
)

// differing lists the elements whose words or presence the scripts changed
// on a page that nothing happened to.
const differing = `(async () => {
  const first = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
  const gone = (e) => { for (; e; e = e.parentElement) if (e.hidden) return true; return false; };
  const words = (e) => e.textContent.replace(/\s+/g, ' ').trim();
  const out = [];
  for (const before of first.querySelectorAll('[id]')) {
    if (['boot', 'live', 'sound', 'stale', 'offer', 'offer-left'].includes(before.id)) continue;
    const after = document.getElementById(before.id);
    if (gone(before) !== gone(after)) out.push(before.id + (gone(after) ? ' vanished' : ' appeared'));
    else if (!gone(before) && words(before) !== words(after)) out.push(before.id + ': ' + words(before) + ' → ' + words(after));
    else if (!gone(before) && before.getAttribute('data-length') !== after.getAttribute('data-length') && words(before).length < 10) out.push(before.id + ' changed its size');
  }
  return out;
})()`

func TestScriptsPaintWhatTheServerPainted(t *testing.T) {
	var current sample.Page
	var pages []sample.Page
	for _, p := range sample.All() {
		if p.Template == "ticket" || p.Template == "display" {
			pages = append(pages, p)
		}
	}
	for _, template := range []string{"ticket", "display"} {
		s := serve(t, template, func() any { return current.Data })
		first := true
		var tab = t.Context()
		for _, p := range pages {
			if p.Template != template || strings.HasSuffix(p.Name, "long") { // names of halls are shown beside long places only by scripts
				continue
			}
			current = p
			if first {
				tab, first = browser(t, s, `window.setInterval = () => 0; // time stands still`), false
			} else if err := chromedp.Do(tab, chromedp.Navigate(s.URL+"/")); err != nil {
				t.Fatal(err)
			}
			changes, err := chromedp.Run(tab, chromedp.Evaluate[[]string](differing, chromedp.EvalAwaitPromise))
			if err != nil {
				t.Fatal(p.Name, err)
			}
			for _, change := range changes {
				t.Errorf("%s: %s", p.Name, change)
			}
		}
	}
}
