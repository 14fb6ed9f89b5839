package queue

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// Privacy is what an office tells applicants about their data before they book.
// Without a version it is the built-in text.
type Privacy struct {
	Version string `json:"version,omitempty" yaml:"version,omitempty"`
	Text    Text   `json:"text,omitempty" yaml:"text,omitempty"`
}

// BuiltInNotice is the version of the built-in text; it changes when the text
// does.
const BuiltInNotice = "antrean-1"

const longestNotice = 8000 // letters

var noticeVersion = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)

// NoticeVersion is that of the text which applicants read now.
func (c *Config) NoticeVersion() string {
	if c.Privacy.Version == "" {
		return BuiltInNotice
	}
	return c.Privacy.Version
}

func (c *Config) checkPrivacy(bad func(field, format string, args ...any)) {
	p := c.Privacy
	switch {
	case p.Version == "" && len(p.Text) == 0:
		return
	case !noticeVersion.MatchString(p.Version) || p.Version == BuiltInNotice:
		bad("privacy.version", "%q is no version (1 to 40 letters, digits, dots and dashes, and not %s)", p.Version, BuiltInNotice)
	}
	if len(p.Text) == 0 {
		bad("privacy.text", "is missing")
	}
	for language, text := range p.Text {
		if n := utf8.RuneCountInString(text); n == 0 || n > longestNotice {
			bad(fmt.Sprintf("privacy.text.%s", language), "has %d letters (1 to %d)", n, longestNotice)
		}
	}
}
