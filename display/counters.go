package display

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// next calls whose turn it is: who it is, is queue.Next's to decide; the answer
// is the counter as the call left it.
func (a *App) next(c *fiber.Ctx, v visit) error {
	var body struct {
		Complete bool `json:"complete"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	return a.counterAct(c, v, queue.Next{Counter: c.Params("counter"), Complete: body.Complete})
}

// counterAct decides a command at the path's counter.
func (a *App) counterAct(c *fiber.Ctx, v visit, ask queue.Ask) error {
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	return a.counterOrder(c, v, o, ask, func() error { return nil })
}

// positionHeader says of which epoch and version of the log an answer is, so that
// a page that has seen later ones does not go back to it.
const positionHeader = "Antrean-Position"

// counterOrder is counterAct with something to do before the answer leaves.
func (a *App) counterOrder(c *fiber.Ctx, v visit, o order, ask queue.Ask, then func() error) error {
	var view static.CounterView
	var position string
	counter := c.Params("counter")
	err := a.do(c, v.office, o, ask, func(s *queue.State, _ []*queue.Event) {
		view = viewCounter(s, counter, s.At)
		position = fmt.Sprintf("%s:%d", s.Epoch, s.Version)
	})
	if err != nil {
		return err
	}
	if err := then(); err != nil {
		return err
	}
	// A success without the name would not be the answer that a repetition
	// gets: the outcome stays unknown until the store tells it.
	if err := a.nameCurrent(c.UserContext(), &view, v.who); err != nil {
		return fmt.Errorf("answer with the name: %w", err)
	}
	c.Set(positionHeader, position)
	return c.JSON(view)
}

func (a *App) counterBodiless(c *fiber.Ctx, v visit, ask queue.Ask) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	return a.counterAct(c, v, ask)
}

func (a *App) openCounter(c *fiber.Ctx, v visit) error {
	return a.counterBodiless(c, v, queue.OpenCounter{Counter: c.Params("counter")})
}

func (a *App) closeCounter(c *fiber.Ctx, v visit) error {
	return a.counterBodiless(c, v, queue.CloseCounter{Counter: c.Params("counter")})
}

func (a *App) pauseCounter(c *fiber.Ctx, v visit) error {
	return a.counterBodiless(c, v, queue.PauseCounter{Counter: c.Params("counter")})
}

// takeOver is for supervisors and for whoever relieves a forgotten login: an
// officer of the same office, whose name the log then holds.
func (a *App) takeOver(c *fiber.Ctx, v visit) error {
	return a.counterBodiless(c, v, queue.TakeOver{Counter: c.Params("counter")})
}

func (a *App) recall(c *fiber.Ctx, v visit) error {
	return a.counterBodiless(c, v, queue.Recall{Counter: c.Params("counter")})
}

func (a *App) serve(c *fiber.Ctx, v visit) error {
	return a.counterBodiless(c, v, queue.Serve{Counter: c.Params("counter")})
}

func (a *App) complete(c *fiber.Ctx, v visit) error {
	var body struct {
		TransferTo string `json:"transfer_to"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	return a.counterAct(c, v, queue.Complete{Counter: c.Params("counter"), To: body.TransferTo})
}

func (a *App) noShow(c *fiber.Ctx, v visit) error {
	return a.counterBodiless(c, v, queue.Miss{Counter: c.Params("counter")})
}

func (a *App) park(c *fiber.Ctx, v visit) error {
	return a.counterBodiless(c, v, queue.Park{Counter: c.Params("counter")})
}

// callChosen calls somebody out of turn.
func (a *App) callChosen(c *fiber.Ctx, v visit) error {
	var body struct {
		Ticket string `json:"ticket"`
		Reason string `json:"reason"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Ticket == "" {
		return invalidField("ticket", "required")
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	return a.counterOrder(c, v, o, queue.CallTicket{
		Counter: c.Params("counter"), Ticket: body.Ticket, Reason: body.Reason,
		May: staff.May(v.who, staff.CallChosen, v.id),
	}, func() error { return a.sealReason(c, v, o, "call", body.Ticket, body.Reason) })
}

func (a *App) undo(c *fiber.Ctx, v visit) error {
	return a.counterBodiless(c, v, queue.UndoLast{Counter: c.Params("counter")})
}

func (a *App) showCounter(c *fiber.Ctx, v visit) error {
	view, ok := a.counterView(v.office, c.Params("counter"))
	if !ok {
		return notFound("counter")
	}
	_ = a.nameCurrent(c.UserContext(), &view, v.who) // readable without it
	return c.JSON(view)
}
