package display

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// device is the paired device that asks, by its token or its cookie. A cookie
// is sent by browsers whatever page asks for it, so it counts only for requests
// of our own pages.
func (a *App) device(c *fiber.Ctx) (staff.Device, error) {
	token, ok := bearer(c)
	if !ok {
		if token = a.cookie(c, deviceCookie); token != "" && !safe(c.Method()) && !a.SameOrigin(c) {
			return staff.Device{}, forbidden("foreign_origin")
		}
	}
	return a.Staff.Device(c.UserContext(), token)
}

// askVoice is a lobby's screen asking whether it is the one that speaks, and how
// it is set up.
func (a *App) askVoice(c *fiber.Ctx) error {
	device, err := a.device(c)
	if err != nil {
		return err
	}
	if device.Kind != staff.DisplayDevice {
		return forbidden("")
	}
	var body struct {
		Sound  bool   `json:"sound"`  // whether it can be heard
		Spoken string `json:"spoken"` // id of the call that it spoke last
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	speaks, last, err := a.Staff.Speak(c.UserContext(), device, body.Sound, body.Spoken)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"speak": speaks, "spoken": last, "settings": device.SetUp()})
}

// setScreen sets a lobby's screen up. What the body does not name is as usual.
func (a *App) setScreen(c *fiber.Ctx, who staff.Session) error {
	screen := staff.UsualScreen()
	if err := decode(c, &screen); err != nil {
		return err
	}
	device, err := a.visibleDevice(c, who, c.Params("device"))
	if err != nil {
		return err
	}
	if device.Kind != staff.DisplayDevice {
		return conflict(queue.WrongState, "no_screen")
	}
	faults, err := a.screenFaults(c, device.Office, screen)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	if device, err = a.Staff.SetScreen(c.UserContext(), device.ID, screen); err != nil {
		return err
	}
	return c.JSON(device)
}

// screenFaults are what is wrong with the settings of an office's screen.
func (a *App) screenFaults(c *fiber.Ctx, office string, screen staff.Screen) ([]fault, error) {
	o, err := a.open(c.UserContext(), office)
	if err != nil {
		return nil, err
	}
	var flaws []staff.Flaw
	o.Read(func(s *queue.State) {
		var services, counters []string
		for _, service := range s.Config.Services {
			services = append(services, service.ID)
		}
		for _, counter := range s.Config.Counters {
			counters = append(counters, counter.ID)
		}
		flaws = screen.Flaws(services, counters, s.Config.Languages)
	})
	var faults []fault
	for _, f := range flaws {
		faults = append(faults, fault{field: f.Field, reason: f.Reason})
	}
	return faults, nil
}

// visibleDevice is the device that the path names, for whoever may see it.
func (a *App) visibleDevice(c *fiber.Ctx, who staff.Session, id string) (staff.Device, error) {
	devices, err := a.Staff.Devices(c.UserContext())
	if err != nil {
		return staff.Device{}, err
	}
	for _, d := range devices {
		if d.ID == id {
			if !staff.May(who, staff.Devices, d.Office) {
				return staff.Device{}, forbidden("")
			}
			return d, nil
		}
	}
	return staff.Device{}, notFound("unpaired")
}

// mute keeps the hall silent for some minutes; calls are shown all the same.
func (a *App) mute(c *fiber.Ctx, v visit) error {
	var body struct {
		Minutes *int `json:"minutes"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Minutes == nil {
		return invalidField("minutes", "required")
	}
	return a.officeAct(c, v, queue.MuteSound{Minutes: *body.Minutes})
}

// muteFromStaff is mute at the staff page, which knows no scripts.
func (a *App) muteFromStaff(c *fiber.Ctx, v visit) error {
	minutes, err := strconv.Atoi(c.FormValue("minutes"))
	if err != nil {
		return invalidField("minutes", "required")
	}
	o, err := a.orderWith(v.scope(), c.Path(), c.FormValue("key"), c.Request().Body(), v.actor())
	if err != nil {
		return err
	}
	if err := a.do(c, v.office, o, queue.MuteSound{Minutes: minutes}, func(*queue.State, []*queue.Event) {}); err != nil {
		return err
	}
	return c.Redirect("/staff", fiber.StatusSeeOther)
}

// screenOf is how the screen that shows the office's display is set up; nil for
// one that is not paired as a display of that office.
func (a *App) screenOf(c *fiber.Ctx, office string) *static.Screen {
	device, err := a.Staff.Device(c.UserContext(), a.cookie(c, deviceCookie))
	if err != nil || device.Kind != staff.DisplayDevice || device.Office != office {
		return nil
	}
	a.keepDevice(c)
	s := device.SetUp()
	return &static.Screen{ID: device.ID, Name: device.Name, Settings: s,
		Services: s.Services, Counters: s.Counters, Languages: s.Languages, Pictures: s.Pictures}
}

// keepDevice lets the browser remember its pairing for another year.
func (a *App) keepDevice(c *fiber.Ctx) {
	a.setCookie(c, deviceCookie, a.cookie(c, deviceCookie), fiber.CookieSameSiteStrictMode, deviceRemembered)
}

// deviceHome is the page that a device is there for.
func deviceHome(d staff.Device) string {
	switch d.Kind {
	case staff.DisplayDevice:
		return "/display/" + url.PathEscape(d.Office)
	case staff.CounterDevice:
		if d.Counter != "" {
			return "/counter?" + url.Values{"office": {d.Office}, "counter": {d.Counter}}.Encode()
		}
		return "/counter"
	case staff.DeskDevice:
		return "/desk"
	default:
		return "/kiosk/" + url.PathEscape(d.Office)
	}
}
