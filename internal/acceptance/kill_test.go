package acceptance

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestKillsUnderLoadLoseNothing kills nodes and Redis at random moments while
// everybody works.
func TestKillsUnderLoadLoseNothing(t *testing.T) {
	const kills = 12
	h := newHouse(t, true, 3)
	var screens []*screen
	for _, n := range h.nodes {
		screens = append(screens, watch(h.public().at(n), display()))
	}
	screens = append(screens, watch(h.public(), display(), func(s *screen) { s.events = true }))
	c := gather(h, 4, 1, 1)
	for i := range kills {
		<-time.After(time.Duration(rand.IntN(300)) * time.Millisecond)
		switch {
		case i%4 == 3:
			if err := h.redis.Kill(); err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Duration(rand.IntN(500)) * time.Millisecond)
			if err := h.redis.Restart(); err != nil {
				t.Fatal(err)
			}
		default:
			n := h.nodes[rand.IntN(len(h.nodes))]
			n.kill()
			n.start()
		}
		before := c.calls.Load()
		await(t, 30*time.Second, "people are called again", func() bool { return c.calls.Load() > before+5 })
	}
	c.drain()
	c.check()
	survived(t, h, c, screens)
}

// TestKillsOfTheOnlyNodeLoseNothing is the same on the embedded store.
func TestKillsOfTheOnlyNodeLoseNothing(t *testing.T) {
	const kills = 6
	h := newHouse(t, false, 1)
	screens := []*screen{watch(h.public(), display())}
	c := gather(h, 3, 1, 1)
	for range kills {
		<-time.After(time.Duration(rand.IntN(300)) * time.Millisecond)
		h.nodes[0].kill()
		h.nodes[0].start()
		before := c.calls.Load()
		await(t, 30*time.Second, "people are called again", func() bool { return c.calls.Load() > before+5 })
	}
	c.drain()
	c.check()
	survived(t, h, c, screens)
}

// survived expects every acknowledged command to be in the log, once, and
// every screen to show its end without having been told of another history.
func survived(t *testing.T, h *house, c *crowd, screens []*screen) {
	t.Helper()
	told := agree(t, h)
	sound(t, told)
	if got, want := told.keyed, len(c.journal.all()); got != want {
		t.Errorf("%d commands were acknowledged, the log holds %d", want, got)
	}
	if got, want := len(told.tickets), int(c.made.Load()); got != want {
		t.Errorf("%d tickets were acknowledged, the log holds %d", want, got)
	}
	if len(told.epochs) != 1 {
		t.Errorf("no log was lost, but there are epochs %q", told.epochs)
	}
	converge(t, screens, uint64(len(told.entries)))
	asked := c.journal.repeat(h)
	unchanged(t, "after repetitions", told.entries, h.admin.log())
	t.Logf("%d commands, %d events, %d calls", asked, len(told.entries), len(told.calls))
	if h.redis == nil {
		h.nodes[0].stop()
	}
	h.verify()
}
