package display

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/vault"
)

// pushKey is what a browser needs to subscribe.
func (a *App) pushKey(c *fiber.Ctx) error {
	if a.PushKey == "" {
		return notFound("no_push")
	}
	return c.JSON(fiber.Map{"key": a.PushKey})
}

// subscription is a browser's PushSubscription as it writes itself.
type subscription struct {
	Endpoint       string   `json:"endpoint"`
	ExpirationTime *float64 `json:"expirationTime"`
	Keys           struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

// subscribe keeps where a browser takes push messages about a ticket, sealed,
// as long as the ticket's person is kept. The same again changes nothing.
func (a *App) subscribe(c *fiber.Ctx) error {
	if a.PushKey == "" {
		return notFound("no_push")
	}
	var body subscription
	h, err := a.ownTicket(c, &body)
	if err != nil {
		return err
	}
	s := vault.Subscription{Endpoint: body.Endpoint, P256dh: body.Keys.P256dh, Auth: body.Keys.Auth}
	if wrong := s.Validate(a.PushInsecure); len(wrong) > 0 {
		faults := make([]fault, len(wrong))
		for i, w := range wrong {
			faults[i] = fault{field: w.Field, reason: w.ID}
		}
		return invalid(faults...)
	}
	keep, now := time.Duration(0), a.Offices.Now()
	h.office.Read(func(s *queue.State) {
		if t := s.Tickets[h.ticket]; t != nil && t.Erased.IsZero() { // a worker subscribes again by itself
			until := now
			if t.Slot != nil {
				until = t.Slot.End
			}
			if service, ok := s.Config.Service(t.Service); ok {
				keep = keepFor(s, service, until, now)
			}
		}
	})
	if keep == 0 {
		return notFound("ticket")
	}
	if err := a.Vault.Subscribe(c.UserContext(), h.id, h.ticket, s, keep); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// subscribed answers which browsers are kept for a ticket: by digests of their
// addresses, for a browser to find its own.
func (a *App) subscribed(c *fiber.Ctx) error {
	h, err := a.holder(c)
	if err != nil {
		return err
	}
	kept, err := a.Vault.Subscriptions(c.UserContext(), h.id, h.ticket)
	if err != nil {
		return err
	}
	browsers := make([]string, len(kept))
	for i, s := range kept {
		sum := sha256.Sum256([]byte(s.Endpoint))
		browsers[i] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return c.JSON(fiber.Map{"ticket": h.ticket, "browsers": browsers})
}

// unsubscribe forgets the browser that the body names, or all of the ticket's.
func (a *App) unsubscribe(c *fiber.Ctx) error {
	var body subscription
	h, err := a.ownTicket(c, &body)
	if err != nil {
		return err
	}
	if err := a.Vault.Unsubscribe(c.UserContext(), h.id, h.ticket, body.Endpoint); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// ownTicket is the ticket of a request that its applicant makes, with the body.
func (a *App) ownTicket(c *fiber.Ctx, body any) (held, error) {
	if err := decode(c, body); err != nil {
		return held{}, err
	}
	if byCookie(c) && !a.SameOrigin(c) {
		return held{}, forbidden("foreign_origin")
	}
	return a.holder(c)
}

// worker is the script that shows push messages while no page is open.
func (a *App) worker(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/javascript; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.Send(a.Pages.Worker())
}

// manifest makes the ticket of the cookie an app on the home screen. It begins
// with the ticket's link, because an iPhone gives the app cookies of its own.
func (a *App) manifest(c *fiber.Ctx) error {
	h, err := a.holder(c)
	if err != nil {
		return err
	}
	lang := a.language(c)
	name := a.Pages.Words(lang, "app.name")
	icon := func(file, size, purpose string) fiber.Map {
		return fiber.Map{"src": a.Pages.Asset(file), "sizes": size, "type": "image/png", "purpose": purpose}
	}
	text, err := json.Marshal(fiber.Map{
		"id": "/t", "name": name, "short_name": name, "lang": lang, "start_url": "/t/" + h.token, "scope": "/",
		"display": "standalone", "theme_color": "#0a5a7a", "background_color": "#0a5a7a",
		"icons": []fiber.Map{icon("icon-192.png", "192x192", "any"), icon("icon-512.png", "512x512", "any maskable")},
	})
	if err != nil {
		return fault500(err)
	}
	private(c)
	c.Set(fiber.HeaderContentType, "application/manifest+json")
	return c.Send(text)
}
