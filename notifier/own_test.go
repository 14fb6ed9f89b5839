package notifier

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/queue"
)

func TestAnOfficeSaysItInItsOwnWords(t *testing.T) {
	texts := DefaultTexts()
	built := texts["id"].kinds[Called]
	for name, c := range map[string]struct {
		own         queue.Wording
		title, body string
		isOwn       bool
	}{
		"nothing of its own":      {queue.Wording{}, "Nomor A-012: silakan ke Loket 4", "Anda dipanggil di Kantor Bandung.", true},
		"another title":           {queue.Wording{Title: "{number}, mari ke {counter}"}, "A-012, mari ke Loket 4", "Anda dipanggil di Kantor Bandung.", true},
		"another body":            {queue.Wording{Body: "Ke {office}."}, "Nomor A-012: silakan ke Loket 4", "Ke Kantor Bandung.", true},
		"one that cannot be said": {queue.Wording{Title: "{nomor}"}, "Nomor A-012: silakan ke Loket 4", "Anda dipanggil di Kantor Bandung.", false},
	} {
		config := roundTheClock(t, func(k *queue.Config) { k.Messages = map[string]map[string]queue.Wording{"id": {"called": c.own}} })
		s, _ := texts.Sample(config, "id", Called)
		if s.Preview.Title != c.title || s.Preview.Body != c.body || s.Own != c.isOwn {
			t.Errorf("%s: %q, %q, own %v", name, s.Preview.Title, s.Preview.Body, s.Own)
		}
	}
	if texts["id"].kinds[Called] != built {
		t.Error("the words of one office became everybody's")
	}
}

func TestOwnTextsAreChecked(t *testing.T) {
	c := roundTheClock(t, func(c *queue.Config) {
		c.Messages = map[string]map[string]queue.Wording{
			"id": {"called": {Title: "{nomor}", Body: "ke {counter}", Short: "{"}, "calld": {Title: "x"}, "missed": {Body: "{again}"}},
			"xx": {"called": {Title: "x"}},
		}
	})
	var fields []string
	for _, w := range DefaultTexts().Check(c) {
		fields = append(fields, w.Field)
	}
	want := []string{"messages.id.calld", "messages.id.called.short", "messages.id.called.title", "messages.xx"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
	if wrong := DefaultTexts().Check(roundTheClock(t)); len(wrong) > 0 {
		t.Error(wrong)
	}
}

func TestThereIsASampleOfEveryText(t *testing.T) {
	texts, config := DefaultTexts(), roundTheClock(t)
	languages, kinds := texts.Keys()
	for _, lang := range languages {
		for _, kind := range kinds {
			s, ok := texts.Sample(config, lang, Kind(kind))
			if !ok || s.Preview.Title == "" || s.Preview.Short == "" || s.SMS.Parts != 1 || s.Own {
				t.Errorf("%s %s: %+v", lang, kind, s)
			}
		}
	}
	_, lang := texts.Sample(config, "xx", Called)
	if _, kind := texts.Sample(config, "id", "xx"); lang || kind {
		t.Error("there is a sample of nothing")
	}
}
