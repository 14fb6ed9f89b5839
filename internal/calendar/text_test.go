package calendar

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestDurationsAreReadAndWrittenShortest(t *testing.T) {
	for text, want := range map[string]struct {
		length   time.Duration
		shortest string
	}{
		"90s":         {90 * time.Second, "90s"},
		"60m":         {time.Hour, "1h"},
		"24h":         {24 * time.Hour, "1d"},
		"30d":         {30 * 24 * time.Hour, "30d"},
		"1h30m":       {90 * time.Minute, "90m"},
		"1d1h":        {25 * time.Hour, "25h"},
		"1h0m1s":      {time.Hour + time.Second, "1h1s"},
		"0s":          {0, "0s"},
		"500ms":       {500 * time.Millisecond, "500ms"},
		"2h15m30s1ms": {2*time.Hour + 15*time.Minute + 30*time.Second + time.Millisecond, "8130s1ms"},
	} {
		d, err := ParseDuration(text)
		if err != nil || d.D() != want.length {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", text, d.D(), err, want.length)
		}
		if d.String() != want.shortest {
			t.Errorf("%q is written %q, want %q", text, d, want.shortest)
		}
	}
	for _, text := range []string{"", "5", "m", "-5m", "5 m", "5m5h", "5m5m", "1.5h", "5w", "5m ", "999999999999d", "99999999999999999999s"} {
		if d, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want a refusal", text, d)
		}
	}
}

func TestRangesAndWorkingDaysAreReadAndWritten(t *testing.T) {
	type all struct {
		Range DurationRange
		Days  WorkingDays
	}
	for text, want := range map[string]all{
		`{"Range":"10m-2h","Days":"4 working days"}`: {DurationRange{Duration(10 * time.Minute), Duration(2 * time.Hour)}, 4},
		`{"Range":"30m","Days":"1 working day"}`:     {DurationRange{Duration(30 * time.Minute), Duration(30 * time.Minute)}, 1},
		`{"Range":"0s-1m","Days":""}`:                {DurationRange{0, Duration(time.Minute)}, 0},
	} {
		var got all
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
		if written, err := json.Marshal(want); err != nil || string(written) != text {
			t.Errorf("%v is written %s, %v", want, written, err)
		}
	}
	for _, text := range []string{"", "-", "10m-", "-10m", "2h-10m", "10m-20m-30m"} {
		if err := new(DurationRange).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("range %q is accepted", text)
		}
	}
	for _, text := range []string{"4", "4 days", "-1 working days", "366 working days", " 4 working days", "4 working days "} {
		if err := new(WorkingDays).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("working days %q are accepted", text)
		}
	}
}

func TestDatesStepOverMonthsAndYears(t *testing.T) {
	for _, c := range []struct {
		from Date
		n    int
		want Date
	}{
		{"2026-12-31", 1, "2027-01-01"}, {"2028-02-28", 1, "2028-02-29"}, {"2026-03-01", -1, "2026-02-28"},
		{"1969-12-31", 1, "1970-01-01"}, {"nonsense", 1, "nonsense"},
	} {
		if got := c.from.AddDays(c.n); got != c.want {
			t.Errorf("%s%+d = %s, want %s", c.from, c.n, got, c.want)
		}
	}
	if got := Date("2026-11-24").Weekday(); got != time.Tuesday {
		t.Errorf("24 November 2026 is a %v", got)
	}
	if got := Date("1969-12-31").Weekday(); got != time.Wednesday {
		t.Errorf("31 December 1969 is a %v", got)
	}
	for _, text := range []string{"", "2026-13-01", "2026-1-1", "2026-02-29", "24-11-2026"} {
		if _, err := ParseDate(text); err == nil {
			t.Errorf("ParseDate(%q) succeeds", text)
		}
	}
	if end := Date("9999-12-31").AddDays(1); end <= "9999-12-31" || end.Valid() {
		t.Errorf("after the last date comes %q", end)
	}
}

func TestEveryDurationSurvivesItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Duration(rapid.Int64Range(0, int64(400*24*time.Hour/time.Millisecond)).Draw(t, "ms")) * Duration(time.Millisecond)
		if got, err := ParseDuration(d.String()); err != nil || got != d {
			t.Fatalf("%v is written %q and read as %v, %v", d.D(), d, got.D(), err)
		}
	})
}

// FuzzTexts holds that what the text types accept, they write and read back as
// the same value.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{"90s", "1h30m", "10m-120m", "4 working days", "1 working day", "", "9223372036854ms", "-", "0d-0ms"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d, d2 Duration
		if d.UnmarshalText([]byte(text)) == nil {
			if err := d2.UnmarshalText([]byte(d.String())); err != nil || d2 != d || d < 0 {
				t.Errorf("duration %q: %v, then %v, %v", text, d, d2, err)
			}
		}
		var r, r2 DurationRange
		if r.UnmarshalText([]byte(text)) == nil {
			if err := r2.UnmarshalText([]byte(r.String())); err != nil || r2 != r || r.Max < r.Min {
				t.Errorf("range %q: %v, then %v, %v", text, r, r2, err)
			}
		}
		var w, w2 WorkingDays
		if w.UnmarshalText([]byte(text)) == nil {
			if err := w2.UnmarshalText([]byte(w.String())); err != nil || w2 != w || w < 0 {
				t.Errorf("working days %q: %v, then %v, %v", text, w, w2, err)
			}
		}
		if date, err := ParseDate(text); err == nil {
			if back := date.AddDays(1).AddDays(-1); back != date && date.AddDays(1).Valid() {
				t.Errorf("date %q: there and back is %q", text, back)
			}
		}
	})
}

// FuzzCompile holds that no plan, however wrong, is accepted with disordered
// spans, and that every refusal names a field and says something readable.
func FuzzCompile(f *testing.F) {
	f.Add("Asia/Jakarta", "mon-thu", "07:30-12:00", "13:00-16:00", "2026-12-24", "2026-12-25")
	f.Add("Europe/Berlin", "sat-mon,wed", "00:00-24:00", "11:30-07:30", "2026-03-29", "x")
	f.Add("", "", "", "", "", "")
	f.Fuzz(func(t *testing.T, zone, key, first, second, special, closure string) {
		h, errs := Compile(Plan{
			Timezone: zone,
			Hours:    map[string][]string{key: {first, second}},
			Special:  map[string]Special{special: {Hours: []string{second}}, special + ".." + closure: {Days: map[string][]string{key: {first}}}},
			Closures: []string{closure},
		})
		if (h == nil) != (len(errs) > 0) {
			t.Fatalf("hours %v with errors %v", h, errs)
		}
		for _, e := range errs {
			if e.Field == "" || e.Message == "" || utf8.ValidString(zone+key+first+second+special+closure) && !utf8.ValidString(e.Message) {
				t.Errorf("refusal %q", e)
			}
		}
		if h == nil {
			return
		}
		for _, d := range []Date{Date(special), Date(special).AddDays(1), "2026-03-29", "2026-11-24"} {
			spans := h.Spans(d)
			for i, s := range spans {
				if !s.Start.Before(s.End) || i > 0 && s.Start.Before(spans[i-1].End) || h.Date(s.Start) != d {
					t.Errorf("%s: spans %v", d, spans)
				}
			}
		}
	})
}
