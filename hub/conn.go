package hub

import (
	"errors"
	"net"
	"sync"
	"time"
)

// A wire is what carries frames to one client: a WebSocket or an event stream.
// One goroutine calls read, one at a time the others, any kill.
type wire interface {
	kind() string // for metrics and logs
	// push writes a frame without waiting; after a part of it only finish may
	// follow.
	push(f *frame, by *pusher) (pushed, error)
	finish(deadline time.Time) error
	send(f *frame, deadline time.Time) error
	ping(deadline time.Time) error
	// close says why, then lets read end, at the latest after the deadline.
	close(code int, reason string, deadline time.Time)
	// read takes in what the client says until it leaves or says too much.
	read() error
	// silent says that the client owes a sign of life since before then.
	silent(then time.Time) bool
	// refill lets the client say a few words more.
	refill()
	// discard takes in and forgets what still comes, so that the last words
	// are not lost in a connection reset.
	discard(deadline time.Time)
	kill()
}

// A conn is one client of one topic. Its reader goroutine is its life: when it
// ends, the conn has left its topic and its socket is closed.
type conn struct {
	hub     *Hub
	topic   *topic
	wire    wire
	allowed func() bool
	every   time.Duration // between ticks

	due      uint64    // guarded by the wheel
	nextPing time.Time // owned by the wheel's goroutine

	mu      sync.Mutex
	writing bool // the transient writer is running, or nobody writes any more
	begun   bool // a frame was pushed in part
	gone    bool // the reader has ended
	joining bool // nothing was looked up for it yet
	pending *picture
	tick    *tick
	ping    bool
	end     *ending
	reason  string // why it ended, for metrics; the first one counts

	// What the client has; owned by the transient writer, and guarded by mu
	// while there is none.
	at  position
	seq uint64 // the topic's picture; 0: one of its own, or none
	age uint64
	sum uint64 // of the data; 0: unknown
}

type ending struct {
	code   int
	reason string
	retry  time.Duration
}

// lingering is how long a client has to take the last words and close its side.
const lingering = time.Second

// errLater says that there is nothing to write until the next tick.
var errLater = errors.New("try again at the next tick")

// offer makes the picture the one to be written next; an older one that is
// still waiting is skipped. It never waits: what the client is ready for is
// written here and now, the rest by the transient writer.
func (c *conn) offer(p *picture, by *pusher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle() && c.missesNothing(p) {
		if !c.needs(p) {
			return
		}
		if c.differs(p) && !c.push(p.frame, by) {
			c.postpone(p)
			return
		}
		c.has(p)
		return
	}
	c.postpone(p)
}

// postpone leaves the picture to the writer; the caller holds mu.
func (c *conn) postpone(p *picture) {
	if c.pending != nil && c.pending != p {
		c.hub.metrics.skipped.Inc()
	}
	c.pending = p
	c.wake()
}

// idle says that nothing is to be written before what comes now.
func (c *conn) idle() bool {
	return !c.writing && !c.gone && !c.joining && c.end == nil && c.pending == nil
}

// push writes a frame as far as the client is ready for it; the caller holds
// mu. False means that nothing has been written of it.
func (c *conn) push(f *frame, by *pusher) bool {
	got, err := c.wire.push(f, by)
	switch {
	case err != nil:
		c.writing = true // nobody writes after a failure
		c.blame(failure(err))
		c.wire.kill()
		return true
	case got == nothing:
		return false
	case got == partly:
		c.begun = true
		c.wake()
	}
	c.hub.metrics.sent[f.kind].Inc()
	return true
}

// beat is the conn's turn on the wheel.
func (c *conn) beat(t *tick, ping bool, by *pusher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle() && c.allowed == nil && !ping && t != nil && c.seq == t.seq && c.seq != 0 && c.push(t.frame, by) {
		return
	}
	c.tick = t
	c.ping = c.ping || ping
	c.wake()
}

// finish ends the connection with a close code; the first ending counts.
func (c *conn) finish(code int, reason string, retry time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil || c.gone {
		return
	}
	c.end = &ending{code, reason, retry}
	c.blame(reason)
	c.wake()
}

// drop ends the connection without a word: it could not be written to.
func (c *conn) drop(reason string) {
	c.mu.Lock()
	c.blame(reason)
	c.mu.Unlock()
	c.wire.kill()
}

func (c *conn) blame(reason string) {
	if c.reason == "" {
		c.reason = reason
	}
}

// wake starts the writer unless it runs; the caller holds mu. As long as the
// reader is not gone, it keeps the hub waiting for the writer as well.
func (c *conn) wake() {
	if c.writing || c.gone {
		return
	}
	c.writing = true
	c.hub.running.Add(1)
	go c.write()
}

// write does what there is to do, most urgent first, and ends.
func (c *conn) write() {
	defer c.hub.running.Done()
	for {
		do := c.next()
		if do == nil {
			return
		}
		switch err := do(); {
		case err == nil:
		case errors.Is(err, errLater):
			c.rest()
			return
		case errors.Is(err, errGone):
			return // still marked as writing: these were the last words
		default:
			c.drop(failure(err))
			return // nobody writes after a failure
		}
	}
}

// next is the next thing to do, nil when there is nothing.
func (c *conn) next() func() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.begun: // even if the client is gone: what is begun holds a lock
		c.begun = false
		return func() error { return c.wire.finish(c.deadline()) }
	case c.gone:
	case c.end != nil:
		end := *c.end
		return func() error { return c.sayGoodbye(end) }
	case c.joining:
		c.joining = false
		return c.join
	case c.pending != nil:
		p := c.pending
		c.pending = nil
		return func() error { return c.show(p) }
	case c.tick != nil:
		t := c.tick
		c.tick = nil
		return func() error { return c.tell(t) }
	case c.ping:
		c.ping = false
		return func() error {
			c.wire.refill()
			return c.wire.ping(c.deadline())
		}
	}
	c.writing = false
	return nil
}

// rest lets the writer end although something is pending.
func (c *conn) rest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = false
	if c.end != nil || c.joining {
		c.wake()
	}
}

// join gives the client the picture of now, or a tick if it is there already.
// The conn is in its topic before, so nothing can fall in between: what changes
// from now on is offered to it.
func (c *conn) join() error {
	p, err := c.topic.first()
	if err != nil {
		c.complain(err)
		return nil // the topic tries again at the next tick and offers it then
	}
	if !c.at.nowhere() && c.at == p.pos {
		c.seq, c.age = p.seq, p.age
		return c.tell(c.topic.tick(c.hub.clock()))
	}
	return c.show(p)
}

// show writes the picture, or one rendered since what the client has if the
// picture does not hold everything since then.
func (c *conn) show(p *picture) error {
	if !c.needs(p) {
		return nil
	}
	if !c.missesNothing(p) {
		own, err := c.topic.renderSince(c, c.at)
		if err != nil {
			c.complain(err)
			c.keep(p)
			return errLater
		}
		p = own
	}
	if c.differs(p) {
		if err := c.wire.send(p.frame, c.deadline()); err != nil {
			return err
		}
		c.hub.metrics.sent[p.kind].Inc()
	}
	c.has(p)
	return nil
}

// needs says whether the picture is newer than what the client has.
func (c *conn) needs(p *picture) bool { return p.age > c.age && p.seq != c.seq }

// missesNothing says whether the picture holds every call since the client's.
func (c *conn) missesNothing(p *picture) bool { return p.follows(c.at) }

// differs says whether the client would see anything new.
func (c *conn) differs(p *picture) bool { return p.sum != c.sum || p.pos.epoch != c.at.epoch }

func (c *conn) has(p *picture) { c.at, c.seq, c.age, c.sum = p.pos, p.seq, p.age, p.sum }

// complain is quiet, because there may be many of us: the lane warns once.
func (c *conn) complain(err error) {
	c.hub.log.Debug("cannot render a view", "office", c.topic.lane.key.office, "error", err)
}

// keep leaves the picture for the next tick, unless a newer one has come.
func (c *conn) keep(p *picture) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending == nil {
		c.pending = p
	}
}

// tell writes a tick: of the topic if the client has its picture, else of
// where the client is, so that a tick never names what was not shown.
func (c *conn) tell(t *tick) error {
	if c.allowed != nil && !c.allowed() {
		c.finish(4001, "no longer allowed", c.hub.retry())
		return nil
	}
	if t == nil || c.at.nowhere() {
		return nil
	}
	if c.seq == 0 || c.seq != t.seq {
		t = newTick(c.at, c.seq, t.at, t.confirmed)
	}
	if err := c.wire.send(t.frame, c.deadline()); err != nil {
		return err
	}
	c.hub.metrics.sent[t.kind].Inc()
	return nil
}

func (c *conn) sayGoodbye(end ending) error {
	deadline := time.Now().Add(lingering)
	bye := newBye(end.retry)
	if err := c.wire.send(bye, deadline); err != nil {
		return err
	}
	c.hub.metrics.sent[bye.kind].Inc()
	c.wire.close(end.code, end.reason, deadline)
	return errGone
}

var errGone = errors.New("said goodbye")

// failure is why a write failed, for metrics.
func failure(err error) string {
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return "slow client"
	}
	return "client left"
}

func (c *conn) deadline() time.Time { return time.Now().Add(c.hub.writeTimeout) }

// live reads until the client is gone, then takes the conn out of everything.
// Only what is small stands here: on thousands of these stacks a few hundred
// bytes decide whether the smallest size will do.
func (c *conn) live() {
	defer c.hub.running.Done()
	c.leave(c.wire.read())
}

//go:noinline
func (c *conn) leave(why error) {
	switch {
	case errors.Is(why, errTalkative):
		c.finish(4002, "too many messages", c.hub.retry())
		c.wire.discard(time.Now().Add(lingering))
	case errors.Is(why, errTooLarge):
		c.mu.Lock()
		c.blame("message too large") // the client has been told by the wire
		c.mu.Unlock()
		c.wire.discard(time.Now().Add(lingering))
	case errors.Is(why, errProtocol):
		c.mu.Lock()
		c.blame("protocol error")
		c.mu.Unlock()
		c.wire.discard(time.Now().Add(lingering))
	}

	c.mu.Lock()
	c.gone = true
	c.blame("client left")
	reason := c.reason
	c.mu.Unlock()
	c.hub.remove(c)
	c.wire.kill()
	kind := c.wire.kind()
	c.hub.metrics.sockets.WithLabelValues(kind).Dec()
	c.hub.metrics.ended.WithLabelValues(reason).Inc()
	c.hub.log.Debug("live connection ended", "office", c.topic.lane.key.office, "kind", kind, "reason", reason)
}
