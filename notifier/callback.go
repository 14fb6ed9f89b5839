package notifier

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"antrean/internal/ledger"
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

// Hear answers the other side of a channel. What it reports is written down
// before it is answered: asked to come again, it does.
func (n *Notifier) Hear(ctx context.Context, channel string, c Callback) Answer {
	r := n.routeOf(channel)
	if r == nil {
		return Answer{Status: http.StatusNotFound}
	}
	hears, ok := r.Channel.(Hears)
	if !ok {
		return Answer{Status: http.StatusNotFound}
	}
	answer, reports := hears.Hear(c)
	offices := map[string][]result{}
	for _, told := range reports {
		t := task{Notice: Notice{Ticket: told.Ticket, Event: told.Event}}
		if r.Always {
			t.Via = channel
		}
		outcome := undelivered
		if told.Delivered {
			outcome = delivered
		}
		offices[told.Office] = append(offices[told.Office], result{task: t, Channel: channel, Outcome: outcome, Code: told.Code})
	}
	for office, results := range offices {
		f, err := n.file(ctx, office)
		if errors.Is(err, ledger.ErrNoOffice) {
			continue // it was removed since
		}
		if err == nil {
			err = f.report(ctx, results)
		}
		if err != nil {
			n.o.Log.Warn("reports of delivery were not written down", "office", office, "channel", channel, "error", err)
			return Answer{Status: http.StatusServiceUnavailable}
		}
	}
	return answer
}

// routeOf is the route of that name, or nil.
func (n *Notifier) routeOf(channel string) *route {
	for _, r := range n.routes {
		if r.name() == channel {
			return r
		}
	}
	return nil
}
