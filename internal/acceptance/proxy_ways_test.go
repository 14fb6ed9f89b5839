package acceptance

import (
	"context"
	"slices"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
)

// TestAWayToRedisThatIsSlowCutOrSilent breaks the network between one node and
// Redis in each way that networks break, and presses Next there. The press is
// answered, once in the log, and the node's screen follows the other node.
func TestAWayToRedisThatIsSlowCutOrSilent(t *testing.T) {
	var way *redistest.Way
	h := newHouse(t, true, 2, func(h *house) {
		way = redistest.StartWay(t, h.redis)
		direct := h.store
		h.store = func(node int) string {
			if node == 0 {
				return way.URL()
			}
			return direct(node)
		}
	})
	desk := h.hire("meja", "desk").at(h.nodes[1])
	here, there := h.hire("anna", "officer").at(h.nodes[0]), h.hire("budi", "officer").at(h.nodes[1])
	here.post(counter("3", "open"), nothing{}).is(t, 200)
	there.post(counter("4", "open"), nothing{}).is(t, 200)
	screen := watch(h.public().at(h.nodes[0]), display())
	screen.until(soon, "the hall", func(frame) bool { return true })

	failures := []struct {
		name   string
		breaks func()
		heals  func()
		within time.Duration // so much a press may take, on a busy machine
	}{
		{"as it should be", func() {}, func() {}, 5 * time.Second},
		{"50 ms longer each way", func() { way.Slow(50 * time.Millisecond) }, func() { way.Slow(0) }, 5 * time.Second},
		{"cut", way.Cut, func() {}, 5 * time.Second},
		{"silent, but new connections work", way.Forget, func() {}, 10 * time.Second},
	}
	for _, f := range failures {
		for range 2 {
			desk.post(at("/tickets"), map[string]any{"service": "ganti"}).is(t, 201)
		}
		f.breaks()
		press := func(by caller, id string) (number string, took time.Duration) {
			began := time.Now()
			ctx, done := context.WithTimeout(t.Context(), f.within)
			defer done()
			a, err := by.insist(ctx, counter(id, "next"), newKey(), nothing{})
			if err != nil {
				t.Fatalf("%s: %v", f.name, err)
			}
			return read[tablet](t, a.is(t, 200).body).Current.Number, time.Since(began)
		}
		other, _ := press(there, "4")
		pressed := time.Now()
		_, took := press(here, "3")
		screen.until(soon, f.name+": a call of the other node", func(s frame) bool {
			return slices.ContainsFunc(read[hall](t, s.Data).Calls, func(c call) bool { return c.Number == other })
		})
		t.Logf("%s: Next took %.2f s, the screen showed the other node's call after %.2f s at the latest", f.name, took.Seconds(), time.Since(pressed).Seconds())
		f.heals()
		for _, by := range []struct {
			caller
			id string
		}{{here, "3"}, {there, "4"}} {
			by.at(h.nodes[1]).post(counter(by.id, "serve"), nothing{}).is(t, 200)
			by.at(h.nodes[1]).post(counter(by.id, "complete"), nothing{}).is(t, 200)
		}
	}
	told := agree(t, h)
	sound(t, told)
	if want := 2 * len(failures); len(told.calls) != want || len(told.epochs) != 1 {
		t.Errorf("want %d calls in one epoch, the log holds %d in %d", want, len(told.calls), len(told.epochs))
	}

	// Nothing comes through: a press is told so within the time that a request
	// has, and the page says how old it is; then all comes back by itself.
	way.Silence(true)
	began := time.Now()
	a, err := here.send(t.Context(), "POST", counter("3", "next"), newKey(), nothing{})
	if err != nil {
		t.Fatal(err)
	}
	a.refuses(t, 503, "unavailable")
	t.Logf("nothing comes through: Next was told so after %.2f s", time.Since(began).Seconds())
	h.public().at(h.nodes[0]).get(at("/slots")+"?service=ganti").is(t, 200)
	age := screen.ticked(soon)
	if age.At.Sub(age.Confirmed) < time.Second {
		t.Errorf("the screen was told that the log was read at %s, at %s", age.Confirmed, age.At)
	}
	way.Silence(false)
	await(t, soon, "the node is ready again", h.nodes[0].ready)
	ctx, done := context.WithTimeout(t.Context(), soon)
	defer done()
	again, err := here.insist(ctx, counter("3", "next"), newKey(), nothing{})
	if err != nil {
		t.Fatal(err)
	}
	again.refuses(t, 409, "queue_empty")
	h.verify()
}
