package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// An entry is a raw event of the office's log.
type entry struct {
	Version uint64          `json:"version"`
	Event   json.RawMessage `json:"event"`
}

// log reads the whole log of the office under test.
func (c caller) log() []entry {
	c.t.Helper()
	return c.logOf(office)
}

// logOf reads the whole log of an office at one of the caller's nodes, and
// expects it to have no gap.
func (c caller) logOf(office string) []entry {
	c.t.Helper()
	all := []entry{}
	for {
		after := uint64(len(all))
		var page struct {
			Events []entry `json:"events"`
		}
		c.get(fmt.Sprintf("/api/v1/offices/%s/log?after=%d", office, after)).is(c.t, 200).into(c.t, &page)
		if len(page.Events) == 0 {
			return all
		}
		for _, e := range page.Events {
			if e.Version != uint64(len(all))+1 {
				c.t.Fatalf("the log has a gap: %d follows %d", e.Version, len(all))
			}
			all = append(all, e)
		}
	}
}

// A history is what a log tells.
type history struct {
	entries  []entry
	keyed    int             // commands that came with an idempotency key
	tickets  map[string]int  // how often a ticket was made, by id
	numbers  map[string]int  // and by its number
	called   map[string]int  // how often a ticket was called, recalls apart, by id
	calls    map[string]bool // every announcement by id; true: withdrawn
	epochs   []string
	finished map[string]bool // tickets that are done, by id
	twice    []string        // somebody at a second counter
}

// tell folds a log into what the tests ask of it.
func tell(t testing.TB, entries []entry) history {
	t.Helper()
	h := history{
		entries: entries, tickets: map[string]int{}, numbers: map[string]int{}, called: map[string]int{},
		calls: map[string]bool{}, finished: map[string]bool{},
	}
	seats := map[string]string{} // counter of each ticket that is at one
	leave := func(ids []string) {
		for _, id := range ids {
			delete(seats, id)
		}
	}
	type made struct {
		ID     string `json:"id"`
		Number string `json:"number"`
		Date   string `json:"date"`
	}
	for _, entry := range entries {
		var e struct {
			Type string `json:"type"`
			Key  string `json:"key"`
			Fact struct {
				Epoch   string          `json:"epoch"`
				Ticket  json.RawMessage `json:"ticket"`
				Tickets json.RawMessage `json:"tickets"`
				Call    string          `json:"call"`
				Calls   []string        `json:"calls"`
				What    string          `json:"what"`
				To      string          `json:"to"`
				Counter string          `json:"counter"`
				Seat    struct {
					Tickets []string `json:"tickets"`
				} `json:"seat"`
			} `json:"fact"`
		}
		if err := json.Unmarshal(entry.Event, &e); err != nil {
			t.Fatalf("event %d: %v: %.300s", entry.Version, err, entry.Event)
		}
		if e.Key != "" {
			h.keyed++
		}
		ids := func() []string { return read[[]string](t, e.Fact.Tickets) }
		add := func(m made) {
			h.tickets[m.ID]++
			h.numbers[m.Date+" "+m.Number]++
		}
		switch e.Type {
		case "epoch_began":
			h.epochs = append(h.epochs, e.Fact.Epoch)
		case "ticket_issued":
			add(read[made](t, e.Fact.Ticket))
		case "tickets_booked":
			for _, m := range read[[]made](t, e.Fact.Tickets) {
				add(m)
			}
		case "tickets_called":
			h.calls[e.Fact.Call] = false
			for _, id := range ids() {
				h.called[id]++
				if at, ok := seats[id]; ok {
					h.twice = append(h.twice, fmt.Sprintf("%d: %s is called to %s and still at %s", entry.Version, id, e.Fact.Counter, at))
				}
				seats[id] = e.Fact.Counter
			}
		case "tickets_recalled":
			h.calls[e.Fact.Call] = false
		case "tickets_missed", "tickets_parked":
			leave(ids())
		case "tickets_completed":
			leave(ids())
			for _, id := range ids() {
				h.finished[id] = e.Fact.To == ""
			}
		case "act_undone":
			for id, at := range seats {
				if at == e.Fact.Counter {
					delete(seats, id)
				}
			}
			for _, id := range e.Fact.Seat.Tickets {
				if at, ok := seats[id]; ok {
					h.twice = append(h.twice, fmt.Sprintf("%d: %s is back at %s and still at %s", entry.Version, id, e.Fact.Counter, at))
				}
				seats[id] = e.Fact.Counter
			}
			if e.Fact.What == "complete" {
				for _, id := range e.Fact.Seat.Tickets {
					h.finished[id] = false
				}
			}
			for _, id := range e.Fact.Calls {
				h.calls[id] = true
			}
		}
	}
	return h
}

// same expects two logs to be equal, byte by byte.
func same(t testing.TB, what string, want, got []entry) {
	t.Helper()
	begins(t, what, want, got)
	if len(want) != len(got) {
		t.Fatalf("%s: want %d events, got %d", what, len(want), len(got))
	}
}

// unchanged expects that nobody has changed the office: after the log that was
// read before there is nothing but what the office does by itself with time.
func unchanged(t testing.TB, what string, before, after []entry) {
	t.Helper()
	begins(t, what, before, after)
	for _, e := range after[len(before):] {
		by := read[struct {
			By string `json:"by"`
		}](t, e.Event).By
		if by != "system" {
			t.Fatalf("%s: a new event: %s", what, e.Event)
		}
	}
}

// begins expects a log to begin with another.
func begins(t testing.TB, what string, with, log []entry) {
	t.Helper()
	for i, e := range with {
		if i == len(log) {
			t.Fatalf("%s: %d events are gone, the first: %s", what, len(with)-i, e.Event)
		}
		if !bytes.Equal(e.Event, log[i].Event) {
			t.Fatalf("%s: event %d differs:\n%s\n%s", what, i+1, e.Event, log[i].Event)
		}
	}
}
