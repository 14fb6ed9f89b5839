package ledger

import (
	"context"
	"errors"
	"fmt"

	"antrean/internal/queue"
)

// Do decides a command. When it returns nil, the command's events are durable
// and answer was called with the settled state as of the last of them; answer
// is called under the office's lock: it must be quick and use only what it is
// given. It may be nil.
//
// Errors: *queue.Refusal, decided on the confirmed end of the log;
// ErrUnavailable: the outcome is unknown, repeat with the same key; ErrReadOnly
// and ErrBusy: nothing was done. A command repeated under its key is answered
// as it was the first time.
func (f *Office) Do(ctx context.Context, c queue.Command, answer func(s *queue.State, events []*queue.Event)) error {
	if answer == nil {
		answer = func(*queue.State, []*queue.Event) {}
	}
	if !f.enter() {
		again, err := f.offices.Office(ctx, f.id)
		if err != nil {
			return err
		}
		return again.Do(ctx, c, answer)
	}
	defer f.leave()
	if f.stuck.Load() {
		return fmt.Errorf("%w: the store does not answer", ErrUnavailable)
	}
	r := &request{command: c, answer: answer, done: make(chan error, 1)}
	if err := f.post(ctx, r); err != nil {
		return err
	}
	var err error
	select {
	case err = <-r.done:
	case <-ctx.Done():
		err = r.abandon()
	case <-f.life.Done():
		err = r.abandon()
	}
	if again := (*queue.Repeated)(nil); errors.As(err, &again) {
		f.offices.metrics.repeats.Inc()
		return f.answerAgain(ctx, c.Key, again.Answer, answer)
	}
	return err
}

func (f *Office) post(ctx context.Context, r *request) error {
	if !r.command.Urgent() {
		select {
		case f.public <- r:
			return nil
		default:
			return ErrBusy
		}
	}
	select {
	case f.staff <- r:
		return nil
	case <-ctx.Done():
	case <-f.life.Done():
	}
	return ErrUnavailable
}

// answerAgain rebuilds the state that the first answer was made of. A log that
// lost those events since they were found holds others there: then the outcome
// is unknown, and the next repetition is decided on the log as it is.
func (f *Office) answerAgain(ctx context.Context, key string, a queue.Answer, answer func(*queue.State, []*queue.Event)) error {
	select {
	case f.offices.replay <- struct{}{}:
		defer func() { <-f.offices.replay }()
	case <-ctx.Done():
		return ErrUnavailable
	}
	s, err := f.StateAt(ctx, a.Last())
	if err != nil {
		return fmt.Errorf("answer again: %w: %w", ErrUnavailable, err)
	}
	entries, err := f.Events(ctx, a.First-1, a.Count)
	if err != nil {
		return fmt.Errorf("answer again: %w: %w", ErrUnavailable, err)
	}
	events := make([]*queue.Event, len(entries))
	for i, e := range decodeAll(entries) {
		if e.err != nil {
			return fmt.Errorf("answer again: %w: %w", ErrUnavailable, e.err)
		}
		events[i] = e.event
	}
	if len(events) == 0 || len(events) != a.Count || events[0].Key != key || events[0].Count != a.Count {
		return fmt.Errorf("answer again: other events stand at %d: %w", a.First, ErrUnavailable)
	}
	answer(s, events)
	return nil
}
