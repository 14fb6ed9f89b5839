package queue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"antrean/internal/calendar"
)

// unversioned compares tickets but for the event that touched them last.
var unversioned = cmpopts.IgnoreFields(Ticket{}, "Version")

func TestTransferKeepsNumberLaneAndSeniority(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani, 3 budi").issue("baru", "a1!")
	before := *o.ticket("a1")
	o.at("08:10").next("ani", "1")
	o.do("ani", Serve{"1"})
	o.at("08:15").do("ani", Complete{Counter: "1"})
	want := before
	want.Stage, want.Why = "wawancara", "priority"
	if diff := cmp.Diff(&want, o.ticket("a1"), unversioned); diff != "" {
		t.Error(diff)
	}
	o.next("budi", "3")
	o.do("budi", Serve{"3"})
	o.do("budi", Complete{Counter: "3", To: "berkas"}) // back, and then its route again
	o.next("ani", "1")
	o.do("ani", Serve{"1"})
	o.do("ani", Complete{Counter: "1"})
	o.next("budi", "3")
	o.do("budi", Serve{"3"})
	o.do("budi", Complete{Counter: "3"})
	if o.status("a1") != Done || o.live.Counter("3").Served != 2 {
		t.Errorf("%s after its last stage, %d served", o.status("a1"), o.live.Counter("3").Served)
	}
	o.same()
}

func TestFamilyIsOneCall(t *testing.T) {
	family := func(t *testing.T) *office {
		o := newOffice(t).at("08:00").open("1 ani, 3 budi")
		o.do("applicant", Book{Service: "baru", IDs: []string{"f1", "f2", "f3"}, Slot: clock("08:30")})
		return o
	}
	t.Run("who comes together is called together", func(t *testing.T) {
		o := family(t)
		o.do("desk", CheckIn{Ticket: "f2"})
		if got := o.next("ani", "1"); got != "f1+f2+f3 appointment" {
			t.Error(got)
		}
		if n := len(o.live.Calls); n != 1 {
			t.Errorf("%d announcements", n)
		}
	})
	t.Run("who cancelled is not called", func(t *testing.T) {
		o := family(t)
		o.do("applicant", Cancel{Ticket: "f1"})
		o.do("desk", CheckIn{Ticket: "f3"})
		if got := o.next("ani", "1"); got != "f2+f3 appointment" {
			t.Error(got)
		}
	})
	t.Run("a priority given to one is the family's", func(t *testing.T) {
		o := family(t)
		yes := true
		o.do("desk", Amend{Ticket: "f2", Priority: &yes, Reason: "pregnant"})
		for _, id := range []string{"f1", "f2", "f3"} {
			if o.ticket(id).Lane != Priority {
				t.Errorf("%s is in lane %s", id, o.ticket(id).Lane)
			}
		}
		for _, line := range o.log {
			if strings.Contains(string(line), "pregnant") {
				t.Errorf("the reason of a priority is in the log: %s", line)
			}
		}
	})
	t.Run("who is split off is called alone", func(t *testing.T) {
		o := family(t)
		o.do("desk", SplitParty{"f1"})
		o.do("desk", CheckIn{Ticket: "f1"})
		o.do("desk", CheckIn{Ticket: "f2"})
		if got := o.next("ani", "1"); got != "f1 appointment" {
			t.Error(got)
		}
	})
	t.Run("who needs another service goes on to its stage", func(t *testing.T) {
		o := family(t)
		o.do("desk", CheckIn{Ticket: "f1"})
		o.next("ani", "1")
		o.do("ani", Serve{"1"})
		o.do("desk", Amend{Ticket: "f2", Service: "tanya", Reason: "asks only"})
		o.do("ani", Complete{Counter: "1"})
		if o.status("f1") != Waiting || o.status("f2") != Done || o.ticket("f3").Stage != "wawancara" {
			t.Errorf("f1 %s, f2 %s, f3 at %s", o.status("f1"), o.status("f2"), o.ticket("f3").Stage)
		}
		if k := o.live.Counter("1"); k.Served != 3 || len(k.Tickets) != 0 {
			t.Errorf("%+v", k)
		}
		o.do("ani", UndoLast{"1"})
		for _, id := range []string{"f1", "f2", "f3"} {
			if o.status(id) != Serving {
				t.Errorf("%s is %s after the undo", id, o.status(id))
			}
		}
		o.same()
	})
	t.Run("an absent one stays with the others", func(t *testing.T) {
		o := family(t)
		o.do("desk", CheckIn{Ticket: "f1"})
		o.next("ani", "1")
		o.do("ani", Miss{"1"})
		o.do("ani", CallTicket{Counter: "1", Ticket: "f2", Reason: "came running", May: true})
		if diff := cmp.Diff([]string{"f2"}, o.live.Counter("1").Tickets); diff != "" {
			t.Error(diff)
		}
	})
}

// What an officer did by mistake is as if it had not been, for everybody.
func TestUndoRestoresExactly(t *testing.T) {
	for what, act := range map[string]func(o *office){
		"next":              func(o *office) { o.do("ani", Next{Counter: "1"}) },
		"call":              func(o *office) { o.do("ani", CallTicket{Counter: "1", Ticket: "c2", Reason: "r", May: true}) },
		"serve":             func(o *office) { o.do("ani", Serve{"1"}) },
		"complete":          func(o *office) { o.do("ani", Complete{Counter: "1"}) },
		"complete and next": func(o *office) { o.do("ani", Next{Counter: "1", Complete: true}) },
		"transfer":          func(o *office) { o.do("ani", Complete{Counter: "1", To: "wawancara"}) },
		"no-show":           func(o *office) { o.do("ani", Miss{"1"}) },
		"park":              func(o *office) { o.do("ani", Park{"1"}) },
		"next and recalls": func(o *office) {
			o.do("ani", Next{Counter: "1"})
			o.do("ani", Recall{"1"})
			o.do("ani", Recall{"1"})
		},
	} {
		t.Run(what, func(t *testing.T) {
			o := newOffice(t).at("08:00").open("1 ani").issue("tanya", "c1", "c2", "p!")
			switch what {
			case "serve", "no-show":
				o.do("ani", Next{Counter: "1"})
			case "complete", "complete and next", "transfer", "park":
				o.do("ani", Next{Counter: "1"})
				o.do("ani", Serve{"1"})
			}
			before := must(Restore([]byte(snapshot(t, o.live))))
			o.at("08:05")
			act(o)
			o.at("08:06").do("ani", UndoLast{"1"})
			if diff := cmp.Diff(before.Tickets, o.live.Tickets, unversioned); diff != "" {
				t.Errorf("tickets (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(before.Counters, o.live.Counters, cmpopts.IgnoreFields(Counter{}, "Last"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("counters (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(before.Debt, o.live.Debt, cmpopts.IgnoreMapEntries(func(_ string, n int) bool { return n == 0 })); diff != "" {
				t.Errorf("debt (-before +after):\n%s", diff)
			}
			for _, c := range o.live.Calls[len(before.Calls):] {
				if !c.Withdrawn {
					t.Errorf("call %s stands", c.ID)
				}
			}
			o.same()
		})
	}
}

func TestAbsentPeopleAreCalledAgainBeforeTheyAreNoShows(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani").issue("tanya", "c1")
	o.next("ani", "1")
	o.at("08:01").do("ani", Miss{"1"})
	if got := o.refused("ani", Next{Counter: "1"}); got != "queue_empty: nobody_waits" {
		t.Errorf("within the ten minutes: %s", got)
	}
	o.at("08:11").next("ani", "1")
	o.at("08:12").do("ani", Miss{"1"})
	if o.status("c1") != NoShow {
		t.Fatalf("%s after the second absence", o.status("c1"))
	}
	o.at("08:40").do("desk", Return{"c1"})
	if got := o.ticket("c1"); !got.Since.Equal(clock("08:40")) || got.Lane != Walkin || got.Absences != 0 {
		t.Errorf("a no-show returns by arrival: %+v", got)
	}
	o.same()
}

func TestAbsenceRunsOverABreakInWorkingTime(t *testing.T) {
	o := newOffice(t).at("11:50").open("1 ani").issue("tanya", "c1")
	o.next("ani", "1")
	o.at("11:55").do("ani", Miss{"1"})
	if got := o.ticket("c1").NotBefore; !got.Equal(clock("13:05")) {
		t.Errorf("called again from %s", got.In(jakarta))
	}
}

func TestParkedPeopleKeepTheirSeniority(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani").issue("tanya", "c1").at("08:01").issue("tanya", "c2")
	o.next("ani", "1")
	o.do("ani", Park{"1"})
	o.at("08:30").do("desk", Return{"c1"})
	if diff := cmp.Diff([]string{"c1", "c2"}, ids(o.live.Waiting("berkas"))); diff != "" {
		t.Error(diff)
	}
}

func TestPlacesOfThoseWhoDoNotComeAreReleased(t *testing.T) {
	o := newOffice(t).at("07:40")
	o.do("applicant", Book{Service: "ganti", IDs: []string{"late", "here"}, Slot: clock("08:30")})
	o.do("applicant", Book{Service: "ganti", IDs: []string{"now"}, Slot: clock("07:30")}) // under way: from now on
	if got := o.ticket("now").ArriveBy; !got.Equal(clock("08:10")) {
		t.Errorf("arrive by %s", got.In(jakarta))
	}
	o.do("desk", SplitParty{"here"})
	o.at("08:20").do("desk", CheckIn{Ticket: "here"})
	o.at("09:00").do("system", ReleasePlaces{})
	if o.ticket("late").Released || !o.ticket("now").Released {
		t.Error("released in the minute of grace, or not after it")
	}
	o.at("09:00:01").do("system", ReleasePlaces{})
	if got := o.ticket("late"); !got.Late() || got.Status != Booked {
		t.Errorf("%+v", got)
	}
	s, _ := o.live.Config.Service("ganti")
	if p := o.live.Places(s, monday, o.now)[0]; !p.Start.Equal(clock("08:30")) || p.Free != 1 {
		t.Errorf("%+v", p)
	}
	o.at("10:00").do("desk", CheckIn{Ticket: "late"})
	if got := o.ticket("late"); got.Lane != Walkin || !got.Since.Equal(o.now) {
		t.Errorf("who comes late queues by arrival: %+v", got)
	}
	o.same()
}

func TestSuspensionMovesEveryDeadline(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani").issue("tanya", "c1")
	o.do("applicant", Book{Service: "baru", IDs: []string{"k1"}, Slot: clock("08:30")})
	o.do("applicant", Book{Service: "baru", IDs: []string{"k2"}, Slot: clock("09:30")})
	o.next("ani", "1")
	o.at("08:50").do("ani", Miss{"1"})
	o.at("08:55").do("admin", Suspend{Reason: "power cut"})
	o.at("09:40").do("system", ReleasePlaces{})
	o.do("admin", Resume{})
	o.do("system", ReleasePlaces{})
	got := []time.Time{o.ticket("k1").ArriveBy, o.ticket("k2").ArriveBy, o.ticket("c1").NotBefore}
	want := []time.Time{clock("09:45"), clock("10:10"), clock("09:45")}
	if diff := cmp.Diff(want, got); diff != "" || o.ticket("k1").Released {
		t.Errorf("released %v\n%s", o.ticket("k1").Released, diff)
	}
	o.same()
}

func TestNumbers(t *testing.T) {
	o := newOffice(t)
	number := func(id, want string) {
		t.Helper()
		if got := o.ticket(id).Number; got != want {
			t.Errorf("%s has %s, want %s", id, got, want)
		}
	}
	o.at("07:40").do("admin", StartDay{Date: monday, Numbers: map[string]int{"A": 2, "C": 57}})
	o.do("applicant", Book{Service: "baru", IDs: []string{"b1", "b2"}, Slot: clock("07:30")})
	number("b1", "A-003")
	number("b2", "A-004")
	o.issue("baru", "w1").issue("tanya", "c1", "c2")
	number("w1", "A-031") // behind the day's 30 places
	number("c1", "C-058")
	number("c2", "C-059")
	o.do("applicant", Cancel{Ticket: "b2"})
	o.do("applicant", Book{Service: "baru", IDs: []string{"b3"}, Slot: clock("07:30")})
	number("b3", "A-032") // paper and cancelled numbers are never given again
	o.issue("baru", "w2")
	number("w2", "A-033")
	o.do("applicant", Book{Service: "baru", IDs: []string{"b4"}, Slot: clock("2026-11-24 07:30")})
	number("b4", "A-001") // another day
	if got, ok := o.live.ByNumber(monday, "A-32"); !ok || got.ID != "b3" {
		t.Errorf("%+v, %v", got, ok)
	}
	o.same()
}

func TestCancelledNumberStaysTakenUntilItsDayIsOver(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.Retention.Personal = calendar.Duration(time.Second); c.Services[1].PickupAfter = 0 })
	o.do("applicant", Book{Service: "ganti", IDs: []string{"x"}, Slot: clock("2026-11-24 07:30")})
	o.do("applicant", Cancel{Ticket: "x"})
	o.at("10:00").do("system", Forget{})
	o.do("applicant", Book{Service: "ganti", IDs: []string{"y"}, Slot: clock("2026-11-24 07:30")})
	if o.ticket("x").Number == o.ticket("y").Number {
		t.Error("the number was given twice")
	}
	o.at("2026-11-25 00:00:02").do("system", Forget{})
	if o.live.Tickets["x"] != nil {
		t.Error("kept for ever")
	}
	o.same()
}

func TestDayEnds(t *testing.T) {
	o := newOffice(t)
	served(o)
	o.open("4 cici")
	o.at("16:30").do("admin", EndDay{Date: monday})
	want := map[string]Status{"a1": Expired, "b1": Expired, "c1": Done, "k1": NoShow}
	got := map[string]Status{}
	for id, ticket := range o.live.Tickets {
		got[id] = ticket.Status
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for id, k := range o.live.Counters {
		if k.State != Closed || len(k.Tickets) > 0 {
			t.Errorf("counter %s: %+v", id, k)
		}
	}
	o.at("16:35").do("admin", ReopenDay{monday})
	if o.status("a1") != Waiting || o.status("b1") != Waiting || o.status("k1") != Booked || o.status("c1") != Done {
		t.Error("a day ended by mistake gives everybody back")
	}
	if !o.ticket("a1").Since.Equal(clock("08:00")) {
		t.Error("seniority was lost")
	}
	o.same()
}

func TestEndOfAnOldDayLeavesTodaysCountersAlone(t *testing.T) {
	o := newOffice(t).at("15:00").issue("tanya", "left")
	o.at("2026-11-24 08:00").open("1 ani, 3 budi").issue("tanya", "today")
	o.do("ani", CallTicket{Counter: "1", Ticket: "today", Reason: "r", May: true})
	o.do("admin", EndDay{Date: monday})
	if o.live.Counter("3").State != Open || o.status("today") != Called || o.status("left") != Expired {
		t.Errorf("%+v, %s, %s", o.live.Counter("3"), o.status("today"), o.status("left"))
	}
	o.same()
}

func TestASupervisorCallsToAnOfficersCounter(t *testing.T) {
	o := newOffice(t).open("1 ani").issue("tanya", "c1", "c2")
	call := CallTicket{Counter: "1", Ticket: "c2", Reason: "r", May: true}
	o.do("sari", call)
	if k := o.live.Counter("1"); k.Officer != "ani" || !slices.Equal(k.Tickets, []string{"c2"}) {
		t.Errorf("%+v", k)
	}
	if got := o.refused("sari", Serve{"1"}); got != "forbidden: not_your_counter" {
		t.Error(got)
	}
	o.do("sari", UndoLast{"1"})
	if o.status("c2") != Waiting {
		t.Error("the supervisor's own call was not undone")
	}
	if got := o.refused("sari", CallTicket{Counter: "3", Ticket: "c2", Reason: "r", May: true}); got != "wrong_state: counter_closed" {
		t.Error(got)
	}
	o.same()
}

func TestSequencesOfDaysLongPastAreForgotten(t *testing.T) {
	o := newOffice(t).issue("tanya", "c1")
	o.do("admin", EndDay{Date: monday})
	o.at("2026-11-26 08:00").issue("tanya", "c2")
	before := snapshot(t, o.live)
	o.live.Begin()
	if _, err := Decide(o.live, Command{Ask: EndDay{Date: "2026-11-26"}, By: Actor{Name: "admin"}}, o.now); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"2026-11-26/C": 1}, o.live.Sequence); diff != "" {
		t.Error(diff)
	}
	o.live.Rollback(0)
	o.live.Keep()
	if diff := cmp.Diff(before, snapshot(t, o.live)); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyHallEndsTheDayAfterClosing(t *testing.T) {
	o := newOffice(t)
	o.do("applicant", Book{Service: "baru", IDs: []string{"k1"}, Slot: clock("08:30")})
	if got := o.at("16:00").do("system", EndDay{Date: monday, IfEmpty: true}); len(got) > 0 {
		t.Error("ended at the very closing")
	}
	o.at("16:00:01").do("system", EndDay{Date: monday, IfEmpty: true})
	if o.status("k1") != NoShow || !o.live.Days[monday].Ended {
		t.Errorf("%s, %+v", o.status("k1"), o.live.Days[monday])
	}
}

func TestOfficerSitsAtOneCounter(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani, 3 ani")
	if one, three := o.live.Counter("1"), o.live.Counter("3"); one.State != Closed || three.Officer != "ani" {
		t.Errorf("%+v %+v", one, three)
	}
	o.same()
}

func TestRelieverTakesOverWhoIsServed(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani, 4 budi").issue("tanya", "c1")
	o.next("budi", "4")
	o.do("ani", TakeOver{"4"})
	if k := o.live.Counter("1"); k.State != Closed || k.Officer != "" {
		t.Errorf("the counter that was left: %+v", k)
	}
	if got := o.refused("budi", Serve{"4"}); got != "forbidden: not_your_counter" {
		t.Error(got)
	}
	o.do("ani", Serve{"4"})
	o.same()
}

func TestClockNeverGoesBackwards(t *testing.T) {
	o := newOffice(t).at("09:00").issue("tanya", "c1")
	o.at("08:00").issue("tanya", "c2")
	if got := o.ticket("c2").Made; !got.Equal(clock("09:00")) {
		t.Error(got)
	}
}

func TestCloneGoesItsOwnWay(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani, 4 budi").issue("tanya", "c1", "c2")
	o.next("ani", "1")
	o.do("ani", Recall{"1"})
	o.do("ani", Recall{"1"}) // now the list of calls has room to grow in place
	c := o.live.Clone()
	o.next("budi", "4")
	before := snapshot(t, o.live)
	c.Begin()
	if _, err := Decide(c, Command{Ask: Recall{"1"}, ID: "other", By: Actor{Name: "ani"}}, o.now); err != nil {
		t.Fatal(err)
	}
	c.Keep()
	if diff := cmp.Diff(before, snapshot(t, o.live)); diff != "" {
		t.Errorf("a clone's call shows in the original:\n%s", diff)
	}
}

func TestKeyIsForgottenAfterADay(t *testing.T) {
	o := newOffice(t)
	c := Command{Ask: SetNotices{[]Notice{Plain("x")}}, Key: "k", Body: "b", ID: "c", By: Actor{Name: "admin"}}
	if _, err := o.decide(c); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(AnswersKept)
	if _, err := o.decide(c); err == nil {
		t.Error("repeated within the day it was done again")
	}
	o.live.Prune(o.now)
	if len(o.live.Answered) != 1 {
		t.Error("pruned too early")
	}
	o.now = o.now.Add(time.Millisecond)
	o.live.Prune(o.now)
	if len(o.live.Answered) != 0 {
		t.Error("never pruned")
	}
	if _, err := o.decide(c); err != nil {
		t.Error(err)
	}
}

func TestScreensRememberTheLastCalls(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani").issue("tanya", "c1")
	o.do("ani", Next{Counter: "1"})
	kept := o.live.Calls
	for range KeptCalls + 20 {
		o.do("ani", Recall{"1"})
	}
	if n := len(o.live.Calls); n != KeptCalls {
		t.Errorf("%d calls are kept", n)
	}
	if last := o.live.Calls[KeptCalls-1]; last.Times != KeptCalls+21 {
		t.Errorf("the last call is the %dth", last.Times)
	}
	if kept[0].Times != 1 {
		t.Error("a slice that was read before has changed")
	}
	o.same()
}
