package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"antrean/internal/queue"

	"github.com/anishathalye/porcupine"
)

// press is what one caller asked, and got, of some node.
type press struct {
	Kind    string // issue, next, serve, complete, miss
	Counter string
	Ticket  string
}

type pressed struct {
	Code   queue.Code // of the refusal, if it was one
	Ticket string     // called by next, done or missed by the others
}

// hall is the hall as one sequence of presses leaves it: no clock, no lanes,
// everybody by arrival, nobody called twice.
type hall struct {
	Waiting []string
	At      map[string]string // counter to ticket
	Serving map[string]bool   // by counter: the ticket has come
}

// hallModel is what an office must look like to all its callers together: as
// if the presses had come one after the other.
var hallModel = porcupine.Model{
	Init: func() any { return "{}" },
	Step: func(state, input, output any) (bool, any) {
		var h hall
		if err := json.Unmarshal([]byte(state.(string)), &h); err != nil {
			panic(err)
		}
		if h.At == nil {
			h.At, h.Serving = map[string]string{}, map[string]bool{}
		}
		in, out := input.(press), output.(pressed)
		ok := h.step(in, out)
		after, err := json.Marshal(h)
		if err != nil {
			panic(err)
		}
		return ok, string(after)
	},
	Equal: func(a, b any) bool { return a == b },
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%v -> %v", input, output)
	},
}

func (h *hall) step(in press, out pressed) bool {
	at := h.At[in.Counter]
	switch in.Kind {
	case "issue":
		h.Waiting = append(h.Waiting, in.Ticket)
		return out.Code == ""
	case "next":
		if at != "" {
			return out.Code == queue.CounterBusy
		}
		if len(h.Waiting) == 0 {
			return out.Code == queue.QueueEmpty
		}
		if out.Code != "" || out.Ticket != h.Waiting[0] {
			return false
		}
		h.At[in.Counter], h.Waiting = h.Waiting[0], h.Waiting[1:]
		return true
	case "serve":
		if at == "" || h.Serving[in.Counter] {
			return out.Code == queue.WrongState
		}
		h.Serving[in.Counter] = true
	default: // complete whom it serves, miss whom it called
		if at == "" || h.Serving[in.Counter] != (in.Kind == "complete") {
			return out.Code == queue.WrongState
		}
		delete(h.At, in.Counter)
		delete(h.Serving, in.Counter)
	}
	return out.Code == "" && out.Ticket == at
}

// Whatever three nodes answer to presses that overlap, refusals included, one
// order of the presses explains it.
func TestThreeNodesAnswerAsOne(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		nodes := threeNodes(t, s)
		c := roundTheClock(t, "bandung")
		never := 0
		c.NoShow.AbsentReturns = &never // who is missed does not come back
		must(t, nodes[0].Do(t.Context(), command(queue.Configure{Config: c}), nil))
		for _, k := range []string{"1", "2"} {
			openCounter(t, nodes[0], k)
		}
		var mu sync.Mutex
		var history []porcupine.Operation
		var group sync.WaitGroup
		began := time.Now()
		for caller := range 6 {
			group.Go(func() {
				random := rand.New(rand.NewPCG(7, uint64(caller)))
				for i := range 25 {
					in := press{Kind: []string{"issue", "next", "serve", "complete", "miss"}[random.IntN(5)]}
					if in.Kind == "issue" {
						in.Ticket = fmt.Sprintf("t%d-%d", caller, i)
					} else {
						in.Counter = []string{"1", "2"}[random.IntN(2)]
					}
					call := time.Since(began).Nanoseconds()
					out, err := in.on(t, nodes[random.IntN(3)])
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					history = append(history, porcupine.Operation{
						ClientId: caller, Input: in, Output: out, Call: call, Return: time.Since(began).Nanoseconds(),
					})
					mu.Unlock()
				}
			})
		}
		group.Wait()
		if got := porcupine.CheckOperationsTimeout(hallModel, history, 30*time.Second); got != porcupine.Ok {
			t.Errorf("the answers of three nodes to %d presses are %s", len(history), got)
		}
	})
}

// on presses at a node.
func (p press) on(t *testing.T, f *Office) (pressed, error) {
	var ask queue.Ask
	switch p.Kind {
	case "issue":
		ask = queue.Issue{ID: p.Ticket, Service: "paspor-baru"}
	case "next":
		ask = queue.Next{Counter: p.Counter}
	case "serve":
		ask = queue.Serve{Counter: p.Counter}
	case "complete":
		ask = queue.Complete{Counter: p.Counter}
	case "miss":
		ask = queue.Miss{Counter: p.Counter}
	}
	var out pressed
	err := f.Do(t.Context(), command(ask), func(s *queue.State, events []*queue.Event) {
		switch fact := events[0].Fact.(type) {
		case *queue.TicketsCalled:
			out.Ticket = fact.Tickets[0]
		case *queue.ServingBegan:
			out.Ticket = fact.Tickets[0]
		case *queue.TicketsCompleted:
			out.Ticket = fact.Tickets[0]
		case *queue.TicketsMissed:
			out.Ticket = fact.Tickets[0]
		}
	})
	if refusal := (*queue.Refusal)(nil); errors.As(err, &refusal) {
		return pressed{Code: refusal.Code}, nil
	}
	return out, err
}

// The model itself must be able to say no.
func TestTheHallModelNoticesATicketCalledTwice(t *testing.T) {
	history := []porcupine.Operation{
		{ClientId: 0, Input: press{Kind: "issue", Ticket: "a"}, Output: pressed{}, Call: 0, Return: 1},
		{ClientId: 0, Input: press{Kind: "next", Counter: "1"}, Output: pressed{Ticket: "a"}, Call: 2, Return: 4},
		{ClientId: 1, Input: press{Kind: "next", Counter: "2"}, Output: pressed{Ticket: "a"}, Call: 3, Return: 5},
	}
	if porcupine.CheckOperations(hallModel, history) {
		t.Error("a ticket called twice was taken for right")
	}
	history[2].Output = pressed{Code: queue.QueueEmpty}
	if !porcupine.CheckOperations(hallModel, history) {
		t.Error("a right history was refused")
	}
}
