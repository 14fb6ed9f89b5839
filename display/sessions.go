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
	token := c.Cookies(sessionCookie)
	if token == "" {
		token = c.Cookies(deviceCookie)
	}
	if token == "" {
		return staff.Session{}, unauthenticated()
	}
	if !safe(c.Method()) && !a.SameOrigin(c) {
		return staff.Session{}, forbidden("foreign_origin")
	}
	return a.sessionOf(c, token)
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
	if who.User != "" {
		return who.User
	}
	return "device-" + who.Device
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
		return visit{}, forbidden("")
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
			return forbidden("")
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
	return a.orderOf(c, "staff/"+v.name(), v.actor())
}

type sessionView struct {
	Token   string       `json:"token,omitempty"`
	User    string       `json:"user"`
	Roles   []staff.Role `json:"roles"`
	Offices []string     `json:"offices"` // empty: every office
	Expires time.Time    `json:"expires"`
}

func viewSession(who staff.Session, token string) sessionView {
	return sessionView{token, who.User, append([]staff.Role{}, who.Roles...), append([]string{}, who.Offices...), who.Expires}
}

func (a *App) login(c *fiber.Ctx) error {
	var body struct {
		Username string `json:"username"`
		Password string `json:"password"`
		PIN      string `json:"pin"`
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
	who, token, err := a.logIn(c, body.Username, body.Password, body.PIN)
	if err != nil {
		return err
	}
	return c.JSON(viewSession(who, token))
}

// logIn begins a session and gives it to the browser.
func (a *App) logIn(c *fiber.Ctx, username, password, pin string) (staff.Session, string, error) {
	if !a.SameOrigin(c) {
		return staff.Session{}, "", forbidden("foreign_origin")
	}
	who, token, err := a.Staff.Login(c.UserContext(), staff.LoginRequest{
		Username: username, Password: password, PIN: pin,
		Device: c.Cookies(deviceCookie), Address: a.address(c),
		Person: attempts(a.limitAnywhere(c.UserContext(), "login")),
		Place:  attempts(a.limitAnywhere(c.UserContext(), "login_address")),
	})
	if err != nil {
		return staff.Session{}, "", err
	}
	a.setCookie(c, sessionCookie, token, fiber.CookieSameSiteStrictMode, 0)
	return who, token, nil
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
		if token = c.Cookies(sessionCookie); token != "" && !a.SameOrigin(c) {
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
		Name: name, Value: value, Path: "/", HTTPOnly: true, SameSite: sameSite,
		Secure: a.secure(c), SessionOnly: life == 0,
	}
	if life > 0 {
		cookie.MaxAge = int(life.Seconds())
	}
	c.Cookie(cookie)
}

func (a *App) dropCookie(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{Name: name, Path: "/", HTTPOnly: true, Secure: a.secure(c), Expires: time.Unix(1, 0)})
}
