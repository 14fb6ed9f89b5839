package queue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
)

// free is how many places of a slot can be booked.
func (o *office) free(service, slot string) int {
	o.t.Helper()
	s, _ := o.live.Config.Service(service)
	start := clock(slot)
	for _, p := range o.live.Places(s, o.live.Today(start), o.now) {
		if p.Start.Equal(start) {
			return p.Free
		}
	}
	o.t.Fatalf("no slot of %s at %s", service, slot)
	return 0
}

func (o *office) book(service, slot string, ids ...string) *office {
	o.t.Helper()
	o.do("applicant", Book{Service: service, IDs: ids, Slot: clock(slot)})
	return o
}

func soonReschedules(c *Config) {
	c.Booking.RescheduleUntil = calendar.Duration(time.Hour)
	c.Booking.Reschedules = number(2)
}

func TestReschedulingMovesOneTicketByTheRules(t *testing.T) {
	t.Run("another hour of the day keeps the number", func(t *testing.T) {
		o := newOffice(t, soonReschedules).book("baru", "10:30", "a")
		before := o.ticket("a").Number
		o.do("applicant", Reschedule{Ticket: "a", Slot: clock("14:00")})
		if got := o.ticket("a"); got.Number != before || !got.ArriveBy.Equal(clock("14:30")) || got.Reschedules != 1 {
			t.Errorf("%+v", got)
		}
		if o.free("baru", "10:30") != 4 || o.free("baru", "14:00") != 3 {
			t.Error("the place did not move at once on the same day")
		}
		o.same()
	})
	t.Run("another day gives another number and leaves the family", func(t *testing.T) {
		o := newOffice(t, soonReschedules).book("baru", "2026-11-24 07:30", "a", "b").book("baru", "2026-11-25 07:30", "x")
		o.do("applicant", Confirm{"b"})
		o.do("applicant", Reschedule{Ticket: "b", Slot: clock("2026-11-25 07:30")})
		got := o.ticket("b")
		if got.Number != "A-002" || got.Date != "2026-11-25" || got.Party != "" || got.Confirmed || got.PickupFrom != "2026-12-01" {
			t.Errorf("%+v", got)
		}
		if _, found := o.live.ByNumber("2026-11-24", "A-002"); found {
			t.Error("the old number still names a ticket")
		}
		if diff := cmp.Diff([]string{"a"}, ids(o.live.Party(o.ticket("a")))); diff != "" {
			t.Error(diff)
		}
		o.same()
	})
	t.Run("the earliest is found by itself", func(t *testing.T) {
		o := newOffice(t, soonReschedules).book("baru", "2026-11-24 07:30", "a")
		o.do("applicant", Reschedule{Ticket: "a"})
		if got := o.ticket("a"); !got.Slot.Start.Equal(clock("07:30")) || got.Date != monday {
			t.Errorf("%+v", got)
		}
	})
	for _, c := range []struct {
		name  string
		given func(o *office)
		slot  string
		want  string
	}{
		{"the same hour", nil, "10:30", "wrong_state: same_slot"},
		{"a full hour", func(o *office) { o.book("baru", "14:00", "1", "2", "3", "4") }, "14:00", "slot_full: slot_full"},
		{"no hour", nil, "14:10", "outside_hours: no_such_slot"},
		{"too late", func(o *office) { o.at("09:30:01") }, "14:00", "too_late: reschedule_over"},
		{"once more than allowed", func(o *office) {
			o.do("applicant", Reschedule{Ticket: "a", Slot: clock("13:00")})
			o.do("applicant", Reschedule{Ticket: "a", Slot: clock("11:30")})
		}, "14:00", "wrong_state: reschedules_used"},
		{"after the place was released", func(o *office) { o.at("11:01").do("system", ReleasePlaces{}) }, "14:00", "too_late: place_released"},
		{"from the hall", func(o *office) { o.do("desk", CheckIn{Ticket: "a"}) }, "14:00", "wrong_state: not_booked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, soonReschedules).book("baru", "10:30", "a")
			if c.given != nil {
				c.given(o)
			}
			if got := o.refused("applicant", Reschedule{Ticket: "a", Slot: clock(c.slot)}); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestAFuturePlaceReturnsAfterADelayThatNobodyCanGuess(t *testing.T) {
	const slot = "2026-11-24 07:30"
	window := calendar.DurationRange{Min: calendar.Duration(10 * time.Minute), Max: calendar.Duration(20 * time.Minute)}
	give := map[string]Ask{
		"cancelled":   Cancel{Ticket: "a", Luck: uint64(5 * time.Minute / time.Millisecond)},
		"rescheduled": Reschedule{Ticket: "a", Slot: clock("2026-11-25 07:30"), Luck: uint64(5 * time.Minute / time.Millisecond)},
	}
	for name, ask := range give {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, soonReschedules, func(c *Config) { c.NoShow.FutureReleaseDelay = window })
			o.at("08:00").book("baru", slot, "a")
			o.do("applicant", ask)
			o.do("system", ReleasePlaces{})
			if got := o.free("baru", slot); got != 3 {
				t.Errorf("%d are free at once", got)
			}
			o.at("08:14:59").do("system", ReleasePlaces{})
			if got := o.free("baru", slot); got != 3 {
				t.Errorf("%d are free before the delay is over", got)
			}
			o.at("08:15").do("system", ReleasePlaces{})
			if again := o.do("system", ReleasePlaces{}); len(again) != 0 || o.free("baru", slot) != 4 {
				t.Errorf("%d are free afterwards, a second time makes %v", o.free("baru", slot), again)
			}
			o.same()
		})
	}
	for _, luck := range []uint64{0, 1, 1<<63 + 12345, 1<<64 - 1} {
		o := newOffice(t, func(c *Config) { c.NoShow.FutureReleaseDelay = window }).book("baru", slot, "a")
		o.do("applicant", Cancel{Ticket: "a", Luck: luck})
		if delay := o.ticket("a").Holds[0].Until.Sub(o.now); delay < 10*time.Minute || delay > 20*time.Minute {
			t.Errorf("luck %d holds it for %s", luck, delay)
		}
	}
	o := newOffice(t).book("baru", "10:30", "a")
	o.do("applicant", Cancel{Ticket: "a"})
	if o.free("baru", "10:30") != 4 {
		t.Error("a place of today waits")
	}
}
