package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// wholeEvery is how often, in events, the whole state is checked. What one
// event can break is checked at each.
const wholeEvery = 1000

func isGap(err error) bool { return errors.Is(err, errGap) }

// step folds one event and names the rule that it breaks.
func step(s *queue.State, e folded) string {
	says := func(format string, args ...any) string {
		return fmt.Sprintf("event %d: %s", e.Version, fmt.Sprintf(format, args...))
	}
	if e.err != nil {
		return says("%v", e.err)
	}
	if e.event.At.Before(s.At) {
		return says("%s happened before the event before it", e.event.Type())
	}
	switch fact := e.event.Fact.(type) {
	case *queue.TicketsCalled:
		for _, id := range fact.Tickets {
			switch t := s.Tickets[id]; {
			case t == nil:
				return says("ticket %s is called and not there", id)
			case t.Status == queue.Called || t.Status == queue.Serving:
				return says("ticket %s is called to counter %s while at counter %s", id, fact.Counter, t.Counter)
			}
		}
	case *queue.TicketsRecalled:
		for _, id := range fact.Tickets {
			if t := s.Tickets[id]; t == nil || t.Status != queue.Called || t.Counter != fact.Counter {
				return says("ticket %s is recalled to counter %s and was not called there", id, fact.Counter)
			}
		}
	}
	slots := slotsOf(s, e.event.Fact)
	if err := apply(s, e); err != nil {
		return says("%v", err)
	}
	if broken := checkCounters(s); broken != "" {
		return says("%s", broken)
	}
	if broken := checkPlaces(s, slots); broken != "" {
		return says("%s", broken)
	}
	return ""
}

// checkCounters: whoever is at a counter is called or served there, and at no
// other.
func checkCounters(s *queue.State) string {
	at := make(map[string]string)
	for _, id := range slices.Sorted(maps.Keys(s.Counters)) {
		for _, ticket := range s.Counters[id].Tickets {
			if other, twice := at[ticket]; twice {
				return fmt.Sprintf("ticket %s is at counters %s and %s", ticket, other, id)
			}
			at[ticket] = id
			t := s.Tickets[ticket]
			if t == nil || t.Counter != id || t.Status != queue.Called && t.Status != queue.Serving {
				return fmt.Sprintf("counter %s has ticket %s, which is neither called nor served there", id, ticket)
			}
		}
	}
	return ""
}

// checkState checks every ticket.
func checkState(s *queue.State) string {
	type numbered struct {
		date   calendar.Date
		number string
	}
	numbers := make(map[numbered]string, len(s.Tickets))
	for _, id := range slices.Sorted(maps.Keys(s.Tickets)) {
		t := s.Tickets[id]
		n := numbered{t.Date, t.Number}
		if other, twice := numbers[n]; twice {
			return fmt.Sprintf("version %d: tickets %s and %s both have number %s on %s", s.Version, other, id, t.Number, t.Date)
		}
		numbers[n] = id
		if at := t.Status == queue.Called || t.Status == queue.Serving; at && !slices.Contains(s.Counter(t.Counter).Tickets, id) {
			return fmt.Sprintf("version %d: ticket %s is %s at counter %q, which does not have it", s.Version, id, t.Status, t.Counter)
		}
	}
	if broken := cmp.Or(checkCounters(s), checkTaken(s)); broken != "" {
		return fmt.Sprintf("version %d: %s", s.Version, broken)
	}
	return ""
}
