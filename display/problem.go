package display

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/vault"
)

// Problem is the body of every error (RFC 9457). Code is stable; Title and
// Detail are words in the caller's language.
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Code   string         `json:"code"`
	Errors []ProblemField `json:"errors,omitempty"`
}

// ProblemField is one field of the request and what is wrong with it.
type ProblemField struct {
	Field   string `json:"field"` // "people[0].nik"
	Message string `json:"message"`
}

// failure is a refusal before it is put into words.
type failure struct {
	status int
	code   string
	reason string // which words tell more, see words.go; may be ""
	fields []fault
	retry  time.Duration // when to come back; 0: not told
	cause  error         // for the log; may be nil
}

// fault names a field and the words for what is wrong with it. Said is used
// instead of words where a message was made already.
type fault struct{ field, reason, said string }

func (f *failure) Error() string {
	if f.cause != nil {
		return f.code + ": " + f.cause.Error()
	}
	return f.code + ": " + f.reason
}

func (f *failure) Unwrap() error { return f.cause }

func malformed(field, reason string) error {
	return &failure{status: 400, code: "invalid", fields: []fault{{field: field, reason: reason}}}
}

func invalid(faults ...fault) error {
	return &failure{status: 422, code: "invalid", fields: faults}
}

func invalidField(field, reason string) error { return invalid(fault{field: field, reason: reason}) }

func notFound(what string) error { return &failure{status: 404, code: "not_found", reason: what} }

func unauthenticated() error { return &failure{status: 401, code: "unauthenticated"} }

func forbidden(reason string) error { return &failure{status: 403, code: "forbidden", reason: reason} }

func conflict(code queue.Code, reason string) error {
	return &failure{status: 409, code: string(code), reason: reason}
}

func limited(retry time.Duration) error { return limitedFor(retry, "busy") }

// limitedFor refuses what was asked too often. why is the word for what to do.
func limitedFor(retry time.Duration, why string) error {
	return &failure{status: 429, code: "rate_limited", reason: why, retry: retry}
}

// fault500 is a mistake of this program.
func fault500(cause error) error { return &failure{status: 500, code: "internal", cause: cause} }

// classify says what an error means to whoever asked. What is left over came
// from the store.
func classify(err error) *failure {
	var (
		known   *failure
		refusal *queue.Refusal
		wait    *staff.RateLimited
		second  *staff.SecondFactor
		http    *fiber.Error
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &refusal):
		return refused(refusal)
	case errors.As(err, &wait):
		return &failure{status: 429, code: "rate_limited", reason: "many_logins", retry: wait.RetryAfter}
	case errors.As(err, &second):
		return &failure{status: 401, code: "second_factor", reason: "code_wanted"}
	case errors.As(err, &http):
		return ofStatus(http)
	case errors.Is(err, ledger.ErrNoOffice):
		return &failure{status: 404, code: "not_found", reason: "office"}
	case errors.Is(err, ledger.ErrBusy), errors.Is(err, staff.ErrBusy):
		return &failure{status: 429, code: "rate_limited", reason: "busy", retry: time.Second}
	case errors.Is(err, ledger.ErrReadOnly) && errors.Is(err, queue.ErrNewer):
		return &failure{status: 503, code: "unavailable", reason: "older_release", retry: 10 * time.Second, cause: err}
	case errors.Is(err, ledger.ErrReadOnly):
		return &failure{status: 503, code: "unavailable", reason: "read_only", retry: 10 * time.Second, cause: err}
	case errors.Is(err, ledger.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &failure{status: 503, code: "unavailable", retry: time.Second, cause: err}
	case errors.Is(err, vault.ErrToken):
		return &failure{status: 404, code: "not_found", reason: "ticket"}
	}
	for _, known := range staffFailures {
		if errors.Is(err, known.err) {
			f := known.failure
			return &f
		}
	}
	return &failure{status: 503, code: "unavailable", retry: time.Second, cause: err}
}

// refused is a refusal of the office itself.
func refused(r *queue.Refusal) *failure {
	f := &failure{status: fiber.StatusConflict, code: string(r.Code), reason: r.Detail}
	switch r.Code {
	case queue.Invalid:
		f.status = fiber.StatusUnprocessableEntity
	case queue.Forbidden:
		f.status = fiber.StatusForbidden
	case queue.NotFound:
		f.status = fiber.StatusNotFound
	}
	if r.Field != "" {
		f.fields, f.reason = []fault{{field: r.Field, reason: r.Detail}}, ""
	}
	return f
}

// ofStatus is a refusal of the server or of the live topics.
func ofStatus(e *fiber.Error) *failure {
	codes := map[int]string{
		400: "invalid", 401: "unauthenticated", 403: "forbidden", 404: "not_found",
		405: "method_not_allowed", 408: "request_timeout", 413: "too_large", 415: "unsupported_media_type",
		426: "upgrade_required", 429: "rate_limited", 431: "headers_too_large", 503: "unavailable",
	}
	code, ok := codes[e.Code]
	switch {
	case ok:
		return &failure{status: e.Code, code: code}
	case e.Code == fiber.StatusBadGateway: // a connection that broke in the middle of a request
		return &failure{status: 400, code: "invalid", cause: e}
	case e.Code >= 500:
		return &failure{status: 500, code: "internal", cause: e}
	default:
		return &failure{status: e.Code, code: "invalid"}
	}
}

// staffFailures is what accounts, sessions and devices refuse.
var staffFailures = []struct {
	err     error
	failure failure
}{
	{staff.ErrCredentials, failure{status: 401, code: "unauthenticated", reason: "credentials"}},
	{staff.ErrNoSession, failure{status: 401, code: "unauthenticated"}},
	{staff.ErrUnpaired, failure{status: 401, code: "unauthenticated", reason: "unpaired"}},
	{staff.ErrExists, failure{status: 409, code: "wrong_state", reason: "account_exists"}},
	{staff.ErrLastAdmin, failure{status: 409, code: "wrong_state", reason: "last_administrator"}},
	{staff.ErrNoAccount, failure{status: 404, code: "not_found", reason: "account"}},
	{staff.ErrSetUp, failure{status: 403, code: "forbidden", reason: "link_used"}},
	{staff.ErrSetupLink, failure{status: 403, code: "forbidden", reason: "link_used"}},
	{staff.ErrName, failure{status: 422, code: "invalid", fields: []fault{{field: "username", reason: "username"}}}},
	{staff.ErrReserved, failure{status: 422, code: "invalid", fields: []fault{{field: "username", reason: "username_reserved"}}}},
	{staff.ErrRole, failure{status: 422, code: "invalid", fields: []fault{{field: "roles", reason: "roles"}}}},
	{staff.ErrPassword, failure{status: 422, code: "invalid", fields: []fault{{field: "password", reason: "password"}}}},
	{staff.ErrWeakPassword, failure{status: 422, code: "invalid", fields: []fault{{field: "password", reason: "password_weak"}}}},
	{staff.ErrCode, failure{status: 401, code: "second_factor", fields: []fault{{field: "code", reason: "code_wrong"}}}},
	{staff.ErrFactor, failure{status: 409, code: "wrong_state", reason: "factor_exists"}},
	{staff.ErrNoFactor, failure{status: 409, code: "wrong_state", reason: "factor_none"}},
	{staff.ErrEnrolment, failure{status: 409, code: "too_late", reason: "enrolment_over"}},
	{staff.ErrTokenInvalid, failure{status: 422, code: "invalid", fields: []fault{{field: "scopes", reason: "token"}}}},
	{staff.ErrPIN, failure{status: 422, code: "invalid", fields: []fault{{field: "pin", reason: "pin"}}}},
	{staff.ErrPairingCode, failure{status: 422, code: "invalid", fields: []fault{{field: "code", reason: "pairing_code"}}}},
	{staff.ErrDeviceInvalid, failure{status: 422, code: "invalid", fields: []fault{{field: "kind", reason: "device"}}}},
}

// refuse answers an error: with a page where somebody reads pages, else with a
// problem.
func (a *App) refuse(c *fiber.Ctx, err error) error {
	f := classify(err)
	if f.status >= 500 {
		a.Log.Error("request failed", "method", c.Method(), "path", redact(c.Path()), "error", f.Error())
	}
	if f.retry > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(f.retry.Seconds()))))
	}
	if f.status == fiber.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="antrean"`)
	}
	if readsPages(c) {
		if rendered := a.errorPage(c, f); rendered == nil {
			return nil
		}
	}
	return a.sendProblem(c, f)
}

// sayWhy tells more of a refusal than its code: what to do where it was asked
// too often, else what exactly was wrong.
func (a *App) sayWhy(lang string, f *failure) string {
	if id := "problem." + f.reason; f.status == fiber.StatusTooManyRequests && a.Pages.HasWords(id) {
		return a.say(lang, id)
	}
	return a.say(lang, "refusal."+f.reason)
}

func (a *App) sendProblem(c *fiber.Ctx, f *failure) error {
	lang := a.language(c)
	p := Problem{
		Type: "urn:antrean:problem:" + f.code, Title: a.say(lang, "problem."+f.code),
		Status: f.status, Code: f.code,
	}
	if f.reason != "" {
		p.Detail = a.sayWhy(lang, f)
	}
	for _, fault := range f.fields {
		said := fault.said
		if said == "" {
			said = a.say(lang, "refusal."+fault.reason)
		}
		p.Errors = append(p.Errors, ProblemField{Field: fault.field, Message: said})
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptLanguage)
	c.Status(f.status)
	if err := c.JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return nil
}
