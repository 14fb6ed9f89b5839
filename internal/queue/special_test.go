package queue

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
)

func TestASaturdaySessionHasItsOwnPlaces(t *testing.T) {
	o := newOffice(t, func(c *Config) {
		c.Booking.Horizon = calendar.Duration(10 * 24 * 3600e9)
		c.Special = map[string]Special{
			"2026-11-24..2026-11-30": {SlotCapacity: map[string]Capacity{"baru": {Places: 2}}},
			"2026-11-28":             {Special: calendar.Special{Hours: []string{"08:00-10:00"}}, SlotCapacity: map[string]Capacity{"ganti": {Places: 9, Priority: 1}}},
			"2026-11-26":             {SlotCapacity: map[string]Capacity{"baru": {}}},
		}
	})
	for _, c := range []struct {
		service, start string
		want           int
	}{
		{"baru", "2026-11-24 08:30", 2},
		{"baru", "2026-11-28 08:00", 2},
		{"ganti", "2026-11-28 09:00", 10},
		{"ganti", "2026-11-27 08:30", 2},
		{"baru", "2026-11-26 08:30", 0},
		{"baru", "2026-12-01 08:30", 4},
	} {
		if got := o.place(c.service, c.start).Capacity; got != c.want {
			t.Errorf("%s at %s has %d places, want %d", c.service, c.start, got, c.want)
		}
	}
	// A supervisor's change goes before, and taking it back leads to the date's own.
	o.do("admin", SetCapacity{Date: "2026-11-28", Service: "ganti", Places: Capacity{Places: 1}})
	if got := o.place("ganti", "2026-11-28 09:00").Capacity; got != 1 {
		t.Errorf("changed to %d", got)
	}
	o.do("admin", SetCapacity{Date: "2026-11-28", Service: "ganti", Usual: true})
	if got := o.place("ganti", "2026-11-28 09:00").Capacity; got != 10 {
		t.Errorf("back to %d", got)
	}
	// The numbers at the door come after those of the date's places.
	if got := o.at("2026-11-28 08:30").issue("ganti", "w").ticket("w").Number; got != "B-021" {
		t.Errorf("at the door: %s", got)
	}
	o.same()
}

func TestSpecialDatesReadBackAsTheyWereWritten(t *testing.T) {
	for text, want := range map[string]Special{
		`["08:00-11:00"]`: {Special: calendar.Special{Hours: []string{"08:00-11:00"}}},
		`[]`:              {Special: calendar.Special{Hours: []string{}}},
		`{"fri":["08:00-11:00"],"mon-thu":["08:00-15:00"]}`: {Special: calendar.Special{Days: map[string][]string{"mon-thu": {"08:00-15:00"}, "fri": {"08:00-11:00"}}}},
		`{"slot_capacity":{"baru":3}}`:                      {SlotCapacity: map[string]Capacity{"baru": {Places: 3}}},
		`{"hours":[],"slot_capacity":{"baru":0}}`:           {Special: calendar.Special{Hours: []string{}}, SlotCapacity: map[string]Capacity{"baru": {}}},
		`{"sat":["08:00-11:00"],"slot_capacity":{"baru":{"priority":1,"appointment":2}}}`: {
			Special: calendar.Special{Days: map[string][]string{"sat": {"08:00-11:00"}}}, SlotCapacity: map[string]Capacity{"baru": {Places: 2, Priority: 1}}},
	} {
		var got Special
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
		if back := string(must(json.Marshal(got))); back != text {
			t.Errorf("%s is written as %s", text, back)
		}
	}
	// A day without hours was written null once.
	var c Config
	if err := json.Unmarshal([]byte(`{"special":{"2026-12-24":null}}`), &c); err != nil || c.Special["2026-12-24"].Hours == nil {
		t.Errorf("null is read as %+v, %v", c.Special, err)
	}
}
