package static

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func words(t *testing.T) catalogue {
	t.Helper()
	c, err := readWords(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	c := words(t)
	placeholders := regexp.MustCompile(`\{\w+\}`)
	shape := func(lang string) map[string]string {
		s := map[string]string{}
		for id, text := range c[lang] {
			if strings.HasSuffix(id, ".one") {
				continue
			}
			used := placeholders.FindAllString(text, -1)
			s[id] = strings.Join(used, "")
		}
		return s
	}
	sorted := cmp.Transformer("set", func(s string) map[rune]int {
		m := map[rune]int{}
		for _, r := range s {
			m[r]++
		}
		return m
	})
	if diff := cmp.Diff(shape("id"), shape("en"), sorted); diff != "" {
		t.Errorf("ids or placeholders differ (-id +en):\n%s", diff)
	}
}

func TestEveryRefusalOfTheContractHasWords(t *testing.T) {
	c := words(t)
	for _, code := range []string{
		"invalid", "unauthenticated", "forbidden", "not_found",
		"wrong_state", "queue_empty", "counter_busy", "slot_full", "already_booked", "outside_hours", "too_early", "too_late",
		"rate_limited", "unavailable",
	} {
		for _, lang := range languages {
			if c[lang]["problem."+code] == "" {
				t.Errorf("no words for %s in %s", code, lang)
			}
		}
	}
}

// Ids that scripts put together from parts are rendered by the pages' tests.
func TestScriptsAskForWordsThatExist(t *testing.T) {
	c := words(t)
	sources, err := filepath.Glob("src/*.js")
	if err != nil || len(sources) == 0 {
		t.Fatal("no sources", err)
	}
	asked := regexp.MustCompile(`say\('([a-z_.-]+[a-z])'`)
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllStringSubmatch(string(text), -1) {
			if c["id"][m[1]] == "" {
				t.Errorf("%s asks for %s", source, m[1])
			}
		}
	}
}

func TestWordsFillInAndCount(t *testing.T) {
	c := words(t)
	for _, test := range []struct {
		lang, id string
		args     []any
		want     string
	}{
		{"id", "ticket.ahead", []any{"n", 1}, "1 orang di depan"},
		{"en", "ticket.ahead", []any{"n", 1}, "1 person ahead"},
		{"en", "ticket.ahead", []any{"n", 6}, "6 people ahead"},
		{"en", "no.such.id", nil, "no.such.id"},
		{"id", "counter.goes_on", []any{"number", "A-012", "stage", "Wawancara"}, "A-012 lanjut ke Wawancara"},
	} {
		if got := c.say(test.lang, test.id, test.args...); got != test.want {
			t.Errorf("say(%s, %s) = %q, want %q", test.lang, test.id, got, test.want)
		}
	}
}
