package display

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/static"
)

// queueView is the whole hall, as supervisors see it: numbers, no names.
type queueView struct {
	Office     string                 `json:"office"`
	OfficeName string                 `json:"office_name"`
	Timezone   string                 `json:"timezone"`
	Date       calendar.Date          `json:"date"`
	Open       bool                   `json:"open"`
	Phase      string                 `json:"phase"`
	Opens      *time.Time             `json:"opens"`
	Suspended  bool                   `json:"suspended"`
	Suspension *static.Suspension     `json:"suspension"`
	Counters   []queueCounter         `json:"counters"`
	Waiting    []static.CounterTicket `json:"waiting"` // by when they are due
	Parked     []static.CounterTicket `json:"parked"`
	Expected   int                    `json:"expected"` // booked for today and not here yet
	Counts     map[string]int         `json:"counts"`   // today's tickets by state
	Notices    []string               `json:"notices"`
	Help       []string               `json:"help"`    // numbers that ask for help, longest asking first
	AtRisk     []riskyTicket          `json:"at_risk"` // unconfirmed after the last reminder, by their hours
	Standby    []string               `json:"standby"` // today's numbers, those with an offer first
}

// riskyTicket is a place that may stay empty.
type riskyTicket struct {
	Ticket  string      `json:"ticket"`
	Number  string      `json:"number"`
	Service string      `json:"service"`
	Slot    static.Slot `json:"slot"`
}

type queueCounter struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	State   string     `json:"state"`
	Officer string     `json:"officer"`
	Number  string     `json:"number"`
	Ticket  string     `json:"ticket"`
	Served  int        `json:"served"`
	Since   *time.Time `json:"since"`
}

func (a *App) showQueue(c *fiber.Ctx, v visit) error {
	return c.JSON(a.queueNow(v))
}

func (a *App) queueNow(v visit) (view queueView) {
	now := a.Offices.Now()
	v.office.Read(func(s *queue.State) { view = viewQueue(s, now) })
	return view
}

func viewQueue(s *queue.State, now time.Time) queueView {
	phase, opens := phaseOf(s, now)
	_, suspended := s.Suspended()
	today := s.Today(now)
	v := queueView{
		Office: s.Office, OfficeName: s.Config.Name, Timezone: s.Config.Timezone, Date: today,
		Open: doorsOpen(phase), Phase: phase, Opens: opens, Suspended: suspended, Suspension: viewSuspension(s),
		Counters: []queueCounter{}, Waiting: []static.CounterTicket{}, Parked: []static.CounterTicket{},
		Counts: map[string]int{}, Notices: saidNow(s, now),
	}
	for _, config := range s.Config.Counters {
		k := s.Counter(config.ID)
		row := queueCounter{ID: config.ID, Name: config.Name, State: string(k.State), Officer: k.Officer}
		if current := viewCurrent(s, k); current != nil {
			row.Number, row.Ticket, row.Since = current.Number, current.Ticket, &current.Since
		}
		if k.Day == today {
			row.Served = k.Served
		}
		v.Counters = append(v.Counters, row)
	}
	var waiting []*queue.Ticket
	for _, stage := range s.Config.Stages {
		waiting = append(waiting, s.Waiting(stage.ID)...)
	}
	slices.SortStableFunc(waiting, byDue)
	for i, t := range waiting {
		v.Waiting = append(v.Waiting, viewWaiting(s, t, i))
	}
	for i, t := range parkedFor(s, &queue.CounterConfig{}) {
		v.Parked = append(v.Parked, viewWaiting(s, t, i))
	}
	for _, t := range s.Tickets {
		if t.Date != today {
			continue
		}
		v.Counts[string(t.Status)]++
		if t.Status == queue.Booked {
			v.Expected++
		}
	}
	v.Help = numbersIn(askingHelp(s, now))
	v.AtRisk = []riskyTicket{}
	for _, t := range s.AllAtRisk(now) {
		v.AtRisk = append(v.AtRisk, riskyTicket{Ticket: t.ID, Number: t.Number, Service: t.Service, Slot: *slotOf(s, t)})
	}
	v.Standby, _ = standingBy(s, now)
	return v
}

// askingHelp are those in the hall who asked for help, longest asking first.
func askingHelp(s *queue.State, now time.Time) (asking []*queue.Ticket) {
	for _, t := range s.Tickets {
		if !t.Help.IsZero() && s.MayAskHelp(t, now) {
			asking = append(asking, t)
		}
	}
	slices.SortFunc(asking, func(a, b *queue.Ticket) int {
		return cmp.Or(a.Help.Compare(b.Help), strings.Compare(a.Number, b.Number))
	})
	return asking
}

// numbersOfToday are today's numbers at risk. Other days' would be mistaken for
// them.
func numbersOfToday(s *queue.State, now time.Time) (numbers []string) {
	for _, t := range s.AllAtRisk(now) {
		if t.Date == s.Today(now) {
			numbers = append(numbers, t.Number)
		}
	}
	return numbers
}

type logEntry struct {
	Version uint64          `json:"version"`
	Event   json.RawMessage `json:"event"`
}

const logPage = 500

// showLog answers raw events after a version, in order. Tickets appear in them
// by id and number only.
func (a *App) showLog(c *fiber.Ctx, v visit) error {
	after := uint64(0)
	if text := c.Query("after"); text != "" {
		var err error
		if after, err = strconv.ParseUint(text, 10, 63); err != nil {
			return invalidField("after", "number_range")
		}
	}
	limit, err := countQuery(c, "limit", logPage, logPage)
	if err != nil {
		return err
	}
	entries, err := v.office.Events(c.UserContext(), after, limit)
	if err != nil {
		return err
	}
	events := []logEntry{}
	for _, e := range entries {
		events = append(events, logEntry{e.Version, json.RawMessage(e.Data)})
	}
	next := after
	if n := len(events); n > 0 {
		next = events[n-1].Version
	}
	return c.JSON(fiber.Map{"events": events, "next": next})
}
