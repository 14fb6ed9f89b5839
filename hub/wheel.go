package hub

import (
	"sync"
	"time"
)

// step is the wheel's resolution: a tick may be this late.
const step = 100 * time.Millisecond

// A wheel wakes connections at their time with one timer for all of them.
type wheel struct {
	mu    sync.Mutex
	now   uint64 // in steps
	slots [256][]*conn
}

// add wakes the connection once, after at least one step. A connection that
// has left meanwhile is woken all the same and not added again.
func (w *wheel) add(c *conn, after time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.due = w.now + max(1, uint64(after/step))
	slot := &w.slots[c.due%uint64(len(w.slots))]
	*slot = append(*slot, c)
}

// advance turns the wheel by one step and returns who is due.
func (w *wheel) advance() (due []*conn, now uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now++
	slot := &w.slots[w.now%uint64(len(w.slots))]
	later := (*slot)[:0]
	for _, c := range *slot {
		if c.due <= w.now {
			due = append(due, c)
		} else {
			later = append(later, c)
		}
	}
	clear((*slot)[len(later):])
	*slot = later
	return due, w.now
}
