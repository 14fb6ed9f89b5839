package display

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

const (
	dimmings     = 24 // of a day, as many as a screen takes
	spareDimming = 3  // empty lines in the form, which knows no scripts
)

// screenPage is how a lobby's screen is set up, in a form.
func (a *App) screenPage(c *fiber.Ctx, who staff.Session) error {
	device, err := a.visibleScreen(c, who)
	if err != nil {
		return err
	}
	screen := device.SetUp()
	form := static.ScreenForm{Volume: strconv.Itoa(screen.Volume)}
	if screen.Depth != 0 {
		form.Depth = strconv.FormatFloat(screen.Depth, 'f', -1, 64)
	}
	for _, b := range screen.Brightness {
		form.Brightness = append(form.Brightness, static.Dimming{From: b.From, Percent: strconv.Itoa(b.Percent)})
	}
	return a.showScreen(c, who, device, screen, form, refusal{status: fiber.StatusOK})
}

// pageSetScreen sets the screen up as the form says. Sent twice it says the same
// twice.
func (a *App) pageSetScreen(c *fiber.Ctx, who staff.Session) error {
	device, err := a.visibleScreen(c, who)
	if err != nil {
		return err
	}
	screen, form := screenTyped(c)
	faults, err := a.screenFaults(c, device.Office, screen)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		r, ok := a.refusalOf(c, invalid(faults...))
		if !ok {
			return invalid(faults...)
		}
		return a.showScreen(c, who, device, screen, form, r)
	}
	if _, err := a.Staff.SetScreen(c.UserContext(), device.ID, screen); err != nil {
		return err
	}
	a.note("screen set up", nameOf(who), "office", device.Office, "device", device.ID)
	return c.Redirect("/admin/devices?said=screen_set", fiber.StatusSeeOther)
}

// visibleScreen is the lobby's screen that the path names, for whoever may see
// it.
func (a *App) visibleScreen(c *fiber.Ctx, who staff.Session) (staff.Device, error) {
	device, err := a.visibleDevice(c, who, c.Params("device"))
	if err == nil && device.Kind != staff.DisplayDevice {
		err = conflict(queue.WrongState, "no_screen")
	}
	return device, err
}

// screenTyped is what was typed, as settings and as it was typed. What is no
// number becomes one that no screen takes.
func screenTyped(c *fiber.Ctx) (staff.Screen, static.ScreenForm) {
	form := static.ScreenForm{Volume: c.FormValue("volume"), Depth: c.FormValue("depth")}
	screen := staff.Screen{
		Lobby: strings.TrimSpace(c.FormValue("lobby")), Services: many(c, "service"), Counters: many(c, "counter"), Languages: many(c, "language"),
		Sound: c.FormValue("sound") != "", Volume: typedNumber(form.Volume), Shift: c.FormValue("shift") != "", Pictures: c.FormValue("pictures") != "",
	}
	if typed := strings.TrimSpace(form.Depth); typed != "" {
		depth, err := strconv.ParseFloat(strings.Replace(typed, ",", ".", 1), 64)
		if err != nil {
			depth = -1
		}
		screen.Depth = depth
	}
	from, percent := many(c, "from"), many(c, "percent")
	for i := range max(len(from), len(percent)) {
		var line static.Dimming
		if i < len(from) {
			line.From = strings.TrimSpace(from[i])
		}
		if i < len(percent) {
			line.Percent = strings.TrimSpace(percent[i])
		}
		if line == (static.Dimming{}) || len(form.Brightness) > dimmings {
			continue
		}
		form.Brightness = append(form.Brightness, line)
		screen.Brightness = append(screen.Brightness, staff.Brightness{From: strings.Replace(line.From, ".", ":", 1), Percent: typedNumber(line.Percent)})
	}
	return screen, form
}

// typedNumber is a typed whole number, -1 if it is none.
func typedNumber(typed string) int {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil {
		return -1
	}
	return n
}

func (a *App) showScreen(c *fiber.Ctx, who staff.Session, device staff.Device, screen staff.Screen, form static.ScreenForm, wrong refusal) error {
	o, err := a.open(c.UserContext(), device.Office)
	if err != nil {
		return err
	}
	form.Lobby, form.Sound, form.Shift, form.Pictures = screen.Lobby, screen.Sound, screen.Shift, screen.Pictures
	p := static.ScreenPage{ID: device.ID, Name: device.Name}
	if p.AdminShell, err = a.adminShell(c, who, "", "devices"); err != nil {
		return err
	}
	p.Path, p.Problem = "/admin/devices/"+device.ID, wrong.problem
	lang := a.language(c)
	o.Read(func(s *queue.State) {
		p.Of = s.Config.Name
		for _, service := range s.Config.Services {
			form.Services = append(form.Services, static.Tick{ID: service.ID, Name: service.Name.In(lang), On: slices.Contains(screen.Services, service.ID)})
		}
		for _, counter := range s.Config.Counters {
			form.Counters = append(form.Counters, static.Tick{ID: counter.ID, Name: counter.Name, On: slices.Contains(screen.Counters, counter.ID)})
		}
		// The chosen ones first, in the order in which they are spoken.
		for _, id := range screen.Languages {
			if slices.Contains(s.Config.Languages, id) {
				form.Languages = append(form.Languages, static.Tick{ID: id, On: true})
			}
		}
		for _, id := range s.Config.Languages {
			if !slices.Contains(screen.Languages, id) {
				form.Languages = append(form.Languages, static.Tick{ID: id})
			}
		}
	})
	form.Errors = map[string]string{}
	for field, said := range wrong.errors {
		name, _, _ := strings.Cut(field, "[")
		form.Errors[name] = said
	}
	for i := range form.Brightness {
		line, field := &form.Brightness[i], fmt.Sprintf("brightness[%d]", i)
		line.FromWrong, line.PercentWrong = wrong.errors[field+".from"], wrong.errors[field+".percent"]
	}
	for spare := 0; spare < spareDimming && len(form.Brightness) < dimmings; spare++ {
		form.Brightness = append(form.Brightness, static.Dimming{})
	}
	if screen.Depth >= 1 && screen.Depth <= 100 {
		form.Needs = staff.DiagonalFor(screen.Depth, screen.Pictures)
	}
	if device.Health.Width > 0 {
		p.Size = fmt.Sprintf("%d × %d", device.Health.Width, device.Health.Height)
	}
	p.Form = form
	return a.page(c, wrong.status, "screen", p)
}
