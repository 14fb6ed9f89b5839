package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"antrean/internal/queue"
)

const (
	publicBox = 4096 // the public's commands that may wait
	staffBox  = 1024
)

// Office is an office that is awake on this node. The writer decides and
// appends, the tail follows the log, and now and then a snapshot is kept; each
// is a goroutine.
type Office struct {
	offices *Offices
	id      string
	log     *slog.Logger
	history history

	loaded chan struct{} // closed when the state is there, or failed says why not
	failed error
	life   context.Context
	end    context.CancelFunc

	staff, public chan *request
	stuck         atomic.Bool           // the store has not answered the batch for a while
	trouble       atomic.Pointer[error] // of the tail's last round

	mu         sync.RWMutex
	settled    *queue.State // durable events only
	at         Position     // of settled's last event
	confirmed  time.Time    // when the log was last known to end at `at`
	readOnly   error        // why this node may not write, if it may not
	flight     *batch       // being appended
	following  bool         // the writer has a state
	missed     []folded     // settled, but not yet folded by the writer
	generation int          // of settled: it rises when settled was loaded anew
	epochs     map[string]bool
	marks      marks     // of settled
	looking    time.Time // since then without a break; before it clients may have seen more
	witnessed  bool      // one of them has said so
	kept       struct {  // the newest snapshot that this node knows of
		version uint64
		at      time.Time
	}

	reloading sync.Mutex

	spec           *queue.State // the writer's own: settled, and what it decided since
	specGeneration int
	specPruned     time.Time

	useMu  sync.Mutex
	uses   int // watchers and commands under way
	used   time.Time
	asleep bool
}

func newOffice(o *Offices, id string) *Office {
	life, end := context.WithCancel(o.life)
	return &Office{
		offices: o,
		id:      id,
		log:     o.o.Log.With("office", id),
		history: o.history(id),
		loaded:  make(chan struct{}),
		life:    life,
		end:     end,
		staff:   make(chan *request, staffBox),
		public:  make(chan *request, publicBox),
		epochs:  make(map[string]bool),
	}
}

// run wakes the office and serves it until it falls asleep.
func (f *Office) run() {
	defer f.end()
	if err := f.wake(); err != nil {
		f.failed = err
		f.offices.gone(f)
		close(f.loaded)
		return
	}
	close(f.loaded)
	f.offices.metrics.awake.Inc()
	defer f.offices.metrics.awake.Dec()
	var group sync.WaitGroup
	group.Go(f.write)
	group.Go(f.follow)
	group.Go(f.maintain)
	group.Wait()
}

func (f *Office) wake() error {
	if err := f.offices.askTime(f.life); err != nil {
		return err
	}
	began := f.offices.Now()
	p, err := f.history.load(f.life)
	f.offices.heard(err)
	if err != nil {
		return fmt.Errorf("load %s: %w: %w", f.id, ErrUnavailable, err)
	}
	if p.err != nil {
		f.log.Error("the office is read-only on this node", "version", p.end.Version, "error", p.err)
		p.err = fmt.Errorf("%w: %w", ErrReadOnly, p.err)
	}
	switch {
	case p.state.Config == nil && p.err != nil:
		return p.err // there is nothing yet to show
	case p.state.Config == nil:
		return ErrNoOffice
	}
	p.state.Prune(began)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settled, f.at, f.readOnly, f.confirmed, f.marks = p.state, p.end, p.err, began, p.marks
	f.epochs[p.state.Epoch] = true
	f.looking = time.Now()
	return nil
}

// ID is the office's id.
func (f *Office) ID() string { return f.id }

// Read shows the settled state: everything in it is durable. read must be
// quick and may keep what the state points to (tickets, counters), but not its
// maps. Who keeps the Office for longer than a request watches it: one that has
// fallen asleep shows what it knew.
func (f *Office) Read(read func(s *queue.State)) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	read(f.settled)
}

// Confirmed is the position of the settled state and when the log was last
// known to end there.
func (f *Office) Confirmed() (Position, time.Time) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.at, f.confirmed
}

// Watch keeps the office awake until it is released.
func (f *Office) Watch() (release func()) {
	if !f.enter() {
		return func() {}
	}
	return sync.OnceFunc(f.leave)
}

// Events are at most limit raw entries after a version, the archive's included.
func (f *Office) Events(ctx context.Context, after uint64, limit int) ([]Entry, error) {
	return f.history.entries(ctx, after, limit)
}

// StateAt is the state as it was at a version. It is the caller's own.
func (f *Office) StateAt(ctx context.Context, version uint64) (*queue.State, error) {
	p, ok := f.mark(version)
	if !ok {
		p, err := f.history.at(ctx, version)
		return p.state, err
	}
	p, err := f.history.to(ctx, p, version)
	return p.state, err
}

// ready says what is wrong with the office, if anything is.
func (f *Office) ready() error {
	select {
	case <-f.loaded:
	default:
		return errors.New("is being loaded")
	}
	if f.failed != nil {
		return f.failed
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if trouble := f.trouble.Load(); f.readOnly == nil && trouble != nil {
		return *trouble
	}
	return f.readOnly
}

// ReadOnly is why this node may not write the office; nil when it may. It wraps
// ErrReadOnly, and queue.ErrNewer where a newer release has written.
func (f *Office) ReadOnly() error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.readOnly
}

// touch notes that somebody uses the office.
func (f *Office) touch() {
	f.useMu.Lock()
	defer f.useMu.Unlock()
	f.used = time.Now()
}

// enter keeps the office awake until leave; it reports false when the office
// has fallen asleep.
func (f *Office) enter() bool {
	f.useMu.Lock()
	defer f.useMu.Unlock()
	if f.asleep {
		return false
	}
	f.uses++
	return true
}

func (f *Office) leave() {
	f.useMu.Lock()
	defer f.useMu.Unlock()
	f.uses--
	f.used = time.Now()
}

// sleep ends the office if nobody uses it and has not for so long.
func (f *Office) sleep(idle time.Duration) bool {
	f.mu.RLock()
	flying := f.flight != nil
	f.mu.RUnlock()
	f.useMu.Lock()
	defer f.useMu.Unlock()
	if f.uses > 0 || flying || time.Since(f.used) < idle {
		return false
	}
	f.asleep = true
	f.end()
	return true
}
