package static

import "net/url"

// TabletPage is read by page "tablet" at /login on a paired tablet: it asks for
// a name by links to ?name=, and once that is known for the PIN, by a form that
// POSTs username, pin, next and locked to /login/pin.
type TabletPage struct {
	Page
	Device   string   // its name
	Names    []string // that signed in here last
	Username string   // "" asks who it is
	Next     string
	Locked   bool
	Counter  string // that is open in the user's name, "" if none is
	Problem  string // code: "unauthenticated", "rate_limited"…; "" if none
}

// As leads to the question for the PIN of that name, and for another name if it
// is empty.
func (p TabletPage) As(name string) string {
	path := "/login?name=" + url.QueryEscape(name)
	if p.Next != "" {
		path += "&next=" + url.QueryEscape(p.Next)
	}
	return path
}

// PINPage is read by page "pin" at /account/pin: somebody's own PIN, by a form
// that POSTs password, code and pin.
type PINPage struct {
	Page
	User string
	Again
}
