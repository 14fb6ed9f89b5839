package display

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/subject"
	"antrean/internal/vault"
	"antrean/static"
)

// Channels are the ways by which people are told, as whoever tells them knows
// them. What is answered by any is written as JSON and holds nothing personal.
type Channels interface {
	// State is every channel with its figures.
	State(ctx context.Context) ([]static.Channel, error)
	// Test sends a message over one channel. It refuses with ErrNoChannel,
	// ErrNoAddress or ErrTooOften.
	Test(ctx context.Context, channel string, to ChannelTest) (static.ChannelTested, error)
	// Dead are an office's messages that reached nobody.
	Dead(ctx context.Context, office string) ([]static.DeadLetter, error)
	// Retry tries such messages again, all of them if ids is nil, and counts them.
	Retry(ctx context.Context, office, by string, ids []string) (int, error)
}

// The refusals of Channels.Test.
var (
	ErrNoChannel = errors.New("there is no such channel")
	ErrNoAddress = errors.New("the channel has no use for this address")
	ErrTooOften  = errors.New("the channel's rate is used up")
)

// ChannelTest is where a test message goes: to an address, or to whoever holds a
// ticket.
type ChannelTest struct {
	Phone, Email   string
	Office, Ticket string
	Locale         string
}

func (a *App) listChannels(c *fiber.Ctx, _ staff.Session) error {
	all, err := a.Channels.State(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"channels": all})
}

// testChannel sends an administrator's test. Who tested what is logged, without
// the address.
func (a *App) testChannel(c *fiber.Ctx, who staff.Session) error {
	var body struct {
		Phone  string `json:"phone"`
		Email  string `json:"email"`
		Office string `json:"office"`
		Ticket string `json:"ticket"` // id
		Locale string `json:"locale"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Locale == "" {
		body.Locale = a.language(c)
	}
	if body.Ticket != "" {
		if err := a.knownTicket(c, body.Office, body.Ticket); err != nil {
			return err
		}
	}
	done, err := a.sendTest(c, who, ChannelTest{Phone: body.Phone, Email: body.Email, Office: body.Office, Ticket: body.Ticket, Locale: body.Locale})
	if err != nil {
		return err
	}
	return c.JSON(done)
}

// sendTest tests the channel that the path names.
func (a *App) sendTest(c *fiber.Ctx, who staff.Session, to ChannelTest) (static.ChannelTested, error) {
	to.Email = strings.TrimSpace(to.Email)
	if to.Phone != "" {
		var wrong string
		if to.Phone, wrong = vault.NormalPhone(to.Phone); wrong != "" {
			return static.ChannelTested{}, invalidField("phone", wrong)
		}
	}
	done, err := a.Channels.Test(c.UserContext(), c.Params("channel"), to)
	a.Log.Info("a channel was tested", "channel", c.Params("channel"), "user", nameOf(who), "done", err == nil)
	switch {
	case errors.Is(err, ErrNoChannel):
		err = notFound("channel")
	case errors.Is(err, ErrNoAddress):
		err = invalidField("phone", "required")
	case errors.Is(err, ErrTooOften):
		err = limited(time.Minute)
	}
	return done, err
}

func (a *App) knownTicket(c *fiber.Ctx, office, ticket string) error {
	o, err := a.open(c.UserContext(), office)
	if err != nil {
		return err
	}
	known := false
	o.Read(func(s *queue.State) { known = s.Tickets[ticket] != nil })
	if !known {
		return notFound("ticket")
	}
	return nil
}

// ticketMessages is what became of every message about a ticket, oldest first.
func (a *App) ticketMessages(c *fiber.Ctx, v visit) error {
	ticket := c.Params("ticket")
	if err := a.knownTicket(c, v.id, ticket); err != nil {
		return err
	}
	told, err := a.toldOf(c, v, ticket)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"messages": append([]subject.Notice{}, told...)})
}

// toldOf looks up a ticket's messages, and notes who did.
func (a *App) toldOf(c *fiber.Ctx, v visit, ticket string) ([]subject.Notice, error) {
	told, err := a.Notices(c.UserContext(), v.id, []string{ticket})
	if err != nil {
		return nil, err
	}
	a.Log.Info("messages were looked up", "office", v.id, "ticket", ticket, "user", v.name())
	return told[ticket], nil
}

func (a *App) listDeadLetters(c *fiber.Ctx, v visit) error {
	all, err := a.Channels.Dead(c.UserContext(), v.id)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"dead_letters": all})
}

// retryDeadLetters tries some messages again, or all.
func (a *App) retryDeadLetters(c *fiber.Ctx, v visit) error {
	var body struct {
		IDs []string `json:"ids"`
		All bool     `json:"all"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.All == (len(body.IDs) > 0) {
		return invalidField("ids", "required")
	}
	if body.All {
		body.IDs = nil
	}
	n, err := a.Channels.Retry(c.UserContext(), v.id, v.name(), body.IDs)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"retried": n})
}
