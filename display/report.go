package display

import (
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// reportView holds one day's figures.
type reportView struct {
	Office   string                   `json:"office"`
	Date     calendar.Date            `json:"date"`
	Total    reportRow                `json:"total"`
	Services map[string]reportRow     `json:"services"`
	Lanes    map[string]reportRow     `json:"lanes"`
	Hours    map[string]reportRow     `json:"hours"` // by arrival, "08"
	Counters map[string]reportCounter `json:"counters"`
}

type reportRow struct {
	Tickets   int `json:"tickets"`
	Arrived   int `json:"arrived"`
	Done      int `json:"done"`
	NoShow    int `json:"no_show"`
	Cancelled int `json:"cancelled"`
	Expired   int `json:"expired"`
	Released  int `json:"released"` // places given back because nobody came in time
}

type reportCounter struct {
	Officer        string `json:"officer"` // who sits there now
	Served         int    `json:"served"`
	AverageSeconds int    `json:"average_seconds"`
}

func (a *App) report(c *fiber.Ctx, v visit) error {
	date, now := calendar.Date(c.Query("date")), a.Offices.Now()
	if date != "" && !date.Valid() {
		return invalidField("date", "format")
	}
	format := c.Query("format", "json")
	if format != "json" && format != "csv" {
		return invalidField("format", "one_of")
	}
	var r reportView
	v.office.Read(func(s *queue.State) {
		if date == "" {
			date = s.Today(now)
		}
		r = viewReport(s, date)
	})
	if format == "json" {
		return c.JSON(r)
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Attachment("antrean-" + r.Office + "-" + string(r.Date) + ".csv")
	return c.SendString(r.csv())
}

func viewReport(s *queue.State, date calendar.Date) reportView {
	r := reportView{
		Office: s.Office, Date: date, Services: map[string]reportRow{}, Lanes: map[string]reportRow{},
		Hours: map[string]reportRow{}, Counters: map[string]reportCounter{},
	}
	for _, t := range s.Tickets {
		if t.Date != date {
			continue
		}
		row := rowOf(t)
		r.Total = r.Total.plus(row)
		r.Services[t.Service] = r.Services[t.Service].plus(row)
		r.Lanes[string(t.Lane)] = r.Lanes[string(t.Lane)].plus(row)
		if !t.Arrived.IsZero() {
			hour := here(s, t.Arrived).Format("15")
			r.Hours[hour] = r.Hours[hour].plus(row)
		}
	}
	for id, k := range s.Counters {
		if k.Day == date && k.Served > 0 {
			r.Counters[id] = reportCounter{k.Officer, k.Served, int((k.Busy / time.Duration(k.Served)).Seconds())}
		}
	}
	return r
}

func rowOf(t *queue.Ticket) reportRow {
	row := reportRow{Tickets: 1}
	if !t.Arrived.IsZero() {
		row.Arrived = 1
	}
	if t.Released {
		row.Released = 1
	}
	switch t.Status {
	case queue.Done:
		row.Done = 1
	case queue.NoShow:
		row.NoShow = 1
	case queue.Cancelled:
		row.Cancelled = 1
	case queue.Expired:
		row.Expired = 1
	}
	return row
}

func (r reportRow) plus(o reportRow) reportRow {
	return reportRow{
		r.Tickets + o.Tickets, r.Arrived + o.Arrived, r.Done + o.Done, r.NoShow + o.NoShow,
		r.Cancelled + o.Cancelled, r.Expired + o.Expired, r.Released + o.Released,
	}
}

func (r reportView) csv() string {
	var text strings.Builder
	w := csv.NewWriter(&text)
	// A strings.Builder takes everything.
	_ = w.Write([]string{"date", "group", "of", "tickets", "arrived", "done", "no_show", "cancelled", "expired", "released"})
	line := func(group, of string, row reportRow) {
		fields := []string{string(r.Date), group, of}
		for _, n := range []int{row.Tickets, row.Arrived, row.Done, row.NoShow, row.Cancelled, row.Expired, row.Released} {
			fields = append(fields, strconv.Itoa(n))
		}
		_ = w.Write(fields)
	}
	line("total", "", r.Total)
	for _, group := range []struct {
		name string
		rows map[string]reportRow
	}{{"service", r.Services}, {"lane", r.Lanes}, {"hour", r.Hours}} {
		for _, of := range sortedKeys(group.rows) {
			line(group.name, of, group.rows[of])
		}
	}
	w.Flush()
	return text.String()
}
