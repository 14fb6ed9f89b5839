package static

import (
	"fmt"
	"strings"
	"time"
)

// ReportPage is read by page "report", at /admin/offices/{office}/report and,
// for an officer's own work, at /staff/figures. Its form GETs date and period.
type ReportPage struct {
	AdminShell
	Own     bool   // of the one who is signed in alone
	Action  string // of the form, and of the links to other days
	Mine    []OfficeLink
	Period  string // "day", "week", "month"
	Date    string // that was asked for
	From    time.Time
	To      time.Time
	Today   bool // the day is not over
	Earlier string
	Later   string // "" when it lies ahead
	CSV     string
	Log     string // the day's story; "" where one may not read it
	Replay  string

	Empty       bool // nothing happened
	Total       ReportRow
	Predictions ReportPredictions
	Tables      []ReportTable
	Reasons     []ReportReason

	Waiting  *WaitingPlot  // of a day
	Load     *LoadPlot     // of a day
	Counters *CountersPlot // of a day
	Periods  *PeriodsPlot  // of several
}

// OfficeLink leads to the same page of another office.
type OfficeLink struct {
	Name, URL string
	Active    bool
}

// ReportTable is one kind of groups. Kind is "period", "hour", "service",
// "lane", "stage", "counter" or "officer".
type ReportTable struct {
	Kind string
	Rows []ReportRow
}

// Work reports whether the table counts work at counters rather than people.
func (t ReportTable) Work() bool {
	return t.Kind == "stage" || t.Kind == "counter" || t.Kind == "officer"
}

// ReportRow is a group's figures; durations are in seconds.
type ReportRow struct {
	Name      string
	From, To  time.Time // of a period
	Arrived   int
	Done      int
	Served    int
	PerHour   float64
	Open      int
	NoShow    int
	Late      int
	Cancelled int
	Expired   int
	Released  int
	Refilled  int
	Returns   int // absent, to be called again
	Absent    int
	Parked    int
	OutOfTurn int
	Waiting   ReportTimes
	Walking   ReportTimes
	Service   ReportTimes
}

// ReportTimes are percentiles.
type ReportTimes struct{ Count, P50, P90 int }

// ReportPredictions compare what was predicted with what happened.
type ReportPredictions struct{ Count, Intervals, Within, ErrorP50 int }

// ReportReason counts calls out of turn for one reason, a word of the log.
type ReportReason struct {
	ID string
	N  int
}

// WaitingPlot is how many waited, every few minutes. Seconds count from
// midnight.
type WaitingPlot struct {
	Begin, End int
	Points     []PlotPoint
	Hours      []PlotHour
}

// PlotPoint is how many waited at a moment.
type PlotPoint struct{ At, N int }

// PlotHour is one hour of the waiting: the most who waited at once, and how
// long those waited who came in it.
type PlotHour struct {
	Hour     int
	Most     int
	P50, P90 int
}

// LoadPlot sets what came against what could be taken.
type LoadPlot struct{ Hours []LoadHour }

// LoadHour is one hour of it.
type LoadHour struct {
	Hour                           int
	Places, Taken, Arrived, Served int
	Counters                       float64 // that were open, on average
}

// CountersPlot is what each counter did.
type CountersPlot struct {
	Begin, End int
	Rows       []CounterRow
}

// CounterRow is one counter's day.
type CounterRow struct {
	Name     string
	Officers []string
	Open     []PlotSpan // Kind "open" or "paused"
	Calls    []PlotSpan // Kind "served", "absent" or "parked"
	Served   int
	Busy     int // seconds with somebody there or on the way
	OpenFor  int // seconds
}

// PlotSpan is a stretch of a counter's line.
type PlotSpan struct {
	From, To int
	Kind     string
}

// PeriodsPlot is how days, weeks or months went, one after the other.
type PeriodsPlot struct{ Rows []ReportRow }

// span is a duration as people say it: "45 dtk", "4 mnt 18 dtk", "38 mnt",
// "1 jam 12 mnt".
func (f formatter) span(seconds int) string {
	switch minutes := (seconds + 30) / 60; {
	case seconds < 60:
		return f.say("unit.seconds", "n", seconds)
	case seconds < 600 && seconds%60 != 0:
		return f.say("unit.minutes", "n", seconds/60) + " " + f.say("unit.seconds", "n", seconds%60)
	case minutes < 60:
		return f.say("unit.minutes", "n", minutes)
	case minutes%60 == 0:
		return f.say("unit.hours", "n", minutes/60)
	default:
		return f.say("unit.hours", "n", minutes/60) + " " + f.say("unit.minutes", "n", minutes%60)
	}
}

// dated is "Senin 24 Nov 2026", or from one date to another.
func (f formatter) dated(from, to time.Time) string {
	if to.IsZero() || from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return f.day(from) + from.Format(" 2006")
	}
	return f.day(from) + " – " + f.day(to) + to.Format(" 2006")
}

// decimal is "5,2", in English "5.2".
func (f formatter) decimal(n float64) string {
	text := fmt.Sprintf("%.1f", n)
	if f.lang == "id" {
		text = strings.ReplaceAll(text, ".", ",")
	}
	return text
}

// exact is "09.42.07", in English "09:42:07".
func (f formatter) exact(t time.Time) string {
	if f.lang == "id" {
		return t.Format("15.04.05")
	}
	return t.Format(time.TimeOnly)
}

// hourWords is "08.00", in English "08:00".
func (f formatter) hourWords(hour int) string {
	return f.clock(time.Date(2000, 1, 1, hour, 0, 0, 0, time.UTC))
}
