package hub

import (
	"bytes"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// A topic is the shared state of all connections with one key.
type topic struct {
	key  string
	view View
	lane *lane
	seed maphash.Seed

	// rendering is held through a pass, so that passes are one after the other.
	// It guards generation and shown.
	rendering  sync.Mutex
	generation uint64   // the lane's when the newest picture was rendered
	shown      position // of the last picture that was offered to everybody
	stale      atomic.Bool

	mu     sync.Mutex
	conns  map[*conn]struct{}
	strays map[*conn]struct{} // those whose last picture was their own
	latest *picture           // never nil after the first successful pass

	// Owned by the wheel's goroutine: the tick of one beat is shared.
	beat     uint64
	beatTick *tick
}

func newTopic(t Topic, l *lane, seed maphash.Seed) *topic {
	return &topic{
		key: t.Key, view: t.View, lane: l, seed: seed,
		conns: map[*conn]struct{}{}, strays: map[*conn]struct{}{},
	}
}

// pass renders the view and offers it to every connection, unless nothing was
// said to have changed since it was last rendered.
func (t *topic) pass() error {
	t.rendering.Lock()
	defer t.rendering.Unlock()
	generation := t.lane.generation.Load() // before rendering: what changes meanwhile is another pass
	stale := t.stale.Swap(false)
	before := t.newest()
	if before != nil && generation == t.generation && !stale {
		return nil
	}
	// Since the last picture that went to everybody, not since nowhere: many
	// changes may have become this one pass, and no call may fall out.
	s, err := t.view.Snapshot(t.shown.epoch, t.shown.version)
	if err != nil {
		t.stale.Store(true)
		return err
	}
	p := newPicture(s, t.shown, t.seed)
	t.generation = generation
	t.lane.hub.metrics.passes.Inc()

	t.mu.Lock()
	defer t.mu.Unlock()
	t.latest = p
	p.seq, p.age = 1, 1
	if before != nil {
		p.seq, p.age = before.seq+1, before.age+1
	}
	if before != nil && before.pos.epoch == p.pos.epoch && bytes.Equal(before.data, p.data) {
		// Nothing to see for whoever has it. A stray may have seen something
		// that came and went between two passes.
		p.seq = before.seq
		for c := range t.strays {
			c.offer(p)
		}
	} else {
		t.shown = p.pos
		for c := range t.conns {
			c.offer(p)
		}
	}
	clear(t.strays)
	return nil
}

// newest is nil as long as nothing could be rendered.
func (t *topic) newest() *picture {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.latest
}

// renderFor renders a snapshot for one connection that is somewhere else than
// the others. The next pass concerns it even when it shows nothing new. The topic
// has a picture already.
func (t *topic) renderFor(c *conn, since position) (*picture, error) {
	t.mu.Lock()
	if _, here := t.conns[c]; here {
		t.strays[c] = struct{}{}
	}
	age := t.latest.age
	t.mu.Unlock()
	s, err := t.view.Snapshot(since.epoch, since.version)
	if err != nil {
		return nil, err
	}
	p := newPicture(s, since, t.seed)
	p.age = age
	return p, nil
}

// tick is for clients that have the newest picture; nil while there is none.
// A log that is elsewhere than the picture starts a pass: a change that nobody
// announced is seen at the next tick.
func (t *topic) tick(now time.Time) *tick {
	epoch, version, at := t.view.Confirmed()
	p := t.newest()
	if p == nil || p.pos != (position{epoch, version}) || t.stale.Load() {
		t.stale.Store(true)
		t.lane.start()
	}
	if p == nil {
		return nil
	}
	return newTick(p.pos, p.seq, now, at)
}
