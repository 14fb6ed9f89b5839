package ledger

import (
	"strings"
	"testing"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// hour is the one of a time.
func hour(at time.Time) calendar.Interval {
	return calendar.Interval{Start: at.Truncate(time.Hour), End: at.Truncate(time.Hour).Add(time.Hour)}
}

// An office that broke its rules: what a fault, or a hand in the store, might
// have written. The first violation is named.
func TestVerifyNamesTheFirstViolation(t *testing.T) {
	at := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	ticket := func(id, number string) *queue.Ticket {
		return &queue.Ticket{ID: id, Number: number, Seq: 1, Service: "paspor-baru", Route: []string{"wawancara"},
			Stage: "wawancara", Status: queue.Waiting, Lane: queue.Walkin, Date: "2026-11-24"}
	}
	issued := func(id, number string) queue.Fact { return &queue.TicketIssued{Ticket: ticket(id, number)} }
	booked := func(ids ...string) queue.Fact {
		f := &queue.TicketsBooked{}
		for _, id := range ids {
			b := ticket(id, "A-"+id)
			b.Status, b.Slot = queue.Booked, &calendar.Interval{Start: at.Truncate(time.Hour), End: at.Truncate(time.Hour).Add(time.Hour)}
			f.Tickets = append(f.Tickets, b)
		}
		return f
	}
	moved := func(id string) queue.Fact {
		return &queue.TicketsMoved{Why: queue.Rescheduled, Moves: []queue.Move{{Ticket: id, Slot: hour(at), Date: "2026-11-24", Number: "A-" + id}}}
	}
	offered := func(id string) queue.Fact {
		return &queue.PlacesOffered{Offers: []queue.Offered{{Ticket: id, Offer: queue.Offer{Slot: hour(at), Date: "2026-11-24", Expires: at}}}}
	}
	later := func(id string) queue.Fact {
		b := ticket(id, "A-"+id)
		slot := hour(at.Add(time.Hour))
		b.Status, b.Slot, b.Standby = queue.Booked, &slot, &queue.Standby{Since: at}
		return &queue.TicketsBooked{Tickets: []*queue.Ticket{b}}
	}
	left := func(id string) queue.Fact {
		return &queue.TicketCancelled{Ticket: id, Hold: &queue.Hold{Service: "paspor-baru", Start: hour(at).Start, Until: at}}
	}
	call := func(counter string, ids ...string) queue.Fact {
		return &queue.TicketsCalled{Call: random(), Counter: counter, Tickets: ids, Why: "arrival"}
	}
	for _, c := range []struct {
		name  string
		facts []queue.Fact
		want  string
	}{
		{"a day as it should be", []queue.Fact{issued("a", "A-121"), issued("b", "A-122"), call("1", "a"), &queue.TicketsRecalled{Call: "r", Counter: "1", Tickets: []string{"a"}}, call("2", "b")}, ""},
		{"a full slot", []queue.Fact{booked("1", "2", "3", "4", "5")}, ""},
		{"a ticket at two counters", []queue.Fact{issued("a", "A-121"), call("1", "a"), call("2", "a")}, "event 5: ticket a is called to counter 2 while at counter 1"},
		{"called twice without a recall", []queue.Fact{issued("a", "A-121"), call("1", "a"), call("1", "a")}, "event 5: ticket a is called to counter 1 while at counter 1"},
		{"a call of nobody", []queue.Fact{call("1", "ghost")}, "event 3: ticket ghost is called and not there"},
		{"a recall without a call", []queue.Fact{issued("a", "A-121"), &queue.TicketsRecalled{Call: "r", Counter: "1", Tickets: []string{"a"}}}, "event 4: ticket a is recalled to counter 1 and was not called there"},
		{"a counter left with who is gone", []queue.Fact{issued("a", "A-121"), call("1", "a"), &queue.TicketCancelled{Ticket: "a"}}, "event 5: counter 1 has ticket a, which is neither called nor served there"},
		{"a number given twice", []queue.Fact{issued("a", "A-121"), issued("b", "A-121")}, "tickets a and b both have number A-121"},
		{"a full slot of which one is offered a place back", []queue.Fact{booked("1", "2", "3", "4", "5"), later("6"), &queue.TicketCancelled{Ticket: "1"}, offered("6"), moved("6")}, ""},
		{"a place taken after the capacity went down", []queue.Fact{booked("1"), later("6"), offered("6"), &queue.CapacitySet{Date: "2026-11-24", Service: "paspor-baru"}, moved("6")}, ""},
		{"a move into a full slot", []queue.Fact{booked("1", "2", "3", "4", "5"), later("6"), moved("6")}, "event 5: 6 places of paspor-baru"},
		{"an offer of what is taken", []queue.Fact{booked("1", "2", "3", "4", "5"), later("6"), offered("6")}, "event 5: 6 places of paspor-baru"},
		{"a place that is not free yet", []queue.Fact{booked("1", "2", "3", "4", "5"), left("1"), later("6"), moved("6")}, "event 6: 6 places of paspor-baru"},
		{"a slot beyond its capacity", []queue.Fact{booked("1", "2", "3"), booked("4", "5", "6")}, "event 4: 6 places of paspor-baru"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openEmbedded(t, t.TempDir()+"/antrean.db")
			o := startNode(t, s, s, Options{Clock: fixedClock{at}})
			_, err := o.Create(t.Context(), roundTheClock(t, "bandung"))
			must(t, err)
			end := wholeLog(t, s, "bandung")[1].Position()
			for _, fact := range c.facts {
				end = appendFact(t, s, end, at, fact)
			}
			report, err := Verify(t.Context(), s, s, "", "bandung")
			must(t, err)
			if (c.want == "") != report.OK() || !strings.Contains(report.Violation, c.want) {
				t.Errorf("found %q, want %q", report.Violation, c.want)
			}
		})
	}
}

func appendFact(t *testing.T, log Log, end Position, at time.Time, fact queue.Fact) Position {
	t.Helper()
	data, err := queue.Encode(&queue.Event{At: at, By: "hand", Fact: fact})
	must(t, err)
	tag := random()
	must(t, log.Append(t.Context(), "bandung", end, tag, [][]byte{data}))
	return Position{end.Version + 1, tag}
}

func TestVerifyNoticesTimeThatGoesBackAndWhatItCannotRead(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
	end, _ := f.Confirmed()
	appendFact(t, s, end, time.Now().Add(-time.Hour), &queue.NoticesSet{})
	report, err := Verify(t.Context(), s, s, "", "bandung")
	must(t, err)
	if want := "event 3: notices_set happened before the event before it"; report.Violation != want {
		t.Errorf("found %q", report.Violation)
	}
	other := openOffice(t, startNode(t, s, s, Options{}), "ambon")
	end, _ = other.Confirmed()
	must(t, s.Append(t.Context(), "ambon", end, "x", texts("what?")))
	report, err = Verify(t.Context(), s, s, "", "ambon")
	must(t, err)
	if !strings.HasPrefix(report.Violation, "event 3: read event") {
		t.Errorf("found %q", report.Violation)
	}
}

// A snapshot, or a node, that shows something else than the log.
func TestVerifyComparesSnapshotsAndWhatTheNodeShows(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		o := startNode(t, s, s, Options{})
		f := openOffice(t, o, "bandung")
		for _, id := range []string{"a", "b", "c"} {
			must(t, f.Do(t.Context(), issue(id), nil))
		}
		h := f.history
		for _, version := range []uint64{3, 4} {
			p, err := h.at(t.Context(), version)
			must(t, err)
			must(t, h.write(t.Context(), p))
		}
		good, err := o.Verify(t.Context(), "bandung")
		must(t, err)
		if !good.OK() || good.From != 3 || len(good.Compared) != 2 {
			t.Fatalf("%+v", good)
		}
		f.mu.Lock()
		kept := f.settled
		f.settled = kept.Clone()
		delete(f.settled.Tickets, "b")
		f.mu.Unlock()
		wrong, err := o.Verify(t.Context(), "bandung")
		must(t, err)
		if !strings.HasPrefix(wrong.Violation, "at version 5 the fold and the state compared differ") {
			t.Errorf("a node that shows something else: %+v", wrong)
		}
		f.mu.Lock()
		f.settled = kept
		f.mu.Unlock()
		p, err := h.at(t.Context(), 4)
		must(t, err)
		delete(p.state.Tickets, "a")
		must(t, s.Delete(t.Context(), snapshotKey("bandung", 4)))
		must(t, h.write(t.Context(), p))
		wrong, err = Verify(t.Context(), s, s, "", "bandung")
		must(t, err)
		if !strings.HasPrefix(wrong.Violation, "at version 4 the fold and the state compared differ") {
			t.Errorf("a wrong snapshot: %+v", wrong)
		}
	})
}
