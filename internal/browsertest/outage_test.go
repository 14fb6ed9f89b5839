package browsertest

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const staleWords = `((e) => e && !e.hidden ? e.innerText : "")(document.querySelector("#stale"))`

// keepNumbers makes the television remember every number that it showed large.
const keepNumbers = `window.shown = [];
new MutationObserver(() => shown.push(document.querySelector("#now-number").textContent)).observe(document.querySelector("#now-number"), {childList: true, characterData: true, subtree: true})`

// A television whose cable was pulled says so, catches up by itself, and shows
// each call that it missed.
func TestTelevisionWithoutNetworkSaysSoAndMissesNoCall(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	network := plug(t, s)
	tv := open(t).person(t, "tv")
	tv.expect("ERR_") // the browser reports the connections that end
	tv.size(1920, 1080)
	tv.goTo(network.url + "/display/bandung")
	tv.sees(`performance.getEntriesByType("navigation").length > 0`)
	if read[string](tv, `JSON.parse(document.querySelector("#boot").textContent).release || ""`) == "" {
		t.Error("a screen that nobody paired does not know its release, and could not notice another")
	}
	var numbers []string
	officers := map[string]*program{"1": signedIn(t, s, "sari"), "2": signedIn(t, s, "budi"), "3": desk}
	for counter, officer := range officers {
		numbers = append(numbers, desk.walkIn().Number)
		officer.at(counter, "open")
	}
	tv.sees(text("#waiting") + `.indexOf("3 menunggu") >= 0`)
	if words := read[string](tv, staleWords); words != "" {
		t.Fatalf("a current picture says %q", words)
	}
	read[any](tv, keepNumbers+"; null")

	network.pull()
	pulled := time.Now()
	for counter, officer := range officers {
		officer.at(counter, "next")
	}
	tv.seesWithin(11*time.Second-time.Since(pulled), staleWords+` !== ""`)
	if words := read[string](tv, staleWords); !hasSeconds(words) {
		t.Errorf("the picture is old, and says %q", words)
	}
	network.mend()
	tv.sees(staleWords + ` === "" && ` + text(tvNumber) + ` !== ""`)
	for _, number := range numbers {
		tv.sees(`shown.indexOf("` + number + `") >= 0`)
	}
}

// hasSeconds reports whether the words hold an age in seconds.
func hasSeconds(words string) bool {
	for i := range words {
		if words[i] >= '0' && words[i] <= '9' {
			return len(words) > i+4
		}
	}
	return false
}

// The answer to a press is lost on the way. The tablet asks again by itself,
// and the press has happened once.
func TestPressWhoseAnswerIsLostHappensOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	first, _ := desk.walkIn(), desk.walkIn()
	network := plug(t, s)
	tablet := open(t).person(t, "tablet")
	tablet.expect("ERR_")
	tablet.signIn(network.url, "sari", password, "/counter")
	tablet.take("1")

	network.swallow()
	tablet.do(chromedp.KeyEvent(" "))
	landed(t, desk, 1)
	tablet.sees(text("#alert") + ` !== ""`) // it says that it does not know yet
	network.mend()
	tablet.sees(text("#number") + ` === "` + first.Number + `" && ` + text("#alert") + ` === ""`)
	if calls := desk.calls(); calls != 1 {
		t.Errorf("the log holds %d calls", calls)
	}
}

// landed waits until the log holds n calls.
func landed(t *testing.T, desk *program, n int) {
	t.Helper()
	for end := time.Now().Add(patience); desk.calls() != n; <-time.After(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the log holds %d calls, want %d", desk.calls(), n)
		}
	}
}

// The server loses its power and starts again on its data. Television, phone
// and tablet go on by themselves, and a press made meanwhile lands once.
func TestPowerCutOfTheServerHealsByItself(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	first, _ := desk.walkIn(), desk.walkIn()
	b := open(t)
	tv, phone, tablet := b.person(t, "tv"), b.person(t, "phone"), b.person(t, "tablet")
	for _, who := range []*tab{tv, phone, tablet} {
		who.expect("ERR_")
	}
	tv.goTo(s.url + "/display/bandung")
	phone.goTo(first.URL)
	phone.sees(text("#live") + ` === "Tersambung"`)
	tablet.signIn(s.url, "sari", password, "/counter")
	tablet.take("1")

	s.fail(t)
	tablet.do(chromedp.KeyEvent(" "))
	tablet.sees(text("#alert") + ` !== ""`)
	phone.sees(text("#live") + ` !== "Tersambung"`)
	s.again(t)

	tablet.sees(text("#number") + ` === "` + first.Number + `"`)
	tv.sees(text(tvNumber) + ` === "` + first.Number + `" && ` + text(tvCounter) + ` === "1"`)
	phone.sees(yourTurn)
	if calls := desk.calls(); calls != 1 {
		t.Errorf("the log holds %d calls", calls)
	}
}
