package notifier

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync/atomic"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
)

const (
	// beat is how often a desk looks for what time has brought, and whether the
	// office's duty is this node's.
	beat = 3 * time.Second
	// patience bounds one step with the store.
	patience = 20 * time.Second
)

// desk tells the people of one office what there is to tell, as long as this
// node has the office's duty. It is one goroutine, and the only writer of the
// notice log on this node.
type desk struct {
	n      *Notifier
	office string
	log    *slog.Logger

	changed chan struct{} // the office changed
	written atomic.Bool   // somebody else wrote the notice log
	results chan result

	journal *journal // nil: without the duty
	lanes   [2]lane
	epoch   string
	far     map[string]string  // see NearTurns
	mute    map[task]time.Time // whom no channel reaches, and when that was found
	rest    map[task]time.Time // open tasks whose channels all rest, until then
	near    time.Time          // when the hall was last looked at for time's notices
	timely  time.Time          // when all tickets were
	// timelyAt is the same in the office's time.
	timelyAt time.Time
	foreign  time.Time // when the duty was last another node's
	read     time.Time // when the notice log was last read
	said     string    // the last complaint
	flying   int       // messages handed to channels, whose results are not back
	ended    []result  // not yet written
}

func newDesk(n *Notifier, office string) *desk {
	return &desk{
		n: n, office: office, log: n.o.Log.With("office", office),
		changed: make(chan struct{}, 1), results: make(chan result, mostClaimed),
		far: map[string]string{}, mute: map[task]time.Time{}, rest: map[task]time.Time{},
	}
}

// wake tells the desk that the office has changed. It never blocks.
func (d *desk) wake() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// run works until ctx ends, and then writes down what became of the messages
// that were under way.
func (d *desk) run(ctx context.Context) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for ctx.Err() == nil {
		more := d.round(ctx)
		if more {
			d.drain()
			continue
		}
		soon := time.NewTimer(d.soonest())
		select {
		case <-ctx.Done():
		case <-d.changed:
		case <-tick.C:
		case <-soon.C:
		case r := <-d.results:
			d.back(r)
		}
		soon.Stop()
		d.drain()
	}
	d.finish(context.WithoutCancel(ctx))
}

// soonest is how long it is until an open task may be claimed, a beat at most.
func (d *desk) soonest() time.Duration {
	wait := beat
	if d.journal == nil {
		return wait
	}
	now := d.n.o.Clock()
	for t, o := range d.journal.book.Open {
		if at := latest(o.when(), d.rest[t]); at.After(now) {
			wait = min(wait, at.Sub(now))
		}
	}
	return wait
}

func (d *desk) back(r result) {
	d.flying--
	d.ended = append(d.ended, r)
}

// drain takes the results that are there.
func (d *desk) drain() {
	for {
		select {
		case r := <-d.results:
			d.back(r)
		default:
			return
		}
	}
}

// round does one step: it writes what ended, claims what there is room for and
// hands it to the channels. more says that another step has work at once.
func (d *desk) round(ctx context.Context) (more bool) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	idle := d.flying == 0 && len(d.ended) == 0
	if idle && time.Since(d.foreign) < beat {
		return false
	}
	mine, err := d.n.o.Offices.Duty(ctx, d.office)
	if err == nil && !mine {
		d.foreign = time.Now()
	}
	if err != nil || !mine && idle {
		d.journal = nil // what others write meanwhile is read again
		return false
	}
	office, err := d.n.o.Offices.Office(ctx, d.office)
	if err != nil {
		return false
	}
	if d.journal == nil {
		d.read = time.Now()
		if err := d.open(ctx, office); err != nil {
			d.complain("open the notice log", err)
			return false
		}
	}
	if err := d.catchUp(ctx); err != nil {
		d.complain("read the notice log", err)
		if ctx.Err() == nil { // else it is as good as before, and finish needs it
			d.journal = nil
		}
		return false
	}
	p := plan{desk: d, office: office, now: d.n.o.Clock(), officeNow: d.n.o.Offices.Now()}
	if mine {
		if err := p.fill(ctx); err != nil {
			d.complain("look for notices", err)
		}
	}
	// A line under way is finished when this node ends: without its outcome the
	// results of what was sent would be lost.
	writing, done := context.WithTimeout(d.n.sending, patience)
	defer done()
	return d.commit(writing, &p)
}

// open reads the notice log, and begins it where the office's log ends: what
// happened before is not told.
func (d *desk) open(ctx context.Context, office *ledger.Office) error {
	j := &journal{log: d.n.o.Store, records: d.n.o.Records, office: d.office}
	if err := j.load(ctx); err != nil {
		return err
	}
	if len(j.book.Seen) == 0 {
		end, err := endOf(ctx, office)
		if err != nil {
			return err
		}
		first := line{At: d.n.o.Clock(), Node: d.n.node, Seen: map[haste]mark{urgent: end, calm: end}}
		if _, err := j.write(ctx, first); err != nil { // of two nodes, one begins it
			return err
		}
	}
	d.journal = j
	d.lanes = [2]lane{{haste: urgent}, {haste: calm}}
	d.rewind()
	return d.sameHistory(ctx, office)
}

// catchUp reads what others have written: reports of delivery, and what an
// administrator has tried again.
func (d *desk) catchUp(ctx context.Context) error {
	if !d.written.Swap(false) && time.Since(d.read) < beat {
		return nil
	}
	before := d.journal.end
	if err := d.journal.catchUp(ctx); err != nil {
		return err
	}
	d.read = time.Now()
	if d.journal.end != before {
		d.rewind()
	}
	return nil
}

// endOf is the end of the office's log.
func endOf(ctx context.Context, office *ledger.Office) (mark, error) {
	var version uint64
	office.Read(func(s *queue.State) { version = s.Version })
	last, err := office.Events(ctx, version-1, 1)
	if err != nil || len(last) == 0 {
		return mark{After: version}, err
	}
	return mark{After: last[0].Version, Tag: last[0].Tag}, nil
}

// rewind makes the lanes go on where the book says.
func (d *desk) rewind() {
	for i := range d.lanes {
		d.lanes[i].goTo(d.journal.book.Seen[d.lanes[i].haste])
	}
}

// sameHistory sets a lane to the end of the office's log if the log is not the
// one that the lane was walking: after a loss its notices would be of acts that
// never were.
func (d *desk) sameHistory(ctx context.Context, office *ledger.Office) error {
	office.Read(func(s *queue.State) { d.epoch = s.Epoch })
	for i := range d.lanes {
		at := d.lanes[i].at
		if at.After == 0 || at.Tag == "" {
			continue
		}
		found, err := office.Events(ctx, at.After-1, 1)
		if err != nil {
			return err
		}
		if len(found) == 1 && found[0].Version == at.After && found[0].Tag == at.Tag || len(found) == 1 && found[0].Version > at.After {
			continue // there, or trimmed since
		}
		end, err := endOf(ctx, office)
		if err != nil {
			return err
		}
		d.log.Warn("the office's log lost what notices were told of", "version", at.After)
		d.lanes[i].goTo(end)
	}
	return nil
}

// commit writes the plan and then hands out what was claimed. A line that is
// not the next any more is planned anew.
func (d *desk) commit(ctx context.Context, p *plan) (more bool) {
	p.line.Results = append(p.line.Results, d.ended...)
	if p.empty() {
		return false
	}
	p.line.At, p.line.Node, p.line.Seen = p.now, d.n.node, d.moved()
	landed, err := d.journal.write(ctx, p.line)
	if err != nil {
		p.release()
		d.complain("write the notice log", err)
		d.journal = nil
		return false
	}
	if !landed {
		p.release()
		d.rewind()
		return true
	}
	d.count(p.line.Results)
	d.ended = d.ended[:0]
	for _, j := range p.jobs {
		d.flying++
		j.route.add(j.job)
	}
	for _, r := range p.line.Results { // the next channel need not wait
		o := d.journal.book.Open[r.task]
		p.more = p.more || o != nil && o.due(p.now)
	}
	if err := d.journal.keep(ctx); err != nil {
		d.complain("keep the notice log", err)
	}
	return p.more
}

// moved are the lanes' marks that the book does not know yet.
func (d *desk) moved() map[haste]mark {
	seen := map[haste]mark{}
	for i := range d.lanes {
		if l := &d.lanes[i]; d.journal.book.Seen[l.haste] != l.at {
			seen[l.haste] = l.at
		}
	}
	return seen
}

func (d *desk) count(results []result) {
	for _, r := range results {
		d.n.metrics.results.WithLabelValues(r.Channel, string(r.Outcome)).Inc()
		if r.Outcome == failed {
			d.log.Warn("a notice reached nobody", "ticket", r.Ticket, "event", r.Event, "code", r.Code)
		}
	}
	if len(d.rest) > 0 {
		maps.DeleteFunc(d.rest, func(t task, _ time.Time) bool { return d.journal.book.Open[t] == nil })
	}
	d.n.metrics.open.WithLabelValues(d.office).Set(float64(len(d.journal.book.Open)))
}

// finish waits for the messages that are under way and writes their results.
func (d *desk) finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, d.n.o.SendFor+time.Second)
	defer cancel()
	for d.flying > 0 && ctx.Err() == nil {
		select {
		case r := <-d.results:
			d.back(r)
		case <-ctx.Done():
		}
	}
	for d.journal != nil && len(d.ended) > 0 && ctx.Err() == nil {
		d.commit(ctx, &plan{desk: d, now: d.n.o.Clock()})
	}
}

// complain says what went wrong, unless it is over or the store is away, which
// others say.
func (d *desk) complain(what string, err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ledger.ErrUnavailable) {
		return
	}
	if said := what + err.Error(); said != d.said { // once, not with every beat
		d.said = said
		d.log.Warn(what, "error", err)
	}
}
