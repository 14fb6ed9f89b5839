package display

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// counterPage is the officer's tablet: the counter that they sit at, or that
// the address names, or the choice of one.
func (a *App) counterPage(c *fiber.Ctx) error {
	who, err := a.session(c)
	if err != nil {
		return err
	}
	p := static.CounterPage{Page: a.baseOn(c, staff.CounterDevice), User: who.User}
	office, counter := c.Query("office"), c.Query("counter")
	err = a.eachOffice(c.UserContext(), func(s *queue.State, _ time.Time) {
		if !staff.May(who, staff.Serve, s.Office) {
			return
		}
		o := viewChoices(s, who.User)
		p.Offices = append(p.Offices, o)
		for _, k := range o.Counters {
			if k.Mine && office == "" {
				office, counter = s.Office, k.ID
			}
		}
	})
	if err != nil {
		return err
	}
	if len(p.Offices) == 0 {
		return a.denied(c, who)
	}
	if office == "" || counter == "" {
		return a.page(c, fiber.StatusOK, "counter", p)
	}
	if !staff.May(who, staff.Serve, office) {
		return a.denied(c, who)
	}
	o, err := a.open(c.UserContext(), office)
	if err != nil {
		return err
	}
	now, known := a.Offices.Now(), false
	_, confirmed := o.Confirmed()
	o.Read(func(s *queue.State) {
		if _, known = s.Config.Counter(counter); known {
			v := viewCounter(s, counter, now)
			p.Office, p.View = office, &v
			if staff.May(who, staff.CallChosen, office) || s.Config.Calling.OfficersMayChoose {
				p.Reasons = slices.DeleteFunc(queue.Notes(), func(note string) bool { return note == queue.OtherNote })
			}
			if who.Device != "" {
				p.Lock = int(s.Config.Calling.LocksAfter().Seconds())
			}
			p.Live = a.liveAt("/live/offices/"+office+"/counters/"+counter, s, now, confirmed)
		}
	})
	if !known {
		return notFound("counter")
	}
	_ = a.nameCurrent(c.UserContext(), p.View, who) // readable without it
	return a.page(c, fiber.StatusOK, "counter", p)
}

func viewChoices(s *queue.State, user string) static.CounterOffice {
	o := static.CounterOffice{ID: s.Office, Name: s.Config.Name}
	for _, config := range s.Config.Counters {
		k := s.Counter(config.ID)
		choice := static.CounterChoice{
			ID: config.ID, Name: config.Name, State: string(k.State), Officer: k.Officer,
			Mine: user != "" && k.Officer == user && k.State != queue.Closed,
		}
		for _, stage := range config.Stages {
			choice.Stages = append(choice.Stages, stageName(s, stage))
		}
		o.Counters = append(o.Counters, choice)
	}
	return o
}

// staffPage says what a signed-in person can open.
func (a *App) staffPage(c *fiber.Ctx) error {
	who, err := a.session(c)
	if err != nil {
		return err
	}
	p := static.StaffPage{Page: a.base(c), User: who.User, Remind: !who.Factor && isAdministrator(who)}
	for _, role := range who.Roles {
		p.Roles = append(p.Roles, string(role))
	}
	err = a.eachOffice(c.UserContext(), func(s *queue.State, now time.Time) {
		o := static.StaffOffice{ID: s.Office, Name: s.Config.Name}
		if staff.May(who, staff.Serve, s.Office) {
			o.Links = append(o.Links, static.StaffLink{ID: "counter", URL: "/counter"}, static.StaffLink{ID: "figures", URL: "/staff/figures?office=" + s.Office})
		}
		if staff.May(who, staff.KioskWork, s.Office) {
			o.Links = append(o.Links, static.StaffLink{ID: "kiosk", URL: "/kiosk/" + s.Office})
		}
		if staff.May(who, staff.DeskWork, s.Office) {
			o.Links = append(o.Links, static.StaffLink{ID: "desk", URL: "/desk?office=" + s.Office})
		}
		if staff.May(who, staff.SeeQueue, s.Office) {
			o.Links = append(o.Links, static.StaffLink{ID: "display", URL: "/display/" + s.Office},
				static.StaffLink{ID: "booking", URL: "/?office=" + s.Office})
			for _, t := range askingHelp(s, now) {
				o.Help = append(o.Help, static.StaffHelp{Number: t.Number, URL: "/staff/" + s.Office + "/tickets/" + t.ID + "/helped", Key: newKey()})
			}
		}
		if staff.May(who, staff.Serve, s.Office) {
			o.Sound = &static.StaffSound{URL: "/staff/" + s.Office + "/mute", Key: newKey()}
			if s.MutedUntil.After(now) {
				until := here(s, s.MutedUntil)
				o.Sound.Muted = &until
			}
		}
		if staff.May(who, staff.Supervise, s.Office) {
			o.Links = append(o.Links, static.StaffLink{ID: "admin", URL: "/admin"})
			o.AtRisk = numbersOfToday(s, now)
		}
		if len(o.Links) > 0 {
			p.Offices = append(p.Offices, o)
		}
	})
	if err != nil {
		return err
	}
	return a.page(c, fiber.StatusOK, "staff", p)
}

// pageHelped is the helped of somebody at the staff page, which knows no
// scripts.
func (a *App) pageHelped(c *fiber.Ctx, v visit) error {
	ticket := c.Params("ticket")
	o, err := a.orderWith(v.scope(), c.Path(), c.FormValue("key"), c.Request().Body(), v.actor())
	if err != nil {
		return err
	}
	if err := a.do(c, v.office, o, queue.EndHelp{Ticket: ticket}, func(*queue.State, []*queue.Event) {}); err != nil {
		return err
	}
	return c.Redirect("/staff", fiber.StatusSeeOther)
}

func (a *App) loginPage(c *fiber.Ctx) error {
	device, ok := a.tabletOf(c)
	if ok && c.Query("with") != "password" {
		return a.tabletPage(c, device)
	}
	return a.page(c, fiber.StatusOK, "login", static.LoginPage{Page: a.base(c), Next: ourPath(c.Query("next")), Tablet: ok})
}

// pageLogin takes name and password, and then the code of the second factor
// where there is one.
func (a *App) pageLogin(c *fiber.Ctx) error {
	p := static.LoginPage{Username: c.FormValue("username"), Next: ourPath(c.FormValue("next")), Step: c.FormValue("step")}
	who, _, err := a.logIn(c, staff.LoginRequest{Username: p.Username, Password: c.FormValue("password"), Step: p.Step, Code: c.FormValue("code")})
	if err != nil {
		f := classify(err)
		if f.status >= 500 || f.status == fiber.StatusForbidden {
			return err
		}
		var second *staff.SecondFactor
		switch {
		case errors.As(err, &second):
			p.Step, f.status = second.Step, fiber.StatusOK
		case errors.Is(err, staff.ErrCode):
			p.Problem = "code"
		case errors.Is(err, staff.ErrCredentials) && p.Step != "":
			p.Step, p.Problem = "", "step_over"
		case errors.Is(err, staff.ErrCredentials):
			p.Problem = "login"
		default:
			p.Problem = f.code
		}
		p.Page = a.base(c)
		_, p.Tablet = a.tabletOf(c)
		return a.page(c, f.status, "login", p)
	}
	switch {
	case who.Enrol:
		p.Next = "/account/second-factor"
	case p.Next != "":
	case len(who.Roles) == 1 && who.Roles[0] == staff.Officer:
		p.Next = "/counter"
	case len(who.Roles) == 1 && who.Roles[0] == staff.Desk:
		p.Next = "/desk"
	default:
		p.Next = "/staff"
	}
	return c.Redirect(p.Next, fiber.StatusSeeOther)
}

func (a *App) pageLogout(c *fiber.Ctx) error {
	if !a.SameOrigin(c) {
		return forbidden("foreign_origin")
	}
	if token := a.sessionToken(c); token != "" {
		if err := a.Staff.Logout(c.UserContext(), token); err != nil {
			return err
		}
	}
	a.dropCookie(c, sessionCookie)
	return c.Redirect("/login", fiber.StatusSeeOther)
}

// ourPath lets a login lead back to a page of ours and nowhere else.
func ourPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return ""
	}
	return next
}

func (a *App) setupPage(c *fiber.Ctx) error {
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	token, status := c.Query("token"), fiber.StatusOK
	p := static.SetupPage{Page: a.base(c), Token: token, Errors: map[string]string{}}
	err := a.Staff.SetupOpens(c.UserContext(), token)
	if p.Used = errors.Is(err, staff.ErrSetupLink); p.Used {
		status = fiber.StatusForbidden
	} else if err != nil {
		return err
	}
	p.Path = linkWith("/setup", token)
	return a.page(c, status, "setup", p)
}

// linkWith is the page of a one-time link, in another language as well.
func linkWith(path, token string) string { return path + "?" + url.Values{"token": {token}}.Encode() }

// pageSetup makes the first administrator, and lets them in.
func (a *App) pageSetup(c *fiber.Ctx) error {
	if c.Get(fiber.HeaderOrigin) != "null" && !a.SameOrigin(c) || crossSite(c) {
		return forbidden("foreign_origin") // the page tells no origin, because its address holds the token
	}
	token, username, password := c.FormValue("token"), c.FormValue("username"), c.FormValue("password")
	if err := a.Staff.Setup(c.UserContext(), token, username, password); err != nil {
		f := classify(err)
		if f.status >= 500 {
			return err
		}
		p := static.SetupPage{Page: a.base(c), Token: token, Username: username, Used: errors.Is(err, staff.ErrSetupLink), Errors: map[string]string{}}
		p.Path = linkWith("/setup", token)
		for _, wrong := range f.fields {
			p.Errors[wrong.field] = a.say(p.Lang, "refusal."+wrong.reason)
		}
		if len(p.Errors) == 0 {
			p.Problem = f.reason
		}
		return a.page(c, f.status, "setup", p)
	}
	a.note("first administrator made", username)
	who, session, err := a.Staff.Login(c.UserContext(), a.from(c, staff.LoginRequest{Username: username, Password: password}))
	if err != nil {
		return c.Redirect("/login", fiber.StatusSeeOther)
	}
	a.keepSession(c, who, session)
	if who.Enrol {
		return c.Redirect("/account/second-factor", fiber.StatusSeeOther)
	}
	return c.Redirect("/staff", fiber.StatusSeeOther)
}
