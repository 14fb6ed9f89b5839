// Package trace tells what a log says as lines that people read. It is pure:
// it is given the events and keeps no clock. It tells numbers, counters and
// accounts, and nothing about the people who came.
package trace

import (
	"fmt"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// Languages are those that a story can be told in, the usual one first.
var Languages = [...]string{"id", "en"}

// Line is one thing that happened to one ticket, or to a counter, a day or the
// office as a whole.
type Line struct {
	At     time.Time     // in the office's zone
	Ticket string        // id; empty when no ticket is meant
	Number string        // of the ticket
	Date   calendar.Date // of the ticket's visit
	Text   string

	Version uint64 // of the event
	Kind    string // of the event, its name in the log
	By      string // account, "applicant", "system", or ""
	Counter string // id; empty when none is meant
}

// String is the line as it is printed: time of day, number, what happened.
func (l Line) String() string {
	number := l.Number
	if number == "" {
		number = "-"
	}
	return fmt.Sprintf("%s  %-5s  %s", l.At.Format("15:04:05"), number, l.Text)
}

// Day is the date of the office on which it happened.
func (l Line) Day() calendar.Date { return calendar.DateOf(l.At, l.At.Location()) }

// Heading announces a date in the language.
func Heading(date calendar.Date, language string) string {
	names := [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}
	if language == "en" {
		return fmt.Sprintf("%s, %s", date.Weekday(), date)
	}
	return fmt.Sprintf("%s, %s", names[date.Weekday()], date)
}

// Teller tells the events of one office in their order.
type Teller struct {
	state   *queue.State
	english bool
	held    []Line // told before the office's zone is known

	now   time.Time // of the event being told, in the office's zone
	by    string
	lines []Line
}

// New is a teller at the beginning of an office's log. language is one of
// Languages. config is what the office is like when the log says nothing of it
// because its beginning is gone; nil otherwise.
func New(office, language string, config *queue.Config) *Teller {
	s := queue.NewState(office)
	s.Config = config
	return &Teller{state: s, english: language == "en"}
}

// From is a teller who knows the office as it was after a state, which is the
// teller's own from now on.
func From(state *queue.State, language string) *Teller {
	return &Teller{state: state, english: language == "en"}
}

// Tell folds an event and returns its lines, at least one. Lines of events
// before the office's first configuration come with it.
func (t *Teller) Tell(version uint64, e *queue.Event) []Line {
	t.lines, t.by = nil, e.By
	t.now = e.At.In(t.zone())
	t.tell(e.Fact)
	for i := range t.lines {
		t.lines[i].Version, t.lines[i].Kind, t.lines[i].By, t.lines[i].Counter = version, e.Type(), e.By, counterOf(e.Fact)
	}
	if version != t.state.Version+1 {
		t.state.Version = version - 1 // the log has a gap; the story goes on
	}
	_ = t.state.Apply(version, e) // the version is the next one now
	if t.state.Config == nil {
		t.held = append(t.held, t.lines...)
		return nil
	}
	lines := append(t.held, t.lines...)
	t.held = nil
	for i := range lines {
		lines[i].At = lines[i].At.In(t.zone())
	}
	return lines
}

// Knows is a ticket as it is after what was told; nil when the office has it no
// more, or not yet.
func (t *Teller) Knows(ticket string) *queue.Ticket { return t.state.Tickets[ticket] }

// Unknown tells that an event is of a newer release.
func (t *Teller) Unknown(at time.Time, kind string) Line {
	return Line{At: at.In(t.zone()), Text: fmt.Sprintf(t.in("peristiwa %q dari rilis yang lebih baru", "event %q of a newer release"), kind)}
}

func (t *Teller) zone() *time.Location {
	if t.state.Config == nil {
		return time.UTC
	}
	return t.state.Config.Calendar().Zone()
}

// in chooses the language.
func (t *Teller) in(indonesian, english string) string {
	if t.english {
		return english
	}
	return indonesian
}

// say adds a line about the office, a day or a counter.
func (t *Teller) say(indonesian, english string, args ...any) {
	t.about(nil, indonesian, english, args...)
}

// of adds a line about a ticket.
func (t *Teller) of(id string, indonesian, english string, args ...any) {
	ticket := t.state.Tickets[id]
	if ticket == nil {
		ticket = &queue.Ticket{ID: id, Number: "?"}
	}
	t.about(ticket, indonesian, english, args...)
}

func (t *Teller) about(ticket *queue.Ticket, indonesian, english string, args ...any) {
	l := Line{At: t.now, Text: fmt.Sprintf(t.in(indonesian, english), args...) + t.actor()}
	if ticket != nil {
		l.Ticket, l.Number, l.Date = ticket.ID, ticket.Number, ticket.Date
	}
	t.lines = append(t.lines, l)
}

// actor says who did it.
func (t *Teller) actor() string {
	switch t.by {
	case "":
		return ""
	case "applicant":
		return t.in(" oleh pemohon", " by the applicant")
	case "system":
		return t.in(" secara otomatis", " by the system")
	case "(console)":
		return t.in(" dari baris perintah", " from the command line")
	}
	return t.in(" oleh ", " by ") + t.by
}

// counterOf is where something was done.
func counterOf(fact queue.Fact) string {
	switch f := fact.(type) {
	case *queue.TicketsCalled:
		return f.Counter
	case *queue.TicketsRecalled:
		return f.Counter
	case *queue.ServingBegan:
		return f.Counter
	case *queue.TicketsCompleted:
		return f.Counter
	case *queue.TicketsMissed:
		return f.Counter
	case *queue.TicketsParked:
		return f.Counter
	case *queue.ActUndone:
		return f.Counter
	case *queue.CounterChanged:
		return f.Counter
	}
	return ""
}
