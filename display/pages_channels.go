package display

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/vault"
	"antrean/static"
)

// channelsPage is how the ways fare by which people are told.
func (a *App) channelsPage(c *fiber.Ctx, who staff.Session) error {
	return a.showChannels(c, who, fiber.StatusOK, static.ChannelTest{})
}

func (a *App) showChannels(c *fiber.Ctx, who staff.Session, status int, test static.ChannelTest) error {
	shell, err := a.adminShell(c, who, "", "channels")
	if err != nil {
		return err
	}
	p := static.ChannelsPage{AdminShell: shell, Test: test}
	p.Path = "/admin/channels"
	if p.Channels, err = a.Channels.State(c.UserContext()); err != nil {
		return err
	}
	first := true // an administrator of several zones reads the first one's clock
	err = a.eachOffice(c.UserContext(), func(s *queue.State, _ time.Time) {
		for i := range p.Channels {
			if until := p.Channels[i].Resting; first && until != nil {
				at := here(s, *until)
				p.Channels[i].Resting = &at
			}
		}
		first = false
	})
	if err != nil {
		return err
	}
	return a.page(c, status, "channels", p)
}

// pageTestChannel sends an administrator's test, and shows what came of it.
func (a *App) pageTestChannel(c *fiber.Ctx, who staff.Session) error {
	if !a.SameOrigin(c) {
		return forbidden("foreign_origin")
	}
	test := static.ChannelTest{Channel: c.Params("channel"), Phone: c.FormValue("phone"), Email: c.FormValue("email")}
	done, err := a.sendTest(c, who, ChannelTest{Phone: test.Phone, Email: test.Email, Locale: a.language(c)})
	if err == nil {
		test.Done = &done
		return a.showChannels(c, who, fiber.StatusOK, test)
	}
	f := classify(err)
	switch {
	case f.status >= 500 || f.status == fiber.StatusNotFound:
		return err
	case len(f.fields) > 0:
		test.Wrong = a.say(a.language(c), "refusal."+f.fields[0].reason)
	default:
		test.Wrong = a.Pages.Words(a.language(c), "channels.too_often")
	}
	return a.showChannels(c, who, f.status, test)
}

// messagesPage is what reached nobody, and what a ticket was told.
func (a *App) messagesPage(c *fiber.Ctx, v visit) error {
	shell, err := a.adminShell(c, v.who, v.id, "messages")
	if err != nil {
		return err
	}
	p := static.MessagesPage{AdminShell: shell, Asked: c.Query("ticket")}
	dead, err := a.Channels.Dead(c.UserContext(), v.id)
	if err != nil {
		return err
	}
	ticket := ""
	if p.Asked != "" {
		ticket = a.ticketAsked(v, p.Asked)
	}
	v.office.Read(func(s *queue.State) {
		for _, d := range dead {
			m := static.DeadMessage{DeadLetter: d}
			m.At = here(s, m.At)
			if t := s.Tickets[d.Ticket]; t != nil {
				m.Number = t.Number
			}
			p.Dead = append(p.Dead, m)
		}
		if t := s.Tickets[ticket]; t != nil {
			p.Number = t.Number
		}
	})
	if p.Number != "" {
		told, err := a.toldOf(c, v, ticket)
		if err != nil {
			return err
		}
		v.office.Read(func(s *queue.State) {
			for _, n := range told {
				p.Told = append(p.Told, static.ToldMessage{At: here(s, n.At), Kind: n.Kind, Channel: n.Channel, Outcome: n.Outcome})
			}
		})
	}
	return a.page(c, fiber.StatusOK, "messages", p)
}

// ticketAsked is the ticket with that id, code, or number of today; "" if there
// is none.
func (a *App) ticketAsked(v visit, asked string) string {
	known := false
	v.office.Read(func(s *queue.State) { known = s.Tickets[asked] != nil })
	if known {
		return asked
	}
	if _, ok := vault.NormalCode(asked); ok {
		if id, err := a.ticketOfCode(v, asked); err == nil {
			return id
		}
	}
	if ids := a.candidates(v, asked, a.Offices.Now()); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// pageRetry tries one dead letter again, or all.
func (a *App) pageRetry(c *fiber.Ctx, v visit) error {
	if !a.SameOrigin(c) {
		return forbidden("foreign_origin")
	}
	var ids []string
	if id := c.FormValue("id"); id != "" {
		ids = []string{id}
	}
	if _, err := a.Channels.Retry(c.UserContext(), v.id, v.name(), ids); err != nil {
		return err
	}
	return c.Redirect("/admin/offices/"+v.id+"/messages?said=retried", fiber.StatusSeeOther)
}
