package queue

import (
	"strings"
	"testing"
	"time"

	"antrean/internal/calendar"

	"github.com/google/go-cmp/cmp"
)

// What is shown before anybody presses is what the presses then do.
func TestComingCallsAreThoseThatTheCountersMake(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani, 4 budi").issue("tanya", "a", "b!", "c", "d!", "e", "f", "g!")
	before := snapshot(t, o.live)
	var shown, called []string
	for _, turn := range o.live.Coming(5, o.now) {
		shown = append(shown, strings.Join(ids(turn.Tickets), "+")+" "+string(turn.Why))
	}
	if diff := cmp.Diff(before, snapshot(t, o.live)); diff != "" {
		t.Errorf("looking ahead changed the office: %s", diff)
	}
	for press := range shown {
		counter, officer := "1", "ani"
		if press%2 == 1 {
			counter, officer = "4", "budi"
		}
		if press > 1 {
			o.do(officer, Serve{Counter: counter})
		}
		called = append(called, o.next(officer, counter))
	}
	if diff := cmp.Diff(shown, called); diff != "" || len(shown) != 5 {
		t.Errorf("shown and called differ: %s", diff)
	}
	if more := o.live.Coming(100, o.now); len(more) != 2 {
		t.Errorf("%d calls are to come, not the 2 who are left", len(more))
	}
}

func TestAnOfficeUnderOtherRulesIsOnlyLookedAt(t *testing.T) {
	o := newOffice(t).at("08:00").issue("tanya", "a")
	before := snapshot(t, o.live)
	other := plan(func(c *Config) { c.Booking.Slot = calendar.Duration(30 * time.Minute) })
	then, date := o.live.Under(other), o.live.Today(o.now)
	service, _ := other.Service("baru")
	if was, will := len(o.live.Places(service, date, o.now)), len(then.Places(service, date, o.now)); will <= was {
		t.Errorf("%d slots of half an hour, %d of an hour", will, was)
	}
	if diff := cmp.Diff(before, snapshot(t, o.live)); diff != "" {
		t.Errorf("looking changed the office: %s", diff)
	}
}
