package hub

import (
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

// Options are what a Hub may be told. The zero value is ready to use.
type Options struct {
	Log        *slog.Logger          // slog.Default when nil
	Clock      func() time.Time      // the time that frames tell; time.Now when nil
	Registerer prometheus.Registerer // nowhere when nil

	// SameOrigin says whether no browser sent the request for a page of another
	// origin. When nil, the Origin is compared with the Host: enough without a
	// proxy that gives the request another one.
	SameOrigin func(*fiber.Ctx) bool

	WriteTimeout time.Duration // after which a client that takes nothing is dropped; 10 s when zero
	PingInterval time.Duration // between pings; 25 s when zero; a client silent for two and a half is dropped
	DrainTimeout time.Duration // for everybody to leave when Run ends; 5 s when zero
	SendBuffer   int           // bytes that the kernel may hold for one client; 32 KiB when zero
}

// A Hub knows every live connection of this process.
type Hub struct {
	log     *slog.Logger
	clock   func() time.Time
	metrics *metrics

	sameOrigin func(*fiber.Ctx) bool

	writeTimeout time.Duration
	pingInterval time.Duration
	drainTimeout time.Duration
	sendBuffer   int

	seed  maphash.Seed
	up    *websocket.Upgrader
	wheel wheel
	by    *pusher // the wheel's

	mu     sync.Mutex // before a lane's, a topic's and a conn's
	topics map[string]*topic
	lanes  map[string]map[laneKey]*lane // by office
	count  int                          // of connections

	running  sync.WaitGroup // readers, writers, lanes
	life     sync.Mutex     // the innermost
	draining bool
}

// New returns a hub without connections. Serve and Changed may be called at
// once; ticks come while Run runs.
func New(o Options) *Hub {
	h := &Hub{
		log: o.Log, clock: o.Clock, metrics: newMetrics(o.Registerer), sameOrigin: o.SameOrigin,
		writeTimeout: either(o.WriteTimeout, 10*time.Second),
		pingInterval: either(o.PingInterval, 25*time.Second),
		drainTimeout: either(o.DrainTimeout, 5*time.Second),
		sendBuffer:   either(o.SendBuffer, 32<<10),
		seed:         maphash.MakeSeed(),
		by:           newPusher(),
		topics:       map[string]*topic{},
		lanes:        map[string]map[laneKey]*lane{},
	}
	if h.log == nil {
		h.log = slog.Default()
	}
	if h.clock == nil {
		h.clock = time.Now
	}
	if h.sameOrigin == nil {
		h.sameOrigin = ofOurPage
	}
	h.up = upgrader(h.writeTimeout)
	return h
}

// Run ticks until the context ends. Then it tells everybody when to come back,
// closes with 1012, and returns when all connections and goroutines are gone,
// or with an error after the drain timeout. Serve refuses from then on.
func (h *Hub) Run(ctx context.Context) error {
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	start, turned := time.Now(), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return h.drain()
		case now := <-ticker.C:
			for ; turned+step <= now.Sub(start); turned += step { // a ticker skips when we are late
				h.turn()
			}
		}
	}
}

// Changed says that every topic of the office may have a new view. It returns
// at once; changes that come while the views are rendered become one next
// rendering.
func (h *Hub) Changed(group string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.lanes[group] {
		l.changed()
	}
}

// turn wakes the connections whose time has come.
func (h *Hub) turn() {
	due, beat := h.wheel.advance()
	if len(due) == 0 {
		return
	}
	now := time.Now()
	for _, c := range due {
		c.mu.Lock()
		over := c.gone || c.end != nil
		c.mu.Unlock()
		if over {
			continue
		}
		h.wheel.add(c, c.every)
		if c.wire.silent(now.Add(-h.pingInterval * 5 / 2)) {
			c.finish(4003, "silent", h.retry())
			continue
		}
		ping := !now.Before(c.nextPing)
		if ping {
			c.nextPing = now.Add(h.pingInterval)
		}
		if t := c.topic; t.beat != beat {
			t.beat, t.beatTick = beat, t.tick(h.clock())
		}
		c.beat(c.topic.beatTick, ping, h.by)
	}
}

// admit enters a connection in its topic and starts its reader; false when
// the hub is draining.
func (h *Hub) admit(w wire, t Topic, at position) bool {
	c := &conn{
		hub: h, wire: w, allowed: t.Allowed, every: either(t.Tick, defaultTick),
		at: at, joining: true,
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.enter() {
		return false
	}
	s := h.topics[t.Key]
	if s == nil {
		s = newTopic(t, h.lane(t), h.seed)
		s.key = strings.Clone(t.Key)
		h.topics[s.key] = s
		s.lane.add(s)
	}
	c.topic = s
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	h.count++
	h.metrics.sockets.WithLabelValues(w.kind()).Inc()
	h.wheel.add(c, c.every/2+rand.N(c.every/2+1)) // spread, whenever they came
	go c.live()
	c.mu.Lock()
	c.wake()
	c.mu.Unlock()
	return true
}

// lane is where topics of this kind are rendered; the caller holds mu.
func (h *Hub) lane(t Topic) *lane {
	office := strings.Clone(t.Group)
	key := laneKey{office, t.SameOrigin, t.Tick}
	lanes := h.lanes[office]
	if lanes == nil {
		lanes = map[laneKey]*lane{}
		h.lanes[office] = lanes
	}
	if lanes[key] == nil {
		lanes[key] = &lane{hub: h, key: key, topics: map[*topic]struct{}{}}
	}
	return lanes[key]
}

// remove forgets a connection, and its topic with the last one.
func (h *Hub) remove(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count--
	t := c.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.conns, c)
	delete(t.strays, c)
	if len(t.conns) == 0 {
		delete(h.topics, t.key)
		t.lane.remove(t)
	}
}

// enter counts a goroutine that drain waits for; false when it is too late.
func (h *Hub) enter() bool {
	h.life.Lock()
	defer h.life.Unlock()
	if h.draining {
		return false
	}
	h.running.Add(1)
	return true
}

// drain ends every connection and waits for all that runs.
func (h *Hub) drain() error {
	h.life.Lock()
	h.draining = true
	h.life.Unlock()

	all := h.everybody()
	for _, c := range all {
		c.finish(1012, "restart", h.retry())
	}
	done := make(chan struct{})
	go func() {
		h.running.Wait()
		close(done)
	}()
	over := time.NewTimer(h.drainTimeout)
	defer over.Stop()
	patience := time.NewTimer(h.drainTimeout * 4 / 5)
	defer patience.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-patience.C:
			for _, c := range all {
				c.wire.kill()
			}
		case <-over.C:
			return fmt.Errorf("hub: live connections did not end within %s", h.drainTimeout)
		}
	}
}

func (h *Hub) everybody() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*conn, 0, h.count)
	for _, t := range h.topics {
		t.mu.Lock()
		for c := range t.conns {
			all = append(all, c)
		}
		t.mu.Unlock()
	}
	return all
}

// retry is when a client may come back: half a second from now or later, so
// that about two thousand come back each second.
func (h *Hub) retry() time.Duration {
	h.mu.Lock()
	spread := max(2*time.Second, time.Duration(h.count)*time.Second/2000)
	h.mu.Unlock()
	return time.Second/2 + rand.N(spread)
}

// either is the value, or what is meant when it is zero.
func either[T comparable](value, usual T) T {
	var zero T
	if value == zero {
		return usual
	}
	return value
}
