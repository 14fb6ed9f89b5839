package static

import (
	"slices"
	"time"
)

// Channel is one way by which people are told, as an administrator sees it.
type Channel struct {
	Name    string         `json:"name"`
	Type    string         `json:"type"`
	State   string         `json:"state"` // "works", "resting", "faulty"
	Fault   string         `json:"fault,omitempty"`
	Resting *time.Time     `json:"resting_until,omitempty"`
	Always  bool           `json:"always"` // told besides the others, not instead of one
	Offices []string       `json:"offices,omitempty"`
	Kinds   []string       `json:"kinds,omitempty"`
	Reports bool           `json:"reports"` // tells what arrived, at /hooks/{name}
	Today   ChannelFigures `json:"today"`   // since midnight, UTC
	Month   ChannelFigures `json:"month"`   // of 31 days
}

// ChannelFigures count what became of messages.
type ChannelFigures struct {
	Sent        int `json:"sent"`        // taken by the other side
	Delivered   int `json:"delivered"`   // of these, as far as it tells: arrived
	Undelivered int `json:"undelivered"` // of these: did not
	Repeated    int `json:"repeated"`    // attempts that had to be made again
	Failed      int `json:"failed"`      // given up on this channel
}

// ChannelTested is how a test ended.
type ChannelTested struct {
	Outcome string `json:"outcome"` // "sent", or why not: "later", "refused", "gone", "unknown"
	Code    string `json:"code,omitempty"`
	Millis  int64  `json:"milliseconds"`
}

// DeadLetter is a message that reached nobody, by any channel.
type DeadLetter struct {
	ID      string    `json:"id"`
	Ticket  string    `json:"ticket"` // id
	Kind    string    `json:"kind"`
	Channel string    `json:"channel"` // that was tried last
	Code    string    `json:"code"`    // why that gave up
	At      time.Time `json:"at"`
}

// ChannelsPage is read by page "channels" at /admin/channels. Each channel's
// form POSTs phone or email to /admin/channels/{channel}/test.
type ChannelsPage struct {
	AdminShell
	Channels []Channel
	Test     ChannelTest
}

// ChannelTest is what was typed to test a channel, and what came of it.
type ChannelTest struct {
	Channel      string // "" before any was tested
	Phone, Email string
	Done         *ChannelTested
	Wrong        string // words for what is wrong with what was typed
}

// MessagesPage is read by page "messages" at /admin/offices/{office}/messages:
// messages that reached nobody, and all that one ticket was told. Its buttons
// POST id (none: all) to …/messages/retry.
type MessagesPage struct {
	AdminShell
	Dead   []DeadMessage
	Asked  string // number, code or id of the ticket that was asked for
	Number string // of the ticket that was found, "" if none
	Told   []ToldMessage
}

// DeadMessage is a dead letter with its ticket's number.
type DeadMessage struct {
	DeadLetter
	Number string // "" when the ticket is forgotten
}

// ToldMessage is one message about a ticket and what became of it.
type ToldMessage struct {
	At      time.Time
	Kind    string
	Channel string
	Outcome string
}

// Reachable is whether a channel's test takes what sort of address: "phone",
// "email", or "" where it goes to a browser or another program.
func (c Channel) Reachable() string {
	switch {
	case c.Type == "mail":
		return "email"
	case slices.Contains([]string{"whatsapp", "gateway"}, c.Type):
		return "phone"
	}
	return ""
}

// ChannelRow is a line of a channel's figures; Span names its words.
type ChannelRow struct {
	Span    string
	Reports bool
	ChannelFigures
}

// Rows are a channel's figures, as a table.
func (c Channel) Rows() []ChannelRow {
	return []ChannelRow{{"today", c.Reports, c.Today}, {"month", c.Reports, c.Month}}
}
