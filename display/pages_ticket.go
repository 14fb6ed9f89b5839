package display

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/static"
)

const (
	ticketCookie     = "antrean_ticket"
	ticketCookieLife = 60 * 24 * time.Hour
)

// keepTicket moves the token out of the address into a cookie.
func (a *App) keepTicket(c *fiber.Ctx) error {
	h, err := a.viewer(c)
	if err != nil {
		return err
	}
	private(c)
	if had, err := a.ticketOf(a.cookie(c, ticketCookie)); h.shows && err == nil && had.id == h.id && had.ticket == h.ticket && had.link == h.link {
		return c.Redirect("/t", fiber.StatusSeeOther) // who may act on it still may
	}
	// Lax and not strict: the link is opened from a message, and the browser
	// follows it to /t in the same breath.
	a.setCookie(c, ticketCookie, h.token, fiber.CookieSameSiteLaxMode, ticketCookieLife)
	return c.Redirect("/t", fiber.StatusSeeOther)
}

// ticketPage is the ticket on a phone.
func (a *App) ticketPage(c *fiber.Ctx) error {
	h, err := a.viewer(c)
	if err != nil {
		return err
	}
	return a.showTicketPage(c, h, fiber.StatusOK, func(*static.TicketPage) {})
}

func (a *App) showTicketPage(c *fiber.Ctx, h held, status int, change func(*static.TicketPage)) error {
	p := static.TicketPage{
		Page: a.base(c), Office: h.id, Link: linkDigest(h.token), Code: a.Ring.Code(h.id, h.ticket),
		QR: "/t/qr.svg", Key: newKey(), SelfCheckIn: true, Push: a.PushKey != "" && !h.shows, Shows: h.shows, Still: c.Query("still") != "",
	}
	now, found := a.Offices.Now(), false
	_, confirmed := h.office.Confirmed()
	h.office.Read(func(s *queue.State) {
		t := s.Tickets[h.ticket]
		if t == nil {
			return
		}
		found = true
		p.Live = a.liveAt("/live/tickets/"+mine, s, now, confirmed)
		p.View = viewTicket(s, t, now, a.predicts.ticket(h.id, t.ID))
		p.Name, p.Address, p.Timezone = s.Config.Name, s.Config.Address, s.Config.Timezone
		p.WantsPlaceCode = s.Config.NoShow.SelfCheckIn == "code"
		if t.Slot != nil {
			p.Calendar = "/t/calendar.ics"
		}
		if p.Choices = otherHours(s, t, now); h.shows {
			p.Choices, p.View.Can = nil, []string{}
		}
		if service, ok := s.Config.Service(t.Service); ok {
			p.Bring = static.Text(service.Bring)
		}
	})
	if !found {
		return notFound("ticket")
	}
	if booked := strings.Split(a.cookie(c, bookedCookie), tokenSeparator); len(booked) > 1 && slices.Contains(booked, h.token) {
		p.Family = "/booked"
	}
	change(&p)
	private(c)
	return a.page(c, status, "ticket", p)
}

// linkDigest names a link for a browser that holds it, as static/src/shelf.js
// and page-sw.js do; it opens nothing.
func linkDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (a *App) pageCheckIn(c *fiber.Ctx) error {
	if err := a.admitCode(c, c.FormValue("place_code")); err != nil {
		return err
	}
	return a.pageAct(c, "check-in", func(h held) queue.Ask {
		return queue.CheckIn{Ticket: h.ticket, Proof: a.isPlaceCode(h.id, c.FormValue("place_code"))}
	})
}

func (a *App) pageConfirm(c *fiber.Ctx) error {
	return a.pageAct(c, "confirm", func(h held) queue.Ask { return queue.Confirm{Ticket: h.ticket} })
}

// pageCancel asks first.
func (a *App) pageCancel(c *fiber.Ctx) error {
	if c.FormValue("sure") != "yes" {
		h, err := a.holder(c)
		if err != nil {
			return err
		}
		return a.showTicketPage(c, h, fiber.StatusOK, func(p *static.TicketPage) { p.AskCancel = true })
	}
	return a.pageAct(c, "cancel", a.cancels(c))
}

// pageAct is an applicant's act by a form. The cookie is not sent with a
// foreign page's form; old browsers that send it tell the foreign origin. Our
// own page tells none, because it must not tell its address either.
func (a *App) pageAct(c *fiber.Ctx, what string, ask func(held) queue.Ask) error {
	if c.Get(fiber.HeaderOrigin) != "null" && !a.SameOrigin(c) || crossSite(c) {
		return forbidden("foreign_origin")
	}
	h, err := a.holder(c)
	if err != nil {
		return err
	}
	o, err := a.orderWith("public", "/api/v1/tickets/"+h.token+"/"+what, c.FormValue("key"), c.Request().Body(), applicant)
	if err != nil {
		return err
	}
	if _, err := a.actOn(c, h, o, ask(h)); err != nil {
		f := classify(err)
		if f.status >= 500 || f.status == fiber.StatusNotFound {
			return err
		}
		return a.showTicketPage(c, h, f.status, func(p *static.TicketPage) { p.Problem = f.code })
	}
	private(c)
	return c.Redirect("/t", fiber.StatusSeeOther)
}

func crossSite(c *fiber.Ctx) bool {
	site := c.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none"
}
