package ledger

import (
	"fmt"
	"sync/atomic"

	"antrean/internal/queue"
)

// maxBatchBytes is about how much one append carries.
const maxBatchBytes = 64 << 10

// request is a command on its way.
type request struct {
	command queue.Command
	answer  func(*queue.State, []*queue.Event)
	done    chan error // gets one
	claimed atomic.Bool
}

// claim is won once: by whoever answers, or by the caller who leaves. After
// its caller left, answer must not be called: what it writes to is gone.
func (r *request) claim() bool { return r.claimed.CompareAndSwap(false, true) }

// finish tells the caller how it went.
func (r *request) finish(err error) {
	if r.claim() {
		r.done <- err
	}
}

// reply answers with a state that holds the command's events.
func (r *request) reply(s *queue.State, events []*queue.Event) {
	if !r.claim() {
		return
	}
	defer func() {
		var err error
		if p := recover(); p != nil {
			err = fmt.Errorf("answer: panic: %v", p)
		}
		r.done <- err
	}()
	r.answer(s, events)
}

// abandon is the caller leaving; if the answer is just being given, it waits.
func (r *request) abandon() error {
	if r.claim() {
		return ErrUnavailable
	}
	return <-r.done
}

// decision is what became of a command.
type decision struct {
	request *request
	events  []*queue.Event
	version uint64 // of the state that it was decided on, its events included
	err     error  // a refusal or a repetition; true once the batch has landed
}

// batch is what one append carries.
type batch struct {
	base      Position
	tag       string
	decisions []decision
	events    []folded
	data      [][]byte

	acked    bool          // the store has acknowledged it; guarded by the office's mu
	answered int           // so many decisions have been answered; guarded likewise
	over     chan struct{} // closed when it has landed or was refused
}

// wrote reports whether the entry is one of the batch's.
func (b *batch) wrote(p Position) bool {
	return b != nil && p.Tag == b.tag && p.Version > b.base.Version && p.Version <= b.base.Version+uint64(len(b.data))
}

// answer answers, in order, the decisions that the state has come up to.
func (b *batch) answer(s *queue.State) {
	for b.answered < len(b.decisions) {
		d := b.decisions[b.answered]
		if d.version > s.Version {
			return
		}
		b.answered++
		if d.err != nil {
			d.request.finish(d.err)
		} else {
			d.request.reply(s, d.events)
		}
	}
}

// add decides a command and adds what it makes to the batch. It reports false,
// and undoes the decision, when the batch has no room for it any more.
func (b *batch) add(s *queue.State, r *request, decide func() ([]*queue.Event, error)) bool {
	mark := s.Mark()
	d := decision{request: r}
	var data [][]byte
	d.events, d.err = decide()
	if d.err == nil {
		data, d.err = encodeAll(d.events)
	}
	if d.err == nil && len(data) > MaxBatch {
		d.err = fmt.Errorf("one command makes %d events, at most %d fit a batch", len(data), MaxBatch)
	}
	if d.err == nil && len(b.data) > 0 && (len(b.data)+len(data) > MaxBatch || size(b.data)+size(data) > maxBatchBytes) {
		s.Rollback(mark)
		return false
	}
	if d.err != nil {
		s.Rollback(mark)
		d.events, data = nil, nil
	}
	for _, e := range d.events {
		b.events = append(b.events, folded{Position{b.base.Version + uint64(len(b.events)) + 1, b.tag}, e, nil})
	}
	b.data = append(b.data, data...)
	d.version = s.Version
	b.decisions = append(b.decisions, d)
	return true
}

func size(data [][]byte) int {
	n := 0
	for _, d := range data {
		n += len(d)
	}
	return n
}
