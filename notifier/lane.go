package notifier

import (
	"context"
	"fmt"
	"iter"

	"antrean/internal/ledger"
	"antrean/internal/queue"
)

// laneChunk is how many events of the office are read at once.
const laneChunk = 256

// lane walks an office's log for the notices of one haste. Each haste has its
// own, so that the thousands who are told of a closed day stand in nobody's way
// who is called. One goroutine owns it.
type lane struct {
	haste   haste
	at      mark // what was taken so far
	entries []ledger.Entry
	arisen  []arisen // of the events after at, in their order; the first is never empty
}

// arisen are the notices of one event that nobody has taken.
type arisen struct {
	from    ledger.Position
	notices []Notice
}

// peek is the next notice that nobody has taken, if there is one.
func (l *lane) peek(ctx context.Context, read func(ctx context.Context, after uint64, limit int) ([]ledger.Entry, error)) (Notice, bool, error) {
	for len(l.arisen) == 0 {
		if len(l.entries) == 0 {
			var err error
			if l.entries, err = read(ctx, l.at.After, laneChunk); err != nil || len(l.entries) == 0 {
				return Notice{}, false, err
			}
		}
		if err := l.look(); err != nil {
			l.entries = nil
			return Notice{}, false, err
		}
	}
	return l.arisen[0].notices[0], true, nil
}

// look turns the next entry into its notices.
func (l *lane) look() error {
	e := l.entries[0]
	if e.Version > l.at.After {
		event, err := queue.Decode(e.Data)
		if err != nil {
			return fmt.Errorf("notices of the event at %d: %w", e.Version, err)
		}
		l.arisen = append(l.arisen, arisen{e.Position(), l.mine(Arising(event, e.Position()))})
		if first := &l.arisen[0]; len(l.arisen) == 1 {
			first.notices = first.notices[min(l.at.Taken, len(first.notices)):]
		}
		l.pass()
	}
	if l.entries = l.entries[1:]; len(l.entries) == 0 {
		l.entries = nil
	}
	return nil
}

// pass goes past the events of which nothing is left to take.
func (l *lane) pass() {
	for len(l.arisen) > 0 && len(l.arisen[0].notices) == 0 {
		l.at = mark{After: l.arisen[0].from.Version, Tag: l.arisen[0].from.Tag}
		l.arisen[0] = arisen{} // a whole day may hang on it
		l.arisen = l.arisen[1:]
	}
	if len(l.arisen) == 0 {
		l.arisen = nil
	}
}

func (l *lane) mine(all []Notice) []Notice {
	var mine []Notice
	for _, n := range all {
		if n.Kind().haste() == l.haste {
			mine = append(mine, n)
		}
	}
	return mine
}

// take passes over what peek has shown.
func (l *lane) take() {
	first := &l.arisen[0]
	first.notices = first.notices[1:]
	l.at.Taken++
	l.pass()
}

// tickets are those of the next notices, read ahead as far as the entries that
// are here go. What cannot be read is left to peek.
func (l *lane) tickets() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := 0; ; i++ {
			for i >= len(l.arisen) {
				if len(l.entries) == 0 || l.look() != nil {
					return
				}
			}
			for _, n := range l.arisen[i].notices {
				if !yield(n.Ticket) {
					return
				}
			}
		}
	}
}

// goTo makes the lane go on from a mark.
func (l *lane) goTo(m mark) { *l = lane{haste: l.haste, at: m} }
