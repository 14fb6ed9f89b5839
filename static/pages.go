package static

import (
	"slices"
	"strings"
	"time"
)

// Page is what every page reads.
type Page struct {
	Lang      string   // "id" or "en"; the language that the page is rendered in
	Languages []string // that the visitor may choose from, by links to ?lang=
	Path      string   // path and query of this page without lang, for those links; whoever follows one should find the language remembered

	// Speed is how fast the office's clock runs: 0 or 1 for the real one.
	// Anything else is a simulated clock, which every page says.
	Speed     float64
	Simulated bool // a clock that only moves when it is told; implied by a Speed but 0 and 1

	Device  string // what the browser is paired as, if this page is to tell how it is; "" otherwise
	Release string // of the server, which a device tells with its health
}

// OwnTime says whether the page's clock is not that of the wall.
func (p Page) OwnTime() bool { return p.Simulated || p.Speed != 0 && p.Speed != 1 }

// Live is what a page needs to follow its topic from where it was rendered.
type Live struct {
	URL       string    `json:"url"` // path of the topic, "/live/offices/bandung/display"
	Epoch     string    `json:"epoch"`
	Version   uint64    `json:"version"`
	At        time.Time `json:"at"`        // the server's clock when the view was taken
	Confirmed time.Time `json:"confirmed"` // when the log's end was last known
}

// DisplayPage is read by page "display", the lobby TV at /display/{office}.
type DisplayPage struct {
	Page
	Live   Live
	View   DisplayView
	Screen *Screen // nil: not paired
	Replay *Replay // a past day is shown again; nil: what is

	Pictures []string // addresses of what is shown beside the numbers; usually none
}

// Shown is what of the view the screen is set up to show.
func (p DisplayPage) Shown() DisplayView {
	v := p.View
	if p.Screen == nil {
		return v
	}
	of := func(chosen []string, id string) bool { return len(chosen) == 0 || slices.Contains(chosen, id) }
	v.Calls = slices.DeleteFunc(slices.Clone(v.Calls), func(c Call) bool { return !of(p.Screen.Counters, c.Counter) })
	v.Counters = slices.DeleteFunc(slices.Clone(v.Counters), func(k DisplayCounter) bool { return !of(p.Screen.Counters, k.ID) })
	v.Services = slices.DeleteFunc(slices.Clone(v.Services), func(s Service) bool { return !of(p.Screen.Services, s.ID) })
	if len(v.Services) < len(p.View.Services) {
		elsewhere := func(number string) bool {
			return !slices.ContainsFunc(v.Services, func(s Service) bool { return strings.HasPrefix(number, s.Prefix+"-") })
		}
		v.Next = slices.DeleteFunc(slices.Clone(v.Next), elsewhere)
		v.Standby = slices.DeleteFunc(slices.Clone(v.Standby), elsewhere)
		v.Offered = slices.DeleteFunc(slices.Clone(v.Offered), elsewhere)
	}
	return v
}

// Screen is a paired lobby screen and how it is set up.
type Screen struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Settings  any      `json:"settings"` // staff.Screen, for the page's scripts
	Services  []string `json:"-"`        // of Settings
	Counters  []string `json:"-"`
	Languages []string `json:"-"`
	Pictures  bool     `json:"-"`
}

// PairPage is read by page "pair" at /pair: a device that shows a code and waits
// to be accepted.
type PairPage struct {
	Page
	Kind   string   // what it asks to be: "display", "counter", "desk", "kiosk"
	Kinds  []string // that may be chosen, by links to ?kind=
	Accept string   // address at which a code is accepted
	Code   string   // that a browser without scripts shows; "" offers it one
}

// TicketPage is read by page "ticket", the phone at /t. Its buttons are forms
// that POST `key` (hidden, the Idempotency-Key) to /t/check-in, /t/cancel and
// /t/confirm; check-in also sends `place_code` if WantsPlaceCode. /t/cancel
// without `sure=yes` comes from the page's link and is answered by rendering
// the page with AskCancel set.
type TicketPage struct {
	Page
	Live    Live
	View    TicketView
	Office  string // id
	Name    string // the office's
	Address string
	Link    string // digest of the ticket's link, which a phone knows its kept ticket by

	Timezone       string
	Code           string // what the QR holds, for people who read it aloud; "" hides it
	QR             string // URL of the check-in QR (SVG), "" hides it
	Calendar       string // URL of calendar.ics, "" hides it
	Key            string // for the next command of this page
	WantsPlaceCode bool   // the office's self_check_in is "code"
	SelfCheckIn    bool   // the office lets people check in on their own phone
	AskCancel      bool   // show "really cancel?" instead of the ticket's buttons
	Bring          Text   // what to have along
	Family         string // link to everybody's codes, "" unless this browser booked for several
	Choices        []Slot // other hours that are free, to be POSTed as slot to /t/reschedule
	Problem        string // code of the refusal to show above the buttons, "" if none
	Push           bool   // offer to tell by push messages
	Shows          bool   // the link only shows the ticket
	Still          bool   // without scripts, it is not to reload by itself
}

// ToPay is until when the fee is to be paid; nil once that is over, because
// nobody tells the queue whether it was, and for who is in the hall already.
func (p TicketPage) ToPay() *time.Time {
	if due := p.View.Timeline.PaymentDue; p.View.State == "booked" && !p.View.ChooseNewDay && due != nil && due.After(p.Live.At) {
		return due
	}
	return nil
}

// Reloads is whether the page of a phone without scripts loads itself again:
// while something may happen soon, and nothing is to be read or answered first.
func (p TicketPage) Reloads() bool {
	switch {
	case p.Still || p.Problem != "" || p.AskCancel:
		return false
	case p.View.State == "booked":
		return p.View.Standby != nil
	}
	return inHall(p.View.State)
}

// CounterPage is read by page "counter", the officer's tablet at /counter.
// With a nil View, or at /counter?choose=1, it is the choice of a counter.
type CounterPage struct {
	Page
	User    string
	Offices []CounterOffice // to choose from; may be empty when View is set

	Office string // of View
	Live   Live
	View   *CounterView

	Lock    int      // seconds untouched after which the tablet asks for the PIN; 0: no tablet
	Reasons []string // for calling somebody out of turn; empty: the user may not
}

// Working is whether the page shows the counter rather than the choice of one.
func (p CounterPage) Working() bool {
	_, query, _ := strings.Cut(p.Path, "?")
	return p.View != nil && (len(p.Offices) == 0 || !strings.Contains("&"+query+"&", "&choose=1&"))
}

// CounterOffice is an office whose counters the officer may open.
type CounterOffice struct {
	ID       string
	Name     string
	Counters []CounterChoice
}

// CounterChoice is a counter that can be opened, or taken over.
type CounterChoice struct {
	ID      string
	Name    string
	State   string // "closed", "open", "paused"
	Officer string // who sits there, "" if nobody
	Stages  []Text // empty: all
	Mine    bool   // the user sits there already
}

// LoginPage is read by page "login": a form that POSTs username, password and
// next to /login, or step, code and next once the password was right.
type LoginPage struct {
	Page
	Username string // typed before
	Next     string // where to go afterwards
	Tablet   bool   // where people sign in with a PIN
	Step     string // stands for the password that was right; "" asks for it
	Problem  string // code: "unauthenticated", "code", "rate_limited"…; "" if none
}

// SetupPage is read by page "setup": a form that POSTs token, username and
// password to /setup.
type SetupPage struct {
	Page
	Token    string // from the one-time link
	Username string
	Used     bool              // the link makes nobody any more: instead of the form
	Errors   map[string]string // words per field name
	Problem  string
}

// ErrorPage is read by page "error".
type ErrorPage struct {
	Page
	Code    string // of PROTOCOL.md: "not_found", "unavailable", "internal"…
	Request string // id to quote, "" hides it
}

// StaffPage is read by page "staff" at /staff: what a signed-in person can
// open. Its button POSTs to /logout.
type StaffPage struct {
	Page
	User    string
	Roles   []string
	Offices []StaffOffice
	Remind  bool // an administrator without a second factor
}

// StaffOffice is one office's links.
type StaffOffice struct {
	ID    string
	Name  string
	Links []StaffLink
	// AtRisk are numbers of people who have not said that they come though they
	// were reminded, by their hours; only for supervisors.
	AtRisk []string
	Help   []StaffHelp // who asked for help, longest asking first
	Sound  *StaffSound // nil for who may not mute the hall
}

// StaffSound is the hall's sound. URL is where a form with the key and minutes
// mutes it, or with 0 minutes lets it be heard again.
type StaffSound struct {
	Muted *time.Time // until when; nil: it is heard
	URL   string
	Key   string
}

// StaffHelp is somebody in the hall who asked for help. URL is where a form
// with the key says that they were helped.
type StaffHelp struct {
	Number string
	URL    string
	Key    string
}

// StaffLink opens a page. ID names its words: "counter", "display", "desk",
// "kiosk", "admin", "booking".
type StaffLink struct {
	ID  string
	URL string
}
