package notifier

import (
	"testing"
	"time"
)

func TestAChannelThatFailsRestsAndComesBackSlowly(t *testing.T) {
	var c circuit
	now := time.Unix(1_800_000_000, 0)
	attempt := func(worked bool) bool {
		ok, _ := c.admit(now)
		if ok {
			c.end(now, worked, 0)
		}
		return ok
	}
	for i := range tripAfter {
		if !attempt(false) {
			t.Fatalf("rests after %d failures", i)
		}
	}
	if attempt(true) {
		t.Fatal("does not rest")
	}
	first, _ := c.resting(now)
	now = now.Add(firstRest)
	if !attempt(false) {
		t.Fatal("is never tried again")
	}
	second, yes := c.resting(now)
	if !yes || !second.After(first) {
		t.Fatal("a failed trial does not rest it again")
	}
	now = now.Add(longestRest)
	for _, atOnce := range []int{1, 2, 4, 8, 16} {
		flying := 0
		for ok, _ := c.admit(now); ok && flying <= atOnce; ok, _ = c.admit(now) {
			flying++
		}
		if flying != atOnce {
			t.Fatalf("%d at once, want %d", flying, atOnce)
		}
		c.end(now, true, 0)
		for range flying - 1 {
			c.leave()
		}
	}
	for range 100 {
		if ok, _ := c.admit(now); !ok {
			t.Fatal("is not whole again")
		}
	}
}

func TestAChannelRestsAsLongAsItAsksFor(t *testing.T) {
	var c circuit
	now := time.Unix(1_800_000_000, 0)
	c.admit(now)
	c.end(now, false, time.Minute)
	if until, yes := c.resting(now); !yes || !until.Equal(now.Add(time.Minute)) {
		t.Errorf("rests until %s", until)
	}
	if ok, _ := c.admit(now.Add(time.Minute)); !ok {
		t.Error("rests longer than asked")
	}
}

func TestBackOffGrowsToItsLimit(t *testing.T) {
	for turn := range 70 {
		longest := min(time.Second<<min(turn, 20), time.Minute)
		if d := backOff(time.Second, time.Minute, turn); d < longest/2 || d > longest {
			t.Errorf("turn %d: %s", turn, d)
		}
	}
}
