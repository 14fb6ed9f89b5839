package hub

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAClientGetsWhatItMisses(t *testing.T) {
	for _, test := range []struct {
		name, since string
		want        message
		asked       position // of the view, after the shared rendering; zero: not again
	}{
		{
			name: "nowhere: the whole view",
			want: message{Type: "snapshot", Epoch: "e1", Version: 112, At: morning, Data: board{Calls: newest(112, 10)}},
		},
		{
			name: "exactly there: a tick at once", since: "e1:112",
			want: message{Type: "tick", Epoch: "e1", Version: 112, At: morning.Add(time.Second), Confirmed: morning},
		},
		{
			name: "behind: every call since", since: "e1:100",
			want:  message{Type: "snapshot", Epoch: "e1", Version: 112, At: morning, Data: board{Calls: newest(112, 12)}},
			asked: position{"e1", 100},
		},
		{
			name: "another epoch: the whole view", since: "e0:112",
			want:  message{Type: "snapshot", Epoch: "e1", Version: 112, At: morning, Data: board{Calls: newest(112, 10)}},
			asked: position{"e0", 112},
		},
		{
			name: "ahead: the view decides", since: "e1:500",
			want:  message{Type: "snapshot", Epoch: "e1", Version: 112, At: morning, Data: board{Calls: newest(112, 10)}},
			asked: position{"e1", 500},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, Options{}, nil)
			for range 12 {
				h.call()
			}
			got := h.watch(t, test.since).next()
			if diff := cmp.Diff(test.want, got, cmp.Comparer(time.Time.Equal)); diff != "" {
				t.Errorf("first frame (-want +got):\n%s", diff)
			}
			want := []position{{}}
			if !test.asked.nowhere() {
				want = append(want, test.asked)
			}
			if diff := cmp.Diff(want, h.renderings(), cmp.AllowUnexported(position{})); diff != "" {
				t.Errorf("rendered since (-want +got):\n%s", diff)
			}
		})
	}
}

// newest are n calls, the newest first.
func newest(last uint64, n int) []uint64 {
	calls := make([]uint64, n)
	for i := range calls {
		calls[i] = last - uint64(i)
	}
	return calls
}

func TestATickNamesOnlyWhatTheClientHas(t *testing.T) {
	h := newHouse(t, Options{}, func(t *Topic) { t.Tick = step })
	w := h.watch(t, "")
	if got := w.next(); got.Type != "snapshot" || got.Version != 100 {
		t.Fatalf("first frame: %+v", got)
	}
	h.call() // nobody says Changed: the next tick notices
	var last uint64 = 100
	for {
		m := w.next()
		if m.Type == "tick" && m.Version != last {
			t.Fatalf("a tick at %d, the client has %d", m.Version, last)
		}
		if m.Type == "snapshot" {
			break
		}
	}
	h.silently() // nothing to see, but the position moves on
	h.hub.Changed("bandung")
	for {
		m := w.next()
		if m.Type == "snapshot" {
			t.Fatalf("the same data was sent again: %+v", m)
		}
		if m.Version == 102 {
			break
		}
	}
}

func TestEqualDataIsNotSentAgain(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	w := h.watch(t, "")
	w.next()
	h.silently()
	h.hub.Changed("bandung")
	eventually(t, "a pass", func() bool { return h.value(t, "antrean_hub_passes_total") == 2 })
	h.press()
	want := message{Type: "snapshot", Epoch: "e1", Version: 102, At: morning, Data: board{Calls: []uint64{102}}}
	if diff := cmp.Diff(want, w.next(), cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Errorf("second frame (-want +got):\n%s", diff)
	}
}

func TestANewEpochIsShownThoughTheDataIsEqual(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	w := h.watch(t, "")
	w.next()
	h.mu.Lock()
	h.epoch, h.version = "e2", 7
	h.mu.Unlock()
	h.hub.Changed("bandung")
	if got := w.next(); got.Type != "snapshot" || got.Epoch != "e2" || got.Version != 7 {
		t.Errorf("second frame: %+v", got)
	}
}
