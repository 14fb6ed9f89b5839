package queue

import (
	"maps"
	"slices"
	"time"

	"antrean/internal/calendar"
)

// StartDay opens a day, telling the numbers already given on paper. Those of
// them that were not called yet may join the queue by it.
type StartDay struct {
	Date    calendar.Date
	Numbers map[string]int // last number on paper, by prefix
	// Called are the last numbers that were called on paper, by prefix. The
	// numbers after them, up to Numbers, get tickets and wait. A prefix that is
	// not named gets none: its paper numbers were all called.
	Called map[string]int
	IDs    []string // of the tickets to be, Joining of them
}

// MostPaper is how many paper numbers may join the queue at once.
const MostPaper = 500

// Joining is how many numbers on paper were not called yet.
func (a StartDay) Joining() int {
	n := 0
	for prefix, called := range a.Called {
		n += max(0, a.Numbers[prefix]-max(0, called))
	}
	return n
}

func (a StartDay) decide(d *draft) error {
	if err := d.date(a.Date); err != nil {
		return err
	}
	if day := d.Days[a.Date]; day != nil && day.Ended {
		return refuse(WrongState, "day_ended")
	}
	if !d.hasHours(a.Date) {
		return refuse(OutsideHours, "no_hours")
	}
	for _, prefix := range sortedKeys(a.Numbers) {
		if _, known := d.Config.prefixed(prefix); !known {
			return refuseField(prefix, "unknown_prefix")
		}
		if n := a.Numbers[prefix]; n < 0 || n > 9999 {
			return refuseField(prefix, "number_range")
		}
	}
	for _, prefix := range sortedKeys(a.Called) {
		n, given := a.Numbers[prefix]
		if !given {
			return refuseField("called."+prefix, "unknown_prefix")
		}
		if called := a.Called[prefix]; called < 0 || called > n {
			return refuseField("called."+prefix, "number_range")
		}
	}
	joining := a.Joining()
	if joining > MostPaper {
		return refuseField("called", "too_many")
	}
	if joining > 0 && a.Date != d.Today(d.now) {
		return refuse(TooEarly, "another_day")
	}
	if len(a.IDs) < joining {
		return refuse(Invalid, "ticket_id_missing")
	}
	tickets, err := d.onPaper(a)
	if err != nil {
		return err
	}
	d.emit(&DayStarted{Date: a.Date, Numbers: maps.Clone(a.Numbers), Tickets: tickets, ArriveBy: d.startedLate(a.Date)})
	d.dayHappens(a.Date)
	return nil
}

// onPaper makes tickets of the numbers that were not called on paper. A number
// that a ticket has already stays that ticket's.
func (d *draft) onPaper(a StartDay) (tickets []*Ticket, err error) {
	ids := a.IDs
	for _, prefix := range sortedKeys(a.Called) {
		service, _ := d.Config.prefixed(prefix)
		for n := a.Called[prefix] + 1; n <= a.Numbers[prefix]; n++ {
			id := ids[0]
			ids = ids[1:]
			if _, taken := d.numbers[numberKey{a.Date, prefix, n}]; taken {
				continue
			}
			if err := d.fresh(id); err != nil {
				return nil, err
			}
			since := d.paperSince(a.Date, n, a.Numbers[prefix])
			tickets = append(tickets, &Ticket{
				ID: id, Number: numberOf(prefix, n), Seq: n, Service: service.ID,
				Route: service.Stages, Stage: service.Stages[0], Status: Waiting, Lane: Walkin, Date: a.Date,
				Made: d.now, Arrived: since, Since: since, Due: d.due(since, Walkin),
				Fee: service.Fee, PickupFrom: d.pickup(service, a.Date),
			})
		}
	}
	return tickets, nil
}

// paperSince is since when the n-th of so many on paper waits. Nobody wrote it
// down: the numbers are taken to have been given evenly since the doors opened.
func (d *draft) paperSince(date calendar.Date, n, last int) time.Time {
	opens, _, ok := d.Config.Calendar().Bounds(date)
	if !ok || !opens.Before(d.now) {
		opens = d.now.Add(-time.Second)
	}
	return opens.Add(d.now.Sub(opens) / time.Duration(last+1) * time.Duration(n)).UTC()
}

// prefixed is the service whose numbers begin so.
func (c *Config) prefixed(prefix string) (*Service, bool) {
	i := slices.IndexFunc(c.Services, func(s Service) bool { return s.Prefix == prefix })
	if i < 0 {
		return nil, false
	}
	return &c.Services[i], true
}

// DayStarted says which numbers were already given on paper, and which of them
// wait.
type DayStarted struct {
	Date    calendar.Date  `json:"date"`
	Numbers map[string]int `json:"numbers"` // last number by prefix
	Tickets []*Ticket      `json:"tickets,omitempty"`
	// ArriveBy is until when people come whose hour had begun, by ticket; their
	// places are theirs, also those that were released.
	ArriveBy map[string]time.Time `json:"arrive_by,omitempty"`
}

func (*DayStarted) kind() string { return "day_started" }

func (f *DayStarted) check() error { return checkTickets(f.Tickets...) }

func (f *DayStarted) apply(s *State, _ *Event) {
	s.day(f.Date, func(d *Day) { d.Ended, d.Closed, d.Paper = false, "", f.Numbers })
	for _, t := range f.Tickets {
		s.add(t)
	}
	for _, id := range sortedKeys(f.ArriveBy) {
		s.change(id, func(t *Ticket) { t.ArriveBy, t.Released = f.ArriveBy[id], false })
	}
}
