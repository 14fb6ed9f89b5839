package figures

import (
	"math"
	"strconv"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// Report adds up the days of a time. Every number is exact: percentiles are
// those of all waits of the time, not of the days' percentiles.
type Report struct {
	Office   string         `json:"office"`
	Date     calendar.Date  `json:"date,omitempty"` // when it is one day's
	From     calendar.Date  `json:"from"`
	To       calendar.Date  `json:"to"`
	Officer  string         `json:"officer,omitempty"` // whose figures alone they are
	Total    Row            `json:"total"`
	Periods  []Period       `json:"periods"` // days, weeks or months, in their order
	Services map[string]Row `json:"services"`
	Lanes    map[string]Row `json:"lanes"`
	Stages   map[string]Row `json:"stages"`
	Hours    map[string]Row `json:"hours"` // of the office's day, "08"
	Counters map[string]Row `json:"counters"`
	Officers map[string]Row `json:"officers"`
	Reasons  map[string]int `json:"reasons"` // of calls out of turn
}

// Only is the report with one kind of groups: "period", "service", "lane",
// "stage", "hour", "counter" or "officer"; "" is all of them.
func (r *Report) Only(by string) *Report {
	only := *r
	if by == "" {
		return &only
	}
	if by != "period" {
		only.Periods = []Period{}
	}
	for _, group := range []struct {
		name string
		rows *map[string]Row
	}{
		{"service", &only.Services}, {"lane", &only.Lanes}, {"stage", &only.Stages}, {"hour", &only.Hours},
		{"counter", &only.Counters}, {"officer", &only.Officers},
	} {
		if group.name != by {
			*group.rows = map[string]Row{}
		}
	}
	return &only
}

// Period is a day, a week or a month; the first and the last may be cut short.
type Period struct {
	From calendar.Date `json:"from"`
	To   calendar.Date `json:"to"`
	Row
}

// Row is what is counted of a group: of people, of the calls at counters, or of
// both. What a group cannot have is 0: a counter has no arrivals.
type Row struct {
	Officer string `json:"officer,omitempty"` // of a counter, on one day: who had it last

	Tickets   int `json:"tickets"`   // of the day, whatever became of them
	Arrived   int `json:"arrived"`   // checked in or took a number; of a stage: began to wait there
	Done      int `json:"done"`      // went through their last stage
	NoShow    int `json:"no_show"`   // never came, or were not there when called for the last time
	Late      int `json:"late"`      // came after their place was released
	Cancelled int `json:"cancelled"` // gave their place back
	Expired   int `json:"expired"`   // the day ended before their turn
	Released  int `json:"released"`  // places given back because nobody came in time
	Refilled  int `json:"refilled"`  // of such places: taken by others

	Served        int     `json:"served"`          // times somebody's work at a counter was completed
	PerHour       float64 `json:"served_per_hour"` // and counter that was open
	OpenSeconds   int     `json:"open_seconds"`    // of counters, pauses left out
	AbsentReturns int     `json:"absent_returns"`  // times called, not there, and put back to be called again
	Absent        int     `json:"absent"`          // times called and not there, for the last time
	Parked        int     `json:"parked"`          // times let go for a while
	OutOfTurn     int     `json:"out_of_turn"`     // people called out of their turn
	Average       int     `json:"average_seconds"` // of the services

	Waiting Times `json:"waiting"` // until the call
	Walking Times `json:"walking"` // from the call to the desk
	Service Times `json:"service"` // at the desk

	Predictions Predictions `json:"predictions"`
}

// Times are durations in seconds, by nearest rank.
type Times struct {
	Count int `json:"count"`
	P50   int `json:"p50"`
	P90   int `json:"p90"`
}

// Predictions compare what was predicted with what happened, for a sample of
// those who came and were called.
type Predictions struct {
	Count     int `json:"count"`
	Intervals int `json:"intervals"` // of them: an interval was given, not only "about"
	Within    int `json:"within"`    // of those: called within it; eight in ten are meant to be
	ErrorP50  int `json:"error_p50"` // how far the middle was off, in seconds
	ErrorP90  int `json:"error_p90"`
}

// Options choose what a report is about.
type Options struct {
	From, To calendar.Date
	Officer  string // only what this officer did; "": everything
	By       Unit   // of the periods
}

// Unit is how long a period is.
type Unit string

// The units of time.
const (
	ByDay   Unit = "day"
	ByWeek  Unit = "week" // from Monday
	ByMonth Unit = "month"
)

// First is the first date of the unit that a date lies in.
func (u Unit) First(date calendar.Date) calendar.Date {
	switch u {
	case ByWeek:
		return date.AddDays(-(int(date.Weekday()) + 6) % 7)
	case ByMonth:
		return date[:8] + "01"
	}
	return date
}

// Next is the first date of the unit after.
func (u Unit) Next(date calendar.Date) calendar.Date {
	switch u {
	case ByWeek:
		return u.First(date).AddDays(7)
	case ByMonth:
		return u.First(u.First(date).AddDays(31))
	}
	return date.AddDays(1)
}

// tally is a row on its way: the durations are all there.
type tally struct {
	Row
	waiting, walking, service, errors durations
	sum                               int64 // of service
}

// durations are how many there were of each length, in seconds: adding one
// costs nothing, and percentiles need no sorting.
type durations []int32

// longest is the last length that is told from longer ones: a day and a half.
const longest = 129600

func (d *durations) add(seconds int32) {
	seconds = min(max(seconds, 0), longest)
	if int(seconds) >= len(*d) {
		*d = append(*d, make([]int32, int(seconds)+1-len(*d))...)
	}
	(*d)[seconds]++
}

// times are the percentiles.
func (d durations) times() Times {
	var t Times
	for _, c := range d {
		t.Count += int(c)
	}
	rank := func(q int) int { return (t.Count*q + 99) / 100 }
	seen := 0
	for seconds, c := range d {
		before := seen
		seen += int(c)
		if before < rank(50) && rank(50) <= seen {
			t.P50 = seconds
		}
		if before < rank(90) && rank(90) <= seen {
			t.P90 = seconds
			break
		}
	}
	return t
}

// groups are tallies by name.
type groups map[string]*tally

func (g groups) of(name string) *tally {
	t := g[name]
	if t == nil {
		t = &tally{}
		g[name] = t
	}
	return t
}

func (g groups) rows() map[string]Row {
	rows := make(map[string]Row, len(g))
	for name, t := range g {
		if row := t.row(); row != (Row{}) {
			rows[name] = row
		}
	}
	return rows
}

// sums are the tallies of a report.
type sums struct {
	total                                              *tally
	services, lanes, stages, hours, counters, officers groups
	periods                                            map[calendar.Date]*tally
	reasons                                            map[string]int
}

// Sum makes a report of days, which must lie between From and To; a day that is
// nil had no events.
func Sum(office string, days []*Day, o Options) *Report {
	s := &sums{&tally{}, groups{}, groups{}, groups{}, groups{}, groups{}, groups{}, map[calendar.Date]*tally{}, map[string]int{}}
	r := &Report{Office: office, From: o.From, To: o.To, Officer: o.Officer, Periods: []Period{}, Reasons: s.reasons}
	if o.From == o.To {
		r.Date = o.From
	}
	for date := o.By.First(o.From); date <= o.To; date = o.By.Next(date) {
		s.periods[date] = &tally{}
	}
	for _, d := range days {
		if d != nil {
			s.add(d, s.periods[o.By.First(d.Date)], o.Officer)
		}
	}
	for date := o.By.First(o.From); date <= o.To; date = o.By.Next(date) {
		r.Periods = append(r.Periods, Period{max(date, o.From), min(o.By.Next(date).AddDays(-1), o.To), s.periods[date].row()})
	}
	r.Total = s.total.row()
	r.Services, r.Lanes, r.Stages = s.services.rows(), s.lanes.rows(), s.stages.rows()
	r.Hours, r.Counters, r.Officers = s.hours.rows(), s.counters.rows(), s.officers.rows()
	if len(days) == 1 && days[0] != nil {
		for _, span := range days[0].Spans {
			counter := days[0].Names[span.Counter]
			if o.Officer != "" && days[0].Names[span.Officer] != o.Officer {
				continue // who else had it is not theirs to know
			}
			if row, counted := r.Counters[counter]; counted {
				row.Officer = days[0].Names[span.Officer]
				r.Counters[counter] = row
			}
		}
	}
	return r
}

// dayGroups finds a day's tallies by its own numbers, without a map.
type dayGroups struct {
	day    *Day
	groups groups
	known  []*tally
}

func (s *sums) in(d *Day, g groups) *dayGroups { return &dayGroups{d, g, make([]*tally, len(d.Names))} }

func (g *dayGroups) of(name uint16) *tally {
	if g.known[name] == nil {
		g.known[name] = g.groups.of(g.day.Names[name])
	}
	return g.known[name]
}

func (s *sums) add(d *Day, period *tally, officer string) {
	services, lanes, stages := s.in(d, s.services), s.in(d, s.lanes), s.in(d, s.stages)
	counters, officers := s.in(d, s.counters), s.in(d, s.officers)
	var hours [48]*tally
	hour := func(second int32) *tally {
		h := min(max(second/3600, 0), 47) // a hall that is served after midnight
		if hours[h] == nil {
			hours[h] = s.hours.of(hourName(h))
		}
		return hours[h]
	}
	each := func(how func(t *tally), all ...*tally) {
		for _, t := range all {
			how(t)
		}
	}
	next := 0
	for i := range d.Visits {
		v := &d.Visits[i]
		turns := d.Turns[next : next+int(v.Turns)]
		next += int(v.Turns)
		service, lane := services.of(v.Service), lanes.of(v.Lane)
		if officer == "" {
			status := queue.Status(d.Names[v.End])
			s.total.visit(v, status, turns)
			period.visit(v, status, turns)
			service.visit(v, status, turns)
			lane.visit(v, status, turns)
			if v.Arrived >= 0 {
				hour(v.Arrived).visit(v, status, turns)
			}
		}
		for j := range turns {
			t := &turns[j]
			mine := officer == "" || d.Names[t.Officer] == officer
			// Who chose is answerable for that, also when others served.
			if t.Note != 0 && (officer == "" || d.Names[t.Caller] == officer) {
				s.reasons[d.Names[t.Note]]++
				each(func(t *tally) { t.OutOfTurn++ },
					s.total, period, service, lane, stages.of(t.Stage), counters.of(t.Counter), officers.of(t.Caller), hour(t.Called))
			}
			if !mine {
				continue
			}
			if t.Waits >= 0 {
				stages.of(t.Stage).Arrived++
			}
			if t.Called < 0 {
				continue
			}
			each(t.countCall, s.total, period, service, lane, stages.of(t.Stage), counters.of(t.Counter), officers.of(t.Officer))
			// Each figure belongs to the hour in which it began, what was
			// completed to the hour in which that was.
			if t.Waits >= 0 {
				hour(t.Waits).countWait(t)
			}
			hour(t.Called).countAtCounter(t)
			if t.End == Served {
				hour(t.Left).countService(t)
			}
		}
	}
	for _, span := range d.Spans {
		if span.Paused || officer != "" && d.Names[span.Officer] != officer {
			continue
		}
		open := int(span.To - span.From)
		for _, t := range []*tally{s.total, period, counters.of(span.Counter), officers.of(span.Officer)} {
			t.OpenSeconds += open
		}
		for from := span.From; from < span.To; {
			to := min((from/3600+1)*3600, span.To)
			hour(from).OpenSeconds += int(to - from)
			from = to
		}
	}
}

func hourName(h int32) string {
	name := strconv.Itoa(int(h % 24))
	if h%24 < 10 {
		name = "0" + name
	}
	return name
}

// visit counts one person.
func (t *tally) visit(v *Visit, end queue.Status, turns []Turn) {
	t.Tickets++
	if v.Arrived >= 0 {
		t.Arrived++
	}
	switch end {
	case queue.Done:
		t.Done++
	case queue.NoShow:
		t.NoShow++
	case queue.Cancelled:
		t.Cancelled++
	case queue.Expired:
		t.Expired++
	}
	count(&t.Late, v.Late)
	count(&t.Released, v.Released)
	count(&t.Refilled, v.Refilled)
	if v.P90 == 0 || v.Deferred || len(turns) == 0 || turns[0].Called < 0 {
		return
	}
	waited := turns[0].Called - v.Arrived
	t.Predictions.Count++
	if v.P10 != v.P90 {
		t.Predictions.Intervals++
		count(&t.Predictions.Within, v.P10 <= waited && waited <= v.P90)
	}
	t.errors.add(max(waited-v.P50, v.P50-waited))
}

// countCall counts all of a call, for groups that are no hour.
func (c *Turn) countCall(t *tally) {
	if c.Waits >= 0 {
		t.countWait(c)
	}
	t.countAtCounter(c)
	if c.End == Served {
		t.countService(c)
	}
}

func (t *tally) countWait(c *Turn) { t.waiting.add(c.Called - c.Waits) }

func (t *tally) countAtCounter(c *Turn) {
	count(&t.AbsentReturns, c.End == Again)
	count(&t.Absent, c.End == Absent)
	count(&t.Parked, c.End == Released)
	if c.Came >= 0 && !c.Follows {
		t.walking.add(c.Came - c.Called)
	}
}

// countService counts people, and the time of a family once. Whom nobody
// noted as having come was served from the call on.
func (t *tally) countService(c *Turn) {
	t.Served++
	if c.Follows {
		return
	}
	from := c.Came
	if from < 0 {
		from = c.Called
	}
	took := max(0, c.Left-from)
	t.service.add(took)
	t.sum += int64(took)
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

// row is the tally as it is shown.
func (t *tally) row() Row {
	r := t.Row
	r.Waiting, r.Walking, r.Service = t.waiting.times(), t.walking.times(), t.service.times()
	if n := r.Service.Count; n > 0 {
		r.Average = int(t.sum / int64(n))
	}
	if r.OpenSeconds > 0 {
		r.PerHour = math.Round(10*3600*float64(r.Served)/float64(r.OpenSeconds)) / 10
	}
	off := t.errors.times()
	r.Predictions.ErrorP50, r.Predictions.ErrorP90 = off.P50, off.P90
	return r
}
