package calendar

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestSlotsTileTheOpeningsOnEveryDay: whatever the clock does that day, the
// slots of a date are exactly its openings, without a gap and without an instant
// that two of them hold; and what is open is working time.
func TestSlotsTileTheOpeningsOnEveryDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		p.Timezone = rapid.SampledFrom([]string{
			"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Australia/Sydney", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo",
		}).Draw(t, "zone")
		h := compiledIn(t, p)
		length := time.Duration(rapid.IntRange(1, 180).Draw(t, "minutes")) * time.Minute
		date := h.Date(drawTime(t, "date"))
		var tiles []Slot
		var open time.Duration
		for _, span := range h.Spans(date) {
			open += span.End.Sub(span.Start)
			for at := span.Start; at.Before(span.End); at = at.Add(length) {
				end := at.Add(length)
				if end.After(span.End) {
					end = span.End
				}
				tiles = append(tiles, Slot{Interval{at, end}, float64(end.Sub(at)) / float64(length)})
			}
		}
		slots := h.Slots(date, length)
		if diff := cmp.Diff(tiles, slots); diff != "" {
			t.Fatalf("%s, -openings +slots:\n%s", date, diff)
		}
		for i, s := range slots {
			if h.Date(s.Start) != date || h.Date(s.End.Add(-1)) != date {
				t.Fatalf("%s has a slot of another date: %v", date, s)
			}
			if i > 0 && s.Start.Before(slots[i-1].End) {
				t.Fatalf("on %s two slots hold %s", date, s.Start)
			}
		}
		if opens, closes, ok := h.Bounds(date); ok {
			if got := h.Worked(opens, closes, nil); got != open {
				t.Fatalf("on %s %s are open and %s is worked", date, open, got)
			}
		}
	})
}

func starts(slots []Slot) (all []string) {
	for _, s := range slots {
		all = append(all, s.Start.Format("15:04Z07"))
	}
	return all
}

func TestSlotsOnTheDayThatTheClockChanges(t *testing.T) {
	night := map[string][]string{"mon-sun": {"01:00-05:00"}}
	for _, c := range []struct {
		zone string
		date Date
		want []string
	}{
		{"Europe/Berlin", "2027-03-28", []string{"01:00+01", "03:00+02", "04:00+02"}},                         // 02:00 is not there
		{"Europe/Berlin", "2026-10-25", []string{"01:00+02", "02:00+02", "02:00+01", "03:00+01", "04:00+01"}}, // 02:00 is there twice
		{"Australia/Sydney", "2026-10-04", []string{"01:00+10", "03:00+11", "04:00+11"}},
		{"Australia/Sydney", "2027-04-04", []string{"01:00+11", "02:00+11", "02:00+10", "03:00+10", "04:00+10"}},
		{"Asia/Jakarta", "2027-03-28", []string{"01:00+07", "02:00+07", "03:00+07", "04:00+07"}},
	} {
		h := compiled(t, Plan{Timezone: c.zone, Hours: night})
		slots := h.Slots(c.date, time.Hour)
		if diff := cmp.Diff(c.want, starts(slots)); diff != "" {
			t.Errorf("%s %s: -want +got\n%s", c.zone, c.date, diff)
		}
		opens, closes, _ := h.Bounds(c.date)
		if got, want := h.Worked(opens, closes, nil), time.Duration(len(c.want))*time.Hour; got != want {
			t.Errorf("%s %s: %s worked, want %s", c.zone, c.date, got, want)
		}
		if got := h.After(opens, closes.Sub(opens), nil); !got.Equal(closes) {
			t.Errorf("%s %s: the day's work is done at %s", c.zone, c.date, got)
		}
	}
}

// Three zones, one country: the same hours on the wall are other instants, and
// each office has its own date.
func TestTheZonesOfIndonesia(t *testing.T) {
	for zone, want := range map[string]struct{ opens, midnight string }{
		"Asia/Jakarta":  {"2026-11-24T00:30:00Z", "2026-11-23T17:00:00Z"},
		"Asia/Makassar": {"2026-11-23T23:30:00Z", "2026-11-23T16:00:00Z"},
		"Asia/Jayapura": {"2026-11-23T22:30:00Z", "2026-11-23T15:00:00Z"},
	} {
		p := bandung
		p.Timezone = zone
		h := compiled(t, p)
		opens, _, _ := h.Bounds("2026-11-24")
		if got := opens.UTC().Format(time.RFC3339); got != want.opens {
			t.Errorf("%s opens at %s, want %s", zone, got, want.opens)
		}
		midnight, err := time.Parse(time.RFC3339, want.midnight)
		if err != nil {
			t.Fatal(err)
		}
		if h.Date(midnight) != "2026-11-24" || h.Date(midnight.Add(-1)) != "2026-11-23" {
			t.Errorf("%s: its date does not change at %s", zone, want.midnight)
		}
	}
}
