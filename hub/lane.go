package hub

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// laneKey tells the kinds of an office's topics apart: staff, displays, the
// public's tickets. Each kind has its own lane, so that ten thousand tickets
// do not stand between a press and the lobby's screens.
type laneKey struct {
	office string
	staff  bool
	tick   time.Duration
}

// A lane renders an office's topics of one kind, one after the other, on a
// goroutine that lives while there is something to render. Changes that come
// during a round become exactly one next round.
type lane struct {
	hub        *Hub
	key        laneKey
	generation atomic.Uint64 // counts changes
	began      atomic.Int64  // when the first change came that no round has begun with, Unix nanoseconds; 0: none has

	mu      sync.Mutex
	topics  map[*topic]struct{}
	running bool
	again   bool
}

// changed makes every topic of the lane stale and starts a round.
func (l *lane) changed() {
	l.began.CompareAndSwap(0, time.Now().UnixNano())
	l.generation.Add(1)
	l.start()
}

func (l *lane) start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		l.again = true
		return
	}
	if len(l.topics) == 0 || !l.hub.enter() {
		return
	}
	l.running = true
	go l.run()
}

func (l *lane) run() {
	defer l.hub.running.Done()
	for {
		began := l.began.Swap(0)
		for _, t := range l.round() {
			if err := t.pass(); err != nil {
				l.hub.log.Warn("cannot render a view", "office", l.key.office, "error", err)
			} else if began > 0 {
				l.hub.metrics.reach.Observe(time.Since(time.Unix(0, began)).Seconds())
			}
			runtime.Gosched() // a round of ten thousand tickets must not keep a press waiting
		}
		if l.finished() {
			return
		}
	}
}

// round is what to render now.
func (l *lane) round() []*topic {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.again = false
	topics := make([]*topic, 0, len(l.topics))
	for t := range l.topics {
		topics = append(topics, t)
	}
	return topics
}

func (l *lane) finished() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.again {
		return false
	}
	l.running = false
	return true
}

func (l *lane) add(t *topic) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.topics) == 0 {
		l.began.Store(0) // nobody waited for what changed before
	}
	l.topics[t] = struct{}{}
}

func (l *lane) remove(t *topic) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.topics, t)
}
