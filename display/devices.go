package display

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
	"antrean/static"
)

// deviceRemembered is how long a browser that nobody switches on stays paired.
const deviceRemembered = 365 * 24 * time.Hour

const largestScreen = 100_000 // CSS pixels

// requestPairing gives a screen the code to show and the token that it will be
// known by once somebody accepts the code. A browser keeps the token itself.
func (a *App) requestPairing(c *fiber.Ctx) error {
	var body struct {
		Kind staff.Kind `json:"kind"` // what it asks to be; may be ""
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	body.Kind = usedAs(body.Kind)
	if body.Kind != "" && !slices.Contains(deviceKinds, string(body.Kind)) {
		return invalidField("kind", "device")
	}
	if !a.SameOrigin(c) { // the answer replaces what the browser was paired as
		return forbidden("foreign_origin")
	}
	code, token, expires, err := a.Staff.RequestPairing(c.UserContext(), a.address(c), body.Kind)
	if err != nil {
		return err
	}
	a.setCookie(c, deviceCookie, token, fiber.CookieSameSiteStrictMode, deviceRemembered)
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"code": code, "token": token, "expires": expires, "expires_in": int(time.Until(expires).Seconds())})
}

func (a *App) listDevices(c *fiber.Ctx, who staff.Session) error {
	devices, err := a.Staff.Devices(c.UserContext())
	if err != nil {
		return err
	}
	visible := []staff.Device{}
	for _, d := range devices {
		if staff.May(who, staff.Devices, d.Office) {
			visible = append(visible, d)
		}
	}
	return c.JSON(fiber.Map{"devices": visible})
}

// someOffice lets those through who may do the action at any office; which
// one is for the handler to look at.
func (a *App) someOffice(action staff.Action, handle func(*fiber.Ctx, staff.Session) error) fiber.Handler {
	return a.signedIn(func(c *fiber.Ctx, who staff.Session) error {
		if !mayAnywhere(who, action) {
			return a.denied(c, who)
		}
		return handle(c, who)
	})
}

func mayAnywhere(who staff.Session, action staff.Action) bool {
	for _, office := range append([]string{"any"}, who.Offices...) {
		if staff.May(who, action, office) {
			return true
		}
	}
	return false
}

func (a *App) acceptPairing(c *fiber.Ctx, who staff.Session) error {
	var body struct {
		Code    string     `json:"code"`
		Name    string     `json:"name"`
		Kind    staff.Kind `json:"kind"`
		Office  string     `json:"office"`
		Counter string     `json:"counter"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	device, err := a.pair(c, who, body.Code, staff.Device{Name: body.Name, Kind: usedAs(body.Kind), Office: body.Office, Counter: body.Counter})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(device)
}

// usedAs knows a device also by what it is called in the office.
func usedAs(kind staff.Kind) staff.Kind {
	switch kind {
	case "screen":
		return staff.DisplayDevice
	case "tablet":
		return staff.CounterDevice
	}
	return kind
}

func (a *App) revokeDevice(c *fiber.Ctx, who staff.Session) error {
	return a.revoke(c, who, c.Params("device"))
}

// revokeNamed revokes the device that the body names.
func (a *App) revokeNamed(c *fiber.Ctx, who staff.Session) error {
	var body struct {
		ID string `json:"id"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.ID == "" {
		return invalidField("id", "required")
	}
	return a.revoke(c, who, body.ID)
}

func (a *App) revoke(c *fiber.Ctx, who staff.Session, id string) error {
	device, err := a.visibleDevice(c, who, id)
	if err != nil {
		return err
	}
	if err := a.Staff.Revoke(c.UserContext(), device.ID); err != nil {
		return err
	}
	a.note("device revoked", nameOf(who), "office", device.Office, "kind", device.Kind)
	return c.SendStatus(fiber.StatusNoContent)
}

// reporting is the page of a device that tells how it is.
func (a *App) reporting(p static.Page, kind staff.Kind) static.Page {
	p.Device, p.Release = string(kind), a.Release
	return p
}

// baseOn is base; on a device that is paired as the kind, the page tells how
// that is.
func (a *App) baseOn(c *fiber.Ctx, kind staff.Kind) static.Page {
	p := a.base(c)
	if token := a.cookie(c, deviceCookie); token != "" {
		if device, err := a.Staff.Device(c.UserContext(), token); err == nil && device.Kind == kind {
			p = a.reporting(p, kind)
		}
	}
	return p
}

// reportHealth is a paired device telling how it is.
func (a *App) reportHealth(c *fiber.Ctx) error {
	device, err := a.device(c)
	if err != nil {
		return err
	}
	var body struct {
		Release string `json:"release"`
		Sound   bool   `json:"sound"` // whether it may play sound
		Width   int    `json:"width"` // of its screen, in CSS pixels
		Height  int    `json:"height"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Width < 0 || body.Width > largestScreen || body.Height < 0 || body.Height > largestScreen {
		return invalidField("width", "number_range")
	}
	health := staff.Health{Release: body.Release, Sound: body.Sound, Width: body.Width, Height: body.Height, Agent: c.Get(fiber.HeaderUserAgent)}
	if err := a.Staff.Report(c.UserContext(), device.ID, health); err != nil {
		return err
	}
	if a.cookie(c, deviceCookie) != "" {
		a.keepDevice(c) // some devices are never switched off
	}
	return c.SendStatus(fiber.StatusNoContent)
}
