package notifier

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
)

const (
	// mostInLine bounds the claims of one line, so that the range that a node
	// takes at once stays small.
	mostInLine = 64
	// mostOpen is how many calm notices may wait for resting channels before the
	// office's log is read no further.
	mostOpen = 5000
	// muteFor is how long nobody asks again whether a person can be reached by
	// now, for what time has brought.
	muteFor = 5 * time.Minute
	// Time's notices are looked for so often: those of the hall, and those of all
	// tickets, in real or in the office's time.
	nearEvery   = 2 * time.Second
	timelyEvery = 30 * time.Second
	timelyOften = 5 * time.Minute
	// seenEvery is how far the office's log may be read ahead of what is written
	// about it.
	seenEvery = 1000
)

// plan is what a desk means to do in one step.
type plan struct {
	desk           *desk
	office         *ledger.Office
	now, officeNow time.Time // the store's and the office's
	line           line
	jobs           []placed
	taken          map[task]bool
	contacts       map[string]Contact // looked up for this step, by ticket
	unsaid         map[task]Notice    // see lastUnsaid
	more           bool               // something was left for the next step
}

// placed is a message with its place at a channel.
type placed struct {
	*job
	route *route
}

func (p *plan) full() bool { return len(p.line.Claims)+len(p.line.Held) >= mostInLine }

// empty says that there is nothing to write.
func (p *plan) empty() bool {
	if len(p.line.Claims)+len(p.line.Held)+len(p.line.Results) > 0 {
		return false
	}
	for h, m := range p.desk.moved() {
		if m.After >= p.desk.journal.book.Seen[h].After+seenEvery {
			return false
		}
	}
	return true
}

// release gives back the places that were taken.
func (p *plan) release() {
	for _, j := range p.jobs {
		j.route.release(j.haste)
	}
	p.jobs = nil
}

// fill claims what there is room for: what is to be tried again, what is
// urgent, what time has brought, and then the rest.
func (p *plan) fill(ctx context.Context) error {
	p.taken, p.contacts = map[task]bool{}, map[string]Contact{}
	var version uint64
	var epoch string
	p.office.Read(func(s *queue.State) { version, epoch = s.Version, s.Epoch })
	d := p.desk
	if epoch != d.epoch {
		if err := d.sameHistory(ctx, p.office); err != nil {
			return err
		}
	}
	if err := p.again(ctx); err != nil {
		return err
	}
	if err := p.walk(ctx, &d.lanes[0], version); err != nil {
		return err
	}
	if err := p.time(ctx); err != nil {
		return err
	}
	return p.walk(ctx, &d.lanes[1], version)
}

// again claims the open tasks whose time has come.
func (p *plan) again(ctx context.Context) error {
	open := p.desk.journal.book.Open
	var due []task
	for t, o := range open {
		if o.due(p.now) && !p.now.Before(p.desk.rest[t]) {
			due = append(due, t)
		}
	}
	for i, t := range due {
		if p.full() {
			p.more = true
			return nil
		}
		if t.Kind().appointment() && t.version() < p.lastUnsaid(t.Ticket, t.Via).version() {
			p.line.Results = append(p.line.Results, result{task: t, Channel: open[t].Last, Outcome: over})
			continue
		}
		if _, err := p.offer(ctx, []task{t}, open[t], ticketsOf(due[i:])); err != nil {
			return err
		}
	}
	return nil
}

func ticketsOf[T interface{ ticket() string }](all []T) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, one := range all {
			if !yield(one.ticket()) {
				return
			}
		}
	}
}

// walk claims the notices of a lane in their order, until there is no room.
func (p *plan) walk(ctx context.Context, l *lane, version uint64) error {
	// What the state does not hold yet cannot be judged by it.
	settled := func(ctx context.Context, after uint64, limit int) ([]ledger.Entry, error) {
		return p.office.Events(ctx, after, min(limit, int(version-after)))
	}
	for l.at.After < version && !p.full() {
		n, found, err := l.peek(ctx, settled)
		if err != nil || !found {
			return err
		}
		if l.haste == calm && len(p.desk.journal.book.Open) >= mostOpen {
			return nil
		}
		took, err := p.offer(ctx, p.desk.n.tasks(p.desk.office, n), nil, l.tickets())
		if err != nil || !took {
			return err
		}
		l.take()
	}
	p.more = p.more || l.at.After < version
	return nil
}

// time claims what time has brought and was not told yet.
func (p *plan) time(ctx context.Context) error {
	d := p.desk
	if p.now.Sub(d.near) < nearEvery {
		return nil
	}
	whole := p.now.Sub(d.timely) >= timelyEvery || p.officeNow.Sub(d.timelyAt) >= timelyOften
	var all []Notice
	var tickets []*queue.Ticket
	p.office.Read(func(s *queue.State) {
		all = d.n.o.Rules.NearTurns(s, p.officeNow, d.far)
		if whole { // tickets are never changed: they are looked at without the lock
			tickets = slices.AppendSeq(make([]*queue.Ticket, 0, len(s.Tickets)), maps.Values(s.Tickets))
		}
	})
	all = append(all, d.n.o.Rules.Timely(tickets, p.officeNow)...)
	for t, at := range d.mute {
		if p.now.Sub(at) >= muteFor {
			delete(d.mute, t)
		}
	}
	for i, n := range all {
		tasks := slices.DeleteFunc(d.n.tasks(d.office, n), func(t task) bool {
			_, mute := d.mute[t]
			return mute || d.journal.book.known(t)
		})
		if len(tasks) == 0 {
			continue
		}
		if p.full() {
			p.more = true
			return nil
		}
		took, err := p.offer(ctx, tasks, nil, ticketsOf(all[i:]))
		if err != nil || !took {
			return err
		}
		for _, t := range tasks {
			if !p.taken[t] {
				d.mute[t] = p.now
			}
		}
	}
	d.near = p.now
	if whole {
		d.timely, d.timelyAt = p.now, p.officeNow
	}
	return nil
}

// tasks are the ways of a notice: the person's own, and each channel that is
// told always.
func (n *Notifier) tasks(office string, notice Notice) []task {
	tasks := []task{{Notice: notice}}
	for _, r := range n.routes {
		if r.Always && r.serves(office, notice.Kind()) {
			tasks = append(tasks, task{Notice: notice, Via: r.name()})
		}
	}
	return tasks
}

// offer decides about all tasks of a notice, or about none of them if a channel
// has no room: then it returns false. o is what is known of a task that was
// taken before, next are the tickets whose turn comes now and afterwards.
func (p *plan) offer(ctx context.Context, tasks []task, o *open, next iter.Seq[string]) (took bool, err error) {
	d := p.desk
	notice := tasks[0].Notice
	var verdict Verdict
	var facts Facts
	p.office.Read(func(s *queue.State) { facts, verdict = d.n.o.Rules.Check(s, notice, p.officeNow) })
	if verdict == Over {
		if o != nil {
			p.line.Results = append(p.line.Results, result{task: tasks[0], Channel: o.Last, Outcome: over})
		}
		return true, nil
	}
	if o == nil && notice.Kind() == DayHappens && p.neverHeard(notice.Ticket) {
		return true, nil
	}
	h := notice.Kind().haste()
	room := d.n.room(h)
	if verdict == Send && room == 0 {
		return false, nil
	}
	contact, err := p.contact(ctx, notice.Ticket, next, room)
	if err != nil {
		return false, err
	}
	before := len(p.jobs)
	var waiting []held
	var results []result
	for _, t := range tasks {
		ways := d.n.ways(d.office, t, contact, o)
		if len(ways) == 0 {
			if o != nil {
				results = append(results, result{task: t, Channel: o.Last, Outcome: endless(o), Code: "no_channel_left"})
			}
			continue
		}
		if verdict == Hold {
			if wait := facts.Hold.Sub(p.officeNow); o == nil || o.Channel != "" || o.Next.Before(p.now) {
				waiting = append(waiting, held{t, p.now.Add(wait)})
			}
			continue
		}
		r, until := firstAwake(ways, time.Now())
		if r == nil {
			if back := p.now.Add(time.Until(until)); o == nil {
				waiting = append(waiting, held{t, back})
			} else {
				d.rest[t] = back
			}
			continue
		}
		if !r.reserve(h, time.Now()) {
			for _, j := range p.jobs[before:] {
				j.route.release(j.haste)
			}
			p.jobs = p.jobs[:before]
			return false, nil
		}
		p.jobs = append(p.jobs, placed{p.job(t, r, contact, h, o), r})
	}
	for _, j := range p.jobs[before:] {
		p.line.Claims = append(p.line.Claims, j.claim)
		p.taken[j.task] = true
	}
	for _, h := range waiting {
		p.taken[h.task] = true
	}
	p.line.Held = append(p.line.Held, waiting...)
	p.line.Results = append(p.line.Results, results...)
	return true, nil
}

// lastUnsaid is the last notice about somebody's appointment that was taken and
// has no end. Thousands may wait for the morning: they are gone through once in
// a step, and only if it is asked.
func (p *plan) lastUnsaid(ticket, via string) Notice {
	if p.unsaid == nil {
		p.unsaid = map[task]Notice{}
		for t := range p.desk.journal.book.Open {
			if who := (task{Notice{Ticket: t.Ticket}, t.Via}); t.Kind().appointment() && t.version() > p.unsaid[who].version() {
				p.unsaid[who] = t.Notice
			}
		}
	}
	return p.unsaid[task{Notice{Ticket: ticket}, via}]
}

// neverHeard says that somebody has not been told yet that the day was taken
// away: nor need they hear that it is given back.
func (p *plan) neverHeard(ticket string) bool {
	last := p.lastUnsaid(ticket, "")
	o := p.desk.journal.book.Open[task{Notice: last}]
	return last.Kind() == ChooseDay && o != nil && o.Last == ""
}

// contact is how the person of a ticket can be reached. Those of the tickets
// that come next are looked up in the same round trip, as many as there is room
// for.
func (p *plan) contact(ctx context.Context, ticket string, next iter.Seq[string], room int) (Contact, error) {
	if c, ok := p.contacts[ticket]; ok {
		return c, nil
	}
	tickets := []string{ticket}
	for t := range next {
		if len(tickets) >= min(room, mostInLine) {
			break
		}
		if _, known := p.contacts[t]; !known && !slices.Contains(tickets, t) {
			tickets = append(tickets, t)
		}
	}
	found, err := p.desk.n.contacts(ctx, p.desk.office, tickets)
	if err != nil {
		return Contact{}, err
	}
	for i, t := range tickets {
		p.contacts[t] = found[i]
	}
	return found[0], nil
}

// room is how many more messages of a haste a channel takes, at most; one when
// there is no channel that could be full.
func (n *Notifier) room(h haste) int {
	if len(n.routes) == 0 {
		return 1
	}
	most := 0
	for _, r := range n.routes {
		most = max(most, r.left(h))
	}
	return most
}

// endless is how a task ends for which no channel is left: it failed if one was
// ever tried.
func endless(o *open) Outcome {
	if o.Last == "" {
		return over
	}
	return failed
}

func (p *plan) job(t task, r *route, contact Contact, h haste, o *open) *job {
	d := p.desk
	attempt := 1
	if o != nil && o.Last == r.name() {
		attempt = o.Attempt + 1
	}
	return &job{
		claim:  claim{task: t, Channel: r.name(), Attempt: attempt, Until: p.now.Add(d.n.o.ClaimFor)},
		office: d.office, contact: contact, haste: h, arose: time.Now(),
		done: func(r result) {
			select {
			case d.results <- r:
			case <-d.n.closed.Done():
			}
		},
	}
}

// ways are the channels by which a task may go now, in their order.
func (n *Notifier) ways(office string, t task, contact Contact, o *open) []*route {
	var ways []*route
	for _, r := range n.routes {
		switch {
		case r.Always != (t.Via != "") || t.Via != "" && r.name() != t.Via:
		case !r.serves(office, t.Kind()) || !r.Channel.Reaches(contact):
		case o != nil && slices.Contains(o.Spent, r.name()):
		default:
			ways = append(ways, r)
		}
	}
	return ways
}

// firstAwake is the first channel that does not rest, or else when the first of
// them is back.
func firstAwake(ways []*route, now time.Time) (*route, time.Time) {
	var soonest time.Time
	for _, r := range ways {
		until, resting := r.circuit.resting(now)
		if !resting {
			return r, time.Time{}
		}
		if soonest.IsZero() || until.Before(soonest) {
			soonest = until
		}
	}
	return nil, soonest
}
