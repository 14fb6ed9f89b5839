package static_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// colours reads the custom properties that a stylesheet gives the root.
func colours(t *testing.T, file string, into map[string]string) {
	t.Helper()
	css, err := os.ReadFile("css/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\s*--([a-z0-9-]+):\s*(#[0-9a-f]{3,6});`).FindAllStringSubmatch(rootBlock(t, file, string(css)), -1) {
		into[m[1]] = m[2]
	}
}

// rootBlock is what stands in the first :root { … }.
func rootBlock(t *testing.T, file, css string) string {
	t.Helper()
	m := regexp.MustCompile(`:root \{([^}]*)\}`).FindStringSubmatch(css)
	if m == nil {
		t.Fatalf("%s has no :root", file)
	}
	return m[1]
}

// luminance is the relative one of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) == 4 {
		hex = "#" + hex[1:2] + hex[1:2] + hex[2:3] + hex[2:3] + hex[3:4] + hex[3:4]
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

// What is read has the contrast of level AAA, 7 to 1, on every ground that it
// stands on, by day and in the dark.
func TestWhatIsReadHasTheContrastOfLevelAAA(t *testing.T) {
	paper := [][2]string{
		{"ink", "paper"}, {"ink", "card"}, {"ink", "sea-soft"}, {"ink-2", "paper"}, {"ink-2", "card"}, {"ink-2", "sea-soft"},
		{"sea", "paper"}, {"sea", "card"}, {"on-sea", "sea"}, {"on-sea-2", "sea-deep"},
		{"ok", "paper"}, {"ok", "card"}, {"ink", "ok-soft"}, {"stop", "paper"}, {"stop", "card"}, {"stop", "stop-soft"},
	}
	day := map[string]string{}
	colours(t, "tokens.css", day)
	dark := map[string]string{}
	colours(t, "tokens.css", dark)
	colours(t, "dark.css", dark)
	if day["paper"] == dark["paper"] {
		t.Fatal("there is no dark scheme")
	}
	for _, scheme := range []struct {
		name    string
		colours map[string]string
		pairs   [][2]string
	}{
		{"day", day, paper},
		{"dark", dark, paper},
		{"day", day, [][2]string{{"on-amber", "amber"}}},
		{"hall", day, [][2]string{{"night-ink", "night"}, {"night-ink", "night-2"}, {"night-ink-2", "night"}, {"night-ink-2", "night-2"}, {"amber", "night"}, {"amber", "night-2"}}},
	} {
		for _, pair := range scheme.pairs {
			text, ground := scheme.colours[pair[0]], scheme.colours[pair[1]]
			if text == "" || ground == "" {
				t.Errorf("%s: no colour %v", scheme.name, pair)
				continue
			}
			if c := contrast(t, text, ground); c < 7 {
				t.Errorf("%s: %s on %s has %.2f", scheme.name, pair[0], pair[1], c)
			}
		}
	}
}
