package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
)

// threeNodes are three servers on one store, each with a connection of its own
// where the store has connections.
func threeNodes(t *testing.T, s store) []*Office {
	t.Helper()
	var nodes []*Office
	for range 3 {
		nodes = append(nodes, openOffice(t, startNode(t, s, s, Options{}), "bandung"))
	}
	return nodes
}

// openCounter seats an officer of its own at a counter; officer may press there.
func openCounter(t testing.TB, f *Office, counter string) {
	t.Helper()
	c := command(queue.OpenCounter{Counter: counter})
	c.By.Name = "officer " + counter
	must(t, f.Do(t.Context(), c, nil))
}

// Three nodes write one office for all they are worth: numbers are given at
// each, and four counters are pressed at all of them at once.
func TestThreeNodesWriteOneOffice(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		nodes := threeNodes(t, s)
		for i := range 4 {
			openCounter(t, nodes[0], fmt.Sprint(i+1))
		}
		const desks, people = 8, 15
		var mu sync.Mutex
		numbers := make(map[string]string)
		called := make(map[string]int)
		var group sync.WaitGroup
		for n, f := range nodes {
			for desk := range desks {
				group.Go(func() {
					for i := range people {
						id := fmt.Sprintf("t%d-%d-%d", n, desk, i)
						err := f.Do(t.Context(), issue(id), func(s *queue.State, _ []*queue.Event) {
							mu.Lock()
							defer mu.Unlock()
							if other, twice := numbers[s.Tickets[id].Number]; twice {
								t.Errorf("%s and %s both have %s", other, id, s.Tickets[id].Number)
							}
							numbers[s.Tickets[id].Number] = id
						})
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			for k := range 4 {
				counter := fmt.Sprint(k + 1)
				group.Go(func() {
					for range 25 {
						err := f.Do(t.Context(), command(queue.Next{Counter: counter}), func(s *queue.State, events []*queue.Event) {
							mu.Lock()
							defer mu.Unlock()
							for _, id := range s.Counter(counter).Tickets {
								called[id]++
							}
						})
						if refusal := (*queue.Refusal)(nil); err != nil && !errors.As(err, &refusal) {
							t.Error(err)
						}
						for _, ask := range []queue.Ask{queue.Serve{Counter: counter}, queue.Complete{Counter: counter}} {
							err := f.Do(t.Context(), command(ask), nil)
							if refusal := (*queue.Refusal)(nil); err != nil && !errors.As(err, &refusal) {
								t.Error(err)
							}
						}
					}
				})
			}
		}
		group.Wait()
		if len(numbers) != 3*desks*people {
			t.Errorf("%d numbers, want %d", len(numbers), 3*desks*people)
		}
		for id, times := range called {
			if times != 1 {
				t.Errorf("ticket %s was called %d times", id, times)
			}
		}
		if len(called) == 0 {
			t.Error("nobody was called; the test shows nothing")
		}
		for _, f := range nodes {
			must(t, f.readOn(t.Context()))
			sameAsLog(t, f, s)
		}
		report, err := nodes[0].offices.Verify(t.Context(), "bandung")
		must(t, err)
		if !report.OK() || len(report.Compared) != 1 {
			t.Errorf("verify: %+v", report)
		}
	})
}

// The store is killed twice while three nodes write, and every third answer is
// lost on the way: whoever repeats under the same key has one ticket in the
// end, and everybody was given the same number every time.
func TestAKilledStoreLosesNothingThatWasAnswered(t *testing.T) {
	server := redistest.Start(t)
	var nodes []*Office
	for n := range 3 {
		s := openRedis(t, server.URL())
		var appends atomic.Int64
		net := &shim{Log: s}
		net.set(func(send func() error) error {
			err := send()
			if err == nil && appends.Add(1)%3 == int64(n) {
				return errLost
			}
			return err
		})
		nodes = append(nodes, openOffice(t, startNode(t, net, s, Options{}), "bandung"))
	}
	const desks, people = 3, 30
	var mu sync.Mutex
	numbers := make(map[string]string)
	var given atomic.Int64
	var group sync.WaitGroup
	for n := range nodes {
		for desk := range desks {
			group.Go(func() {
				for i := range people {
					c := issue(fmt.Sprintf("t%d-%d-%d", n, desk, i))
					c.Key = "key of " + c.Ask.(queue.Issue).ID
					for attempt := 0; ; attempt++ {
						ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
						err := nodes[(n+attempt)%3].Do(ctx, c, func(s *queue.State, _ []*queue.Event) {
							mu.Lock()
							defer mu.Unlock()
							id := c.Ask.(queue.Issue).ID
							numbers[id] = s.Tickets[id].Number
						})
						cancel()
						if err == nil {
							break
						}
						if !errors.Is(err, ErrUnavailable) {
							t.Errorf("attempt %d: %v", attempt, err)
							return
						}
						<-ctx.Done() // not faster than a person
					}
					given.Add(1)
				}
			})
		}
	}
	for kills := range int64(2) {
		eventually(t, func() bool { return given.Load() > (kills+1)*desks*people })
		must(t, server.Restart())
	}
	group.Wait()
	shown := make(map[string]bool)
	for _, f := range nodes {
		eventually(t, func() bool { return f.readOn(t.Context()) == nil })
		sameAsLog(t, f, f.history.log.(*shim).Log)
		f.Read(func(s *queue.State) {
			if len(s.Tickets) != 3*desks*people {
				t.Errorf("%d tickets, want %d", len(s.Tickets), 3*desks*people)
			}
			for id, number := range numbers {
				shown[number] = true
				if s.Tickets[id] == nil || s.Tickets[id].Number != number {
					t.Errorf("%s was told %s, the hall knows %+v", id, number, s.Tickets[id])
				}
			}
		})
	}
	if len(shown) != 3*desks*people {
		t.Errorf("%d different numbers, want %d", len(shown), 3*desks*people)
	}
}
