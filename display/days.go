package display

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// officeAct decides what a supervisor asks; the answer is the hall as the act
// left it.
func (a *App) officeAct(c *fiber.Ctx, v visit, ask queue.Ask) error {
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	var view queueView
	err = a.do(c, v.office, o, ask, func(s *queue.State, _ []*queue.Event) { view = viewQueue(s, s.At) })
	if err != nil {
		return err
	}
	return c.JSON(view)
}

func (a *App) suspend(c *fiber.Ctx, v visit) error {
	var body struct {
		Reason string     `json:"reason"`
		Until  *time.Time `json:"until"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	ask := queue.Suspend{Reason: body.Reason}
	if body.Until != nil {
		ask.Until = body.Until.UTC()
	}
	return a.officeAct(c, v, ask)
}

func (a *App) resume(c *fiber.Ctx, v visit) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	return a.officeAct(c, v, queue.Resume{})
}

// calledOnPaper is the one key of a day's start that is no prefix.
const calledOnPaper = "called"

// startDay tells the last numbers that were given on paper: {"A": 57}; with
// {"called": {"A": 31}} those after the 31st join the queue.
func (a *App) startDay(c *fiber.Ctx, v visit) error {
	body := map[string]paperNumber{}
	if err := decode(c, &body); err != nil {
		return err
	}
	ask := queue.StartDay{Date: dateOf(c), Numbers: map[string]int{}, Called: body[calledOnPaper].called}
	for prefix, last := range body {
		switch {
		case (prefix == calledOnPaper) != (last.called != nil):
			return malformed(prefix, "wrong_type")
		case prefix != calledOnPaper:
			ask.Numbers[prefix] = last.number
		}
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	for i := range min(ask.Joining(), queue.MostPaper) {
		ask.IDs = append(ask.IDs, a.Ring.TicketID(v.id, o.request, i))
	}
	return a.officeAct(c, v, ask)
}

// paperNumber is the last number of a prefix, or those of all that were called.
type paperNumber struct {
	number int
	called map[string]int
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *paperNumber) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '{' {
		n.called = map[string]int{}
		return json.Unmarshal(text, &n.called)
	}
	return json.Unmarshal(text, &n.number)
}

// closeDay shuts the doors of a day. What becomes of those who are booked is
// told by mode: they choose another hour, which is usual, or are moved.
func (a *App) closeDay(c *fiber.Ctx, v visit) error {
	var body struct {
		Mode string `json:"mode"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Mode != "" && body.Mode != "choose" && body.Mode != "move" {
		return invalidField("mode", "one_of")
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	view, err := a.shutDay(c, v, o, body.Mode == "move")
	if err != nil {
		return err
	}
	return c.JSON(view)
}

// shutDay closes the doors of the path's date.
func (a *App) shutDay(c *fiber.Ctx, v visit, o order, move bool) (view queueView, err error) {
	if move {
		if err := a.keepAll(c.UserContext(), v, dateOf(c)); err != nil {
			return view, err
		}
	}
	var moves []queue.Move
	err = a.do(c, v.office, o, queue.CloseDay{Date: dateOf(c), Move: move}, func(s *queue.State, events []*queue.Event) {
		view = viewQueue(s, s.At)
		for _, e := range events {
			if f, ok := e.Fact.(*queue.TicketsMoved); ok {
				moves = f.Moves
			}
		}
	})
	if err != nil {
		return view, err
	}
	for _, m := range moves {
		if err := a.keepPerson(c.UserContext(), v.office, v.id, m.Ticket, m.Slot.Start); err != nil {
			a.Log.Warn("a moved person's record is kept longer than needed", "office", v.id, "ticket", m.Ticket, "error", err)
		}
	}
	return view, nil
}

// keepAll lets the personal records of those whom the closing of a day may move
// live as long as the last date to which it can: a crash before their real end
// is known keeps them too long, never too short.
func (a *App) keepAll(ctx context.Context, v visit, date calendar.Date) error {
	var tickets []string
	var until time.Time
	now := a.Offices.Now()
	v.office.Read(func(s *queue.State) {
		if day := s.Days[date]; day != nil && (day.Closed != "" || day.Ended) {
			return // refused, or done before
		}
		for id, t := range s.Tickets {
			if t.Date == date && t.Status == queue.Booked && t.HoldsPlace() {
				tickets = append(tickets, id)
			}
		}
		until = now.Add(s.Config.Booking.Horizon.D())
	})
	for _, id := range tickets {
		if err := a.keepPerson(ctx, v.office, v.id, id, until); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) endDay(c *fiber.Ctx, v visit) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	return a.officeAct(c, v, queue.EndDay{Date: dateOf(c)})
}

func (a *App) reopenDay(c *fiber.Ctx, v visit) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	return a.officeAct(c, v, queue.ReopenDay{Date: dateOf(c)})
}

// setCapacity changes the places of a day's slots, or of one: {service, places,
// slot?}, or takes that back: {service, usual: true, slot?}.
func (a *App) setCapacity(c *fiber.Ctx, v visit) error {
	var body struct {
		Service string          `json:"service"`
		Slot    *time.Time      `json:"slot"`
		Places  *queue.Capacity `json:"places"`
		Usual   bool            `json:"usual"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if (body.Places == nil) != body.Usual {
		return invalidField("places", "required")
	}
	ask := queue.SetCapacity{Date: dateOf(c), Service: body.Service, Usual: body.Usual}
	if body.Places != nil {
		ask.Places = *body.Places
	}
	if body.Slot != nil {
		ask.Slot = body.Slot.UTC()
	}
	return a.officeAct(c, v, ask)
}

// setWalkins changes how many numbers the door gives on a day: {service,
// numbers}, or takes that back: {service, usual: true}.
func (a *App) setWalkins(c *fiber.Ctx, v visit) error {
	var body struct {
		Service string `json:"service"`
		Numbers *int   `json:"numbers"`
		Usual   bool   `json:"usual"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if (body.Numbers == nil) != body.Usual {
		return invalidField("numbers", "required")
	}
	ask := queue.SetWalkins{Date: dateOf(c), Service: body.Service, Usual: body.Usual}
	if body.Numbers != nil {
		ask.Numbers = *body.Numbers
	}
	return a.officeAct(c, v, ask)
}

func dateOf(c *fiber.Ctx) calendar.Date { return calendar.Date(c.Params("date")) }
