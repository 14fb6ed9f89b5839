package display

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/vault"
	"antrean/static"
)

// foundTicket is somebody whom the desk looked for.
type foundTicket struct {
	deskTicket
	Name     string   `json:"name"`
	Erased   bool     `json:"erased,omitempty"` // the person's data were erased
	Phone    string   `json:"phone"`
	Email    string   `json:"email,omitempty"`
	NIKEnd   string   `json:"nik_end,omitempty"` // its last four digits, to be held beside the card
	Date     string   `json:"date"`
	Warnings []string `json:"warnings"`
	Do       []string `json:"do"` // what the desk may do now, by the last word of the path

	known bool // personal data are in it
}

const (
	mostFound  = 20
	mostOpened = 2000 // personal records opened for one search
)

// find looks people up by number, code, QR code, link, name, NIK or phone:
// today's first, and by code anybody's. Every search is written down, without
// what was asked; whose data were seen is in the office's log.
func (a *App) find(c *fiber.Ctx, v visit) error { return a.answerFound(c, v, c.Query("q")) }

// findUnseen is find for a search that must not stand in an address: {q}.
func (a *App) findUnseen(c *fiber.Ctx, v visit) error {
	var body struct {
		Q string `json:"q"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	return a.answerFound(c, v, body.Q)
}

func (a *App) answerFound(c *fiber.Ctx, v visit, q string) error {
	found, elsewhere, err := a.search(c, v, q)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"tickets": found, "elsewhere": elsewhere})
}

func (a *App) search(c *fiber.Ctx, v visit, q string) (found []foundTicket, elsewhere *static.DeskOffice, err error) {
	q = strings.TrimSpace(q)
	if utf8.RuneCountInString(q) < 2 || len(q) > 400 {
		return nil, nil, invalidField("q", "query_short")
	}
	now := a.Offices.Now()
	found = []foundTicket{}
	if id, err := a.ticketOfCode(v, q); err == nil {
		found = a.found(c, v, found, id, now)
	} else if h, err := a.ticketOf(q[strings.LastIndexByte(q, '/')+1:]); err == nil && h.id == v.id {
		found = a.found(c, v, found, h.ticket, now) // the link, from a phone's or a slip's QR
	} else if err == nil {
		elsewhere = a.officeAddress(c, h.id)
	}
	if len(found) == 0 && elsewhere == nil {
		for _, id := range a.candidates(v, q, now) {
			if len(found) == mostFound {
				break
			}
			found = a.found(c, v, found, id, now)
		}
	}
	if len(found) == 0 && elsewhere == nil {
		for _, id := range a.namesakes(c, v, q, now) {
			found = a.found(c, v, found, id, now)
		}
	}
	if len(found) == 0 && elsewhere == nil {
		elsewhere = a.elsewhere(c, v, q)
	}
	a.Log.Info("people were looked for", "office", v.id, "user", v.name(), "found", len(found))
	return found, elsewhere, a.look(c, v, found...)
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

// namesakes are the tickets whose person has that name, NIK or phone: today's,
// and where there are none those of other days who are expected or whose
// passport may wait, the nearest first.
func (a *App) namesakes(c *fiber.Ctx, v visit, q string, now time.Time) []string {
	var today, others []*queue.Ticket
	v.office.Read(func(s *queue.State) {
		date := s.Today(now)
		for _, id := range sortedKeys(s.Tickets) {
			t := s.Tickets[id]
			switch {
			case t.Slot == nil:
			case t.Date == date:
				today = append(today, t)
			case t.Status == queue.Booked, t.Status == queue.Done && t.Collected.IsZero():
				others = append(others, t)
			}
		}
	})
	far := func(t *queue.Ticket) time.Duration { return t.Slot.Start.Sub(now).Abs() }
	slices.SortStableFunc(others, func(a, b *queue.Ticket) int { return cmp.Compare(far(a), far(b)) })
	left := mostOpened
	for _, all := range [][]*queue.Ticket{today, others} {
		var ids []string
		for _, t := range all {
			if left--; left < 0 || len(ids) == mostFound {
				break
			}
			person, err := a.Vault.Get(c.UserContext(), v.id, t.ID)
			if err == nil && describes(q, person) {
				ids = append(ids, t.ID)
			}
		}
		if len(ids) > 0 {
			return ids
		}
	}
	return nil
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

// elsewhere is the office of whoever came to the wrong one, by their code:
// where it is, and nothing else about them.
func (a *App) elsewhere(c *fiber.Ctx, v visit, q string) *static.DeskOffice {
	if office, _, err := a.Ring.ParseQR(q); err == nil {
		if office == v.id {
			return nil
		}
		return a.officeAddress(c, office)
	}
	code, ok := vault.NormalCode(q)
	if !ok {
		return nil
	}
	// Codes are worked out when no office is held up by it.
	tickets := map[string][]string{}
	_ = a.eachOffice(c.UserContext(), func(s *queue.State, _ time.Time) { // those that can be read
		if s.Office != v.id {
			tickets[s.Office] = slices.Collect(maps.Keys(s.Tickets))
		}
	})
	for office, ids := range tickets {
		if _, found := a.coded(office, ids, code); found {
			return a.officeAddress(c, office)
		}
	}
	return nil
}

// coded is which of an office's tickets has that code.
func (a *App) coded(office string, ids []string, code string) (ticket string, found bool) {
	for _, id := range ids {
		if slices.Contains(a.Ring.Codes(office, id), code) {
			return id, true
		}
	}
	return "", false
}

func (a *App) officeAddress(c *fiber.Ctx, id string) (there *static.DeskOffice) {
	o, err := a.open(c.UserContext(), id)
	if err != nil {
		return nil
	}
	o.Read(func(s *queue.State) {
		there = &static.DeskOffice{ID: s.Office, Name: s.Config.Name, Address: s.Config.Address}
	})
	return there
}

func (a *App) found(c *fiber.Ctx, v visit, all []foundTicket, id string, now time.Time) []foundTicket {
	if f, ok := a.foundOne(c, v, id, now); ok {
		return append(all, f)
	}
	return all
}

func (a *App) foundOne(c *fiber.Ctx, v visit, id string, now time.Time) (f foundTicket, known bool) {
	f = foundTicket{Warnings: []string{}}
	v.office.Read(func(s *queue.State) {
		if t := s.Tickets[id]; t != nil {
			known = true
			f.deskTicket = deskTicket{t.ID, a.Ring.Code(s.Office, t.ID), viewTicket(s, t, now, a.predicts.ticket(v.id, t.ID))}
			f.Date, f.Erased = string(t.Date), !t.Erased.IsZero()
			for act, may := range mayDo(s, t, now, v.supervises()) {
				if may {
					f.Do = append(f.Do, act)
				}
			}
			slices.Sort(f.Do)
		}
	})
	if !known {
		return f, false
	}
	if f.Erased {
		f.Name = a.say(a.language(c), "counter.erased")
		return f, true
	}
	if person, err := a.Vault.Get(c.UserContext(), v.id, id); err == nil {
		f.Name, f.Phone, f.Email, f.known = person.Name, person.Phone, person.Email, true
		f.NIKEnd = person.NIK[max(0, len(person.NIK)-4):]
		f.Warnings = append(f.Warnings, person.Warnings...)
	}
	return f, true
}

// showTicketAtDesk is one ticket as the desk sees it. Whose data that shows is
// in the office's log.
func (a *App) showTicketAtDesk(c *fiber.Ctx, v visit) error {
	f, err := a.person(c, v, c.Params("ticket"))
	if err != nil {
		return err
	}
	return c.JSON(f)
}

func (a *App) person(c *fiber.Ctx, v visit, id string) (foundTicket, error) {
	f, ok := a.foundOne(c, v, id, a.Offices.Now())
	if !ok {
		return f, notFound("ticket")
	}
	return f, a.look(c, v, f)
}
