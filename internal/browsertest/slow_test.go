package browsertest

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Slow 3G, as browsers' tools call it.
const (
	slowTrip = 400 * time.Millisecond // there and back
	slowLine = 50_000                 // bytes/s, each way
)

// What a slow phone must have before it can show anything: the page, and what
// holds back its first painting.
const needed = `((page) => {
	const blocking = performance.getEntriesByType("resource").filter((e) => e.renderBlockingStatus === "blocking");
	return {
		rounds: 1 + page.redirectCount + 1 + (blocking.length > 0 ? 1 : 0),
		bytes: blocking.reduce((n, e) => n + e.transferSize, page.transferSize),
		blocking: blocking.map((e) => e.name.split("/").pop()),
		late: blocking.filter((e) => e.initiatorType !== "link").length,
		all: performance.getEntriesByType("resource").reduce((n, e) => n + e.transferSize, page.transferSize),
	};
})(performance.getEntriesByType("navigation")[0])`

// Somebody opens their link for the first time on slow 3G. A clock on a busy
// machine proves nothing, so what the line has to carry is counted: the round
// trips one after another (connecting, the link, the page, its styles) and the
// bytes, until number and people ahead can be read. Without scripts the page says
// both, so none of them is waited for.
func TestATicketIsReadAtOnceOnSlow3G(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	_, mine := desk.walkIn(), desk.walkIn()
	b := open(t)
	says := text("#number") + ` === "` + mine.Number + `" && ` + text("#ahead") + ` === "1 orang di depan"`

	for _, scripts := range []bool{true, false} {
		phone := b.person(t, "phone")
		phone.size(360, 740, chromedp.EmulateMobile)
		if !scripts {
			phone.withoutScript()
		}
		_, err := chromedp.Call(phone.ctx, conditions, network.OverrideNetworkStateParams{
			Latency: float64(slowTrip.Milliseconds()), DownloadThroughput: slowLine, UploadThroughput: slowLine,
		})
		if err != nil {
			t.Fatal(err)
		}
		phone.goTo(mine.URL)
		phone.sees(says)
		cost := read[struct {
			Rounds, Bytes, Late, All int
			Blocking                 []string
		}](phone, needed)
		readable := time.Duration(cost.Rounds)*slowTrip + time.Duration(cost.Bytes)*time.Second/slowLine
		t.Logf("scripts %v: %d round trips and %d bytes: readable after %v; %d bytes in all, typeface included", scripts, cost.Rounds, cost.Bytes, readable, cost.All)
		if cost.Rounds > 4 || cost.Late > 0 || cost.Bytes < 1000 || readable > 2200*time.Millisecond {
			t.Errorf("scripts %v: readable after %v: %+v", scripts, readable, cost)
		}
		if scripts {
			phone.sees(text("#live") + ` === "Tersambung"`)
		}
	}
}
