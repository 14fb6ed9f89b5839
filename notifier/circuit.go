package notifier

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	tripAfter   = 5 // failures in a row
	firstRest   = 5 * time.Second
	longestRest = 5 * time.Minute
	wholeAgain  = 16 // attempts at once from which a channel counts as whole
)

// circuit rests a channel that fails: after some failures in a row nothing is
// given to it for a while, then one message, and with every success twice as
// many at once, until it is whole again.
type circuit struct {
	mu     sync.Mutex
	failed int       // in a row
	rests  time.Time // until then
	trips  int       // in a row
	probes int       // allowed at once; 0: any number
	flying int
}

// admit takes a place for one attempt, or says when to ask again; zero: as soon
// as an attempt ends.
func (c *circuit) admit(now time.Time) (ok bool, again time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.rests) {
		return false, c.rests
	}
	if c.probes > 0 && c.flying >= c.probes {
		return false, time.Time{}
	}
	c.flying++
	return true, time.Time{}
}

// resting says until when nothing is given to the channel.
func (c *circuit) resting(now time.Time) (until time.Time, yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rests, now.Before(c.rests)
}

// leave gives a place back that was not used.
func (c *circuit) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flying--
}

// end notes how an attempt ended. after is how long the other side asked to be
// left alone.
func (c *circuit) end(now time.Time, worked bool, after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flying--
	if worked {
		c.failed = 0
		if c.probes > 0 {
			if c.probes *= 2; c.probes > wholeAgain {
				c.probes, c.trips = 0, 0
			}
		}
		return
	}
	c.failed++
	if after > 0 {
		c.rest(now.Add(after))
	}
	if c.probes == 0 && c.failed < tripAfter || now.Before(c.rests) {
		return
	}
	c.rest(now.Add(backOff(firstRest, longestRest, c.trips)))
	c.trips++
	c.probes = 1
}

func (c *circuit) rest(until time.Time) {
	if until.After(c.rests) {
		c.rests = until
	}
}

// backOff doubles with every turn from 0 on up to a limit, and is spread over
// its upper half, so that nodes and messages do not come back all at once.
func backOff(first, longest time.Duration, turn int) time.Duration {
	d := min(first<<min(turn, 20), longest)
	return d/2 + rand.N(d/2+1)
}
