package display

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// silentAfter is when a device that has told nothing is worth a look: it tells
// every few minutes.
const silentAfter = 15 * time.Minute

// devicesPage is every paired screen, tablet and kiosk that one may look after.
func (a *App) devicesPage(c *fiber.Ctx, who staff.Session) error {
	return a.showDevices(c, who, static.PairForm{Code: c.Query("code"), Kind: string(staff.DisplayDevice)}, refusal{status: fiber.StatusOK})
}

func (a *App) showDevices(c *fiber.Ctx, who staff.Session, form static.PairForm, wrong refusal) error {
	p := static.DevicesPage{Form: form}
	var err error
	if p.AdminShell, err = a.adminShell(c, who, "", "devices"); err != nil {
		return err
	}
	p.Path, p.Problem, p.Form.Errors = "/admin/devices", wrong.problem, wrong.errors
	for _, kind := range []staff.Kind{staff.DisplayDevice, staff.CounterDevice, staff.DeskDevice, staff.KioskDevice} {
		p.Form.Kinds = append(p.Form.Kinds, string(kind))
	}
	offices, zone, err := a.officeNames(c.UserContext())
	if err != nil {
		return err
	}
	for _, o := range offices {
		if staff.May(who, staff.Devices, o.ID) {
			o.On = o.ID == c.FormValue("office")
			p.Form.Offices = append(p.Form.Offices, o)
		}
	}
	devices, err := a.Staff.Devices(c.UserContext())
	if err != nil {
		return err
	}
	for _, d := range devices {
		if staff.May(who, staff.Devices, d.Office) {
			p.Devices = append(p.Devices, a.viewDevice(c, d, offices, zone))
		}
	}
	return a.page(c, wrong.status, "devices", p)
}

func (a *App) viewDevice(c *fiber.Ctx, d staff.Device, offices []static.Tick, zone *time.Location) static.DeviceLine {
	line := static.DeviceLine{
		ID: d.ID, Name: d.Name, Kind: string(d.Kind), Office: namesOf(offices, []string{d.Office})[0], Counter: d.Counter, By: d.By, Paired: d.Paired.In(zone),
	}
	if d.Kind == staff.DisplayDevice {
		line.Settings = "/admin/devices/" + d.ID
	}
	if d.Health.Seen.IsZero() {
		return line
	}
	seen := d.Health.Seen.In(zone)
	line.Seen, line.Silent = &seen, time.Since(seen) > silentAfter                                      // devices tell in real time
	line.Mute = d.Kind == staff.DisplayDevice && !d.Health.Sound && (d.Screen == nil || d.Screen.Sound) // one that was set to be silent is well
	line.Old = d.Health.Release != "" && d.Health.Release != a.Release && !line.Silent                  // what is silent takes up the release when it comes back
	if d.Health.Width > 0 {
		line.Size = fmt.Sprintf("%d × %d", d.Health.Width, d.Health.Height)
	}
	line.Agent = a.browser(c, d.Health.Agent)
	return line
}

// pagePair accepts the device that shows the code.
func (a *App) pagePair(c *fiber.Ctx, who staff.Session) error {
	form := static.PairForm{Code: c.FormValue("code"), Name: c.FormValue("name"), Kind: c.FormValue("kind"), Counter: c.FormValue("counter")}
	d := staff.Device{Name: form.Name, Kind: staff.Kind(form.Kind), Office: c.FormValue("office"), Counter: form.Counter}
	_, err := a.pair(c, who, form.Code, d)
	if err != nil {
		r, ok := a.refusalOf(c, err)
		if !ok {
			return err
		}
		return a.showDevices(c, who, form, r)
	}
	return c.Redirect("/admin/devices?said=device_paired", fiber.StatusSeeOther)
}

func (a *App) pair(c *fiber.Ctx, who staff.Session, code string, d staff.Device) (staff.Device, error) {
	if d.Office == "" {
		return d, invalidField("office", "required")
	}
	if !staff.May(who, staff.Devices, d.Office) {
		return d, a.denied(c, who)
	}
	office, err := a.open(c.UserContext(), d.Office)
	if err != nil {
		return d, err
	}
	if d.Counter != "" {
		known := false
		office.Read(func(s *queue.State) { _, known = s.Config.Counter(d.Counter) })
		if !known {
			return d, invalidField("counter", "counter")
		}
	}
	if d.Name == "" {
		return d, invalidField("name", "required")
	}
	d, err = a.Staff.AcceptPairing(c.UserContext(), code, d, nameOf(who))
	if err != nil {
		return d, err
	}
	a.note("device paired", nameOf(who), "office", d.Office, "kind", d.Kind)
	return d, nil
}

func (a *App) pageRevokeDevice(c *fiber.Ctx, who staff.Session) error {
	devices, err := a.Staff.Devices(c.UserContext())
	if err != nil {
		return err
	}
	for _, d := range devices {
		if d.ID != c.Params("device") {
			continue
		}
		if !staff.May(who, staff.Devices, d.Office) {
			return a.denied(c, who)
		}
		if err := a.Staff.Revoke(c.UserContext(), d.ID); err != nil {
			return err
		}
		a.note("device revoked", nameOf(who), "office", d.Office, "kind", d.Kind)
		return c.Redirect("/admin/devices?said=device_revoked", fiber.StatusSeeOther)
	}
	return notFound("unpaired")
}
