package acceptance

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// refuser is a server that refuses everything.
func refuser(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"status":409,"code":"wrong_state"}`))
	}))
	t.Cleanup(s.Close)
	return s
}

func TestThreeNodesWrittenToAtOnceLoseNothing(t *testing.T) {
	h := newHouse(t, true, 3)
	var screens []*screen
	for _, n := range h.nodes {
		screens = append(screens, watch(h.public().at(n), display()))
	}
	c := gather(h, 6, 3, 2)
	await(t, time.Minute, "a busy office", func() bool { return c.made.Load() >= 200 })
	c.drain()
	c.check()

	told := agree(t, h)
	if got, want := len(told.tickets), int(c.made.Load()); got != want {
		t.Errorf("%d tickets were acknowledged, the log holds %d", want, got)
	}
	if got, want := told.keyed, len(c.journal.all()); got != want {
		t.Errorf("%d commands were acknowledged, the log holds %d", want, got)
	}
	sound(t, told)
	converge(t, screens, uint64(len(told.entries)))
	h.verify()
}

// agree reads the log at every node, expects them to be the same, and tells it.
func agree(t *testing.T, h *house) history {
	t.Helper()
	first := h.admin.at(h.nodes[0]).log()
	for _, n := range h.nodes[1:] {
		same(t, "the log at "+n.url, first, h.admin.at(n).log())
	}
	return tell(t, first)
}

// sound expects what holds of any log: nobody called twice, no number twice.
func sound(t *testing.T, h history) {
	t.Helper()
	for _, w := range h.twice {
		t.Error(w)
	}
	for id, n := range h.tickets {
		if n > 1 {
			t.Errorf("ticket %s was made %d times", id, n)
		}
	}
	for number, n := range h.numbers {
		if n > 1 {
			t.Errorf("%d tickets are called %s", n, number)
		}
	}
}

// converge waits until all screens are at the end of the log and show the same.
// Predictions are each node's own.
func converge(t *testing.T, screens []*screen, end uint64) {
	t.Helper()
	shown := func(s *screen) any {
		f := s.wait(soon, "the log's end", func() (frame, bool) { return s.last, s.snapshots > 0 && s.position.Version >= end })
		var data map[string]any
		if err := json.Unmarshal(f.Data, &data); err != nil {
			t.Fatal(err)
		}
		delete(data, "wait")
		data["epoch"] = f.Epoch
		return data
	}
	deadline := time.Now().Add(soon)
	for _, s := range screens[1:] {
		for {
			diff := cmp.Diff(shown(screens[0]), shown(s))
			if diff == "" {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("%s shows something else than %s (-first +this):\n%s", s.urls, screens[0].urls, diff)
				break
			}
			<-time.After(50 * time.Millisecond)
		}
	}
}
