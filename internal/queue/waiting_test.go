package queue

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhoLetsPeoplePassComesAfterThem(t *testing.T) {
	for _, c := range []struct {
		name   string
		who    string
		places int
		want   []string
	}{
		{"one", "a", 1, []string{"b", "a", "c", "d"}},
		{"two", "a", 2, []string{"b", "c", "a", "d"}},
		{"more than there are", "b", 9, []string{"a", "c", "d", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t).open("1 ani")
			for i, id := range []string{"a", "b", "c", "d"} {
				o.at("08:0"+string(rune('0'+i))).issue("tanya", id)
			}
			o.at("08:10").do("applicant", Defer{Ticket: c.who, Places: c.places})
			var got []string
			for range c.want {
				called := o.do("ani", Next{Counter: "1"})[0].(*TicketsCalled)
				got = append(got, called.Tickets...)
				o.do("ani", Serve{"1"})
				o.do("ani", Complete{Counter: "1"})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			o.same()
		})
	}
	t.Run("the priority lane does not bring them forward", func(t *testing.T) {
		o := newOffice(t).open("1 ani").issue("tanya", "p!")
		o.at("08:01").issue("tanya", "b").do("applicant", Defer{Ticket: "p", Places: 1})
		if got := o.next("ani", "1"); got != "b arrival" {
			t.Error(got)
		}
		o.do("ani", Serve{"1"})
		if got := o.next("ani", "1"); got != "p priority" {
			t.Error(got)
		}
	})
	t.Run("nobody waits behind", func(t *testing.T) {
		o := newOffice(t).issue("tanya", "a")
		if got := o.refused("applicant", Defer{Ticket: "a", Places: 1}); got != "wrong_state: nobody_behind" {
			t.Error(got)
		}
		if got := o.refused("applicant", Defer{Ticket: "a"}); got != "invalid: places: number_range" {
			t.Error(got)
		}
	})
}

func TestHelpIsAskedOnceAndEndsAtTheCounter(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani").issue("tanya", "a")
	o.do("applicant", AskHelp{"a"})
	if again := o.do("applicant", AskHelp{"a"}); len(again) != 0 || !o.ticket("a").Help.Equal(clock("08:00")) {
		t.Errorf("asked at %s, again: %v", o.ticket("a").Help, again)
	}
	o.next("ani", "1")
	if got := o.refused("applicant", AskHelp{"a"}); got != "wrong_state: not_here" {
		t.Error(got)
	}
	o.do("ani", Serve{"1"})
	if !o.ticket("a").Help.IsZero() {
		t.Error("it still asks while it is served")
	}
	o.same()
}

// Whom somebody lets pass stands before them, whatever the lanes' clocks say.
func TestWhoWasLetPassIsAhead(t *testing.T) {
	o := newOffice(t).open("3 budi").at("08:00").book("ganti", "07:30", "a")
	o.do("desk", CheckIn{Ticket: "a"})
	o.at("08:01").issue("ganti", "w1")
	o.at("08:02").issue("ganti", "w2")
	o.at("08:03").do("applicant", Defer{Ticket: "a", Places: 2})
	for id, want := range map[string]int{"w1": 0, "w2": 1, "a": 2} {
		if got := o.live.Ahead(o.ticket(id)); got != want {
			t.Errorf("%d are ahead of %s, want %d", got, id, want)
		}
	}
	for _, want := range []string{"w1 arrival", "w2 arrival", "a appointment"} {
		if got := o.next("budi", "3"); got != want {
			t.Fatalf("called %s, want %s", got, want)
		}
		o.do("budi", Serve{"3"})
	}
}
