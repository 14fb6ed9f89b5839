package queue

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func paperIDs(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("p%d", i+1))
	}
	return ids
}

// The morning that began on paper: 1 to 6 were given, 1 and 2 called, 4 is a
// booking's number.
func TestNumbersOnPaperThatWereNotCalledWait(t *testing.T) {
	o := newOffice(t).book("baru", "07:30", "b1", "b2", "b3", "b4")
	o.at("08:30").do("desk", CheckIn{Ticket: "b4"})
	o.do("kepala", StartDay{Date: monday, Numbers: map[string]int{"A": 6, "C": 2}, Called: map[string]int{"A": 2, "C": 0}, IDs: paperIDs(6)})
	for id, want := range map[string]string{"p3": "A-005", "p4": "A-006", "p5": "C-001", "p6": "C-002"} {
		got := o.ticket(id)
		if got.Number != want || got.Status != Waiting || got.Lane != Walkin || got.Arrived.After(o.now) || got.Since.Before(clock("07:30")) {
			t.Errorf("%s: %+v", id, got)
		}
	}
	for _, taken := range []string{"p1", "p2"} { // are b3's and b4's
		if o.live.Tickets[taken] != nil {
			t.Errorf("a booking's number was given to %+v", o.live.Tickets[taken])
		}
	}
	// New numbers go on after them, and after those of the hours.
	o.issue("tanya", "t1").issue("baru", "w1")
	if c, a := o.ticket("t1").Number, o.ticket("w1").Number; c != "C-003" || a != "A-031" {
		t.Errorf("at the door: %s and %s", c, a)
	}
	// They are called in the order of the paper, before those who came later.
	o.open("1 ani").at("08:31")
	want := []string{"p5 arrival", "b1+b2+b3+b4 appointment", "p6 arrival", "p3 arrival", "p4 arrival", "t1 arrival", "w1 arrival"}
	if diff := cmp.Diff(want, o.calls("ani", "1")); diff != "" {
		t.Error(diff)
	}
	// Told again, nobody waits twice.
	o.do("kepala", StartDay{Date: monday, Numbers: map[string]int{"A": 6}, Called: map[string]int{"A": 2}, IDs: []string{"q1", "q2", "q3", "q4"}})
	if o.live.Tickets["q1"] != nil || o.live.Tickets["q4"] != nil {
		t.Error("the same number waits twice")
	}
	o.same()
}

func TestNumbersOnPaperHaveTheirEdges(t *testing.T) {
	o := newOffice(t).at("08:30")
	for _, c := range []struct {
		start StartDay
		want  string
	}{
		{StartDay{Date: monday, Numbers: map[string]int{"A": 5}, Called: map[string]int{"A": 6}}, "invalid: called.A: number_range"},
		{StartDay{Date: monday, Numbers: map[string]int{"A": 5}, Called: map[string]int{"A": -1}, IDs: paperIDs(6)}, "invalid: called.A: number_range"},
		{StartDay{Date: monday, Numbers: map[string]int{"A": 5}, Called: map[string]int{"B": 0}}, "invalid: called.B: unknown_prefix"},
		{StartDay{Date: monday, Numbers: map[string]int{"A": 501}, Called: map[string]int{"A": 0}, IDs: paperIDs(501)}, "invalid: called: too_many"},
		{StartDay{Date: "2026-11-24", Numbers: map[string]int{"A": 5}, Called: map[string]int{"A": 0}, IDs: paperIDs(5)}, "too_early: another_day"},
		{StartDay{Date: monday, Numbers: map[string]int{"A": 5}, Called: map[string]int{"A": 0}, IDs: paperIDs(4)}, "invalid: ticket_id_missing"},
	} {
		if got := o.refused("admin", c.start); got != c.want {
			t.Errorf("%+v: %s, want %s", c.start, got, c.want)
		}
	}
	// All were called: nobody waits.
	o.do("admin", StartDay{Date: monday, Numbers: map[string]int{"A": 5}, Called: map[string]int{"A": 5}})
	// Before the doors open the order is still that of the paper.
	o = newOffice(t).at("07:00")
	o.do("admin", StartDay{Date: monday, Numbers: map[string]int{"C": 3}, Called: map[string]int{"C": 1}, IDs: paperIDs(2)})
	if a, b := o.ticket("p1"), o.ticket("p2"); !a.Since.Before(b.Since) || b.Since.After(o.live.At) {
		t.Errorf("%s and %s at %s", a.Since, b.Since, o.live.At)
	}
	o.same()
}
