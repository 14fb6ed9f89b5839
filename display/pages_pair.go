package display

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
	"antrean/static"
)

var deviceKinds = []string{string(staff.DisplayDevice), string(staff.CounterDevice), string(staff.DeskDevice), string(staff.KioskDevice)}

// pairPage is where a screen, a tablet or a kiosk becomes one: it shows a code,
// and goes to its page when somebody has accepted it. A paired one is there
// already, so that this address can be what a device opens at its start.
func (a *App) pairPage(c *fiber.Ctx) error {
	device, err := a.Staff.Device(c.UserContext(), c.Cookies(deviceCookie))
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
	return a.page(c, fiber.StatusOK, "pair", p)
}

// showPairing tells a waiting device whether it was accepted, and where to go.
func (a *App) showPairing(c *fiber.Ctx) error {
	device, err := a.device(c)
	if errors.Is(err, staff.ErrUnpaired) {
		return c.JSON(fiber.Map{"paired": false, "waits": c.Cookies(deviceCookie) != ""})
	}
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"paired": true, "url": deviceHome(device)})
}
