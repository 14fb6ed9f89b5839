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
		{"channels", staff.Configure, "/admin/channels", a.Channels != nil},
	}
	ofOffice = []adminPage{
		{"texts", staff.Configure, "/admin/texts/{office}", a.Texts != nil},
		{"messages", staff.Supervise, "/admin/offices/{office}/messages", a.Channels != nil && a.Notices != nil},
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
