package notifier

import (
	"net/http"
	"net/url"
)

// Hears is a channel whose other side calls back, to say what became of
// messages. Hear does no I/O; it believes nobody who cannot prove who they are.
type Hears interface {
	Hear(Callback) (Answer, []Report)
}

// Callback is a request of the other side.
type Callback struct {
	Method string
	Query  url.Values
	Header http.Header
	Body   []byte // as it came, because signatures are over that
}

// Answer is what the other side gets, as plain text.
type Answer struct {
	Status int
	Body   string
}

// Report is the other side's word about one message that it took.
type Report struct {
	Office, Ticket, Event string // as the message had them
	Delivered             bool   // else it was taken and did not arrive
	Code                  string // why not
}
