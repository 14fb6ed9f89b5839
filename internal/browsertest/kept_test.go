package browsertest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// waits until a promise of the page comes true.
func (p *tab) waits(promise string) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("Promise.resolve("+promise+").then((v) => !!v)", chromedp.EvalAwaitPromise))
		if err == nil && ok {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s never gets %s (%v); the page says:\n%s", p.who, promise, err, p.words())
		}
		<-time.After(50 * time.Millisecond)
	}
}

// hasKept is a promise of whether the browser keeps a ticket of which the words
// are true.
func hasKept(words string) string {
	return `caches.keys().then((all) => all.length && caches.open("ticket")).then((shelf) => shelf && shelf.keys().then((keys) => {
		const last = keys.filter((k) => k.url.indexOf("/t/last") > 0)[0];
		return last && shelf.match(last).then((r) => r.json()).then((kept) => ` + words + `);
	}))`
}

const keptNothing = `caches.keys().then((all) => all.length === 0)`

// Somebody opens the ticket again where there is no network: from the link or
// the home screen, it shows what was last known, and how old that is. Back in
// the network the server's page takes its place. When the ticket has ended,
// nothing of it is left in the browser.
func TestTheTicketIsThereWithoutANetwork(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	first, mine := desk.walkIn(), desk.walkIn()
	network := plug(t, s)
	link := strings.Replace(mine.URL, s.url, network.url, 1)
	b := open(t)
	phone := b.person(t, "phone")
	phone.expect("ERR_")
	phone.expect("Connection closed before")
	phone.size(360, 740, chromedp.EmulateMobile)
	phone.goTo(link)
	phone.sees(text("#ahead") + ` === "1 orang di depan"`)
	phone.waits(hasKept(`kept.view.ahead === 1`))
	desk.at("1", "open")
	if called := desk.at("1", "next"); called != first.Number {
		t.Fatalf("called is %s", called)
	}
	phone.sees(text("#ahead") + ` === "Anda berikutnya"`)
	phone.waits(hasKept(`kept.view.ahead === 0`))
	again := phone.another("phone, opened again")
	again.expect("ERR_")
	again.expect("Connection closed before")
	again.size(320, 640, chromedp.EmulateMobile)

	network.pull() // silent: nothing says that there is no network
	again.goTo(link)
	again.sees(`location.pathname === "/t" && ` + text("#number") + ` === "` + mine.Number + `" && ` + text("#ahead") + ` === "Anda berikutnya"`)
	if kept := read[string](again, `document.body.innerHTML + document.getElementById("boot").textContent`); strings.Contains(kept, link[strings.LastIndex(link, "/")+1:]) {
		t.Error("the kept page holds the token")
	}
	again.sees(`getComputedStyle(document.querySelector(".wait")).borderRadius === "20px" && document.fonts.check("16px AHNV")`)
	again.waits(`caches.open("ticket").then((c) => c.keys().then((keys) => {
		const last = keys.filter((k) => k.url.indexOf("/t/last") > 0)[0];
		return c.match(last).then((r) => r.json()).then((kept) => {
			kept.kept.seen -= 12 * 60000; // a walk to the warung
			return c.put(last, new Response(JSON.stringify(kept))).then(() => true);
		});
	}))`)
	again.goTo(network.url + "/t?")
	again.sees(`/^Tidak ada sambungan internet. Ini keadaan 12 mnt yang lalu/.test(` + text("#unheard") + `) && ` + text("#live") + ` === "Keadaan 12 mnt yang lalu"`)
	again.accessible()
	if wide := read[int](again, `document.documentElement.scrollWidth`); wide > 320 {
		t.Errorf("the page is %d pixels wide on 320", wide)
	}
	network.mend()
	again.sees(`!document.getElementById("boot").textContent.includes('"kept":{') && ` + text("#live") + ` === "Tersambung" && ` + text("#unheard") + ` === ""`)

	for _, act := range []string{"serve", "complete", "next", "serve", "complete"} {
		desk.at("1", act)
	}
	again.sees(text("#state-title") + ` === "Selesai"`)
	again.waits(keptNothing)
}

// A link that was replaced at the desk opens nothing any more, and takes along
// what the phone has kept of its ticket; another ticket takes the place of one
// that was opened before.
func TestAReplacedLinkLeavesNothingOnThePhone(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	old, mine := desk.walkIn(), desk.walkIn()
	phone := open(t).person(t, "phone")
	phone.expect("404")
	phone.goTo(old.URL)
	phone.waits(hasKept(`kept.view.number === "` + old.Number + `"`))
	phone.goTo(mine.URL)
	phone.waits(hasKept(`kept.view.number === "` + mine.Number + `"`))
	phone.waits(`caches.open("ticket").then((c) => c.keys()).then((keys) => keys.filter((k) => k.url.indexOf("/t/last") > 0).length === 1)`)
	desk.do(http.MethodPost, "/api/v1/offices/bandung/tickets/"+mine.ID+"/reissue", map[string]any{}, nil)
	// It is asked at each tick, every 15 s, whether the link still opens anything.
	phone.seesWithin(3*patience, `document.body.innerText.indexOf("`+mine.Number+`") < 0`)
	phone.waits(keptNothing)
}

// While nodes of two releases serve together, a balancer may send a page's parts from
// the other one. A phone that kept those would show the page with them for ever.
func TestAPhoneKeepsNothingOfAnotherRelease(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	mine := desk.walkIn()
	to, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	var other atomic.Bool // answers what pages load
	asked := make(chan struct{}, 1)
	balancer := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
		if parts := strings.Split(r.In.URL.Path, "/"); other.Load() && len(parts) == 4 && parts[1] == "a" {
			r.Out.URL.Path = "/a/0123456789abcdef/" + parts[3]
			if r.In.Header.Get("Sec-Fetch-Dest") == "empty" { // to be kept
				select {
				case asked <- struct{}{}:
				default:
				}
			}
		}
	}})
	t.Cleanup(balancer.Close)

	other.Store(true)
	phone := open(t).person(t, "phone")
	phone.goTo(balancer.URL + strings.TrimPrefix(mine.URL, s.url))
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatal("the phone does not try to keep the ticket")
	}
	other.Store(false)
	phone.waits(hasKept(`kept.view.number === "` + mine.Number + `"`))
	phone.waits(`caches.open("ticket").then((c) => c.keys().then((keys) => Promise.all(keys.map((k) => c.match(k))).then((all) => {
		const parts = all.filter((r) => /\/a\//.test(r.url));
		return parts.length > 1 && parts.every((r) => /immutable/.test(r.headers.get("Cache-Control")));
	})))`)
}
