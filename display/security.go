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
	a.note("sign-in refused", a.Staff.Known(c.UserContext(), request.Username), "why", why)
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

// confirmed asks whoever is signed in for their password again (and a code, if
// they have a second factor) before an act that cannot be taken back.
func (a *App) confirmed(c *fiber.Ctx, who staff.Session) error {
	if who.User == "" {
		return forbidden("")
	}
	request := staff.LoginRequest{Username: who.User, Password: c.FormValue("password"), Code: c.FormValue("code")}
	err := a.Staff.Confirm(c.UserContext(), a.from(c, request))
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
}

// refusalOf is false for what a page of its own has to say: a fault of ours, a
// place that is not there, somebody who is not allowed.
func (a *App) refusalOf(c *fiber.Ctx, err error) (refusal, bool) {
	f := classify(err)
	if f.status >= 500 || f.status == fiber.StatusNotFound || f.status == fiber.StatusForbidden || f.status == fiber.StatusUnauthorized {
		return refusal{}, false
	}
	r, lang := refusal{status: f.status, errors: map[string]string{}}, a.language(c)
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
