package static

import "time"

// How a page under /admin is made:
//
//  1. Its struct embeds AdminShell, which display's adminShell(c, who, office,
//     active) fills; active is the page's id.
//  2. Its template defines "title", "body" as {{template "admin" .}} and
//     "content", which begins with <h1>. A style of its own imports admin.css
//     (css/page-X.css) and stands in "head" instead of the usual one.
//  3. Its line in adminPages (display/admin.go) puts it into the navigation,
//     for those who may see it; its words are admin.nav.<id>.
//
// A form that changed something redirects to ?said=<id>: the words
// admin.said.<id> are then shown above the page, once.

// AdminShell is what every page of the administration reads: where in it one
// is, and where one may go.
type AdminShell struct {
	Page
	User    string
	Office  string // id of the office that the page is about, "" if of all
	Name    string // its name
	Active  string // id of the page in the navigation
	Nav     []AdminLink
	Offices []AdminOffice
	Said    string // what was just done, in words; "" if nothing
	Problem string // why something was refused, in words; "" if nothing was
}

// AdminOffice is an office in the navigation, with its pages while one is at one
// of them.
type AdminOffice struct {
	ID, Name string
	Links    []AdminLink
}

// AdminLink is a page in the navigation. ID names its words, admin.nav.<id>.
type AdminLink struct {
	ID, URL string
	Active  bool
}

// AdminPage is read by page "admin" at /admin: how all offices are.
type AdminPage struct {
	AdminShell
	Live  Live
	Cards []AdminCard
}

// AdminCard is one office at a glance.
type AdminCard struct {
	ID, Name  string
	Phase     string // "before", "open", "break", "closed", "ended"
	Suspended bool
	Waiting   int
	Longest   int // minutes that the longest waiting has waited
	Open      int // counters that take people
	Counters  int
	Expected  int
	Served    int
	Alerts    []AdminAlert
}

// AdminAlert is something that somebody should look at. ID names its words,
// admin.alert.<id>, which hold {what} and {n}.
type AdminAlert struct {
	ID      string
	What    string // "": the day, or so many seconds, in words
	N       int
	Day     *time.Time
	Seconds int
	URL     string // where it is dealt with; may be ""
}
