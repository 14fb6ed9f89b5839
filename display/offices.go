package display

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/static"
)

type officeView struct {
	ID        string        `json:"id"`
	Name      string        `json:"name"`
	Address   string        `json:"address"`
	Timezone  string        `json:"timezone"`
	Languages []string      `json:"languages"`
	Open      bool          `json:"open"` // the doors, now
	Phase     string        `json:"phase"`
	Opens     *time.Time    `json:"opens"`
	Suspended bool          `json:"suspended"`
	PartyMax  int           `json:"party_max"`
	Services  []serviceView `json:"services"`
}

type serviceView struct {
	ID       string      `json:"id"`
	Prefix   string      `json:"prefix"`
	Name     static.Text `json:"name"`
	Fee      int64       `json:"fee"`
	Bookable bool        `json:"bookable"`
	Bring    static.Text `json:"bring,omitempty"`
}

func (a *App) listOffices(c *fiber.Ctx) error {
	var all []officeView
	err := a.eachOffice(c.UserContext(), func(s *queue.State, now time.Time) {
		all = append(all, viewOffice(s, now))
	})
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"offices": append([]officeView{}, all...)})
}

// listWithin is how long a page waits for the list of offices before it takes
// the one it knows.
const listWithin = time.Second

// eachOffice reads every office, by id.
func (a *App) eachOffice(ctx context.Context, do func(s *queue.State, now time.Time)) error {
	soon, done := context.WithTimeout(ctx, listWithin)
	defer done()
	ids, err := a.Offices.IDs(soon)
	if err == nil {
		a.listed.Store(&ids)
	} else if known := a.listed.Load(); known != nil {
		ids = *known // while the store is down, pages stay readable
	} else {
		return err
	}
	now := a.Offices.Now()
	for _, id := range ids {
		o, err := a.open(ctx, id)
		if err != nil {
			return err
		}
		o.Read(func(s *queue.State) { do(s, now) })
	}
	return nil
}

func viewOffice(s *queue.State, now time.Time) officeView {
	phase, opens := phaseOf(s, now)
	_, suspended := s.Suspended()
	v := officeView{
		ID: s.Office, Name: s.Config.Name, Address: s.Config.Address, Timezone: s.Config.Timezone,
		Languages: s.Config.Languages, Open: doorsOpen(phase), Phase: phase, Opens: opens,
		Suspended: suspended, PartyMax: s.Config.Booking.PartyMax, Services: []serviceView{},
	}
	for _, service := range s.Config.Services {
		v.Services = append(v.Services, serviceView{
			ID: service.ID, Prefix: service.Prefix, Name: static.Text(service.Name), Fee: service.Fee,
			Bookable: !service.SlotCapacity.IsZero(), Bring: static.Text(service.Bring),
		})
	}
	return v
}

type slotsView struct {
	Earliest *queue.Place `json:"earliest"`
	Days     []dayView    `json:"days"`
	Sooner   []soonerHour `json:"sooner"` // earlier than Earliest, at other offices, soonest first
}

type dayView struct {
	Date  calendar.Date `json:"date"`
	Open  bool          `json:"open"`
	Slots []queue.Place `json:"slots"`
}

const mostDays = 62 // in one answer

// listSlots answers what can be booked. People asks for an earliest slot with
// room for so many.
func (a *App) listSlots(c *fiber.Ctx) error {
	o, err := a.officeOf(c)
	if err != nil {
		return err
	}
	days, err := countQuery(c, "days", 7, mostDays)
	if err != nil {
		return err
	}
	people, err := countQuery(c, "people", 1, 20)
	if err != nil {
		return err
	}
	from := calendar.Date(c.Query("from"))
	if from != "" && !from.Valid() {
		return invalidField("from", "format")
	}
	if c.Query("service") == "" {
		return invalidField("service", "required")
	}
	marks := a.marks(c, o, c.Params("office"))
	v, now := slotsView{Days: []dayView{}, Sooner: []soonerHour{}}, a.Offices.Now()
	known, fromToday := false, false
	o.Read(func(s *queue.State) {
		var service *queue.Service
		if service, known = s.Config.Service(c.Query("service")); !known {
			return
		}
		if today := s.Today(now); from <= today {
			from, fromToday = today, true
		}
		if p, ok := s.EarliestPlaceFor(marks, queue.Appointment, service, from, people, now); ok {
			p = placeIn(s, p)
			v.Earliest = &p
		}
		for date := from; len(v.Days) < days && date <= s.LastBookable(now); date = date.AddDays(1) {
			v.Days = append(v.Days, viewDay(s, marks, service, date, now))
		}
	})
	if !known {
		return invalidField("service", "unknown_service")
	}
	if fromToday { // who looks at a later day does not want to come sooner
		var before time.Time
		if v.Earliest != nil {
			before = v.Earliest.Start
		}
		v.Sooner = a.sooner(c.Params("office"), c.Query("service"), queue.Appointment, people, before)
	}
	return c.JSON(v)
}

func viewDay(s *queue.State, marks []string, service *queue.Service, date calendar.Date, now time.Time) dayView {
	_, _, open := s.Config.Calendar().Bounds(date)
	d := dayView{Date: date, Open: open && !shut(s, date), Slots: []queue.Place{}}
	for _, p := range s.PlacesFor(marks, service, date, now) {
		d.Slots = append(d.Slots, placeIn(s, p))
	}
	return d
}

func placeIn(s *queue.State, p queue.Place) queue.Place {
	p.Start, p.End = here(s, p.Start), here(s, p.End)
	return p
}

// shut reports whether a day was closed early or has ended.
func shut(s *queue.State, date calendar.Date) bool {
	day := s.Days[date]
	return day != nil && (day.Ended || day.Closed != "")
}

// countQuery reads a whole number from 1 to most.
func countQuery(c *fiber.Ctx, name string, usual, most int) (int, error) {
	text := c.Query(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, invalidField(name, "number_range")
	}
	return n, nil
}
