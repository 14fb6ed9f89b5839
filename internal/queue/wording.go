package queue

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// Wording is what an office tells people in its own words, with placeholders
// such as {number}. What is empty is said as everywhere.
type Wording struct {
	Title string `json:"title,omitempty" yaml:"title,omitempty"`
	Body  string `json:"body,omitempty" yaml:"body,omitempty"`
	Short string `json:"short,omitempty" yaml:"short,omitempty"` // of a short message
}

// The longest texts, in letters.
const (
	longestTitle = 120
	longestBody  = 1000
	longestShort = 480
	mostWordings = 500
)

// WithMessage returns a copy of the configuration that says one kind of message
// otherwise in a language; the empty wording says it as everywhere.
func (c *Config) WithMessage(language, kind string, w Wording) *Config {
	changed := *c
	changed.Messages = map[string]map[string]Wording{}
	for l, kinds := range c.Messages {
		changed.Messages[l] = maps.Clone(kinds)
	}
	if changed.Messages[language] == nil {
		changed.Messages[language] = map[string]Wording{}
	}
	changed.Messages[language][kind] = w
	if w == (Wording{}) {
		delete(changed.Messages[language], kind)
	}
	maps.DeleteFunc(changed.Messages, func(_ string, kinds map[string]Wording) bool { return len(kinds) == 0 })
	if len(changed.Messages) == 0 {
		changed.Messages = nil
	}
	return &changed
}

// checkMessages refuses texts that no phone would show. Which messages there
// are, and what they can be filled with, is the notifier's to say.
func (c *Config) checkMessages(bad func(field, format string, args ...any)) {
	count := 0
	for _, language := range slices.Sorted(maps.Keys(c.Messages)) {
		for _, kind := range slices.Sorted(maps.Keys(c.Messages[language])) {
			count++
			at, w := fmt.Sprintf("messages.%s.%s.", language, kind), c.Messages[language][kind]
			for _, part := range []struct {
				name, text string
				longest    int
			}{{"title", w.Title, longestTitle}, {"body", w.Body, longestBody}, {"short", w.Short, longestShort}} {
				if n := utf8.RuneCountInString(part.text); n > part.longest {
					bad(at+part.name, "has %d letters (at most %d)", n, part.longest)
				}
			}
		}
	}
	if count > mostWordings {
		bad("messages", "there are %d texts (at most %d)", count, mostWordings)
	}
}
