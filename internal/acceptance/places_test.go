package acceptance

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// places folds raw logs into who has which place: another reading of the log
// than the product's own.
type places struct {
	t        testing.TB
	capacity int
	tickets  map[string]*placed
	taken    map[string]int // by office and slot
	counts   map[string]int // of events
}

// placed is a ticket as far as places are concerned.
type placed struct {
	id, office  string
	slot, offer string    // the key of its place, and of the one that it is offered
	booked      time.Time // by the log
	ended       time.Time // zero: it is active
	holds       []holds
	late        bool
}

// holds is a place that a ticket has left and that is not free for everybody.
type holds struct {
	place string
	until time.Time
	back  bool // free for all but its giver
}

func newLedgerOfPlaces(t testing.TB, capacity int) *places {
	return &places{t: t, capacity: capacity, tickets: map[string]*placed{}, taken: map[string]int{}, counts: map[string]int{}}
}

type placeFact struct {
	Ticket  string          `json:"ticket"`
	Tickets json.RawMessage `json:"tickets"`
	Standby *struct{}       `json:"standby"`
	Hold    *held           `json:"hold"`
	Moves   []struct {
		Ticket string `json:"ticket"`
		Slot   slot   `json:"slot"`
		Hold   *held  `json:"hold"`
	} `json:"moves"`
	Offers []struct {
		Ticket string `json:"ticket"`
		Slot   slot   `json:"slot"`
	} `json:"offers"`
	Places []struct {
		held
		Barred bool `json:"barred"`
	} `json:"places"`
}

type held struct {
	Ticket string    `json:"ticket"`
	Start  time.Time `json:"start"`
	Until  time.Time `json:"until"`
}

// fold reads a whole log and expects no slot to be above its capacity after any
// event.
func (p *places) fold(office string, entries []entry) {
	p.t.Helper()
	key := func(start time.Time) string { return office + " " + start.UTC().Format(time.RFC3339) }
	wrong := 0
	for _, e := range entries {
		event := read[struct {
			Type string    `json:"type"`
			At   time.Time `json:"at"`
			Fact placeFact `json:"fact"`
		}](p.t, e.Event)
		p.counts[event.Type]++
		f := event.Fact
		touched := map[string]bool{}
		give := func(k string) { p.taken[k]--; touched[k] = true }
		take := func(k string) { p.taken[k]++; touched[k] = true }
		unoffer := func(t *placed) {
			if t.offer != "" {
				give(t.offer)
				t.offer = ""
			}
		}
		leave := func(t *placed) {
			if t.slot != "" && !t.late {
				give(t.slot)
			}
		}
		hold := func(t *placed, h *held) {
			if h != nil {
				t.holds = append(t.holds, holds{place: key(h.Start), until: h.Until})
				take(key(h.Start))
			}
		}
		switch event.Type {
		case "tickets_booked":
			for _, b := range read[[]struct {
				ID   string `json:"id"`
				Slot slot   `json:"slot"`
			}](p.t, f.Tickets) {
				if p.tickets[b.ID] != nil {
					p.t.Errorf("%s event %d: ticket %s is booked twice", office, e.Version, b.ID)
				}
				p.tickets[b.ID] = &placed{id: b.ID, office: office, slot: key(b.Slot.Start), booked: event.At}
				take(key(b.Slot.Start))
			}
		case "ticket_cancelled":
			t := p.tickets[f.Ticket]
			if !t.ended.IsZero() {
				p.t.Errorf("%s event %d: ticket %s ends twice", office, e.Version, f.Ticket)
			}
			t.ended = event.At
			unoffer(t)
			leave(t)
			hold(t, f.Hold)
		case "tickets_moved":
			for _, m := range f.Moves {
				t := p.tickets[m.Ticket]
				unoffer(t)
				leave(t)
				t.slot, t.late = key(m.Slot.Start), false
				take(t.slot)
				hold(t, m.Hold)
			}
		case "places_released":
			for _, id := range read[[]string](p.t, f.Tickets) {
				t := p.tickets[id]
				unoffer(t)
				leave(t)
				t.late = true
			}
		case "places_returned":
			for _, h := range f.Places {
				t := p.tickets[h.Ticket]
				i := slices.IndexFunc(t.holds, func(o holds) bool {
					return o.place == key(h.Start) && o.until.Equal(h.Until) && !(o.back && h.Barred)
				})
				if i < 0 {
					p.t.Fatalf("%s event %d: %s holds no %s", office, e.Version, h.Ticket, h.Start)
				}
				if !t.holds[i].back {
					give(key(h.Start))
				}
				if t.holds[i].back = h.Barred; !h.Barred {
					t.holds = slices.Delete(t.holds, i, i+1)
				}
			}
		case "places_offered":
			for _, o := range f.Offers {
				t := p.tickets[o.Ticket]
				unoffer(t)
				t.offer = key(o.Slot.Start)
				take(t.offer)
			}
		case "offers_lapsed":
			for _, id := range read[[]string](p.t, f.Tickets) {
				unoffer(p.tickets[id])
			}
		case "standby_changed":
			if f.Standby == nil {
				unoffer(p.tickets[f.Ticket])
			}
		case "day_ended": // the one before, of which nobody was left
			if len(f.Tickets) > len("{}") {
				p.t.Errorf("%s event %d: a day ends for %s", office, e.Version, f.Tickets)
			}
		case "ticket_voided", "voids_aged", "epoch_began", "office_configured", "ticket_confirmed":
		default:
			p.t.Fatalf("%s event %d: %s moves no place that this test knows of", office, e.Version, event.Type)
		}
		for k := range touched {
			if n := p.taken[k]; n > p.capacity || n < 0 {
				if wrong++; wrong <= 3 {
					p.t.Errorf("%s event %d (%s): %d of %d places are taken at %s", office, e.Version, event.Type, n, p.capacity, k)
				}
			}
		}
	}
}

// conserves reads an office's log while nobody acts and expects every place
// that is not free to have an owner, an offer or a hold.
func (p *places) conserves(h *house, office string) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		before := h.admin.logOf(office)
		_, free, _ := freePlaces(h, office)
		if after := h.admin.logOf(office); len(before) != len(after) {
			if time.Now().After(deadline) {
				p.t.Fatalf("%s does not come to rest", office)
			}
			continue // a job has acted
		}
		p.fold(office, before)
		for start, n := range free {
			if taken := p.taken[office+" "+start]; n+taken != p.capacity {
				p.t.Errorf("%s: at %s %d places are free and %d taken, there are %d", office, start, n, taken, p.capacity)
			}
		}
		if len(free) < 20 {
			p.t.Errorf("%s shows %d slots only", office, len(free))
		}
		return
	}
}

// freePlaces are the free places of an office's slots, their sum, and whether
// every slot is free as a whole. The slot that is ending is left out.
func freePlaces(h *house, office string) (sum int, free map[string]int, whole bool) {
	var days struct {
		Days []struct {
			Slots []struct {
				slot
				Capacity int `json:"capacity"`
				Free     int `json:"free"`
			} `json:"slots"`
		} `json:"days"`
	}
	h.public().get("/api/v1/offices/"+office+"/slots?service=paspor&days=2").is(h.t, 200).into(h.t, &days)
	free, whole = map[string]int{}, true
	for _, d := range days.Days {
		for _, s := range d.Slots {
			free[s.Start.UTC().Format(time.RFC3339)] = s.Free
			sum += s.Free
			whole = whole && s.Free == s.Capacity
		}
	}
	return sum, free, whole
}

// clockSkew is how far the times of two offices' events may lie apart: each is
// the store's, as the node that decided knew it.
const clockSkew = time.Second

// knows expects the logs and the answers to tell the same: every ticket that
// was acknowledged, no other, and none of the same identity at the same time.
func (p *places) knows(r *race) {
	p.t.Helper()
	for id := range r.held {
		if p.tickets[id] == nil {
			p.t.Errorf("ticket %s was acknowledged, no log holds it", id)
		}
	}
	of := map[int][]*placed{}
	for id, t := range p.tickets {
		k := r.held[id]
		if k == nil {
			p.t.Errorf("%s holds ticket %s, nobody was told", t.office, id)
			continue
		}
		of[k.identity] = append(of[k.identity], t)
	}
	for _, twice := range bookedTwice(of) {
		p.t.Error(twice)
	}
}

// bookedTwice tells of identities with two active tickets, now or for longer
// than clocks differ.
func bookedTwice(of map[int][]*placed) (all []string) {
	for n, tickets := range of {
		slices.SortFunc(tickets, func(a, b *placed) int { return a.booked.Compare(b.booked) })
		active := 0
		for i, t := range tickets {
			if t.ended.IsZero() {
				active++
			}
			if i > 0 {
				if last := tickets[i-1]; last.ended.IsZero() || last.ended.Sub(t.booked) > clockSkew {
					all = append(all, fmt.Sprintf("identity %d: %s at %s is booked at %s, %s at %s ended %s", n, t.id, t.office, t.booked, last.id, last.office, last.ended))
				}
			}
		}
		if active > 1 {
			all = append(all, fmt.Sprintf("identity %d has %d active tickets", n, active))
		}
	}
	return all
}

// TestTheFoldOfPlacesNoticesWhatIsWrong holds the check itself.
func TestTheFoldOfPlacesNoticesWhatIsWrong(t *testing.T) {
	book := func(id string) string {
		return `{"type":"tickets_booked","at":"2026-11-24T01:00:00Z","fact":{"tickets":[{"id":"` + id + `","slot":{"start":"2026-11-24T02:00:00Z"}}]}}`
	}
	cancel := `{"type":"ticket_cancelled","at":"2026-11-24T01:01:00Z","fact":{"ticket":"a","hold":{"start":"2026-11-24T02:00:00Z"}}}`
	back := `{"type":"places_returned","at":"2026-11-24T01:02:00Z","fact":{"places":[{"ticket":"a","start":"2026-11-24T02:00:00Z","barred":true}]}}`
	returned := `{"type":"places_returned","at":"2026-11-24T01:02:00Z","fact":{"places":[{"ticket":"a","start":"2026-11-24T02:00:00Z"}]}}`
	for name, c := range map[string]struct {
		events []string
		wrong  bool
	}{
		"as many as there are":      {[]string{book("a"), book("b")}, false},
		"one more":                  {[]string{book("a"), book("b"), book("c")}, true},
		"in a place that is held":   {[]string{book("a"), book("b"), cancel, book("c")}, true},
		"in a place that came back": {[]string{book("a"), book("b"), cancel, returned, book("c")}, false},
		"back, and then for all":    {[]string{book("a"), book("b"), cancel, back, book("c"), returned}, false},
		"one more after both":       {[]string{book("a"), book("b"), cancel, back, returned, book("c"), book("d")}, true},
		"given back twice":          {[]string{book("a"), cancel, returned, cancel}, true},
	} {
		spy := &faults{TB: t}
		p := newLedgerOfPlaces(spy, 2)
		var entries []entry
		for i, text := range c.events {
			entries = append(entries, entry{Version: uint64(i + 1), Event: json.RawMessage(text)})
		}
		p.fold("satu", entries)
		if (spy.n > 0) != c.wrong {
			t.Errorf("%s: %d faults", name, spy.n)
		}
	}
	hour := func(h int) time.Time { return time.Date(2026, 11, 24, h, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		tickets []*placed
		wrong   bool
	}{
		"one after the other": {[]*placed{{booked: hour(1), ended: hour(2)}, {booked: hour(2)}}, false},
		"at the same time":    {[]*placed{{booked: hour(1), ended: hour(3)}, {booked: hour(2), ended: hour(4)}}, true},
		"both to the end":     {[]*placed{{booked: hour(1)}, {booked: hour(2)}}, true},
	} {
		if found := bookedTwice(map[int][]*placed{1: c.tickets}); (len(found) > 0) != c.wrong {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// faults counts errors instead of failing.
type faults struct {
	testing.TB
	n int
}

func (f *faults) Errorf(string, ...any) { f.n++ }
