package ledger

import (
	"context"
	"fmt"
	"time"
)

const (
	leaseTTL   = 15 * time.Second
	leaseRenew = 5 * time.Second
	// leaseSlack is how much earlier than the store this node lets a lease go.
	leaseSlack = 2 * time.Second
)

// lease is an office's duty, held by this node. It saves work that another
// node would do again; nothing is wrong when two nodes believe to hold one.
type lease struct {
	until time.Time // by this machine's monotonic clock
	asked time.Time // when the duty was last of use
}

func (l *lease) held(now time.Time) bool { return l != nil && now.Before(l.until) }

func leaseKey(office string) string { return "lease/" + office }

// Duty takes or keeps the office's duty for this node and reports whether it
// has it. Run renews it as long as it is asked for.
func (o *Offices) Duty(ctx context.Context, office string) (bool, error) {
	now := time.Now()
	o.mu.Lock()
	l := o.leases[office]
	if l.held(now) {
		l.asked = now
		o.mu.Unlock()
		return true, nil
	}
	o.mu.Unlock()
	return o.takeLease(ctx, office, now)
}

// takeLease takes a free lease or renews ours.
func (o *Offices) takeLease(ctx context.Context, office string, asked time.Time) (bool, error) {
	began := time.Now()
	me := []byte(o.node)
	held, err := o.records.Replace(ctx, leaseKey(office), nil, me, leaseTTL)
	if err == nil && string(held) == o.node {
		held, err = o.records.Replace(ctx, leaseKey(office), me, me, leaseTTL)
	}
	if err != nil {
		return false, fmt.Errorf("take the duty of %s: %w", office, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if string(held) != o.node {
		delete(o.leases, office)
		return false, nil
	}
	o.leases[office] = &lease{until: began.Add(leaseTTL - leaseSlack), asked: asked}
	return true, nil
}

// renewLeases renews what is still of use and forgets the rest.
func (o *Offices) renewLeases() {
	for pause(o.life, leaseRenew) {
		renew := map[string]time.Time{}
		o.mu.Lock()
		for office, l := range o.leases {
			if time.Since(l.asked) < o.o.IdleAfter {
				renew[office] = l.asked
			} else if !l.held(time.Now()) {
				delete(o.leases, office)
			}
		}
		o.mu.Unlock()
		for office, asked := range renew {
			if _, err := o.takeLease(o.life, office, asked); err != nil && o.life.Err() == nil {
				o.o.Log.Warn("renew the duty lease", "office", office, "error", err)
			}
		}
	}
}

// dropLeases lets others take over at once when this node ends.
func (o *Offices) dropLeases() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	o.mu.Lock()
	defer o.mu.Unlock()
	me := []byte(o.node)
	for office, l := range o.leases {
		if l.held(time.Now()) {
			_, _ = o.records.Replace(ctx, leaseKey(office), me, me, time.Millisecond) // it expires by itself otherwise
		}
		delete(o.leases, office)
	}
}
