package static

import "time"

// StoryPage is read by page "story" at /admin/offices/{office}/log: a day of
// the log, in words. Its form GETs date, number, counter, officer and kind.
type StoryPage struct {
	AdminShell
	Action  string
	Date    string
	Day     time.Time
	Earlier string
	Later   string // "" when it lies ahead
	Raw     string // the same as JSON, "" if nothing happened
	Replay  string

	Number, Counter, Officer, Kind string // that it is narrowed to
	Narrowed                       bool
	Counters                       []StoryChoice
	Officers                       []string
	Kinds                          []string

	Lines         []StoryLine
	Found         int
	Sheet, Sheets int    // pages of lines
	Before, After string // pages
}

// StoryChoice is something that a story can be narrowed to.
type StoryChoice struct{ ID, Name string }

// TicketStoryPage is read by page "ticketstory" at
// /admin/offices/{office}/log/{ticket}: a ticket's life, from its booking on.
type TicketStoryPage struct {
	AdminShell
	Number string // its last
	Back   string // the day's story
	Days   []StoryDay
	Told   bool // what was sent is among the lines
}

// StoryDay is a date of a ticket's life.
type StoryDay struct {
	Day   time.Time
	URL   string // the day's story
	Lines []StoryLine
}

// StoryLine is one thing that happened.
type StoryLine struct {
	Message string // kind of the message, if one was sent; then Channel and Outcome tell of it
	Channel string
	Outcome string

	At      time.Time
	Number  string // of a ticket, or ""
	URL     string // the ticket's story
	Text    string
	Version uint64
}
