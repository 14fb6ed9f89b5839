package display

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/vault"
	"antrean/static"
)

// issue gives a number at the door: 201 with the ticket.
func (a *App) issue(c *fiber.Ctx, v visit) error {
	var body struct {
		Service  string `json:"service"`
		Priority bool   `json:"priority"`
		Locale   string `json:"locale"`
		Standby  bool   `json:"standby"` // takes a number without a place when none are left
		Reason   string `json:"reason"`  // of the priority, where somebody has had a look
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Service == "" {
		return invalidField("service", "required")
	}
	if len(body.Locale) > 35 {
		return invalidField("locale", "field.locale.format")
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	answer, err := a.issueNumber(c, v, o, queue.Issue{Service: body.Service, Priority: body.Priority, Locale: body.Locale, Standby: body.Standby, Reason: body.Reason})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(answer)
}

func (a *App) issueNumber(c *fiber.Ctx, v visit, o order, ask queue.Issue) (answer ticketAnswer, err error) {
	ask.ID = a.Ring.TicketID(v.id, o.request, 0)
	links := a.links(c)
	err = a.do(c, v.office, o, ask, func(s *queue.State, events []*queue.Event) {
		for _, e := range events {
			if f, ok := e.Fact.(*queue.TicketIssued); ok {
				answer = a.answerTicket(links, s, f.Ticket, nil)
			}
		}
	})
	if err == nil && ask.Priority && ask.Reason != "" {
		err = a.sealReason(c, v, o, "issue", ask.ID, ask.Reason)
	}
	return answer, err
}

// deskTicket is a ticket as the desk sees it: with its id, without its token.
type deskTicket struct {
	ID   string `json:"id"`
	Code string `json:"code"`
	static.TicketView
}

// checkInCode checks in whoever shows a QR code or says the code below it.
func (a *App) checkInCode(c *fiber.Ctx, v visit) error {
	var body struct {
		Code string `json:"code"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Code == "" {
		return invalidField("code", "required")
	}
	ticket, err := a.ticketOfCode(v, body.Code)
	if err != nil {
		return err
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	return a.deskAct(c, v, o, ticket, queue.CheckIn{Ticket: ticket, Proof: true})
}

// ticketOfCode finds the ticket that a QR code or a spoken code names: one that
// is expected, of today, or whose passport may wait to be picked up.
func (a *App) ticketOfCode(v visit, text string) (string, error) {
	if office, ticket, err := a.Ring.ParseQR(text); err == nil {
		if office != v.id {
			return "", notFound("other_office")
		}
		return ticket, nil
	}
	code, ok := vault.NormalCode(text)
	if !ok {
		return "", notFound("ticket")
	}
	var candidates []string
	now := a.Offices.Now()
	v.office.Read(func(s *queue.State) {
		today := s.Today(now)
		for id, t := range s.Tickets {
			if t.Status == queue.Booked || t.Status == queue.Done || t.Date == today {
				candidates = append(candidates, id)
			}
		}
	})
	id, found := a.coded(v.id, candidates, code)
	if !found {
		return "", notFound("ticket")
	}
	return id, nil
}

func (a *App) bringBack(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.Return{Ticket: id} })
}

func (a *App) ready(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.Ready{Ticket: id} })
}

func (a *App) amend(c *fiber.Ctx, v visit) error {
	var body struct {
		Service  string `json:"service"`
		Priority *bool  `json:"priority"`
		Reason   string `json:"reason"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	id := c.Params("ticket")
	answer, err := a.deskAnswer(c, v, o, id, queue.Amend{Ticket: id, Service: body.Service, Priority: body.Priority, Reason: body.Reason})
	if err != nil {
		return err
	}
	if err := a.sealReason(c, v, o, "amend", id, body.Reason); err != nil {
		return err
	}
	return c.JSON(answer)
}

// reissue kills the ticket's link and hands out another.
func (a *App) reissue(c *fiber.Ctx, v visit) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	answer, err := a.newLink(c, v, o, c.Params("ticket"))
	if err != nil {
		return err
	}
	return c.JSON(answer)
}

func (a *App) newLink(c *fiber.Ctx, v visit, o order, id string) (answer ticketAnswer, err error) {
	links := a.links(c)
	err = a.do(c, v.office, o, queue.ReissueLink{Ticket: id}, func(s *queue.State, _ []*queue.Event) {
		if t := s.Tickets[id]; t != nil {
			answer = a.answerTicket(links, s, t, numbersOf(s, t))
		}
	})
	return answer, err
}

func (a *App) deskBodiless(c *fiber.Ctx, v visit, ask func(id string) queue.Ask) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	id := c.Params("ticket")
	return a.deskAct(c, v, o, id, ask(id))
}

// deskAct changes a ticket; the answer is the ticket as the act left it.
func (a *App) deskAct(c *fiber.Ctx, v visit, o order, id string, ask queue.Ask) error {
	answer, err := a.deskAnswer(c, v, o, id, ask)
	if err != nil {
		return err
	}
	return c.JSON(answer)
}

func (a *App) deskAnswer(c *fiber.Ctx, v visit, o order, id string, ask queue.Ask) (*deskTicket, error) {
	var answer *deskTicket
	err := a.do(c, v.office, o, ask, func(s *queue.State, _ []*queue.Event) {
		if t := s.Tickets[id]; t != nil {
			answer = &deskTicket{t.ID, a.Ring.Code(s.Office, t.ID), viewTicket(s, t, s.At, nil)}
		}
	})
	if err != nil {
		return nil, err
	}
	if answer == nil {
		return nil, fault500(errors.New("the ticket of a command is gone"))
	}
	return answer, nil
}
