// Package yearbook keeps the figures of offices, day by day: it reads their
// logs as they grow, writes each day down when it is over, and has the days of
// a year at hand. What it keeps can always be counted anew from the log.
package yearbook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"antrean/internal/calendar"
	"antrean/internal/figures"
	"antrean/internal/ledger"
	"antrean/internal/queue"
)

const (
	// readTogether is how many entries are read at once.
	readTogether = 5000
	// restAfter is when an office's days leave the memory, if nobody asks.
	restAfter = 15 * time.Minute
)

// Yearbook is safe for concurrent use.
type Yearbook struct {
	offices *ledger.Offices
	records ledger.Records // nil: nothing is kept

	mu      sync.Mutex
	shelves map[string]*shelf
}

// shelf is one office's. Who has its turn owns the rest.
type shelf struct {
	office string
	turn   chan struct{}

	book    *figures.Book
	at      ledger.Position // of the book
	through calendar.Date   // the days up to this one are over and written down
	days    map[calendar.Date]*figures.Day
	asked   time.Time
}

// New is the yearbook of a store's offices. Without records it counts from the
// log each time that it begins.
func New(offices *ledger.Offices, records ledger.Records) *Yearbook {
	return &Yearbook{offices: offices, records: records, shelves: map[string]*shelf{}}
}

func (y *Yearbook) shelf(office string) *shelf {
	y.mu.Lock()
	defer y.mu.Unlock()
	s := y.shelves[office]
	if s == nil {
		s = &shelf{office: office, turn: make(chan struct{}, 1)}
		y.shelves[office] = s
	}
	return s
}

// take waits for one's turn.
func (s *shelf) take(ctx context.Context) (done func(), err error) {
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Days are an office's days from one date to another, both included, in their
// order; nil for a date on which nothing happened. They must not be changed.
// When the context ends before all was counted, that is an error that wraps
// ledger.ErrUnavailable, and whoever asks again carries on there.
func (y *Yearbook) Days(ctx context.Context, office string, from, to calendar.Date) ([]*figures.Day, error) {
	days, err := y.daysOf(ctx, office, from, to)
	if err != nil && !errors.Is(err, ledger.ErrNoOffice) {
		err = fmt.Errorf("figures of %s: %w: %w", office, ledger.ErrUnavailable, err)
	}
	return days, err
}

func (y *Yearbook) daysOf(ctx context.Context, office string, from, to calendar.Date) ([]*figures.Day, error) {
	f, err := y.offices.Office(ctx, office)
	if err != nil {
		return nil, err
	}
	s := y.shelf(office)
	done, err := s.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	s.asked = time.Now()
	if err := y.catchUp(ctx, f, s); err != nil {
		return nil, err
	}
	if err := y.fetch(ctx, s, from, min(to, s.through)); err != nil {
		return nil, err
	}
	var days []*figures.Day
	for date := from; date <= to; date = date.AddDays(1) {
		switch {
		case date <= s.through:
			days = append(days, s.days[date])
		case s.book.Config() != nil:
			days = append(days, s.book.Day(date, y.offices.Now()))
		}
	}
	return days, nil
}

// Keep writes down what is over in the offices whose duty this node has, and
// lets go of what nobody has asked for lately.
func (y *Yearbook) Keep(ctx context.Context) error {
	ids, err := y.offices.IDs(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range ids {
		mine, err := y.offices.Duty(ctx, id)
		if err == nil && mine {
			err = y.keep(ctx, id)
		}
		y.rest(id)
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func (y *Yearbook) keep(ctx context.Context, office string) error {
	f, err := y.offices.Office(ctx, office)
	if err != nil {
		return err
	}
	s := y.shelf(office)
	done, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	return y.catchUp(ctx, f, s)
}

// rest empties the shelf of an office of which nobody wants to know.
func (y *Yearbook) rest(office string) {
	s := y.shelf(office)
	select {
	case s.turn <- struct{}{}:
		if time.Since(s.asked) > restAfter {
			s.book, s.days, s.through, s.at = nil, nil, "", ledger.Position{}
		}
		<-s.turn
	default: // somebody asks just now
	}
}

// catchUp reads the log to its end.
func (y *Yearbook) catchUp(ctx context.Context, f *ledger.Office, s *shelf) error {
	if s.book != nil {
		same, err := stands(ctx, f, s.at)
		if err != nil {
			return err
		}
		if !same { // the log has become another
			s.book = nil
		}
	}
	if s.book == nil {
		if err := y.begin(ctx, f, s); err != nil {
			return err
		}
	}
	for {
		entries, err := f.Events(ctx, s.at.Version, readTogether)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return nil
		}
		for _, e := range entries {
			if e.Version != s.at.Version+1 {
				s.book = nil
				return fmt.Errorf("the log goes from %d to %d", s.at.Version, e.Version)
			}
			event, err := queue.Decode(e.Data)
			if errors.Is(err, queue.ErrNewer) {
				return nil // what this release does not understand it does not count
			}
			if err == nil {
				err = s.book.Add(e.Version, event)
			}
			if err != nil {
				s.book = nil
				return fmt.Errorf("entry %d: %w", e.Version, err)
			}
			s.at = e.Position()
		}
		if err := y.write(ctx, f, s); err != nil {
			s.book = nil
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// stands says whether the log still holds an entry.
func stands(ctx context.Context, f *ledger.Office, p ledger.Position) (bool, error) {
	if p.Version == 0 {
		return true, nil
	}
	found, err := f.Events(ctx, p.Version-1, 1)
	return len(found) == 1 && found[0].Position() == p, err
}

// mark is where counting begins again after a restart: the days up to Through
// are over and written down, none of the next lies before the entry.
type mark struct {
	Version uint64        `json:"version"`
	Tag     string        `json:"tag"`
	Through calendar.Date `json:"through"`
}

func markKey(office string) string { return "figures/" + office + "/through" }

func dayKey(office string, date calendar.Date) string {
	return "figures/" + office + "/" + string(date)
}

// begin opens the book at the mark, or at the log's beginning.
func (y *Yearbook) begin(ctx context.Context, f *ledger.Office, s *shelf) error {
	s.days, s.through, s.at = map[calendar.Date]*figures.Day{}, "", ledger.Position{}
	m, err := y.mark(ctx, f, s.office)
	if err != nil {
		return err
	}
	state := queue.NewState(s.office)
	if m.Version == 0 {
		// A log that was trimmed and not archived begins where a snapshot is.
		first, err := f.Events(ctx, 0, 1)
		if err != nil {
			return err
		}
		if len(first) > 0 && first[0].Version > 1 {
			m.Version, m.Tag = first[0].Version, first[0].Tag
		}
	}
	if m.Version > 0 {
		if state, err = f.StateAt(ctx, m.Version); err != nil {
			return err
		}
	}
	s.book, s.through, s.at = figures.NewBook(state), m.Through, ledger.Position{Version: m.Version, Tag: m.Tag}
	return nil
}

// mark is the one that was kept, if the log holds its entry.
func (y *Yearbook) mark(ctx context.Context, f *ledger.Office, office string) (mark, error) {
	var m mark
	if y.records == nil {
		return m, nil
	}
	value, err := y.records.Get(ctx, markKey(office))
	if errors.Is(err, ledger.ErrAbsent) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(value, &m); err != nil {
		return mark{}, nil // of another release: count anew
	}
	same, err := stands(ctx, f, ledger.Position{Version: m.Version, Tag: m.Tag})
	if err != nil || !same {
		return mark{}, err
	}
	return m, nil
}

// write keeps the days that are over: first they, then that they are.
func (y *Yearbook) write(ctx context.Context, f *ledger.Office, s *shelf) error {
	over := s.book.Over()
	if len(over) == 0 {
		return nil
	}
	for _, d := range over {
		s.days[d.Date], s.through = d, max(s.through, d.Date)
		if y.records == nil {
			continue
		}
		value, err := d.Encode()
		if err != nil {
			return err
		}
		if err := y.records.Put(ctx, dayKey(s.office, d.Date), value, s.book.Config().Retention.Log.D()); err != nil {
			return err
		}
	}
	if y.records == nil {
		return nil
	}
	m := mark{Version: s.book.Start(), Through: s.through}
	if m.Version > 0 {
		found, err := f.Events(ctx, m.Version-1, 1)
		if err != nil {
			return err
		}
		if len(found) != 1 || found[0].Version != m.Version {
			return fmt.Errorf("entry %d is gone", m.Version)
		}
		m.Tag = found[0].Tag
	}
	value, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return y.records.Put(ctx, markKey(s.office), value, 0)
}

// fetch brings days that are over into the memory.
func (y *Yearbook) fetch(ctx context.Context, s *shelf, from, to calendar.Date) error {
	var dates []calendar.Date
	var keys []string
	for date := from; date <= to; date = date.AddDays(1) {
		if _, here := s.days[date]; !here {
			dates, keys = append(dates, date), append(keys, dayKey(s.office, date))
		}
	}
	if len(keys) == 0 || y.records == nil {
		return nil
	}
	values, err := y.records.GetAll(ctx, keys...)
	if err != nil {
		return err
	}
	read := make([]*figures.Day, len(dates))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, value := range values {
		if value == nil {
			continue // nothing happened, or its retention has passed
		}
		group.Go(func() (err error) {
			read[i], err = figures.Decode(value)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		// Of a release that wrote them otherwise: count anew next time.
		s.book = nil
		return errors.Join(err, y.records.Delete(ctx, markKey(s.office)))
	}
	for i, date := range dates {
		s.days[date] = read[i]
	}
	return nil
}
