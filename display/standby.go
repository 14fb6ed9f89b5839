package display

import (
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/static"
)

// standBy asks for an earlier place: {minutes} within which the applicant can
// come, 0 to ask no more.
func (a *App) standBy(c *fiber.Ctx) error {
	var body struct {
		Minutes *int `json:"minutes"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Minutes == nil {
		return invalidField("minutes", "required")
	}
	return a.applicantAct(c, func(h held) queue.Ask { return queue.StandBy{Ticket: h.ticket, Minutes: *body.Minutes} })
}

func (a *App) pageStandBy(c *fiber.Ctx) error {
	minutes, err := strconv.Atoi(c.FormValue("minutes"))
	if err != nil {
		return invalidField("minutes", "number_range")
	}
	return a.pageAct(c, "standby", func(h held) queue.Ask { return queue.StandBy{Ticket: h.ticket, Minutes: minutes} })
}

// accept takes the place that the ticket was offered.
func (a *App) accept(c *fiber.Ctx) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	return a.applicantAct(c, a.accepts(c))
}

func (a *App) pageAccept(c *fiber.Ctx) error { return a.pageAct(c, "accept", a.accepts(c)) }

func (a *App) accepts(c *fiber.Ctx) func(held) queue.Ask {
	return func(h held) queue.Ask { return queue.Accept{Ticket: h.ticket, Luck: luck(), Marks: a.giverMarks(c, h)} }
}

// acceptAtDesk takes the offer for somebody who says so at the desk.
func (a *App) acceptAtDesk(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.Accept{Ticket: id, Luck: luck()} })
}

// viewOffer is the place that a ticket may take until it expires.
func viewOffer(s *queue.State, t *queue.Ticket, now time.Time) *static.StandbyOffer {
	if !s.OfferStands(t, now) {
		return nil
	}
	slot := static.Slot{Start: here(s, t.Offer.Slot.Start), End: here(s, t.Offer.Slot.End)}
	return &static.StandbyOffer{Slot: slot, Expires: here(s, t.Offer.Expires)}
}

// standingBy are today's numbers on standby as the hall sees them: those with
// an offer first, each in the order in which they asked, and those alone.
// Numbers of other days would be mistaken for today's.
func standingBy(s *queue.State, now time.Time) (numbers, offered []string) {
	offered = []string{}
	var others []string
	for _, t := range s.StandingBy(func(t *queue.Ticket) bool { return t.Date == s.Today(now) }) {
		if s.OfferStands(t, now) {
			offered = append(offered, t.Number)
		} else {
			others = append(others, t.Number)
		}
	}
	return append(slices.Clone(offered), others...), offered
}
