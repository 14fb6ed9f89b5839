package calendar

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ramadan is bandung with other hours for a month, a Saturday session within
// it, and a holiday at its end.
var ramadan = Plan{
	Timezone: bandung.Timezone, Hours: bandung.Hours,
	Special: map[string]Special{
		"2027-02-08..2027-03-09": {Days: map[string][]string{"mon-wed": {"08:00-12:00", "12:30-15:00"}, "fri": {"08:00-11:30", "12:30-15:30"}}},
		"2027-02-20":             {Hours: []string{"08:00-11:00"}},
		"2027-02-22":             {Hours: []string{"09:00-10:00"}},
		"2027-02-24":             {Hours: []string{}},
		"2027-02-23":             {Days: map[string][]string{"mon": {"01:00-02:00"}}}, // a Tuesday
		"2027-05-01..2027-05-31": {Hours: []string{"10:00-12:00"}},
	},
	Closures: []string{"2027-03-09"},
}

func TestARangeOfDatesHasItsOwnHours(t *testing.T) {
	h := compiled(t, ramadan)
	for date, want := range map[Date][]string{
		"2027-02-05": {"07:30:00+07 11:30:00+07", "13:30:00+07 16:00:00+07"}, // the Friday before
		"2027-02-08": {"08:00:00+07 12:00:00+07", "12:30:00+07 15:00:00+07"},
		"2027-02-11": {"07:30:00+07 12:00:00+07", "13:00:00+07 16:00:00+07"}, // Thursdays are not named
		"2027-02-12": {"08:00:00+07 11:30:00+07", "12:30:00+07 15:30:00+07"},
		"2027-02-13": nil,                                                    // a Saturday
		"2027-02-20": {"08:00:00+07 11:00:00+07"},                            // the one with a session
		"2027-02-22": {"09:00:00+07 10:00:00+07"},                            // a date goes before its range
		"2027-02-23": {"08:00:00+07 12:00:00+07", "12:30:00+07 15:00:00+07"}, // as in its range
		"2027-02-24": nil,
		"2027-03-08": {"08:00:00+07 12:00:00+07", "12:30:00+07 15:00:00+07"},
		"2027-03-09": nil, // a closure goes before all
		"2027-03-10": {"07:30:00+07 12:00:00+07", "13:00:00+07 16:00:00+07"},
		"2027-05-01": nil, // a Saturday: a list opens no day that is closed usually
		"2027-05-03": {"10:00:00+07 12:00:00+07"},
	} {
		if diff := cmp.Diff(want, clock(h.Spans(date))); diff != "" {
			t.Errorf("Spans(%s): -want +got\n%s", date, diff)
		}
	}
}

func TestMistakesInRangesAreNamed(t *testing.T) {
	_, got := Compile(Plan{Timezone: "Asia/Jakarta", Hours: bandung.Hours, Special: map[string]Special{
		"2027-02-08..2027-03-09":   {Days: map[string][]string{"mon": {"08:00"}, "someday": {"08:00-09:00"}}},
		"2027-03-09..2027-03-10":   {Hours: []string{"08:00-09:00"}},
		"2027-04-02..2027-04-01":   {Hours: []string{"08:00-09:00"}},
		"2027-04-01..":             {Hours: []string{"08:00-09:00"}},
		"2027-06-01..2028-06-01":   {Hours: []string{"08:00-09:00"}},
		"2027-07-01":               {Hours: []string{}, Days: map[string][]string{"mon": {"08:00-09:00"}}},
		"2027-08-01..2027-08-02..": {},
	}})
	want := []FieldError{
		{"special.2027-02-08..2027-03-09.mon[0]", `"08:00" is no span of the day (HH:MM-HH:MM), from 00:00 to 24:00`},
		{"special.2027-02-08..2027-03-09.someday", `"someday" names no days of the week (mon, tue, wed, thu, fri, sat, sun, ranges like mon-thu, lists like mon,wed)`},
		{"special.2027-03-09..2027-03-10", `2027-03-09 lies in "2027-02-08..2027-03-09" already (ranges do not overlap)`},
		{"special.2027-04-01..", `"2027-04-01.." is no date and no range of dates (YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD)`},
		{"special.2027-04-02..2027-04-01", `"2027-04-02..2027-04-01" ends before it begins (YYYY-MM-DD..YYYY-MM-DD)`},
		{"special.2027-06-01..2028-06-01", `"2027-06-01..2028-06-01" is too long (at most 366 days)`},
		{"special.2027-08-01..2027-08-02..", `"2027-08-01..2027-08-02.." is no date and no range of dates (YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD)`},
		{"special.2027-07-01", `hours and days of the week are given (one of them)`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
