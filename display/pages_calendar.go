package display

import (
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/static"
)

// shownWeeks is how many weeks of the calendar are seen at once: the usual
// horizon of thirty days fits.
const shownWeeks = 5

// viewCalendar is the weeks from q.from on, and the hours of q.day.
func viewCalendar(s *queue.State, service *queue.Service, q choice, now time.Time) *static.HomeCalendar {
	today, last := s.Today(now), s.LastBookable(now)
	from := q.from
	if from == "" {
		from = q.day
	}
	if from == "" && !q.slot.IsZero() {
		from = s.Today(q.slot)
	}
	from = monday(min(max(from, today), last))
	first := monday(today)
	if q.from == "" { // the page of weeks that the wanted day is on
		for first.AddDays(7*shownWeeks) <= from {
			first = first.AddDays(7 * shownWeeks)
		}
		from = first
	}
	end := from.AddDays(7*shownWeeks - 1)
	v := &static.HomeCalendar{From: *dayStart(s, from), To: *dayStart(s, min(end, last))}
	if from < today {
		v.From = *dayStart(s, today)
	}
	for date := from; date <= end && date <= last.AddDays(6); {
		week := make([]static.HomeDay, 0, 7)
		for range 7 {
			day := viewHomeDay(s, service, date, q, now)
			if week = append(week, day); day.Chosen {
				v.Day = &day
			}
			date = date.AddDays(1)
		}
		v.Weeks = append(v.Weeks, week)
	}
	weeks := func(d calendar.Date) string {
		other := q
		other.day, other.from = "", d
		return other.link("calendar")
	}
	if from > monday(today) {
		v.Before = weeks(max(from.AddDays(-7*shownWeeks), monday(today)))
	}
	if end < last {
		v.After = weeks(end.AddDays(1))
	}
	v.Fold = q.folded().link("when")
	if v.Day == nil {
		return v
	}
	for _, p := range s.PlacesFor(q.marks, service, q.day, now) {
		hour := viewHour(s, p, q, now)
		if hour.Free < q.people {
			hour.Free, hour.URL = 0, ""
		}
		hour.Picked = p.Start.Equal(q.slot)
		v.Hours = append(v.Hours, hour)
	}
	return v
}

func viewHomeDay(s *queue.State, service *queue.Service, date calendar.Date, q choice, now time.Time) static.HomeDay {
	today := s.Today(now)
	d := static.HomeDay{Date: *dayStart(s, date), Today: date == today, Chosen: date == q.day}
	_, _, open := s.Config.Calendar().Bounds(date)
	switch {
	case date < today:
		d.Kind = "past"
	case date > s.LastBookable(now):
		d.Kind = "later"
	case !open || shut(s, date):
		d.Kind = "closed"
	default:
		d.Kind = "full"
		for _, p := range s.PlacesFor(q.marks, service, date, now) {
			if free := p.FreeFor(q.lane()); free >= q.people {
				d.Kind, d.Free = "free", d.Free+free
			}
		}
	}
	if d.Kind == "free" {
		q.day = date
		d.URL = q.link("hours")
	}
	return d
}

func monday(d calendar.Date) calendar.Date {
	return d.AddDays(-(int(d.Weekday()) + 6) % 7)
}
