// Package notifier reaches people who are not looking: it reads what happens at
// an office, decides what is said to whom and when, claims each message in the
// office's notice log so that one node alone sends it, and hands it to a
// channel. Nothing here ever stands in the way of a press of Next.
package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"antrean/internal/vault"
)

// Channel is one way to reach people: a push service, a gateway, a mail server,
// another program. Send is called from several goroutines.
type Channel interface {
	// Name is the channel's name in the configuration, the notice log and metrics.
	Name() string
	// Reaches says whether the channel has an address for this person. It does
	// no I/O. A channel that tells programs, not people, reaches everybody.
	Reaches(Contact) bool
	// Send hands the message over and returns what the other side called it. It
	// gives up when ctx ends. An error that is no *Failure counts as Later:
	// nothing was handed over, and trying again may help.
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Receipt is what a message is called on the other side, for reports of its
// delivery; it may be empty. It must not hold an address or a name.
type Receipt struct {
	ID string
}

// Contact is how one person can be reached. It prints as a placeholder.
type Contact struct {
	Name  string
	Phone string // E.164: +6281234567890
	Email string
	Push  []vault.Subscription

	locale string // that the person chose
}

// String hides the contact, so that none slips into a log.
func (Contact) String() string { return "[contact]" }

// GoString hides the contact.
func (Contact) GoString() string { return "[contact]" }

// LogValue hides the contact.
func (Contact) LogValue() slog.Value { return slog.StringValue("[contact]") }

// Kind is what a message says.
type Kind string

// What people are told.
const (
	Booked      Kind = "booked"       // an hour was booked
	Rescheduled Kind = "rescheduled"  // another hour was chosen, or taken from standby
	Reminder    Kind = "reminder"     // the appointment comes near
	PaymentDue  Kind = "payment_due"  // the fee is to be paid soon
	Offer       Kind = "offer"        // an earlier place is kept for a few minutes
	NearTurn    Kind = "near_turn"    // about N ahead
	Called      Kind = "called"       // to a counter
	Recalled    Kind = "recalled"     // called once more
	Withdrawn   Kind = "withdrawn"    // the call was a mistake
	Missed      Kind = "missed"       // not there when called; will be called again
	NoShow      Kind = "no_show"      // not there; how to return
	Transferred Kind = "transferred"  // waits at the next stage
	Moved       Kind = "moved"        // the office closed the day: another hour was found
	ChooseDay   Kind = "choose_day"   // the office closed the day: choose another
	DayHappens  Kind = "day_happens"  // after all: they need not choose
	DayOver     Kind = "day_over"     // the day ended before their turn
	Ready       Kind = "ready"        // the passport can be picked up
	PickupEnds  Kind = "pickup_ends"  // and will not be kept much longer
	TestMessage Kind = "test_message" // an administrator asked for it
)

// Kinds are all of them, as a list for configuration and texts.
func Kinds() []Kind {
	return []Kind{Booked, Rescheduled, Reminder, PaymentDue, Offer, NearTurn, Called, Recalled, Withdrawn, Missed,
		NoShow, Transferred, Moved, ChooseDay, DayHappens, DayOver, Ready, PickupEnds, TestMessage}
}

// Urgency is how soon a message must show, as RFC 8030 names it.
type Urgency string

// The urgencies in use.
const (
	UrgencyHigh   Urgency = "high"   // worth waking a phone: calls, offers
	UrgencyNormal Urgency = "normal" // everything else
)

// Message is one thing said to one person by one channel, rendered in their
// language. It holds personal data and is never stored or logged.
type Message struct {
	ID      string // the same for every attempt; may serve as an idempotency key
	Office  string
	Ticket  string // the ticket's id
	Version uint64 // of the office's state that the words were made from
	Kind    Kind
	Event   string // the kind and what makes it one of its kind, as in the notice log
	To      Contact
	Locale  string // of the words: "id", "en"

	Number  string // "A-012"
	Counter string // where to go, while called: "Loket 3"
	Title   string
	Body    string // plain text, no link in it
	// Short is all of it as a short message, in its letters as far as the language
	// has them, with ShowURL at its end if there is one. MeasureSMS tells its parts.
	Short   string
	Path    string // of the ticket on this server
	URL     string // the same with the public URL before it; "" without one. It opens the ticket and may act on it
	ShowURL string // opens the ticket and may only show it, for carriers that others read along; may be ""

	// Values are the texts' placeholders by name (number, counter, office, date,
	// time, minutes, …), for templates that the other side keeps.
	Values map[string]string
	// Parameters are those of title and body in the order in which they first
	// stand there, as Text.Template numbers them.
	Parameters []string
	Links      []Link // the ticket first; they open it and may act on it, so they are for its person's own channels
	Foot       string // under a mail
	CheckIn    string // what the ticket's QR code holds, of kinds that show it; or ""
	Calendar   []byte // the appointment as text/calendar, or nil

	Urgency Urgency
	Expires time.Time // useless from then on
	// Topic is the same for messages of which only the last matters (a call, its
	// recall and its withdrawal): at most 32 of base64url's letters (RFC 8030).
	Topic string
}

// String hides the message, so that none slips into a log.
func (m Message) String() string { return "[message " + string(m.Kind) + "]" }

// GoString hides the message.
func (m Message) GoString() string { return m.String() }

// LogValue hides the message.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// Outcome says what became of an attempt.
type Outcome string

// The outcomes of an attempt that failed.
const (
	Later   Outcome = "later"   // nothing was handed over; trying again may help
	Refused Outcome = "refused" // will never be taken: a wrong address, a rejected template
	Gone    Outcome = "gone"    // the address is no more; it is forgotten
	Unknown Outcome = "unknown" // the answer was lost: it may have arrived. Tried again
)

// Failure is why a message was not handed over. Its text is logged and kept in
// the notice log: it must not hold an address, a name, or the other side's
// whole answer.
type Failure struct {
	Outcome Outcome
	// After is how long the other side asks to be left alone, for Later; 0: it
	// did not say. The whole channel rests so long.
	After time.Duration
	// Own says that the channel itself held the message back and asked nothing
	// of the other side: After is for this message alone then.
	Own bool
	// Code is a short word for counting and for the administrator's page:
	// "429", "timeout", "template_paused".
	Code string
	Err  error
}

// Error tells the outcome, the code and the cause.
func (f *Failure) Error() string {
	text := string(f.Outcome)
	if f.Code != "" {
		text += " (" + f.Code + ")"
	}
	if f.Err != nil {
		text += ": " + f.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Fail makes a Failure.
func Fail(outcome Outcome, code, format string, args ...any) *Failure {
	return &Failure{Outcome: outcome, Code: code, Err: fmt.Errorf(format, args...)}
}

// failureOf reads any error of Send as a Failure.
func failureOf(err error) *Failure {
	var f *Failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Outcome: Unknown, Code: "timeout", Err: err}
	case errors.Is(err, context.Canceled): // this node ends
		return &Failure{Outcome: Unknown, Code: "cut_short", Err: err}
	}
	return &Failure{Outcome: Later, Code: "failed", Err: err}
}
