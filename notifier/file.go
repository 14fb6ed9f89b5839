package notifier

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// gather is how long reports wait for others, to be written in one line.
	gather = 150 * time.Millisecond
	// mostPlanned is how often a line is made anew because somebody was faster.
	mostPlanned = 30
)

// file is what a node knows of an office's notice log without having its duty:
// for the administrator's questions, and for what is written besides the desk.
// It is read on from where it was last read.
type file struct {
	n      *Notifier
	office string

	mu      sync.Mutex // of what follows
	journal *journal   // nil: not read yet

	waiting sync.Mutex // of what follows
	pending *batch
}

// batch are reports that are written together.
type batch struct {
	results []result
	done    chan struct{}
	err     error // when done
}

// file is the one of an office that exists.
func (n *Notifier) file(ctx context.Context, office string) (*file, error) {
	n.mu.Lock()
	f := n.files[office]
	n.mu.Unlock()
	if f != nil {
		return f, nil
	}
	if _, err := n.o.Offices.Office(ctx, office); err != nil {
		return nil, fmt.Errorf("notices of %s: %w", office, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.files[office] == nil {
		n.files[office] = &file{n: n, office: office}
	}
	return n.files[office], nil
}

// look shows the book as of the log's end.
func (f *file) look(ctx context.Context, show func(*book)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.catchUp(ctx); err != nil {
		return err
	}
	show(f.journal.book)
	return nil
}

func (f *file) catchUp(ctx context.Context) error {
	if f.journal != nil {
		err := f.journal.catchUp(ctx)
		if err == nil || !errors.Is(err, errLost) {
			return err
		}
	}
	f.journal = nil
	j := &journal{log: f.n.o.Store, records: f.n.o.Records, office: f.office}
	if err := j.load(ctx); err != nil {
		return err
	}
	f.journal = j
	return nil
}

// write appends what plan makes of the book at the log's end, and wakes the desk
// for it. An empty line is not written.
func (f *file) write(ctx context.Context, plan func(*book) line) (line, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	f.mu.Lock()
	defer f.mu.Unlock()
	for range mostPlanned {
		if err := f.catchUp(ctx); err != nil {
			return line{}, err
		}
		l := plan(f.journal.book)
		if len(l.Held)+len(l.Results) == 0 {
			return l, nil
		}
		l.At, l.Node = f.n.o.Clock(), f.n.node
		landed, err := f.journal.write(ctx, l)
		if err != nil {
			f.journal = nil
			return line{}, err
		}
		if landed {
			f.n.wrote(f.office)
			return l, nil
		}
	}
	return line{}, fmt.Errorf("notices of %s: others write too much", f.office)
}

// wrote tells the desk, if it is here, that the notice log has gone on.
func (n *Notifier) wrote(office string) {
	n.mu.Lock()
	d := n.desks[office]
	n.mu.Unlock()
	if d != nil {
		d.written.Store(true)
		d.wake()
	}
}

// report writes down what the other side says of messages, together with what
// comes from other requests at the same time. It returns when that is done.
func (f *file) report(ctx context.Context, results []result) error {
	f.waiting.Lock()
	b := f.pending
	first := b == nil
	if first {
		b = &batch{done: make(chan struct{})}
		f.pending = b
	}
	b.results = append(b.results, results...)
	f.waiting.Unlock()
	if !first {
		select {
		case <-b.done:
			return b.err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	soon := time.NewTimer(gather)
	defer soon.Stop()
	select {
	case <-soon.C:
	case <-ctx.Done(): // others wait for it all the same
	}
	f.waiting.Lock()
	f.pending = nil
	f.waiting.Unlock()
	defer close(b.done)
	l, err := f.write(context.WithoutCancel(ctx), func(book *book) (l line) {
		known := map[task]bool{} // reports come twice
		for _, r := range b.results {
			if !known[r.task] && book.awaits(r, f.n.o.Clock()) {
				known[r.task] = true
				l.Results = append(l.Results, r)
			}
		}
		return l
	})
	for _, r := range l.Results {
		f.n.metrics.results.WithLabelValues(r.Channel, string(r.Outcome)).Inc()
	}
	b.err = err
	return err
}
