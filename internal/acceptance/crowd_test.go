package acceptance

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A crowd is an office at its busiest: officers at their counters, desks that
// give numbers, applicants who book and check in, all at once and each command
// at any node. Commands are repeated until their outcome is known. What may
// not happen is kept in wrong.
type crowd struct {
	house   *house
	journal *journal
	pace    func() // called before every command; may be nil

	ctx     context.Context // of requests: it outlives the work
	working atomic.Bool     // until the office is to be left as it is
	coming  atomic.Bool     // people come
	group   sync.WaitGroup
	calls   atomic.Int64
	made    atomic.Int64 // tickets
	waiting atomic.Int64 // at the counter that called last
	person  atomic.Int64

	mu    sync.Mutex
	wrong []string
}

// gather starts a crowd of one officer for each of the first counters, desks
// and applicants. It ends with leave or drain, at the latest with the test.
func gather(h *house, officers, desks, applicants int, edit ...func(*crowd)) *crowd {
	h.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	c := &crowd{house: h, journal: &journal{}, ctx: ctx}
	for _, e := range edit {
		e(c)
	}
	h.t.Cleanup(func() {
		c.coming.Store(false)
		c.working.Store(false)
		stop()
		c.group.Wait()
	})
	c.working.Store(true)
	c.coming.Store(true)
	desk := h.hire("meja", "desk")
	for i := range officers {
		officer := h.hire(fmt.Sprintf("petugas%d", i), "officer")
		c.group.Go(func() { c.serve(officer, fmt.Sprint(i+1), desk) })
	}
	for range desks {
		c.group.Go(func() { c.issue(desk) })
	}
	for range applicants {
		c.group.Go(c.book)
	}
	return c
}

// leave ends the work where it stands and waits for what is under way.
func (c *crowd) leave() {
	c.coming.Store(false)
	c.working.Store(false)
	c.group.Wait()
}

// drain lets nobody in any more and waits until everybody has been served.
func (c *crowd) drain() {
	c.coming.Store(false)
	var last answer
	c.house.t.Cleanup(func() {
		if c.house.t.Failed() {
			c.house.t.Logf("the hall: %s", last.body[max(0, len(last.body)-1500):])
		}
	})
	await(c.house.t, time.Minute, "everybody is served", func() bool {
		var q struct {
			Waiting  []json.RawMessage `json:"waiting"`
			Parked   []json.RawMessage `json:"parked"`
			Expected int               `json:"expected"`
			Counters []struct {
				Ticket string `json:"ticket"`
			} `json:"counters"`
		}
		a, err := c.house.admin.send(c.ctx, http.MethodGet, at("/queue"), "", nil)
		last = a
		if err != nil || json.Unmarshal(a.body, &q) != nil || len(q.Waiting)+len(q.Parked)+q.Expected > 0 {
			return false
		}
		for _, k := range q.Counters {
			if k.Ticket != "" {
				return false
			}
		}
		return len(q.Counters) > 0
	})
	c.leave()
}

// check reports what went wrong.
func (c *crowd) check() {
	c.house.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.wrong[:min(len(c.wrong), 5)] {
		c.house.t.Error(w)
	}
}

// do gives a command and returns the refusal's code, "" for success. Any code
// that is not allowed is wrong.
func (c *crowd) do(by caller, path string, body any, into any, allowed ...string) string {
	if c.pace != nil {
		c.pace()
	}
	a := ack{by: by, path: path, key: newKey(), body: body}
	var err error
	if a.answer, err = by.insist(c.ctx, path, a.key, body); err != nil {
		c.fault("%v", err)
		return "unknown"
	}
	c.journal.note(a)
	if a.answer.status < 300 {
		if err := json.Unmarshal(a.answer.body, into); err != nil {
			c.fault("POST %s: %v: %s", path, err, a.answer)
		}
		return ""
	}
	p, ok := a.answer.problem()
	for _, code := range allowed {
		if ok && p.Code == code {
			return code
		}
	}
	c.fault("POST %s: %s", path, a.answer)
	return p.Code
}

func (c *crowd) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

func (c *crowd) pause(d time.Duration) {
	select {
	case <-c.ctx.Done():
	case <-time.After(d):
	}
}

// serve works at a counter: mostly as it should be, with all the rest that
// happens at a counter in between.
func (c *crowd) serve(by caller, id string, desk caller) {
	var v tablet
	act := func(what string, body any, allowed ...string) string {
		var after tablet
		code := c.do(by, counter(id, what), body, &after, allowed...)
		if code == "" {
			v = after
		}
		return code
	}
	act("open", nothing{})
	for c.working.Load() && c.ctx.Err() == nil {
		if v.Current == nil {
			if act("next", nothing{}, "queue_empty") != "" {
				c.waiting.Store(0)
				c.pause(10 * time.Millisecond)
				continue
			}
			c.waiting.Store(int64(len(v.Waiting)))
			c.calls.Add(1)
		}
		if v.Current == nil {
			c.fault("a call at counter %s of nobody", id)
			return
		}
		if v.Current.State == "called" {
			if rand.IntN(4) == 0 {
				act("recall", nothing{})
				c.calls.Add(1)
			}
			switch rand.IntN(12) {
			case 0:
				// Who was completed by the same press is back, unless somebody has
				// called them to the next stage meanwhile.
				if act("undo", nothing{}, "wrong_state") == "" {
					continue
				}
			case 1:
				act("no-show", nothing{})
				continue
			}
			act("serve", nothing{})
		}
		if rand.IntN(15) == 0 {
			act("park", nothing{})
			for _, away := range v.Parked { // a family, or somebody of another counter
				c.do(desk, at("/tickets/"+away.Ticket+"/return"), nothing{}, &phone{}, "wrong_state")
			}
			continue
		}
		if rand.IntN(2) == 0 {
			if act("next", map[string]bool{"complete": true}, "queue_empty") == "" {
				c.waiting.Store(int64(len(v.Waiting)))
				c.calls.Add(1)
				continue
			}
		}
		act("complete", nothing{})
		if rand.IntN(10) == 0 {
			act("undo", nothing{}, "wrong_state") // the next stage may have called them
		}
	}
	for v.Current != nil && c.ctx.Err() == nil { // nobody is left standing
		if v.Current.State == "called" {
			act("serve", nothing{})
		}
		act("complete", nothing{})
	}
}

// few keeps the hall from filling faster than it is served.
const few = 20

// issue gives numbers at the door.
func (c *crowd) issue(desk caller) {
	for c.coming.Load() && c.ctx.Err() == nil {
		service := []string{"baru", "ganti"}[rand.IntN(2)]
		var t ticket
		if c.do(desk, at("/tickets"), map[string]any{"service": service, "priority": rand.IntN(6) == 0}, &t) == "" {
			c.made.Add(1)
		}
		c.rest()
	}
}

// book books for today and comes at once.
func (c *crowd) book() {
	for c.coming.Load() && c.ctx.Err() == nil {
		var made struct {
			Tickets []ticket `json:"tickets"`
		}
		n := int(c.person.Add(2))
		people := []int{n}
		if rand.IntN(4) == 0 {
			people = append(people, n+1)
		}
		public := c.house.public()
		if c.do(public, at("/bookings"), booking("ganti", "earliest", people...), &made) != "" {
			return
		}
		c.made.Add(int64(len(made.Tickets)))
		c.do(public, "/api/v1/tickets/"+made.Tickets[0].Token+"/check-in", nothing{}, &phone{})
		c.rest()
	}
}

// rest waits while many wait already.
func (c *crowd) rest() {
	for c.coming.Load() && c.ctx.Err() == nil && c.waiting.Load() > few {
		c.pause(2 * time.Millisecond)
	}
}

// TestTheCrowdTellsWhatGoesWrong holds the crowd itself: a refusal that it does
// not expect is told.
func TestTheCrowdTellsWhatGoesWrong(t *testing.T) {
	server := refuser(t)
	c := &crowd{house: &house{t: t}, journal: &journal{}, ctx: t.Context()}
	by := caller{t: t, http: server.Client(), urls: []string{server.URL}}
	if code := c.do(by, "/", nothing{}, &nothing{}, "queue_empty"); code != "wrong_state" || len(c.wrong) != 1 {
		t.Errorf("code %q, told %q", code, c.wrong)
	}
	if len(c.journal.all()) != 0 {
		t.Error("a refusal is in the journal")
	}
}
