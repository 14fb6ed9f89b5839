package display

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
)

// What an applicant does on their phone the desk does for those who have none,
// and more: putting families together, moving whom the rules keep, handing
// passports over. The API and the page (pages_desk.go) ask for the same.

func (a *App) deskCheckIn(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.CheckIn{Ticket: id, Proof: true} })
}

func (a *App) deskUndoCheckIn(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.UndoCheckIn{Ticket: id} })
}

func (a *App) deskConfirm(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.Confirm{Ticket: id} })
}

func (a *App) deskCancel(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.Cancel{Ticket: id, Luck: luck()} })
}

func (a *App) deskSplit(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.SplitParty{Ticket: id} })
}

func (a *App) collected(c *fiber.Ctx, v visit) error {
	return a.deskBodiless(c, v, func(id string) queue.Ask { return queue.Collect{Ticket: id} })
}

// deskStandBy asks for an earlier place for somebody: {minutes}, 0 to ask no more.
func (a *App) deskStandBy(c *fiber.Ctx, v visit) error {
	var body struct {
		Minutes *int `json:"minutes"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Minutes == nil {
		return invalidField("minutes", "required")
	}
	return a.deskOrder(c, v, queue.StandBy{Ticket: c.Params("ticket"), Minutes: *body.Minutes})
}

// deskDefer lets {places} people pass somebody.
func (a *App) deskDefer(c *fiber.Ctx, v visit) error {
	var body struct {
		Places *int `json:"places"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Places == nil {
		return invalidField("places", "required")
	}
	return a.deskOrder(c, v, queue.Defer{Ticket: c.Params("ticket"), Places: *body.Places})
}

// deskReschedule moves somebody: {slot, special?}. Special is a supervisor's
// word that the office is at fault: no rule for applicants stands against it.
func (a *App) deskReschedule(c *fiber.Ctx, v visit) error {
	var body struct {
		Slot    string `json:"slot"`
		Special bool   `json:"special"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	ask, err := a.moves(c, v, c.Params("ticket"), body.Slot, body.Special)
	if err != nil {
		return err
	}
	return a.deskOrder(c, v, ask)
}

// moves keeps the personal record as long as the later visit needs, and says
// what is asked.
func (a *App) moves(c *fiber.Ctx, v visit, ticket, slot string, special bool) (queue.Ask, error) {
	if special && !staff.May(v.who, staff.Supervise, v.id) {
		return nil, forbidden("special_needs_supervisor")
	}
	start, err := slotStart(slot)
	if err != nil {
		return nil, err
	}
	if err := a.keepLongerFor(c.UserContext(), held{office: v.office, id: v.id, ticket: ticket}, start, special); err != nil {
		return nil, err
	}
	return queue.Reschedule{Ticket: ticket, Slot: start, Luck: luck(), Special: special}, nil
}

// deskJoin makes somebody one of another's family: {with}, a ticket's id,
// number of today, or code.
func (a *App) deskJoin(c *fiber.Ctx, v visit) error {
	var body struct {
		With string `json:"with"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	ask, err := a.joins(c, v, o, c.Params("ticket"), body.With)
	if err != nil {
		return err
	}
	return a.deskAct(c, v, o, c.Params("ticket"), ask)
}

// joins finds whom somebody joins. A number that is two people's by now was one's
// when a repetition came first.
func (a *App) joins(c *fiber.Ctx, v visit, o order, ticket, with string) (queue.Ask, error) {
	if with == "" {
		return nil, invalidField("with", "required")
	}
	known := false
	v.office.Read(func(s *queue.State) { known = s.Tickets[with] != nil })
	if !known {
		if id, err := a.ticketOfCode(v, with); err == nil {
			with = id
		} else if ids := a.candidates(v, with, a.Offices.Now()); len(ids) == 1 {
			with = ids[0]
		} else if len(ids) > 1 && !a.remembered(c, v, o) {
			return nil, invalidField("with", "several_numbers")
		}
	}
	return queue.JoinParty{Ticket: ticket, With: with}, nil
}

// deskOrder is deskAct for a body that was read.
func (a *App) deskOrder(c *fiber.Ctx, v visit, ask queue.Ask) error {
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	return a.deskAct(c, v, o, c.Params("ticket"), ask)
}

// mayDo is what the desk may do for a ticket now, by the last word of the
// path. The office has the last word on each.
func mayDo(s *queue.State, t *queue.Ticket, now time.Time, supervisor bool) map[string]bool {
	can := map[string]bool{"reissue": true}
	for _, act := range canDo(s, t, now) {
		can[act] = true
	}
	delete(can, "help")
	gone := t.Status == queue.Called || t.Status == queue.Serving || t.Status.Ended()
	can["amend"] = t.Status != queue.Called && !t.Status.Ended()
	can["join"] = !gone && len(s.Party(t)) < 2
	can["split"] = !gone && len(s.Party(t)) > 1
	can["helped"] = !t.Help.IsZero() && s.MayAskHelp(t, now)
	can["undo-check-in"] = s.MayUndoCheckIn(t, now)
	today := t.Date == s.Today(now)
	can["return"] = t.Status == queue.Parked || t.Status == queue.NoShow && today
	can["ready"] = t.Status == queue.Done && t.Ready.IsZero() && t.Collected.IsZero() && t.PickupFrom != ""
	can["collected"] = t.Status == queue.Done && t.Collected.IsZero() && t.PickupFrom != ""
	can["leave-standby"] = t.Status == queue.Booked && t.Standby != nil && !t.Released
	can["special"] = supervisor && t.Status == queue.Booked && t.Slot != nil
	if can["special"] {
		can["reschedule"] = true
	}
	return can
}
