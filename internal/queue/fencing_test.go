package queue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Whoever books an identity again fences its former ticket first: from then on
// nothing brings that one back.
func TestATicketWhoseOwnerHasBookedAgainDoesNotComeBack(t *testing.T) {
	missed := func(o *office) {
		served(o)
		for range 3 { // budi's b1 is called again as often as the rules say
			if o.status("b1") == Waiting {
				o.now = o.now.Add(time.Hour)
				o.do("budi", Next{Counter: "3"})
			}
			if o.status("b1") == Called {
				o.do("budi", Miss{"3"})
			}
		}
	}
	for _, c := range []struct {
		name   string
		ticket string
		ended  func(o *office)
		by     string
		back   Ask
		want   string
	}{
		{"missed, brought back by the desk", "b1", missed, "desk", Return{"b1"}, "already_booked: booked_again"},
		{"missed, taken back by the officer", "b1", missed, "budi", UndoLast{"3"}, "already_booked: booked_again"},
		{"served, taken back by the officer", "c1", func(o *office) { served(o); o.do("ani", Complete{Counter: "1"}) }, "ani", UndoLast{"1"}, "already_booked: booked_again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			free := newOffice(t)
			c.ended(free)
			free.do(c.by, c.back)
			if free.status(c.ticket).Ended() {
				t.Fatalf("unfenced it is %s: there was nothing to prevent", free.status(c.ticket))
			}
			o := newOffice(t)
			c.ended(o)
			o.do("system", Void{c.ticket})
			if got := o.refused(c.by, c.back); got != c.want {
				t.Error(got)
			}
		})
	}
	o := newOffice(t)
	o.book("baru", "07:30", "k1", "k2").at("16:01").do("admin", EndDay{Date: monday})
	o.do("system", Void{"k1"})
	o.do("admin", ReopenDay{Date: monday})
	if diff := cmp.Diff([]Status{NoShow, Booked}, []Status{o.status("k1"), o.status("k2")}); diff != "" {
		t.Error("reopening the day:", diff)
	}
}

func TestWhatCannotComeBackIsNotFencedOverAndOver(t *testing.T) {
	o := newOffice(t)
	o.book("baru", "07:30", "k1").at("16:01").do("admin", EndDay{Date: monday})
	if got := o.do("system", Void{"k1"}); len(got) != 1 {
		t.Errorf("the first fence made %v", got)
	}
	if got := o.refused("system", Void{"k1"}); got != "wrong_state: ticket_ended" {
		t.Error(got)
	}
}

func TestFencesAreForgottenAfterAWeekAtTheEarliest(t *testing.T) {
	o := newOffice(t)
	o.do("system", Void{"x"})
	o.do("system", Forget{})
	day := 24 * time.Hour
	for range 7 {
		o.do("system", Forget{})
		if !o.live.Fenced("x") {
			t.Fatalf("forgotten by %s", o.now)
		}
		o.now = o.now.Add(day)
	}
	o.now = o.now.Add(time.Second)
	o.do("system", Void{"y"})
	o.do("system", Forget{})
	if o.live.Fenced("x") || !o.live.Fenced("y") {
		t.Errorf("x is fenced: %t, y: %t", o.live.Fenced("x"), o.live.Fenced("y"))
	}
	o.same()
}
