package static_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"antrean/static"
	"antrean/static/sample"
)

// A text that was asked for and is not there comes back as its id.
var bareID = regexp.MustCompile(`[>"](tv|live|unit|wait|problem|field|ticket|counter|desk|home|booked|login|setup|error|staff|lane|why|state|app|admin|account|texts|kiosk|tablet)\.[a-z_.]+[<"]`)

func TestEveryPageRendersInEveryStateAndLanguage(t *testing.T) {
	pages, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range sample.All() {
		for _, lang := range pages.Languages() {
			t.Run(p.Name+"/"+lang, func(t *testing.T) {
				var b bytes.Buffer
				if err := pages.Render(&b, p.Template, lang, p.Data); err != nil {
					t.Fatal(err)
				}
				html := b.String()
				if !strings.Contains(html, `<html lang="`+lang+`">`) || !strings.HasSuffix(strings.TrimSpace(html), "</html>") {
					t.Errorf("not a whole document in %s", lang)
				}
				shown := regexp.MustCompile(`(?s)<script type="application/json".*?</script>`).ReplaceAllString(html, "")
				if found := bareID.FindString(shown); found != "" {
					t.Errorf("no words for %s", found)
				}
				for _, forbidden := range []string{" style=", "<style", " onclick=", "<no value>", "ZgotmplZ", "/a/none/"} {
					if strings.Contains(html, forbidden) {
						t.Errorf("page holds %q", forbidden)
					}
				}
			})
		}
	}
}

// When the fee was due is said until then: nobody tells the queue whether it was
// paid, and a time that is over reads like a threat.
func TestAPaymentThatWasDueIsNotAskedFor(t *testing.T) {
	due := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	p := static.TicketPage{View: static.TicketView{State: "booked", Timeline: static.Timeline{PaymentDue: &due}}}
	for late, want := range map[time.Duration]bool{-time.Minute: true, 0: false, time.Minute: false} {
		p.Live.At = due.Add(late)
		if got := p.ToPay() != nil; got != want {
			t.Errorf("%s after it was due: asked for %v", late, got)
		}
	}
	p.Live.At, p.View.State = due.Add(-time.Minute), "waiting"
	if p.ToPay() != nil {
		t.Error("who is in the hall is asked to pay in time")
	}
}
