package ledger

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"antrean/internal/queue"
)

// readChunk is how many entries one read asks for.
const readChunk = 1000

// folded is an entry that was read: the event that it holds, or why it cannot
// be understood.
type folded struct {
	Position
	event *queue.Event
	err   error
}

func decode(e Entry) folded {
	event, err := queue.Decode(e.Data)
	return folded{e.Position(), event, err}
}

func decodeAll(entries []Entry) []folded {
	all := make([]folded, len(entries))
	for i, e := range entries {
		all[i] = decode(e)
	}
	return all
}

// apply folds one event. A panic in there is a fault of ours; it must cost the
// office its writing on this node, not everybody the server.
func apply(s *queue.State, e folded) (err error) {
	if e.err != nil {
		return e.err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("fold %s at %d: panic: %v", e.event.Type(), e.Version, p)
		}
	}()
	return s.Apply(e.Version, e.event)
}

// history is what a store and the archive remember of an office.
type history struct {
	log     Log
	records Records
	archive string
	office  string
	read    *bookmarks // of the archive; may be nil
}

// past is an office's state at a position of its log.
type past struct {
	state *queue.State
	end   Position
	// err is why the log could not be folded further: an event that this
	// release does not understand.
	err error
	// marks are copies of the state on its way, when they were asked for.
	marks marks
}

const (
	// markEvery and marksKept: a copy of the state is kept now and then, so that
	// a recent answer is rebuilt from few events. After a crash many ask again at
	// once. A copy shares its tickets with the state, but costs its maps: copies
	// are at least as many events apart as the state has tickets and answers, so
	// that copying costs each event the same, however large the office.
	markEvery = 2048
	marksKept = 6
)

// marks are the last few copies of a state, oldest first.
type marks []*queue.State

// add keeps a copy of the state if it is at a mark.
func (m *marks) add(s *queue.State) {
	last := uint64(0)
	if len(*m) > 0 {
		last = (*m)[len(*m)-1].Version
	}
	if s.Version-last < uint64(max(markEvery, len(s.Tickets)+len(s.Answered))) {
		return
	}
	if len(*m) == marksKept {
		*m = append(marks{}, (*m)[1:]...)
	}
	*m = append(*m, s.Clone())
}

// before is the newest mark up to a version, or nil.
func (m marks) before(version uint64) *queue.State {
	for i := len(m) - 1; i >= 0; i-- {
		if m[i].Version <= version {
			return m[i]
		}
	}
	return nil
}

// load folds the office to the end of its log, from the newest snapshot that
// is part of it, and keeps marks. The version of an office that is not there is
// zero.
func (h history) load(ctx context.Context) (past, error) {
	p, err := h.start(ctx, ^uint64(0))
	if err != nil {
		return past{}, err
	}
	var m marks
	if p.end.Version > 0 {
		m = marks{p.state.Clone()} // the snapshot, which is costly to read again
	}
	p, err = h.foldOn(ctx, p, ^uint64(0), m.add)
	p.marks = m
	return p, err
}

// at folds the office up to a version.
func (h history) at(ctx context.Context, version uint64) (past, error) {
	p, err := h.start(ctx, version)
	if err != nil {
		return past{}, err
	}
	return h.to(ctx, p, version)
}

// to folds on, up to a version that the log must hold.
func (h history) to(ctx context.Context, p past, version uint64) (past, error) {
	p, err := h.foldOn(ctx, p, version, func(*queue.State) {})
	if err == nil && p.end.Version != version {
		err = fmt.Errorf("%s ends at %d, %d was asked for: %w", h.office, p.end.Version, version, errors.Join(p.err, ErrAbsent))
	}
	return p, err
}

// start is where folding to a version begins: the newest snapshot up to there
// that the log holds, or nothing.
func (h history) start(ctx context.Context, upTo uint64) (past, error) {
	all, err := h.snapshots(ctx)
	if err != nil {
		return past{}, err
	}
	var unreadable error
	for _, version := range all {
		if version > upTo {
			continue
		}
		s, err := h.snapshot(ctx, version)
		if errors.Is(err, errUnreadable) {
			unreadable = err // perhaps a newer release wrote it
			continue
		}
		if err != nil {
			return past{}, err
		}
		holds, err := h.holds(ctx, s.end)
		if err != nil {
			return past{}, err
		}
		if holds {
			return s, nil
		}
	}
	first, err := h.log.Read(ctx, h.office, 0, 1)
	if err != nil {
		return past{}, err
	}
	if len(first) > 0 && first[0].Version > 1 && h.archive == "" {
		return past{}, fmt.Errorf("the log of %s begins at %d and no snapshot reaches there: %w", h.office, first[0].Version, errors.Join(errGap, unreadable))
	}
	return past{state: queue.NewState(h.office)}, nil
}

// holds reports whether the log has the entry at a position. Trimming keeps
// the entries at both snapshots, so a snapshot whose entry is not there is of
// another history.
func (h history) holds(ctx context.Context, p Position) (bool, error) {
	found, err := h.log.Read(ctx, h.office, p.Version, 1)
	return len(found) == 1 && found[0].Position() == p, err
}

// chunk is a part of the log on its way through the decoders.
type chunk struct {
	entries []folded
	err     error
}

// foldOn folds in order, until the end of the log, a version, or an event that
// cannot be understood. It shows the state after each event.
func (h history) foldOn(ctx context.Context, p past, upTo uint64, show func(*queue.State)) (past, error) {
	err := h.each(ctx, p.end.Version, upTo, func(e folded) error {
		if p.err = apply(p.state, e); p.err != nil {
			return errStop
		}
		p.end = e.Position
		show(p.state)
		return nil
	})
	if errors.Is(err, errStop) {
		err = nil
		if p.state.Version != p.end.Version { // a panic left it half changed
			why := p.err
			p, err = h.at(ctx, p.end.Version)
			p.err = why
		}
	}
	return p, err
}

// errStop ends each early; it is no failure.
var errStop = errors.New("stop")

// each reads the log after a version, decodes on all processors and hands out
// the entries in order, none missing.
func (h history) each(ctx context.Context, after, upTo uint64, use func(folded) error) error {
	ctx, cancel := context.WithCancel(ctx)
	chunks := make(chan chan chunk, 2*runtime.GOMAXPROCS(0))
	defer func() {
		cancel()
		for c := range chunks { // until the reader is gone
			<-c
		}
	}()
	go h.readAll(ctx, after, upTo, chunks) // ends with ctx; closes chunks
	for c := range chunks {
		got := <-c
		if got.err != nil {
			return got.err
		}
		for _, e := range got.entries {
			if e.Version != after+1 {
				return fmt.Errorf("the log of %s goes from %d to %d: %w", h.office, after, e.Version, errGap)
			}
			if err := use(e); err != nil {
				return err
			}
			after = e.Version
		}
	}
	return ctx.Err()
}

func (h history) readAll(ctx context.Context, after, upTo uint64, chunks chan<- chan chunk) {
	defer close(chunks)
	for after < upTo {
		entries, err := h.entries(ctx, after, readChunk)
		c := make(chan chunk, 1)
		select {
		case chunks <- c:
		case <-ctx.Done():
			return
		}
		for len(entries) > 0 && entries[len(entries)-1].Version > upTo {
			entries = entries[:len(entries)-1]
		}
		if err != nil || len(entries) == 0 {
			c <- chunk{nil, err}
			return
		}
		after = entries[len(entries)-1].Version
		go func() { c <- chunk{decodeAll(entries), nil} }() // c holds one: it always ends
	}
}

// entries returns at most limit entries after a version, from the log, or
// from the archive what was trimmed from it; fewer only at the end.
func (h history) entries(ctx context.Context, after uint64, limit int) ([]Entry, error) {
	entries, err := h.log.Read(ctx, h.office, after+1, limit)
	if err != nil || h.archive == "" || len(entries) == 0 || entries[0].Version == after+1 {
		return entries, err
	}
	old, err := archived(h.archive, h.office, after, min(limit, int(entries[0].Version-after-1)), h.read)
	if err != nil || len(old) == 0 {
		return entries, err
	}
	return old, nil
}
