package predict

import (
	"maps"
	"math"
	"runtime"
	"slices"
	"time"

	"antrean/internal/queue"
)

// game is the hall played once with every service taking its usual time. To
// ask the policy is costly and its order hardly depends on single service
// times, so it is asked in one game; replay then varies the times.
type game struct {
	hall    *Hall
	clock   clock
	state   *queue.State
	seats   []seat
	turns   []turn         // first who is at the counters, then in the order of the calls
	last    map[string]int // a ticket's latest turn
	classes map[class]int
	serves  [][]bool // by class and seat
	ahead   map[string]int

	probes  map[string]probe         // newcomers, by ticket id
	arrives map[string]float64       // expected bookings: seconds from now
	targets map[string]*queue.Ticket // whose call is awaited; the game ends with the last
	comes   []*queue.Ticket          // expected bookings that are not yet there, in order
	wakes   []float64                // when somebody may be called who could not be before
}

// turn is one call, and the time at the counter that follows.
type turn struct {
	tickets []string
	class   int  // who may serve it
	kind    int  // the kind of counter that called it
	seat    int  // who does serve it already, else -1
	jumps   bool // is in the priority lane
	due     time.Time
	elapsed float64 // seconds that it has been served for
	mean    float64 // seconds at the counter; 0 takes nobody's time
	ready   float64 // not before, seconds from now
	after   int     // the turn of the stage before, -1 if none
	luck    uint64  // of its service time
	comes   float64 // how likely it is to happen at all
}

// class is what counters tell people apart by.
type class struct {
	service, stage string
	lane           queue.Lane
}

// seat is an open counter.
type seat struct {
	config  *queue.CounterConfig
	kind    int      // equal for counters that serve the same
	free    float64  // seconds from now; infinite when nothing is to come
	tickets []string // who is there until then
}

// maxSteps ends a game that a hall of any real size ends long before.
const maxSteps = 20_000

func (h *Hall) play() *game {
	g := &game{
		hall: h, clock: h.clock(), state: queue.NewState(""), last: map[string]int{}, ahead: map[string]int{}, classes: map[class]int{},
		probes: map[string]probe{}, arrives: map[string]float64{}, targets: map[string]*queue.Ticket{},
	}
	g.state.Config = h.config
	g.state.Suspensions = h.pauses
	maps.Copy(g.state.Debt, h.debt)
	maps.Copy(g.state.Counters, h.counters)
	g.tell(&queue.TicketsBooked{Tickets: h.tickets})
	for _, stage := range h.config.Stages {
		maps.Copy(g.ahead, g.state.Order(stage.ID))
	}
	if h.suspended {
		return g
	}
	g.sit()
	g.wait()
	g.invite()
	g.expect()
	for range maxSteps {
		if len(g.targets) == 0 || !g.step() {
			break
		}
		runtime.Gosched() // whoever presses Next goes first
	}
	return g
}

// tell folds a fact into the game's state.
func (g *game) tell(f queue.Fact) {
	if err := g.state.Apply(g.state.Version+1, &queue.Event{At: g.hall.at, Fact: f}); err != nil {
		panic(err) // only a wrong version is an error, and this is the next
	}
}

// sit finds the open counters and who is there.
func (g *game) sit() {
	for i := range g.hall.config.Counters {
		k := &g.hall.config.Counters[i]
		if g.state.Counter(k.ID).State == queue.Open {
			kind := slices.IndexFunc(g.seats, func(s seat) bool { return serveAlike(s.config, k) })
			if kind < 0 {
				kind = len(g.seats)
			}
			g.seats = append(g.seats, seat{config: k, kind: kind})
		}
	}
	for i := range g.seats {
		s := &g.seats[i]
		var there *turn
		for _, id := range g.state.Counter(s.config.ID).Tickets {
			t := g.state.Tickets[id]
			if t == nil {
				continue
			}
			s.tickets = append(s.tickets, id)
			g.last[id] = len(g.turns)
			if there == nil {
				since := t.CalledAt
				if t.Status == queue.Serving {
					since = t.ServedFrom
				}
				there = &turn{seat: i, after: -1, mean: g.hall.mean(t), luck: luck(t), comes: 1}
				there.elapsed = max(0, g.hall.at.Sub(since).Seconds())
			}
		}
		if there != nil {
			there.tickets = s.tickets
			s.free = remaining(there.mean, there.elapsed, 0)
			g.turns = append(g.turns, *there)
		}
	}
}

func serveAlike(a, b *queue.CounterConfig) bool {
	return slices.Equal(a.Stages, b.Stages) && slices.Equal(a.Services, b.Services) && slices.Equal(a.Lanes, b.Lanes)
}

// wait awaits the call of everybody in the hall whom an open counter serves.
func (g *game) wait() {
	for _, t := range g.hall.tickets {
		if t.Status != queue.Waiting || !g.served(t) {
			continue
		}
		g.targets[t.ID] = t
		if t.NotBefore.After(g.hall.at) {
			// A second later, so that the instant is past a break as well.
			g.wakes = append(g.wakes, g.clock.until(t.NotBefore).Seconds()+1)
		}
	}
}

// served tells whether an open counter may serve the ticket.
func (g *game) served(t *queue.Ticket) bool { return slices.Contains(g.serves[g.class(t)], true) }

func (g *game) class(t *queue.Ticket) int {
	c := class{t.Service, t.Stage, t.Lane}
	n, known := g.classes[c]
	if !known {
		n = len(g.serves)
		g.classes[c] = n
		serves := make([]bool, len(g.seats))
		for i, s := range g.seats {
			serves[i] = s.config.Serves(t)
		}
		g.serves = append(g.serves, serves)
	}
	return n
}

// step lets the counter that is free first end its work and call the next. It
// returns false when no counter has anything to come.
func (g *game) step() bool {
	s := g.first()
	if math.IsInf(s.free, 1) {
		return false
	}
	for len(g.comes) > 0 && g.arrives[g.comes[0].ID] <= s.free {
		g.tell(&queue.TicketsBooked{Tickets: g.comes[:1]})
		g.comes = g.comes[1:]
	}
	if len(s.tickets) > 0 {
		g.complete(s)
	}
	next, ok := g.state.NextTurn(s.config, g.clock.at(seconds(s.free)))
	if !ok {
		s.free = g.nextEvent(s.free)
		return true
	}
	g.call(s, next)
	return true
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// first returns the seat that is free first.
func (g *game) first() *seat {
	best := &g.seats[0]
	for i := range g.seats {
		if g.seats[i].free < best.free {
			best = &g.seats[i]
		}
	}
	return best
}

// nextEvent is when somebody may be there to be called, after that moment.
func (g *game) nextEvent(after float64) float64 {
	next := math.Inf(1)
	for i := range g.seats {
		if s := &g.seats[i]; len(s.tickets) > 0 && s.free > after {
			next = min(next, s.free)
		}
	}
	if i, _ := slices.BinarySearch(g.wakes, math.Nextafter(after, math.Inf(1))); i < len(g.wakes) {
		next = min(next, g.wakes[i])
	}
	return next
}

// complete ends the work at a counter; who was there waits for the next stage.
func (g *game) complete(s *seat) {
	done := &queue.TicketsCompleted{Counter: s.config.ID, Tickets: s.tickets}
	t := g.state.Tickets[s.tickets[0]]
	if i := slices.Index(t.Route, t.Stage); i >= 0 && i+1 < len(t.Route) {
		done.To = t.Route[i+1]
	}
	g.tell(done)
	s.tickets = nil
}

func (g *game) call(s *seat, next queue.Turn) {
	t := next.Tickets[0]
	made := turn{
		class: g.class(t), kind: s.kind, seat: -1, jumps: t.Lane == queue.Priority, due: t.Due,
		mean: g.hall.mean(t), after: -1, luck: luck(t), comes: 1,
	}
	if _, isProbe := g.probes[t.ID]; isProbe {
		made.mean, next.DebtOf, next.Debt = 0, "", 0
	}
	for _, t := range next.Tickets {
		made.tickets = append(made.tickets, t.ID)
		if before, again := g.last[t.ID]; again {
			made.after = max(made.after, before)
		} else if at, isExpected := g.arrives[t.ID]; isExpected {
			made.ready, made.comes = at, kept
		} else if target := g.targets[t.ID]; target != nil {
			made.ready = max(made.ready, g.clock.until(target.NotBefore).Seconds())
		}
		g.last[t.ID] = len(g.turns)
		delete(g.targets, t.ID)
	}
	g.tell(&queue.TicketsCalled{
		Counter: s.config.ID, Tickets: made.tickets, Why: string(next.Why), DebtOf: next.DebtOf, Debt: next.Debt,
	})
	s.tickets = made.tickets
	s.free += made.mean
	g.turns = append(g.turns, made)
}
