package display

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/subject"
	"antrean/static"
)

// looksDays is how far back the page reads who looked at whom.
const looksDays = 90

// privacyPage is what is held about people, who looked at it, and for how long.
func (a *App) privacyPage(c *fiber.Ctx, who staff.Session) error {
	return a.showPrivacy(c, who, fiber.StatusOK, func(*static.PrivacyPage) {})
}

func (a *App) showPrivacy(c *fiber.Ctx, who staff.Session, status int, change func(*static.PrivacyPage)) error {
	ctx := c.UserContext()
	p := static.PrivacyPage{Of: c.Query("user"), Days: looksDays, Person: static.WhoForm{By: "nik"}, Again: a.again(who, refusal{})}
	var err error
	if p.AdminShell, err = a.adminShell(c, who, "", "privacy"); err != nil {
		return err
	}
	p.Path = "/admin/privacy"
	offices, zone, err := a.officeNames(ctx)
	if err != nil {
		return err
	}
	p.Person.Offices = offices
	err = a.eachOffice(ctx, func(s *queue.State, _ time.Time) {
		day := 24 * time.Hour
		p.Kept = append(p.Kept, static.Kept{
			ID: s.Office, Name: s.Config.Name, Personal: int(s.Config.Retention.Personal.D() / day), Log: int(s.Config.Retention.Log.D() / day),
			Notice: s.Config.NoticeVersion(), Own: s.Config.Privacy.Version != "",
		})
	})
	if err != nil {
		return err
	}
	looks, err := a.subjects().Looks(ctx, a.Offices.Now().AddDate(0, 0, -looksDays), "")
	if err != nil {
		return err
	}
	for _, look := range looks {
		if !slices.Contains(p.Users, look.By) {
			p.Users = append(p.Users, look.By)
		}
		if p.Of == "" || p.Of == look.By {
			p.Looks = append(p.Looks, static.Look{
				At: look.At.In(zone), Office: namesOf(offices, []string{look.Office})[0], By: look.By, What: look.What, Numbers: look.Numbers, Count: look.Count,
			})
		}
	}
	slices.Sort(p.Users)
	change(&p)
	return a.page(c, status, "privacy", p)
}

// pageSubject shows, writes out or erases what is held about one person. Erasing
// asks once more, and for the password.
func (a *App) pageSubject(c *fiber.Ctx, who staff.Session) error {
	form := static.WhoForm{By: c.FormValue("by"), Value: c.FormValue("value"), Office: c.FormValue("office")}
	q := subject.Query{Office: form.Office}
	switch form.By {
	case "code":
		q.Code = form.Value
	case "ticket":
		q.Ticket = form.Value
	default:
		form.By, q.NIK = "nik", form.Value
	}
	ctx, by := c.UserContext(), actorOf(who)
	var held subject.Held
	var done subject.Erased
	var err error
	what := c.FormValue("do")
	switch what {
	case "report":
		held, err = a.subjects().Report(ctx, by, q)
	case "erase-sure":
		if err = a.confirmed(c, who); err == nil {
			done, err = a.subjects().Erase(ctx, by, q, c.FormValue("cancel") == "yes")
			a.names.forget()
		}
	default:
		held, err = a.subjects().Show(ctx, by, q)
	}
	a.Log.Info("personal data", "act", what, "user", nameOf(who), "done", err == nil)
	var wrong *subject.Invalid
	switch {
	case errors.Is(err, subject.ErrUnknown):
		err = &failure{status: fiber.StatusUnprocessableEntity, code: "invalid", fields: []fault{{field: "value", reason: "person"}}}
	case errors.As(err, &wrong):
		err = invalidField("value", wrong.Reason)
	}
	if err != nil {
		r, ok := a.refusalOf(c, err)
		if !ok {
			return err
		}
		return a.showPrivacy(c, who, r.status, func(p *static.PrivacyPage) {
			form.Errors, form.Offices = r.errors, p.Person.Offices
			p.Person, p.Problem = form, r.problem
			if what == "erase-sure" {
				p.Erase, p.Active, p.Again = true, c.FormValue("cancel") == "yes" || r.status == fiber.StatusConflict, a.again(who, r)
			}
		})
	}
	if what == "report" {
		var text bytes.Buffer
		if err := held.Write(&text, a.language(c)); err != nil {
			return fault500(err)
		}
		return attach(c, "data-pribadi.txt", "text/plain; charset=utf-8", text.Bytes())
	}
	return a.showPrivacy(c, who, fiber.StatusOK, func(p *static.PrivacyPage) {
		form.Offices = p.Person.Offices
		p.Person = form
		if what == "erase-sure" {
			p.Erased, p.Person.Value = strings.Join(done.Tickets, ", "), ""
			if p.Erased == "" {
				p.Erased = "–"
			}
			return
		}
		var text bytes.Buffer
		if held.Write(&text, p.Lang) == nil { // into memory
			p.Held = text.String()
		}
		p.Erase = what == "erase"
		for _, t := range held.Tickets {
			p.Active = p.Active || t.Status != "" && !queue.Status(t.Status).Ended()
		}
	})
}

// pageBreach hands over whom to tell of a breach, as a table.
func (a *App) pageBreach(c *fiber.Ctx, who staff.Session) error {
	form := static.BreachForm{Since: c.FormValue("since"), Until: c.FormValue("until"), Office: c.FormValue("office")}
	zone := a.zone(c.UserContext())
	since, err := time.ParseInLocation("2006-01-02T15:04", form.Since, zone)
	var until time.Time
	if err != nil {
		err = invalidField("since", "format")
	} else if form.Until != "" {
		if until, err = time.ParseInLocation("2006-01-02T15:04", form.Until, zone); err != nil {
			err = invalidField("until", "format")
		}
	}
	if err == nil {
		err = a.confirmed(c, who)
	}
	var breach subject.Breach
	if err == nil {
		breach, err = a.subjects().Breach(c.UserContext(), actorOf(who), since, until, form.Office)
	}
	a.Log.Info("personal data", "act", "listed", "user", nameOf(who), "done", err == nil)
	if err != nil {
		var wrong *subject.Invalid
		if errors.As(err, &wrong) {
			err = invalidField(wrong.Field, wrong.Reason)
		}
		r, ok := a.refusalOf(c, err)
		if !ok {
			return err
		}
		return a.showPrivacy(c, who, r.status, func(p *static.PrivacyPage) {
			form.Errors = r.errors
			p.Breach, p.Problem = form, r.problem
		})
	}
	var table bytes.Buffer
	if err := breach.WriteCSV(&table); err != nil {
		return fault500(err)
	}
	return attach(c, "pemberitahuan.csv", "text/csv; charset=utf-8", table.Bytes())
}

// attach hands over a file that no cache keeps.
func attach(c *fiber.Ctx, name, kind string, content []byte) error {
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(content)
}

// noticePage is an office's privacy notice, as its applicants read it.
func (a *App) noticePage(c *fiber.Ctx, v visit) error {
	return a.showNotice(c, v, nil, refusal{status: fiber.StatusOK})
}

func (a *App) showNotice(c *fiber.Ctx, v visit, typed map[string]string, wrong refusal) error {
	p := static.NoticePage{Errors: wrong.errors, Key: newKey()}
	var err error
	if p.AdminShell, err = a.adminShell(c, v.who, v.id, "privacy"); err != nil {
		return err
	}
	p.Path, p.Problem = "/admin/offices/"+v.id+"/privacy", wrong.problem
	config, configured := configOf(v)
	p.Configured = configured
	p.Version, p.Own = config.NoticeVersion(), config.Privacy.Version != ""
	for _, language := range a.Pages.Languages() {
		text, is := typed[language]
		if !is {
			text = a.noticeIn(config, language)
		}
		p.Texts = append(p.Texts, static.NoticeText{Language: language, Text: text})
	}
	return a.page(c, wrong.status, "notice", p)
}

// noticeIn is the privacy notice of an office, its own or the built-in one.
func (a *App) noticeIn(config *queue.Config, language string) string {
	if config.Privacy.Version != "" {
		return config.Privacy.Text.In(language)
	}
	return a.Pages.Words(language, "privacy.text")
}

// pageNotice changes the notice: a new version, which bookings from then on name.
func (a *App) pageNotice(c *fiber.Ctx, v visit) error {
	typed, text := map[string]string{}, queue.Text{}
	for _, language := range a.Pages.Languages() {
		typed[language] = strings.TrimSpace(strings.ReplaceAll(c.FormValue("text-"+language), "\r\n", "\n"))
		if typed[language] != "" {
			text[language] = typed[language]
		}
	}
	saved := "/admin/offices/" + v.id + "/privacy?said=notice"
	o, err := a.formOrder(c, v)
	if err != nil {
		return err
	}
	if a.remembered(c, v, o) {
		return c.Redirect(saved, fiber.StatusSeeOther)
	}
	config, version := configOf(v)
	changed := *config
	if c.FormValue("do") == "reset" {
		changed.Privacy = queue.Privacy{}
	} else {
		changed.Privacy = queue.Privacy{Version: nextNotice(config.Privacy.Version, a.Offices.Now().In(config.Calendar().Zone())), Text: text}
	}
	// The form is of a version: whoever saved since wrote what this would undo.
	if named, wrong := strconv.ParseUint(c.FormValue("version"), 10, 64); wrong != nil || named != version {
		err = conflict(queue.WrongState, "config_changed")
	}
	if err == nil {
		for _, wrong := range changed.Prepare() {
			if strings.HasPrefix(wrong.Field, "privacy") {
				err = invalid(fault{field: wrong.Field, reason: "notice_text"})
			}
		}
	}
	if err == nil {
		err = a.configure(c, v, o, &changed, version)
	}
	if err != nil {
		r, ok := a.refusalOf(c, err)
		if !ok {
			return err
		}
		return a.showNotice(c, v, typed, r)
	}
	return c.Redirect(saved, fiber.StatusSeeOther)
}

// nextNotice names a version by its day, and by a letter on the same day.
func nextNotice(former string, now time.Time) string {
	day := now.Format("2006-01-02")
	rest, same := strings.CutPrefix(former, day)
	switch {
	case !same:
		return day
	case rest == "":
		return day + "-b"
	case len(rest) == 2 && rest[1] >= 'b' && rest[1] < 'z':
		return day + "-" + string(rest[1]+1)
	}
	return former + "b"
}
