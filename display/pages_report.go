package display

import (
	"maps"
	"math"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/figures"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// reportPage is the figures of an office.
func (a *App) reportPage(c *fiber.Ctx, v visit) error {
	shell, err := a.adminShell(c, v.who, v.id, "reports")
	if err != nil {
		return err
	}
	p := static.ReportPage{AdminShell: shell, Action: "/admin/offices/" + v.id + "/report"}
	return a.showReport(c, v, p)
}

// ownPage is what an officer did: at one office at a time.
func (a *App) ownPage(c *fiber.Ctx, who staff.Session) error {
	if who.User == "" {
		return forbidden("")
	}
	office := c.Query("office")
	var mine []static.OfficeLink
	err := a.eachOffice(c.UserContext(), func(s *queue.State, _ time.Time) {
		if !staff.May(who, staff.Serve, s.Office) {
			return
		}
		if office == "" {
			office = s.Office
		}
		mine = append(mine, static.OfficeLink{Name: s.Config.Name, URL: "/staff/figures?office=" + url.QueryEscape(s.Office), Active: s.Office == office})
	})
	if err != nil {
		return err
	}
	if office == "" || !staff.May(who, staff.Serve, office) {
		return forbidden("")
	}
	o, err := a.open(c.UserContext(), office)
	if err != nil {
		return err
	}
	shell, err := a.adminShell(c, who, office, "")
	if err != nil {
		return err
	}
	p := static.ReportPage{AdminShell: shell, Own: true, Mine: mine, Action: "/staff/figures"}
	return a.showReport(c, visit{who, o, office}, p)
}

func (a *App) showReport(c *fiber.Ctx, v visit, p static.ReportPage) error {
	var today calendar.Date
	now := a.Offices.Now()
	v.office.Read(func(s *queue.State) { today = s.Today(now) })
	p.Date, p.Period = c.Query("date", string(today)), c.Query("period", "day")
	status := fiber.StatusOK
	ask, err := a.askReport(c, v)
	if err != nil {
		if f := classify(err); f.status != fiber.StatusUnprocessableEntity {
			return err
		}
		status, p.Problem = fiber.StatusUnprocessableEntity, a.say(p.Lang, "problem.invalid")
		ask = reportAsk{Options: figures.Options{From: today, To: today, By: figures.ByDay}}
		p.Period = "day"
	}
	if p.Own {
		ask.Officer = v.who.User
	}
	r, err := a.countReport(c, v, &ask)
	if err != nil {
		return err
	}
	v.office.Read(func(s *queue.State) { a.viewReport(s, &p, r, ask.days, today, now) })
	a.reportLinks(&p, v, r, today)
	return a.page(c, status, "report", p)
}

// reportLinks lead to the times before and after, and to the same in other forms.
func (a *App) reportLinks(p *static.ReportPage, v visit, r *figures.Report, today calendar.Date) {
	link := func(base string, pairs ...string) string {
		query := url.Values{}
		if p.Own && base == p.Action {
			query.Set("office", v.id)
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			query.Set(pairs[i], pairs[i+1])
		}
		return base + "?" + query.Encode()
	}
	p.Earlier = link(p.Action, "date", string(r.From.AddDays(-1)), "period", p.Period)
	if next := r.To.AddDays(1); next <= today {
		p.Later = link(p.Action, "date", string(next), "period", p.Period)
	}
	csv := []string{"from", string(r.From), "to", string(r.To), "format", "csv"}
	if p.Own {
		csv = append(csv, "officer", v.who.User)
	}
	if r.From == r.To && !p.Own && !p.Empty && staff.May(v.who, staff.SeeLog, v.id) {
		p.Log = "/admin/offices/" + v.id + "/log?date=" + string(r.From)
		p.Replay = "/admin/offices/" + v.id + "/replay?date=" + string(r.From)
	}
	p.CSV = link("/api/v1/offices/"+v.id+"/report", csv...)
}

// viewReport fills the page with what was counted.
func (a *App) viewReport(s *queue.State, p *static.ReportPage, r *figures.Report, days []*figures.Day, today calendar.Date, now time.Time) {
	zone := s.Config.Calendar().Zone()
	day := func(date calendar.Date) time.Time {
		at, _ := time.ParseInLocation(time.DateOnly, string(date), zone) // valid
		return at
	}
	p.From, p.To, p.Today = day(r.From), day(r.To), r.From <= today && today <= r.To
	p.Total, p.Empty = viewRow("", r.Total), r.Total == figures.Row{}
	if p.Empty {
		p.Today = false
		return
	}
	t := r.Total.Predictions
	if !p.Own {
		p.Predictions = static.ReportPredictions{Count: t.Count, Intervals: t.Intervals, Within: t.Within, ErrorP50: t.ErrorP50}
	}
	for _, note := range slices.Sorted(maps.Keys(r.Reasons)) {
		p.Reasons = append(p.Reasons, static.ReportReason{ID: note, N: r.Reasons[note]})
	}
	if len(r.Periods) > 1 {
		table := static.ReportTable{Kind: "period"}
		for _, period := range r.Periods {
			row := viewRow("", period.Row)
			row.From, row.To = day(period.From), day(period.To)
			table.Rows = append(table.Rows, row)
		}
		if !p.Own {
			p.Periods = &static.PeriodsPlot{Rows: table.Rows}
		}
		p.Tables = append(p.Tables, table)
	}
	names := groupNames{s.Config, p.Lang, a}
	for _, group := range []struct {
		kind string
		rows map[string]figures.Row
		own  bool
	}{
		{"hour", r.Hours, false}, {"service", r.Services, false}, {"lane", r.Lanes, false},
		{"stage", r.Stages, true}, {"counter", r.Counters, true}, {"officer", r.Officers, false},
	} {
		if p.Own && !group.own || len(group.rows) == 0 {
			continue
		}
		p.Tables = append(p.Tables, names.table(group.kind, group.rows))
	}
	if len(days) == 1 && days[0] != nil && r.From == r.To && !p.Own {
		seen := math.MaxInt32
		if p.Today {
			seen = int(now.Sub(days[0].Zero) / time.Second)
		}
		p.Waiting, p.Load, p.Counters = plotWaiting(days[0], r, seen), plotLoad(days[0], r), plotCounters(s, days[0], seen)
	}
}

func viewRow(name string, r figures.Row) static.ReportRow {
	times := func(t figures.Times) static.ReportTimes { return static.ReportTimes(t) }
	return static.ReportRow{
		Name: name, Arrived: r.Arrived, Done: r.Done, Served: r.Served, PerHour: r.PerHour, Open: r.OpenSeconds,
		NoShow: r.NoShow, Late: r.Late, Cancelled: r.Cancelled, Expired: r.Expired, Released: r.Released, Refilled: r.Refilled,
		Returns: r.AbsentReturns, Absent: r.Absent, Parked: r.Parked, OutOfTurn: r.OutOfTurn,
		Waiting: times(r.Waiting), Walking: times(r.Walking), Service: times(r.Service),
	}
}

// groupNames are what the groups of a report are called; one that the office
// has no more keeps its id.
type groupNames struct {
	config *queue.Config
	lang   string
	app    *App
}

func (n groupNames) of(kind, id string) string {
	switch kind {
	case "hour":
		if n.lang == "id" {
			return id + ".00"
		}
		return id + ":00"
	case "lane":
		return n.app.say(n.lang, "lane."+id)
	case "service":
		if s, ok := n.config.Service(id); ok {
			return s.Name.In(n.lang)
		}
	case "stage":
		if s, ok := n.config.Stage(id); ok {
			return s.Name.In(n.lang)
		}
	case "counter":
		if k, ok := n.config.Counter(id); ok {
			return k.Name
		}
	}
	return id
}

// table lists groups: those that the office has in its own order, then others.
func (n groupNames) table(kind string, rows map[string]figures.Row) static.ReportTable {
	var order []string
	for _, s := range n.config.Services {
		order = append(order, "service/"+s.ID)
	}
	for _, l := range []queue.Lane{queue.Priority, queue.Appointment, queue.Walkin} {
		order = append(order, "lane/"+string(l))
	}
	for _, s := range n.config.Stages {
		order = append(order, "stage/"+s.ID)
	}
	for _, k := range n.config.Counters {
		order = append(order, "counter/"+k.ID)
	}
	place := func(id string) int {
		if i := slices.Index(order, kind+"/"+id); i >= 0 {
			return i
		}
		return len(order)
	}
	ids := slices.Sorted(maps.Keys(rows))
	slices.SortStableFunc(ids, func(a, b string) int { return place(a) - place(b) })
	t := static.ReportTable{Kind: kind}
	for _, id := range ids {
		t.Rows = append(t.Rows, viewRow(n.of(kind, id), rows[id]))
	}
	return t
}

// plotSpan is from when to when a day's plots go: the office's hours, and what
// lies beyond them.
func plotSpan(d *figures.Day) (begin, end int) {
	begin, end = int(d.Opens), int(d.Closes)
	if d.Opens == 0 && d.Closes == 0 {
		begin = 24 * 3600
	}
	for _, t := range d.Turns {
		if t.Waits >= 0 {
			begin = min(begin, int(t.Waits))
		}
		end = max(end, int(t.Called), int(t.Left))
	}
	begin, end = max(begin, 0)/1800*1800, (min(end, 30*3600)+1799)/1800*1800
	return begin, max(end, begin+3600)
}

const plotEvery = 300 // seconds

// plotWaiting goes no further than what was seen of the day.
func plotWaiting(d *figures.Day, r *figures.Report, seen int) *static.WaitingPlot {
	begin, end := plotSpan(d)
	p := &static.WaitingPlot{Begin: begin, End: end}
	if begin == end {
		return nil
	}
	n := (end-begin)/plotEvery + 1
	change := make([]int, n+1)
	slot := func(at int32) int { return min(max((int(at)-begin+plotEvery-1)/plotEvery, 0), n) }
	for _, t := range d.Turns {
		if t.Waits < 0 {
			continue
		}
		until := t.Called
		if until < 0 {
			until = t.Left
		}
		change[slot(t.Waits)]++
		if until >= 0 {
			change[slot(until)]--
		}
	}
	waiting, most := 0, map[int]int{}
	for i := range n {
		waiting += change[i]
		at := begin + i*plotEvery
		if at > seen {
			break
		}
		p.Points = append(p.Points, static.PlotPoint{At: at, N: waiting})
		most[at/3600] = max(most[at/3600], waiting)
	}
	for hour := begin / 3600; hour*3600 < min(end, seen); hour++ {
		row := r.Hours[hourID(hour)]
		p.Hours = append(p.Hours, static.PlotHour{Hour: hour % 24, Most: most[hour], P50: row.Waiting.P50, P90: row.Waiting.P90})
	}
	return p
}

func hourID(hour int) string { return time.Date(2000, 1, 1, hour%24, 0, 0, 0, time.UTC).Format("15") }

func plotLoad(d *figures.Day, r *figures.Report) *static.LoadPlot {
	begin, end := plotSpan(d)
	p := &static.LoadPlot{}
	for hour := begin / 3600; hour*3600 < end; hour++ {
		row := r.Hours[hourID(hour)]
		h := static.LoadHour{Hour: hour % 24, Arrived: row.Arrived, Served: row.Served, Counters: float64(row.OpenSeconds) / 3600}
		for _, slot := range d.Hours {
			if int(slot.Start)/3600 == hour {
				h.Places += int(slot.Places)
				h.Taken += int(slot.Taken)
			}
		}
		p.Hours = append(p.Hours, h)
	}
	return p
}

func plotCounters(s *queue.State, d *figures.Day, seen int) *static.CountersPlot {
	begin, end := plotSpan(d)
	p := &static.CountersPlot{Begin: begin, End: end}
	rows := map[string]*static.CounterRow{}
	row := func(id string) *static.CounterRow {
		if rows[id] == nil {
			rows[id] = &static.CounterRow{Name: groupNames{config: s.Config}.of("counter", id)}
		}
		return rows[id]
	}
	for _, span := range d.Spans {
		k, kind := row(d.Name(span.Counter)), "open"
		if span.Paused {
			kind = "paused"
		} else {
			k.OpenFor += int(span.To - span.From)
		}
		k.Open = append(k.Open, static.PlotSpan{From: int(span.From), To: int(span.To), Kind: kind})
		if officer := d.Name(span.Officer); officer != "" && !slices.Contains(k.Officers, officer) {
			k.Officers = append(k.Officers, officer)
		}
	}
	for _, t := range d.Turns {
		if t.Called < 0 {
			continue
		}
		k, kind, until := row(d.Name(t.Counter)), "served", t.Left
		if until < 0 {
			until = max(t.Called, int32(min(end, seen)))
		}
		switch t.End {
		case figures.Again, figures.Absent:
			kind = "absent"
		case figures.Released:
			kind = "parked"
		case figures.Served:
			k.Served++
		}
		if t.Follows {
			continue // its family's first is drawn
		}
		k.Busy += int(until - t.Called)
		k.Calls = append(k.Calls, static.PlotSpan{From: int(t.Called), To: int(until), Kind: kind})
	}
	for _, config := range s.Config.Counters {
		if k := rows[config.ID]; k != nil {
			p.Rows = append(p.Rows, *k)
			delete(rows, config.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		p.Rows = append(p.Rows, *rows[id])
	}
	if len(p.Rows) == 0 {
		return nil
	}
	return p
}
