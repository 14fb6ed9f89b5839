package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"antrean/internal/queue"

	"github.com/prometheus/client_golang/prometheus"
)

// The errors of commands that are not refusals.
var (
	// ErrNoOffice says that there is no office of that id.
	ErrNoOffice = errors.New("no such office")
	// ErrUnavailable says that the outcome is unknown: repeat with the same key.
	ErrUnavailable = errors.New("the outcome is unknown")
	// ErrReadOnly says that the log holds what this release does not understand:
	// this node shows the office but does not write it.
	ErrReadOnly = errors.New("the office is read-only on this node")
	// ErrBusy says that too many wait already; nothing was done.
	ErrBusy = errors.New("too many commands wait")

	// errGap says that a log lacks entries between those known and those found.
	errGap = errors.New("entries are missing")
	// errFlying says that an own batch was seen before its acknowledgement.
	errFlying = errors.New("the batch is not acknowledged yet")
)

const (
	usualIdle = 5 * time.Minute
	// replays is how many answers are rebuilt from the log at once.
	replays = 2
	// keepEvery is how often an office asks whether a snapshot is due.
	keepEvery = 10 * time.Minute
)

// Options choose how offices run. The zero value serves a test.
type Options struct {
	Log *slog.Logger
	// OnChange is called after an office's settled state has changed. It must
	// not block, and may be called from several goroutines.
	OnChange   func(office string)
	Registerer prometheus.Registerer
	Clock      Clock         // nil: the store's time
	Archive    string        // directory of the archive; "": the log keeps all until its retention
	IdleAfter  time.Duration // until an office that nobody uses goes to sleep; 0: 5 minutes
	Node       string        // names this node in leases
}

// Offices are the offices of a store, as this node runs them.
type Offices struct {
	log     Log
	records Records
	o       Options
	node    string // unique to this Offices
	clock   *storeClock
	metrics *metrics
	replay  chan struct{} // holds a token for each answer being rebuilt

	life     context.Context // ends everything that was started
	end      context.CancelFunc
	group    sync.WaitGroup
	archived bookmarks
	down     atomic.Pointer[error] // why the store did not answer last; nil: it did

	mu     sync.Mutex
	closed bool
	awake  map[string]*Office
	leases map[string]*lease
}

// New makes the offices of a store. What they start ends with Run, which must
// be called once, before or after the first office is used.
func New(log Log, records Records, o Options) *Offices {
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if o.OnChange == nil {
		o.OnChange = func(string) {}
	}
	if o.IdleAfter <= 0 {
		o.IdleAfter = usualIdle
	}
	life, end := context.WithCancel(context.Background())
	return &Offices{
		log:     log,
		records: records,
		o:       o,
		node:    o.Node + "/" + random(),
		clock:   &storeClock{log: log, simulated: o.Clock},
		metrics: newMetrics(o.Registerer),
		replay:  make(chan struct{}, replays),
		life:    life,
		end:     end,
		awake:   make(map[string]*Office),
		leases:  make(map[string]*lease),
	}
}

// Run keeps the time, renews leases and sends idle offices to sleep until ctx
// ends, and returns when everything that was started is gone.
func (o *Offices) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, o.end)
	defer stop()
	o.start(func() { o.clock.run(o.life, o.heard) })
	o.start(o.renewLeases)
	o.start(o.sendToSleep)
	<-o.life.Done()
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.group.Wait()
	o.dropLeases()
	return nil
}

// start runs f in a goroutine that Run waits for; it reports false when Run
// has ended.
func (o *Offices) start(f func()) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	o.group.Go(f)
	return true
}

// Now is the store's time. It never goes backwards.
func (o *Offices) Now() time.Time { return o.clock.now() }

// Ready is nil when the store answers, the clock is right and the offices that
// are awake can be read and written.
func (o *Offices) Ready() error {
	if down := o.down.Load(); down != nil {
		return fmt.Errorf("the store does not answer: %w", *down)
	}
	if err := o.clock.ready(); err != nil {
		return err
	}
	o.mu.Lock()
	awake := make([]*Office, 0, len(o.awake))
	for _, f := range o.awake {
		awake = append(awake, f)
	}
	o.mu.Unlock()
	for _, f := range awake {
		if err := f.ready(); err != nil {
			return fmt.Errorf("office %s: %w", f.id, err)
		}
	}
	return nil
}

// heard notes whether the store answered.
func (o *Offices) heard(err error) {
	if err == nil {
		o.down.Store(nil)
	} else if o.life.Err() == nil {
		o.down.Store(&err)
	}
}

// Office is the running office of that id; a sleeping one is woken, and stays
// awake for a while. The error is ErrNoOffice when there is none, wraps
// ErrUnavailable when the store does not say, and ErrReadOnly when this release
// can read nothing of it.
func (o *Offices) Office(ctx context.Context, id string) (*Office, error) {
	if id == "" || len(id) > 64 {
		return nil, ErrNoOffice
	}
	o.mu.Lock()
	f := o.awake[id]
	if f == nil {
		if o.closed || o.life.Err() != nil {
			o.mu.Unlock()
			return nil, ErrUnavailable
		}
		f = newOffice(o, id)
		o.awake[id] = f
		o.group.Go(f.run)
	}
	f.touch()
	o.mu.Unlock()
	select {
	case <-f.loaded:
		if f.failed != nil {
			return nil, f.failed
		}
		return f, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wake %s: %w: %w", id, ErrUnavailable, ctx.Err())
	}
}

// Awake are the offices that are awake here and can be read, by id. Asking
// neither wakes one nor keeps it awake.
func (o *Offices) Awake() []*Office {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []*Office
	for _, f := range o.awake {
		select {
		case <-f.loaded:
			if f.failed == nil {
				all = append(all, f)
			}
		default:
		}
	}
	slices.SortFunc(all, func(a, b *Office) int { return strings.Compare(a.id, b.id) })
	return all
}

// gone takes an office off the list of those awake.
func (o *Offices) gone(f *Office) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.awake[f.id] == f {
		delete(o.awake, f.id)
	}
}

// askTime makes sure that the store has told the time once.
func (o *Offices) askTime(ctx context.Context) error {
	if o.clock.asked() {
		return nil
	}
	err := o.clock.ask(ctx)
	o.heard(err)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

// sendToSleep ends offices that nobody has used for a while.
func (o *Offices) sendToSleep() {
	every := min(max(o.o.IdleAfter/4, 10*time.Millisecond), 30*time.Second)
	for pause(o.life, every) {
		o.mu.Lock()
		for id, f := range o.awake {
			if o.leases[id].held(time.Now()) {
				continue
			}
			if f.sleep(o.o.IdleAfter) {
				delete(o.awake, id)
			}
		}
		o.mu.Unlock()
	}
}

func (o *Offices) history(office string) history {
	return history{o.log, o.records, o.o.Archive, office, &o.archived}
}

// system is who acts when no person does.
const system = "system"

// random is a word that nobody has used before.
func random() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func encodeAll(events []*queue.Event) ([][]byte, error) {
	data := make([][]byte, len(events))
	for i, e := range events {
		var err error
		if data[i], err = queue.Encode(e); err != nil {
			return nil, err
		}
	}
	return data, nil
}
