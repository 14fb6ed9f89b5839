package notifier

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"antrean/internal/ledger"
)

// The notice log of an office is a log of its own, beside the office's: each
// line says what one node did in one step. It holds ticket ids, kinds and
// channels; no name, address or words.
type line struct {
	Schema int       `json:"v"`
	At     time.Time `json:"at"` // the store's time
	Node   string    `json:"node"`
	// Seen moves how far the office's log has been read, by haste: in the same
	// line as the claims of what arose there, so that nothing is claimed twice.
	Seen    map[haste]mark `json:"seen,omitempty"`
	By      string         `json:"by,omitempty"` // who had Held tried again
	Held    []held         `json:"held,omitempty"`
	Claims  []claim        `json:"claims,omitempty"`
	Results []result       `json:"results,omitempty"`
}

// lineSchema is what this release writes. It sends nothing for an office whose
// notice log holds a newer one.
const lineSchema = 1

// logOf names an office's notice log; no office has such an id.
func logOf(office string) string { return office + ":notices" }

// LogOf names it for those who copy a store.
func LogOf(office string) string { return logOf(office) }

// mark is a place in the office's log: after a version, and so many notices
// into the event that follows it.
type mark struct {
	After uint64 `json:"after"`
	Tag   string `json:"tag,omitempty"` // of the entry at After
	Taken int    `json:"taken,omitempty"`
}

// task is what is claimed: one notice on one way. Via is empty for the person's
// own channels, of which one will do, and names a channel that is told always.
type task struct {
	Notice
	Via string `json:"via,omitempty"`
}

// held is a task that waits: for the end of the night, or for a channel that
// rests.
type held struct {
	task
	Next time.Time `json:"next"`
}

// claim is a task that the line's node will try until a deadline.
type claim struct {
	task
	Channel string    `json:"c"`
	Attempt int       `json:"n"`
	Until   time.Time `json:"until"`
}

// result is what became of a claim.
type result struct {
	task
	Channel string `json:"c"`
	// Outcome is "sent", "over" or "failed", which end the task; "later" and
	// "unknown", which repeat it at Next; or "refused", "gone" and "spent", after
	// which the next channel is tried. The other side may tell more about what was
	// sent: "delivered", or "undelivered", after which the next channel is tried.
	Outcome Outcome   `json:"o"`
	Next    time.Time `json:"next,omitzero"`
	Code    string    `json:"code,omitempty"`
	Receipt string    `json:"receipt,omitempty"`
}

// The outcomes that only the notice log knows.
const (
	sent   Outcome = "sent"
	over   Outcome = "over"   // there was nothing left to say
	failed Outcome = "failed" // no channel is left
	spent  Outcome = "spent"  // this channel was tried often enough

	delivered   Outcome = "delivered"   // the other side says that it arrived
	undelivered Outcome = "undelivered" // the other side took it and says that it did not
)

// open is a task that has no end yet.
type open struct {
	Channel string    `json:"c,omitempty"` // claimed; "" between claims
	Until   time.Time `json:"until,omitzero"`
	Next    time.Time `json:"next,omitzero"`
	Attempt int       `json:"n,omitempty"`    // on the last channel
	Last    string    `json:"last,omitempty"` // the last channel
	Spent   []string  `json:"spent,omitempty"`
}

// dead is a task that failed on every channel.
type dead struct {
	task
	At   time.Time `json:"at"`
	Code string    `json:"code"`
	Last string    `json:"last,omitempty"` // the last channel
}

// awaited is a message of which a report may come.
type awaited struct {
	Channel string    `json:"c"`
	At      time.Time `json:"at"`
}

const (
	keptDead = 200
	// keptAwaited is how long a report may take that makes a difference.
	keptAwaited = 24 * time.Hour
	// keptTold is how long it is remembered that time's notices were told. They
	// stop arising long before.
	keptTold = 40 * 24 * time.Hour
)

// book is the fold of a notice log.
type book struct {
	Seen map[haste]mark     `json:"seen"`
	Open map[task]*open     `json:"-"`
	Told map[task]time.Time `json:"-"` // when, for what time brings
	Dead []dead             `json:"dead"`
	At   time.Time          `json:"at"`
	// Awaited are messages that were sent by channels that tell what became of them.
	Awaited map[task]awaited `json:"-"`
	Tally   tally            `json:"tally"`
}

func newBook() *book {
	return &book{Seen: map[haste]mark{}, Open: map[task]*open{}, Told: map[task]time.Time{}, Awaited: map[task]awaited{}, Tally: tally{}}
}

func readLine(data []byte) (line, error) {
	var l line
	if err := json.Unmarshal(data, &l); err != nil {
		return line{}, fmt.Errorf("read notice line: %w", err)
	}
	if l.Schema > lineSchema {
		return line{}, fmt.Errorf("read notice line: schema %d is from a newer release", l.Schema)
	}
	return l, nil
}

// apply folds one line.
func (b *book) apply(data []byte) error {
	l, err := readLine(data)
	if err != nil {
		return err
	}
	b.At = l.At
	for h, m := range l.Seen {
		b.Seen[h] = m
	}
	for _, h := range l.Held {
		b.tell(h.task, l.At)
		b.Dead = slices.DeleteFunc(b.Dead, func(d dead) bool { return d.task == h.task })
		o := b.at(h.task)
		o.Channel, o.Until, o.Next = "", time.Time{}, h.Next
	}
	for _, c := range l.Claims {
		b.tell(c.task, l.At)
		o := b.at(c.task)
		o.Channel, o.Last, o.Attempt, o.Until, o.Next = c.Channel, c.Channel, c.Attempt, c.Until, time.Time{}
	}
	for _, r := range l.Results {
		b.settle(r, l.At)
	}
	return nil
}

func (b *book) tell(t task, at time.Time) {
	if t.timely() {
		b.Told[t] = at
	}
}

func (b *book) at(t task) *open {
	o := b.Open[t]
	if o == nil {
		o = &open{}
		b.Open[t] = o
	}
	return o
}

// settle folds a result. A late one, of a claim that was taken over since,
// counts only when it is an end.
func (b *book) settle(r result, at time.Time) {
	b.Tally.count(r, at)
	if r.Outcome == sent && r.Receipt != "" {
		b.Awaited[r.task] = awaited{r.Channel, at}
	}
	o := b.Open[r.task]
	switch {
	case r.Outcome == delivered:
		delete(b.Awaited, r.task)
		delete(b.Open, r.task) // the answer was lost, and it did arrive
	case r.Outcome == undelivered:
		b.reopen(r, at)
	case o == nil:
	case r.Outcome == sent || r.Outcome == over:
		delete(b.Open, r.task)
	case r.Outcome == failed:
		delete(b.Open, r.task)
		b.Dead = append(b.Dead, dead{r.task, at, r.Code, r.Channel})
		b.Dead = b.Dead[max(0, len(b.Dead)-keptDead):]
	case o.Channel != r.Channel:
	case r.Outcome == Later || r.Outcome == Unknown:
		o.Channel, o.Until, o.Next = "", time.Time{}, r.Next
	default:
		o.Channel, o.Until, o.Next, o.Attempt = "", time.Time{}, r.Next, 0
		if !slices.Contains(o.Spent, r.Channel) {
			o.Spent = append(o.Spent, r.Channel)
		}
	}
}

// reopen lets the next channel try what did not arrive.
func (b *book) reopen(r result, at time.Time) {
	if !b.awaits(r, at) {
		return
	}
	delete(b.Awaited, r.task)
	o := b.at(r.task)
	o.Last = r.Channel
	o.Spent = append(o.Spent, r.Channel)
}

// awaits says whether a report makes a difference: it is about the message by
// which the task ended, or about one whose answer was lost.
func (b *book) awaits(r result, at time.Time) bool {
	if a, ok := b.Awaited[r.task]; ok {
		return a.Channel == r.Channel && at.Sub(a.At) < keptAwaited
	}
	return r.Outcome == delivered && b.Open[r.task] != nil
}

// due says whether a task may be claimed: it waits for nothing, or its sender
// let the deadline pass.
func (o *open) due(now time.Time) bool { return !now.Before(o.when()) }

func (o *open) when() time.Time {
	if o.Channel != "" {
		return o.Until
	}
	return o.Next
}

// known says whether a task was ever taken, as far as that must be remembered.
func (b *book) known(t task) bool {
	_, told := b.Told[t]
	return told || b.Open[t] != nil
}

// page is a book as a snapshot holds it.
type page struct {
	Schema  int    `json:"v"`
	Version uint64 `json:"version"`
	Tag     string `json:"tag"`
	*book
	Opens []openAt `json:"open"`
	Tolds []toldAt `json:"told"`
	Waits []waitOf `json:"awaited,omitempty"`
}

type openAt struct {
	task
	open
}

type waitOf struct {
	task
	awaited
}

type toldAt struct {
	task
	At time.Time `json:"at"`
}

// forget drops what is long past.
func (b *book) forget() {
	maps.DeleteFunc(b.Told, func(_ task, when time.Time) bool { return b.At.Sub(when) >= keptTold })
	maps.DeleteFunc(b.Awaited, func(_ task, a awaited) bool { return b.At.Sub(a.At) >= keptAwaited })
	b.Tally.forget(b.At)
}

// snapshot writes the book as of a position, without what is long past.
func (b *book) snapshot(at ledger.Position) ([]byte, error) {
	p := page{Schema: lineSchema, Version: at.Version, Tag: at.Tag, book: b}
	for t, o := range b.Open {
		p.Opens = append(p.Opens, openAt{t, *o})
	}
	for t, when := range b.Told {
		if b.At.Sub(when) < keptTold {
			p.Tolds = append(p.Tolds, toldAt{t, when})
		}
	}
	for t, a := range b.Awaited {
		if b.At.Sub(a.At) < keptAwaited {
			p.Waits = append(p.Waits, waitOf{t, a})
		}
	}
	return json.Marshal(p)
}

// restore reads what snapshot wrote.
func restore(data []byte) (*book, ledger.Position, error) {
	p := page{book: newBook()}
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, ledger.Position{}, fmt.Errorf("read notice snapshot: %w", err)
	}
	if p.Schema > lineSchema {
		return nil, ledger.Position{}, fmt.Errorf("read notice snapshot: schema %d is from a newer release", p.Schema)
	}
	if p.Tally == nil {
		p.Tally = tally{}
	}
	for _, o := range p.Opens {
		kept := o.open
		p.Open[o.task] = &kept
	}
	for _, t := range p.Tolds {
		p.Told[t.task] = t.At
	}
	for _, a := range p.Waits {
		p.Awaited[a.task] = a.awaited
	}
	return p.book, ledger.Position{Version: p.Version, Tag: p.Tag}, nil
}
