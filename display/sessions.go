package display

import (
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/staff"
)

const (
	sessionCookie = "antrean_session"
	deviceCookie  = "antrean_device"
)

// session says who is at the other end. A cookie is sent by browsers whatever
// page asks for it, so it counts only for requests of our own pages.
func (a *App) session(c *fiber.Ctx) (staff.Session, error) {
	if token, ok := bearer(c); ok {
		return a.sessionOf(c, token)
	}
	person, device := a.sessionToken(c), a.cookie(c, deviceCookie)
	if person == "" && device == "" {
		return staff.Session{}, unauthenticated()
	}
	// Other sites' links come without an Origin, their scripts never do.
	if (!safe(c.Method()) || c.Get(fiber.HeaderOrigin) != "") && !a.SameOrigin(c) {
		return staff.Session{}, forbidden("foreign_origin")
	}
	if person == "" {
		return a.sessionOf(c, device)
	}
	who, err := a.sessionOf(c, person)
	if err != nil && device != "" && classify(err).status == fiber.StatusUnauthorized {
		// The session is over. A kiosk goes on giving numbers; at any other device
		// somebody has to sign in again.
		if kiosk, err := a.sessionOf(c, device); err == nil && len(kiosk.Roles) > 0 {
			return kiosk, nil
		}
	}
	return who, err
}

// sessionOf also knows the tokens of paired devices.
func (a *App) sessionOf(c *fiber.Ctx, token string) (staff.Session, error) {
	who, err := a.Staff.Session(c.UserContext(), token)
	if !errors.Is(err, staff.ErrNoSession) {
		return who, err
	}
	device, err := a.Staff.Device(c.UserContext(), token)
	if errors.Is(err, staff.ErrUnpaired) {
		return staff.Session{}, unauthenticated()
	}
	if err != nil {
		return staff.Session{}, err
	}
	return device.Session(), nil
}

func bearer(c *fiber.Ctx) (string, bool) {
	scheme, token, ok := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "bearer")
}

func safe(method string) bool {
	return method == fiber.MethodGet || method == fiber.MethodHead || method == fiber.MethodOptions
}

// visit is a request of somebody who works at the office that the path names.
type visit struct {
	who    staff.Session
	office *ledger.Office
	id     string // the office's
}

// name is how the log calls who acts.
func (v visit) name() string { return nameOf(v.who) }

func nameOf(who staff.Session) string {
	switch {
	case who.User != "":
		return who.User
	case who.Token != "":
		return staff.TokenActor + who.Token
	}
	return staff.DeviceActor + who.Device
}

// scope tells everybody apart, for what is theirs alone: idempotency keys, topics,
// what they have seen. An account of a former release may be called as a token or a
// device is in the log.
func (v visit) scope() string {
	if name := v.who.User; strings.HasPrefix(name, staff.TokenActor) || strings.HasPrefix(name, staff.DeviceActor) {
		return "staff/account/" + name
	}
	return "staff/" + v.name()
}

func (v visit) actor() queue.Actor { return actorOf(v.who) }

func isAdministrator(who staff.Session) bool {
	for _, role := range who.Roles {
		if role == staff.Administrator {
			return true
		}
	}
	return false
}

// staff lets those through who may do the action at the path's office.
func (a *App) staff(action staff.Action, handle func(*fiber.Ctx, visit) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := a.visit(c, action)
		if err != nil {
			return err
		}
		return handle(c, v)
	}
}

func (a *App) visit(c *fiber.Ctx, action staff.Action) (visit, error) {
	who, err := a.session(c)
	if err != nil {
		return visit{}, err
	}
	id := c.Params("office")
	if !staff.May(who, action, id) {
		return visit{}, a.denied(c, who)
	}
	office, err := a.officeOf(c)
	if err != nil {
		return visit{}, err
	}
	return visit{who, office, id}, nil
}

// allOffices lets those through who may do what concerns every office.
func (a *App) allOffices(action staff.Action, handle func(*fiber.Ctx, staff.Session) error) fiber.Handler {
	return a.signedIn(func(c *fiber.Ctx, who staff.Session) error {
		if !staff.May(who, action, "") {
			return a.denied(c, who)
		}
		return handle(c, who)
	})
}

func (a *App) signedIn(handle func(*fiber.Ctx, staff.Session) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		who, err := a.session(c)
		if err != nil {
			return err
		}
		return handle(c, who)
	}
}

// order reads the idempotency key of somebody who works here.
func (a *App) order(c *fiber.Ctx, v visit) (order, error) {
	return a.orderOf(c, v.scope(), v.actor())
}

type sessionView struct {
	Token   string       `json:"token,omitempty"`
	User    string       `json:"user"`
	Roles   []staff.Role `json:"roles"`
	Offices []string     `json:"offices"`          // empty: every office
	Scopes  []string     `json:"scopes,omitempty"` // of an API token, instead of roles
	Enrol   bool         `json:"second_factor_required,omitempty"`
	Expires time.Time    `json:"expires"`
}

func viewSession(who staff.Session, token string) sessionView {
	return sessionView{
		Token: token, User: who.User, Roles: append([]staff.Role{}, who.Roles...), Offices: append([]string{}, who.Offices...),
		Scopes: staff.ScopesOf(who), Enrol: who.Enrol, Expires: who.Expires,
	}
}

func (a *App) login(c *fiber.Ctx) error {
	var body struct {
		Username string `json:"username"`
		Password string `json:"password"`
		PIN      string `json:"pin"`
		Code     string `json:"code"` // of the second factor
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Username == "" {
		return invalidField("username", "required")
	}
	if body.Password == "" && body.PIN == "" {
		return invalidField("password", "required")
	}
	who, token, err := a.logIn(c, staff.LoginRequest{Username: body.Username, Password: body.Password, PIN: body.PIN, Code: body.Code})
	if err != nil {
		return err
	}
	return c.JSON(viewSession(who, token))
}

// logIn begins a session and gives it to the browser; the one that it had ends.
func (a *App) logIn(c *fiber.Ctx, request staff.LoginRequest) (staff.Session, string, error) {
	if !a.SameOrigin(c) {
		return staff.Session{}, "", forbidden("foreign_origin")
	}
	who, token, err := a.Staff.Login(c.UserContext(), a.from(c, request))
	if err != nil {
		a.noteRefusedLogin(c, request, err)
		return staff.Session{}, "", err
	}
	a.keepSession(c, who, token)
	return who, token, nil
}

// from adds to a login where it comes from, and how many attempts are free there.
func (a *App) from(c *fiber.Ctx, request staff.LoginRequest) staff.LoginRequest {
	request.Device, request.Address, request.Agent = a.cookie(c, deviceCookie), a.address(c), c.Get(fiber.HeaderUserAgent)
	request.Until = a.dayEnd(c)
	request.Person = attempts(a.limitAnywhere(c.UserContext(), "login"))
	request.Place = attempts(a.limitAnywhere(c.UserContext(), "login_address"))
	return request
}

// keepSession gives a new session to the browser, in place of what it had: an
// identifier from before a login is never one after it.
func (a *App) keepSession(c *fiber.Ctx, who staff.Session, token string) {
	if former := a.sessionToken(c); former != "" && former != token {
		if err := a.Staff.Logout(c.UserContext(), former); err != nil {
			a.Log.Warn("a former session goes on until it expires", "user", who.User, "error", err)
		}
	}
	a.remember(c, who.User)
	a.note("signed in", who.User, "second_factor", who.Factor)
	a.setCookie(c, sessionCookie, token, fiber.CookieSameSiteStrictMode, 0)
}

// cookieName is a cookie's name: over TLS one that no other host and no plain page
// can set.
func (a *App) cookieName(c *fiber.Ctx, name string) string {
	if a.secure(c) {
		return "__Host-" + name
	}
	return name
}

func (a *App) sessionToken(c *fiber.Ctx) string { return c.Cookies(a.cookieName(c, sessionCookie)) }

// cookie is what the browser holds under a name. A screen that was paired, or a
// ticket that was opened, before cookies had the other name keeps it until it is set
// anew; a session does not (sessionToken).
func (a *App) cookie(c *fiber.Ctx, name string) string {
	if value := c.Cookies(a.cookieName(c, name)); value != "" {
		return value
	}
	return c.Cookies(name)
}

// attempts are free up to the rate's count; the pauses after more grow up to its
// time.
func attempts(r queue.Rate) staff.Attempts { return staff.Attempts{Free: r.Count, Longest: r.Per} }

func (a *App) showSession(c *fiber.Ctx) error {
	who, err := a.session(c)
	if err != nil {
		return err
	}
	return c.JSON(viewSession(who, ""))
}

func (a *App) logout(c *fiber.Ctx) error {
	token, ok := bearer(c)
	if !ok {
		if token = a.sessionToken(c); token != "" && !a.SameOrigin(c) {
			return forbidden("foreign_origin")
		}
	}
	if token == "" {
		return unauthenticated()
	}
	if err := a.Staff.Logout(c.UserContext(), token); err != nil {
		return err
	}
	a.dropCookie(c, sessionCookie)
	return c.SendStatus(fiber.StatusNoContent)
}

// setCookie keeps a secret in the browser, out of the reach of scripts. A life
// of 0 ends with the browser.
func (a *App) setCookie(c *fiber.Ctx, name, value, sameSite string, life time.Duration) {
	cookie := &fiber.Cookie{
		Name: a.cookieName(c, name), Value: value, Path: "/", HTTPOnly: true, SameSite: sameSite,
		Secure: a.secure(c), SessionOnly: life == 0,
	}
	if life > 0 {
		cookie.MaxAge = int(life.Seconds())
	}
	c.Cookie(cookie)
}

func (a *App) dropCookie(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{Name: a.cookieName(c, name), Path: "/", HTTPOnly: true, Secure: a.secure(c), Expires: time.Unix(1, 0)})
}
