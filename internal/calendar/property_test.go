package calendar

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawPlan draws an office in a zone with or without changes of the clock, with
// breaks, short days and days around the clock.
func drawPlan(t *rapid.T) Plan {
	p := Plan{
		Timezone: rapid.SampledFrom([]string{"Asia/Jakarta", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Jayapura"}).Draw(t, "zone"),
		Hours:    map[string][]string{},
	}
	for _, name := range dayNames {
		marks := rapid.SliceOfNDistinct(rapid.IntRange(0, 96), 0, 6, rapid.ID).Draw(t, name)
		slices.Sort(marks)
		spans := []string{}
		for i := 0; i+1 < len(marks); i += 2 {
			spans = append(spans, fmt.Sprintf("%02d:%02d-%02d:%02d", marks[i]/4, marks[i]%4*15, marks[i+1]/4, marks[i+1]%4*15))
		}
		p.Hours[name] = spans
	}
	p.Hours["mon"] = []string{"07:30-12:00"} // it opens some day
	return p
}

// drawTime draws instants around the changes of the clock in March, April and
// October as well as ordinary ones.
func drawTime(t *rapid.T, label string) time.Time {
	start := rapid.SampledFrom([]string{"2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-11-24"}).Draw(t, label+" around")
	day, err := time.Parse(dateLayout, start)
	if err != nil {
		t.Fatal(err)
	}
	return day.Add(time.Duration(rapid.IntRange(0, 3*secondsPerDay).Draw(t, label+" seconds")) * time.Second)
}

func drawPauses(t *rapid.T) []Interval {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Interval {
		start := drawTime(t, "pause")
		return Interval{start, start.Add(time.Duration(rapid.IntRange(0, 36*60).Draw(t, "minutes")) * time.Minute)}
	}), 0, 4).Draw(t, "pauses")
}

func TestAfterIsTheInverseOfWorked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := compiledIn(t, drawPlan(t))
		from, pauses := drawTime(t, "from"), drawPauses(t)
		d := time.Duration(rapid.IntRange(1, 50*60*60).Draw(t, "d")) * time.Second
		until := h.After(from, d, pauses)
		if got := h.Worked(from, until, pauses); got != d {
			t.Fatalf("After %v is %v, but then %v was worked", d, until, got)
		}
		if got := h.Worked(from, until.Add(-time.Second), pauses); got != d-time.Second {
			t.Fatalf("a second before %v %v was worked, want a second less than %v", until, got, d)
		}
	})
}

func TestWorkedIsAdditiveMonotoneAndNeverMoreThanTheTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := compiledIn(t, drawPlan(t))
		times := []time.Time{drawTime(t, "a"), drawTime(t, "b"), drawTime(t, "c")}
		slices.SortFunc(times, time.Time.Compare)
		pauses := drawPauses(t)
		ab, bc, ac := h.Worked(times[0], times[1], pauses), h.Worked(times[1], times[2], pauses), h.Worked(times[0], times[2], pauses)
		if ab+bc != ac {
			t.Fatalf("%v + %v != %v", ab, bc, ac)
		}
		if ab < 0 || ab > times[1].Sub(times[0]) {
			t.Fatalf("%v was worked in %v", ab, times[1].Sub(times[0]))
		}
		if without := h.Worked(times[0], times[2], nil); ac > without {
			t.Fatalf("pauses made %v of %v", ac, without)
		}
	})
}

// TestWorkedAgreesWithCountingMinutes compares with the definition itself,
// evaluated minute by minute on the office's wall clock.
func TestWorkedAgreesWithCountingMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := compiledIn(t, drawPlan(t))
		from := drawTime(t, "from").Truncate(time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(0, 30*60).Draw(t, "minutes")) * time.Minute)
		var want time.Duration
		for m := from; m.Before(to); m = m.Add(time.Minute) {
			_, closes, ok := h.Bounds(h.Date(m))
			if h.OpenAt(m) || ok && !m.Before(closes) {
				want += time.Minute
			}
		}
		if got := h.Worked(from, to, nil); got != want {
			t.Fatalf("Worked(%v, %v) = %v, want %v", from, to, got, want)
		}
	})
}

func TestMidnightsAreWhereTheDateChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := compiledIn(t, drawPlan(t))
		number := dayNumber(drawTime(t, "day"), h.Zone())
		midnight := instant(h.Zone(), number, 0)
		if got := h.Date(midnight); got != dateNumbered(number) {
			t.Fatalf("at %v it is %s, want %s", midnight, got, dateNumbered(number))
		}
		if got := h.Date(midnight.Add(-time.Second)); got != dateNumbered(number-1) {
			t.Fatalf("before %v it is %s, want %s", midnight, got, dateNumbered(number-1))
		}
	})
}

func compiledIn(t *rapid.T, p Plan) *Hours {
	h, errs := Compile(p)
	if len(errs) > 0 {
		t.Fatalf("Compile(%v): %v", p, errs)
	}
	return h
}
