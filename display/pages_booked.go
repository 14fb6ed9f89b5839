package display

import (
	"html/template"
	"strings"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/static"
)

const (
	bookedCookie   = "antrean_booked" // the tokens of the last booking
	tokenSeparator = "."
)

// bookedPage is the confirmation of the last booking of this browser. It shows
// what holds now: whoever has cancelled or moved since is not told an old hour.
func (a *App) bookedPage(c *fiber.Ctx) error {
	p := static.BookedPage{Page: a.base(c), Calendar: "/t/calendar.ics"}
	links := a.links(c)
	for _, token := range strings.SplitN(a.cookie(c, bookedCookie), tokenSeparator, mostTyped) {
		h, err := a.holderOf(c, token)
		if err != nil && classify(err).status == fiber.StatusNotFound {
			continue // never booked here, or another link was made since
		}
		if err != nil {
			return err
		}
		svg, err := qrSVG(a.Ring.QRCode(h.id, h.ticket))
		if err != nil {
			return fault500(err)
		}
		h.office.Read(func(s *queue.State) {
			t := s.Tickets[h.ticket]
			if t == nil || t.Status != queue.Booked || t.Slot == nil || t.NewDay {
				return
			}
			m := static.BookedMember{
				Number: t.Number, Code: a.Ring.Code(h.id, h.ticket), URL: links + token,
				QR: template.HTML(svg), // ours, from digits
			}
			slot := slotOf(s, t)
			if len(p.Members) == 0 {
				fillBooked(&p, s, t)
			} else if !slot.Start.Equal(p.Slot.Start) || s.Config.Name != p.Office {
				m.Slot = slot
			}
			p.Standby = p.Standby || t.Standby != nil
			p.Members = append(p.Members, m)
		})
	}
	private(c)
	if len(p.Members) == 0 {
		return c.Redirect("/t", fiber.StatusSeeOther) // which tells what has become of it
	}
	return a.page(c, fiber.StatusOK, "booked", p)
}

func fillBooked(p *static.BookedPage, s *queue.State, t *queue.Ticket) {
	p.Office, p.Address, p.Service = s.Config.Name, s.Config.Address, serviceName(s, t.Service)
	if service, ok := s.Config.Service(t.Service); ok {
		p.Bring = static.Text(service.Bring)
	}
	p.Slot, p.ArriveBy, p.Fee = *slotOf(s, t), here(s, t.ArriveBy), t.Fee
	p.Timeline = static.Timeline{
		Appointment: moment(s, t.Slot.Start), PaymentDue: moment(s, t.PaymentDue), PickupFrom: dayStart(s, t.PickupFrom),
	}
}
