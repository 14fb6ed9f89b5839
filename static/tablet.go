package static

// TabletPage is read by page "tablet" at /login on a paired tablet: it asks for
// a name, and once that is known for the PIN, by forms that POST username, pin,
// next and locked to /login/pin. No address names anybody.
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

func (p TabletPage) boot(lang string, words map[string]string) map[string]any {
	return p.bootWith(lang, words, Live{}, nil)
}

// PINPage is read by page "pin" at /account/pin: somebody's own PIN, by a form
// that POSTs password, code and pin.
type PINPage struct {
	Page
	User string
	Again
}
