package static

import (
	"html/template"
	"slices"
	"strings"
	"time"
)

// stateWords is what a ticket's state is called on the phone, where the page
// has no better way to show it.
type stateWords struct{ Title, Text string }

func (f formatter) stateCard(v TicketView) stateWords {
	switch v.State {
	case "waiting", "called", "booked":
		return stateWords{}
	}
	id := "ticket.state." + v.State
	return stateWords{f.say(id + ".title"), f.say(id+".text", "counter", v.CounterName)}
}

// ahead is "6 orang di depan".
func (f formatter) ahead(n *int) string {
	if *n == 0 {
		return f.say("ticket.ahead_none")
	}
	return f.say("ticket.ahead", "n", *n)
}

// slot is "Senin 24 Nov 09.00".
func (f formatter) slot(v TicketView) string {
	if v.Slot == nil {
		return ""
	}
	return f.day(v.Slot.Start) + " " + f.clock(v.Slot.Start)
}

func (f formatter) waitOf(w *Wait, at time.Time) interval {
	if w == nil {
		return interval{}
	}
	return f.interval(*w, at)
}

// inHall is whether a ticket of that state is in the queue or being served.
func inHall(state string) bool {
	return slices.Contains([]string{"waiting", "called", "serving", "parked"}, state)
}

// without is whether a ticket of that state has ended without service: it leads
// to no fee and no pickup.
func without(state string) bool {
	return slices.Contains([]string{"cancelled", "no_show", "expired"}, state)
}

// expected is whether a booked ticket's hour is still to come, or under way. On
// a day that the office closed nobody is.
func expected(v TicketView) bool {
	return v.State == "booked" && !v.Late && v.Slot != nil && !v.ChooseNewDay
}

// shownState is the state that decides which parts of the page are shown. Who
// has to choose another day has no hour to come for, and no code to show.
func shownState(v TicketView) string {
	if v.ChooseNewDay {
		return "choosing"
	}
	return v.State
}

// afterNow is whether a slot begins on a later day.
func afterNow(s *Slot, now time.Time) bool {
	return s != nil && s.Start.After(now) && s.Start.YearDay() != now.In(s.Start.Location()).YearDay()
}

// withdrawn is whether the last thing that this ticket's phone showed was a
// call that has been taken back.
func withdrawn(v TicketView) bool {
	return v.State == "waiting" && len(v.Calls) > 0 && v.Calls[0].Withdrawn
}

// hide is the attribute of an element that belongs to other states.
func hide(state string, shownIn ...string) template.HTMLAttr {
	if slices.Contains(shownIn, state) {
		return ""
	}
	return " hidden"
}

// cannot is the attribute of a button that the applicant may not press now.
func cannot(v TicketView, action string) template.HTMLAttr {
	if slices.Contains(v.Can, action) {
		return ""
	}
	return " hidden"
}

// place is a counter's name as the phone shows it.
type place struct{ Label, Place string }

func placeWords(name string) place {
	label, which := placeOf(name)
	return place{label, which}
}

func join(numbers []string) string { return strings.Join(numbers, ", ") }
