package display

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
	"antrean/static"
)

// shownHours is how many other hours a ticket's page offers.
const shownHours = 8

// reschedule moves one ticket to another hour: {slot}, as in a booking.
func (a *App) reschedule(c *fiber.Ctx) error {
	var body struct {
		Slot string `json:"slot"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	start, err := slotStart(body.Slot)
	if err != nil {
		return err
	}
	if err := a.keepLonger(c, start); err != nil {
		return err
	}
	return a.applicantAct(c, a.reschedules(c, start))
}

func (a *App) pageReschedule(c *fiber.Ctx) error {
	start, err := slotStart(c.FormValue("slot"))
	if err != nil {
		return err
	}
	if err := a.keepLonger(c, start); err != nil {
		return err
	}
	return a.pageAct(c, "reschedule", a.reschedules(c, start))
}

func (a *App) reschedules(c *fiber.Ctx, start time.Time) func(held) queue.Ask {
	return func(h held) queue.Ask {
		// What it leaves is kept from who asks, and so is what they left before.
		marks := slices.Sorted(slices.Values(append(a.giverMarks(c, h), a.marks(c, h.office, h.id)...)))
		return queue.Reschedule{Ticket: h.ticket, Slot: start, Luck: luck(), Marks: slices.Compact(marks)}
	}
}

// slotStart reads "earliest" as no time at all.
func slotStart(text string) (time.Time, error) {
	switch text {
	case "":
		return time.Time{}, invalidField("slot", "required")
	case "earliest":
		return time.Time{}, nil
	}
	start, err := time.Parse(time.RFC3339, text)
	if err != nil || start.IsZero() {
		return time.Time{}, invalidField("slot", "slot_format")
	}
	return start, nil
}

// keepLonger lets the personal record of the request's ticket live as long as
// a visit at that hour needs, before the ticket moves there: a crash in
// between keeps it a little too long, never too short. An earlier hour needs
// no more than it has.
func (a *App) keepLonger(c *fiber.Ctx, start time.Time) error {
	h, err := a.holder(c)
	if err != nil {
		return err
	}
	return a.keepLongerFor(c.UserContext(), h, start, false)
}

// keepLongerFor is keepLonger for a ticket in the hands of the desk. Special
// moves are for those as well whom the rules no longer let move.
func (a *App) keepLongerFor(ctx context.Context, h held, start time.Time, special bool) error {
	now, later := a.Offices.Now(), false
	h.office.Read(func(s *queue.State) {
		t := s.Tickets[h.ticket]
		if t == nil || t.Slot == nil || !s.MayReschedule(t, now) && !(special && t.Status == queue.Booked) {
			return // refused anyway, or done before
		}
		if service, ok := s.Config.Service(t.Service); ok && start.IsZero() {
			p, _ := s.EarliestFor(t.Lane, service, s.Today(now), 1, now)
			start = p.Start
		}
		later = start.After(t.Slot.Start) && s.Today(start) <= s.LastBookable(now)
	})
	if !later {
		return nil
	}
	return a.keepPerson(ctx, h.office, h.id, h.ticket, start)
}

// keepPerson lets the person of a ticket live until their visit at that hour and
// their retention are over; what is corrected meanwhile stays. A ticket without a
// person has none.
func (a *App) keepPerson(ctx context.Context, office *ledger.Office, id, ticket string, until time.Time) error {
	var keep time.Duration
	now := a.Offices.Now()
	office.Read(func(s *queue.State) {
		if t := s.Tickets[ticket]; t != nil {
			if service, ok := s.Config.Service(t.Service); ok {
				keep = keepFor(s, service, until, now)
			}
		}
	})
	if keep == 0 {
		return nil
	}
	return a.Vault.Change(ctx, id, ticket, keep, func(*vault.Person) {})
}

// keepFor is how long the personal record of a visit at that hour is kept.
func keepFor(s *queue.State, service *queue.Service, until, now time.Time) time.Duration {
	if service.PickupAfter > 0 {
		date := s.Config.Calendar().WorkingDay(s.Today(until), int(service.PickupAfter))
		if _, closes, ok := s.Config.Calendar().Bounds(date); ok {
			until = closes
		}
	}
	return max(until.Sub(now), 0) + s.Config.Retention.Personal.D() + 24*time.Hour
}

// otherHours are the next hours to which the ticket may move.
func otherHours(s *queue.State, t *queue.Ticket, now time.Time) []static.Slot {
	if !s.MayReschedule(t, now) {
		return nil
	}
	return hoursFor(s, t, now)
}

// hoursFor are the next hours with room for a booked ticket.
func hoursFor(s *queue.State, t *queue.Ticket, now time.Time) []static.Slot {
	service, ok := s.Config.Service(t.Service)
	if !ok || t.Slot == nil {
		return nil
	}
	var all []static.Slot
	for date := s.Today(now); date <= s.LastBookable(now); date = date.AddDays(1) {
		for _, p := range s.Places(service, date, now) {
			if p.FreeFor(t.Lane) > 0 && !p.Start.Equal(t.Slot.Start) {
				all = append(all, static.Slot{Start: here(s, p.Start), End: here(s, p.End)})
			}
			if len(all) == shownHours {
				return all
			}
		}
	}
	return all
}

// luck is a number that nobody can guess, for rules that need one: they draw
// none themselves.
func luck() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}
