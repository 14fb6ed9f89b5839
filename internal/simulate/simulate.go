// Package simulate plays days of offices through the public API of a running
// server: people book, come, come late or not at all; officers call, serve,
// transfer, take breaks and make mistakes. It is a client like any other.
package simulate

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// Options say what is played and how fast.
type Options struct {
	URL     string   // of the server
	Token   string   // an administrator's
	Offices []string // ids; empty: all of the server's
	Speed   float64  // of the server's clock; 0: as fast as the server answers; 1: the real time
	Seed    uint64
	Day     calendar.Date  // the first day played; empty: the server's next working day
	Days    int            // how many; 0 means one
	Free    map[string]int // counters left to people, from the last on, by office
	Standby float64        // the share of people who would take an earlier place
	Load    float64        // how many people come, in usual days' worth; 0 means 1
	// Progress is told after each step: how many of the planned visits ended.
	Progress func(done, planned int, at time.Time)
	// Ready is told the link of one applicant's page in each office, every day.
	Ready func(office, url string)
}

// applicants is how many people want to come on a day.
func (w *world) applicants(o *queue.Config) int {
	return int(w.Load * float64(usualApplicants(o)))
}

// usualApplicants is how many people an office sees on a day: Jalan Surapati
// about 330, Soekarno-Hatta about 120 (press, 15 August 2017); any other office
// 30 a counter.
func usualApplicants(o *queue.Config) int {
	switch o.ID {
	case "bandung":
		return 330
	case "soekarno-hatta":
		return 120
	}
	return 30 * len(o.Counters)
}

// Run plays the days and returns what came of them.
func Run(ctx context.Context, o Options) (*Summary, error) {
	w := &world{
		Options: o,
		api:     newAPI(o.URL, o.Token),
		rng:     rand.New(rand.NewPCG(o.Seed, 0x616e7472)),
		summary: &Summary{Seed: o.Seed, Lanes: map[queue.Lane]*Waits{}},
	}
	if o.Days == 0 {
		w.Days = 1
	}
	if o.Load == 0 {
		w.Load = 1
	}
	if err := w.open(ctx); err != nil {
		return nil, err
	}
	for range w.Days {
		if err := w.playDay(ctx); err != nil {
			return nil, err
		}
		w.day = w.nextDay()
	}
	return w.summary, w.count(ctx)
}

// world is one run: a heap of what happens next and the people it happens to.
type world struct {
	Options
	api     *api
	rng     *rand.Rand
	halls   []*hall
	day     calendar.Date
	agenda  agenda
	now     time.Time // of the step being played
	seq     int
	people  int // made so far
	planned int
	done    int
	told    map[string]bool
	summary *Summary
}

// open learns the offices, signs the officers in and finds the day.
func (w *world) open(ctx context.Context) error {
	offices := w.Offices
	if len(offices) == 0 {
		var err error
		if offices, err = w.api.offices(ctx); err != nil {
			return err
		}
	}
	if len(offices) == 0 {
		return errors.New("the server has no offices")
	}
	w.told = map[string]bool{}
	for _, id := range offices {
		h, err := w.newHall(ctx, id)
		if err != nil {
			return fmt.Errorf("office %s: %w", id, err)
		}
		w.halls = append(w.halls, h)
	}
	now, err := w.api.time(ctx)
	if err != nil {
		return err
	}
	w.now = now
	if w.day = w.Day; w.day == "" {
		cal := w.halls[0].config.Calendar()
		w.day = cal.Date(now)
		if _, closes, open := cal.Bounds(w.day); w.Speed != 1 || !open || now.After(closes) {
			w.day = w.nextDay()
		}
	}
	return nil
}

func (w *world) nextDay() calendar.Date {
	return w.halls[0].config.Calendar().WorkingDay(w.day, 1)
}

// playDay plays one day of every office: the bookings the evening before, then
// the day until the last person has gone.
func (w *world) playDay(ctx context.Context) error {
	clear(w.told) // yesterday's person has gone home
	dawn := w.now // a little before the first door opens
	for i, h := range w.halls {
		opens, _, ok := h.config.Calendar().Bounds(w.day)
		if !ok {
			return fmt.Errorf("office %s is closed on %s", h.id, w.day)
		}
		if before := opens.Add(-2 * time.Minute); i == 0 || before.Before(dawn) {
			dawn = before
		}
	}
	if err := w.moveTo(ctx, dawn.Add(-12*time.Hour), 0); err != nil { // people book in the evening
		return err
	}
	for _, h := range w.halls {
		if err := w.bookEvening(ctx, h); err != nil {
			return fmt.Errorf("office %s: %w", h.id, err)
		}
		w.planDay(h)
	}
	// Who comes or cancels before dawn does so at once when the day is watched;
	// at full speed each has its own moment.
	if w.Speed != 0 {
		if err := w.moveTo(ctx, dawn, w.Speed); err != nil {
			return err
		}
	}
	for {
		next, ok := w.agenda.next()
		if !ok {
			return nil
		}
		if err := w.wait(ctx, next); err != nil {
			return err
		}
		step := heap.Pop(&w.agenda).(step)
		if step.at.After(w.now) {
			w.now = step.at
		}
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("at %s: %w", step.at.Format(time.DateTime), err)
		}
		if w.Progress != nil {
			w.Progress(w.done, w.planned, w.now)
		}
	}
}

// moveTo sets the server's clock. A speed of zero lets it stand.
func (w *world) moveTo(ctx context.Context, at time.Time, speed float64) error {
	if w.Speed == 1 || at.Before(w.now) {
		return nil
	}
	w.now = at
	return w.api.setClock(ctx, at, speed)
}

// wait lets the clock reach the next step.
func (w *world) wait(ctx context.Context, next time.Time) error {
	switch {
	case w.Speed == 0:
		if next.Sub(w.now) < time.Second {
			return ctx.Err()
		}
		// The cron table goes on while nothing else happens.
		for w.watched() && next.Sub(w.now) > heartbeat {
			if err := w.moveTo(ctx, w.now.Add(heartbeat), 0); err != nil {
				return err
			}
		}
		return w.moveTo(ctx, next, 0)
	default:
		for {
			now, err := w.api.clockNow(ctx)
			if err != nil {
				return err
			}
			if !now.Before(next) {
				return nil
			}
			pause := time.Duration(float64(next.Sub(now)) / w.Speed)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(min(pause, 5*time.Second)):
			}
		}
	}
}

// heartbeat is how often an office gives places back by itself.
const heartbeat = 5 * time.Second

// watched reports whether places may be given back now: while doors are open.
func (w *world) watched() bool {
	return slices.ContainsFunc(w.halls, func(h *hall) bool { return h.config.Calendar().DoorsOpen(w.now) })
}

// at plans a step.
func (w *world) at(when time.Time, do func(context.Context) error) {
	w.seq++
	heap.Push(&w.agenda, step{when, w.seq, do})
}

// after plans a step some time from the one being played.
func (w *world) after(d time.Duration, do func(context.Context) error) { w.at(w.now.Add(d), do) }

// between is a random duration.
func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.rng.Int64N(int64(most-least)))
}

// chance is true so often.
func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

type step struct {
	at  time.Time
	seq int
	do  func(context.Context) error
}

// agenda is a heap of steps by time.
type agenda []step

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	if !a[i].at.Equal(a[j].at) {
		return a[i].at.Before(a[j].at)
	}
	return a[i].seq < a[j].seq
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(s any)   { *a = append(*a, s.(step)) }
func (a *agenda) Pop() any {
	last := len(*a) - 1
	s := (*a)[last]
	(*a)[last] = step{}
	*a = (*a)[:last]
	return s
}

func (a agenda) next() (time.Time, bool) {
	if len(a) == 0 {
		return time.Time{}, false
	}
	return a[0].at, true
}
