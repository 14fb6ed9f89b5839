package display

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/vault"
)

// foundTicket is somebody whom the desk looked for.
type foundTicket struct {
	deskTicket
	Name     string   `json:"name"`
	Erased   bool     `json:"erased,omitempty"` // the person's data were erased
	Phone    string   `json:"phone"`
	Date     string   `json:"date"`
	Warnings []string `json:"warnings"`
}

const (
	mostFound  = 20
	mostOpened = 2000 // personal records opened for one search
)

// find looks people up by number, code, QR code, name, NIK or phone: today's,
// and by code anybody's. Every search is written down, without what was asked.
func (a *App) find(c *fiber.Ctx, v visit) error {
	q := strings.TrimSpace(c.Query("q"))
	if utf8.RuneCountInString(q) < 2 || len(q) > 200 {
		return invalidField("q", "query_short")
	}
	now := a.Offices.Now()
	found := []foundTicket{}
	if id, err := a.ticketOfCode(v, q); err == nil {
		found = a.found(c, v, found, id, now)
	}
	if len(found) == 0 {
		for _, id := range a.candidates(v, q, now) {
			if len(found) == mostFound {
				break
			}
			found = a.found(c, v, found, id, now)
		}
	}
	if len(found) == 0 {
		for _, id := range a.namesakes(c, v, q, now) {
			found = a.found(c, v, found, id, now)
		}
	}
	a.Log.Info("people were looked for", "office", v.id, "user", v.name(), "found", len(found))
	return c.JSON(fiber.Map{"tickets": found})
}

// candidates are today's tickets whose number is asked for: A-012, a12, 12.
func (a *App) candidates(v visit, q string, now time.Time) []string {
	var ids []string
	asked := plainNumber(q)
	v.office.Read(func(s *queue.State) {
		today := s.Today(now)
		for _, id := range sortedKeys(s.Tickets) {
			t := s.Tickets[id]
			if t.Date != today {
				continue
			}
			prefix, digits, _ := strings.Cut(t.Number, "-")
			if asked == prefix+strings.TrimLeft(digits, "0") || asked == strings.TrimLeft(digits, "0") {
				ids = append(ids, id)
			}
		}
	})
	return ids
}

// plainNumber writes a number without dash, blanks and leading zeros.
func plainNumber(q string) string {
	q = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(q))
	at := strings.IndexAny(q, "0123456789")
	if at < 0 {
		return q
	}
	return q[:at] + strings.TrimLeft(q[at:], "0")
}

// namesakes are today's tickets whose person has that name, NIK or phone.
func (a *App) namesakes(c *fiber.Ctx, v visit, q string, now time.Time) []string {
	var all, ids []string
	v.office.Read(func(s *queue.State) {
		today := s.Today(now)
		for _, id := range sortedKeys(s.Tickets) {
			if t := s.Tickets[id]; t.Date == today && t.Slot != nil && len(all) < mostOpened {
				all = append(all, id)
			}
		}
	})
	for _, id := range all {
		if len(ids) == mostFound {
			break
		}
		person, err := a.Vault.Get(c.UserContext(), v.id, id)
		if err == nil && describes(q, person) {
			ids = append(ids, id)
		}
	}
	return ids
}

func describes(q string, p vault.Person) bool {
	if strings.Contains(strings.ToLower(p.Name), strings.ToLower(q)) {
		return true
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, q)
	return len(digits) >= 6 && (strings.HasPrefix(p.NIK, digits) || strings.Contains(p.Phone, strings.TrimLeft(digits, "0")))
}

func (a *App) found(c *fiber.Ctx, v visit, all []foundTicket, id string, now time.Time) []foundTicket {
	f := foundTicket{Warnings: []string{}}
	known := false
	v.office.Read(func(s *queue.State) {
		if t := s.Tickets[id]; t != nil {
			known = true
			f.deskTicket = deskTicket{t.ID, a.Ring.Code(s.Office, t.ID), viewTicket(s, t, now, nil)}
			f.Date, f.Erased = string(t.Date), !t.Erased.IsZero()
		}
	})
	if !known {
		return all
	}
	if f.Erased {
		f.Name = a.say(a.language(c), "counter.erased")
		return append(all, f)
	}
	if person, err := a.Vault.Get(c.UserContext(), v.id, id); err == nil {
		f.Name, f.Phone = person.Name, person.Phone
		f.Warnings = append(f.Warnings, person.Warnings...)
	}
	return append(all, f)
}
