package notifier

import (
	"strings"
	"testing"
	"testing/fstest"
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
	id, err := embedded.ReadFile("texts/id.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for change, want := range map[string]string{
		"{counter}|{loket}":       "id.yaml: called: {loket} is not known here",
		"{counter}|{number} di {": "id.yaml: called: a brace stands alone",
		"withdrawn:|drawn:":       "id.yaml: withdrawn: title and body are needed",
		"clock: |klok: ":          "id.yaml: format: clock, date",
	} {
		from, to, _ := strings.Cut(change, "|")
		_, err := ReadTexts(fstest.MapFS{"id.yaml": {Data: []byte(strings.Replace(string(id), from, to, 1))}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", change, err, want)
		}
	}
	if _, err := ReadTexts(fstest.MapFS{}); err == nil {
		t.Error("no texts at all are taken")
	}
}
