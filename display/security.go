package display

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
)

// note writes down what concerns the security of the house: what, whose account,
// and what else is known, which is never personal data of those who queue.
func (a *App) note(event, user string, more ...any) {
	a.Log.Info("security", append([]any{"event", event, "user", user}, more...)...)
}

// noteRefusedLogin names an account only if there is one: else somebody may have
// typed their password where the name belongs.
func (a *App) noteRefusedLogin(c *fiber.Ctx, request staff.LoginRequest, err error) {
	if errors.As(err, new(*staff.SecondFactor)) || errors.Is(err, context.Canceled) {
		return // half way
	}
	why := "credentials"
	switch {
	case errors.As(err, new(*staff.RateLimited)):
		why = "too many attempts"
	case errors.Is(err, staff.ErrCode):
		why = "code"
	case errors.Is(err, staff.ErrUnpaired):
		why = "no paired device"
	case !errors.Is(err, staff.ErrCredentials):
		return // written down as a failure of ours
	}
	name := a.Staff.Halfway(request.Step) // what the form says beside it is anybody's
	if request.Step == "" {
		name = a.Staff.Known(c.UserContext(), request.Username)
	}
	a.note("sign-in refused", name, "why", why)
}

// denied refuses somebody who is known and may not.
func (a *App) denied(c *fiber.Ctx, who staff.Session) error {
	a.note("not allowed", nameOf(who), "method", c.Method(), "path", redact(c.Path()))
	if who.Enrol {
		return forbidden("enrol")
	}
	if who.User == "" && who.Token == "" && safe(c.Method()) && readsPages(c) {
		return unauthenticated() // a tablet at which nobody is signed in
	}
	return forbidden("")
}

// sure wraps what gives or takes power over accounts and data in the API: who
// signed in by a cookie a while ago may have left the browser to somebody else, and
// signs in again first. Programs send their token with each request; nobody finds
// it in a browser.
func (a *App) sure(handle func(*fiber.Ctx, staff.Session) error) func(*fiber.Ctx, staff.Session) error {
	return func(c *fiber.Ctx, who staff.Session) error {
		if a.asks(c, who) {
			a.note("sign-in wanted again", nameOf(who), "method", c.Method(), "path", redact(c.Path()))
			return forbidden("sign_in_again")
		}
		return handle(c, who)
	}
}

// asks says whether an act of weight wants the password again, or a new sign-in.
func (a *App) asks(c *fiber.Ctx, who staff.Session) bool {
	_, program := bearer(c)
	return !program && !a.Staff.Recent(who)
}

// sureOnPage is sure for a form of a page, which has the fields of confirmed where
// that is so. The form is refused under its name.
func (a *App) sureOnPage(c *fiber.Ctx, who staff.Session, form string) error {
	if !a.asks(c, who) {
		return nil
	}
	return ofForm(a.confirmed(c, who), form)
}

// unsure is the refusal of whoever is to give their own password, in a form of
// that name.
type unsure struct {
	error
	form string
}

func (u *unsure) Unwrap() error { return u.error }

func ofForm(err error, form string) error {
	if err == nil {
		return nil
	}
	return &unsure{err, form}
}

// confirmed asks whoever is signed in for their password again (and a code, if
// they have a second factor) before an act that cannot be taken back.
func (a *App) confirmed(c *fiber.Ctx, who staff.Session) error {
	if who.User == "" {
		return forbidden("")
	}
	request := staff.LoginRequest{Username: who.User, Password: c.FormValue("password"), Code: c.FormValue("code")}
	if request.Password == "" {
		return invalidField("password", "required") // which is no attempt
	}
	err := a.Staff.Confirm(c.UserContext(), a.from(c, request), who.ID)
	if err != nil {
		a.noteRefusedLogin(c, request, err)
	}
	return mistaken(err)
}

// mistaken names the field of a form in which the password or code was wrong.
func mistaken(err error) error {
	switch {
	case errors.Is(err, staff.ErrCredentials):
		return invalidField("password", "password_wrong")
	case errors.As(err, new(*staff.SecondFactor)):
		return invalidField("code", "code_wanted")
	case errors.Is(err, staff.ErrCode):
		return invalidField("code", "code_wrong")
	}
	return err
}

// refusal is an error as a page shows it above the form that was sent.
type refusal struct {
	status  int
	problem string            // in words; "" if the fields say it all
	errors  map[string]string // words, by field
	form    string            // the one that asked for the own password, if that was wrong
}

// refusalOf is false for what a page of its own has to say: a fault of ours, a
// place that is not there, somebody who is not allowed.
func (a *App) refusalOf(c *fiber.Ctx, err error) (refusal, bool) {
	f := classify(err)
	if f.status >= 500 || f.status == fiber.StatusNotFound || f.status == fiber.StatusForbidden || f.status == fiber.StatusUnauthorized {
		return refusal{}, false
	}
	r, lang := refusal{status: f.status, errors: map[string]string{}}, a.language(c)
	var own *unsure
	if errors.As(err, &own) {
		r.form = own.form
	}
	for _, wrong := range f.fields {
		if r.errors[wrong.field] = wrong.said; wrong.said == "" {
			r.errors[wrong.field] = a.say(lang, "refusal."+wrong.reason)
		}
	}
	switch {
	case len(f.fields) > 0:
		r.problem = a.say(lang, "problem.invalid")
	case f.reason != "":
		r.problem = a.sayWhy(lang, f)
	default:
		r.problem = a.say(lang, "problem."+f.code)
	}
	return r, true
}
