package browsertest

import (
	"path/filepath"
	"testing"
	"time"

	"antrean/internal/acceptance/newer"
)

// Nobody touches the lobby's television while the server is upgraded: it comes
// back by itself, with the newer release's page, and shows the next call.
func TestATelevisionTakesUpTheNewRelease(t *testing.T) {
	next := filepath.Join(filepath.Dir(binary), "newer")
	if err := newer.Build(filepath.Join("..", ".."), t.TempDir(), next); err != nil {
		t.Fatal(err)
	}
	s := serve(t, offices())
	sari := signedIn(t, s, "sari")
	desk := signedIn(t, s, "admin")
	sari.at("1", "open")
	desk.walkIn()
	first := sari.at("1", "next")

	tv := open(t).person(t, "television")
	tv.size(1920, 1080)
	tv.runsFirst(`Math.random = () => 0;`) // it waits up to 20 s, so that not all screens come at once
	tv.goTo(s.url + "/display/bandung")
	tv.sees(text(tvNumber) + ` === "` + first + `"`)
	script := `document.querySelector('script[src$="/tv.js"]').getAttribute("src")`
	tv.sees(`(window.older = ` + script + `)`)

	tv.expect("WebSocket") // while the server is away
	tv.expect("ERR_")
	s.end(t, s.cmd, s.ended)
	s.from = next
	s.again(t)
	tv.seesWithin(time.Minute, `!window.older && document.readyState === "complete" && `+script) // loaded anew
	tv.sees(`(window.newer !== undefined || (window.newer = false, fetch(` + script + `).then((a) => a.text()).then((body) => {
		window.newer = body.indexOf("` + newer.Screen + `") === 0;
	})), window.newer)`)
	desk.walkIn()
	sari.at("1", "serve")
	sari.at("1", "complete")
	second := sari.at("1", "next")
	tv.sees(text(tvNumber) + ` === "` + second + `"`)
}
