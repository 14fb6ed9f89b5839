package hub

import (
	"bytes"
	"hash/maphash"
	"maps"
	"runtime"
	"slices"
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

	// passing is held through a pass, so that passes are one after the other.
	// It guards what stands up to stale.
	passing    sync.Mutex
	generation uint64   // the lane's when the newest picture was rendered
	shown      position // of the last picture that was offered to everybody
	audience   []*conn  // those whom a pass is for
	by         *pusher
	stale      atomic.Bool

	mu     sync.Mutex // never held while anything is written
	conns  map[*conn]struct{}
	strays map[*conn]struct{} // those whose last picture was not everybody's
	latest *picture           // never nil after the first successful pass

	// others are pictures since where a client was that skipped one or came
	// back, for all that were there; of the age of the latest.
	rendering sync.Mutex
	others    map[position]*picture

	// Owned by the wheel's goroutine: the tick of one beat is shared.
	beat     uint64
	beatTick *tick
}

func newTopic(t Topic, l *lane, seed maphash.Seed) *topic {
	return &topic{
		key: t.Key, view: t.View, lane: l, seed: seed, by: newPusher(),
		conns: map[*conn]struct{}{}, strays: map[*conn]struct{}{},
	}
}

// pass renders the view and offers it to every connection, unless nothing was
// said to have changed since it was last rendered. What changes meanwhile is
// one next pass.
func (t *topic) pass() error {
	t.passing.Lock()
	defer t.passing.Unlock()
	generation := t.lane.generation.Load() // before rendering: what changes meanwhile is another pass
	stale := t.stale.Swap(false)
	if t.newest() != nil && generation == t.generation && !stale {
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
	t.gather(p)
	for i, c := range t.audience {
		c.offer(p, t.by)
		if i%yields == yields-1 {
			runtime.Gosched() // an answer to a press, say
		}
	}
	clear(t.audience) // the gone ones are garbage
	if t.rendering.TryLock() {
		t.others = nil // older than the latest
		t.rendering.Unlock()
	}
	return nil
}

// yields is after how many connections, about half a millisecond, a pass lets
// others run.
const yields = 64

// gather makes the picture the latest, and says whom it is for.
func (t *topic) gather(p *picture) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.latest
	t.latest = p
	p.seq, p.age = 1, 1
	if before != nil {
		p.seq, p.age = before.seq+1, before.age+1
	}
	whom := t.conns
	if before != nil && before.pos.epoch == p.pos.epoch && bytes.Equal(before.data, p.data) {
		// Nothing to see for whoever has it. A stray may have seen something
		// that came and went between two passes.
		p.seq = before.seq
		whom = t.strays
	} else {
		t.shown = p.pos
	}
	t.audience = slices.AppendSeq(t.audience[:0], maps.Keys(whom))
	clear(t.strays)
}

// newest is nil as long as nothing could be rendered.
func (t *topic) newest() *picture {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.latest
}

// first is the picture that a new connection begins with: the newest, from
// memory, as soon as there is one.
func (t *topic) first() (*picture, error) {
	if p := t.newest(); p != nil {
		return p, nil
	}
	if err := t.pass(); err != nil {
		return nil, err
	}
	return t.newest(), nil
}

// othersKept bounds the pictures since somewhere.
const othersKept = 64

// renderSince is a picture for a connection that is somewhere else than the
// others, rendered once for all that are there. The next pass concerns it even
// when it shows nothing new. The topic has a picture already.
func (t *topic) renderSince(c *conn, since position) (*picture, error) {
	t.mu.Lock()
	if _, here := t.conns[c]; here {
		t.strays[c] = struct{}{}
	}
	age := t.latest.age
	t.mu.Unlock()

	t.rendering.Lock()
	defer t.rendering.Unlock()
	if p := t.others[since]; p != nil && p.age >= age {
		return p, nil
	}
	s, err := t.view.Snapshot(since.epoch, since.version)
	if err != nil {
		return nil, err
	}
	p := newPicture(s, since, t.seed)
	p.age = age
	if t.others == nil || len(t.others) >= othersKept {
		t.others = map[position]*picture{}
	}
	t.others[since] = p
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
