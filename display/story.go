package display

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"antrean/internal/calendar"
	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/trace"
)

// pastDay is a day of an office, to be told or shown again.
type pastDay struct {
	date   calendar.Date
	before *queue.State // as the day began
	events []pastEvent
	over   bool // nothing is added any more
}

type pastEvent struct {
	version uint64
	*queue.Event
}

// pasts reads days from the log, one at a time: an old one means folding the
// log up to it. The last few are kept.
type pasts struct {
	turn chan struct{}

	mu   sync.Mutex
	kept []keptDay // newest last
}

type keptDay struct {
	office string
	day    *pastDay
}

const pastsKept = 2

func newPasts() *pasts { return &pasts{turn: make(chan struct{}, 1)} }

func (p *pasts) find(office string, date calendar.Date) *pastDay {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, k := range p.kept {
		if k.office == office && k.day.date == date {
			return k.day
		}
	}
	return nil
}

// enter waits for the turn to read; leave gives it on.
func (p *pasts) enter(ctx context.Context) (leave func(), err error) {
	select {
	case p.turn <- struct{}{}:
		return func() { <-p.turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ledger.ErrUnavailable, ctx.Err())
	}
}

func (p *pasts) keep(office string, day *pastDay) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept = append(p.kept, keptDay{office, day}); len(p.kept) > pastsKept {
		p.kept = append([]keptDay{}, p.kept[1:]...)
	}
}

// pastDay is a day of the office; nil when nothing happened on it.
func (a *App) pastDay(ctx context.Context, v visit, date calendar.Date) (*pastDay, error) {
	if day := a.pasts.find(v.id, date); day != nil {
		return day, nil
	}
	days, err := a.Figures.Days(ctx, v.id, date, date)
	if err != nil || len(days) == 0 || days[0] == nil || days[0].First == 0 {
		return nil, err
	}
	leave, err := a.pasts.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if day := a.pasts.find(v.id, date); day != nil { // somebody read it meanwhile
		return day, nil
	}
	day, err := readDay(ctx, v.office, v.id, date, days[0].First)
	if err == nil && day.over {
		a.pasts.keep(v.id, day)
	}
	return day, err
}

// readDay reads a day that begins with the event first.
func readDay(ctx context.Context, office *ledger.Office, id string, date calendar.Date, first uint64) (*pastDay, error) {
	before, err := stateBefore(ctx, office, id, first)
	if err != nil {
		return nil, err
	}
	day, config := &pastDay{date: date, before: before}, before.Config
	err = eachEvent(ctx, office, first, func(version uint64, e *queue.Event) bool {
		if f, ok := e.Fact.(*queue.OfficeConfigured); ok {
			config = f.Config
		}
		if config != nil && config.Calendar().Date(e.At) > date {
			day.over = true
			return false
		}
		day.events = append(day.events, pastEvent{version, e})
		return true
	})
	if err != nil {
		return nil, err
	}
	return day, nil
}

// stateBefore is an office as it was before an event.
func stateBefore(ctx context.Context, office *ledger.Office, id string, event uint64) (*queue.State, error) {
	if event <= 1 {
		return queue.NewState(id), nil
	}
	return office.StateAt(ctx, event-1)
}

// eachEvent reads the log from an event on, until each returns false, and as far as
// this release can read it.
func eachEvent(ctx context.Context, office *ledger.Office, first uint64, each func(version uint64, e *queue.Event) bool) error {
	for after := first - 1; ; {
		entries, err := office.Events(ctx, after, logPage)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, entry := range entries {
			e, err := queue.Decode(entry.Data)
			if errors.Is(err, queue.ErrNewer) {
				return nil
			}
			if err != nil {
				return err
			}
			if !each(entry.Version, e) {
				return nil
			}
			after = entry.Version
		}
	}
}

// story tells the day's events in a language.
func (d *pastDay) story(language string) []trace.Line {
	teller := trace.From(d.before.Clone(), language)
	var lines []trace.Line
	for _, e := range d.events {
		lines = append(lines, teller.Tell(e.version, e.Event)...)
	}
	return lines
}
