package display

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/vault"
)

// sealReason keeps a reason in somebody's own words in the vault, beside the
// ticket, because it may be about their health: the log holds only that there
// was another reason. It comes after the command, so that what was refused
// leaves nothing; should it fail, the outcome is unknown and the repetition,
// with the same key, writes it.
func (a *App) sealReason(c *fiber.Ctx, v visit, o order, act, ticket, reason string) error {
	if queue.NoteOf(reason) == reason {
		return nil
	}
	now := a.Offices.Now()
	var keep time.Duration
	v.office.Read(func(s *queue.State) {
		t := s.Tickets[ticket]
		if t == nil || !t.Erased.IsZero() {
			return
		}
		if service, ok := s.Config.Service(t.Service); ok {
			until := now
			if t.Slot != nil && t.Slot.End.After(until) {
				until = t.Slot.End
			}
			keep = keepFor(s, service, until, now)
		}
	})
	if keep == 0 {
		return nil
	}
	note := vault.Note{ID: o.asks(nil).ID, At: now.UTC(), Act: act, Text: reason}
	return a.Vault.Write(c.UserContext(), v.id, ticket, note, keep)
}
