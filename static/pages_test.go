package static_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

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
