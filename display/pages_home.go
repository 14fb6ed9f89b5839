package display

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/static"
)

// choice is what the applicant has chosen so far, as the address or the form
// says it.
type choice struct {
	office, service string
	people          int
	priority        bool          // the places kept for that lane count
	slot            time.Time     // zero: the earliest
	day, from       calendar.Date // of the calendar; "" if none
	calendar        bool          // unfolded
	marks           []string      // of who asks
}

// chosen reads the address; forms may add to it.
func chosen(c *fiber.Ctx) choice {
	q := choice{office: c.Query("office"), service: c.Query("service"), people: 1}
	q.people, _ = strconv.Atoi(c.Query("people"))
	q.priority = c.Query("priority") != ""
	q.slot, _ = time.Parse(time.RFC3339, c.Query("slot"))
	if day := calendar.Date(c.Query("day")); day.Valid() {
		q.day = day
	}
	if from := calendar.Date(c.Query("from")); from.Valid() {
		q.from = from
	}
	q.calendar = c.Query("calendar") != "" || q.day != "" || q.from != ""
	return q
}

// link is the address of the page with that choice, at one of its headings.
func (q choice) link(heading string) string {
	v := url.Values{"office": {q.office}, "service": {q.service}}
	if q.people > 1 {
		v.Set("people", strconv.Itoa(q.people))
	}
	if q.priority {
		v.Set("priority", "1")
	}
	if !q.slot.IsZero() {
		v.Set("slot", q.slot.Format(time.RFC3339))
	}
	if q.day != "" {
		v.Set("day", string(q.day))
	}
	if q.from != "" {
		v.Set("from", string(q.from))
	}
	if q.calendar && q.day == "" && q.from == "" {
		v.Set("calendar", "1")
	}
	return "/?" + v.Encode() + "#" + heading
}

func (q choice) lane() queue.Lane {
	if q.priority {
		return queue.Priority
	}
	return queue.Appointment
}

// folded is the choice with the calendar folded away.
func (q choice) folded() choice {
	q.day, q.from, q.calendar = "", "", false
	return q
}

// homePage lets applicants choose an office, a service and an hour.
func (a *App) homePage(c *fiber.Ctx) error {
	p, err := a.home(c, chosen(c))
	if err != nil {
		return err
	}
	a.greet(c)
	return a.page(c, fiber.StatusOK, "home", p)
}

// standbys are the minutes within which an applicant may offer to come.
var standbys = [...]int{30, 60, 120, 180}

func (a *App) home(c *fiber.Ctx, q choice) (static.HomePage, error) {
	p := static.HomePage{Page: a.base(c), Key: newKey(), Standbys: standbys[:], Holds: a.cookie(c, ticketCookie) != ""}
	err := a.eachOffice(c.UserContext(), func(s *queue.State, now time.Time) {
		p.Offices = append(p.Offices, viewHome(s, now, s.Office == q.office))
	})
	if err != nil {
		return p, err
	}
	if len(p.Offices) == 1 && q.office == "" {
		q.office = p.Offices[0].ID
	}
	at := slices.IndexFunc(p.Offices, func(o static.HomeOffice) bool { return o.ID == q.office })
	if at < 0 {
		return p, nil
	}
	p.Office = &p.Offices[at]
	office, err := a.open(c.UserContext(), q.office)
	if err != nil {
		return p, err
	}
	now := a.Offices.Now()
	q.marks = a.marks(c, office, q.office)
	office.Read(func(s *queue.State) {
		if service, ok := s.Config.Service(q.service); ok && !service.SlotCapacity.IsZero() {
			p.Notice, p.NoticeOf = a.noticeIn(s.Config, p.Lang), s.Config.NoticeVersion()
			viewService(s, service, &p, q, now)
		}
	})
	if p.Service == nil {
		// One office was folded open for its earliest hours.
		office.Read(func(s *queue.State) { *p.Office = viewHome(s, now, true) })
		return p, nil
	}
	a.viewSooner(&p, q)
	return p, nil
}

// viewService fills in what the page says of a service: the hour that would be
// booked, and the calendar where it was asked for.
func viewService(s *queue.State, service *queue.Service, p *static.HomePage, q choice, now time.Time) {
	p.PartyMax, p.KeptDays = s.Config.Booking.PartyMax, int(s.Config.Retention.Personal.D()/(24*time.Hour))
	q.people = min(max(q.people, 1), p.PartyMax)
	view := viewHomeService(service)
	p.Service = &view
	p.Form.People, p.Form.Priority = make([]static.PersonForm, q.people), q.priority
	earliest, found := s.EarliestPlaceFor(q.marks, q.lane(), service, s.Today(now), q.people, now)
	if !found && !q.priority {
		if _, kept := s.EarliestFor(queue.Priority, service, s.Today(now), q.people, now); kept {
			other := choice{office: q.office, service: q.service, people: q.people, priority: true}
			p.Priority = other.link("when")
		}
	}
	if q.slot.IsZero() || found && q.slot.Equal(earliest.Start) {
		if found {
			slot := viewHour(s, earliest, q, now)
			p.Slot = &slot
		} else {
			viewFull(s, service, p, now)
		}
		q.slot = time.Time{}
	} else if place, ok := placeAt(s, service, q, now); ok && place.FreeFor(q.lane()) >= q.people {
		slot := viewHour(s, place, q, now)
		p.Slot, p.Chosen = &slot, true
		if found {
			first := q.folded()
			first.slot = time.Time{}
			p.Earliest = first.link("when")
		}
	} else {
		p.Nearest = nearest(s, service, q, now)
		p.Problem = string(queue.SlotFull)
	}
	open := q
	open.calendar = true
	p.Open = open.link("calendar")
	if q.calendar {
		p.Calendar = viewCalendar(s, service, q, now)
	}
}

func viewHomeService(service *queue.Service) static.HomeService {
	return static.HomeService{
		ID: service.ID, Name: static.Text(service.Name), Fee: service.Fee, Bring: static.Text(service.Bring),
	}
}

// viewHour is a place as the page shows it; its link folds the calendar away.
func viewHour(s *queue.State, p queue.Place, q choice, now time.Time) static.HomeSlot {
	arrive := p.Start
	if now.After(arrive) {
		arrive = now
	}
	q = q.folded()
	q.slot = here(s, p.Start)
	return static.HomeSlot{
		Slot: static.Slot{Start: here(s, p.Start), End: here(s, p.End)}, Free: p.FreeFor(q.lane()),
		ArriveBy: here(s, arrive.Add(s.Config.NoShow.CheckInGrace.D())), Distance: distance(s, p.Start, now), URL: q.link("when"),
	}
}

// distance is how many days of the office's calendar lie between.
func distance(s *queue.State, t, now time.Time) int {
	from, to := dayStart(s, s.Today(now)), dayStart(s, s.Today(t))
	if from == nil || to == nil {
		return 0
	}
	return int((to.Sub(*from) + 12*time.Hour) / (24 * time.Hour)) // a day may have 23 hours
}

func placeAt(s *queue.State, service *queue.Service, q choice, now time.Time) (queue.Place, bool) {
	if s.Today(q.slot) > s.LastBookable(now) {
		return queue.Place{}, false
	}
	for _, p := range s.PlacesFor(q.marks, service, s.Today(q.slot), now) {
		if p.Start.Equal(q.slot) {
			return p, true
		}
	}
	return queue.Place{}, false
}

// shownNearest is how many hours are proposed instead of one that is full.
const shownNearest = 5

// nearest are the free hours nearest to the wanted one, in order of time; the
// nearest of them is picked.
func nearest(s *queue.State, service *queue.Service, q choice, now time.Time) []static.HomeSlot {
	var found []queue.Place
	wanted, first, last := s.Today(q.slot), s.Today(now), s.LastBookable(now)
	wanted = min(max(wanted, first), last)
	on := func(date calendar.Date) {
		for _, p := range s.PlacesFor(q.marks, service, date, now) {
			if p.FreeFor(q.lane()) >= q.people {
				found = append(found, p)
			}
		}
	}
	on(wanted)
	for away := 1; len(found) < shownNearest; away++ {
		before, after := wanted.AddDays(-away), wanted.AddDays(away)
		if before < first && after > last {
			break
		}
		if before >= first {
			on(before)
		}
		if after <= last {
			on(after)
		}
	}
	slices.SortStableFunc(found, func(x, y queue.Place) int {
		return cmp.Compare(x.Start.Sub(q.slot).Abs(), y.Start.Sub(q.slot).Abs())
	})
	found = found[:min(len(found), shownNearest)]
	var best time.Time
	if len(found) > 0 {
		best = found[0].Start
	}
	slices.SortFunc(found, func(x, y queue.Place) int { return x.Start.Compare(y.Start) })
	all := make([]static.HomeSlot, len(found))
	for i, p := range found {
		all[i] = viewHour(s, p, q, now)
		all[i].Picked = p.Start.Equal(best)
	}
	return all
}

// viewSooner names offices that could serve the same service earlier. Whoever
// chose a later hour does not want to come sooner.
func (a *App) viewSooner(p *static.HomePage, q choice) {
	var before time.Time
	switch {
	case p.Chosen:
		return
	case p.Slot != nil:
		before = p.Slot.Start
	case len(p.Nearest) > 0:
		before = p.Nearest[0].Start
	}
	people := p.Count()
	for _, h := range a.sooner(q.office, q.service, q.lane(), people, before) {
		there := choice{office: h.Office, service: h.Service, people: people, priority: q.priority}
		p.Sooner = append(p.Sooner, static.SoonerOffice{Office: h.Office, Name: h.Name, Start: h.Start, URL: there.link("when")})
	}
}

// viewHome is an office as people choose it. Looking for free hours takes
// reading many days, so it is done for the chosen office only.
func viewHome(s *queue.State, now time.Time, chosen bool) static.HomeOffice {
	phase, opens := phaseOf(s, now)
	o := static.HomeOffice{
		ID: s.Office, Name: s.Config.Name, Address: s.Config.Address, Open: doorsOpen(phase), Opens: opens,
		Timezone: s.Config.Timezone,
	}
	for i := range s.Config.Services {
		service := &s.Config.Services[i]
		if service.SlotCapacity.IsZero() {
			continue
		}
		view := viewHomeService(service)
		if chosen {
			if p, ok := s.Earliest(service, s.Today(now), 1, now); ok {
				view.Earliest = &static.Slot{Start: here(s, p.Start), End: here(s, p.End)}
			}
		}
		o.Services = append(o.Services, view)
	}
	return o
}
