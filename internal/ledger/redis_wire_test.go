package ledger

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
)

// TestOneTimeoutIsEnoughForAllSilentConnections fills the pool and has the way
// forget every connection: whoever comes after the first time-out must not meet
// another of them.
func TestOneTimeoutIsEnoughForAllSilentConnections(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	way := redistest.StartWay(t, server)
	r := openRedis(t, way.URL())
	end := land(t, r, "bandung", Position{}, "a", texts("1"))
	way.Slow(20 * time.Millisecond) // so that each takes a connection of its own
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() { land(t, r, fmt.Sprint("office", i), Position{}, "a", texts("1")) })
	}
	group.Wait()
	way.Slow(0)
	way.Forget()

	began := time.Now()
	expectUnknown(t, r.Append(t.Context(), "bandung", end, "b", texts("2")))
	if took := time.Since(began); took < silence || took > 2*answerTimeout {
		t.Errorf("the time-out came after %s", took)
	}
	for range 20 { // the pool hands out its oldest first
		if err := r.Append(t.Context(), "bandung", end, "b", texts("2")); err != nil {
			t.Fatalf("another silent connection was used: %v", err)
		}
		end = Position{end.Version + 1, "b"}
	}
}

func TestAReadIsRepeatedByAnotherConnection(t *testing.T) {
	t.Parallel()
	way := redistest.StartWay(t, redistest.Start(t))
	r := openRedis(t, way.URL())
	land(t, r, "bandung", Position{}, "a", texts("1"))
	put(t, r, "vault/bandung/x", "x", 0)
	for name, failure := range map[string]func(){"cut": way.Cut, "silent": way.Forget} {
		t.Run(name, func(t *testing.T) {
			failure()
			expectEntries(t, r, "bandung", entry(1, "a", "1"))
			failure()
			if got, err := r.Get(t.Context(), "vault/bandung/x"); err != nil || string(got) != "x" {
				t.Errorf("got %q, %v", got, err)
			}
			failure()
			if _, err := r.Now(t.Context()); err != nil {
				t.Error(err)
			}
			failure()
			if got, err := r.List(t.Context(), "vault/", "", 5); err != nil || len(got) != 1 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestATailNoticesThatItsConnectionIsSilent(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	way := redistest.StartWay(t, server)
	r, direct := openRedis(t, way.URL()), openRedis(t, server.URL())
	end := land(t, direct, "bandung", Position{}, "a", texts("1"))
	failed := make(chan error)
	began := time.Now()
	go func() {
		if entries, err := r.Tail(t.Context(), "bandung", 0, 1); err != nil || len(entries) != 1 {
			t.Errorf("got %v, %v", entries, err)
		}
		_, err := r.Tail(t.Context(), "bandung", 1, 1)
		failed <- err
	}()
	eventually(t, func() bool { // the second tail waits: it asked after the log's first entry
		list, err := server.Ask("CLIENT", "LIST")
		return err == nil && strings.Contains(list, "cmd=xread") && strings.Contains(list, "flags=b")
	})
	way.Forget()
	land(t, direct, "bandung", end, "b", texts("2"))
	if err := <-failed; err == nil {
		t.Error("a tail that heard nothing ended well")
	}
	if took := time.Since(began); took > 2*(tailWait+tailSlack) {
		t.Errorf("it took %s", took)
	}
	if entries, err := r.Tail(t.Context(), "bandung", 1, 1); err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v", entries, err)
	}
}
