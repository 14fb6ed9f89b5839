package queue

import (
	"testing"
	"time"

	"antrean/internal/calendar"
)

// A place of a day to come that somebody gave back: everybody may have it once
// its delay is over, its giver's phone and browser only when the whole window is.
func TestAPlaceDoesNotComeBackToItsGiverUnderAnotherName(t *testing.T) {
	const slot, other = "2026-11-24 07:30", "2026-11-24 08:30"
	short := func(c *Config) {
		c.NoShow.FutureReleaseDelay = calendar.DurationRange{Min: calendar.Duration(10 * time.Minute), Max: calendar.Duration(30 * time.Minute)}
		c.Booking.Reschedules = number(5)
	}
	mine := []string{"phone", "browser"}
	given := func(t *testing.T, ask Ask) *office {
		o := newOffice(t, short).book("ganti", slot, "a", "b").book("ganti", "2026-11-25 07:30", "c")
		o.do("applicant", ask)
		o.at("07:40").do("system", ReleasePlaces{})
		if got := o.free("ganti", slot); got != 1 {
			t.Fatalf("%d are free", got)
		}
		return o
	}
	asks := map[string]Ask{
		"cancelled":   Cancel{Ticket: "a", Marks: mine},
		"rescheduled": Reschedule{Ticket: "a", Slot: clock("2026-11-25 07:30"), Marks: mine},
	}
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			o := given(t, ask)
			for _, marks := range [][]string{mine, {"phone"}, {"another phone", "browser"}} {
				if got := o.refused("applicant", Book{Service: "ganti", IDs: []string{"x"}, Slot: clock(slot), Marks: marks}); got != "slot_full: slot_full" {
					t.Errorf("%v: %s", marks, got)
				}
			}
			if got := o.refused("applicant", Reschedule{Ticket: "c", Slot: clock(slot), Marks: mine}); got != "slot_full: slot_full" {
				t.Error(got)
			}
			o.do("applicant", Book{Service: "ganti", IDs: []string{"y"}, Slot: clock(slot), Marks: []string{"another phone"}})
			if o.free("ganti", slot) != 0 {
				t.Error("somebody else's booking took no place")
			}
			o.same()
		})
	}
	t.Run("the earliest is another hour", func(t *testing.T) {
		o := newOffice(t, short)
		soldOut(o)
		o.book("ganti", slot, "a", "b")
		o.do("applicant", Cancel{Ticket: "a", Marks: mine})
		o.at("07:40").do("system", ReleasePlaces{})
		o.do("applicant", Book{Service: "ganti", IDs: []string{"x"}, Marks: mine})
		if got := o.ticket("x").Slot.Start; !got.Equal(clock(other)) {
			t.Errorf("got %s", got)
		}
		o.do("applicant", Book{Service: "ganti", IDs: []string{"y"}})
		if got := o.ticket("y").Slot.Start; !got.Equal(clock(slot)) {
			t.Errorf("somebody else got %s", got)
		}
	})
	t.Run("when the window is over it is like any other", func(t *testing.T) {
		o := given(t, asks["cancelled"])
		if again := o.do("system", ReleasePlaces{}); len(again) != 0 {
			t.Errorf("a second time makes %v", again)
		}
		o.at("07:59:59").do("system", ReleasePlaces{})
		if got := o.refused("applicant", Book{Service: "ganti", IDs: []string{"x"}, Slot: clock(slot), Marks: mine}); got != "slot_full: slot_full" {
			t.Error(got)
		}
		o.at("08:00").do("system", ReleasePlaces{})
		if holds := o.ticket("a").Holds; len(holds) != 0 {
			t.Errorf("kept: %+v", holds)
		}
		o.do("applicant", Book{Service: "ganti", IDs: []string{"x"}, Slot: clock(slot), Marks: mine})
		o.same()
	})
	t.Run("the hour's other places are for all", func(t *testing.T) {
		o := newOffice(t, short).book("ganti", slot, "a")
		o.do("applicant", Cancel{Ticket: "a", Marks: mine})
		o.at("07:40").do("system", ReleasePlaces{})
		o.do("applicant", Book{Service: "ganti", IDs: []string{"x"}, Slot: clock(slot), Marks: mine})
		if got := o.refused("applicant", Book{Service: "ganti", IDs: []string{"y"}, Slot: clock(slot), Marks: mine}); got != "slot_full: slot_full" {
			t.Error(got)
		}
	})
}
