package calendar

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var bandung = Plan{
	Timezone: "Asia/Jakarta",
	Hours: map[string][]string{
		"mon-thu": {"07:30-12:00", "13:00-16:00"},
		"fri":     {"07:30-11:30", "13:30-16:00"},
	},
	Special:  map[string]Special{"2026-12-24": {Hours: []string{"08:00-11:00"}}, "2026-11-28": {Hours: []string{"09:00-10:00"}}},
	Closures: []string{"2026-12-25"},
}

func compiled(t testing.TB, p Plan) *Hours {
	t.Helper()
	h, errs := Compile(p)
	if len(errs) > 0 {
		t.Fatalf("Compile(%v): %v", p, errs)
	}
	return h
}

func at(t testing.TB, h *Hours, text string) time.Time {
	t.Helper()
	parsed, err := time.ParseInLocation("2006-01-02 15:04:05", text, h.Zone())
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func clock(intervals []Interval) []string {
	var texts []string
	for _, i := range intervals {
		texts = append(texts, i.Start.Format("15:04:05Z07")+" "+i.End.Format("15:04:05Z07"))
	}
	return texts
}

func TestADateHasTheSpansOfItsWeekdayItsSpecialOrItsClosure(t *testing.T) {
	h := compiled(t, bandung)
	for date, want := range map[Date][]string{
		"2026-11-24":  {"07:30:00+07 12:00:00+07", "13:00:00+07 16:00:00+07"},
		"2026-11-27":  {"07:30:00+07 11:30:00+07", "13:30:00+07 16:00:00+07"},
		"2026-11-28":  {"09:00:00+07 10:00:00+07"},
		"2026-11-29":  nil,
		"2026-12-24":  {"08:00:00+07 11:00:00+07"},
		"2026-12-25":  nil,
		"2026-02-30":  nil,
		"no date":     nil,
		"2026-11-240": nil,
	} {
		if diff := cmp.Diff(want, clock(h.Spans(date))); diff != "" {
			t.Errorf("Spans(%s): -want +got\n%s", date, diff)
		}
	}
}

func TestDaysAreNamedSinglyByRangeAndByList(t *testing.T) {
	open := []string{"08:00-09:00"}
	for key, want := range map[string]string{
		"mon":         "mon",
		"mon-wed":     "mon tue wed",
		"sat-mon":     "sun mon sat",
		"mon,wed":     "mon wed",
		"tue-thu,sun": "sun tue wed thu",
		"sun-sat":     "sun mon tue wed thu fri sat",
	} {
		h := compiled(t, Plan{Timezone: "UTC", Hours: map[string][]string{key: open}})
		got := ""
		for d := Date("2026-11-22"); d < "2026-11-29"; d = d.AddDays(1) {
			if len(h.Spans(d)) > 0 {
				got += " " + dayNames[d.Weekday()]
			}
		}
		if got != " "+want {
			t.Errorf("%q opens%s, want %s", key, got, want)
		}
	}
}

func TestTheOfficesOwnDateRules(t *testing.T) {
	h := compiled(t, bandung)
	for utc, want := range map[string]Date{
		"2026-11-23T16:59:59Z": "2026-11-23",
		"2026-11-23T17:00:00Z": "2026-11-24", // midnight in Bandung
		"2026-11-24T00:00:00Z": "2026-11-24", // 07:00, people arrive
		"2026-11-24T00:30:00Z": "2026-11-24",
	} {
		at, err := time.Parse(time.RFC3339, utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Date(at); got != want {
			t.Errorf("Date(%s) = %s, want %s", utc, got, want)
		}
		if number, _ := want.number(); dayNumber(at, h.Zone()) != number {
			t.Errorf("day number of %s = %d, want %d", utc, dayNumber(at, h.Zone()), number)
		}
	}
}

func TestDoorsStayOpenDuringTheBreak(t *testing.T) {
	h := compiled(t, bandung)
	for _, c := range []struct {
		at          string
		open, doors bool
	}{
		{"2026-11-24 07:29:59", false, false},
		{"2026-11-24 07:30:00", true, true},
		{"2026-11-24 11:59:59", true, true},
		{"2026-11-24 12:00:00", false, true},
		{"2026-11-24 13:00:00", true, true},
		{"2026-11-24 16:00:00", false, false},
		{"2026-11-27 11:45:00", false, true},
		{"2026-11-29 10:00:00", false, false},
	} {
		when := at(t, h, c.at)
		if open, doors := h.OpenAt(when), h.DoorsOpen(when); open != c.open || doors != c.doors {
			t.Errorf("%s: open %v, doors %v; want %v, %v", c.at, open, doors, c.open, c.doors)
		}
	}
	opens, closes, ok := h.Bounds("2026-11-24")
	if !ok || !opens.Equal(at(t, h, "2026-11-24 07:30:00")) || !closes.Equal(at(t, h, "2026-11-24 16:00:00")) {
		t.Errorf("Bounds = %v, %v, %v", opens, closes, ok)
	}
	if _, _, ok := h.Bounds("2026-12-25"); ok {
		t.Error("a closed date has bounds")
	}
}

func TestWorkedCountsSpansAndTheHallAfterClosing(t *testing.T) {
	h := compiled(t, bandung)
	for _, c := range []struct {
		name, from, to string
		want           time.Duration
	}{
		{"within a span", "2026-11-24 08:00:00", "2026-11-24 09:00:00", time.Hour},
		{"before the doors open", "2026-11-24 05:00:00", "2026-11-24 07:31:00", time.Minute},
		{"over the break", "2026-11-24 11:50:00", "2026-11-24 13:10:00", 20 * time.Minute},
		{"after the doors are closed", "2026-11-24 15:30:00", "2026-11-24 17:00:00", 90 * time.Minute},
		{"until midnight and from the next opening", "2026-11-24 23:00:00", "2026-11-25 08:00:00", 90 * time.Minute},
		{"over a weekend", "2026-11-20 23:59:00", "2026-11-23 07:31:00", 2 * time.Minute},
		{"on Friday", "2026-11-27 11:00:00", "2026-11-27 14:00:00", time.Hour},
		{"on a closed date", "2026-12-25 08:00:00", "2026-12-25 20:00:00", 0},
		{"backwards", "2026-11-24 09:00:00", "2026-11-24 08:00:00", 0},
	} {
		if got := h.Worked(at(t, h, c.from), at(t, h, c.to), nil); got != c.want {
			t.Errorf("%s: Worked = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestPausesDoNotCount(t *testing.T) {
	h := compiled(t, bandung)
	pause := func(from, to string) Interval {
		p := Interval{Start: at(t, h, "2026-11-24 "+from)}
		if to != "" {
			p.End = at(t, h, "2026-11-24 "+to)
		}
		return p
	}
	for _, c := range []struct {
		name   string
		pauses []Interval
		want   time.Duration // of 08:00 to 15:00, six hours of work
		two    string        // when two hours of work have passed since 08:00
	}{
		{"none", nil, 6 * time.Hour, "10:00:00"},
		{"one", []Interval{pause("09:00:00", "09:30:00")}, 330 * time.Minute, "10:30:00"},
		{"over the break", []Interval{pause("11:30:00", "13:30:00")}, 5 * time.Hour, "10:00:00"},
		{"overlapping and out of order", []Interval{pause("09:15:00", "10:00:00"), pause("09:00:00", "09:30:00")}, 5 * time.Hour, "11:00:00"},
		{"one within another", []Interval{pause("09:00:00", "10:00:00"), pause("09:10:00", "09:20:00")}, 5 * time.Hour, "11:00:00"},
		{"still going on", []Interval{pause("09:00:00", "")}, time.Hour, "never"},
		{"begun before", []Interval{pause("06:00:00", "08:30:00")}, 330 * time.Minute, "10:30:00"},
		{"later", []Interval{pause("15:00:00", "")}, 6 * time.Hour, "10:00:00"},
	} {
		from := at(t, h, "2026-11-24 08:00:00")
		if got := h.Worked(from, at(t, h, "2026-11-24 15:00:00"), c.pauses); got != c.want {
			t.Errorf("%s: Worked = %v, want %v", c.name, got, c.want)
		}
		want := Never()
		if c.two != "never" {
			want = at(t, h, "2026-11-24 "+c.two)
		}
		if got := h.After(from, 2*time.Hour, c.pauses); !got.Equal(want) {
			t.Errorf("%s: After = %v, want %v", c.name, got, want)
		}
	}
}

func TestAroundTheClockDaysJoinWithoutASeam(t *testing.T) {
	h := compiled(t, Plan{Timezone: "Asia/Jakarta", Hours: map[string][]string{"mon-sun": {"00:00-24:00"}}})
	from := at(t, h, "2026-11-24 23:00:00")
	if got := h.Worked(from, from.Add(50*time.Hour), nil); got != 50*time.Hour {
		t.Errorf("Worked = %v, want 50h", got)
	}
	if got, want := h.After(from, 50*time.Hour, nil), from.Add(50*time.Hour); !got.Equal(want) {
		t.Errorf("After = %v, want %v", got, want)
	}
	for _, when := range []string{"2026-11-24 23:59:59", "2026-11-25 00:00:00"} {
		if !h.OpenAt(at(t, h, when)) || !h.DoorsOpen(at(t, h, when)) {
			t.Errorf("closed at %s", when)
		}
	}
}

func TestAfterAndWorkingDayEndInACalendarThatNeverOpens(t *testing.T) {
	h := compiled(t, Plan{Timezone: "Asia/Jakarta", Special: map[string]Special{"2026-11-24": {Hours: []string{"08:00-09:00"}}}})
	if got := h.After(at(t, h, "2026-11-25 08:00:00"), time.Second, nil); !got.Equal(Never()) {
		t.Errorf("After = %v, want never", got)
	}
	if got := h.WorkingDay("2026-11-23", 1); got != "2026-11-24" {
		t.Errorf("WorkingDay = %q, want the special date", got)
	}
	if got := h.WorkingDay("2026-11-24", 1); got != "" {
		t.Errorf("WorkingDay = %q, want none", got)
	}
	if text, err := Never().In(time.FixedZone("", 14*60*60)).MarshalJSON(); err != nil {
		t.Errorf("Never cannot be written as JSON: %s %v", text, err)
	}
}

func TestWorkingDaysSkipWeekendsAndClosures(t *testing.T) {
	h := compiled(t, bandung)
	for _, c := range []struct {
		from Date
		n    int
		want Date
	}{
		{"2026-11-24", 4, "2026-11-28"}, // Saturday's special session counts
		{"2026-11-24", 5, "2026-11-30"},
		{"2026-12-23", 1, "2026-12-24"},
		{"2026-12-24", 1, "2026-12-28"},
		{"2026-11-29", 0, "2026-11-29"},
	} {
		if got := h.WorkingDay(c.from, c.n); got != c.want {
			t.Errorf("WorkingDay(%s, %d) = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestSlotsKeepTheTrueEndOfARemainder(t *testing.T) {
	h := compiled(t, bandung)
	type slot struct {
		Start, End string
		Share      float64
	}
	var got []slot
	for _, s := range h.Slots("2026-11-24", time.Hour) {
		got = append(got, slot{s.Start.Format("15:04"), s.End.Format("15:04"), s.Share})
	}
	want := []slot{
		{"07:30", "08:30", 1}, {"08:30", "09:30", 1}, {"09:30", "10:30", 1}, {"10:30", "11:30", 1}, {"11:30", "12:00", 0.5},
		{"13:00", "14:00", 1}, {"14:00", "15:00", 1}, {"15:00", "16:00", 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := h.Slots("2026-11-24", 0); got != nil {
		t.Errorf("slots without a length: %v", got)
	}
}

func TestAChangeOfTheClockKeepsSpansInOrder(t *testing.T) {
	for _, c := range []struct {
		name, zone string
		date       Date
		spans      []string
		want       []string
	}{
		{"02:00 jumps to 03:00", "Europe/Berlin", "2026-03-29", []string{"01:00-02:30", "02:30-04:00"},
			[]string{"01:00:00+01 03:00:00+02", "03:00:00+02 04:00:00+02"}},
		{"a span that is skipped", "Europe/Berlin", "2026-03-29", []string{"02:00-03:00", "08:00-09:00"},
			[]string{"08:00:00+02 09:00:00+02"}},
		{"03:00 falls back to 02:00", "Europe/Berlin", "2026-10-25", []string{"01:00-02:30", "02:30-04:00"},
			[]string{"01:00:00+02 02:30:00+02", "02:30:00+02 04:00:00+01"}},
		{"a day of 25 hours", "Europe/Berlin", "2026-10-25", []string{"00:00-24:00"},
			[]string{"00:00:00+02 00:00:00+01"}},
		{"midnight jumps to 01:00", "Africa/Cairo", "2026-04-24", []string{"00:00-02:00"},
			[]string{"01:00:00+03 02:00:00+03"}},
		{"midnight falls back to 23:00", "America/Santiago", "2026-04-04", []string{"22:00-24:00"},
			[]string{"22:00:00-03 00:00:00-04"}},
		{"a date that does not exist there", "Pacific/Apia", "2011-12-30", []string{"08:00-16:00"}, nil},
	} {
		h := compiled(t, Plan{Timezone: c.zone, Special: map[string]Special{string(c.date): {Hours: c.spans}}})
		if diff := cmp.Diff(c.want, clock(h.Spans(c.date))); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}

func TestCompileNamesEveryMistakeAndWhatIsAllowed(t *testing.T) {
	_, got := Compile(Plan{
		Timezone: "Asia/Bandung",
		Hours: map[string][]string{
			"mon-thu": {"07:30-12:00", "11:00-16:00"},
			"fri":     {"11:30-07:30", "08:00", "08:00-08:00", "7:30-12:00", "08:00-24:01"},
			"mon":     {"08:00-09:00"},
			"noday":   {"08:00-09:00"},
		},
		Special:  map[string]Special{"2026-02-30": {}, "2026-12-24": {Hours: []string{"25:00-26:00"}}},
		Closures: []string{"2026-12-24", "Christmas"},
	})
	want := []FieldError{
		{"timezone", `"Asia/Bandung" is no time zone (an IANA name like Asia/Jakarta)`},
		{"hours.fri[0]", `"11:30-07:30" ends before it begins (HH:MM-HH:MM)`},
		{"hours.fri[1]", `"08:00" is no span of the day (HH:MM-HH:MM), from 00:00 to 24:00`},
		{"hours.fri[2]", `"08:00-08:00" is empty (HH:MM-HH:MM)`},
		{"hours.fri[3]", `"7:30-12:00" is no span of the day (HH:MM-HH:MM), from 00:00 to 24:00`},
		{"hours.fri[4]", `"08:00-24:01" is no span of the day (HH:MM-HH:MM), from 00:00 to 24:00`},
		{"hours.mon-thu[1]", `"07:30-12:00" and "11:00-16:00" overlap (each begins when the one before has ended)`},
		{"hours.mon-thu", `mon is named by "mon" already (every day at most once)`},
		{"hours.noday", `"noday" names no days of the week (mon, tue, wed, thu, fri, sat, sun, ranges like mon-thu, lists like mon,wed)`},
		{"special.2026-02-30", `"2026-02-30" is no date (YYYY-MM-DD)`},
		{"special.2026-12-24[0]", `"25:00-26:00" is no span of the day (HH:MM-HH:MM), from 00:00 to 24:00`},
		{"closures[0]", `2026-12-24 is named already (every date once, in special or in closures)`},
		{"closures[1]", `"Christmas" is no date (YYYY-MM-DD)`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, zone := range []string{"", "Local", "../etc/passwd"} {
		if _, errs := Compile(Plan{Timezone: zone, Hours: bandung.Hours}); len(errs) != 1 {
			t.Errorf("zone %q: %v", zone, errs)
		}
	}
	if _, errs := Compile(Plan{Timezone: "UTC"}); len(errs) != 1 || errs[0].Field != "hours" {
		t.Errorf("an office that never opens: %v", errs)
	}
}

func TestHoursAreSharedByManyGoroutines(t *testing.T) {
	h := compiled(t, bandung)
	from := at(t, h, "2026-11-24 08:00:00")
	want := compiled(t, bandung).Worked(from, from.AddDate(1, 0, 0), nil)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				if got := h.Worked(from, from.AddDate(1, 0, 0), nil); got != want {
					t.Errorf("Worked = %v, want %v", got, want)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkWorkedOfAWaitingTicket(b *testing.B) {
	h := compiled(b, bandung)
	from, to := at(b, h, "2026-11-24 08:10:00"), at(b, h, "2026-11-24 13:20:00")
	pauses := []Interval{{at(b, h, "2026-11-24 09:00:00"), at(b, h, "2026-11-24 09:10:00")}}
	b.ReportAllocs()
	for b.Loop() {
		h.Worked(from, to, pauses)
	}
}

func BenchmarkAfterOfAWaitingTicket(b *testing.B) {
	h := compiled(b, bandung)
	from := at(b, h, "2026-11-24 11:30:00")
	b.ReportAllocs()
	for b.Loop() {
		h.After(from, time.Hour, nil)
	}
}
