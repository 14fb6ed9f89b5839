package notifier

import (
	"context"
	"fmt"

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
	pending []Notice        // of the event after at
	from    ledger.Position // which stands there
}

// peek is the next notice that nobody has taken, if there is one.
func (l *lane) peek(ctx context.Context, read func(ctx context.Context, after uint64, limit int) ([]ledger.Entry, error)) (Notice, bool, error) {
	for len(l.pending) == 0 {
		if len(l.entries) == 0 {
			var err error
			if l.entries, err = read(ctx, l.at.After, laneChunk); err != nil || len(l.entries) == 0 {
				return Notice{}, false, err
			}
		}
		e := l.entries[0]
		l.entries = l.entries[1:]
		if e.Version <= l.at.After {
			continue
		}
		event, err := queue.Decode(e.Data)
		if err != nil {
			l.entries = nil
			return Notice{}, false, fmt.Errorf("notices of the event at %d: %w", e.Version, err)
		}
		arising := l.mine(Arising(event, e.Position()))
		if len(arising) <= l.at.Taken {
			l.at = mark{After: e.Version, Tag: e.Tag}
			continue
		}
		l.pending, l.from = arising[l.at.Taken:], e.Position()
	}
	return l.pending[0], true, nil
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
	l.pending = l.pending[1:]
	l.at.Taken++
	if len(l.pending) == 0 { // nil, so that the notices of a whole day are let go
		l.pending, l.at = nil, mark{After: l.from.Version, Tag: l.from.Tag}
	}
}

// goTo makes the lane go on from a mark.
func (l *lane) goTo(m mark) { *l = lane{haste: l.haste, at: m} }
