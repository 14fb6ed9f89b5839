package notifier

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"antrean/internal/queue"
)

// ChannelState is a channel as an administrator sees it. The rest it takes and
// its rate are this node's, the figures those of all offices and nodes.
type ChannelState struct {
	Name    string
	Type    string
	Fault   string    // why it is left out; "" if it is configured well
	Resting time.Time // until then nothing is given to it; zero: it works
	Always  bool
	Offices []string // none: all
	Kinds   []Kind   // none: all
	Rate    queue.Rate
	Hears   bool // the other side tells here what became of messages

	Today Figures // since midnight, UTC
	Month Figures // of 31 days
}

// Channels are the state of all channels, in the order in which people are
// tried to be reached; those that are configured wrongly last.
func (n *Notifier) Channels(ctx context.Context) ([]ChannelState, error) {
	ids, err := n.o.Offices.IDs(ctx)
	if err != nil {
		return nil, err
	}
	today, month := map[string]*Figures{}, map[string]*Figures{}
	now := n.o.Clock()
	for _, id := range ids {
		f, err := n.file(ctx, id)
		if err != nil {
			return nil, err
		}
		err = f.look(ctx, func(b *book) {
			b.Tally.since(now, today)
			b.Tally.since(now.AddDate(0, 0, -keptTally+1), month)
		})
		if err != nil {
			return nil, err
		}
	}
	var all []ChannelState
	for _, r := range n.routes {
		s := ChannelState{Name: r.name(), Type: r.Type, Always: r.Always, Offices: r.Offices, Kinds: r.Kinds, Rate: r.Rate}
		if until, resting := r.circuit.resting(time.Now()); resting {
			s.Resting = until
		}
		_, s.Hears = r.Channel.(Hears)
		all = append(all, s)
	}
	for _, f := range n.o.Faults {
		all = append(all, ChannelState{Name: f.Channel, Type: f.Type, Fault: f.Message})
	}
	for i := range all {
		if f := today[all[i].Name]; f != nil && all[i].Fault == "" {
			all[i].Today = *f
		}
		if f := month[all[i].Name]; f != nil && all[i].Fault == "" {
			all[i].Month = *f
		}
	}
	return all, nil
}

// The refusals of Test.
var (
	ErrNoChannel = errors.New("there is no such channel")
	ErrNoAddress = errors.New("the channel has no use for this address")
	ErrTooOften  = errors.New("the channel's rate is used up")
)

// TestTo is where a test goes: to an address, or to whoever holds a ticket.
type TestTo struct {
	Phone, Email   string
	Office, Ticket string
	Locale         string
}

// Tested is how a test ended.
type Tested struct {
	Outcome Outcome // "sent", or one of an attempt that failed
	Code    string
	Took    time.Duration
}

// Test sends a message over one channel, whether it rests or not. It is not
// tried again and not written down. It refuses with ErrNoChannel, ErrNoAddress
// or ErrTooOften.
func (n *Notifier) Test(ctx context.Context, channel string, to TestTo) (Tested, error) {
	r := n.routeOf(channel)
	if r == nil {
		return Tested{}, ErrNoChannel
	}
	contact := Contact{Phone: to.Phone, Email: to.Email}
	if to.Ticket != "" {
		found, err := n.contacts(ctx, to.Office, []string{to.Ticket})
		if err != nil {
			return Tested{}, err
		}
		contact = found[0]
	}
	if !r.Channel.Reaches(contact) {
		return Tested{}, ErrNoAddress
	}
	if !r.limit.Allow() {
		return Tested{}, ErrTooOften
	}
	m := Message{
		ID: rand.Text(), Office: to.Office, Ticket: to.Ticket, Kind: TestMessage, To: contact,
		Urgency: UrgencyHigh, Expires: time.Now().Add(time.Hour),
	}
	n.o.Texts.say(&m, Facts{Kind: TestMessage}, to.Locale, "")
	ctx, cancel := context.WithTimeout(ctx, n.o.SendFor)
	defer cancel()
	began := time.Now()
	_, err := r.Channel.Send(ctx, m)
	done := Tested{Outcome: sent, Took: time.Since(began)}
	if err != nil {
		f := failureOf(err)
		done.Outcome, done.Code = f.Outcome, f.Code
	}
	return done, nil
}

// Dead is a message that reached nobody, by any channel.
type Dead struct {
	ID     string // by which Retry knows it
	Ticket string
	Kind   Kind
	Last   string // the last channel that was tried
	Code   string // why that gave up
	At     time.Time
}

func (d dead) id(office string) string { return digest(office, d.Ticket, d.Event, d.Via) }

// Dead are an office's messages that reached nobody, the newest first; the last
// 200 are kept.
func (n *Notifier) Dead(ctx context.Context, office string) ([]Dead, error) {
	f, err := n.file(ctx, office)
	if err != nil {
		return nil, err
	}
	var all []Dead
	err = f.look(ctx, func(b *book) {
		for _, d := range slices.Backward(b.Dead) {
			all = append(all, Dead{ID: d.id(office), Ticket: d.Ticket, Kind: d.Kind(), Last: d.Last, Code: d.Code, At: d.At})
		}
	})
	return all, err
}

// Retry tries messages once more that reached nobody, by all channels; all of
// them if ids is nil. It says how many there were. What is over by now will end
// without being sent. The notice log keeps who asked for it.
func (n *Notifier) Retry(ctx context.Context, office, by string, ids []string) (int, error) {
	f, err := n.file(ctx, office)
	if err != nil {
		return 0, err
	}
	l, err := f.write(ctx, func(b *book) line {
		l := line{By: by}
		for _, d := range b.Dead {
			if ids == nil || slices.Contains(ids, d.id(office)) {
				l.Held = append(l.Held, held{d.task, n.o.Clock()})
			}
		}
		return l
	})
	if err != nil {
		return 0, err
	}
	if len(l.Held) > 0 {
		n.o.Log.Info("notices are tried again", "office", office, "user", by, "count", len(l.Held))
	}
	return len(l.Held), nil
}
