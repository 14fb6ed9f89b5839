package display

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/static"
)

// stripDays is how many days with hours the strip above a day shows.
const stripDays = 8

// daysPage is a day with its places, and what can be done with it.
func (a *App) daysPage(c *fiber.Ctx, v visit) error {
	return a.showDay(c, v, calendar.Date(c.Query("date")), fiber.StatusOK, func(*static.DaysPage) {})
}

func (a *App) showDay(c *fiber.Ctx, v visit, date calendar.Date, status int, change func(*static.DaysPage)) error {
	shell, err := a.adminShell(c, v.who, v.id, "days")
	if err != nil {
		return err
	}
	p := static.DaysPage{AdminShell: shell, Key: newKey()}
	now := a.Offices.Now()
	v.office.Read(func(s *queue.State) {
		if date == "" {
			date = s.Today(now)
		}
		if date.Valid() && date >= s.Today(now).AddDays(-366) && date <= s.LastBookable(now) {
			viewDayAdmin(&p, s, date, now)
		}
	})
	if p.Date == "" {
		return notFound("")
	}
	p.Path = "/admin/offices/" + v.id + "/days?date=" + p.Date
	change(&p)
	return a.page(c, status, "days", p)
}

func viewDayAdmin(p *static.DaysPage, s *queue.State, date calendar.Date, now time.Time) {
	today := s.Today(now)
	p.Date, p.Day, p.Today, p.Past = string(date), *dayStart(s, date), date == today, date < today
	p.First, p.Last = string(today.AddDays(-7)), string(s.LastBookable(now))
	p.State = dayState(s, date)
	for _, span := range s.Config.Calendar().Spans(date) {
		p.Hours = append(p.Hours, static.Slot{Start: here(s, span.Start), End: here(s, span.End)})
	}
	for _, t := range s.Tickets {
		switch {
		case t.Date != date:
		case t.Status == queue.Booked:
			p.Booked++
		case !t.Status.Ended():
			p.Hall++
		}
	}
	for shown := today; shown <= s.LastBookable(now) && len(p.Strip) < stripDays; shown = shown.AddDays(1) {
		if _, _, open := s.Config.Calendar().Bounds(shown); open {
			link := static.DayLink{Date: string(shown), Day: *dayStart(s, shown), Active: shown == date, State: dayState(s, shown)}
			for i := range s.Config.Services {
				for _, place := range s.Places(&s.Config.Services[i], shown, now) {
					link.Taken += s.Taken(s.Config.Services[i].ID, place.Start)
					link.Capacity += place.Capacity
				}
			}
			p.Strip = append(p.Strip, link)
		}
	}
	rows := map[int64]*static.DaySlot{}
	for i := range s.Config.Services {
		service := &s.Config.Services[i]
		column := static.DayService{ID: service.ID, Prefix: service.Prefix, Name: static.Text(service.Name), Booked: !service.SlotCapacity.IsZero(), Walkins: -1}
		if n, limited := s.DoorLimit(service, date); limited {
			column.Walkins = n
		}
		column.Given = s.DoorGiven(service, date)
		if day := s.Days[date]; day != nil {
			_, column.Changed = day.Walkins[service.ID]
		}
		p.Columns = append(p.Columns, column)
		for _, place := range s.Places(service, date, now) {
			row := rows[place.Start.Unix()]
			if row == nil {
				row = &static.DaySlot{
					Slot:  static.Slot{Start: here(s, place.Start), End: here(s, place.End)},
					Value: place.Start.UTC().Format(time.RFC3339), Cells: make([]static.DayCell, len(s.Config.Services)),
				}
				rows[place.Start.Unix()] = row
			}
			row.Cells[i] = static.DayCell{There: true, Taken: s.Taken(service.ID, place.Start), Capacity: place.Capacity}
		}
	}
	for _, row := range rows {
		p.Slots = append(p.Slots, *row)
	}
	slices.SortFunc(p.Slots, func(a, b static.DaySlot) int { return a.Start.Compare(b.Start) })
}

// dayState is what was decided about a day.
func dayState(s *queue.State, date calendar.Date) string {
	if day := s.Days[date]; day != nil {
		switch {
		case day.Ended:
			return "ended"
		case day.Closed != "":
			return "closed"
		}
	}
	if _, _, open := s.Config.Calendar().Bounds(date); !open {
		return "none"
	}
	return "usual"
}

// afterDayAct shows the day as an act left it, or why it was refused.
func (a *App) afterDayAct(c *fiber.Ctx, v visit, err error, said string, fields ...string) error {
	date := dateOf(c)
	if err == nil {
		return c.Redirect("/admin/offices/"+v.id+"/days?date="+string(date)+"&said="+said, fiber.StatusSeeOther)
	}
	r, err := a.refusal(c, err)
	if err != nil {
		return err
	}
	return a.showDay(c, v, date, r.status, func(p *static.DaysPage) {
		p.Key, p.Problem, p.Wrong, p.Typed = r.key, r.problem, r.wrong, typedIn(c, fields...)
	})
}

// askFirst shows the day with what an act will do to whom, to be pressed again.
func (a *App) askFirst(c *fiber.Ctx, v visit, act string) error {
	return a.showDay(c, v, dateOf(c), fiber.StatusOK, func(p *static.DaysPage) {
		p.Ask, p.Typed = act, typedIn(c, "mode")
	})
}

func (a *App) pageCloseDay(c *fiber.Ctx, v visit) error {
	mode := c.FormValue("mode")
	if mode != "choose" && mode != "move" {
		return a.afterDayAct(c, v, invalidField("mode", "one_of"), "")
	}
	if c.FormValue("sure") != "yes" {
		return a.askFirst(c, v, "close")
	}
	o, err := a.formOrder(c, v)
	if err == nil {
		_, err = a.shutDay(c, v, o, mode == "move")
	}
	return a.afterDayAct(c, v, err, "closed")
}

func (a *App) pageReopenDay(c *fiber.Ctx, v visit) error {
	return a.afterDayAct(c, v, a.adminAct(c, v, queue.ReopenDay{Date: dateOf(c)}), "reopened")
}

func (a *App) pageEndDay(c *fiber.Ctx, v visit) error {
	if c.FormValue("sure") != "yes" {
		return a.askFirst(c, v, "end")
	}
	return a.afterDayAct(c, v, a.adminAct(c, v, queue.EndDay{Date: dateOf(c)}), "ended")
}

// pageStartDay reads, for each prefix, the last number that was given on paper
// and the last that was called; who was given a number after that joins the
// queue.
func (a *App) pageStartDay(c *fiber.Ctx, v visit) error {
	config, _ := configOf(v)
	ask := queue.StartDay{Date: dateOf(c), Numbers: map[string]int{}, Called: map[string]int{}}
	var fields []string
	var wrong []fault
	for _, service := range config.Services {
		given, called := "given_"+service.Prefix, "called_"+service.Prefix
		fields = append(fields, given, called)
		if n, empty, ok := wholeNumber(c.FormValue(given)); !ok {
			wrong = append(wrong, fault{field: given, reason: "number_range"})
		} else if !empty {
			ask.Numbers[service.Prefix] = n
		}
		if n, empty, ok := wholeNumber(c.FormValue(called)); !ok {
			wrong = append(wrong, fault{field: called, reason: "number_range"})
		} else if !empty {
			ask.Called[service.Prefix] = n
		}
	}
	var err error
	if len(wrong) > 0 {
		err = invalid(wrong...)
	} else {
		err = a.startOnPaper(c, v, ask)
	}
	if f := classifyIf(err); f != nil { // the office names them as programs do
		for i := range f.fields {
			if prefix, ok := strings.CutPrefix(f.fields[i].field, "called."); ok {
				f.fields[i].field = "called_" + prefix
			} else if _, known := ask.Numbers[f.fields[i].field]; known {
				f.fields[i].field = "given_" + f.fields[i].field
			}
		}
		err = f
	}
	return a.afterDayAct(c, v, err, "started", fields...)
}

func (a *App) startOnPaper(c *fiber.Ctx, v visit, ask queue.StartDay) error {
	o, err := a.formOrder(c, v)
	if err != nil {
		return err
	}
	for i := range min(ask.Joining(), queue.MostPaper) {
		ask.IDs = append(ask.IDs, a.Ring.TicketID(v.id, o.request, i))
	}
	return a.do(c, v.office, o, ask, func(*queue.State, []*queue.Event) {})
}

// classifyIf is what an error means, nil if there is none.
func classifyIf(err error) *failure {
	if err == nil {
		return nil
	}
	return classify(err)
}

// wholeNumber reads a number that may be left out.
func wholeNumber(text string) (n int, empty, ok bool) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, true, true
	}
	n, err := strconv.Atoi(text)
	return n, false, err == nil && n >= 0
}

func (a *App) pageCapacity(c *fiber.Ctx, v visit) error {
	ask := queue.SetCapacity{Date: dateOf(c), Service: c.FormValue("service"), Usual: c.FormValue("do") == "usual"}
	places, empty, ok := wholeNumber(c.FormValue("places"))
	priority, _, priorityOK := wholeNumber(c.FormValue("priority"))
	ask.Places = queue.Capacity{Places: places, Priority: priority}
	var err error
	if text := c.FormValue("slot"); text != "" {
		if ask.Slot, err = time.Parse(time.RFC3339, text); err != nil {
			err = invalidField("slot", "no_such_slot")
		}
	}
	switch {
	case err != nil:
	case !ask.Usual && empty:
		err = invalidField("places", "required")
	case !ask.Usual && !ok:
		err = invalidField("places", "number_range")
	case !ask.Usual && !priorityOK:
		err = invalidField("priority", "number_range")
	default:
		err = a.adminAct(c, v, ask)
	}
	return a.afterDayAct(c, v, err, "capacity", "service", "slot", "places", "priority")
}

func (a *App) pageWalkins(c *fiber.Ctx, v visit) error {
	ask := queue.SetWalkins{Date: dateOf(c), Service: c.FormValue("service"), Usual: c.FormValue("do") == "usual"}
	numbers, empty, ok := wholeNumber(c.FormValue("numbers"))
	ask.Numbers = numbers
	var err error
	switch {
	case !ask.Usual && empty:
		err = invalidField("numbers", "required")
	case !ask.Usual && !ok:
		err = invalidField("numbers", "number_range")
	default:
		err = a.adminAct(c, v, ask)
	}
	return a.afterDayAct(c, v, err, "walkins", "service", "numbers")
}
