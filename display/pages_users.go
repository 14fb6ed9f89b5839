package display

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// usersPage lists the accounts.
func (a *App) usersPage(c *fiber.Ctx, who staff.Session) error {
	return a.showUsers(c, who, static.UserForm{Roles: rolesTicked(staff.Officer)}, refusal{status: fiber.StatusOK})
}

func (a *App) showUsers(c *fiber.Ctx, who staff.Session, form static.UserForm, wrong refusal) error {
	p := static.UsersPage{Form: form}
	var err error
	if p.AdminShell, err = a.adminShell(c, who, "", "users"); err != nil {
		return err
	}
	p.Path, p.Problem, p.Form.Errors, p.Again = "/admin/users", wrong.problem, wrong.others(), a.again(who, wrong)
	offices, zone, err := a.officeNames(c.UserContext())
	if err != nil {
		return err
	}
	if p.Form.Offices == nil {
		p.Form.Offices = ticked(offices, nil)
	}
	accounts, err := a.Staff.List(c.UserContext())
	if err != nil {
		return err
	}
	for _, account := range accounts {
		p.Users = append(p.Users, viewUser(account, offices, zone))
	}
	return a.page(c, wrong.status, "users", p)
}

// officeNames are the offices as ticks, and the zone in which all are told the
// time: the first one's.
func (a *App) officeNames(ctx context.Context) (offices []static.Tick, zone *time.Location, err error) {
	zone = time.UTC
	err = a.eachOffice(ctx, func(s *queue.State, _ time.Time) {
		if len(offices) == 0 {
			zone = s.Config.Calendar().Zone()
		}
		offices = append(offices, static.Tick{ID: s.Office, Name: s.Config.Name})
	})
	return offices, zone, err
}

// zone is the first office's, for pages about all of them.
func (a *App) zone(ctx context.Context) *time.Location {
	_, zone, err := a.officeNames(ctx)
	if err != nil {
		return time.UTC
	}
	return zone
}

func ticked(all []static.Tick, on []string) []static.Tick {
	some := slices.Clone(all)
	for i := range some {
		some[i].On = slices.Contains(on, some[i].ID)
	}
	return some
}

func rolesTicked(on ...staff.Role) []static.Tick {
	var all []static.Tick
	for _, role := range staff.Roles() {
		all = append(all, static.Tick{ID: string(role), On: slices.Contains(on, role)})
	}
	return all
}

func viewUser(account staff.Account, offices []static.Tick, zone *time.Location) static.UserLine {
	line := static.UserLine{
		Name: account.Name, PIN: account.HasPIN, Factor: account.SecondFactor, Created: account.Created.In(zone),
		Admin: slices.Contains(account.Roles, staff.Administrator),
	}
	for _, role := range account.Roles {
		line.Roles = append(line.Roles, string(role))
	}
	line.Offices = namesOf(offices, account.Offices)
	return line
}

func namesOf(offices []static.Tick, ids []string) (names []string) {
	for _, id := range ids {
		name := id
		if at := slices.IndexFunc(offices, func(o static.Tick) bool { return o.ID == id }); at >= 0 {
			name = offices[at].Name
		}
		names = append(names, name)
	}
	return names
}

// many are all values of a field that may be sent several times.
func many(c *fiber.Ctx, name string) (values []string) {
	for _, v := range c.Request().PostArgs().PeekMulti(name) {
		values = append(values, string(v))
	}
	return values
}

func rolesTyped(c *fiber.Ctx) (roles []staff.Role) {
	for _, role := range many(c, "role") {
		roles = append(roles, staff.Role(role))
	}
	return roles
}

// pageAddUser makes an account. Without a password its owner sets one by the
// link that is shown.
func (a *App) pageAddUser(c *fiber.Ctx, who staff.Session) error {
	roles, ids, password := rolesTyped(c), many(c, "office"), c.FormValue("new")
	account := staff.Account{Name: c.FormValue("username"), Roles: roles, Offices: ids}
	byLink := password == ""
	if byLink {
		password = rand.Text() + rand.Text() // nobody's
	}
	err := a.sureOnPage(c, who, "add")
	if err == nil {
		err = a.knownOffices(c, ids)
	}
	if err == nil && len(ids) == 0 && !slices.Contains(roles, staff.Administrator) {
		err = invalidField("offices", "offices_missing")
	}
	if err == nil && !byLink {
		err = staff.CheckPassword(account.Name, password)
	}
	if err == nil {
		err = a.Staff.Add(c.UserContext(), account, password)
	}
	if err != nil {
		r, ok := a.refusalOf(c, err)
		if !ok {
			return err
		}
		offices, _, err := a.officeNames(c.UserContext())
		if err != nil {
			return err
		}
		return a.showUsers(c, who, static.UserForm{Name: account.Name, Roles: rolesTicked(roles...), Offices: ticked(offices, ids)}, r)
	}
	name := a.Staff.Known(c.UserContext(), account.Name)
	a.note("account made", name, "roles", roles, "by", nameOf(who))
	if byLink {
		return a.showUser(c, who, name, true, refusal{status: fiber.StatusOK})
	}
	return c.Redirect("/admin/users?said=user_added", fiber.StatusSeeOther)
}

func (a *App) userPage(c *fiber.Ctx, who staff.Session) error {
	return a.showUser(c, who, c.Params("name"), false, refusal{status: fiber.StatusOK})
}

// showUser shows one account, with a new link for its password if asked to.
func (a *App) showUser(c *fiber.Ctx, who staff.Session, name string, link bool, wrong refusal) error {
	return a.showUserAs(c, who, name, link, wrong, func(*static.UserPage) {})
}

// showUserAs is showUser with what was typed into a form that is refused.
func (a *App) showUserAs(c *fiber.Ctx, who staff.Session, name string, link bool, wrong refusal, typed func(*static.UserPage)) error {
	ctx := c.UserContext()
	accounts, err := a.Staff.List(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(accounts, func(one staff.Account) bool { return one.Name == name })
	if at < 0 {
		return staff.ErrNoAccount
	}
	account := accounts[at]
	p := static.UserPage{Mine: account.Name == who.User, Again: a.again(who, wrong)}
	if p.AdminShell, err = a.adminShell(c, who, "", "users"); err != nil {
		return err
	}
	p.Path, p.Problem = userPath(account.Name), wrong.problem
	offices, zone, err := a.officeNames(ctx)
	if err != nil {
		return err
	}
	p.Account = viewUser(account, offices, zone)
	p.Form = static.UserForm{Name: account.Name, Roles: rolesTicked(account.Roles...), Offices: ticked(offices, account.Offices), Errors: wrong.others()}
	all, err := a.Staff.SignIns(ctx, account.Name)
	if err != nil {
		return err
	}
	p.SignIns = len(all)
	if link {
		token, expires, err := a.Staff.PasswordLink(ctx, account.Name)
		if err != nil {
			return err
		}
		p.Link, p.Expires = a.publicURL(c, "/password?token="+token), expires.In(zone)
		a.note("password link made", account.Name, "by", nameOf(who))
	}
	typed(&p)
	return a.page(c, wrong.status, "user", p)
}

func userPath(name string) string { return "/admin/users/" + url.PathEscape(name) }

// pageChangeUser does one thing to an account. It asks for the administrator's own
// password: always to take the account or its factor away, for the rest when it was
// given long ago.
func (a *App) pageChangeUser(c *fiber.Ctx, who staff.Session) error {
	ctx, name, what := c.UserContext(), c.Params("name"), c.Params("what")
	if a.Staff.Known(ctx, name) != name {
		return staff.ErrNoAccount
	}
	form, typed := map[string]string{"password": "setpassword", "pin": "setpin", "second-factor": "again", "remove": "again"}[what], func(*static.UserPage) {}
	if form == "" {
		form = what
	}
	var err error
	if form == "again" { // which nobody can take back
		err = ofForm(a.confirmed(c, who), form)
	} else {
		err = a.sureOnPage(c, who, form)
	}
	event := ""
	switch what {
	case "link":
		if err == nil {
			return a.showUser(c, who, name, true, refusal{status: fiber.StatusOK})
		}
	case "roles":
		roles, ids := rolesTyped(c), many(c, "office")
		typed = func(p *static.UserPage) {
			p.Form.Roles, p.Form.Offices = rolesTicked(roles...), ticked(p.Form.Offices, ids)
		}
		switch {
		case err != nil:
		case len(ids) == 0 && !slices.Contains(roles, staff.Administrator):
			err = invalidField("offices", "offices_missing")
		default:
			err = a.changeRoles(c, who, name, roles, ids) // writes it down
		}
	case "password":
		event = "password set"
		if err == nil {
			err = staff.CheckPassword(name, c.FormValue("new"))
		}
		if err == nil {
			err = a.Staff.SetPassword(ctx, name, c.FormValue("new"))
		}
	case "pin":
		if event = "PIN set"; err == nil {
			err = a.Staff.SetPIN(ctx, name, c.FormValue("pin"))
		}
	case "second-factor":
		if event = "second factor removed"; err == nil {
			err = a.Staff.RemoveFactor(ctx, name)
		}
	case "remove":
		if event = "account removed"; err == nil {
			err = a.Staff.Remove(ctx, name)
		}
	default:
		return notFound("")
	}
	if err != nil {
		r, ok := a.refusalOf(c, err)
		if !ok {
			return err
		}
		if what == "password" && r.form == "" { // not the administrator's own
			r.errors = map[string]string{"new": r.errors["password"]}
		}
		return a.showUserAs(c, who, name, false, r, typed)
	}
	if event != "" {
		a.note(event, name, "by", nameOf(who))
	}
	if what == "remove" {
		return c.Redirect("/admin/users?said=user_removed", fiber.StatusSeeOther)
	}
	return c.Redirect(fmt.Sprintf("%s?said=user_%s", userPath(name), what), fiber.StatusSeeOther)
}

// signInsPage is who is signed in, everywhere.
func (a *App) signInsPage(c *fiber.Ctx, who staff.Session) error {
	p := static.SignInsPage{Of: c.Query("user")}
	var err error
	if p.AdminShell, err = a.adminShell(c, who, "", "sessions"); err != nil {
		return err
	}
	accounts, err := a.Staff.List(c.UserContext())
	if err != nil {
		return err
	}
	for _, account := range accounts {
		p.Users = append(p.Users, account.Name)
	}
	all, err := a.Staff.SignIns(c.UserContext(), p.Of)
	if err != nil {
		return err
	}
	for _, one := range all {
		p.SignIns = append(p.SignIns, a.viewSignIn(c, one, who))
	}
	return a.page(c, fiber.StatusOK, "sessions", p)
}

// pageEndSignIns ends one session, or all of an account; not the one that asks.
func (a *App) pageEndSignIns(c *fiber.Ctx, who staff.Session) error {
	name, id := c.FormValue("user"), c.FormValue("id")
	if a.Staff.Known(c.UserContext(), name) != name || name == "" {
		return staff.ErrNoAccount
	}
	var err error
	if id == "" {
		err = a.Staff.EndSignIns(c.UserContext(), name, who.ID)
	} else {
		err = a.Staff.EndSignIn(c.UserContext(), name, id)
	}
	if err != nil {
		return err
	}
	a.note("sessions ended", name, "by", nameOf(who))
	return c.Redirect("/admin/sessions?said=sessions_ended", fiber.StatusSeeOther)
}
