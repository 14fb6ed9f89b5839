package display

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/config"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

const (
	previewDays  = 7
	previewTurns = 8
	monthDays    = 42
	entriesShown = 20
)

// configPage is a topic of the office's configuration.
func (a *App) configPage(c *fiber.Ctx, v visit) error {
	current, version := configOf(v)
	topic := c.Query("topic", topics[0])
	if !slices.Contains(topics, topic) {
		return notFound("")
	}
	f := &configForm{app: a, lang: a.language(c), topic: topic, was: current}
	return a.showConfigPage(c, v, f, version, fiber.StatusOK, func(*static.ConfigPage) {})
}

func (a *App) showConfigPage(c *fiber.Ctx, v visit, f *configForm, version uint64, status int, change func(*static.ConfigPage)) error {
	shell, err := a.adminShell(c, v.who, v.id, "config")
	if err != nil {
		return err
	}
	p := static.ConfigPage{AdminShell: shell, Key: newKey(), Version: version, Topic: f.topic, Topics: topics, Groups: f.groups()}
	p.Path = "/admin/offices/" + v.id + "/config?topic=" + f.topic
	if f.topic == "hours" {
		p.Month = viewMonth(f.was, a.Offices.Now())
	}
	change(&p)
	return a.page(c, status, "config", p)
}

// pageConfig previews or saves a topic.
func (a *App) pageConfig(c *fiber.Ctx, v visit) error {
	current, version := configOf(v)
	f := &configForm{app: a, lang: a.language(c), topic: c.FormValue("topic"), was: current, typed: sentForm{}, wrong: map[string]string{}}
	if !slices.Contains(topics, f.topic) {
		return notFound("")
	}
	c.Request().PostArgs().VisitAll(func(name, value []byte) {
		f.typed[string(name)] = append(f.typed[string(name)], string(value))
	})
	o, err := a.formOrder(c, v)
	if err != nil {
		return err
	}
	saved := "/admin/offices/" + v.id + "/config?topic=" + f.topic + "&said=config"
	if c.FormValue("do") == "save" && a.remembered(c, v, o) {
		return c.Redirect(saved, fiber.StatusSeeOther) // what was typed is in force; typed once more it may be wrong
	}
	named, _ := strconv.ParseUint(c.FormValue("version"), 10, 64)
	made, others := f.apply()
	refuse := func(status int, problem string, key string) error {
		return a.showConfigPage(c, v, f, version, status, func(p *static.ConfigPage) {
			p.Problem, p.Others = problem, others
			if key != "" {
				p.Key = key
			}
		})
	}
	switch {
	case len(f.wrong)+len(others) > 0:
		return refuse(fiber.StatusUnprocessableEntity, a.Pages.Words(f.lang, "problem.invalid"), "")
	case named != version:
		return refuse(fiber.StatusConflict, a.Pages.Words(f.lang, "admin.config.changed"), "")
	case c.FormValue("do") != "save":
		return a.showConfigPage(c, v, f, version, fiber.StatusOK, func(p *static.ConfigPage) {
			p.Preview = a.previewConfig(v, current, made)
			if f.topic == "hours" {
				p.Month = viewMonth(made, a.Offices.Now())
			}
		})
	}
	err = a.configure(c, v, o, made, named)
	if err == nil {
		return c.Redirect(saved, fiber.StatusSeeOther)
	}
	r, err := a.refusal(c, err)
	if err != nil {
		return err
	}
	return refuse(r.status, strings.Join(append([]string{r.problem}, slices.Sorted(maps.Values(r.wrong))...), " "), r.key)
}

// configure puts a configuration in force, which must be checked.
func (a *App) configure(c *fiber.Ctx, v visit, o order, made *queue.Config, named uint64) error {
	return a.do(c, v.office, o, queue.Configure{Config: made, IfVersion: named}, func(*queue.State, []*queue.Event) {})
}

// previewConfig is what would become of the office. It is worked out on a copy: a
// week of hours takes longer than an office may be held up.
func (a *App) previewConfig(v visit, was, will *queue.Config) *static.ConfigPreview {
	p := &static.ConfigPreview{Changes: a.viewChanges(was, will)}
	now := a.Offices.Now()
	var s *queue.State
	v.office.Read(func(held *queue.State) { s = held.Clone() })
	then := s.Under(will)
	for _, service := range will.Services {
		if !service.SlotCapacity.IsZero() {
			p.Columns = append(p.Columns, static.Text(service.Name))
		}
	}
	for i := range previewDays {
		date := s.Today(now).AddDays(i)
		day := static.ConfigPreviewDay{Day: *dayStart(s, date), Was: strings.Join(hoursText(was, date), ", "), Will: strings.Join(hoursText(will, date), ", ")}
		for i := range will.Services {
			service := &will.Services[i]
			if service.SlotCapacity.IsZero() {
				continue
			}
			cell := static.ConfigPreviewCell{Will: placesOf(then, service, date, now)}
			if old, known := was.Service(service.ID); known {
				cell.Was = placesOf(s, old, date, now)
			}
			day.Cells = append(day.Cells, cell)
		}
		p.Days = append(p.Days, day)
	}
	for _, t := range s.Tickets {
		if t.Status == queue.Booked && t.HoldsPlace() && t.Slot.End.After(now) && !hasSlot(will, t) {
			p.Lost++
		}
	}
	before, after := s.Coming(previewTurns, now), then.Coming(previewTurns, now)
	for i := range max(len(before), len(after)) {
		var turn static.ConfigTurn
		turn.Was, turn.WasWhy = viewTurn(before, i)
		turn.Will, turn.WillWhy = viewTurn(after, i)
		turn.Differs = turn.Was != turn.Will
		p.Turns = append(p.Turns, turn)
	}
	return p
}

func viewTurn(turns []queue.Turn, i int) (number, why string) {
	if i >= len(turns) {
		return "", ""
	}
	var numbers []string
	for _, t := range turns[i].Tickets {
		numbers = append(numbers, t.Number)
	}
	return strings.Join(numbers, ", "), string(turns[i].Why)
}

func placesOf(s *queue.State, service *queue.Service, date calendar.Date, now time.Time) (places int) {
	for _, place := range s.Places(service, date, now) {
		places += place.Capacity
	}
	return places
}

// hasSlot says whether a ticket's hour is one of the configuration's.
func hasSlot(c *queue.Config, t *queue.Ticket) bool {
	return slices.ContainsFunc(c.Calendar().Slots(t.Date, c.Booking.Slot.D()), func(s calendar.Slot) bool { return s.Start.Equal(t.Slot.Start) })
}

// hoursText are a date's hours as people read them.
func hoursText(c *queue.Config, date calendar.Date) (spans []string) {
	for _, span := range c.Calendar().Spans(date) {
		zone := c.Calendar().Zone()
		spans = append(spans, span.Start.In(zone).Format("15.04")+"–"+span.End.In(zone).Format("15.04"))
	}
	return spans
}

// viewMonth is the calendar of the next weeks, from a Monday.
func viewMonth(c *queue.Config, now time.Time) (days []static.ConfigDay) {
	today := c.Calendar().Date(now)
	start, _ := time.Parse(time.DateOnly, string(today)) // the calendar's own dates are right
	start = start.AddDate(0, 0, -(int(start.Weekday())+6)%7)
	usual := *copyConfig(c)
	usual.Special, usual.Closures = nil, nil
	plain := len(usual.Prepare()) == 0
	for i := range monthDays {
		day := start.AddDate(0, 0, i)
		date := calendar.Date(day.Format(time.DateOnly))
		one := static.ConfigDay{Day: day, Hours: hoursText(c, date), Today: date == today}
		one.Own = plain && !slices.Equal(one.Hours, hoursText(&usual, date))
		days = append(days, one)
	}
	return days
}

// elementOf is which one of a list a field is of.
var elementOf = regexp.MustCompile(`\[[^\]]*\]`)

func (a *App) viewChanges(was, will *queue.Config) (changes []static.ConfigChange) {
	for _, change := range config.Diff(*was, *will) {
		one := static.ConfigChange{Field: change.Field, Key: elementOf.ReplaceAllString(change.Field, ""), From: change.From, To: change.To}
		if weekday, ok := strings.CutPrefix(one.Key, "hours."); ok && weekday != "" {
			one.Key = "hours"
		}
		if !a.Pages.HasWords("admin.field." + one.Key) {
			one.Key = ""
		}
		changes = append(changes, one)
	}
	return changes
}

// historyPage is how the configuration came to be what it is: each change names
// the one before.
func (a *App) historyPage(c *fiber.Ctx, v visit) error {
	return a.showHistory(c, v, fiber.StatusOK, func(*static.HistoryPage) {})
}

func (a *App) showHistory(c *fiber.Ctx, v visit, status int, change func(*static.HistoryPage)) error {
	shell, err := a.adminShell(c, v.who, v.id, "history")
	if err != nil {
		return err
	}
	_, version := configOf(v)
	p := static.HistoryPage{AdminShell: shell, Key: newKey(), Version: version}
	p.Path = "/admin/offices/" + v.id + "/config/history"
	at, fact, err := a.configuredAt(c, v, version)
	for shown := 0; err == nil && fact != nil; shown++ {
		if shown == entriesShown {
			p.More = true
			break
		}
		entry := static.ConfigEntry{Version: version, At: at.At.In(fact.Config.Calendar().Zone()), By: at.By, Current: shown == 0}
		var older *queue.OfficeConfigured
		if fact.Before != 0 {
			var event *queue.Event
			if event, older, err = a.configuredAt(c, v, fact.Before); older != nil {
				entry.Changes = a.viewChanges(older.Config, fact.Config)
				at = event
			}
		}
		entry.First = fact.Before == 0 && version <= 2 // after the event that began the office
		entry.Unknown = older == nil && !entry.First
		p.Entries = append(p.Entries, entry)
		version, fact = fact.Before, older
	}
	if err != nil {
		return err
	}
	change(&p)
	return a.page(c, status, "history", p)
}

// configuredAt is the event that brought a configuration, nil if there is none
// at that version, or none any more.
func (a *App) configuredAt(c *fiber.Ctx, v visit, version uint64) (*queue.Event, *queue.OfficeConfigured, error) {
	if version == 0 {
		return nil, nil, nil
	}
	entries, err := v.office.Events(c.UserContext(), version-1, 1)
	if err != nil || len(entries) == 0 || entries[0].Version != version {
		return nil, nil, err
	}
	event, err := queue.Decode(entries[0].Data)
	if err != nil {
		return nil, nil, fault500(fmt.Errorf("read version %d of %s: %w", version, v.id, err))
	}
	fact, _ := event.Fact.(*queue.OfficeConfigured)
	return event, fact, nil
}

// pageRestore puts an earlier configuration in force again.
func (a *App) pageRestore(c *fiber.Ctx, v visit) error {
	_, now := configOf(v)
	restored, _ := strconv.ParseUint(c.FormValue("restore"), 10, 64)
	named, _ := strconv.ParseUint(c.FormValue("version"), 10, 64)
	_, fact, err := a.configuredAt(c, v, restored)
	if err != nil {
		return err
	}
	if fact == nil {
		return notFound("")
	}
	o, err := a.formOrder(c, v)
	if err != nil {
		return err
	}
	made := copyConfig(fact.Config)
	switch wrong := a.wrongTexts(made, ""); {
	case len(wrong) > 0:
		err = invalid(wrong...)
	case named != now && !o.answeredAt(v.office):
		err = conflict(queue.WrongState, "config_changed")
	default:
		err = a.configure(c, v, o, made, named)
	}
	if err == nil {
		return c.Redirect("/admin/offices/"+v.id+"/config/history?said=restored", fiber.StatusSeeOther)
	}
	r, err := a.refusal(c, err)
	if err != nil {
		return err
	}
	return a.showHistory(c, v, r.status, func(p *static.HistoryPage) {
		p.Key, p.Problem = r.key, strings.Join(append([]string{r.problem}, slices.Sorted(maps.Values(r.wrong))...), " ")
	})
}

// configFile is the configuration as a file.
func (a *App) configFile(c *fiber.Ctx, v visit) error {
	current, _ := configOf(v)
	text, err := config.Marshal(*current)
	if err != nil {
		return fault500(err)
	}
	c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+v.id+`.yaml"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(text)
}

func (a *App) configFilePage(c *fiber.Ctx, v visit) error {
	return a.showConfigFile(c, v, fiber.StatusOK, func(*static.ConfigFilePage) {})
}

func (a *App) showConfigFile(c *fiber.Ctx, v visit, status int, change func(*static.ConfigFilePage)) error {
	shell, err := a.adminShell(c, v.who, v.id, "configfile")
	if err != nil {
		return err
	}
	_, version := configOf(v)
	p := static.ConfigFilePage{AdminShell: shell, Key: newKey(), Version: version}
	p.Path = "/admin/offices/" + v.id + "/config/file"
	change(&p)
	return a.page(c, status, "configfile", p)
}

// pageConfigFile shows what a file would change, and then puts it in force.
func (a *App) pageConfigFile(c *fiber.Ctx, v visit) error {
	name, text, err := sentFile(c)
	if err != nil {
		return err
	}
	show := func(status int, change func(*static.ConfigFilePage)) error {
		return a.showConfigFile(c, v, status, func(p *static.ConfigFilePage) {
			p.Text = text
			change(p)
		})
	}
	lang := a.language(c)
	made, errs := a.officeIn(v.id, name, text)
	if made == nil {
		if len(errs) == 0 {
			errs = []string{a.Pages.Words(lang, "admin.file.other", "id", v.id)}
		}
		return show(fiber.StatusUnprocessableEntity, func(p *static.ConfigFilePage) { p.Errors = errs })
	}
	current, version := configOf(v)
	named, _ := strconv.ParseUint(c.FormValue("version"), 10, 64)
	// Of the text, not of the body: a browser packs each attempt otherwise.
	o, err := a.orderWith(v.scope(), c.Path(), c.FormValue("key"), []byte(text), v.actor())
	if err != nil {
		return err
	}
	switch {
	case named != version && !o.answeredAt(v.office):
		return show(fiber.StatusConflict, func(p *static.ConfigFilePage) {
			p.Problem, p.Preview = a.Pages.Words(lang, "admin.config.changed"), a.previewConfig(v, current, made)
		})
	case c.FormValue("do") != "apply":
		return show(fiber.StatusOK, func(p *static.ConfigFilePage) { p.Preview = a.previewConfig(v, current, made) })
	}
	err = a.configure(c, v, o, made, named)
	if err == nil {
		return c.Redirect("/admin/offices/"+v.id+"/config/history?said=config", fiber.StatusSeeOther)
	}
	r, err := a.refusal(c, err)
	if err != nil {
		return err
	}
	return show(r.status, func(p *static.ConfigFilePage) {
		p.Key, p.Problem = r.key, strings.Join(append([]string{r.problem}, slices.Sorted(maps.Values(r.wrong))...), " ")
	})
}

// sentFile is the file of a form, or the text that it came back with.
func sentFile(c *fiber.Ctx) (name, text string, err error) {
	if header, err := c.FormFile("file"); err == nil && header.Size > 0 {
		file, err := header.Open()
		if err != nil {
			return "", "", fault500(err)
		}
		defer file.Close()
		read, err := io.ReadAll(file)
		if err != nil {
			return "", "", fault500(err)
		}
		return header.Filename, string(read), nil
	}
	return "offices.yaml", c.FormValue("text"), nil
}

// officeIn is the office of that id in a configuration file; without one, what
// is wrong with the file, line by line.
func (a *App) officeIn(id, name, text string) (*queue.Config, []string) {
	offices, err := config.Load(name, []byte(text))
	var errs config.Errors
	if errors.As(err, &errs) {
		all := make([]string, len(errs))
		for i, e := range errs {
			all[i] = e.Error()
		}
		return nil, all
	}
	for i := range offices {
		if offices[i].ID != id {
			continue
		}
		if wrong := a.wrongTexts(&offices[i], ""); len(wrong) > 0 {
			all := make([]string, len(wrong))
			for i, w := range wrong {
				all[i] = w.field + ": " + w.said
			}
			return nil, all
		}
		return &offices[i], nil
	}
	return nil, nil
}

// newOfficePage makes one more office, like one that there is.
func (a *App) newOfficePage(c *fiber.Ctx, who staff.Session) error {
	return a.showNewOffice(c, who, fiber.StatusOK, func(*static.NewOfficePage) {})
}

func (a *App) showNewOffice(c *fiber.Ctx, who staff.Session, status int, change func(*static.NewOfficePage)) error {
	shell, err := a.adminShell(c, who, "", "newoffice")
	if err != nil {
		return err
	}
	p := static.NewOfficePage{AdminShell: shell, Key: newKey()}
	err = a.eachOffice(c.UserContext(), func(s *queue.State, _ time.Time) {
		p.Like = append(p.Like, static.ConfigChoice{Value: s.Office, Words: s.Config.Name, Chosen: s.Office == c.FormValue("like")})
	})
	if err != nil {
		return err
	}
	change(&p)
	return a.page(c, status, "newoffice", p)
}

// pageNewOffice makes the office. Doing it twice makes one: an office that
// exists is refused unless it is the very one that was asked for.
func (a *App) pageNewOffice(c *fiber.Ctx, who staff.Session) error {
	id, name := strings.TrimSpace(c.FormValue("id")), strings.TrimSpace(c.FormValue("name"))
	like, err := a.open(c.UserContext(), c.FormValue("like"))
	if err != nil {
		return err
	}
	var made *queue.Config
	like.Read(func(s *queue.State) { made = copyConfig(s.Config) })
	made.ID, made.Name, made.Address = id, name, strings.TrimSpace(c.FormValue("address"))
	if wrong := a.wrongTexts(made, ""); len(wrong) > 0 {
		err = invalid(wrong...)
	} else {
		var created bool
		if created, err = a.Offices.CreateBy(c.UserContext(), made, actorOf(who)); err == nil && !created {
			err = invalidField("id", "office_exists")
		}
		if err == nil {
			a.Log.Info("an office was made", "office", id, "like", c.FormValue("like"), "user", nameOf(who))
			return c.Redirect("/admin/offices/"+id+"/config?said=office", fiber.StatusSeeOther)
		}
	}
	r, err := a.refusal(c, err)
	if err != nil {
		return err
	}
	return a.showNewOffice(c, who, r.status, func(p *static.NewOfficePage) {
		p.Problem, p.Wrong, p.Typed = r.problem, r.wrong, typedIn(c, "id", "name", "address")
	})
}
