package notifier

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"antrean/internal/queue"
)

const (
	// mostTries is how often one channel is tried for one notice before the next
	// channel is.
	mostTries = 6
	// The pause before the next try, from the first on.
	firstPause    = 2 * time.Second
	urgentPause   = 30 * time.Second // the longest of the urgent
	longestPause  = 10 * time.Minute
	claimLeftOver = 2 // a send must fit into its claim so many times
)

// contacts are how the people of tickets can be reached.
func (n *Notifier) contacts(ctx context.Context, office string, tickets []string) ([]Contact, error) {
	found, err := n.o.Vault.Reach(ctx, office, tickets...)
	if err != nil {
		return nil, err
	}
	all := make([]Contact, len(found))
	for i, r := range found {
		all[i] = Contact{Name: r.Person.Name, Phone: r.Person.Phone, Email: r.Person.Email, Push: r.Subscriptions, locale: r.Person.Locale}
	}
	return all, nil
}

// deliver makes one attempt and reports what became of it. What is over by now,
// what must wait, and what another node may take up at any moment is not sent.
func (n *Notifier) deliver(r *route, j *job) {
	outcome := n.attempt(r, j)
	outcome.task, outcome.Channel = j.task, j.Channel
	r.free(j.haste)
	j.done(outcome)
}

func (n *Notifier) attempt(r *route, j *job) result {
	now := n.o.Clock()
	left := j.Until.Sub(now)
	if n.steady.Err() != nil || left < claimLeftOver*n.o.SendFor {
		r.circuit.leave()
		return result{Outcome: Later, Next: now, Code: "let_go"}
	}
	ctx, cancel := context.WithTimeout(n.sending, n.o.SendFor)
	defer cancel()
	m, verdict, until, err := n.message(ctx, j)
	switch {
	case err != nil:
		r.circuit.leave()
		return result{Outcome: Later, Next: now.Add(firstPause), Code: "office_unavailable"}
	case verdict == Over:
		r.circuit.leave()
		return result{Outcome: over}
	case verdict == Hold:
		r.circuit.leave()
		return result{Outcome: Later, Next: now.Add(until), Code: "quiet_hours"}
	}
	receipt, err := r.Channel.Send(ctx, m)
	n.metrics.handover.WithLabelValues(r.name()).Observe(time.Since(j.arose).Seconds())
	if err == nil {
		r.circuit.end(time.Now(), true, 0)
		return result{Outcome: sent, Receipt: receipt.ID}
	}
	return n.failure(r, j, failureOf(err))
}

// failure decides what follows a failed attempt.
func (n *Notifier) failure(r *route, j *job, f *Failure) result {
	n.o.Log.Info("a notice was not handed over", "office", j.office, "ticket", j.Ticket, "event", j.Event,
		"channel", j.Channel, "attempt", j.Attempt, "error", f)
	now := n.o.Clock()
	if f.Outcome == Refused || f.Outcome == Gone {
		r.circuit.end(time.Now(), true, 0) // the channel works, the address does not
		return result{Outcome: f.Outcome, Next: now, Code: f.Code}
	}
	if f.Own {
		r.circuit.leave()
	} else {
		r.circuit.end(time.Now(), false, f.After)
	}
	if j.Attempt >= mostTries {
		return result{Outcome: spent, Next: now, Code: f.Code}
	}
	longest := longestPause
	if j.haste == urgent {
		longest = urgentPause
	}
	if f.Own {
		return result{Outcome: f.Outcome, Next: now.Add(f.After), Code: f.Code}
	}
	return result{Outcome: f.Outcome, Next: now.Add(max(backOff(firstPause, longest, j.Attempt-1), f.After)), Code: f.Code}
}

// message renders a job in the words of its person, as the office is now.
func (n *Notifier) message(ctx context.Context, j *job) (m Message, v Verdict, wait time.Duration, err error) {
	office, err := n.o.Offices.Office(ctx, j.office)
	if err != nil {
		return Message{}, Over, 0, err
	}
	now := n.o.Offices.Now()
	var f Facts
	office.Read(func(s *queue.State) { f, v = n.o.Rules.Check(s, j.Notice, now) })
	if v != Send {
		return Message{}, v, f.Hold.Sub(now), nil
	}
	locale := j.contact.locale
	if f.Ticket.Locale != "" {
		locale = f.Ticket.Locale
	}
	path := "/t/" + n.o.Ring.Token(j.office, f.Ticket.ID, f.Ticket.Link)
	m = Message{
		ID: digest(j.office, j.Ticket, j.Event, j.Channel), Office: j.office, Ticket: j.Ticket, Version: f.Version, Kind: f.Kind, Event: j.Event,
		To: j.contact, Number: f.Ticket.Number, Counter: f.Counter, Path: path,
		Urgency: UrgencyNormal, Expires: f.Expires, Topic: topic(j.office, j.Ticket, f.Kind),
	}
	if n.o.PublicURL != "" {
		m.URL = strings.TrimRight(n.o.PublicURL, "/") + path
		m.ShowURL = strings.TrimRight(n.o.PublicURL, "/") + "/t/" + n.o.Ring.ShowToken(j.office, f.Ticket.ID, f.Ticket.Link)
	}
	n.o.Texts.say(&m, f, locale, n.o.Ring.Code(j.office, f.Ticket.ID))
	if m.Calendar = appointment(f, j.office, m.Values["service"]); m.Calendar != nil {
		m.CheckIn = n.o.Ring.QRCode(j.office, f.Ticket.ID)
	}
	if f.Kind.haste() == urgent {
		m.Urgency = UrgencyHigh
	}
	// Channels count in real time, which a simulated office's is not.
	if !m.Expires.IsZero() {
		m.Expires = time.Now().Add(f.Expires.Sub(now))
	}
	return m, v, 0, nil
}

// topic is shared by messages of which only the last matters.
func topic(office, ticket string, k Kind) string {
	group := string(k)
	switch k {
	case NearTurn, Called, Recalled, Withdrawn, Missed, NoShow, Transferred:
		group = "turn"
	case Booked, Rescheduled, Moved, ChooseDay, DayHappens, Reminder:
		group = "appointment"
	}
	return digest(office, ticket, group)
}

// digest is 32 letters of base64url, of any number of words.
func digest(words ...string) string {
	h := sha256.New()
	for _, w := range words {
		h.Write([]byte(strconv.Itoa(len(w))))
		h.Write([]byte("/" + w))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:24])
}

// appointment is the hour for the person's own calendar, of kinds that tell a
// new one. It has the same id as the one that the ticket's page hands out.
func appointment(f Facts, office, service string) []byte {
	t := f.Ticket
	if t.Slot == nil || f.Kind != Booked && f.Kind != Rescheduled && f.Kind != Moved {
		return nil
	}
	c := ics.NewCalendar()
	c.SetMethod(ics.MethodPublish)
	c.SetProductId("-//Antrean//EN")
	e := c.AddEvent(t.ID + "@" + office + ".antrean")
	e.SetDtStampTime(t.Made.UTC())
	e.SetSequence(int(f.Version & 0x7fffffff)) // a later one replaces it
	e.SetStartAt(t.Slot.Start.UTC())
	e.SetEndAt(t.Slot.End.UTC())
	e.SetSummary(t.Number + " · " + f.Config.Name)
	e.SetLocation(f.Config.Address)
	e.SetDescription(service)
	return []byte(c.Serialize())
}
