package queue

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFamilyIsPutTogetherAtTheDesk(t *testing.T) {
	walkIns := func(t *testing.T) *office {
		return newOffice(t).at("08:00").open("1 ani, 3 budi").issue("baru", "a", "b", "c")
	}
	t.Run("who joined is called together, by the longest waiting", func(t *testing.T) {
		o := walkIns(t)
		o.do("desk", JoinParty{Ticket: "c", With: "a"})
		if got := o.next("ani", "1"); got != "a+c arrival" {
			t.Error(got)
		}
		if o.status("b") != Waiting || len(o.live.Calls) != 1 {
			t.Errorf("b is %s after %d announcements", o.status("b"), len(o.live.Calls))
		}
	})
	t.Run("a third one joins the same family, and leaves it again", func(t *testing.T) {
		o := walkIns(t)
		o.do("desk", JoinParty{Ticket: "c", With: "a"})
		o.do("desk", JoinParty{Ticket: "b", With: "c"})
		if n := len(o.live.Party(o.ticket("a"))); n != 3 {
			t.Errorf("%d are together", n)
		}
		o.do("desk", SplitParty{"b"})
		if o.ticket("b").Party != "" || len(o.live.Party(o.ticket("a"))) != 2 {
			t.Error("b is still with them")
		}
	})
	t.Run("the priority of one is everybody's", func(t *testing.T) {
		o := walkIns(t)
		yes := true
		o.do("desk", Amend{Ticket: "c", Priority: &yes, Reason: "assistance"})
		o.do("desk", JoinParty{Ticket: "a", With: "c"})
		a, c := o.ticket("a"), o.ticket("c")
		if a.Lane != Priority || c.Lane != Priority || !a.Due.Equal(a.Since.Add(o.live.Config.Calling.offset(Priority))) {
			t.Errorf("a is %s due %s, c %s", a.Lane, a.Due, c.Lane)
		}
	})
	// The founder of a family that left it must not bring others into it.
	t.Run("who left a family brings nobody into it", func(t *testing.T) {
		o := newOffice(t).at("08:00")
		o.do("applicant", Book{Service: "baru", IDs: []string{"f1", "f2", "f3"}, Slot: clock("08:30")})
		o.do("desk", SplitParty{"f1"})
		o.issue("baru", "x")
		o.do("desk", JoinParty{Ticket: "x", With: "f1"})
		if got := len(o.live.Party(o.ticket("x"))); got != 2 {
			t.Errorf("%d are together", got)
		}
	})
}

func TestTheDeskIsRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(o *office)
		ask   Ask
		want  string
	}{
		{"join nobody", nil, JoinParty{Ticket: "a", With: "x"}, "invalid: with: ticket"},
		{"join oneself", nil, JoinParty{Ticket: "a", With: "a"}, "invalid: with: same_family"},
		{"join twice", func(o *office) { o.do("desk", JoinParty{Ticket: "a", With: "b"}) }, JoinParty{Ticket: "b", With: "a"}, "invalid: with: same_family"},
		{"join with a family of one's own", func(o *office) { o.do("desk", JoinParty{Ticket: "a", With: "b"}) }, JoinParty{Ticket: "a", With: "c"}, "wrong_state: in_family"},
		{"join who is called", func(o *office) { o.next("ani", "1") }, JoinParty{Ticket: "b", With: "a"}, "wrong_state: cannot_join"},
		{"join who comes another day", func(o *office) {
			o.do("applicant", Book{Service: "baru", IDs: []string{"z"}, Slot: clock("2026-11-24 07:30")})
		}, JoinParty{Ticket: "z", With: "a"}, "invalid: with: other_day"},
		{"join a full family", func(o *office) {
			o.do("applicant", Book{Service: "baru", IDs: []string{"1", "2", "3", "4"}, Slot: clock("09:30")})
			o.do("desk", JoinParty{Ticket: "a", With: "1"})
		}, JoinParty{Ticket: "b", With: "1"}, "invalid: with: party_size"},
		{"correct nothing", nil, CorrectPerson{Ticket: "a"}, "wrong_state: nothing_to_amend"},
		{"correct nobody", nil, CorrectPerson{Ticket: "x", Fields: []string{"name"}}, "not_found: ticket"},
		{"correct who was erased", func(o *office) {
			o.do("applicant", Cancel{Ticket: "a"})
			o.do("admin", ErasePeople{Tickets: []string{"a"}})
		}, CorrectPerson{Ticket: "a", Fields: []string{"name"}}, "wrong_state: person_erased"},
		{"hand over before done", nil, Collect{"a"}, "wrong_state: not_done"},
		{"a long reason for a number", nil, Issue{ID: "n", Service: "baru", Priority: true, Reason: strings.Repeat("a", 201)}, "invalid: reason: reason_length"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t).at("08:00").open("1 ani, 3 budi").issue("baru", "a", "b", "c")
			if c.setup != nil {
				c.setup(o)
			}
			_, err := o.decide(Command{Ask: c.ask, ID: "x", By: Actor{Name: "desk"}})
			if err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestACheckInByMistakeIsTakenBack(t *testing.T) {
	for name, late := range map[string]bool{"in time": false, "late": true} {
		o := newOffice(t).at("07:40").open("1 ani")
		o.do("applicant", Book{Service: "baru", IDs: []string{"a"}, Slot: clock("08:30")})
		o.at("08:00")
		if late {
			o.at("09:30")
			o.do("system", ReleasePlaces{})
		}
		before := *o.ticket("a")
		o.do("desk", CheckIn{Ticket: "a", Proof: true})
		if o.status("a") != Waiting || before.Released != late {
			t.Fatalf("%s: %+v", name, o.ticket("a"))
		}
		o.do("desk", UndoCheckIn{"a"})
		after := *o.ticket("a")
		after.Version = before.Version
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s: the ticket is not as it was (-before +after):\n%s", name, diff)
		}
		o.same()
		if got := o.refused("ani", Next{Counter: "1"}); got != "queue_empty: nobody_waits" {
			t.Errorf("%s: next: %s", name, got)
		}
		if got := o.refused("desk", UndoCheckIn{"a"}); got != "wrong_state: not_just_checked_in" {
			t.Errorf("%s: undone twice: %s", name, got)
		}
		o.do("desk", CheckIn{Ticket: "a", Proof: true})
		o.next("ani", "1")
		o.do("ani", Miss{"1"})
		if got := o.refused("desk", UndoCheckIn{"a"}); got != "wrong_state: not_just_checked_in" {
			t.Errorf("%s: of who was called: %s", name, got)
		}
	}
	o := newOffice(t).at("08:00").issue("baru", "a")
	if got := o.refused("desk", UndoCheckIn{"a"}); got != "wrong_state: not_just_checked_in" {
		t.Errorf("of who has no booking: %s", got)
	}
}

func TestAPassportIsHandedOverOnce(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani").issue("tanya", "a")
	o.next("ani", "1")
	o.do("ani", Serve{"1"})
	o.do("ani", Complete{Counter: "1"})
	o.do("desk", Ready{"a"})
	o.do("desk", Collect{"a"})
	if !o.ticket("a").Collected.Equal(o.now) {
		t.Errorf("handed over %s", o.ticket("a").Collected)
	}
	if _, err := o.decide(Command{Ask: Collect{"a"}, ID: "x", By: Actor{Name: "desk"}}); err == nil || err.Error() != "wrong_state: collected" {
		t.Errorf("a second time: %v", err)
	}
}

// The office's own fault gives people another hour whatever the rules for
// applicants say, and costs them nothing.
func TestASupervisorMovesWhomTheRulesKeep(t *testing.T) {
	o := newOffice(t).at("07:00")
	o.do("applicant", Book{Service: "baru", IDs: []string{"a"}, Slot: clock("07:30")})
	o.at("08:30").do("system", ReleasePlaces{})
	if _, err := o.decide(Command{Ask: Reschedule{Ticket: "a", Slot: clock("10:30")}, ID: "x", By: Actor{Name: "applicant", Public: true}}); err == nil {
		t.Fatal("an applicant whose place was released moves it")
	}
	o.do("kepala", Reschedule{Ticket: "a", Slot: clock("10:30"), Special: true})
	if a := o.ticket("a"); a.Released || a.Reschedules != 0 || !a.Slot.Start.Equal(clock("10:30")) {
		t.Errorf("moved to %+v", a)
	}
}

func TestTheReasonOfAPriorityIsACode(t *testing.T) {
	o := newOffice(t).at("08:00")
	o.do("desk", Issue{ID: "a", Service: "baru", Priority: true, Reason: "eight months pregnant"})
	o.do("desk", Issue{ID: "b", Service: "baru", Priority: true, Reason: "assistance"})
	whole := ""
	for _, line := range o.log {
		whole += string(line)
	}
	if strings.Contains(whole, "pregnant") || strings.Count(whole, `"note":"other"`) != 1 || strings.Count(whole, `"note":"assistance"`) != 1 {
		t.Error("the log holds another reason than the codes")
	}
}
