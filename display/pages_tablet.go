package display

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// Signing in on a paired tablet: a name, mostly one of those that were used
// there last, and a PIN. A locked tablet is the same page: its session has
// ended, and the counter stays open in the officer's name.

const (
	recentCookie = "antrean_recent" // names that signed in on this tablet, the last first
	recentLife   = 90 * 24 * time.Hour
	recentNames  = 8
)

// tabletOf is the paired tablet that a request comes from. Nobody else is shown
// names, or asked for a PIN.
func (a *App) tabletOf(c *fiber.Ctx) (staff.Device, bool) {
	device, err := a.Staff.Device(c.UserContext(), a.cookie(c, deviceCookie))
	return device, err == nil && device.Tablet()
}

// tabletPage asks who it is, and for their PIN once it is known. After a lock it
// is known already.
func (a *App) tabletPage(c *fiber.Ctx, device staff.Device) error {
	username, names := "", a.recentOf(c)
	if c.Query("locked") == "1" && len(names) > 0 {
		username = names[0]
	}
	return a.page(c, fiber.StatusOK, "tablet", a.tablet(c, device, username, c.Query("next"), username != ""))
}

func (a *App) tablet(c *fiber.Ctx, device staff.Device, username, next string, locked bool) static.TabletPage {
	p := static.TabletPage{Page: a.reporting(a.base(c), device.Kind), Device: device.Name, Names: a.recentOf(c), Username: username, Next: ourPath(next)}
	p.Path = "/login"
	p.Counter = a.counterOf(c, device.Office, username)
	p.Locked = locked && p.Counter != ""
	return p
}

// counterOf is the name of the counter that is open in somebody's name.
func (a *App) counterOf(c *fiber.Ctx, office, user string) (name string) {
	if o, err := a.open(c.UserContext(), office); err == nil && user != "" {
		o.Read(func(s *queue.State) {
			for _, k := range s.Config.Counters {
				if at := s.Counter(k.ID); at.State != queue.Closed && at.Officer == user {
					name = k.Name
				}
			}
		})
	}
	return name
}

// pagePIN signs somebody in on the tablet.
func (a *App) pagePIN(c *fiber.Ctx) error {
	device, ok := a.tabletOf(c)
	if !ok {
		return c.Redirect("/login", fiber.StatusSeeOther)
	}
	username, next := clipName(c.FormValue("username")), ourPath(c.FormValue("next"))
	p := a.tablet(c, device, username, next, c.FormValue("locked") == "1")
	if c.FormValue("pin") == "" { // only who it is
		return a.page(c, fiber.StatusOK, "tablet", p)
	}
	who, _, err := a.logIn(c, staff.LoginRequest{Username: username, PIN: c.FormValue("pin")})
	if err != nil {
		f := classify(err)
		if f.status >= 500 || f.status == fiber.StatusForbidden {
			return err
		}
		p.Problem = f.code
		return a.page(c, f.status, "tablet", p)
	}
	if next == "" && device.Kind == staff.CounterDevice {
		next = "/counter"
		if device.Counter != "" && a.counterOf(c, device.Office, who.User) == "" {
			next += "?" + url.Values{"office": {device.Office}, "counter": {device.Counter}}.Encode()
		}
	}
	if next == "" {
		next = "/staff"
	}
	return c.Redirect(next, fiber.StatusSeeOther)
}

// remember puts a name in front of those that were used on this tablet.
func (a *App) remember(c *fiber.Ctx, name string) {
	if _, ok := a.tabletOf(c); !ok {
		return
	}
	names := slices.DeleteFunc(a.recentOf(c), func(n string) bool { return n == name })
	names = append([]string{name}, names...)
	names = names[:min(len(names), recentNames)]
	a.setCookie(c, recentCookie, strings.Join(names, "~"), fiber.CookieSameSiteStrictMode, recentLife)
}

func (a *App) recentOf(c *fiber.Ctx) (names []string) {
	for name := range strings.SplitSeq(a.cookie(c, recentCookie), "~") {
		if name != "" && len(names) < recentNames && clipName(name) == name {
			names = append(names, name)
		}
	}
	return names
}

// clipName is what was given as a name, as far as it can be one.
func clipName(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	return text[:min(len(text), 64)]
}

// dayEnd is when everybody has left a tablet: the midnight of its office. A
// simulated day has no hour at which people's sessions could end.
func (a *App) dayEnd(c *fiber.Ctx) (end time.Time) {
	device, ok := a.tabletOf(c)
	if !ok || a.Simulated || a.Speed != 0 && a.Speed != 1 {
		return end
	}
	o, err := a.open(c.UserContext(), device.Office)
	if err != nil {
		return end
	}
	o.Read(func(s *queue.State) {
		if tomorrow := dayStart(s, s.Today(a.Offices.Now()).AddDays(1)); tomorrow != nil {
			end = *tomorrow
		}
	})
	return end
}

// pinPage is where somebody sets their own PIN.
func (a *App) pinPage(c *fiber.Ctx, who staff.Session) error {
	return a.showPIN(c, who, refusal{status: fiber.StatusOK})
}

func (a *App) showPIN(c *fiber.Ctx, who staff.Session, wrong refusal) error {
	if who.User == "" {
		return forbidden("")
	}
	return a.page(c, wrong.status, "pin", static.PINPage{Page: a.base(c), User: who.User, Again: a.again(who, wrong)})
}

// accountPIN sets somebody's own PIN. It ends the sessions of the old one; the
// one that asks for it goes on with the new.
func (a *App) accountPIN(c *fiber.Ctx, who staff.Session) error {
	if who.User == "" {
		return forbidden("")
	}
	pin := c.FormValue("pin")
	request := staff.LoginRequest{Username: who.User, Password: c.FormValue("password"), Code: c.FormValue("code")}
	err := staff.CheckPIN(pin)
	if err == nil {
		if err = a.Staff.Confirm(c.UserContext(), a.from(c, request), who.ID); err != nil {
			a.noteRefusedLogin(c, request, err)
		}
	}
	if err == nil {
		err = a.Staff.SetPIN(c.UserContext(), who.User, pin)
	}
	if err != nil {
		r, ok := a.refusalOf(c, mistaken(err))
		if !ok {
			return err
		}
		return a.showPIN(c, who, r)
	}
	a.note("PIN changed", who.User)
	if _, err := a.Staff.Session(c.UserContext(), a.sessionToken(c)); errors.Is(err, staff.ErrNoSession) {
		if _, _, err := a.logIn(c, staff.LoginRequest{Username: who.User, PIN: pin}); err != nil {
			return c.Redirect("/login", fiber.StatusSeeOther)
		}
	}
	return c.Redirect("/account?said=pin", fiber.StatusSeeOther)
}
