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
	err = a.eachOffice(c.UserContext(), func(s *queue.State, now time.Time) {
		if staff.May(who, staff.Supervise, s.Office) {
			p.Cards = append(p.Cards, viewCard(s, now))
		}
	})
	if err != nil {
		return err
	}
	return a.page(c, fiber.StatusOK, "admin", p)
}

func viewCard(s *queue.State, now time.Time) static.AdminCard {
	v := viewQueue(s, now)
	card := static.AdminCard{
		ID: s.Office, Name: s.Config.Name, Phase: v.Phase, Suspended: v.Suspended,
		Waiting: len(v.Waiting), Counters: len(v.Counters), Expected: v.Expected, Served: v.Counts[string(queue.Done)],
	}
	for _, k := range v.Counters {
		if k.State == string(queue.Open) {
			card.Open++
		}
	}
	for _, t := range v.Waiting {
		if waited := s.Tickets[t.Ticket]; waited != nil {
			card.Longest = max(card.Longest, int(s.Waited(waited, now)/time.Minute))
		}
	}
	return card
}
