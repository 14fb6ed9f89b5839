package display

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
)

// deferTurn lets {places} people pass.
func (a *App) deferTurn(c *fiber.Ctx) error {
	var body struct {
		Places *int `json:"places"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Places == nil {
		return invalidField("places", "required")
	}
	return a.applicantAct(c, func(h held) queue.Ask { return queue.Defer{Ticket: h.ticket, Places: *body.Places} })
}

func (a *App) pageDefer(c *fiber.Ctx) error {
	places, err := strconv.Atoi(c.FormValue("places"))
	if err != nil {
		return invalidField("places", "number_range")
	}
	return a.pageAct(c, "defer", func(h held) queue.Ask { return queue.Defer{Ticket: h.ticket, Places: places} })
}

// help calls somebody of the office to the applicant in the hall.
func (a *App) help(c *fiber.Ctx) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	return a.applicantAct(c, asksHelp)
}

func (a *App) pageHelp(c *fiber.Ctx) error { return a.pageAct(c, "help", asksHelp) }

func asksHelp(h held) queue.Ask { return queue.AskHelp{Ticket: h.ticket} }

// helped says that somebody of the office has been with whoever asked for help.
func (a *App) helped(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.EndHelp{Ticket: id} })
}

func numbersIn(tickets []*queue.Ticket) []string {
	numbers := []string{}
	for _, t := range tickets {
		numbers = append(numbers, t.Number)
	}
	return numbers
}
