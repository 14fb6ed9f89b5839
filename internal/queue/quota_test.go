package queue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (o *office) capacity(a SetCapacity) *CapacitySet {
	o.t.Helper()
	a.Service = "baru"
	return o.do("admin", a)[0].(*CapacitySet)
}

func TestWhoIsBookedStaysWhenBlanksRunOut(t *testing.T) {
	o := newOffice(t).book("baru", "2026-11-24 08:30", "a", "b", "c").book("baru", "2026-11-24 09:30", "d")
	if f := o.capacity(SetCapacity{Date: "2026-11-24", Places: Capacity{Places: 3}}); f.Kept != nil || f.Settled != nil {
		t.Errorf("lowered to what is booked, somebody is told: %+v", f)
	}
	// Lower than booked: nobody loses a place, those of crowded hours are told.
	if f := o.capacity(SetCapacity{Date: "2026-11-24", Places: Capacity{Places: 2}}); cmp.Diff([]string{"a", "b", "c"}, f.Kept) != "" {
		t.Errorf("told: %v", f.Kept)
	}
	if f := o.capacity(SetCapacity{Date: "2026-11-24"}); cmp.Diff([]string{"d"}, f.Kept) != "" {
		t.Errorf("told again or not at all: %v", f.Kept)
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		if got := o.ticket(id); !got.Kept || got.Status != Booked || !got.HoldsPlace() {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if got := o.place("baru", "2026-11-24 08:30"); got.Capacity != 0 || got.Free != 0 {
		t.Errorf("%+v", got)
	}
	if got := o.refused("applicant", Book{Service: "baru", Slot: clock("2026-11-24 09:30"), IDs: []string{"x"}}); got != "slot_full: slot_full" {
		t.Error(got)
	}
	// Raised, some hours have enough again.
	f := o.capacity(SetCapacity{Date: "2026-11-24", Places: Capacity{Places: 2}})
	if cmp.Diff([]string{"d"}, f.Settled) != "" || f.Kept != nil || o.ticket("d").Kept {
		t.Errorf("raised: %+v", f)
	}
	if got := o.free("baru", "2026-11-24 09:30"); got != 1 {
		t.Errorf("%d are free", got)
	}
	// And taken back.
	if f := o.capacity(SetCapacity{Date: "2026-11-24", Usual: true}); cmp.Diff([]string{"a", "b", "c"}, f.Settled) != "" {
		t.Errorf("as usual: %+v", f)
	}
	if got := o.place("baru", "2026-11-24 08:30"); got.Capacity != 4 || got.Free != 1 {
		t.Errorf("%+v", got)
	}
	if got := o.refused("admin", SetCapacity{Date: "2026-11-24", Service: "baru", Usual: true}); got != "wrong_state: capacity_usual" {
		t.Error(got)
	}
	o.same()
}

func TestOneSlotOfADayHasItsOwnCapacity(t *testing.T) {
	o := newOffice(t)
	const date = "2026-11-24"
	capacities := func() (all []int) {
		service, _ := o.live.Config.Service("baru")
		for _, p := range o.live.Places(service, date, o.now) {
			all = append(all, p.Capacity)
		}
		return all
	}
	for _, c := range []struct {
		set  SetCapacity
		want []int
	}{
		{SetCapacity{Slot: clock("2026-11-24 11:30"), Places: Capacity{Places: 7}}, []int{4, 4, 4, 4, 7, 4, 4, 4}}, // of half an hour, and no less
		{SetCapacity{Places: Capacity{Places: 1}}, []int{1, 1, 1, 1, 7, 1, 1, 1}},
		{SetCapacity{Slot: clock("2026-11-24 07:30"), Places: Capacity{Places: 2, Priority: 1}}, []int{3, 1, 1, 1, 7, 1, 1, 1}},
		{SetCapacity{Slot: clock("2026-11-24 11:30"), Usual: true}, []int{3, 1, 1, 1, 0, 1, 1, 1}},
		{SetCapacity{Usual: true}, []int{4, 4, 4, 4, 2, 4, 4, 4}}, // the day's slots as well
	} {
		c.set.Date = date
		o.capacity(c.set)
		if diff := cmp.Diff(c.want, capacities()); diff != "" {
			t.Errorf("%+v:\n%s", c.set, diff)
		}
	}
	if o.live.Days[date].Capacity != nil {
		t.Errorf("left over: %v", o.live.Days[date].Capacity)
	}
	for want, set := range map[string]SetCapacity{
		"outside_hours: no_such_slot":   {Date: date, Service: "baru", Slot: clock("2026-11-24 08:31")},
		"invalid: places: number_range": {Date: date, Service: "baru", Places: Capacity{Auto: true}},
		"wrong_state: capacity_usual":   {Date: date, Service: "baru", Slot: clock("2026-11-24 08:30"), Usual: true},
	} {
		if got := o.refused("admin", set); got != want {
			t.Errorf("%+v: %s", set, got)
		}
	}
	o.same()
}

func TestWhoMovesAwayIsKeptNoMore(t *testing.T) {
	o := newOffice(t, soonReschedules).book("baru", "2026-11-24 08:30", "a")
	o.capacity(SetCapacity{Date: "2026-11-24"})
	o.do("applicant", Reschedule{Ticket: "a", Slot: clock("2026-11-25 08:30")})
	if o.ticket("a").Kept {
		t.Error("it is said to keep a place that it left")
	}
}

func TestMorePlacesTodayAreOfferedToStandbyFirst(t *testing.T) {
	o := newOffice(t)
	o.do("admin", SetCapacity{Date: monday, Service: "baru"})
	o.at("08:00").do("applicant", Book{Service: "baru", Slot: clock("2026-11-24 08:30"), IDs: []string{"s"}, Standby: 20})
	o.do("admin", SetCapacity{Date: monday, Service: "baru", Slot: clock("10:30"), Places: Capacity{Places: 1}})
	if got := o.ticket("s").Offer; got == nil || !got.Slot.Start.Equal(clock("10:30")) || got.Slot.End.Sub(got.Slot.Start) != time.Hour {
		t.Errorf("offered: %+v", got)
	}
	o.same()
}

func TestTheDoorsNumbersOfADayAreChangedAndBack(t *testing.T) {
	o := newOffice(t).at("08:00").issue("tanya", "a")
	o.do("admin", SetWalkins{Date: monday, Service: "tanya"}) // unlimited usually
	if got := o.refused("desk", Issue{ID: "b", Service: "tanya"}); got != "slot_full: walkins_full" {
		t.Error(got)
	}
	if o.status("a") != Waiting {
		t.Error("who has a number loses it")
	}
	o.do("admin", SetWalkins{Date: monday, Service: "tanya", Numbers: 2})
	o.issue("tanya", "b")
	if got := o.refused("desk", Issue{ID: "c", Service: "tanya"}); got != "slot_full: walkins_full" {
		t.Error(got)
	}
	o.do("admin", SetWalkins{Date: monday, Service: "tanya", Usual: true})
	o.issue("tanya", "c")
	if o.live.Days[monday].Walkins != nil {
		t.Errorf("left over: %v", o.live.Days[monday].Walkins)
	}
	for want, set := range map[string]SetWalkins{
		"wrong_state: capacity_usual":       {Date: monday, Service: "tanya", Usual: true},
		"invalid: service: unknown_service": {Date: monday, Service: "visa"},
		"invalid: numbers: number_range":    {Date: monday, Service: "tanya", Numbers: -1},
		"invalid: date: date_range":         {Date: "2027-11-23", Service: "tanya"},
	} {
		if got := o.refused("admin", set); got != want {
			t.Errorf("%+v: %s", set, got)
		}
	}
	if got := o.refused("admin", SetWalkins{Date: "2026-11-24", Service: "tanya", Usual: true}); got != "wrong_state: capacity_usual" {
		t.Error(got)
	}
	o.same()
}
