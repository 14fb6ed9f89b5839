package display

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// adminPage is how all offices are that one may look after.
func (a *App) adminPage(c *fiber.Ctx, who staff.Session) error {
	shell, err := a.adminShell(c, who, "", "overview")
	if err != nil {
		return err
	}
	p := static.AdminPage{AdminShell: shell}
	devices, troubled := a.devicesOf(c.UserContext()), a.troubled(c.UserContext())
	err = a.eachOffice(c.UserContext(), func(s *queue.State, now time.Time) {
		if staff.May(who, staff.Supervise, s.Office) {
			card := viewCard(s, now, devices[s.Office])
			warn(&card, troubled)
			p.Cards = append(p.Cards, card)
			p.Live.At, p.Live.Confirmed = here(s, now), here(s, now)
		}
	})
	if err != nil {
		return err
	}
	for i := range p.Cards {
		if office, err := a.open(c.UserContext(), p.Cards[i].ID); err == nil {
			warnReadOnly(&p.Cards[i], office)
		}
	}
	return a.page(c, fiber.StatusOK, "admin", p)
}
