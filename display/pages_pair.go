package display

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
	"antrean/static"
)

var deviceKinds = []string{string(staff.DisplayDevice), string(staff.CounterDevice), string(staff.DeskDevice), string(staff.KioskDevice)}

// pairPage is where a screen, a tablet or a kiosk becomes one: it shows a code,
// and goes to its page when somebody has accepted it. A paired one is there
// already, so that this address can be what a device opens at its start.
func (a *App) pairPage(c *fiber.Ctx) error {
	device, err := a.Staff.Device(c.UserContext(), a.cookie(c, deviceCookie))
	switch {
	case err == nil:
		a.keepDevice(c)
		return c.Redirect(deviceHome(device), fiber.StatusSeeOther)
	case !errors.Is(err, staff.ErrUnpaired):
		return err
	}
	p := static.PairPage{Page: a.base(c), Kind: c.Query("kind"), Kinds: deviceKinds, Accept: a.publicURL(c, "/admin/devices")}
	if !slices.Contains(deviceKinds, p.Kind) {
		p.Kind = deviceKinds[0]
	}
	if kind, code, ok := strings.Cut(a.cookie(c, pairingCookie), "."); ok && kind == p.Kind && len(code) == 6 && a.cookie(c, deviceCookie) != "" {
		p.Code = code[:3] + " " + code[3:]
	}
	return a.page(c, fiber.StatusOK, "pair", p)
}

// pairingCookie holds what a browser without scripts asked to be and the code
// that it shows, for as long as the code is good.
const pairingCookie = "antrean_pairing"

// pagePairCode gives a code to a browser that runs no scripts, at the press of a
// button: opening a page must not replace what a browser was paired as.
func (a *App) pagePairCode(c *fiber.Ctx) error {
	kind := c.FormValue("kind")
	if !slices.Contains(deviceKinds, kind) {
		return invalidField("kind", "device")
	}
	if !a.SameOrigin(c) || crossSite(c) {
		return forbidden("foreign_origin")
	}
	code, token, expires, err := a.Staff.RequestPairing(c.UserContext(), a.address(c), staff.Kind(kind))
	if err != nil {
		return err
	}
	a.setCookie(c, deviceCookie, token, fiber.CookieSameSiteStrictMode, deviceRemembered)
	a.setCookie(c, pairingCookie, kind+"."+code, fiber.CookieSameSiteStrictMode, time.Until(expires))
	return c.Redirect("/pair?kind="+kind, fiber.StatusSeeOther)
}

// showPairing tells a waiting device whether it was accepted, and where to go.
func (a *App) showPairing(c *fiber.Ctx) error {
	device, err := a.device(c)
	if errors.Is(err, staff.ErrUnpaired) {
		return c.JSON(fiber.Map{"paired": false, "waits": a.cookie(c, deviceCookie) != ""})
	}
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"paired": true, "url": deviceHome(device)})
}
