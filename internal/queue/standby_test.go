package queue

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
)

// offers are who is offered what: "a 07:30 until 08:06".
func (o *office) offers() string {
	var all []string
	for _, t := range o.live.StandingBy(nil) {
		if t.Offer != nil {
			all = append(all, t.ID+" "+t.Offer.Slot.Start.In(jakarta).Format("15:04")+" until "+t.Offer.Expires.In(jakarta).Format("15:04:05"))
		}
	}
	return strings.Join(all, ", ")
}

func (o *office) offered(want string) {
	o.t.Helper()
	if diff := cmp.Diff(want, o.offers()); diff != "" {
		o.t.Fatalf("offers at %s: %s", o.now.In(jakarta).Format("15:04:05"), diff)
	}
}

// soldOut books the rest of the day, so that nothing is free but what is given
// back.
func soldOut(o *office) { o.t.Helper(); soldOutOf(o, "ganti") }

func soldOutOf(o *office, id string) {
	o.t.Helper()
	service, _ := o.live.Config.Service(id)
	for _, p := range o.live.Places(service, monday, o.now) {
		for n := range p.Free {
			slot := p.Start.In(jakarta).Format("15:04")
			o.book(id, slot, fmt.Sprintf("%s/%d", slot, n+1))
		}
	}
}

func TestAReleasedPlaceGoesToStandbyInOrderThenToAll(t *testing.T) {
	o := newOffice(t).book("ganti", "07:30", "x").book("ganti", "07:30", "y").book("ganti", "08:30", "1", "2").book("ganti", "09:30", "a").book("ganti", "09:30", "b")
	soldOut(o)
	o.book("ganti", "2026-11-24 07:30", "c")
	o.do("applicant", StandBy{Ticket: "c", Minutes: 20})
	o.at("07:31").do("applicant", StandBy{Ticket: "a", Minutes: 20})
	o.at("07:32").do("applicant", StandBy{Ticket: "b", Minutes: 40}) // too far away
	o.offered("")
	o.do("desk", CheckIn{Ticket: "x"})
	o.at("08:00:05").do("system", ReleasePlaces{})
	o.offered("c 07:30 until 08:05:05")
	if o.free("ganti", "07:30") != 0 {
		t.Error("an offered place can be booked")
	}
	if again := o.do("system", ReleasePlaces{}); len(again) != 0 {
		t.Errorf("a second time makes %v", again)
	}
	o.at("08:05:06").do("system", ReleasePlaces{})
	o.offered("a 07:30 until 08:10:06")
	if o.ticket("c").Standby != nil {
		t.Error("who did not answer is asked again")
	}
	if got := o.refused("applicant", Accept{Ticket: "c"}); got != "wrong_state: no_offer" {
		t.Error(got)
	}
	o.at("08:10:07").do("system", ReleasePlaces{})
	o.offered("")
	if o.free("ganti", "07:30") != 1 {
		t.Error("nobody took it, and it is not free")
	}
	o.same()
}

func TestAnAcceptedOfferIsAPlaceAndGivesTheOtherBack(t *testing.T) {
	o := newOffice(t).book("ganti", "07:30", "x", "y").book("ganti", "08:30", "1", "2").book("ganti", "09:30", "a").book("ganti", "09:30", "b")
	soldOut(o)
	o.do("applicant", StandBy{Ticket: "a", Minutes: 25})
	o.at("07:40").do("applicant", Cancel{Ticket: "x"}) // today's place: at once, to standby
	o.offered("a 07:30 until 07:45:00")
	number := o.ticket("a").Number
	o.at("07:44").do("applicant", Accept{Ticket: "a"})
	got := o.ticket("a")
	if !got.Slot.Start.Equal(clock("07:30")) || got.Number != number || got.Standby != nil || got.Offer != nil || got.Status != Booked || got.Reschedules != 0 {
		t.Errorf("%+v", got)
	}
	if !got.ArriveBy.Equal(clock("08:14")) {
		t.Errorf("held until %s", got.ArriveBy.In(jakarta))
	}
	if o.free("ganti", "09:30") != 1 || o.free("ganti", "07:30") != 0 {
		t.Error("the later place is not free, or the earlier one still is")
	}
	o.do("desk", CheckIn{Ticket: "a"})
	o.same()
}

func TestANumberAtTheDoorMayWaitForAPlace(t *testing.T) {
	o := newOffice(t).at("07:40").book("ganti", "07:30", "x", "y").book("ganti", "08:30", "1", "2").book("ganti", "09:30", "a", "b")
	soldOut(o)
	o.issue("ganti", "w1", "w2", "w3")
	if got := o.refused("desk", Issue{ID: "s", Service: "ganti"}); got != "slot_full: walkins_full" {
		t.Error(got)
	}
	o.do("desk", Issue{ID: "s", Service: "ganti", Standby: true})
	if got := o.refused("desk", CheckIn{Ticket: "s"}); got != "wrong_state: no_place" {
		t.Error(got)
	}
	o.at("08:20").do("applicant", Cancel{Ticket: "1"})
	o.offered("s 08:30 until 08:25:00")
	number := o.ticket("s").Number
	o.do("desk", Accept{Ticket: "s"})
	if got := o.ticket("s"); got.Number != number || got.Lane != Appointment || !got.Slot.Start.Equal(clock("08:30")) {
		t.Errorf("%+v", got)
	}
	o.do("desk", CheckIn{Ticket: "s"})
	o.do("desk", Issue{ID: "s2", Service: "ganti", Standby: true})
	o.at("17:00").do("admin", EndDay{Date: monday})
	if o.status("s2") != Expired {
		t.Errorf("who had no place is %s", o.status("s2"))
	}
	o.same()
}

func TestOffersRunInWorkingTimeAndStandStillWithTheOffice(t *testing.T) {
	o := newOffice(t).book("ganti", "08:30", "x", "y").book("ganti", "13:00", "a", "b")
	soldOut(o)
	o.do("applicant", StandBy{Ticket: "15:00/1", Minutes: 5})
	o.at("11:58").do("applicant", Cancel{Ticket: "a"})
	o.offered("15:00/1 13:00 until 13:03:00") // the break does not count
	o.at("13:01").do("admin", Suspend{Reason: "power cut"})
	o.at("13:20").do("system", ReleasePlaces{})
	o.offered("15:00/1 13:00 until 13:03:00")
	o.at("13:21").do("admin", Resume{})
	o.offered("15:00/1 13:00 until 13:23:00")
	o.at("13:24").do("system", ReleasePlaces{})
	o.offered("")
	o.same()
}

// A place whose owner may still come is promised again only as far as the day
// can serve both.
func TestPlacesArePromisedTwiceOnlyAsFarAsTheDayGoes(t *testing.T) {
	for _, c := range []struct {
		pace time.Duration
		free int
	}{{10 * time.Minute, 1}, {8 * time.Hour, 0}} {
		o := newOffice(t, func(c *Config) { c.NoShow.CheckInGrace = calendar.Duration(10 * time.Minute) })
		o.book("ganti", "07:30", "x").book("ganti", "08:30", "y")
		o.at("07:45").open("3 budi")
		o.live.Paces["ganti/wawancara"] = Pace{Count: measured, Mean: c.pace}
		o.settled.Paces["ganti/wawancara"] = Pace{Count: measured, Mean: c.pace}
		o.do("system", ReleasePlaces{})
		if got := o.free("ganti", "07:30"); got != 1+c.free {
			t.Errorf("at %s a visit, %d are free", c.pace, got)
		}
		if got := o.free("ganti", "08:30"); got != 1 {
			t.Errorf("a place that was never promised is kept back: %d", got)
		}
	}
}

// An offer's clock stands still with the office, but its place and its day do
// not wait for it.
func TestAnOfferStandsNoLongerThanItsPlace(t *testing.T) {
	offered := func(t *testing.T) *office {
		o := newOffice(t).book("ganti", "08:30", "x", "y").book("ganti", "15:00", "a").book("ganti", "15:00", "b")
		soldOut(o)
		o.do("applicant", StandBy{Ticket: "a", Minutes: 5})
		o.at("08:31").do("applicant", Cancel{Ticket: "x"})
		o.offered("a 08:30 until 08:36:00")
		return o
	}
	t.Run("taken while the office is suspended", func(t *testing.T) {
		o := offered(t)
		o.at("08:35").do("admin", Suspend{Reason: "power cut"})
		o.at("08:50").do("applicant", Accept{Ticket: "a"})
		if got := o.ticket("a").Slot.Start; !got.Equal(clock("08:30")) {
			t.Errorf("has %s", got)
		}
		o.same()
	})
	t.Run("the slot ended meanwhile", func(t *testing.T) {
		o := offered(t)
		o.at("08:35").do("admin", Suspend{Reason: "power cut"})
		o.at("09:31").do("admin", Resume{})
		if got := o.refused("applicant", Accept{Ticket: "a"}); got != "too_late: offer_over" {
			t.Error(got)
		}
		o.do("system", ReleasePlaces{})
		o.offered("")
		o.same()
	})
	t.Run("the day was closed meanwhile", func(t *testing.T) {
		o := offered(t)
		o.book("ganti", "2026-11-24 07:30", "c").do("applicant", StandBy{Ticket: "c", Minutes: 5})
		o.do("applicant", Cancel{Ticket: "y"})
		o.offered("a 08:30 until 08:36:00, c 08:30 until 08:36:00")
		o.do("admin", CloseDay{Date: monday})
		if got := o.refused("applicant", Accept{Ticket: "c"}); got != "outside_hours: day_closed" {
			t.Error(got)
		}
		o.do("system", ReleasePlaces{})
		o.offered("")
		o.same()
	})
}

func TestAskingForStandbyAgainChangesNothing(t *testing.T) {
	o := newOffice(t).book("ganti", "15:00", "a")
	o.do("applicant", StandBy{Ticket: "a", Minutes: 5})
	if again := o.do("applicant", StandBy{Ticket: "a", Minutes: 5}); len(again) != 0 {
		t.Errorf("a second time makes %v", again)
	}
	if again := o.do("applicant", StandBy{Ticket: "a", Minutes: 9}); len(again) != 1 {
		t.Errorf("other minutes make %v", again)
	}
}

// A family that stands by gets an hour that has room for all of them, or none.
func TestAFamilyStandsByAsOne(t *testing.T) {
	family := func(t *testing.T) *office {
		o := newOffice(t).book("baru", "07:30", "x", "y").book("baru", "07:30", "u", "v").book("baru", "14:00", "a", "b")
		o.do("applicant", Book{Service: "baru", IDs: []string{"later"}, Slot: clock("15:00")})
		soldOutOf(o, "baru")
		o.do("applicant", StandBy{Ticket: "later", Minutes: 5})
		o.at("07:31").do("applicant", StandBy{Ticket: "b", Minutes: 5})
		for _, id := range []string{"a", "b"} {
			if o.ticket(id).Standby == nil {
				t.Errorf("%s does not stand by", id)
			}
		}
		return o
	}
	t.Run("a place for one goes to the next who is one", func(t *testing.T) {
		o := newOffice(t).book("baru", "07:30", "x", "y", "u", "v").book("baru", "14:00", "a", "b").book("baru", "15:00", "one")
		soldOutOf(o, "baru")
		o.do("applicant", StandBy{Ticket: "a", Minutes: 5})
		o.do("applicant", StandBy{Ticket: "one", Minutes: 5})
		o.at("07:40").do("applicant", Cancel{Ticket: "x"})
		o.offered("one 07:30 until 07:45:00")
		o.do("applicant", Cancel{Ticket: "y"})
		o.offered("one 07:30 until 07:45:00")
		o.do("applicant", Cancel{Ticket: "u"})
		o.offered("a 07:30 until 07:45:00, b 07:30 until 07:45:00, one 07:30 until 07:45:00")
		o.same()
	})
	t.Run("one says yes for all, and they stay a family", func(t *testing.T) {
		o := family(t)
		o.do("applicant", Cancel{Ticket: "x"})
		o.do("applicant", StandBy{Ticket: "later"})
		o.do("applicant", Cancel{Ticket: "y"})
		o.offered("a 07:30 until 07:36:00, b 07:30 until 07:36:00")
		o.do("applicant", Accept{Ticket: "b"})
		for _, id := range []string{"a", "b"} {
			if got := o.ticket(id); !got.Slot.Start.Equal(clock("07:30")) || got.Party != "a" || got.Standby != nil {
				t.Errorf("%+v", got)
			}
		}
		o.do("desk", CheckIn{Ticket: "a"})
		if o.status("b") != Waiting {
			t.Error("the family came apart")
		}
		o.same()
	})
	t.Run("one takes it back for all, and lapses for all", func(t *testing.T) {
		o := family(t)
		o.do("applicant", StandBy{Ticket: "a"})
		if o.ticket("b").Standby != nil {
			t.Error("half a family stands by")
		}
		o.do("applicant", StandBy{Ticket: "a", Minutes: 5})
		o.do("applicant", StandBy{Ticket: "later"})
		o.do("applicant", Cancel{Ticket: "x"})
		o.do("applicant", Cancel{Ticket: "y"})
		o.at("07:36:01").do("system", ReleasePlaces{})
		o.offered("")
		if got := o.refused("applicant", Accept{Ticket: "a"}); got != "wrong_state: no_offer" {
			t.Error(got)
		}
		o.same()
	})
	t.Run("who leaves the family may come alone", func(t *testing.T) {
		o := family(t)
		o.do("desk", SplitParty{Ticket: "b"})
		o.do("applicant", StandBy{Ticket: "later"})
		o.do("applicant", StandBy{Ticket: "a"})
		o.do("applicant", Cancel{Ticket: "x"})
		o.offered("b 07:30 until 07:36:00")
		o.do("applicant", Accept{Ticket: "b"})
		if got := o.ticket("a"); !got.Slot.Start.Equal(clock("14:00")) {
			t.Errorf("the other went too: %+v", got)
		}
		o.same()
	})
}

func TestResumingGivesBackOnlyTheTimeThatStood(t *testing.T) {
	o := newOffice(t).book("ganti", "08:30", "x", "y").book("ganti", "15:00", "a")
	soldOut(o)
	o.do("applicant", StandBy{Ticket: "a", Minutes: 5})
	o.at("08:31").do("applicant", Cancel{Ticket: "x"})
	o.at("08:35").do("admin", Suspend{Reason: "power cut"})
	o.at("08:45").do("applicant", Accept{Ticket: "a"}) // comes until 09:15
	o.at("08:50").do("admin", Resume{})
	if got := o.ticket("a").ArriveBy; !got.Equal(clock("09:20")) {
		t.Errorf("who moved while the office stood comes until %s", got.In(jakarta))
	}
	if got := o.ticket("y").ArriveBy; !got.Equal(clock("09:15")) {
		t.Errorf("who had the hour before comes until %s", got.In(jakarta))
	}
	o.same()
}

func TestUnconfirmedAfterTheLastReminderIsAtRisk(t *testing.T) {
	o := newOffice(t, soonReschedules).book("baru", "13:00", "quiet", "said").book("baru", "13:00", "cancelled").book("baru", "14:00", "later").book("baru", "15:00", "moved")
	o.do("applicant", Confirm{"said"})
	o.do("applicant", Cancel{Ticket: "cancelled"})
	risk := func() string { return strings.Join(ids(o.live.AllAtRisk(o.now)), " ") }
	for _, c := range []struct{ at, want string }{
		{"10:59:59", ""}, {"11:00", "quiet"}, {"12:00", "quiet later"},
	} {
		if got := o.at(c.at); risk() != c.want {
			t.Errorf("at %s: %q, want %q", c.at, risk(), c.want)
			_ = got
		}
	}
	o.book("baru", "13:00", "just booked")
	o.do("applicant", Reschedule{Ticket: "moved", Slot: clock("13:00")})
	if risk() != "quiet later" {
		t.Errorf("who has just said that they come: %q", risk())
	}
	o.do("desk", CheckIn{Ticket: "later"})
	o.at("13:31").do("system", ReleasePlaces{})
	if risk() != "" {
		t.Errorf("who came, or lost the place: %q", risk())
	}
}

// A day that was started late makes nobody late: the grace of whose hour had
// begun is counted from then on.
func TestAnOfficeThatStartsLateMakesNobodyLate(t *testing.T) {
	o := newOffice(t).book("ganti", "07:30", "a", "b").book("ganti", "08:30", "c")
	o.at("08:05").do("system", ReleasePlaces{})
	if !o.ticket("a").Released || !o.ticket("b").Released {
		t.Fatal("nobody is late")
	}
	o.book("ganti", "07:30", "new") // takes one of the two places
	o.at("08:20").do("admin", StartDay{Date: monday, Numbers: map[string]int{"B": 0}})
	if a, b := o.ticket("a"), o.ticket("b"); a.Released || !a.ArriveBy.Equal(clock("08:50")) || !b.Released {
		t.Errorf("the first: %+v, the second: %+v", a, b)
	}
	if got := o.ticket("new").ArriveBy; !got.Equal(clock("08:50")) {
		t.Errorf("who booked meanwhile comes until %s", got.In(jakarta))
	}
	if got := o.ticket("c").ArriveBy; !got.Equal(clock("09:00")) {
		t.Errorf("whose hour has not begun comes until %s", got.In(jakarta))
	}
	o.do("desk", CheckIn{Ticket: "a"})
	if got := o.ticket("a"); got.Lane != Appointment {
		t.Errorf("%+v", got)
	}
	o.same()
}

// A held place that returns does not stand in the way of an officer's undo.
func TestAnActIsUndoneAfterAHeldPlaceReturned(t *testing.T) {
	o := newOffice(t, soonReschedules, func(c *Config) {
		c.NoShow.FutureReleaseDelay = calendar.DurationRange{Min: calendar.Duration(10 * time.Minute), Max: calendar.Duration(10 * time.Minute)}
		c.NoShow.AbsentReturns = number(0)
	})
	o.book("ganti", "2026-11-24 07:30", "a").do("applicant", Reschedule{Ticket: "a", Slot: clock("07:30")})
	o.at("07:35").do("desk", CheckIn{Ticket: "a"})
	o.at("07:39").open("3 budi").do("budi", Next{Counter: "3"})
	o.at("07:39:50").do("budi", Miss{Counter: "3"})
	if o.status("a") != NoShow {
		t.Fatal("not missed")
	}
	o.at("07:40:05").do("system", ReleasePlaces{})
	o.at("07:40:10").do("budi", UndoLast{Counter: "3"})
	if o.status("a") != Called {
		t.Errorf("it is %s", o.status("a"))
	}
	o.at("07:41:11").do("system", ReleasePlaces{})
	if got := o.free("ganti", "2026-11-24 07:30"); got != 2 || len(o.ticket("a").Holds) != 0 {
		t.Errorf("%d are free", got)
	}
	o.same()
}
