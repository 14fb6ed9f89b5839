package display

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// marks are what a request is known by when it asks for places: digests of its
// phones, its browser, and its network and program together. They change with
// every window of noshow.future_release_delay, so that the log joins nobody's
// visits; those of the last window still count.
func (a *App) marks(c *fiber.Ctx, office *ledger.Office, id string, phones ...string) []string {
	window := releaseWindow(office)
	if window <= 0 {
		return nil
	}
	turn := a.Offices.Now().UnixNano() / int64(window)
	signs := a.signs(c, phones)
	return append(a.Ring.Marks(id, turn, signs...), a.Ring.Marks(id, turn-1, signs...)...)
}

// giverMarks are what the giver of a ticket's place is known by until the window
// is over; none when the place is of today, and free at once. A browser without
// a visitor's cookie is given one.
func (a *App) giverMarks(c *fiber.Ctx, h held) []string {
	now, window := a.Offices.Now(), releaseWindow(h.office)
	var family []string
	h.office.Read(func(s *queue.State) {
		if t := s.Tickets[h.ticket]; t != nil && t.Status == queue.Booked && t.Date > s.Today(now) {
			for _, m := range s.Party(t) {
				family = append(family, m.ID)
			}
		}
	})
	if len(family) == 0 || window <= 0 {
		return nil
	}
	var phones []string
	for _, ticket := range family {
		// Whose record is gone, or cannot be read now, gave no phone.
		if person, err := a.Vault.Get(c.UserContext(), h.id, ticket); err == nil {
			phones = append(phones, person.Phone)
		}
	}
	signs := a.signs(c, phones)
	if _, known := a.visitor(c); !known {
		word := a.Ring.Marks(h.id, 0, "browser of "+h.ticket)[0] // the same when this is repeated
		a.greetAs(c, word)
		signs = append(signs, "browser "+word)
	}
	return a.Ring.Marks(h.id, now.UnixNano()/int64(window), signs...)
}

// signs are the plain texts behind the marks.
func (a *App) signs(c *fiber.Ctx, phones []string) []string {
	var signs []string
	for _, phone := range phones {
		if phone != "" {
			signs = append(signs, "phone "+phone)
		}
	}
	if word, known := a.visitor(c); known {
		signs = append(signs, "browser "+word)
	}
	if !a.Simulated { // where everybody has one address
		signs = append(signs, "network "+network(a.address(c))+" "+c.Get(fiber.HeaderUserAgent))
	}
	return signs
}

func phonesOf(people []vault.Person) []string {
	phones := make([]string, len(people))
	for i, p := range people {
		phones[i] = p.Phone
	}
	return phones
}

func releaseWindow(office *ledger.Office) (window time.Duration) {
	office.Read(func(s *queue.State) { window = s.Config.NoShow.FutureReleaseDelay.Max.D() })
	return window
}
