package hub

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestChangesDuringAPassBecomeOneNextPass(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	w := h.watch(t, "")
	w.next()

	h.hold()
	h.press()
	h.made(t) // the pass has rendered 101 and is held
	for range 15 {
		h.press()
	}

	h.let(1)
	if diff := cmp.Diff(newest(101, 1), w.next().Data.Calls); diff != "" {
		t.Errorf("frame of the slow pass (-want +got):\n%s", diff)
	}
	h.let(20)
	if diff := cmp.Diff(newest(116, 15), w.next().Data.Calls); diff != "" {
		t.Errorf("frame of the next pass (-want +got):\n%s", diff)
	}
	h.press()
	if got := w.next(); got.Version != 117 {
		t.Errorf("then: %+v", got)
	}
	if got := h.value(t, "antrean_hub_passes_total"); got != 4 {
		t.Errorf("%v passes, want 4: the first, the slow one, one for 15 changes, the last", got)
	}
}

func TestOnlyChangesThatSomebodyWaitsForAreTimed(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	h.press() // nobody is there
	w := h.watch(t, "")
	w.next()
	h.press()
	w.next()
	const timed = "antrean_hub_change_to_frame_seconds"
	eventually(t, "the press is timed", func() bool { return h.value(t, timed) > 0 })
	if got := h.value(t, timed); got != 1 {
		t.Errorf("%v changes were timed, want 1", got)
	}
}

func TestASlowClientDelaysNobodyAndMissesNoCall(t *testing.T) {
	h := newHouse(t, Options{SendBuffer: 4 << 10}, nil)
	slow := h.stall(t)
	h.write("") // from here on frames are small, and still behind the large one
	other := h.watch(t, "")
	other.next()
	for i := range uint64(25) {
		h.press()
		if got := other.next(); got.Data.Calls[0] != 103+i {
			t.Fatalf("after call %d: %+v", 103+i, got)
		}
	}

	if got := slow.next(); got.Version != 101 || len(got.Data.Calls) != 0 {
		t.Errorf("the frame that stood still: version %d, calls %v", got.Version, got.Data.Calls)
	}
	got := slow.next()
	want := message{Type: "snapshot", Epoch: "e1", Version: 127, At: morning, Data: board{Calls: newest(127, 25)}}
	if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Errorf("the latest frame (-want +got):\n%s", diff)
	}
	if got := h.value(t, "antrean_hub_frames_skipped_total"); got != 25 {
		t.Errorf("%v frames skipped, want 25: one of the notice and all but the last call", got)
	}

	h.press() // and is one of many again
	passes := h.renderings()
	if got := slow.next(); got.Version != 128 {
		t.Errorf("then: %+v", got)
	}
	other.next()
	if own := len(h.renderings()) - len(passes); own > 1 {
		t.Errorf("%d renderings for one change", own)
	}
}

func TestWhatOneClientAloneHasSeenIsTakenBack(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	h.hold()
	w := h.watch(t, "e1:90")
	h.made(t) // the shared picture is made, without a notice
	h.write("Loket 2 tutup")
	h.let(1)
	h.made(t)
	h.let(1)
	if got := w.next(); got.Version != 101 || got.Data.Notice != "Loket 2 tutup" {
		t.Fatalf("its own: %+v", got)
	}
	h.write("")
	h.hub.Changed("bandung")
	h.made(t) // equal to the shared picture before
	h.let(1)
	if got := w.next(); got.Version != 102 || got.Data.Notice != "" {
		t.Errorf("everybody's: %+v", got)
	}
}

func TestATickDoesNotTakeAClientBehindItsOwnPicture(t *testing.T) {
	h := newHouse(t, Options{}, func(t *Topic) { t.Tick = step })
	h.hold()
	defer h.let(100)
	w := h.watch(t, "e1:90")
	h.made(t) // the shared picture, at 100
	h.call()
	h.let(1)
	h.made(t)
	h.let(1)
	for _, want := range []string{"snapshot", "tick"} {
		if got := w.next(); got.Type != want || got.Version != 101 {
			t.Errorf("%+v, want a %s at 101", got, want)
		}
	}
}

func TestAClientThatComesAndGoesSeesEveryCall(t *testing.T) {
	const cuts = 1000
	h := newHouse(t, Options{}, nil)
	rounds, pressed := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(pressed)
		for range rounds {
			for range rand.IntN(30) {
				h.press()
			}
		}
	}()

	seen := map[uint64]bool{}
	since := "e1:100"
	note := func(m message) {
		for _, id := range m.Data.Calls {
			seen[id] = true
		}
		since = m.Epoch + ":" + strconv.FormatUint(m.Version, 10) // of ticks too
	}
	for range cuts {
		rounds <- struct{}{}
		w := h.watch(t, since)
		for range rand.IntN(3) {
			w.SetReadDeadline(time.Now().Add(time.Millisecond))
			m, err := w.readNow()
			if err != nil {
				break
			}
			note(m)
		}
		w.NetConn().Close()
	}
	close(rounds)
	<-pressed

	note(h.watch(t, since).next())
	if _, last, _ := h.Confirmed(); since != "e1:"+strconv.FormatUint(last, 10) {
		t.Errorf("the last frame is of %s, the log ends at %d", since, last)
	}
	for _, id := range h.called {
		if !seen[id] {
			t.Errorf("call %d of %d was never seen", id, len(h.called))
		}
	}
}

func TestAViewThatFailsIsShownAtALaterTick(t *testing.T) {
	h := newHouse(t, Options{}, func(t *Topic) { t.Tick = step })
	h.failing = errors.New("the store is away")
	w := h.watch(t, "e1:90")
	eventually(t, "two attempts", func() bool { return len(h.renderings()) >= 2 })
	h.mu.Lock()
	h.failing = nil
	h.mu.Unlock()
	if got := w.next(); got.Type != "snapshot" || got.Version != 100 {
		t.Errorf("first frame: %+v", got)
	}
}
