package display

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/static"
)

// typed is the booking form as it was sent.
type typed struct {
	choice
	form   static.BookingForm
	key    string
	locale string
}

// mostTyped is how many people a form is read for; the office allows fewer.
const mostTyped = 20

func readForm(c *fiber.Ctx) typed {
	args := c.Request().PostArgs()
	all := func(name string) (values []string) {
		for _, v := range args.PeekMulti(name) {
			values = append(values, string(v))
		}
		return values
	}
	f := typed{choice: chosen(c), key: c.FormValue("key"), locale: c.FormValue("locale")}
	f.office, f.service = c.FormValue("office"), c.FormValue("service")
	names, niks := all("name"), all("nik")
	for i := range min(max(len(names), len(niks), 1), mostTyped) {
		var p static.PersonForm
		if i < len(names) {
			p.Name = names[i]
		}
		if i < len(niks) {
			p.NIK = niks[i]
		}
		f.form.People = append(f.form.People, p)
	}
	f.form.Phone, f.form.Email = c.FormValue("phone"), c.FormValue("email")
	f.form.Standby, _ = strconv.Atoi(c.FormValue("standby"))
	f.priority = len(args.Peek("priority")) > 0
	f.form.Priority = f.priority
	return f
}

// homeForm shows the form again with another number of people, or with the
// calendar, and books nothing. It is how those choose who run no scripts and
// have typed already.
func (a *App) homeForm(c *fiber.Ctx) error {
	if !a.SameOrigin(c) {
		return forbidden("foreign_origin")
	}
	a.greet(c)
	f := readForm(c)
	if n, err := strconv.Atoi(c.Query("remove")); err == nil && n >= 1 && n <= len(f.form.People) && len(f.form.People) > 1 {
		f.form.People = slices.Delete(f.form.People, n-1, n)
	}
	if n, err := strconv.Atoi(c.FormValue("count")); err == nil && n >= 1 && n <= mostTyped {
		for len(f.form.People) < n {
			f.form.People = append(f.form.People, static.PersonForm{})
		}
		f.form.People = f.form.People[:n]
	}
	if c.Query("office") == "" && c.Query("earliest") == "" && c.FormValue("chosen") != "" { // not a choice of the calendar's
		f.slot, _ = time.Parse(time.RFC3339, c.FormValue("slot"))
	}
	return a.formAgain(c, fiber.StatusOK, f, func(*static.HomePage) {})
}

// homeBook books for those of the form. What was booked is shown at an address
// of its own, so that loading it again books nothing.
func (a *App) homeBook(c *fiber.Ctx) error {
	if !a.SameOrigin(c) {
		return forbidden("foreign_origin")
	}
	f := readForm(c)
	tickets, err := a.bookForm(c, f)
	if err != nil {
		return a.homeAgain(c, f, err)
	}
	tokens := make([]string, len(tickets))
	for i, t := range tickets {
		tokens[i] = t.Token
	}
	a.setCookie(c, ticketCookie, tokens[0], fiber.CookieSameSiteLaxMode, ticketCookieLife)
	a.setCookie(c, bookedCookie, strings.Join(tokens, tokenSeparator), fiber.CookieSameSiteLaxMode, ticketCookieLife)
	private(c)
	return c.Redirect("/booked", fiber.StatusSeeOther)
}

func (a *App) bookForm(c *fiber.Ctx, f typed) ([]ticketAnswer, error) {
	if err := a.admitBooking(c); err != nil {
		return nil, err
	}
	office, err := a.open(c.UserContext(), f.office)
	if err != nil {
		return nil, err
	}
	b := booking{
		Service: f.service, Slot: c.FormValue("slot"), Locale: f.locale, Standby: f.form.Standby, Priority: f.form.Priority,
		Notice: c.FormValue("notice"),
	}
	if b.Locale == "" {
		b.Locale = a.language(c)
	}
	for i, p := range f.form.People {
		person := bookedPerson{Name: p.Name, NIK: p.NIK}
		if i == 0 { // one message for the family, not five
			person.Phone, person.Email = f.form.Phone, f.form.Email
		}
		b.People = append(b.People, person)
	}
	o, err := a.orderWith("public", "/", f.key, c.Request().Body(), applicant)
	if err != nil {
		return nil, err
	}
	tickets, err := a.bookPlaces(c, office, f.office, o, b)
	var refusal *queue.Refusal
	if !errors.As(err, &refusal) || refusal.Field != keyHeader {
		return tickets, err
	}
	// This page's form was booked before, and changed since its answer was lost
	// on the way: what was booked is what there is to show.
	office.Read(func(s *queue.State) { o.body = s.Answered[o.key].Body })
	links := a.links(c)
	err = a.do(c, office, o, queue.Amend{}, func(s *queue.State, events []*queue.Event) { tickets = a.booked(links, s, events) })
	if err == nil && len(tickets) == 0 {
		return nil, refusal
	}
	return tickets, err
}

// homeAgain shows the form with what was typed and what was wrong.
func (a *App) homeAgain(c *fiber.Ctx, f typed, err error) error {
	failed := classify(err)
	if failed.status == fiber.StatusNotFound {
		return err
	}
	f.slot, _ = time.Parse(time.RFC3339, c.FormValue("slot"))
	if failed.status >= 500 {
		a.Log.Error("booking failed", "office", f.office, "error", failed.Error())
	}
	if failed.retry > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(failed.retry.Seconds()+0.99)))
	}
	again := a.formAgain(c, failed.status, f, func(p *static.HomePage) {
		for _, wrong := range failed.fields {
			field, known := inputOf(wrong.field)
			if !known {
				p.Problem = failed.code
				continue
			}
			p.Wrong = append(p.Wrong, static.Wrong{Field: field, Words: a.say(p.Lang, "refusal."+wrong.reason)})
		}
		if len(p.Wrong) == 0 {
			p.Problem = failed.code
		}
		if (failed.status == fiber.StatusTooManyRequests || failed.reason == "notice_changed") && failed.reason != "" {
			p.Problem = failed.reason // which says what to do
		}
		slices.SortStableFunc(p.Wrong, func(x, y static.Wrong) int { return placeOnPage(x.Field) - placeOnPage(y.Field) })
	})
	if again != nil { // not even the form can be shown
		return err
	}
	return nil
}

// formAgain shows the form with what was typed, under the key that it had: if
// its answer was only lost on the way, sending it again books nothing twice.
func (a *App) formAgain(c *fiber.Ctx, status int, f typed, change func(*static.HomePage)) error {
	f.people = len(f.form.People)
	p, err := a.home(c, f.choice)
	if err != nil {
		return err
	}
	if p.Service == nil {
		return notFound("service")
	}
	p.Path = strings.TrimSuffix(f.choice.folded().link(""), "#")
	p.Form, p.Typed = f.form, true
	p.Form.People = p.Form.People[:min(len(p.Form.People), p.PartyMax)]
	if visible(f.key, 200) {
		p.Key = f.key
	}
	change(&p)
	return a.page(c, status, "home", p)
}

var fieldOfPerson = regexp.MustCompile(`^people\[(\d+)\]\.(name|nik|phone|email)$`)

// inputOf is the id of the input that a field of a booking stands for.
func inputOf(field string) (id string, known bool) {
	m := fieldOfPerson.FindStringSubmatch(field)
	if m == nil {
		return "", false
	}
	if m[2] == "phone" || m[2] == "email" {
		return m[2], true
	}
	index, err := strconv.Atoi(m[1])
	return m[2] + "-" + strconv.Itoa(index+1), err == nil
}

// placeOnPage orders inputs as the page does: person by person, then the rest.
func placeOnPage(id string) int {
	field, index, _ := strings.Cut(id, "-")
	person, err := strconv.Atoi(index)
	if err != nil {
		person = mostTyped + 1
	}
	return 4*person + slices.Index([]string{"name", "nik", "phone", "email"}, field)
}
