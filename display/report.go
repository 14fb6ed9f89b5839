package display

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/figures"
	"antrean/internal/queue"
	"antrean/internal/staff"
)

// longestReport is how many days one report adds up.
const longestReport = 400

// Days are counted on from one to the next, week by week and month by month: a
// report stays away from where dates are no longer written with four digits.
const firstReported, lastReported calendar.Date = "1900-01-01", "9998-12-31"

// reportGroups are what a report can be divided by.
var reportGroups = []string{"period", "service", "lane", "stage", "hour", "counter", "officer"}

// reportAsk is what somebody wants to know.
type reportAsk struct {
	figures.Options
	by     string // one of reportGroups; "": all of them
	format string
	days   []*figures.Day
}

// report answers the figures of a day, or of several.
func (a *App) report(c *fiber.Ctx, v visit) error {
	ask, err := a.askReport(c, v)
	if err != nil {
		return err
	}
	r, err := a.countReport(c, v, &ask)
	if err != nil {
		return err
	}
	if ask.format == "csv" {
		return sendCSV(c, r, ask.by)
	}
	return c.JSON(r.Only(ask.by))
}

func sendCSV(c *fiber.Ctx, r *figures.Report, by string) error {
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Attachment("antrean-" + r.Office + "-" + strings.ReplaceAll(span(r.From, r.To), "/", "-to-") + ".csv")
	return c.SendString(reportCSV(r, by))
}

// askReport reads the question. Who does not supervise the office is told of
// their own work only, whatever they ask; a token has none, and was given for all.
func (a *App) askReport(c *fiber.Ctx, v visit) (reportAsk, error) {
	ask := reportAsk{by: c.Query("by"), format: c.Query("format", "json")}
	ask.Officer = c.Query("officer")
	if v.who.Token == "" && !staff.May(v.who, staff.Supervise, v.id) {
		if v.who.User == "" {
			return ask, forbidden("")
		}
		ask.Officer = v.who.User
	}
	if ask.format != "json" && ask.format != "csv" {
		return ask, invalidField("format", "one_of")
	}
	if ask.by != "" && !slices.Contains(reportGroups, ask.by) {
		return ask, invalidField("by", "one_of")
	}
	var today calendar.Date
	now := a.Offices.Now()
	v.office.Read(func(s *queue.State) { today = s.Today(now) })
	return ask, ask.time(c, today)
}

// time reads the days: a date with the period that it lies in, or from and to.
func (ask *reportAsk) time(c *fiber.Ctx, today calendar.Date) error {
	for _, field := range []string{"date", "from", "to"} {
		if text := c.Query(field); text != "" && !calendar.Date(text).Valid() {
			return invalidField(field, "format")
		}
	}
	units := []figures.Unit{figures.ByDay, figures.ByWeek, figures.ByMonth}
	period, unit := figures.Unit(c.Query("period")), figures.Unit(c.Query("unit"))
	if period != "" && !slices.Contains(units, period) {
		return invalidField("period", "one_of")
	}
	if unit != "" && !slices.Contains(units, unit) {
		return invalidField("unit", "one_of")
	}
	asked := "date"
	if c.Query("from") != "" || c.Query("to") != "" {
		asked = "from"
		ask.To = calendar.Date(c.Query("to", string(max(today, calendar.Date(c.Query("from"))))))
		ask.From = calendar.Date(c.Query("from", string(ask.To)))
	} else {
		date := calendar.Date(c.Query("date", string(today)))
		ask.From, ask.To = period.First(date), period.Next(date).AddDays(-1)
	}
	if ask.To < ask.From || ask.From.AddDays(longestReport) < ask.To || ask.From < firstReported || ask.To > lastReported {
		return invalidField(asked, "date_range")
	}
	switch ask.By = unit; {
	case unit != "":
	case ask.From.AddDays(31) >= ask.To:
		ask.By = figures.ByDay
	case ask.From.AddDays(120) >= ask.To:
		ask.By = figures.ByWeek
	default:
		ask.By = figures.ByMonth
	}
	return nil
}

// countReport leaves the days that were counted in ask.
func (a *App) countReport(c *fiber.Ctx, v visit, ask *reportAsk) (*figures.Report, error) {
	var err error
	if ask.days, err = a.Figures.Days(c.UserContext(), v.id, ask.From, ask.To); err != nil {
		return nil, err
	}
	return figures.Sum(v.id, ask.days, ask.Options), nil
}

// span is a time as ISO 8601 writes it.
func span(from, to calendar.Date) string {
	if from == to {
		return string(from)
	}
	return string(from) + "/" + string(to)
}

// reportColumns are a row's figures; the first seven are those of old.
var reportColumns = []struct {
	name  string
	value func(r figures.Row) any
}{
	{"tickets", func(r figures.Row) any { return r.Tickets }},
	{"arrived", func(r figures.Row) any { return r.Arrived }},
	{"done", func(r figures.Row) any { return r.Done }},
	{"no_show", func(r figures.Row) any { return r.NoShow }},
	{"cancelled", func(r figures.Row) any { return r.Cancelled }},
	{"expired", func(r figures.Row) any { return r.Expired }},
	{"released", func(r figures.Row) any { return r.Released }},
	{"refilled", func(r figures.Row) any { return r.Refilled }},
	{"late", func(r figures.Row) any { return r.Late }},
	{"served", func(r figures.Row) any { return r.Served }},
	{"served_per_hour", func(r figures.Row) any { return strconv.FormatFloat(r.PerHour, 'f', 1, 64) }},
	{"open_seconds", func(r figures.Row) any { return r.OpenSeconds }},
	{"absent_returns", func(r figures.Row) any { return r.AbsentReturns }},
	{"absent", func(r figures.Row) any { return r.Absent }},
	{"parked", func(r figures.Row) any { return r.Parked }},
	{"out_of_turn", func(r figures.Row) any { return r.OutOfTurn }},
	{"waiting_count", func(r figures.Row) any { return r.Waiting.Count }},
	{"waiting_p50", func(r figures.Row) any { return r.Waiting.P50 }},
	{"waiting_p90", func(r figures.Row) any { return r.Waiting.P90 }},
	{"walking_count", func(r figures.Row) any { return r.Walking.Count }},
	{"walking_p50", func(r figures.Row) any { return r.Walking.P50 }},
	{"walking_p90", func(r figures.Row) any { return r.Walking.P90 }},
	{"service_count", func(r figures.Row) any { return r.Service.Count }},
	{"service_p50", func(r figures.Row) any { return r.Service.P50 }},
	{"service_p90", func(r figures.Row) any { return r.Service.P90 }},
	{"predicted", func(r figures.Row) any { return r.Predictions.Count }},
	{"predicted_intervals", func(r figures.Row) any { return r.Predictions.Intervals }},
	{"predicted_within", func(r figures.Row) any { return r.Predictions.Within }},
	{"predicted_error_p50", func(r figures.Row) any { return r.Predictions.ErrorP50 }},
	{"predicted_error_p90", func(r figures.Row) any { return r.Predictions.ErrorP90 }},
}

// reportCSV writes a line for each group, after one for all.
func reportCSV(r *figures.Report, by string) string {
	var text strings.Builder
	w := csv.NewWriter(&text) // a strings.Builder takes everything
	header := []string{"date", "group", "of"}
	for _, column := range reportColumns {
		header = append(header, column.name)
	}
	_ = w.Write(header)
	line := func(date, group, of string, row figures.Row) {
		fields := []string{date, group, notFormula(of)}
		for _, column := range reportColumns {
			fields = append(fields, fmt.Sprint(column.value(row)))
		}
		_ = w.Write(fields)
	}
	whole := span(r.From, r.To)
	line(whole, "total", "", r.Total)
	only := r.Only(by)
	for _, p := range only.Periods {
		line(span(p.From, p.To), "period", "", p.Row)
	}
	for _, group := range []struct {
		name string
		rows map[string]figures.Row
	}{
		{"service", only.Services}, {"lane", only.Lanes}, {"stage", only.Stages}, {"hour", only.Hours},
		{"counter", only.Counters}, {"officer", only.Officers},
	} {
		for _, of := range sortedKeys(group.rows) {
			line(whole, group.name, of, group.rows[of])
		}
	}
	w.Flush()
	return text.String()
}

// notFormula keeps a spreadsheet from taking a name for a formula.
func notFormula(name string) string {
	if name != "" && strings.ContainsRune("=+-@\t\r", rune(name[0])) {
		return "'" + name
	}
	return name
}
