package staff

import (
	"container/list"
	"net/netip"
	"sync"
	"time"
)

// rule is how many attempts are free, after which each doubles the pause.
type rule struct {
	free    int
	first   time.Duration
	longest time.Duration
}

const (
	forgetAfter  = 24 * time.Hour // without an attempt
	entriesLimit = 10_000         // the one unused for longest goes first
)

// limiter counts attempts in memory. An attempt counts as failed from its
// beginning, so that a hundred at the same moment are a hundred; who succeeds
// gets it back.
type limiter struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]*list.Element
	recent  *list.List // of *tally, latest first
}

type tally struct {
	key    string
	rule   rule
	failed int
	until  time.Time
	last   time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, entries: map[string]*list.Element{}, recent: list.New()}
}

// try counts an attempt under every key, or none of them and returns how long to
// wait.
func (l *limiter) try(rules map[string]rule) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for key := range rules {
		if t := l.find(key); t != nil {
			wait = max(wait, t.until.Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	for key, rule := range rules {
		t := l.find(key)
		if t == nil {
			t = l.add(key)
		}
		if now.Sub(t.last) > forgetAfter {
			t.failed = 0
		}
		t.rule, t.failed, t.last = rule, t.failed+1, now
		t.until = t.last.Add(rule.pause(t.failed))
		l.recent.MoveToFront(l.entries[key])
	}
	return 0
}

// giveBack takes one attempt off the key, and the pause that it added. What
// others failed at stays: nobody lifts their pause by logging in himself.
func (l *limiter) giveBack(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.find(key); t != nil {
		t.failed = max(0, t.failed-1)
		t.until = t.last.Add(t.rule.pause(t.failed))
	}
}

// forgive forgets all attempts under the key.
func (l *limiter) forgive(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if element, ok := l.entries[key]; ok {
		l.recent.Remove(element)
		delete(l.entries, key)
	}
}

func (l *limiter) find(key string) *tally {
	if element, ok := l.entries[key]; ok {
		return element.Value.(*tally)
	}
	return nil
}

func (l *limiter) add(key string) *tally {
	if len(l.entries) >= entriesLimit {
		oldest := l.recent.Back()
		delete(l.entries, oldest.Value.(*tally).key)
		l.recent.Remove(oldest)
	}
	t := &tally{key: key, last: l.now()}
	l.entries[key] = l.recent.PushFront(t)
	return t
}

func (r rule) pause(failed int) time.Duration {
	if failed <= r.free {
		return 0
	}
	pause := r.first
	for range failed - r.free - 1 {
		if pause *= 2; pause >= r.longest {
			return r.longest
		}
	}
	return pause
}

// network is what an address is counted under: an IPv4 address, or the /64 that
// one IPv6 customer has to himself.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		if pair, pairErr := netip.ParseAddrPort(address); pairErr == nil {
			ip = pair.Addr()
		} else {
			return address
		}
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip.String()
}
