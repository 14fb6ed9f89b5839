package queue

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
)

func reserve(c *Config) { c.Services[0].SlotCapacity = Capacity{Places: 3, Priority: 2} }

// place is a slot of a service as it is now.
func (o *office) place(service, start string) Place {
	o.t.Helper()
	s, _ := o.live.Config.Service(service)
	at := clock(start)
	for _, p := range o.live.Places(s, o.live.Today(at), o.now) {
		if p.Start.Equal(at) {
			return p
		}
	}
	o.t.Fatalf("no slot of %s at %s", service, start)
	return Place{}
}

func TestACapacityReadsBackAsItWasWritten(t *testing.T) {
	for text, want := range map[string]Capacity{
		`30`:                              {Places: 30},
		`0`:                               {},
		`"auto"`:                          {Auto: true},
		`{"priority":5,"appointment":25}`: {Places: 25, Priority: 5},
		`{"priority":5,"appointment":0}`:  {Priority: 5},
	} {
		var got Capacity
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is read as %+v, %v", text, got, err)
		}
		if back := string(must(json.Marshal(got))); back != text {
			t.Errorf("%s is written as %s", text, back)
		}
	}
	for _, text := range []string{`"30"`, `3.5`, `"Auto"`, `[30]`, `{"priority":"5"}`, `{"walkin":5}`, `true`, `null`} {
		var got struct{ C *Capacity }
		if err := json.Unmarshal([]byte(`{"C":`+text+`}`), &got); err == nil && got.C != nil {
			t.Errorf("%s is read as %+v", text, got.C)
		}
	}
}

func TestReservedPlacesAreThePriorityLanesUntilTheDayBegins(t *testing.T) {
	o := newOffice(t, reserve)
	const slot = "2026-11-24 08:30"
	book := func(priority bool, ids ...string) {
		t.Helper()
		o.do("applicant", Book{Service: "baru", Slot: clock(slot), IDs: ids, Priority: priority})
	}
	full := func(priority bool) {
		t.Helper()
		if got := o.refused("applicant", Book{Service: "baru", Slot: clock(slot), IDs: []string{"x"}, Priority: priority}); got != "slot_full: slot_full" {
			t.Errorf("priority %v: %s", priority, got)
		}
	}
	book(false, "a", "b", "c")
	full(false) // two are left, and kept
	if got := o.place("baru", slot); got.Free != 0 || got.Priority != 2 || got.Capacity != 5 {
		t.Errorf("%+v", got)
	}
	book(true, "p", "q")
	full(true)
	o.do("applicant", Cancel{Ticket: "a"}) // an ordinary one is held, then free
	o.now = o.now.Add(3 * time.Hour)
	o.do("system", ReleasePlaces{})
	if got := o.place("baru", slot); got.Free != 1 || got.Priority != 1 {
		t.Errorf("%+v", got)
	}
	book(true, "r") // the priority lane takes of the ordinary ones when its own are used up
	full(false)
	o.same()

	o = newOffice(t, reserve)
	book(false, "a", "b", "c")
	o.at("2026-11-24 00:00")
	if got := o.place("baru", slot); got.Free != 2 {
		t.Errorf("on the day itself %+v", got)
	}
	book(false, "d", "e")
	full(true)
	o.same()
}

func TestAShorterSlotHasItsPartOfEachLanesPlaces(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.Services[0].SlotCapacity = Capacity{Places: 4, Priority: 2} })
	if got := o.place("baru", "2026-11-24 11:30"); got.Capacity != 3 || got.Free != 2 || got.Priority != 3 {
		t.Errorf("half an hour has %+v", got)
	}
}

func TestWhoWasMovedKeepsTheirLanesRights(t *testing.T) {
	o := newOffice(t, reserve)
	o.do("applicant", Book{Service: "baru", Slot: clock("2026-11-24 08:30"), IDs: []string{"a", "b", "c"}})
	o.do("applicant", Book{Service: "baru", Slot: clock("2026-11-25 07:30"), IDs: []string{"w1", "w2", "w3"}})
	o.do("applicant", Book{Service: "baru", Slot: clock("2026-11-24 08:30"), IDs: []string{"p"}, Priority: true})
	o.do("admin", CloseDay{Date: "2026-11-24", Move: true})
	if got := o.ticket("p").Slot.Start; !got.Equal(clock("2026-11-25 07:30")) {
		t.Errorf("the priority person goes to %s", got)
	}
	if got := o.ticket("a").Slot.Start; !got.Equal(clock("2026-11-25 08:30")) {
		t.Errorf("the family goes to %s", got)
	}
	o.same()
}

// The numbers follow from the formula that docs/operations.md tells.
func TestPlacesFollowFromCountersAndServiceTime(t *testing.T) {
	auto := func(minutes int) func(*Config) {
		return func(c *Config) {
			c.Services[0].SlotCapacity = Capacity{Auto: true}
			c.Services[0].ServiceTime = calendar.Duration(time.Duration(minutes) * time.Minute)
		}
	}
	// Counter 1 has two pairs (baru and tanya at berkas), 2 is for ganti, 3 has
	// two (baru and ganti at wawancara), 4 has four: 1/2+1/4 of an hour each.
	for minutes, want := range map[int]int{5: 9, 9: 5, 10: 4, 45: 1} {
		o := newOffice(t, auto(minutes))
		if got := o.place("baru", "2026-11-24 08:30"); got.Capacity != want {
			t.Errorf("at %d minutes a slot has %d places, want %d", minutes, got.Capacity, want)
		}
		o.same()
	}
	o := newOffice(t, auto(10), func(c *Config) { c.Counters[2].Stages = []string{"berkas"} })
	want := []StagePlaces{{"berkas", 7}, {"wawancara", 1}} // 1/2+1/2+1/4, and 1/4
	if diff := cmp.Diff(want, o.live.Config.CountedPlaces(&o.live.Config.Services[0])); diff != "" {
		t.Error(diff)
	}
	if got := o.place("baru", "2026-11-24 08:30").Capacity; got != 1 {
		t.Errorf("the narrowest stage serves 1, the slot has %d", got)
	}

	c := plan()
	auto(46)(c)
	if errs := c.Prepare(); len(errs) != 1 || errs[0].Field != "services[0].slot_capacity" || !strings.Contains(errs[0].Message, `the stage "berkas"`) {
		t.Errorf("no time for anybody: %v", errs)
	}
	c.Services[0].ServiceTime = 0
	if errs := c.Prepare(); len(errs) != 1 || errs[0].Field != "services[0].service_time" {
		t.Errorf("auto without a service time: %v", errs)
	}
}
