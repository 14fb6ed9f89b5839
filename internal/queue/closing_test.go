package queue

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAClosedDaysPeopleAreMovedInTheirOrder(t *testing.T) {
	const tomorrow = "2026-11-24 "
	o := newOffice(t).book("ganti", tomorrow+"08:30", "late").book("ganti", tomorrow+"07:30", "f1", "f2").book("ganti", tomorrow+"08:30", "alone")
	o.book("ganti", "2026-11-25 07:30", "there")
	o.do("applicant", Confirm{"late"})
	o.do("admin", CloseDay{Date: "2026-11-24", Move: true})
	for id, want := range map[string]string{
		"f1": "2026-11-25 08:30 B-003", "f2": "2026-11-25 08:30 B-004", // together, because 07:30 has room for one
		"late": "2026-11-25 07:30 B-002", "alone": "2026-11-25 09:30 B-005",
	} {
		got := o.ticket(id)
		if has := got.Slot.Start.In(jakarta).Format("2006-01-02 15:04 ") + got.Number; has != want {
			t.Errorf("%s is moved to %s, want %s", id, has, want)
		}
		if got.MovedFrom.IsZero() || got.Reschedules != 0 || got.Status != Booked || got.Confirmed || got.NewDay {
			t.Errorf("%+v", got)
		}
	}
	if diff := cmp.Diff([]string{"f1", "f2"}, ids(o.live.Party(o.ticket("f1")))); diff != "" {
		t.Error(diff)
	}
	o.same()
	// Whom that does not suit chooses again, and it is not counted.
	o.at("2026-11-25 07:00").do("applicant", Reschedule{Ticket: "alone", Slot: clock("2026-11-26 07:30")})
	if got := o.ticket("alone"); got.Reschedules != 0 || !got.MovedFrom.IsZero() {
		t.Errorf("%+v", got)
	}
}

func TestAClosedDaysPeopleMayChoose(t *testing.T) {
	o := newOffice(t).at("08:00").book("ganti", "08:30", "in").book("ganti", "10:30", "out")
	o.do("desk", CheckIn{Ticket: "in"})
	o.do("admin", CloseDay{Date: monday})
	if o.ticket("in").NewDay || o.status("in") != Waiting {
		t.Error("who is in the hall is not served")
	}
	if !o.ticket("out").NewDay || o.status("out") != Booked {
		t.Errorf("%+v", o.ticket("out"))
	}
	o.at("11:30").do("system", ReleasePlaces{})
	if o.ticket("out").Released {
		t.Error("who cannot come is called late")
	}
	o.do("applicant", Reschedule{Ticket: "out", Slot: clock("2026-11-24 07:30")})
	if got := o.ticket("out"); got.NewDay || got.Reschedules != 0 {
		t.Errorf("%+v", got)
	}
	o.same()
}

func TestWhoDidNotChooseIsNoNoShow(t *testing.T) {
	o := newOffice(t).book("ganti", "10:30", "a").book("ganti", "13:00", "b")
	o.do("admin", CloseDay{Date: monday})
	o.at("12:00").do("admin", ReopenDay{monday})
	if o.ticket("a").NewDay {
		t.Error("the day takes place, and people are told to choose another")
	}
	o.do("admin", CloseDay{Date: monday})
	o.at("16:30").do("admin", EndDay{Date: monday})
	if o.status("a") != Expired {
		t.Errorf("a is %s", o.status("a"))
	}
	o.same()
}

// A horizon without room leaves people a choice of their own.
func TestWhoFitsNowhereIsAsked(t *testing.T) {
	o := newOffice(t).book("ganti", "2026-11-26 07:30", "a")
	o.do("admin", CloseDay{Date: "2026-11-26", Move: true})
	if got := o.ticket("a"); !got.NewDay || !got.MovedFrom.IsZero() {
		t.Errorf("%+v", got)
	}
	o.same()
}
