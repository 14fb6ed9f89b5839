package display

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// deskPage is the front desk of an office: the one in the address, or the only
// one, or the choice of one. With ids it is the picture of a search's results,
// without names, for pages that show them already.
func (a *App) deskPage(c *fiber.Ctx) error {
	who, err := a.session(c)
	if err != nil {
		return err
	}
	id := c.Query("office")
	if id == "" {
		var choices []static.DeskOffice
		err := a.eachOffice(c.UserContext(), func(s *queue.State, _ time.Time) {
			if staff.May(who, staff.DeskWork, s.Office) {
				choices = append(choices, static.DeskOffice{ID: s.Office, Name: s.Config.Name, Address: s.Config.Address})
			}
		})
		switch {
		case err != nil:
			return err
		case len(choices) == 0:
			return forbidden("")
		case len(choices) > 1:
			return a.page(c, fiber.StatusOK, "desk", static.DeskPage{Page: a.baseOn(c, staff.DeskDevice), User: who.User, Choices: choices, Show: "choose"})
		}
		id = choices[0].ID
	}
	if !staff.May(who, staff.DeskWork, id) {
		return forbidden("")
	}
	office, err := a.open(c.UserContext(), id)
	if err != nil {
		return err
	}
	v := visit{who, office, id}
	p := a.desk(c, v)
	if ids := c.Query("ids"); ids != "" {
		p.Show, p.Refresh = "found", p.Path
		for _, ticket := range strings.SplitN(ids, ",", mostFound+1)[:min(mostFound, strings.Count(ids, ",")+1)] {
			v.office.Read(func(s *queue.State) {
				if t := s.Tickets[ticket]; t != nil {
					p.Found = append(p.Found, a.deskTicket(s, t, foundTicket{}, v.supervises()))
				}
			})
		}
	}
	return a.page(c, fiber.StatusOK, "desk", p)
}

// desk is what every page of the desk shows: its home.
func (a *App) desk(c *fiber.Ctx, v visit) static.DeskPage {
	p := static.DeskPage{Page: a.baseOn(c, staff.DeskDevice), User: v.who.User, Key: newKey(), Show: "home", Refresh: "/desk?office=" + v.id}
	if done := "desk.done." + c.Query("done"); a.Pages.HasWords(done) {
		p.Said = a.Pages.Words(p.Lang, done)
	}
	now := a.Offices.Now()
	_, confirmed := v.office.Confirmed()
	v.office.Read(func(s *queue.State) {
		p.Office = static.DeskOffice{ID: s.Office, Name: s.Config.Name, Address: s.Config.Address}
		p.Live = a.liveAt("/live/offices/"+v.id+"/overview", s, now, confirmed)
		p.Hall = deskHall(s, now)
		if staff.May(v.who, staff.Serve, v.id) {
			p.Counter = deskCounter(s, v.who.User, now)
		}
		for i := range s.Config.Services {
			if service, ok := deskService(s, &s.Config.Services[i], now); ok {
				service.Wait = a.predicts.newcomer(v.id, service.ID, queue.Walkin)
				service.Priority = a.predicts.newcomer(v.id, service.ID, queue.Priority)
				p.Services = append(p.Services, service)
			}
		}
	})
	return p
}

// pageFind looks for people. What was asked stands in no address.
func (a *App) pageFind(c *fiber.Ctx, v visit) error {
	q := c.FormValue("q")
	found, elsewhere, err := a.search(c, v, q)
	if err != nil {
		return a.deskRefused(c, v, err, func(p *static.DeskPage) { p.Query = q })
	}
	if len(found) == 1 {
		return c.Redirect("/desk/"+v.id+"/tickets/"+found[0].ID, fiber.StatusSeeOther)
	}
	p := a.desk(c, v)
	p.Show, p.Elsewhere, p.Path = "found", elsewhere, "/desk?office="+v.id
	if len(found) == 0 {
		p.Query = q
	}
	var ids []string
	for _, f := range found {
		v.office.Read(func(s *queue.State) {
			if t := s.Tickets[f.ID]; t != nil {
				ids = append(ids, f.ID)
				p.Found = append(p.Found, a.deskTicket(s, t, f, v.supervises()))
			}
		})
	}
	if len(ids) > 0 {
		p.Refresh += "&ids=" + strings.Join(ids, ",")
	}
	return a.page(c, fiber.StatusOK, "desk", p)
}

// pagePerson is one person at the desk.
func (a *App) pagePerson(c *fiber.Ctx, v visit) error {
	p, err := a.deskPerson(c, v, c.Params("ticket"))
	if err != nil {
		return err
	}
	return a.page(c, fiber.StatusOK, "desk", p)
}

func (a *App) deskPerson(c *fiber.Ctx, v visit, id string) (static.DeskPage, error) {
	f, err := a.person(c, v, id)
	if err != nil {
		return static.DeskPage{}, err
	}
	p := a.desk(c, v)
	p.Show, p.Refresh = "person", "/desk/"+v.id+"/tickets/"+id
	p.Path = p.Refresh
	for i, warning := range f.Warnings {
		f.Warnings[i] = a.say(p.Lang, "refusal."+warning)
	}
	v.office.Read(func(s *queue.State) {
		if t := s.Tickets[id]; t != nil {
			person := a.deskTicket(s, t, f, v.supervises())
			p.Person = &person
		}
	})
	if p.Person == nil {
		return p, notFound("ticket")
	}
	return p, nil
}

// pageIssue gives a number at the door, and shows it to be printed.
func (a *App) pageIssue(c *fiber.Ctx, v visit) error {
	ask := queue.Issue{Service: c.FormValue("service"), Priority: c.FormValue("priority") != "", Locale: c.FormValue("locale")}
	if on := c.FormValue("standby"); on != "" {
		ask.Service, ask.Standby = on, true
	}
	answer, err := a.deskIssue(c, v, ask)
	if err != nil {
		return a.deskRefused(c, v, err, func(p *static.DeskPage) { p.Act = "issue" })
	}
	return a.pageOfSlip(c, v, answer.ID, answer.URL)
}

func (a *App) deskIssue(c *fiber.Ctx, v visit, ask queue.Issue) (answer ticketAnswer, err error) {
	if len(ask.Locale) > 35 {
		return answer, invalidField("locale", "field.locale.format")
	}
	if ask.Priority {
		if ask.Reason, err = givenReason(c); err != nil {
			return answer, err
		}
	}
	o, err := a.orderWith(v.scope(), c.Path(), c.FormValue("key"), c.Request().Body(), v.actor())
	if err != nil {
		return answer, err
	}
	return a.issueNumber(c, v, o, ask)
}

// givenReason is a reason from the list, or in somebody's own words.
func givenReason(c *fiber.Ctx) (string, error) {
	reason := c.FormValue("reason")
	if reason == queue.OtherNote {
		reason = strings.TrimSpace(c.FormValue("reason_text"))
	}
	if reason == "" {
		return "", invalidField("reason", "reason_length")
	}
	return reason, nil
}

// pageSlip is the ticket's paper once more. It holds no link: who lost theirs
// gets a new one, and the old one dies.
func (a *App) pageSlip(c *fiber.Ctx, v visit) error {
	return a.pageOfSlip(c, v, c.Params("ticket"), "")
}

func (a *App) pageOfSlip(c *fiber.Ctx, v visit, id, link string) error {
	p, err := a.deskPerson(c, v, id)
	if err != nil {
		return err
	}
	p.Show, p.Slip = "slip", &static.DeskSlip{DeskTicket: *p.Person}
	if p.Person.View.State == string(queue.Booked) && p.Person.View.Slot != nil {
		if p.Slip.QR, err = drawnQR(a.Ring.QRCode(v.id, id)); err != nil {
			return err
		}
	}
	if link != "" {
		if p.Slip.Link, err = drawnQR(link); err != nil {
			return err
		}
	}
	private(c)
	return a.page(c, fiber.StatusOK, "desk", p)
}

// pageDesk does an act of the path for somebody, and shows them as it left them.
func (a *App) pageDesk(c *fiber.Ctx, v visit) error {
	id, act := c.Params("ticket"), c.Params("act")
	link, err := a.deskDoes(c, v, id, act)
	if err != nil {
		f := classify(err)
		if f.status >= 500 || f.status == fiber.StatusNotFound {
			return err
		}
		p, lost := a.deskPerson(c, v, id)
		if lost != nil {
			return lost
		}
		a.deskProblem(c, &p, f)
		p.Act = act
		return a.page(c, f.status, "desk", p)
	}
	if link != "" {
		return a.pageOfSlip(c, v, id, link)
	}
	return c.Redirect("/desk/"+v.id+"/tickets/"+id+"?done="+act, fiber.StatusSeeOther)
}

// deskDoes is one act by a form; link is the ticket's new one if it gets one.
func (a *App) deskDoes(c *fiber.Ctx, v visit, id, act string) (link string, err error) {
	o, err := a.orderWith(v.scope(), c.Path(), c.FormValue("key"), c.Request().Body(), v.actor())
	if err != nil {
		return "", err
	}
	switch act {
	case "reissue":
		answer, err := a.newLink(c, v, o, id)
		return answer.URL, err
	case "correct":
		to := correction{}
		for field, into := range map[string]**string{"name": &to.Name, "phone": &to.Phone, "email": &to.Email} {
			text := c.FormValue(field)
			*into = &text
		}
		return "", a.correctPerson(c, v, o, id, to)
	}
	ask, reason, err := a.deskAsks(c, v, o, id, act)
	if err != nil {
		return "", err
	}
	if _, err := a.deskAnswer(c, v, o, id, ask); err != nil || reason == "" {
		return "", err
	}
	return "", a.sealReason(c, v, o, "amend", id, reason)
}

func (a *App) deskAsks(c *fiber.Ctx, v visit, o order, id, act string) (ask queue.Ask, reason string, err error) {
	number := func(field string) int {
		n, wrong := strconv.Atoi(c.FormValue(field))
		if wrong != nil && err == nil {
			err = invalidField(field, "number_range")
		}
		return n
	}
	switch act {
	case "check-in":
		ask = queue.CheckIn{Ticket: id, Proof: true}
	case "undo-check-in":
		ask = queue.UndoCheckIn{Ticket: id}
	case "confirm":
		ask = queue.Confirm{Ticket: id}
	case "cancel":
		ask = queue.Cancel{Ticket: id, Luck: luck()}
	case "return":
		ask = queue.Return{Ticket: id}
	case "ready":
		ask = queue.Ready{Ticket: id}
	case "collected":
		ask = queue.Collect{Ticket: id}
	case "accept":
		ask = queue.Accept{Ticket: id, Luck: luck()}
	case "helped":
		ask = queue.EndHelp{Ticket: id}
	case "split":
		ask = queue.SplitParty{Ticket: id}
	case "leave-standby":
		ask = queue.StandBy{Ticket: id}
	case "standby":
		ask = queue.StandBy{Ticket: id, Minutes: number("minutes")}
	case "defer":
		ask = queue.Defer{Ticket: id, Places: number("places")}
	case "join":
		ask, err = a.joins(c, v, o, id, strings.TrimSpace(c.FormValue("with")))
	case "reschedule":
		ask, err = a.moves(c, v, id, c.FormValue("slot"), c.FormValue("special") != "")
	case "service":
		reason, err = givenReason(c)
		ask = queue.Amend{Ticket: id, Service: c.FormValue("service"), Reason: reason}
	case "priority", "no-priority":
		yes := act == "priority"
		reason, err = givenReason(c)
		ask = queue.Amend{Ticket: id, Priority: &yes, Reason: reason}
	default:
		err = notFound("")
	}
	return ask, reason, err
}

// deskRefused shows the desk's home with what was refused, and nothing lost of
// what was typed.
func (a *App) deskRefused(c *fiber.Ctx, v visit, err error, change func(*static.DeskPage)) error {
	f := classify(err)
	if f.status >= 500 {
		return err
	}
	p := a.desk(c, v)
	p.Path = "/desk?office=" + v.id
	a.deskProblem(c, &p, f)
	change(&p)
	return a.page(c, f.status, "desk", p)
}

func (a *App) deskProblem(c *fiber.Ctx, p *static.DeskPage, f *failure) {
	p.Problem, p.Errors, p.Typed = a.say(p.Lang, "problem."+f.code), map[string]string{}, map[string]string{}
	if f.reason != "" {
		p.Problem = a.sayWhy(p.Lang, f)
	}
	for _, wrong := range f.fields {
		p.Errors[wrong.field] = wrong.said
		if wrong.said == "" {
			p.Errors[wrong.field] = a.say(p.Lang, "refusal."+wrong.reason)
		}
	}
	c.Request().PostArgs().VisitAll(func(name, value []byte) { p.Typed[string(name)] = string(value) })
}

// deskTicket is a ticket with what may be done for it. f holds who it is; it
// may be empty.
func (a *App) deskTicket(s *queue.State, t *queue.Ticket, f foundTicket, supervisor bool) static.DeskTicket {
	now := a.Offices.Now()
	d := static.DeskTicket{
		ID: t.ID, Code: a.Ring.Code(s.Office, t.ID), View: viewTicket(s, t, now, a.predicts.ticket(s.Office, t.ID)),
		Name: f.Name, Erased: f.Erased, Phone: f.Phone, Email: f.Email, NIKEnd: f.NIKEnd, Known: f.known, Warnings: f.Warnings,
		Day: dayStart(s, t.Date), Today: t.Date == s.Today(now), Ready: moment(s, t.Ready), Got: moment(s, t.Collected),
		Made: here(s, t.Made), Lane: string(t.Lane),
	}
	may := mayDo(s, t, now, supervisor)
	for act, yes := range may {
		if yes {
			d.Do = append(d.Do, act)
		}
	}
	slices.Sort(d.Do)
	for _, act := range []string{"accept", "check-in", "return", "helped", "collected"} {
		if may[act] && (act != "collected" || !t.Ready.IsZero()) {
			d.Primary = act
			break
		}
	}
	if may["amend"] {
		for _, service := range s.Config.Services {
			d.Services = append(d.Services, static.Service{ID: service.ID, Prefix: service.Prefix, Name: static.Text(service.Name)})
		}
	}
	if may["reschedule"] {
		d.Hours = hoursFor(s, t, now)
	}
	if service, ok := s.Config.Service(t.Service); ok {
		d.Bring = static.Text(service.Bring)
	}
	return d
}
