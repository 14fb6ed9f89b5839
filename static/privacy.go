package static

import (
	"strings"
	"time"
)

// PrivacyPage is read by page "privacy" at /admin/privacy.
type PrivacyPage struct {
	AdminShell
	Person WhoForm
	Breach BreachForm
	Held   string // what is held about somebody, as it was asked for; "" nothing was
	Erase  bool   // ask once more before erasing
	Active bool   // the person is still expected
	Erased string // what was erased
	Looks  []Look
	Of     string   // only this account's looks
	Users  []string // who has looked
	Days   int      // how far back
	Kept   []Kept
	Again  Again
}

// WhoForm names a person: by NIK, the code of a ticket, or its id.
type WhoForm struct {
	By, Value, Office string
	Offices           []Tick
	Errors            map[string]string
}

// BreachForm asks whose data lay in the store at a time.
type BreachForm struct {
	Since, Until, Office string
	Errors               map[string]string
}

// Look is one time that somebody's data were looked at.
type Look struct {
	At      time.Time
	Office  string
	By      string
	What    string
	Numbers []string
	Count   int
}

// Kept is how long an office keeps what.
type Kept struct {
	ID, Name      string
	Personal, Log int // days
	Notice        string
	Own           bool // the notice is its own
}

// NoticePage is read by page "notice": an office's privacy notice and its
// version.
type NoticePage struct {
	AdminShell
	Version string
	Own     bool
	Texts   []NoticeText
	Key     string
	Errors  map[string]string

	Configured uint64 // version of the configuration that the form was made of
}

// NoticeText is the notice in one language.
type NoticeText struct{ Language, Text string }

// paragraphs are parted by empty lines.
func paragraphs(text string) []string { return strings.Split(strings.TrimSpace(text), "\n\n") }
