package display

import (
	"encoding/base64"
	"errors"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// The kiosk in the hall. Its pages are whole without scripts; with them, the
// same answers are shown in place, and a press whose answer is lost is repeated
// with the same key. The answer to a form is the page itself and no redirect:
// no address leads to somebody's number, and a reload repeats the same order.

const (
	paperCookie = "antrean_kiosk_paper" // "no": this kiosk has no printer
	paperLife   = 365 * 24 * time.Hour
)

// kioskPage is the start, a service, or the keys to type a code.
func (a *App) kioskPage(c *fiber.Ctx, v visit) error {
	p := a.kiosk(c, v)
	if paper := c.Query("paper"); paper == "no" || paper == "yes" {
		a.setCookie(c, paperCookie, paper, fiber.CookieSameSiteStrictMode, paperLife)
		p.Print = paper == "yes"
	}
	switch service := c.Query("service"); {
	case service != "":
		i := slices.IndexFunc(p.Services, func(s static.KioskService) bool { return s.ID == service })
		if i < 0 {
			return notFound("")
		}
		p.Step, p.Service = "service", &p.Services[i]
	case c.Query("do") == "code":
		p.Step = "code"
	}
	return a.page(c, fiber.StatusOK, "kiosk", p)
}

// kiosk is what every step shows.
func (a *App) kiosk(c *fiber.Ctx, v visit) static.KioskPage {
	now := a.Offices.Now()
	_, confirmed := v.office.Confirmed()
	v.office.Read(func(s *queue.State) { c.Locals(hallLanguage, s.Config.Languages[0]) })
	p := static.KioskPage{
		Page: a.baseOn(c, staff.KioskDevice), Office: v.id, Step: "start", Key: newKey(),
		Large: c.Query("large") == "1", Print: a.cookie(c, paperCookie) != "no",
	}
	a.watched.hold(a, v.id) // so that waits are predicted
	v.office.Read(func(s *queue.State) {
		p.Live = a.liveAt("/live/offices/"+v.id+"/display", s, now, confirmed)
		p.Name, p.Home = s.Config.Name, s.Config.Languages[0]
		p.Languages = slices.DeleteFunc(p.Languages, func(l string) bool { return !slices.Contains(s.Config.Languages, l) })
		p.PriorityFor = static.Text(s.Config.Calling.PriorityFor)
		p.Phase, p.Opens = phaseOf(s, now)
		p.Open, p.Suspension = doorsOpen(p.Phase), viewSuspension(s)
		waiting := map[string]int{}
		for _, stage := range s.Config.Stages {
			for _, t := range s.Waiting(stage.ID) {
				waiting[t.Service]++
			}
		}
		for i := range s.Config.Services {
			of := &s.Config.Services[i]
			limit, limited := s.DoorLimit(of, s.Today(now))
			p.Services = append(p.Services, static.KioskService{
				ID: of.ID, Name: static.Text(of.Name), Bring: static.Text(of.Bring), Waiting: waiting[of.ID],
				Wait:     a.predicts.newcomer(v.id, of.ID, queue.Walkin),
				Priority: a.predicts.newcomer(v.id, of.ID, queue.Priority),
				Full:     limited && s.DoorGiven(of, s.Today(now)) >= limit, Standby: !of.SlotCapacity.IsZero(),
			})
		}
	})
	if !slices.Contains(p.Languages, p.Home) {
		p.Home = p.Languages[0]
	}
	p.Book = picture(a.publicURL(c, "/?office="+v.id))
	return p
}

// kioskTicket gives a number.
func (a *App) kioskTicket(c *fiber.Ctx, v visit) error {
	o, err := a.orderWith(v.scope(), c.Path(), c.FormValue("key"), c.Request().Body(), v.actor())
	if err != nil {
		return err
	}
	p, given, token := a.kiosk(c, v), static.KioskTicket{}, ""
	service := c.FormValue("service")
	err = a.do(c, v.office, o, queue.Issue{
		ID: a.Ring.TicketID(v.id, o.request, 0), Service: service, Locale: p.Lang,
		Priority: c.FormValue("priority") == "yes", Standby: c.FormValue("standby") == "yes",
	}, func(s *queue.State, events []*queue.Event) {
		for _, e := range events {
			if f, ok := e.Fact.(*queue.TicketIssued); ok {
				given = viewGiven(s, f.Ticket)
				token = a.Ring.Token(s.Office, f.Ticket.ID, f.Ticket.Link)
			}
		}
	})
	var refusal *queue.Refusal
	if errors.As(err, &refusal) {
		i := slices.IndexFunc(p.Services, func(s static.KioskService) bool { return s.ID == service })
		if i < 0 {
			return err
		}
		p.Step, p.Service, p.Problem = "service", &p.Services[i], "refusal."+refusal.Detail
		return a.page(c, classify(err).status, "kiosk", p)
	}
	if err != nil {
		return err
	}
	if !given.Standby {
		given.Wait = a.predicts.newcomer(v.id, service, queue.Lane(given.Lane))
	}
	given.Follow = picture(a.links(c) + token)
	p.Step, p.Ticket = "given", &given
	return a.page(c, fiber.StatusCreated, "kiosk", p)
}

func viewGiven(s *queue.State, t *queue.Ticket) static.KioskTicket {
	return static.KioskTicket{
		Number: t.Number, Service: serviceName(s, t.Service), State: string(t.Status), At: here(s, t.Made),
		Lane: string(t.Lane), Standby: t.Standby != nil && t.Slot == nil, Slot: slotOf(s, t),
	}
}

// kioskCheckIn checks in whoever shows or types a code. A number on standby
// whose place is offered takes it by that: its owner stands here.
func (a *App) kioskCheckIn(c *fiber.Ctx, v visit) error {
	typed := strings.TrimSpace(c.FormValue("code"))
	p := a.kiosk(c, v)
	ticket, err := a.ticketShown(v, typed)
	if err != nil {
		return a.kioskRefused(c, p, typed, err)
	}
	o, err := a.orderWith(v.scope(), c.Path(), c.FormValue("key"), c.Request().Body(), v.actor())
	if err != nil {
		return err
	}
	var known static.KioskTicket
	arrive := func() error {
		return a.do(c, v.office, o, queue.CheckIn{Ticket: ticket, Proof: true}, func(s *queue.State, _ []*queue.Event) {
			if t := s.Tickets[ticket]; t != nil {
				known = a.viewKnown(s, t)
				known.At = here(s, t.Arrived)
			}
		})
	}
	err = arrive()
	var refusal *queue.Refusal
	if errors.As(err, &refusal) && refusal.Detail == "no_place" {
		var accept order
		if accept, err = a.orderWith(v.scope(), c.Path()+"/accept", c.FormValue("key"), c.Request().Body(), v.actor()); err != nil {
			return err
		}
		err = a.do(c, v.office, accept, queue.Accept{Ticket: ticket, Luck: luck()}, func(*queue.State, []*queue.Event) {})
		if err == nil {
			err = arrive()
		}
	}
	switch {
	case err == nil:
		p.Step = "arrived"
	case errors.As(err, &refusal) && refusal.Code != queue.NotFound:
		v.office.Read(func(s *queue.State) {
			if t := s.Tickets[ticket]; t != nil {
				known = a.viewKnown(s, t)
			}
		})
		p.Step, p.Problem = "told", whyNot(known, refusal, p.Live.At)
	case refusal != nil:
		return a.kioskRefused(c, p, typed, notFound("ticket"))
	default:
		return err
	}
	// Whoever shows a code has not shown that they may act on the ticket: what
	// they get to take along only shows it.
	v.office.Read(func(s *queue.State) {
		if t := s.Tickets[ticket]; t != nil {
			known.Follow = picture(a.links(c) + a.Ring.ShowToken(s.Office, t.ID, t.Link))
		}
	})
	p.Ticket = &known
	return a.page(c, fiber.StatusOK, "kiosk", p)
}

// viewKnown is a ticket as it is told to whoever shows its code.
func (a *App) viewKnown(s *queue.State, t *queue.Ticket) static.KioskTicket {
	known := viewGiven(s, t)
	if t.Status == queue.Waiting {
		ahead := s.Ahead(t)
		known.Ahead = &ahead
		if known.Wait = a.predicts.ticket(s.Office, t.ID); known.Wait == nil && !t.Since.After(s.At) {
			known.Wait = a.predicts.newcomer(s.Office, t.Service, t.Lane)
		}
	}
	if t.Counter != "" {
		known.Counter, _ = counterNames(s, t.Counter)
	}
	return known
}

// whyNot is the id of the words for why a ticket could not be checked in.
func whyNot(t static.KioskTicket, r *queue.Refusal, now time.Time) string {
	switch {
	case r.Code == queue.TooEarly:
		return "kiosk.not.early"
	case r.Detail == "day_ended":
		return "kiosk.not.ended"
	case r.Code == queue.TooLate && r.Detail == "another_day":
		return "kiosk.not.past"
	case t.Standby:
		return "kiosk.not.standby"
	}
	return "kiosk.not." + t.State
}

// kioskRefused shows the keys again, with what was typed.
func (a *App) kioskRefused(c *fiber.Ctx, p static.KioskPage, typed string, err error) error {
	f := classify(err)
	if f.status >= 500 {
		return err
	}
	p.Step, p.Problem = "code", "kiosk.not.code"
	if f.reason == "other_office" {
		p.Problem = "kiosk.not.office"
	}
	if len(typed) <= 12 { // typed by hand; what was scanned says nobody anything
		p.Code = strings.ToUpper(typed)
	}
	return a.page(c, f.status, "kiosk", p)
}

// ticketShown finds the ticket of a QR code, of the code below it, or of the
// link that is printed on a paper number.
func (a *App) ticketShown(v visit, text string) (string, error) {
	if _, token, ok := strings.Cut(text, "/t/"); ok {
		h, err := a.ticketOf(token)
		switch {
		case err != nil:
			return "", notFound("ticket")
		case h.id != v.id:
			return "", notFound("other_office")
		}
		return h.ticket, nil
	}
	return a.ticketOfCode(v, text)
}

// picture is a QR code as the address of a picture, "" if the text does not fit
// into one.
func picture(text string) template.URL {
	svg, err := qrSVG(text)
	if err != nil {
		return ""
	}
	return template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg)))
}
