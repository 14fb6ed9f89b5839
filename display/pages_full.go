package display

import (
	"time"

	"antrean/internal/queue"
	"antrean/static"
)

// searched is how many days beyond the horizon are looked at for the next one
// that can be booked: longer than any holidays.
const searched = 60

// viewFull says of a service without a free hour whether its office is open at
// all on the days that can be booked, and when the day after them can be.
func viewFull(s *queue.State, service *queue.Service, p *static.HomePage, now time.Time) {
	last := s.LastBookable(now)
	p.Shut = true
	for date := s.Today(now); date <= last && p.Shut; date = date.AddDays(1) {
		p.Shut = len(s.Places(service, date, now)) == 0
	}
	for date := last.AddDays(1); date <= last.AddDays(searched); date = date.AddDays(1) {
		for _, place := range s.Places(service, date, now) {
			if place.Free > 0 {
				day := dayStart(s, date)
				p.Opening = &static.Opening{Day: *day, From: here(s, day.Add(-s.Config.Booking.Horizon.D()))}
				return
			}
		}
	}
}
