package browsertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// lighthouse runs one audit; make tools puts what it needs beside it.
const lighthouse = "../../.ci/web/audit.mjs"

// audit demands that Lighthouse gives the page at least these scores, of 100
// each, by category: "performance", "accessibility", "best-practices", "seo". It
// plays a phone on slow 4G, simulated. The cookies are the visitor's, such as a
// session's. The best of three counts; the second and third are tried only if the
// first was too low.
func audit(t *testing.T, url string, cookies []*http.Cookie, least map[string]int) {
	t.Helper()
	best := map[string]int{}
	var wrong []string
	for attempt := 1; attempt <= 3; attempt++ {
		scores, found := lighthouseOnce(t, url, cookies, slices.Sorted(maps.Keys(least)))
		t.Logf("%s: run %d: %v", url, attempt, scores)
		low := false
		for category, score := range scores {
			best[category] = max(best[category], score)
			low = low || best[category] < least[category]
		}
		if !low {
			return
		}
		wrong = found
	}
	t.Errorf("%s: %v, want at least %v\n%s", url, best, least, strings.Join(wrong, "\n"))
}

// lighthouseOnce returns the scores, and what took points away.
func lighthouseOnce(t *testing.T, url string, cookies []*http.Cookie, categories []string) (scores map[string]int, wrong []string) {
	t.Helper()
	carried := make([]map[string]string, len(cookies))
	for i, c := range cookies {
		carried[i] = map[string]string{"name": c.Name, "value": c.Value}
	}
	what, err := json.Marshal(map[string]any{"url": url, "cookies": carried, "categories": categories})
	if err != nil {
		t.Fatal(err)
	}
	var text, complaints bytes.Buffer
	run := exec.CommandContext(t.Context(), "node", lighthouse)
	run.Stdin, run.Stdout, run.Stderr = bytes.NewReader(what), &text, &complaints
	if err := run.Run(); err != nil {
		t.Fatalf("lighthouse (make tools installs it): %v\n%s", err, complaints.Bytes())
	}
	var r struct {
		FinalDisplayedURL string
		RuntimeError      struct{ Message string }
		Categories        map[string]struct {
			Score     *float64
			AuditRefs []struct {
				ID     string
				Weight float64
			}
		}
		Audits map[string]struct {
			Title        string
			Score        *float64
			DisplayValue string
			Details      json.RawMessage
		}
	}
	if err := json.Unmarshal(text.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.RuntimeError.Message != "" || r.FinalDisplayedURL != url {
		t.Fatalf("lighthouse saw %s: %s", r.FinalDisplayedURL, r.RuntimeError.Message)
	}
	scores = map[string]int{}
	for name, category := range r.Categories {
		if category.Score == nil {
			t.Fatalf("lighthouse gave no score for %s", name)
		}
		scores[name] = int(*category.Score*100 + 0.5)
		for _, ref := range category.AuditRefs {
			if a := r.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 0.95 {
				var details bytes.Buffer
				_ = json.Compact(&details, a.Details)
				wrong = append(wrong, fmt.Sprintf("%s: %s: %.2f %s %.1000s", name, a.Title, *a.Score, a.DisplayValue, details.String()))
			}
		}
	}
	return scores, wrong
}

// carried are the cookies that a link leaves in a browser.
func carried(t *testing.T, link string) []*http.Cookie {
	t.Helper()
	once := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := once.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.Cookies()
}

// What a phone on slow 4G meets first: the booking page, and the ticket of
// somebody with an appointment and of somebody who waits in the hall.
func TestPhonePagesPassLighthouse(t *testing.T) {
	least := map[string]int{"accessibility": 95, "best-practices": 95}
	if *quiet {
		least["performance"] = 95
	}
	s := serve(t, offices())
	desk := signedIn(t, s, "admin")
	audit(t, s.url+"/", nil, least)
	var booked struct{ Tickets []ticket }
	desk.do(http.MethodPost, "/api/v1/offices/bandung/bookings", map[string]any{
		"service": "paspor-baru", "slot": time.Now().UTC().Truncate(time.Hour).Add(48 * time.Hour),
		"people": []any{map[string]string{"name": "Siti", "nik": nik(1)}},
	}, &booked)
	audit(t, s.url+"/t", carried(t, booked.Tickets[0].URL), least)
	audit(t, s.url+"/t", carried(t, desk.walkIn().URL), least)
}
