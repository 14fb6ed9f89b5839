package notifier

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// Sample is a text as it would be said at an office to somebody who is made up.
type Sample struct {
	Language string
	Kind     Kind
	Text          // with its placeholders
	Own      bool // in the office's own words, in whole or in part
	// Placeholders are the names that the kind can fill.
	Placeholders []string
	Preview      Text
	SMS          SMSLength // of the preview's short message, without a link
	Template     string    // as WhatsApp wants it
}

// Keys are the languages and the kinds of messages that there are.
func (t Texts) Keys() (languages, kinds []string) {
	languages = slices.Sorted(maps.Keys(t))
	for _, k := range Kinds() {
		kinds = append(kinds, string(k))
	}
	return languages, kinds
}

// Sample shows a text of an office, if there is such a language and kind.
func (t Texts) Sample(c *queue.Config, lang string, kind Kind) (Sample, bool) {
	if t[lang] == nil || knownKinds([]Kind{kind}) != nil {
		return Sample{}, false
	}
	f := madeUp(c, kind)
	text, own := t.words(c, lang, f.Kind)
	s := Sample{Language: lang, Kind: f.Kind, Text: text, Own: own, Placeholders: Placeholders(f.Kind), Template: text.Template()}
	m := Message{Kind: f.Kind, To: Contact{Name: "Sri Wahyuni"}}
	t.say(&m, f, lang, "K7M2-XQ4T")
	s.Preview = Text{Title: m.Title, Body: m.Body, Short: m.Short}
	s.SMS = MeasureSMS(m.Short)
	return s, true
}

// Check finds what is wrong with an office's own texts: languages and kinds that
// do not exist, and placeholders that a message cannot fill.
func (t Texts) Check(c *queue.Config) (wrong []calendar.FieldError) {
	for _, lang := range slices.Sorted(maps.Keys(c.Messages)) {
		if t[lang] == nil {
			languages, _ := t.Keys()
			wrong = append(wrong, calendar.FieldError{Field: "messages." + lang, Message: fmt.Sprintf("%q is no language here %v", lang, languages)})
			continue
		}
		for _, kind := range slices.Sorted(maps.Keys(c.Messages[lang])) {
			at, own := "messages."+lang+"."+kind, Text(c.Messages[lang][kind])
			if err := knownKinds([]Kind{Kind(kind)}); err != nil {
				wrong = append(wrong, calendar.FieldError{Field: at, Message: err.Error()})
				continue
			}
			for part, text := range map[string]Text{"title": {Title: own.Title}, "body": {Body: own.Body}, "short": {Short: own.Short}} {
				if err := text.Check(Kind(kind)); err != nil {
					wrong = append(wrong, calendar.FieldError{Field: at + "." + part, Message: err.Error()})
				}
			}
		}
	}
	slices.SortFunc(wrong, func(a, b calendar.FieldError) int { return slices.Compare([]string{a.Field}, []string{b.Field}) })
	return wrong
}

// words are what an office says in a language: its own words where it has some
// that can be filled, else those of everybody.
func (t Texts) words(c *queue.Config, lang string, kind Kind) (text Text, own bool) {
	text = t[lang].kinds[kind]
	if c == nil {
		return text, false
	}
	its, ok := c.Messages[lang][string(kind)]
	if !ok || Text(its).Check(kind) != nil {
		return text, false
	}
	if its.Title != "" {
		text.Title = its.Title
	}
	if its.Body != "" {
		text.Body = its.Body
	}
	if its.Short != "" {
		text.Short = its.Short
	}
	return text, true
}

// madeUp is a visit of which everything can be told.
func madeUp(c *queue.Config, kind Kind) Facts {
	slot := time.Date(2026, 11, 25, 9, 30, 0, 0, c.Calendar().Zone())
	service, stage := c.Services[0], c.Stages[0].ID
	if n := len(service.Stages); n > 0 {
		stage = service.Stages[n-1]
	}
	hour := calendar.Interval{Start: slot, End: slot.Add(time.Hour)}
	f := Facts{
		Kind: kind, Config: c, Counter: "Loket 12", Ahead: 5, Minutes: 15,
		Ticket: &queue.Ticket{
			ID: "sample", Number: service.Prefix + "-012", Service: service.ID, Stage: stage, Fee: service.Fee,
			Slot: &hour, ArriveBy: slot.Add(30 * time.Minute), MovedFrom: slot.Add(-24 * time.Hour), PaymentDue: slot.Add(-20 * time.Hour),
			NotBefore: slot.Add(10 * time.Minute), Ready: slot, Offer: &queue.Offer{Slot: hour, Expires: slot.Add(5 * time.Minute)},
		},
	}
	if len(c.Counters) > 0 {
		f.Counter = c.Counters[len(c.Counters)-1].Name
	}
	return f
}
