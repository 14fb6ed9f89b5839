package display

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/internal/trace"
	"antrean/static"
)

// linesShown is how many lines of a story a page shows.
const linesShown = 200

// storyKinds are what a story can be narrowed to; what stands in none of them
// is the office's own.
var storyKinds = []struct {
	id    string
	kinds []string
}{
	{"ticket", []string{"tickets_booked", "ticket_issued", "ticket_confirmed", "tickets_checked_in", "check_in_undone", "ticket_cancelled", "tickets_moved",
		"ticket_amended", "party_split", "link_reissued", "ticket_ready", "new_day_asked", "ticket_returned", "tickets_deferred", "help_asked", "help_ended"}},
	{"call", []string{"tickets_called", "tickets_recalled", "serving_began", "tickets_completed", "tickets_missed", "tickets_parked", "act_undone"}},
	{"counter", []string{"counter_changed"}},
	{"place", []string{"places_released", "places_returned", "standby_changed", "places_offered", "offers_lapsed"}},
	{"day", []string{"day_started", "doors_closed", "day_ended", "day_reopened", "capacity_set", "walkins_set", "office_suspended", "office_resumed", "notices_set", "notices_written"}},
	{"person", []string{"people_looked_at", "people_erased", "ticket_voided", "voids_aged", "tickets_forgotten"}},
	{"office", nil},
}

func storyKind(event string) string {
	for _, k := range storyKinds {
		if slices.Contains(k.kinds, event) {
			return k.id
		}
	}
	return "office"
}

// storyPage tells a day's story: the audit, readable.
func (a *App) storyPage(c *fiber.Ctx, v visit) error {
	shell, err := a.adminShell(c, v.who, v.id, "log")
	if err != nil {
		return err
	}
	now := a.Offices.Now()
	p := static.StoryPage{AdminShell: shell, Action: "/admin/offices/" + v.id + "/log"}
	var today, date calendar.Date
	v.office.Read(func(s *queue.State) {
		today = s.Today(now)
		for _, k := range s.Config.Counters {
			p.Counters = append(p.Counters, static.StoryChoice{ID: k.ID, Name: k.Name})
		}
	})
	status := fiber.StatusOK
	if date = calendar.Date(c.Query("date", string(today))); !date.Valid() {
		date, status, p.Problem = today, fiber.StatusUnprocessableEntity, a.say(p.Lang, "problem.invalid")
	}
	p.Date, p.Day = string(date), dayOf(v, date)
	p.Number, p.Counter, p.Officer, p.Kind = strings.ToUpper(strings.TrimSpace(c.Query("number"))), c.Query("counter"), c.Query("officer"), c.Query("kind")
	for _, k := range storyKinds {
		p.Kinds = append(p.Kinds, k.id)
	}
	day, err := a.pastDay(c.UserContext(), v, date)
	if err != nil {
		return err
	}
	var lines []trace.Line
	if day != nil {
		lines = day.story(p.Lang)
		p.Raw = fmt.Sprintf("/api/v1/offices/%s/log?after=%d", v.id, day.events[0].version-1)
		p.Replay = "/admin/offices/" + v.id + "/replay?date=" + p.Date
	}
	p.Officers = actorsOf(lines)
	number, _ := strconv.Atoi(c.Query("page"))
	a.narrow(&p, lines, number)
	link := func(date calendar.Date, page int) string {
		query := url.Values{"date": {string(date)}}
		for name, value := range map[string]string{"number": p.Number, "counter": p.Counter, "officer": p.Officer, "kind": p.Kind} {
			if value != "" && date == calendar.Date(p.Date) {
				query.Set(name, value)
			}
		}
		if page > 1 {
			query.Set("page", strconv.Itoa(page))
		}
		return p.Action + "?" + query.Encode()
	}
	p.Earlier = link(date.AddDays(-1), 1)
	if date < today {
		p.Later = link(date.AddDays(1), 1)
	}
	if p.Sheet > 1 {
		p.Before = link(date, p.Sheet-1)
	}
	if p.Sheet < p.Sheets {
		p.After = link(date, p.Sheet+1)
	}
	return a.page(c, status, "story", p)
}

// narrow shows the lines that were asked for, a page of them.
func (a *App) narrow(p *static.StoryPage, lines []trace.Line, page int) {
	var found []trace.Line
	for _, l := range lines {
		if p.Number != "" && l.Number != p.Number || p.Counter != "" && l.Counter != p.Counter ||
			p.Officer != "" && l.By != p.Officer || p.Kind != "" && storyKind(l.Kind) != p.Kind {
			continue
		}
		found = append(found, l)
	}
	p.Narrowed = p.Number != "" || p.Counter != "" || p.Officer != "" || p.Kind != ""
	p.Found, p.Sheets = len(found), max(1, (len(found)+linesShown-1)/linesShown)
	p.Sheet = min(max(page, 1), p.Sheets)
	found = found[(p.Sheet-1)*linesShown : min(p.Sheet*linesShown, len(found))]
	for _, l := range found {
		line := static.StoryLine{At: l.At, Number: l.Number, Text: l.Text, Version: l.Version}
		if l.Number != "" && l.Number != "?" {
			line.URL = p.Action + "/" + url.PathEscape(l.Ticket) + "?" + url.Values{"date": {p.Date}}.Encode()
		}
		p.Lines = append(p.Lines, line)
	}
}

// actorsOf are the accounts that did something on the day.
func actorsOf(lines []trace.Line) []string {
	var all []string
	for _, l := range lines {
		if l.By != "" && l.By != "applicant" && l.By != "system" && !slices.Contains(all, l.By) {
			all = append(all, l.By)
		}
	}
	slices.Sort(all)
	return all
}

// dayOf is the beginning of a date at the office.
func dayOf(v visit, date calendar.Date) time.Time {
	zone := time.UTC
	v.office.Read(func(s *queue.State) { zone = s.Config.Calendar().Zone() })
	at, _ := time.ParseInLocation(time.DateOnly, string(date), zone) // valid
	return at
}
