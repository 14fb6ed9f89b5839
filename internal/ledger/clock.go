package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// clockEvery is how often the store is asked for its time.
	clockEvery = 10 * time.Second
	// clockRetry is how soon it is asked again when it did not answer.
	clockRetry = time.Second
	// clockOff is how far this machine's clock may be from the store's: people
	// compare screens with the clock on the wall.
	clockOff = time.Second
)

// Clock tells the time of a simulation.
type Clock interface{ Now() time.Time }

// storeClock is the store's time, carried on between two questions by this
// machine's monotonic clock, which no administrator can set. It never goes
// backwards.
type storeClock struct {
	log       Log
	simulated Clock // nil: the store's time

	mu    sync.Mutex
	store time.Time // as the store said
	local time.Time // when it said so, with the monotonic reading
	last  time.Time // the latest time given out
	err   error     // of the last question
}

// now is the time; before the store was asked, this machine's.
func (c *storeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.read()
	if t.Before(c.last) {
		return c.last
	}
	c.last = t
	return t
}

func (c *storeClock) read() time.Time {
	switch {
	case c.simulated != nil:
		return c.simulated.Now()
	case c.store.IsZero():
		return time.Now().Round(0)
	}
	return c.store.Add(time.Since(c.local))
}

// ask asks the store. Its answer is taken to be of half way between question
// and answer; one that took too long to mean anything is dropped.
func (c *storeClock) ask(ctx context.Context) error {
	asked := time.Now()
	store, err := c.log.Now(ctx)
	answered := time.Now()
	took := answered.Sub(asked)
	if err == nil && took > clockOff {
		err = fmt.Errorf("the store took %s to tell the time", took.Round(time.Millisecond))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	if err == nil {
		c.store, c.local = store.Round(0), asked.Add(took/2)
	}
	return err
}

// asked reports whether the store has ever told the time.
func (c *storeClock) asked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.store.IsZero()
}

// ready says what is wrong with the time, if anything is.
func (c *storeClock) ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return fmt.Errorf("the store's time is unknown: %w", c.err)
	}
	if c.store.IsZero() {
		return errors.New("the store was not asked for the time yet")
	}
	if c.simulated != nil {
		return nil
	}
	if off := time.Now().Round(0).Sub(c.read()); off.Abs() > clockOff {
		return fmt.Errorf("this machine's clock is %s off the store's", off.Round(time.Millisecond))
	}
	return nil
}

// run asks again and again until ctx ends.
func (c *storeClock) run(ctx context.Context, heard func(error)) {
	for {
		wait := clockEvery
		err := c.ask(ctx)
		if heard(err); err != nil {
			wait = clockRetry
		}
		if !pause(ctx, wait) {
			return
		}
	}
}

// pause waits; it reports false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
