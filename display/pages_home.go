package display

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/static"
)

// homePage lets applicants choose an office, a service and the earliest hour.
func (a *App) homePage(c *fiber.Ctx) error {
	p, err := a.home(c, c.Query("office"), c.Query("service"))
	if err != nil {
		return err
	}
	return a.page(c, fiber.StatusOK, "home", p)
}

func (a *App) home(c *fiber.Ctx, office, service string) (static.HomePage, error) {
	p := static.HomePage{Page: a.base(c), Key: newKey(), Errors: map[string]string{}}
	err := a.eachOffice(c.UserContext(), func(s *queue.State, now time.Time) {
		p.Offices = append(p.Offices, viewHome(s, now, s.Office == office))
	})
	if err != nil {
		return p, err
	}
	if len(p.Offices) == 1 && office == "" {
		office = p.Offices[0].ID
	}
	for i := range p.Offices {
		if p.Offices[i].ID != office {
			continue
		}
		p.Office = &p.Offices[i]
		for j := range p.Office.Services {
			if p.Office.Services[j].ID == service {
				p.Service = &p.Office.Services[j]
				p.Earliest = p.Service.Earliest
			}
		}
	}
	return p, nil
}

// viewHome is an office as people choose it. Looking for free hours takes
// reading many days, so it is done for the chosen office only.
func viewHome(s *queue.State, now time.Time, chosen bool) static.HomeOffice {
	phase, opens := phaseOf(s, now)
	o := static.HomeOffice{
		ID: s.Office, Name: s.Config.Name, Address: s.Config.Address, Open: doorsOpen(phase), Opens: opens,
		Timezone: s.Config.Timezone,
	}
	for i := range s.Config.Services {
		service := &s.Config.Services[i]
		view := static.HomeService{ID: service.ID, Name: static.Text(service.Name), Fee: service.Fee}
		if chosen {
			if p, ok := s.Earliest(service, s.Today(now), 1, now); ok {
				view.Earliest = &static.Slot{Start: here(s, p.Start), End: here(s, p.End)}
			}
		}
		o.Services = append(o.Services, view)
	}
	return o
}

// homeBook books for one person, without scripts.
func (a *App) homeBook(c *fiber.Ctx) error {
	if !a.SameOrigin(c) {
		return forbidden("foreign_origin")
	}
	id := c.FormValue("office")
	office, err := a.open(c.UserContext(), id)
	if err != nil {
		return err
	}
	b := booking{
		Service: c.FormValue("service"), Slot: c.FormValue("slot"), Locale: c.FormValue("locale"),
		People: []bookedPerson{{
			Name: c.FormValue("name"), NIK: c.FormValue("nik"), Phone: c.FormValue("phone"), Email: c.FormValue("email"),
		}},
	}
	if b.Locale == "" {
		b.Locale = a.language(c)
	}
	o, err := a.orderWith("public", "/", c.FormValue("key"), c.Request().Body(), applicant)
	if err != nil {
		return err
	}
	tickets, err := a.bookPlaces(c, office, id, o, b)
	if err != nil {
		return a.homeAgain(c, id, b, err)
	}
	a.setCookie(c, ticketCookie, tickets[0].Token, fiber.CookieSameSiteLaxMode, ticketCookieLife)
	return a.bookedPage(c, office.Read, tickets[0])
}

// homeAgain shows the form again, with what was typed and what was wrong.
func (a *App) homeAgain(c *fiber.Ctx, office string, b booking, err error) error {
	f := classify(err)
	if f.status >= 500 || f.status == fiber.StatusTooManyRequests {
		return err
	}
	p, pageErr := a.home(c, office, b.Service)
	if pageErr != nil {
		return errors.Join(err, pageErr)
	}
	p.Path = "/?" + url.Values{"office": {office}, "service": {b.Service}}.Encode()
	p.Form = static.BookingForm{Name: b.People[0].Name, NIK: b.People[0].NIK, Phone: b.People[0].Phone, Email: b.People[0].Email}
	for _, wrong := range f.fields {
		if field, ok := strings.CutPrefix(wrong.field, "people[0]."); ok {
			p.Errors[field] = a.say(p.Lang, "refusal."+wrong.reason)
		}
	}
	if len(p.Errors) == 0 {
		p.Problem = f.code
	}
	return a.page(c, f.status, "home", p)
}

func (a *App) bookedPage(c *fiber.Ctx, read func(func(*queue.State)), t ticketAnswer) error {
	p := static.BookedPage{
		Page: a.base(c), Number: t.Number, Code: t.Code, Fee: t.Fee,
		QR: "/t/qr.svg", URL: t.URL, Calendar: "/t/calendar.ics",
		Timeline: static.Timeline{PaymentDue: t.PaymentDue, PickupFrom: t.PickupFrom},
	}
	if t.Slot != nil {
		p.Slot, p.Timeline.Appointment = *t.Slot, &t.Slot.Start
	}
	if t.ArriveBy != nil {
		p.ArriveBy = *t.ArriveBy
	}
	read(func(s *queue.State) {
		p.Office, p.Address, p.Service = s.Config.Name, s.Config.Address, serviceName(s, t.Service)
	})
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	return a.page(c, fiber.StatusOK, "booked", p)
}
