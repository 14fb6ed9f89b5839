package hub

import "time"

// A Snapshot is a whole view as of one position of the office's log.
type Snapshot struct {
	Epoch   string
	Version uint64
	At      time.Time // when the view was made, in the office's time zone
	Data    []byte    // the view's JSON; the hub keeps it and never changes it
}

// A View renders one topic. Its methods are called from many goroutines.
type View interface {
	// Snapshot renders the whole current view. epoch and version are where a
	// returning client was ("" and 0: nowhere); a display adds every call
	// since then. After an error the hub asks again at the next tick.
	Snapshot(epoch string, version uint64) (Snapshot, error)
	// Confirmed is where the log's end was last known, and when. It must not
	// block: the hub asks at every tick.
	Confirmed() (epoch string, version uint64, at time.Time)
}

// A Topic is what a connection subscribes to.
type Topic struct {
	Key   string        // identity: connections with one key share one state
	Group string        // the office; Changed names it
	Tick  time.Duration // how often a quiet connection hears a tick; 15 s when zero

	// SameOrigin refuses requests that a browser sends for a page of another
	// origin, and leaves out the header that lets such pages read the answer.
	SameOrigin bool

	// Allowed is asked again at each tick, for this connection; false closes
	// it with 4001. Nil means always.
	Allowed func() bool

	// View is asked as long as anybody is connected; connections that come
	// later use the first one's, so it must not hold anything of a request.
	View View
}

// defaultTick is the interval for everything but displays.
const defaultTick = 15 * time.Second

// A position is a place in an office's history; the zero position is nowhere.
type position struct {
	epoch   string
	version uint64
}

func (p position) nowhere() bool { return p == position{} }
