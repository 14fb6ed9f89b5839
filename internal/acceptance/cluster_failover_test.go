//go:build unix

package acceptance

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
)

const (
	// nodeTimeout is how long a master of the tests' Clusters may be silent.
	nodeTimeout = time.Second
	// corrected is how long a screen may show what the log does not hold.
	corrected = 10 * time.Second
	// perSecond is how many commands the crowd gives at most.
	perSecond = 500
)

// onCluster starts a Redis Cluster of three masters with two replicas each, and
// nodes that wait for one of them. (With one replica a master that has taken
// over would have none to wait for.)
func onCluster(t *testing.T, nodes int) (*redistest.Cluster, *house) {
	t.Helper()
	c := redistest.StartCluster(t, 3, 2, nodeTimeout, "--min-replicas-to-write", "1", "--min-replicas-max-lag", "2")
	return c, newHouse(t, false, nodes, func(h *house) {
		h.store = func(int) string { return c.URL() }
		h.flags = []string{"--redis-wait", "1", "--redis-min-replicas", "1"}
	})
}

// TestFailoversUnderLoadLoseNothing has the master of a busy office killed, and
// its successor frozen. What was acknowledged is there, Next answers again, and
// no screen keeps showing what the log does not hold.
func TestFailoversUnderLoadLoseNothing(t *testing.T) {
	cluster, h := onCluster(t, 2)
	var screens []*screen
	var sights []*sights
	for _, n := range h.nodes {
		seen := newSights()
		sights = append(sights, seen)
		screens = append(screens, watch(h.public().at(n), display(), func(s *screen) { s.heard = seen.look }))
	}
	c := gather(h, 5, 3, 2, func(c *crowd) { c.pace = atMost(perSecond) })
	p := press(h)
	for _, failure := range []struct {
		name       string
		away, back func(*redistest.Server) error
	}{
		{"killed", (*redistest.Server).Kill, (*redistest.Server).Restart},
		{"frozen", (*redistest.Server).Stop, (*redistest.Server).Cont},
	} {
		began, before := time.Now(), len(c.journal.all())
		await(t, time.Minute, "a busy office", func() bool { return len(c.journal.all()) >= before+2*perSecond })
		rate := float64(len(c.journal.all())-before) / time.Since(began).Seconds()
		gone, err := cluster.MasterOf("{" + office + "}")
		if err != nil {
			t.Fatal(err)
		}
		if err := failure.away(gone); err != nil {
			t.Fatal(err)
		}
		left := time.Now()
		await(t, 30*time.Second, "a new master", func() bool {
			now, err := cluster.MasterOf("{" + office + "}")
			return err == nil && now != gone
		})
		replaced := time.Now()
		var again time.Time
		await(t, 30*time.Second, "an answer to Next", func() bool {
			again = p.answeredAfter(replaced)
			return !again.IsZero()
		})
		t.Logf("at %.0f commands/s the master was %s: replaced after %.2f s, Next answered %.2f s later", rate, failure.name, replaced.Sub(left).Seconds(), again.Sub(replaced).Seconds())
		if err := failure.back(gone); err != nil {
			t.Fatal(err)
		}
		calls := c.calls.Load()
		await(t, 30*time.Second, "people are called again", func() bool { return c.calls.Load() > calls+20 })
	}
	p.stop()
	c.drain()
	c.check()

	told := agree(t, h)
	sound(t, told)
	if got, want := told.keyed, len(c.journal.all())+p.acknowledged; got != want {
		t.Errorf("%d commands were acknowledged, the log holds %d", want, got)
	}
	if got, want := len(told.tickets), int(c.made.Load()); got != want {
		t.Errorf("%d tickets were acknowledged, the log holds %d", want, got)
	}
	converge(t, screens, uint64(len(told.entries)))
	for _, seen := range sights {
		seen.check(t, told)
	}
	acks := c.journal.all()
	rand.Shuffle(len(acks), func(a, b int) { acks[a], acks[b] = acks[b], acks[a] })
	(&journal{acks: acks[:60]}).repeat(h)
	unchanged(t, "after repetitions", told.entries, h.admin.log())
	h.verify()
}

// TestAScreenThatFollowedALostTailIsCorrected writes what only the master has,
// shows it on a screen of another node, and loses the master. The node that
// wrote it writes it again, unchanged, as long as it lives; when it has died as
// well, the log never held it.
func TestAScreenThatFollowedALostTailIsCorrected(t *testing.T) {
	cluster, h := onCluster(t, 2)
	desk, officer := h.hire("meja", "desk"), h.hire("petugas", "officer")
	for range 3 {
		desk.post(at("/tickets"), map[string]any{"service": "ganti"}).is(t, 201)
	}
	officer.post(counter("3", "open"), nothing{}).is(t, 200)
	seen := newSights()
	far := watch(h.public().at(h.nodes[1]), display(), func(s *screen) { s.heard = seen.look })
	epoch := far.until(soon, "the hall", func(frame) bool { return true }).Epoch

	// press calls somebody at the first node, so that the master alone has it, and
	// loses the master. Whoever pressed repeats it at the nodes that live.
	press := func(calls int, die bool) (answer, string) {
		master, replicas := cutOff(t, cluster)
		officer, key := officer.at(h.nodes[0]), newKey()
		first, give := context.WithTimeout(t.Context(), time.Minute)
		defer give()
		answers := make(chan answer, 1)
		go func() {
			a, _ := officer.insist(first, counter("3", "next"), key, nothing{})
			answers <- a
		}()
		shown := far.until(soon, "a call that no replica has", func(f frame) bool { return len(read[hall](t, f.Data).Calls) == calls })
		select {
		case a := <-answers:
			t.Fatalf("a press that no replica has was acknowledged: %s", a)
		default:
		}
		if die {
			h.nodes[0].kill()
			give()
			<-answers
		}
		replace(t, cluster, master, replicas)
		if die {
			a, err := officer.at(h.nodes[1]).insist(t.Context(), counter("3", "next"), key, nothing{})
			if err != nil {
				t.Fatal(err)
			}
			answers <- a
		}
		if err := master.Restart(); err != nil {
			t.Fatal(err)
		}
		return <-answers, read[hall](t, shown.Data).Calls[0].ID
	}

	made, again := press(1, false)
	made.is(t, http.StatusOK)
	if told := tell(t, h.admin.at(h.nodes[1]).log()); len(told.calls) != 1 || len(told.epochs) != 1 {
		t.Errorf("want one call in one epoch, the log holds %v in %v", told.calls, told.epochs)
	} else if _, held := told.calls[again]; !held {
		t.Errorf("the call that the screen has shown is not in the log: %v", told.calls)
	}
	officer.at(h.nodes[1]).post(counter("3", "serve"), nothing{}).is(t, 200)
	officer.at(h.nodes[1]).post(counter("3", "complete"), nothing{}).is(t, 200)

	made, lost := press(2, true)
	made.is(t, http.StatusOK)
	far.until(soon, "the screen is corrected", func(f frame) bool { return f.Epoch != epoch })
	h.nodes[0].start()
	told := agree(t, h)
	sound(t, told)
	if len(told.calls) != 2 || len(told.epochs) != 2 {
		t.Errorf("want two calls and two epochs, the log holds %v and %v", told.calls, told.epochs)
	}
	if _, held := told.calls[lost]; held {
		t.Errorf("the log holds call %s, which was to be lost", lost)
	}
	converge(t, []*screen{far, watch(h.public().at(h.nodes[0]), display())}, uint64(len(told.entries)))
	seen.check(t, told)
	h.verify()
}

// cutOff has the office's master go on without its replicas, as one does that is
// cut off and was told to need none.
func cutOff(t *testing.T, c *redistest.Cluster) (master *redistest.Server, replicas []*redistest.Server) {
	t.Helper()
	await(t, 30*time.Second, "two replicas in step", func() bool {
		var err error
		if master, err = c.MasterOf("{" + office + "}"); err != nil {
			return false
		}
		info, err := master.Ask("INFO", "replication")
		_, written, _ := strings.Cut(info, "master_repl_offset:")
		written, _, _ = strings.Cut(written, "\r")
		if err != nil || strings.Count(info, "state=online,offset="+written+",") != 2 {
			return false
		}
		replicas = replicasOf(t, c, master) // one that is slow to say so is not among them
		return len(replicas) == 2
	})
	for _, r := range replicas {
		if err := r.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range [][]string{{"CONFIG", "SET", "min-replicas-to-write", "0"}, {"CLIENT", "KILL", "TYPE", "replica"}} {
		if _, err := master.Ask(command...); err != nil {
			t.Fatal(err)
		}
	}
	return master, replicas
}

// replace kills the master and returns when one of its replicas has taken over.
func replace(t *testing.T, c *redistest.Cluster, master *redistest.Server, replicas []*redistest.Server) {
	t.Helper()
	if err := master.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, r := range replicas {
		if err := r.Cont(); err != nil {
			t.Fatal(err)
		}
	}
	await(t, 30*time.Second, "a new master", func() bool {
		now, err := c.MasterOf("{" + office + "}")
		return err == nil && now != master
	})
}

// replicasOf are the servers that follow a master.
func replicasOf(t *testing.T, c *redistest.Cluster, master *redistest.Server) (all []*redistest.Server) {
	t.Helper()
	id, err := master.Ask("CLUSTER", "MYID")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Servers {
		if s.Follows(id) {
			all = append(all, s)
		}
	}
	return all
}

// sights are the calls that a screen has shown, and for how long. What it shows
// it shows until the next snapshot, connected or not.
type sights struct {
	mu    sync.Mutex
	since map[string]time.Time // of what is shown now
	shown map[string]time.Duration
}

func newSights() *sights {
	return &sights{since: map[string]time.Time{}, shown: map[string]time.Duration{}}
}

func (s *sights) look(message []byte) {
	var f struct {
		Type string `json:"type"`
		Data hall   `json:"data"`
	}
	if json.Unmarshal(message, &f) != nil || f.Type != "snapshot" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, current := time.Now(), map[string]time.Time{}
	for _, c := range f.Data.Calls {
		current[c.ID] = now
		if since, ok := s.since[c.ID]; ok {
			current[c.ID] = since
		}
	}
	for id, since := range s.since {
		if _, still := current[id]; !still {
			s.shown[id] += now.Sub(since)
		}
	}
	s.since = current
}

// check expects that nothing is shown that the log does not hold, and that
// nothing was for long.
func (s *sights) check(t *testing.T, log history) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.since {
		if _, held := log.calls[id]; !held {
			t.Errorf("the screen shows call %s, which the log does not hold", id)
		}
	}
	for id, long := range s.shown {
		if _, held := log.calls[id]; held {
			continue
		}
		t.Logf("call %s, which the log lost, was shown for %.2f s", id, long.Seconds())
		if long > corrected {
			t.Errorf("call %s, which the log does not hold, was shown for %s", id, long)
		}
	}
}

// atMost paces many callers together.
func atMost(perSecond int) func() {
	var mu sync.Mutex
	next := time.Now()
	return func() {
		mu.Lock()
		if now := time.Now(); next.Before(now.Add(-100 * time.Millisecond)) {
			next = now
		}
		turn := next
		next = next.Add(time.Second / time.Duration(perSecond))
		mu.Unlock()
		<-time.After(time.Until(turn))
	}
}

// presses are one officer's, at a counter of their own, on and on.
type presses struct {
	end   context.CancelFunc
	group sync.WaitGroup

	mu           sync.Mutex
	answers      []time.Time
	acknowledged int
}

// press starts an officer at the last counter, who does nothing but call.
func press(h *house) *presses {
	h.t.Helper()
	officer := h.hire("petugas-terakhir", "officer")
	ctx, end := context.WithCancel(context.Background())
	p := &presses{end: end}
	h.t.Cleanup(p.stop)
	officer.post(counter("6", "open"), nothing{}).is(h.t, 200)
	p.acknowledged++
	p.group.Go(func() {
		for ctx.Err() == nil {
			if p.do(officer, "next", nothing{}) {
				p.do(officer, "serve", nothing{})
				p.do(officer, "complete", nothing{})
			}
			<-time.After(20 * time.Millisecond)
		}
	})
	return p
}

// do gives a command until it is answered, and reports whether it was done.
func (p *presses) do(by caller, act string, body any) bool {
	a, err := by.insist(context.Background(), counter("6", act), newKey(), body)
	if err != nil {
		by.t.Error(err)
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if act == "next" {
		p.answers = append(p.answers, time.Now())
	}
	if a.status >= 300 {
		return false
	}
	p.acknowledged++
	return true
}

// answeredAfter is when Next was first answered after a time; zero if not yet.
func (p *presses) answeredAfter(t time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.answers {
		if a.After(t) {
			return a
		}
	}
	return time.Time{}
}

func (p *presses) stop() {
	p.end()
	p.group.Wait()
}
