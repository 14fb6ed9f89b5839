package browsertest

import (
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

const (
	tvNumber   = `#now-number`
	tvCounter  = `#now-place`
	yourTurn   = `document.body.getAttribute("data-state") === "called"`
	amber      = `rgb(255, 180, 0)`
	background = `getComputedStyle(document.body).backgroundColor`
)

// One press of Next, with the space bar, is on the television and on the
// person's phone; taken back, both correct themselves.
func TestNextIsSeenByEverybodyAndSoIsItsUndo(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	first, second := desk.walkIn(), desk.walkIn()
	b := open(t)

	tv := b.person(t, "tv")
	tv.size(1920, 1080)
	tv.goTo(s.url + "/display/bandung")
	phone := b.person(t, "phone")
	phone.size(360, 740)
	phone.goTo(first.URL)
	phone.sees(text("#live") + ` === "Tersambung"`)
	phone.sees(`location.pathname === "/t"`) // the token has left the address
	phone.sees(text("#number") + ` === "` + first.Number + `"`)
	neighbour := b.person(t, "neighbour's phone")
	neighbour.goTo(second.URL)
	neighbour.sees(text("#ahead") + ` === "1 orang di depan"`)

	tablet := b.person(t, "tablet")
	tablet.size(1024, 768)
	tablet.signIn(s.url, "sari", password, "/counter")
	tablet.take("3")
	tablet.do(chromedp.KeyEvent(" "))

	tablet.sees(text("#number") + ` === "` + first.Number + `"`)
	tv.sees(text(tvNumber) + ` === "` + first.Number + `" && ` + text(tvCounter) + ` === "3"`)
	phone.sees(yourTurn + ` && ` + text("#counter-place") + ` === "3"`)
	phone.sees(background + ` === "` + amber + `"`)
	neighbour.sees(text("#ahead") + ` === "Anda berikutnya"`)
	tv.accessible()

	tablet.do(chromedp.KeyEvent("u"))
	tablet.sees(text("#number") + ` === ""`)
	phone.sees(`!(` + yourTurn + `) && ` + text("#withdrawn") + ` !== ""`)
	tv.sees(text(tvNumber) + ` !== "` + first.Number + `"`)
	neighbour.sees(text("#ahead") + ` === "1 orang di depan"`)
}

// Two officers press at the same moment and call two people.
func TestTwoTabletsCallTwoPeople(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	first, second, _ := desk.walkIn(), desk.walkIn(), desk.walkIn()
	b := open(t)
	sari, budi := b.person(t, "sari"), b.person(t, "budi")
	sari.signIn(s.url, "sari", password, "/counter")
	sari.take("1")
	budi.signIn(s.url, "budi", password, "/counter")
	budi.take("2")

	pressed := make(chan error, 2)
	for _, who := range []*tab{sari, budi} {
		go func() { pressed <- chromedp.Do(who.ctx, chromedp.KeyEvent(" ")) }()
	}
	for range 2 {
		if err := <-pressed; err != nil {
			t.Fatal(err)
		}
	}
	numbers := map[string]bool{}
	for _, who := range []*tab{sari, budi} {
		who.sees(text("#number") + ` !== ""`)
		numbers[read[string](who, text("#number"))] = true
	}
	if len(numbers) != 2 || !numbers[first.Number] || !numbers[second.Number] {
		t.Errorf("the two called %v, want %s and %s", numbers, first.Number, second.Number)
	}
	if calls := desk.calls(); calls != 2 {
		t.Errorf("the log holds %d calls", calls)
	}
}

// The tab that is used last works the counter; the other says so and takes no
// press until it is chosen.
func TestASecondTabOfACounterTakesOver(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	number := desk.walkIn().Number
	b := open(t)
	old := b.person(t, "first tab")
	old.signIn(s.url, "sari", password, "/counter")
	old.take("1")
	newer := old.another("second tab")
	newer.goTo(s.url + "/counter?office=bandung&counter=1")
	newer.sees(`!document.querySelector("#act-big").disabled`)

	old.sees(text("#second") + ` !== "" && document.querySelector("#act-big").disabled`)
	newer.do(chromedp.KeyEvent(" "))
	newer.sees(text("#number") + ` === "` + number + `"`)
	old.sees(text("#number") + ` === "` + number + `"`) // it still shows what is

	old.press("#second button")
	old.sees(text("#second") + ` === "" && !document.querySelector("#act-big").disabled`)
	newer.sees(text("#second") + ` !== ""`)
}

// The demo is alive within seconds of its start, and a visitor can sit down at
// the free counter.
func TestDemoIsAliveAndAVisitorMayCall(t *testing.T) {
	t.Parallel()
	s := &server{from: binary, flags: []string{"demo", "--addr", "127.0.0.1:0"}}
	s.run(t)
	tvURL, phoneURL := "", ""
	for line := range s.said {
		if m := regexp.MustCompile(`Lobby TV\s+(\S+)`).FindStringSubmatch(line); m != nil {
			tvURL = m[1]
		}
		if m := regexp.MustCompile(`A phone\s+(\S+)`).FindStringSubmatch(line); m != nil {
			phoneURL = m[1]
			break
		}
	}
	go drain(s.said)
	base := tvURL[:len(tvURL)-len("/display/bandung")]
	b := open(t)

	tv := b.person(t, "tv")
	tv.size(1920, 1080)
	tv.goTo(tvURL)
	tv.sees(text(tvNumber) + ` !== ""`)
	shown := read[string](tv, text(tvNumber))
	tv.sees(text(tvNumber) + ` !== "` + shown + `"`)
	tv.sees(text("#waiting") + `.indexOf("menit") > 0`) // predictions have come

	phone := b.person(t, "phone")
	phone.goTo(phoneURL)
	phone.sees(text("#live") + ` === "Tersambung" && ` + text("#number") + ` !== ""`)

	tablet := b.person(t, "tablet")
	tablet.size(1024, 768)
	tablet.signIn(base, "petugas", "antrean-demo", "/counter")
	tablet.take("10")
	tablet.do(chromedp.KeyEvent(" "))
	tablet.sees(text("#number") + ` !== ""`)
	number := read[string](tablet, text("#number"))
	tv.sees(`[document.querySelector("#now").innerText].concat([].map.call(document.querySelectorAll("#recent li"), (e) => e.innerText)).some((s) => s.indexOf("` + number + `") >= 0 && s.indexOf("10") >= 0)`)
}

// Who asked for help is seen at the counters, and ends being listed when an
// officer says so.
func TestHelpIsAskedForAndGiven(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	waiting := desk.walkIn()
	b := open(t)
	phone := b.person(t, "phone")
	phone.goTo(waiting.URL)
	tablet := b.person(t, "tablet")
	tablet.size(1024, 768)
	tablet.signIn(s.url, "sari", password, "/counter")
	tablet.take("3")
	phone.press(`form[action="/t/help"] button`)
	phone.sees(text("#help") + ` !== ""`)
	tablet.sees(text(".asking") + `.indexOf("` + waiting.Number + `") === 0`)
	tablet.press(`[data-act=helped]`)
	tablet.sees(`!document.querySelector(".asking")`)
	phone.sees(text("#help") + ` === ""`)
}
