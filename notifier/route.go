package notifier

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// longestLine is how long a claimed message may wait for its turn at a
	// channel: no more is claimed than its rate lets through in that time.
	longestLine = 20 * time.Second
	// mostClaimed bounds it for fast channels, of each haste.
	mostClaimed = 256
	// atOnce is how many attempts a channel makes at the same time.
	atOnce = 16
)

// job is a claimed message on its way. It holds where the person is reached for
// as long as it takes to send it.
type job struct {
	claim
	office  string
	contact Contact
	haste   haste
	arose   time.Time // when the office's event came to be known here
	done    func(result)
}

// route is a channel with what stands before it: places for messages that were
// claimed, in two lines of which the urgent goes first, its rate, and its
// circuit.
type route struct {
	Route
	limit   *rate.Limiter
	circuit circuit

	mu    sync.Mutex
	room  map[haste]int
	lines map[haste][]*job
	added chan struct{}
}

// newRoute makes a route on which a message waits at most so long.
func newRoute(r Route, wait time.Duration) *route {
	perSecond := float64(r.Rate.Count) / r.Rate.Per.Seconds()
	room := min(max(int(perSecond*wait.Seconds()), 1), mostClaimed)
	return &route{
		Route: r,
		limit: rate.NewLimiter(rate.Limit(perSecond), min(max(r.Rate.Count, 1), atOnce)),
		room:  map[haste]int{urgent: room, calm: room},
		lines: map[haste][]*job{},
		added: make(chan struct{}, 1),
	}
}

func (r *route) name() string { return r.Channel.Name() }

// serves says whether the channel is for that office and kind.
func (r *route) serves(office string, kind Kind) bool {
	return (len(r.Offices) == 0 || slices.Contains(r.Offices, office)) && (len(r.Kinds) == 0 || slices.Contains(r.Kinds, kind))
}

// left is how many places are free.
func (r *route) left(h haste) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.room[h]
}

// reserve takes a place for one message, if there is one.
func (r *route) reserve(h haste, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.room[h] == 0 {
		return false
	}
	if ok, _ := r.circuit.admit(now); !ok {
		return false
	}
	r.room[h]--
	return true
}

// release gives back a place that was not used.
func (r *route) release(h haste) {
	r.circuit.leave()
	r.free(h)
}

func (r *route) free(h haste) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.room[h]++
}

// add puts a message into its line. It has a place.
func (r *route) add(j *job) {
	r.mu.Lock()
	r.lines[j.haste] = append(r.lines[j.haste], j)
	r.mu.Unlock()
	select {
	case r.added <- struct{}{}:
	default:
	}
}

// next takes the first of the urgent, else of the calm; nil when nobody waits.
func (r *route) next() *job {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range []haste{urgent, calm} {
		if line := r.lines[h]; len(line) > 0 {
			r.lines[h] = line[1:]
			return line[0]
		}
	}
	return nil
}

func (r *route) waiting() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.lines[urgent])+len(r.lines[calm]) > 0
}

// run hands messages to deliver at the channel's rate until ctx ends, and
// returns when all have come back. From the end of steady on nothing waits for
// the rate any more: deliver lets it go.
func (r *route) run(ctx, steady context.Context, deliver func(*job)) error {
	var flying sync.WaitGroup
	defer flying.Wait()
	places := make(chan struct{}, atOnce)
	for {
		for r.waiting() {
			_ = r.limit.Wait(steady)
			j := r.next()
			places <- struct{}{}
			flying.Go(func() {
				defer func() { <-places }()
				deliver(j)
			})
		}
		select {
		case <-ctx.Done():
			if !r.waiting() {
				return nil
			}
		case <-r.added:
		}
	}
}
