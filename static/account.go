package static

import (
	"html/template"
	"time"
)

// AccountPage is read by page "account" at /account: somebody's own password,
// second factor and sessions.
type AccountPage struct {
	Page
	User    string
	Roles   []string
	Factor  bool // a second factor is set
	Left    int  // recovery codes
	Own     bool // signed in by name; not a device
	SignIns []SignIn
	Said    string // in words; "" if nothing
	Again
}

// Again is a form that asks for the password once more: what is wrong with it.
type Again struct {
	Problem string            // in words
	Errors  map[string]string // words per field
	Code    bool              // a code of the second factor as well

	// On a page of several such forms: what this form's fields are called after,
	// which form was refused, and whether those that ask only after a while do.
	ID, Of string
	Wanted bool
}

// For is the same for one form of a page, by its name.
func (a Again) For(form string) Again {
	if a.Of != form {
		a.Errors = nil
	}
	a.ID = form
	return a
}

// SignIn is a session in a list.
type SignIn struct {
	ID      string
	User    string
	Agent   string // browser, in words
	Device  string // name of the paired device, or ""
	Started time.Time
	Used    time.Time
	Mine    bool // the one that looks
}

// FactorPage is read by page "factor" at /account/second-factor. With Codes it
// shows, once, the recovery codes that were just made.
type FactorPage struct {
	Page
	User     string
	Set      bool
	Required bool // nothing else is open before it is set
	Left     int
	QR       template.URL // picture of the secret
	Secret   string       // in groups of four, to be typed
	Sealed   string       // goes back with the code
	Codes    []string
	Said     string
	Again
}

// PasswordPage is read by page "password" at /password: a one-time link by which
// somebody sets their own password.
type PasswordPage struct {
	Page
	Token string
	User  string // "" when the link is over
	Again
}
