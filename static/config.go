package static

import (
	"slices"
	"time"
)

// ConfigPage is read by page "config" at /admin/offices/{office}/config?topic=:
// the office's configuration, topic by topic. Its form POSTs key, version, topic,
// do ("preview" or "save") and the fields by their names.
type ConfigPage struct {
	AdminShell
	Key     string
	Version uint64 // of the configuration that the fields are of
	Topic   string
	Topics  []string
	Groups  []ConfigGroup
	Others  []string // what is wrong elsewhere than at the fields shown
	Preview *ConfigPreview
	Month   []ConfigDay // of topic "hours": the next weeks, whole ones
}

// ConfigGroup is what belongs together: a service, a counter, or the only group
// of a topic (Name "").
type ConfigGroup struct {
	Name   string // what it is about, "" for the only one
	New    bool   // fields for one more
	Remove string // name of the box that takes it away, "" if it cannot be
	Gone   bool   // that box is ticked
	Fields []ConfigField
}

// ConfigField is one value. Key names its words, admin.field.<key> and
// admin.why.<key>.
type ConfigField struct {
	Name    string
	Key     string
	Kind    string // "text", "long", "number", "choice", "checks", "yes", "fixed"
	Label   string // said before the words of Key, "" for nothing
	Value   string
	Usual   string // what is taken where nothing is given
	Choices []ConfigChoice
	Wrong   bool
	Allowed string // what the program says is allowed, in English
}

// ConfigChoice is a value that can be chosen.
type ConfigChoice struct {
	Value, Words string
	Chosen       bool
}

// ConfigPreview is what a change would do.
type ConfigPreview struct {
	Changes []ConfigChange
	Lost    int // people whose hour would be there no more
	Columns []Text
	Days    []ConfigPreviewDay
	Turns   []ConfigTurn
}

// DaysDiffer reports whether any hours or places would be others.
func (p ConfigPreview) DaysDiffer() bool {
	return slices.ContainsFunc(p.Days, func(d ConfigPreviewDay) bool {
		return d.Was != d.Will || slices.ContainsFunc(d.Cells, func(c ConfigPreviewCell) bool { return c.Was != c.Will })
	})
}

// TurnsDiffer reports whether anybody would be called at another turn.
func (p ConfigPreview) TurnsDiffer() bool {
	return slices.ContainsFunc(p.Turns, func(t ConfigTurn) bool { return t.Differs })
}

// ConfigChange is one difference. From and To are as they would be written; Key
// names the field's words, "" if it has none.
type ConfigChange struct{ Field, Key, From, To string }

// ConfigPreviewDay is a day's hours and places before and after.
type ConfigPreviewDay struct {
	Day       time.Time
	Was, Will string // hours
	Cells     []ConfigPreviewCell
}

// ConfigPreviewCell is how many places a service has that day.
type ConfigPreviewCell struct{ Was, Will int }

// ConfigTurn is the n-th next call under the rules as they are and as they would
// be. A number is "" if there is none.
type ConfigTurn struct {
	Was, WasWhy   string
	Will, WillWhy string
	Differs       bool
}

// ConfigDay is a day of the calendar: its hours, or none.
type ConfigDay struct {
	Day   time.Time
	Hours []string
	Own   bool // a special day or a closure
	Today bool
}

// HistoryPage is read by page "history" at /admin/offices/{office}/config/history.
type HistoryPage struct {
	AdminShell
	Key     string
	Version uint64
	Entries []ConfigEntry
	More    bool // there are older ones
}

// ConfigEntry is one change of the configuration, newest first.
type ConfigEntry struct {
	Version uint64
	At      time.Time
	By      string
	Changes []ConfigChange
	First   bool // made the office
	Current bool
	Unknown bool // what it replaced is not known
}

// ConfigFilePage is read by page "configfile" at
// /admin/offices/{office}/config/file: a configuration as a file, in and out.
type ConfigFilePage struct {
	AdminShell
	Key     string
	Version uint64
	Text    string
	Errors  []string
	Preview *ConfigPreview
}

// NewOfficePage is read by page "newoffice" at /admin/new. Its form POSTs key,
// id, name and like (an office to be like).
type NewOfficePage struct {
	AdminShell
	Key   string
	Typed map[string]string
	Wrong map[string]string
	Like  []ConfigChoice
}
