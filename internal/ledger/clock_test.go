package ledger

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// wrongClock is a store whose time is off this machine's.
type wrongClock struct {
	Log
	mu    sync.Mutex
	off   time.Duration
	takes time.Duration
	err   error
}

func (c *wrongClock) Now(context.Context) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	time.Sleep(c.takes) // in the bubble's time
	return time.Now().Add(c.off - c.takes/2), c.err
}

func (c *wrongClock) set(off time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off, c.err = off, err
}

func TestTimeIsTheStoresAndNeverGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &wrongClock{off: 400 * time.Millisecond, takes: 200 * time.Millisecond}
		clock := &storeClock{log: store}
		ctx, cancel := context.WithCancel(t.Context())
		go clock.run(ctx, func(error) {})
		defer cancel()
		after := func(d time.Duration) time.Duration {
			time.Sleep(d)
			synctest.Wait()
			return clock.now().Sub(time.Now().Round(0))
		}
		if off := after(time.Second); off != 400*time.Millisecond {
			t.Errorf("%s from this machine's time, want the store's 400ms", off)
		}
		if err := clock.ready(); err != nil {
			t.Error(err)
		}
		// Somebody sets the store's clock an hour ahead and back again.
		store.set(time.Hour, nil)
		if off := after(11 * time.Second); off != time.Hour {
			t.Errorf("%s from this machine's time, want the store's hour", off)
		}
		if err := clock.ready(); err == nil {
			t.Error("ready an hour off")
		}
		latest := clock.now()
		store.set(0, nil)
		after(11 * time.Second)
		if now := clock.now(); now.Before(latest) {
			t.Errorf("time went back from %s to %s", latest, now)
		}
		if err := clock.ready(); err != nil {
			t.Errorf("the clock is right again: %v", err)
		}
		store.set(0, errors.New("away"))
		after(11 * time.Second)
		if clock.ready() == nil {
			t.Error("ready though the store does not tell the time")
		}
		store.set(0, nil)
		after(2 * time.Second)
		if err := clock.ready(); err != nil {
			t.Errorf("not asked again soon: %v", err)
		}
	})
}

type fixedClock struct{ t time.Time }

func (c fixedClock) Now() time.Time { return c.t }

func TestASimulationHasItsOwnTime(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	then := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	o := startNode(t, s, s, Options{Clock: fixedClock{then}})
	openOffice(t, o, "bandung")
	if now := o.Now(); !now.Equal(then) {
		t.Errorf("it is %s, want %s", now, then)
	}
	if err := o.Ready(); err != nil {
		t.Errorf("a simulated clock is never off: %v", err)
	}
	if e := decode(wholeLog(t, s, "bandung")[0]); !e.event.At.Equal(then) {
		t.Errorf("the event happened at %s", e.event.At)
	}
}
