// Package predict says how long people will wait, as an honest interval: it
// plays the hall forward from its live state, with the office's own calling
// policy, its open counters and the service times that it has measured. It is
// pure and deterministic: the same state and time give the same forecast.
package predict

import (
	"maps"
	"slices"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// Wait is a predicted wait in seconds, rounded outwards to whole minutes: one
// in ten is called before P10, half before P50, nine in ten before P90. All
// three are equal, and rounded to five minutes, until the office has measured
// enough to say more than "about".
type Wait struct {
	P10 int `json:"p10"`
	P50 int `json:"p50"`
	P90 int `json:"p90"`
}

// Ticket is what a waiting ticket may expect.
type Ticket struct {
	Ahead int   `json:"ahead"` // people, see queue.State.Ahead
	Wait  *Wait `json:"wait"`  // nil if nobody who is open serves it, or all stands still
}

// Forecast is what a hall may expect at one moment.
type Forecast struct {
	At      time.Time         `json:"at"`
	Version uint64            `json:"version"` // of the state that it was made from
	Tickets map[string]Ticket `json:"tickets"` // who waits, by ticket id
	// Newcomers holds what somebody may expect who checks in now, by service id
	// and lane. What cannot be predicted is absent.
	Newcomers map[string]map[queue.Lane]Wait `json:"newcomers"`
}

// Hall is all of an office that a forecast depends on. It shares nothing that
// changes with the state that it was taken from.
type Hall struct {
	at        time.Time
	version   uint64
	config    *queue.Config
	tickets   []*queue.Ticket // waiting, called and serving
	expected  []*queue.Ticket // booked for today and not yet there
	counters  map[string]*queue.Counter
	debt      map[string]int
	paces     map[string]queue.Pace
	pauses    []queue.Suspension
	suspended bool
}

// Waits looks at a state and forecasts in one. The state must not change
// meanwhile; who cannot hold it for so long uses Look.
func Waits(s *queue.State, now time.Time) Forecast { return Look(s, now).Waits() }

// Look takes from a state what a forecast needs, in a fraction of a
// millisecond, so that the forecast itself can be made while the state goes on.
// The state must be configured.
func Look(s *queue.State, now time.Time) *Hall {
	h := &Hall{
		at: now, version: s.Version, config: s.Config,
		counters: maps.Clone(s.Counters), debt: maps.Clone(s.Debt), paces: maps.Clone(s.Paces),
		pauses: slices.Clone(s.Suspensions),
	}
	_, h.suspended = s.Suspended()
	for _, stage := range s.Config.Stages {
		h.tickets = append(h.tickets, s.Waiting(stage.ID)...)
	}
	for _, k := range s.Config.Counters {
		for _, id := range s.Counter(k.ID).Tickets {
			if t := s.Tickets[id]; t != nil {
				h.tickets = append(h.tickets, t)
			}
		}
	}
	today := s.Today(now)
	for _, t := range s.Tickets {
		if t.Status == queue.Booked && t.Date == today && t.Slot != nil && !t.Released {
			h.expected = append(h.expected, t)
		}
	}
	return h
}

// Waits forecasts for everybody who waits, and for newcomers.
func (h *Hall) Waits() Forecast {
	f := Forecast{At: h.at, Version: h.version, Tickets: map[string]Ticket{}, Newcomers: map[string]map[queue.Lane]Wait{}}
	g := h.play()
	for _, t := range h.tickets {
		if t.Status == queue.Waiting {
			f.Tickets[t.ID] = Ticket{Ahead: g.ahead[t.ID]}
		}
	}
	measured := h.measured()
	for i, samples := range g.replay() {
		var wait *Wait
		for _, id := range g.turns[i].tickets {
			waiting, isWaiting := f.Tickets[id]
			newcomer, isProbe := g.probes[id]
			if !isWaiting && !isProbe || isWaiting && waiting.Wait != nil { // nobody's, or a later stage's
				continue
			}
			if wait == nil {
				if wait = interval(samples, &g.clock, measured); wait == nil {
					break
				}
			}
			if isWaiting {
				f.Tickets[id] = Ticket{Ahead: waiting.Ahead, Wait: wait}
				continue
			}
			if f.Newcomers[newcomer.service] == nil {
				f.Newcomers[newcomer.service] = map[queue.Lane]Wait{}
			}
			f.Newcomers[newcomer.service][newcomer.lane] = *wait
		}
	}
	return f
}

// enough is how many service times an office must have measured before its
// intervals mean something.
const enough = 20

func (h *Hall) measured() bool {
	n := 0
	for _, p := range h.paces {
		n += p.Count
	}
	return n >= enough
}

// clock is how time passes in the hall.
type clock struct {
	now    time.Time
	hours  *calendar.Hours
	pauses []calendar.Interval
	all    bool // all time counts
}

// clock counts the office's working time, breaks left out. If a counter is open
// although the calendar says break, the counters are right.
func (h *Hall) clock() clock {
	c := clock{now: h.at, hours: h.config.Calendar()}
	for _, p := range h.pauses {
		c.pauses = append(c.pauses, p.Interval)
	}
	c.all = c.hours.Worked(h.at, h.at.Add(time.Second), c.pauses) == 0
	return c
}

// at returns the instant when d has passed.
func (c *clock) at(d time.Duration) time.Time {
	if c.all {
		return c.now.Add(d)
	}
	return c.hours.After(c.now, d, c.pauses)
}

// until returns how much passes until t.
func (c *clock) until(t time.Time) time.Duration {
	if c.all {
		return max(0, t.Sub(c.now))
	}
	return c.hours.Worked(c.now, t, c.pauses)
}

// longest is beyond what anybody waits for: the office does not open again.
const longest = 30 * 24 * time.Hour

// interval makes a wait of the moments of the call in all replications, nil if it
// will not come.
func interval(samples []float64, c *clock, measured bool) *Wait {
	slices.Sort(samples)
	after := func(quantile float64) float64 {
		place := quantile * float64(len(samples)-1)
		i := int(place)
		low, high := samples[i], samples[min(i+1, len(samples)-1)]
		passed := low + (high-low)*(place-float64(i))
		return c.at(time.Duration(passed * float64(time.Second))).Sub(c.now).Minutes()
	}
	if after(0.9) > longest.Minutes() {
		return nil
	}
	if !measured {
		about := (int(after(0.5))/5*5 + 5) * 60
		return &Wait{about, about, about}
	}
	w := &Wait{P10: int(after(0.1)), P50: int(after(0.5) + 0.5), P90: int(after(0.9)) + 1}
	return &Wait{w.P10 * 60, w.P50 * 60, w.P90 * 60}
}
