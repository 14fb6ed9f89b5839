package display

import (
	"encoding/base64"
	"errors"
	"html/template"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/skip2/go-qrcode"

	"antrean/internal/staff"
	"antrean/static"
)

// accountPage is somebody's own password, second factor and sessions.
func (a *App) accountPage(c *fiber.Ctx, who staff.Session) error {
	return a.showAccount(c, who, refusal{status: fiber.StatusOK})
}

func (a *App) showAccount(c *fiber.Ctx, who staff.Session, wrong refusal) error {
	p := static.AccountPage{Page: a.base(c), User: nameOf(who), Factor: who.Factor, Own: who.User != "", Again: a.again(who, wrong)}
	p.Path = "/account"
	p.Said = a.saidOnce(c, "account.said.")
	for _, role := range who.Roles {
		p.Roles = append(p.Roles, string(role))
	}
	if p.Own {
		left, err := a.Staff.RecoveryLeft(c.UserContext(), who.User)
		if err != nil {
			return err
		}
		all, err := a.Staff.SignIns(c.UserContext(), who.User)
		if err != nil {
			return err
		}
		p.Left = left
		for _, one := range all {
			p.SignIns = append(p.SignIns, a.viewSignIn(c, one, who))
		}
	}
	return a.page(c, wrong.status, "account", p)
}

// again is a form that asks for the password once more.
func (a *App) again(who staff.Session, wrong refusal) static.Again {
	return static.Again{Problem: wrong.problem, Errors: wrong.errors, Code: who.Factor, Of: wrong.form, Wanted: !a.Staff.Recent(who)}
}

// others are the errors of a form that are not about the own password, which has
// fields of its own beside them.
func (r refusal) others() map[string]string {
	if r.form != "" {
		return nil
	}
	return r.errors
}

// saidOnce is what a form that led here has done, in words.
func (a *App) saidOnce(c *fiber.Ctx, prefix string) string {
	if id := prefix + c.Query("said"); c.Query("said") != "" && a.Pages.HasWords(id) {
		return a.Pages.Words(a.language(c), id)
	}
	return ""
}

func (a *App) viewSignIn(c *fiber.Ctx, one staff.SignIn, who staff.Session) static.SignIn {
	zone := a.zone(c.UserContext())
	return static.SignIn{
		ID: one.ID, User: one.User, Device: one.Device, Agent: a.browser(c, one.Agent), Mine: one.ID == who.ID,
		Started: one.Started.In(zone), Used: one.Used.In(zone),
	}
}

// The order matters: Edge calls itself Chrome, and Chrome Safari.
var browsers = regexp.MustCompile(`(Edg|OPR|Firefox|Chrome|Version)/(\d+)`)

var systems = regexp.MustCompile(`Android|iPhone|iPad|Windows|Mac OS X|CrOS|Tizen|Web0S|Linux`)

// browser is what a browser calls itself, as far as people know the names.
func (a *App) browser(c *fiber.Ctx, agent string) string {
	name, system := "", systems.FindString(agent)
	for _, m := range browsers.FindAllStringSubmatch(agent, -1) {
		known := map[string]string{"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Version": "Safari"}[m[1]]
		if name == "" || m[1] == "Edg" || m[1] == "OPR" {
			name = known + " " + m[2]
		}
	}
	switch {
	case name == "" && system == "":
		return a.say(a.language(c), "account.some_program")
	case name == "" || system == "":
		return name + system
	}
	return name + ", " + system
}

func (a *App) accountPassword(c *fiber.Ctx, who staff.Session) error {
	if who.User == "" {
		return forbidden("")
	}
	request := staff.LoginRequest{Username: who.User, Password: c.FormValue("password"), Code: c.FormValue("code")}
	session, token, err := a.Staff.ChangePassword(c.UserContext(), a.from(c, request), c.FormValue("new"))
	if err != nil {
		a.noteRefusedLogin(c, request, err)
		r, ok := a.refusalOf(c, mistaken(err))
		if !ok {
			return err
		}
		if errors.Is(err, staff.ErrPassword) || errors.Is(err, staff.ErrWeakPassword) {
			r.errors = map[string]string{"new": r.errors["password"]}
		}
		return a.showAccount(c, who, r)
	}
	a.note("password changed", who.User)
	a.keepSession(c, session, token)
	return c.Redirect("/account?said=password", fiber.StatusSeeOther)
}

// endOwnSessions ends one of one's sessions, or all others.
func (a *App) endOwnSessions(c *fiber.Ctx, who staff.Session) error {
	if who.User == "" {
		return forbidden("")
	}
	var err error
	if id := c.FormValue("id"); id != "" {
		err = a.Staff.EndSignIn(c.UserContext(), who.User, id)
	} else {
		err = a.Staff.EndSignIns(c.UserContext(), who.User, who.ID)
	}
	if err != nil {
		return err
	}
	a.note("sessions ended", who.User, "by", who.User)
	return c.Redirect("/account?said=ended", fiber.StatusSeeOther)
}

func (a *App) factorPage(c *fiber.Ctx, who staff.Session) error {
	return a.showFactor(c, who, "", refusal{status: fiber.StatusOK})
}

func (a *App) showFactor(c *fiber.Ctx, who staff.Session, sealed string, wrong refusal) error {
	if who.User == "" {
		return forbidden("")
	}
	p := static.FactorPage{Page: a.base(c), User: who.User, Set: who.Factor, Required: who.Enrol, Again: a.again(who, wrong)}
	p.Path = "/account/second-factor"
	p.Said = a.saidOnce(c, "account.said.")
	if who.Factor {
		left, err := a.Staff.RecoveryLeft(c.UserContext(), who.User)
		if err != nil {
			return err
		}
		p.Left = left
		return a.page(c, wrong.status, "factor", p)
	}
	e, err := a.Staff.Resume(who.User, sealed) // the secret that the app may have scanned already
	if err != nil {
		if e, err = a.Staff.NewFactor(who.User); err != nil {
			return err
		}
	}
	png, err := qrcode.Encode(e.URL, qrcode.Medium, 480)
	if err != nil {
		return fault500(err)
	}
	p.QR = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png)) // ours, letters and signs of base64
	p.Sealed = e.Sealed
	for i := 0; i < len(e.Secret); i += 4 {
		p.Secret = strings.TrimSpace(p.Secret + " " + e.Secret[i:min(i+4, len(e.Secret))])
	}
	return a.page(c, wrong.status, "factor", p)
}

// setFactor makes the second factor necessary once a code of it was given. All
// other sessions end: whoever began them knew the password alone.
func (a *App) setFactor(c *fiber.Ctx, who staff.Session) error {
	if who.User == "" {
		return forbidden("")
	}
	sealed := c.FormValue("sealed")
	request := staff.LoginRequest{Username: who.User, Password: c.FormValue("password")}
	err := a.Staff.Confirm(c.UserContext(), a.from(c, request), who.ID)
	if errors.As(err, new(*staff.SecondFactor)) {
		err = staff.ErrFactor
	}
	var codes []string
	if err == nil {
		codes, err = a.Staff.EnableFactor(c.UserContext(), who.User, sealed, c.FormValue("code"))
	}
	if err != nil {
		a.noteRefusedLogin(c, request, err)
		r, ok := a.refusalOf(c, mistaken(err))
		if !ok {
			return err
		}
		return a.showFactor(c, who, sealed, r)
	}
	if err := a.Staff.EndSignIns(c.UserContext(), who.User, who.ID); err != nil {
		return err
	}
	a.note("second factor set", who.User)
	return a.showCodes(c, who, codes)
}

// changeFactor makes new recovery codes, or removes the second factor.
func (a *App) changeFactor(c *fiber.Ctx, who staff.Session) error {
	renew := c.FormValue("do") != "remove"
	err := a.confirmed(c, who)
	var codes []string
	switch {
	case err != nil:
	case renew:
		codes, err = a.Staff.RenewRecovery(c.UserContext(), who.User)
	default:
		err = a.Staff.RemoveFactor(c.UserContext(), who.User)
	}
	if err != nil {
		r, ok := a.refusalOf(c, err)
		if !ok {
			return err
		}
		return a.showFactor(c, who, "", r)
	}
	if renew {
		a.note("recovery codes made", who.User)
		return a.showCodes(c, who, codes)
	}
	a.note("second factor removed", who.User, "by", who.User)
	return c.Redirect("/account?said=factor_removed", fiber.StatusSeeOther)
}

// showCodes shows recovery codes, this once.
func (a *App) showCodes(c *fiber.Ctx, who staff.Session, codes []string) error {
	p := static.FactorPage{Page: a.base(c), User: who.User, Set: true, Codes: codes}
	p.Path = "/account/second-factor"
	return a.page(c, fiber.StatusOK, "factor", p)
}

// passwordPage is where a one-time link leads.
func (a *App) passwordPage(c *fiber.Ctx) error {
	return a.showPassword(c, c.Query("token"), refusal{status: fiber.StatusOK})
}

func (a *App) showPassword(c *fiber.Ctx, token string, wrong refusal) error {
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	p := static.PasswordPage{Page: a.base(c), Token: token, Again: static.Again{Problem: wrong.problem, Errors: wrong.errors}}
	p.Path = linkWith("/password", token)
	name, err := a.Staff.Linked(c.UserContext(), token)
	switch {
	case errors.Is(err, staff.ErrSetupLink):
		wrong.status = fiber.StatusForbidden
	case err != nil:
		return err
	}
	p.User = name
	return a.page(c, wrong.status, "password", p)
}

func (a *App) pagePassword(c *fiber.Ctx) error {
	if c.Get(fiber.HeaderOrigin) != "null" && !a.SameOrigin(c) || crossSite(c) {
		return forbidden("foreign_origin") // the page tells no origin, because its address holds the token
	}
	token := c.FormValue("token")
	name, err := a.Staff.Linked(c.UserContext(), token)
	if err == nil {
		err = a.Staff.SetLinkedPassword(c.UserContext(), token, c.FormValue("password"))
	}
	if err == nil {
		a.note("password set by link", name)
		return c.Redirect("/login", fiber.StatusSeeOther)
	}
	if errors.Is(err, staff.ErrSetupLink) {
		return a.showPassword(c, "", refusal{})
	}
	r, ok := a.refusalOf(c, err)
	if !ok {
		return err
	}
	return a.showPassword(c, token, r)
}
