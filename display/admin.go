package display

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// adminPage is an entry of the administration's navigation.
type adminPage struct {
	id     string // also names its words, admin.nav.<id>
	action staff.Action
	path   string // {office} stands for the id of the one that the page is about
	there  bool   // this server has it
}

// adminPages are the pages of all offices, then those of one, in the order of
// the navigation. A new page adds its line here.
func (a *App) adminPages() (all, ofOffice []adminPage) {
	all = []adminPage{
		{"overview", staff.Supervise, "/admin", true},
		{"newoffice", staff.Configure, "/admin/new", true},
		{"channels", staff.Configure, "/admin/channels", a.Channels != nil},
		{"devices", staff.Devices, "/admin/devices", true},
		{"users", staff.Accounts, "/admin/users", true},
		{"sessions", staff.Accounts, "/admin/sessions", true},
		{"tokens", staff.Accounts, "/admin/tokens", true},
		{"privacy", staff.PersonalData, "/admin/privacy", true},
	}
	ofOffice = []adminPage{
		{"now", staff.Supervise, "/admin/offices/{office}", true},
		{"days", staff.Supervise, "/admin/offices/{office}/days", true},
		{"notices", staff.Supervise, "/admin/offices/{office}/notices", true},
		{"config", staff.Configure, "/admin/offices/{office}/config", true},
		{"history", staff.Configure, "/admin/offices/{office}/config/history", true},
		{"configfile", staff.Configure, "/admin/offices/{office}/config/file", true},
		{"privacy", staff.Configure, "/admin/offices/{office}/privacy", true},
		{"texts", staff.Configure, "/admin/texts/{office}", a.Texts != nil},
		{"messages", staff.Supervise, "/admin/offices/{office}/messages", a.Channels != nil && a.Notices != nil},
		{"reports", staff.Supervise, "/admin/offices/{office}/report", true},
		{"log", staff.SeeLog, "/admin/offices/{office}/log", true},
	}
	return all, ofOffice
}

// officesShown is how many offices the navigation lists; further ones are found
// on the overview.
const officesShown = 12

// adminShell is the frame of an administration page: who is there, and where
// they may go from it. Office is "" on pages that concern all of them.
func (a *App) adminShell(c *fiber.Ctx, who staff.Session, office, active string) (static.AdminShell, error) {
	s := static.AdminShell{Page: a.base(c), User: nameOf(who), Office: office, Active: active}
	if id := c.Query("said"); id != "" && a.Pages.HasWords("admin.said."+id) {
		s.Said = a.Pages.Words(s.Lang, "admin.said."+id)
	}
	all, ofOffice := a.adminPages()
	for _, p := range all {
		if p.there && mayAnywhere(who, p.action) {
			s.Nav = append(s.Nav, static.AdminLink{ID: p.id, URL: p.path, Active: p.id == active && office == ""})
		}
	}
	err := a.eachOffice(c.UserContext(), func(state *queue.State, _ time.Time) {
		if staff.May(who, staff.Supervise, state.Office) || state.Office == office {
			s.Offices = append(s.Offices, static.AdminOffice{ID: state.Office, Name: state.Config.Name})
		}
	})
	if err != nil {
		return s, err
	}
	for i := range s.Offices {
		o := &s.Offices[i]
		if o.ID != office && (office != "" || len(s.Offices) > 1) {
			continue
		}
		if o.ID == office {
			s.Name = o.Name
		}
		for _, p := range ofOffice {
			if p.there && staff.May(who, p.action, o.ID) {
				o.Links = append(o.Links, static.AdminLink{ID: p.id, URL: strings.ReplaceAll(p.path, "{office}", o.ID), Active: p.id == active && office != ""})
			}
		}
	}
	if len(s.Offices) > officesShown {
		s.Offices = slices.DeleteFunc(s.Offices, func(o static.AdminOffice) bool { return len(o.Links) == 0 })
	}
	return s, nil
}

// adminAct decides what a form of the administration asks.
func (a *App) adminAct(c *fiber.Ctx, v visit, ask queue.Ask) error {
	o, err := a.formOrder(c, v)
	if err != nil {
		return err
	}
	return a.do(c, v.office, o, ask, func(*queue.State, []*queue.Event) {})
}

// formOrder is the order of a page's form, with its hidden key.
func (a *App) formOrder(c *fiber.Ctx, v visit) (order, error) {
	return a.orderWith(v.scope(), c.Path(), c.FormValue("key"), c.Request().Body(), v.actor())
}

// pageRefusal is a refusal as a page shows it.
type pageRefusal struct {
	status  int
	problem string            // above the page
	wrong   map[string]string // at the fields
	key     string            // for the form's next attempt
}

// refusal puts an error into words for a form. What a form cannot help with
// comes back as it was.
func (a *App) refusal(c *fiber.Ctx, err error) (pageRefusal, error) {
	f := classify(err)
	if f.status >= 500 && f.code != "unavailable" || f.status == fiber.StatusForbidden || f.status == fiber.StatusUnauthorized {
		return pageRefusal{}, err
	}
	lang := a.language(c)
	r := pageRefusal{status: f.status, problem: a.Pages.Words(lang, "problem."+f.code), wrong: map[string]string{}, key: newKey()}
	if f.status >= 500 {
		r.key = c.FormValue("key") // perhaps it was done: the same again does it once
	}
	if f.reason != "" {
		r.problem = a.sayWhy(lang, f)
	}
	for _, fault := range f.fields {
		if r.wrong[fault.field] = fault.said; fault.said == "" {
			r.wrong[fault.field] = a.say(lang, "refusal."+fault.reason)
		}
	}
	return r, nil
}

// typedIn keeps what was typed into a refused form.
func typedIn(c *fiber.Ctx, fields ...string) map[string]string {
	typed := map[string]string{}
	for _, field := range fields {
		typed[field] = c.FormValue(field)
	}
	return typed
}
