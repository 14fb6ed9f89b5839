package static

import (
	"html/template"
	"net/url"
	"time"
)

// KioskPage is read by page "kiosk", where people in the hall check in and take
// numbers, at /kiosk/{office}. Its forms POST `key` (hidden, the
// Idempotency-Key) with `service`, `priority` and `standby` to
// /kiosk/{office}/tickets, and with `code` to /kiosk/{office}/check-ins; the
// answer is this page with what came of it. Nothing is remembered of a visitor:
// their language and large letters go along in the addresses.
type KioskPage struct {
	Page
	Live   Live
	Office string // id
	Name   string // the office's

	Step  string // "start", "service", "code", "given", "arrived", "told"
	Home  string // the hall's language, in which the start is shown to the next visitor
	Large bool   // large letters
	Print bool   // there is a printer

	Open       bool // the doors
	Phase      string
	Opens      *time.Time
	Suspension *Suspension

	Services    []KioskService
	Service     *KioskService // of step "service"
	PriorityFor Text          // who may take a priority number; empty: as everywhere
	Book        template.URL  // a QR code that leads to booking, as the address of a picture

	Key     string
	Code    string // as it was typed
	Problem string // id of the words for what is wrong, "" if nothing is

	Ticket *KioskTicket
}

// KioskService is what a number can be taken for.
type KioskService struct {
	ID       string
	Name     Text
	Bring    Text
	Waiting  int   // at its stages
	Wait     *Wait // of somebody who takes a number now; nil: not known
	Priority *Wait // and of somebody of the priority lane
	Full     bool  // the door gives no more numbers today
	Standby  bool  // but some without a place
}

// KioskTicket is a number that was just given, or what is known of the one
// whose code was shown.
type KioskTicket struct {
	Number  string
	Service Text
	State   string // as a ticket's
	At      time.Time
	Lane    string
	Standby bool  // waits for a place
	Slot    *Slot // nil for a walk-in
	Counter string
	Ahead   *int
	Wait    *Wait
	Follow  template.URL // a QR code of the ticket's page, as the address of a picture; "" hides it
}

// At is the address of this kiosk with what the visitor chose and, as pairs of
// names and values, what is asked for.
func (p KioskPage) At(pairs ...string) string { return p.path("", p.Lang, p.Large, pairs) }

// Post is where a form goes: "tickets" or "check-ins".
func (p KioskPage) Post(where string) string { return p.path("/"+where, p.Lang, p.Large, nil) }

// Start is where the next visitor begins.
func (p KioskPage) Start() string { return "/kiosk/" + p.Office }

// Same is this step in another language, or with letters of the other size.
// What came of a form cannot be shown again: it leads to the start.
func (p KioskPage) Same(lang string, large bool) string {
	switch p.Step {
	case "service":
		return p.path("", lang, large, []string{"service", p.Service.ID})
	case "code":
		return p.path("", lang, large, []string{"do", "code"})
	}
	return p.path("", lang, large, nil)
}

func (p KioskPage) path(below, lang string, large bool, pairs []string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	if lang != p.Home {
		query.Set("lang", lang)
	}
	if large {
		query.Set("large", "1")
	}
	path := p.Start() + below
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// AtHome is whether the page is as the next visitor should find it.
func (p KioskPage) AtHome() bool { return p.Step == "start" && p.Lang == p.Home && !p.Large }

// Later is whether the ticket's hour has not begun.
func (k KioskTicket) Later(now time.Time) bool { return k.Slot != nil && k.Slot.Start.After(now) }

func (p KioskPage) boot(lang string, words map[string]string) map[string]any {
	return p.bootWith(lang, words, p.Live, nil)
}
