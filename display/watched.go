package display

import (
	"context"
	"sync"
	"time"

	"antrean/internal/ledger"
)

// watched keeps those offices awake that a live topic was rendered for not
// long ago. Topics are asked for at each tick, every 15 s at most.
type watched struct {
	mu      sync.Mutex
	offices map[string]*watch
	over    bool
}

type watch struct {
	office *ledger.Office
	end    func()
	seen   time.Time
	showed string    // what of the office changes with time, as last told
	rested time.Time // when it may be predicted again
}

const unwatchedAfter = time.Minute

func newWatched() *watched { return &watched{offices: map[string]*watch{}} }

// hold returns the office and keeps it awake; nil when it cannot be woken at
// once.
func (w *watched) hold(a *App, id string) *ledger.Office {
	w.mu.Lock()
	if at := w.offices[id]; at != nil {
		at.seen = time.Now()
		w.mu.Unlock()
		return at.office
	}
	w.mu.Unlock()

	ctx, done := context.WithTimeout(context.Background(), time.Second)
	defer done()
	office, err := a.open(ctx, id)
	if err != nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return office
	}
	if w.offices[id] == nil {
		w.offices[id] = &watch{office: office, end: office.Watch(), seen: time.Now()}
	}
	return w.offices[id].office
}

// awake lets go of offices that nobody watches any more and returns the others.
func (w *watched) awake() map[string]*watch {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[string]*watch{}
	for id, at := range w.offices {
		if time.Since(at.seen) > unwatchedAfter {
			at.end()
			delete(w.offices, id)
			continue
		}
		all[id] = at
	}
	return all
}

// release lets go of everything, for ever.
func (w *watched) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	for id, at := range w.offices {
		at.end()
		delete(w.offices, id)
	}
}
