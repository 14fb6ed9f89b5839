package notifier

import (
	"strings"
	"testing"
	"testing/fstest"

	"antrean/internal/queue"
)

func TestEveryLanguageSaysEverything(t *testing.T) {
	texts := DefaultTexts()
	if texts["id"] == nil || texts["en"] == nil {
		t.Fatal("Indonesian and English are built in")
	}
	for lang, l := range texts {
		for _, kind := range Kinds() {
			if n := len([]rune(l.kinds[kind].Title)); n > 60 {
				t.Errorf("%s: the title of %s has %d letters", lang, kind, n)
			}
		}
	}
}

func TestTextsSayWhatIsWrongWithThem(t *testing.T) {
	en, err := embedded.ReadFile("texts/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for change, want := range map[string]string{ // of a language that is not built in
		"{counter}|{loket}":       "jv.yaml: called: {loket} is not known here",
		"{counter}|{number} di {": "jv.yaml: called: a brace stands alone",
		"withdrawn:|drawn:":       "jv.yaml: withdrawn: title and body are needed",
		"called:|calld:":          `jv.yaml: "calld" is no kind of message`,
		"clock: |klok: ":          "jv.yaml: format: clock, date",
		"  cancel:|  batal:":      "jv.yaml: links: open, confirm",
	} {
		from, to, _ := strings.Cut(change, "|")
		_, err := ReadTexts(fstest.MapFS{"jv.yaml": {Data: []byte(strings.Replace(string(en), from, to, 1))}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", change, err, want)
		}
	}
}

func TestALanguageIsAddedAndATextReplacedByAFile(t *testing.T) {
	en, err := embedded.ReadFile("texts/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := ReadTexts(fstest.MapFS{
		"jv.yaml": {Data: []byte(strings.ReplaceAll(string(en), "please go to", "mangga dhateng"))},
		"id.yaml": {Data: []byte("called: {title: 'Mari, {number}', body: 'Ke {counter}.'}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for locale, want := range map[string]string{"jv": "Number A-1: mangga dhateng Loket 1", "id": "Mari, A-1", "en-GB": "Number A-1: please go to Loket 1", "xx": "Mari, A-1"} {
		m := Message{}
		texts.say(&m, Facts{Kind: Called, Config: roundTheClock(t), Ticket: &queue.Ticket{Number: "A-1"}, Counter: "Loket 1"}, locale, "")
		if m.Title != want {
			t.Errorf("%s: %q, want %q", locale, m.Title, want)
		}
	}
	if texts["id"].kinds[Missed].Title == "" || texts["id"].links.Open == "" {
		t.Error("what a file does not say is not said as built in")
	}
}
