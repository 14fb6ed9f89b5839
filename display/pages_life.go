package display

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/trace"
	"antrean/static"
)

// ticketStoryPage tells a ticket's whole life, over days and under every number
// that it had, with what was sent. date is a day on which something happened to
// it: needed of one that the office has forgotten.
func (a *App) ticketStoryPage(c *fiber.Ctx, v visit) error {
	id := c.Params("ticket")
	shell, err := a.adminShell(c, v.who, v.id, "log")
	if err != nil {
		return err
	}
	first, err := a.bornOn(c, v, id)
	if err != nil {
		return err
	}
	lines, err := a.life(c.UserContext(), v, id, first, shell.Lang)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return notFound("ticket")
	}
	p := static.TicketStoryPage{AdminShell: shell}
	action := "/admin/offices/" + v.id + "/log"
	p.Path = action + "/" + url.PathEscape(id)
	told := make([]static.StoryLine, len(lines))
	for i, l := range lines {
		told[i] = static.StoryLine{At: l.At, Number: l.Number, Text: l.Text, Version: l.Version}
		p.Number = l.Number
	}
	if p.Told = a.Notices != nil && staff.May(v.who, staff.Supervise, v.id); p.Told {
		sent, err := a.toldOf(c, v, id)
		if err != nil {
			return err
		}
		for _, n := range sent {
			told = append(told, static.StoryLine{At: n.At.In(lines[0].At.Location()), Number: p.Number, Message: n.Kind, Channel: n.Channel, Outcome: n.Outcome})
		}
		slices.SortStableFunc(told, func(x, y static.StoryLine) int { return x.At.Compare(y.At) })
	}
	dayURL := func(date calendar.Date) string { return action + "?" + url.Values{"date": {string(date)}}.Encode() }
	for _, l := range told {
		date := calendar.DateOf(l.At, l.At.Location())
		if n := len(p.Days); n == 0 || calendar.DateOf(p.Days[n-1].Day, l.At.Location()) != date {
			p.Days = append(p.Days, static.StoryDay{Day: dayOf(v, date), URL: dayURL(date)})
		}
		day := &p.Days[len(p.Days)-1]
		day.Lines = append(day.Lines, l)
	}
	p.Back = dayURL(calendar.Date(cmp.Or(c.Query("date"), string(calendar.DateOf(lines[len(lines)-1].At, lines[0].At.Location())))))
	return a.page(c, fiber.StatusOK, "ticketstory", p)
}

// bornOn is the day from which on a ticket's story is to be read.
func (a *App) bornOn(c *fiber.Ctx, v visit, id string) (calendar.Date, error) {
	var made calendar.Date
	of := func(s *queue.State) {
		if t := s.Tickets[id]; t != nil && s.Config != nil {
			made = s.Config.Calendar().Date(t.Made)
		}
	}
	v.office.Read(of)
	date := calendar.Date(c.Query("date"))
	switch {
	case made != "":
		return made, nil
	case !date.Valid():
		return "", notFound("ticket")
	}
	day, err := a.pastDay(c.UserContext(), v, date)
	if err != nil {
		return "", err
	}
	if day == nil {
		return "", notFound("ticket")
	}
	if of(day.before); made != "" {
		return made, nil
	}
	return date, nil // it was made on that day, or never
}

// life reads the log from a day on and tells what happened to one ticket.
func (a *App) life(ctx context.Context, v visit, id string, from calendar.Date, language string) (told []trace.Line, err error) {
	days, err := a.Figures.Days(ctx, v.id, from, from)
	if err != nil || len(days) == 0 || days[0] == nil || days[0].First == 0 {
		return nil, err
	}
	leave, err := a.pasts.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	before, err := stateBefore(ctx, v.office, v.id, days[0].First)
	if err != nil {
		return nil, err
	}
	teller := trace.From(before, language)
	err = eachEvent(ctx, v.office, days[0].First, func(version uint64, e *queue.Event) bool {
		for _, l := range teller.Tell(version, e) {
			if l.Ticket == id {
				told = append(told, l)
			}
		}
		_, forgotten := e.Fact.(*queue.TicketsForgotten)
		return !forgotten || len(told) == 0 || teller.Knows(id) != nil // nothing more is known of it then
	})
	return told, err
}
