package notifier

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"antrean/internal/ledger"
	"antrean/internal/vault"
)

const (
	usualClaim = 2 * time.Minute
	usualSend  = 15 * time.Second
	// look is how often the list of offices is read again.
	look = 10 * time.Second
	// lastWord is how long what is under way may go on when a node ends.
	lastWord = 4 * time.Second
)

// Options are what a Notifier is made of. Offices, Store, Records, Vault and
// Ring are required.
type Options struct {
	Offices *ledger.Offices
	Store   ledger.Log
	Records ledger.Records
	Vault   *vault.Vault
	Ring    *vault.Keyring

	Routes []Route
	Faults []Fault // what was left out of Routes, for the administrator
	Rules  Rules
	Texts  Texts // DefaultTexts when nil

	PublicURL  string // that links begin with; "": no links
	Log        *slog.Logger
	Registerer prometheus.Registerer
	// Clock is the store's time, by which claims end; time.Now when nil. It is
	// not a simulated office's: that may jump.
	Clock func() time.Time
	// ClaimFor is how long a node may take for what it has claimed, SendFor how
	// long for one attempt; 0: two minutes, fifteen seconds.
	ClaimFor, SendFor time.Duration
}

// Notifier tells people what happens at the offices of a store. Any number of
// nodes may run one: each message is claimed by one of them.
type Notifier struct {
	o       Options
	node    string
	routes  []*route
	metrics *metrics

	steady  context.Context // ends when nothing new is begun any more
	sending context.Context // ends when attempts are given up
	closed  context.Context // ends when nobody takes results any more
	stop    context.CancelFunc
	giveUp  context.CancelFunc
	close   context.CancelFunc

	mu    sync.Mutex
	desks map[string]*desk
	files map[string]*file // see file
}

// New makes a notifier. Run runs it, once.
func New(o Options) (*Notifier, error) {
	if o.Offices == nil || o.Store == nil || o.Records == nil || o.Vault == nil || o.Ring == nil {
		return nil, errors.New("notifier: offices, store, records, vault and keyring are required")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if o.Texts == nil {
		o.Texts = DefaultTexts()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.ClaimFor <= 0 {
		o.ClaimFor = usualClaim
	}
	if o.SendFor <= 0 {
		o.SendFor = usualSend
	}
	if o.ClaimFor <= claimLeftOver*o.SendFor {
		return nil, fmt.Errorf("notifier: a claim of %s leaves no time for an attempt of %s", o.ClaimFor, o.SendFor)
	}
	if err := o.Rules.prepare(); err != nil {
		return nil, fmt.Errorf("notifier: %w", err)
	}
	n := &Notifier{o: o, node: rand.Text()[:8], metrics: newMetrics(o.Registerer), desks: map[string]*desk{}, files: map[string]*file{}}
	for _, r := range o.Routes {
		n.routes = append(n.routes, newRoute(r, min(longestLine, (o.ClaimFor-claimLeftOver*o.SendFor)/2)))
	}
	n.metrics.watch(o.Registerer, n.routes)
	n.steady, n.stop = context.WithCancel(context.Background())
	n.sending, n.giveUp = context.WithCancel(context.Background())
	n.closed, n.close = context.WithCancel(context.Background())
	return n, nil
}

// Changed says that an office has changed. It never blocks: what there is to
// tell is found in the office's log.
func (n *Notifier) Changed(office string) {
	n.mu.Lock()
	d := n.desks[office]
	n.mu.Unlock()
	if d != nil {
		d.wake()
	}
}

// Run tells people until ctx ends; then nothing new is claimed, what is under
// way is finished and written down, and everything started here is gone.
func (n *Notifier) Run(ctx context.Context) error {
	defer n.close()
	defer n.giveUp()
	var desks sync.WaitGroup
	var channels errgroup.Group
	over, end := context.WithCancel(context.Background())
	defer end()
	for _, r := range n.routes {
		channels.Go(func() error { return r.run(over, n.steady, func(j *job) { n.deliver(r, j) }) })
	}
	again := time.NewTicker(look)
	defer again.Stop()
	for ctx.Err() == nil {
		n.staffDesks(ctx, &desks)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
	n.stop()
	last := time.AfterFunc(lastWord, n.giveUp)
	defer last.Stop()
	desks.Wait()
	n.giveUp()
	n.close()
	end()
	return channels.Wait()
}

// staffDesks opens a desk for every office that has none.
func (n *Notifier) staffDesks(ctx context.Context, running *sync.WaitGroup) {
	ids, err := n.o.Offices.IDs(ctx)
	if err != nil {
		return // the store is away; asked again soon
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range ids {
		if n.desks[id] == nil {
			d := newDesk(n, id)
			n.desks[id] = d
			running.Go(func() { d.run(ctx) })
		}
	}
}

// metrics are counted by channel, never by person.
type metrics struct {
	results  *prometheus.CounterVec
	handover *prometheus.HistogramVec
	open     *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		results: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "antrean_notices_total", Help: "Attempts to tell somebody something, by how they ended.",
		}, []string{"channel", "outcome"}),
		handover: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "antrean_notice_handover_seconds", Help: "From the claim of a notice to the end of its attempt.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 14),
		}, []string{"channel"}),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "antrean_notices_open", Help: "Notices that were taken up and have no end yet.",
		}, []string{"office"}),
	}
	if r != nil {
		r.MustRegister(m.results, m.handover, m.open)
	}
	return m
}

// watch tells which channels rest, when asked.
func (*metrics) watch(r prometheus.Registerer, routes []*route) {
	if r == nil {
		return
	}
	for _, one := range routes {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "antrean_channel_resting", Help: "1 while nothing is given to a channel because it failed or asked for it.",
			ConstLabels: prometheus.Labels{"channel": one.name()},
		}, func() float64 {
			if _, resting := one.circuit.resting(time.Now()); resting {
				return 1
			}
			return 0
		}))
	}
}
