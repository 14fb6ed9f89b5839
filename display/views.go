package display

import (
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/static"
)

// here is a time as the office's clock on the wall shows it.
func here(s *queue.State, t time.Time) time.Time { return t.In(s.Config.Calendar().Zone()) }

// moment is a time that may be unknown.
func moment(s *queue.State, t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = here(s, t)
	return &t
}

// dayStart is a date as its first moment.
func dayStart(s *queue.State, d calendar.Date) *time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), s.Config.Calendar().Zone())
	if err != nil {
		return nil
	}
	return &t
}

func slotOf(s *queue.State, t *queue.Ticket) *static.Slot {
	if t.Slot == nil {
		return nil
	}
	return &static.Slot{Start: here(s, t.Slot.Start), End: here(s, t.Slot.End)}
}

// numbersOf are the numbers of the ticket's party, none if it is alone.
func numbersOf(s *queue.State, t *queue.Ticket) []string {
	party := s.Party(t)
	numbers := []string{}
	if len(party) < 2 {
		return numbers
	}
	for _, m := range party {
		numbers = append(numbers, m.Number)
	}
	return numbers
}

func serviceName(s *queue.State, id string) static.Text {
	if service, ok := s.Config.Service(id); ok {
		return static.Text(service.Name)
	}
	return static.Text{"id": id}
}

func stageName(s *queue.State, id string) static.Text {
	if stage, ok := s.Config.Stage(id); ok {
		return static.Text(stage.Name)
	}
	return static.Text{"id": id}
}

// counterNames are the written and the spoken name of a counter.
func counterNames(s *queue.State, id string) (name, spoken string) {
	if k, ok := s.Config.Counter(id); ok {
		return k.Name, k.Spoken
	}
	return id, ""
}

func viewCall(s *queue.State, c queue.Call) static.Call {
	name, spoken := counterNames(s, c.Counter)
	return static.Call{
		ID: c.ID, Number: c.Number, Counter: c.Counter, CounterName: name, Spoken: spoken,
		At: here(s, c.At), Times: c.Times, Withdrawn: c.Withdrawn,
	}
}

// phaseOf says how open the office is, and when it opens next if it is not.
func phaseOf(s *queue.State, now time.Time) (phase string, opens *time.Time) {
	hours, today := s.Config.Calendar(), s.Today(now)
	first, last, open := hours.Bounds(today)
	day := s.Days[today]
	ended := day != nil && day.Ended
	switch {
	case !ended && !shut(s, today) && open && now.Before(first):
		return "before", moment(s, first)
	case !ended && !shut(s, today) && open && now.Before(last):
		if hours.OpenAt(now) {
			return "open", nil
		}
		for _, span := range hours.Spans(today) {
			if span.Start.After(now) {
				return "break", moment(s, span.Start)
			}
		}
		return "open", nil
	case !ended && hallInUse(s):
		return "closed", nextOpening(s, today)
	default:
		return "ended", nextOpening(s, today)
	}
}

// doorsOpen says whether numbers are given: also in the break.
func doorsOpen(phase string) bool { return phase == "open" || phase == "break" }

// nextOpening looks two weeks ahead, beyond the longest holidays.
func nextOpening(s *queue.State, after calendar.Date) *time.Time {
	date := after
	for range 14 {
		date = date.AddDays(1)
		if opens, _, ok := s.Config.Calendar().Bounds(date); ok && !shut(s, date) {
			return moment(s, opens)
		}
	}
	return nil
}

// hallInUse says whether anybody waits or is served.
func hallInUse(s *queue.State) bool {
	for _, stage := range s.Config.Stages {
		if len(s.Waiting(stage.ID)) > 0 {
			return true
		}
	}
	for _, k := range s.Counters {
		if len(k.Tickets) > 0 {
			return true
		}
	}
	return false
}

func viewSuspension(s *queue.State) *static.Suspension {
	p, yes := s.Suspended()
	if !yes {
		return nil
	}
	return &static.Suspension{Reason: p.Reason, Until: moment(s, p.Until)}
}
