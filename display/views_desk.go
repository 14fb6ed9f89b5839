package display

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"time"

	"antrean/internal/queue"
	"antrean/static"
)

const shownAtDesk = 12 // numbers of one list

// deskHall is what waits at the desk: numbers, no names.
func deskHall(s *queue.State, now time.Time) static.DeskHall {
	phase, opens := phaseOf(s, now)
	_, suspended := s.Suspended()
	h := static.DeskHall{Phase: phase, Opens: opens, Suspended: suspended}
	for _, stage := range s.Config.Stages {
		h.Waiting += len(s.Waiting(stage.ID))
	}
	number := func(t *queue.Ticket, at, until time.Time) static.DeskNumber {
		return static.DeskNumber{ID: t.ID, Number: t.Number, At: moment(s, at), Until: moment(s, until)}
	}
	for _, t := range askingHelp(s, now) {
		h.Help = append(h.Help, number(t, t.Help, time.Time{}))
	}
	for _, t := range s.StandingBy(func(t *queue.Ticket) bool { return t.Date == s.Today(now) }) {
		if s.OfferStands(t, now) {
			h.Offers = append(h.Offers, number(t, t.Offer.Slot.Start, t.Offer.Expires))
		} else {
			h.Standby = append(h.Standby, number(t, time.Time{}, time.Time{}))
		}
	}
	var today []*queue.Ticket
	for _, t := range s.Tickets {
		if t.Date == s.Today(now) {
			today = append(today, t)
		}
	}
	slices.SortFunc(today, func(a, b *queue.Ticket) int {
		return cmp.Or(a.Since.Compare(b.Since), a.ArriveBy.Compare(b.ArriveBy), cmp.Compare(a.Number, b.Number))
	})
	for _, t := range today {
		switch {
		case t.Status == queue.Waiting && t.Released:
			h.Late = append(h.Late, number(t, t.Arrived, time.Time{}))
		case t.Late():
			h.Missing = append(h.Missing, number(t, t.Slot.Start, time.Time{}))
		case t.Status == queue.Parked, t.Status == queue.NoShow:
			h.Away = append(h.Away, number(t, time.Time{}, time.Time{}))
		case s.AtRisk(t, now):
			h.AtRisk = append(h.AtRisk, number(t, t.Slot.Start, time.Time{}))
		}
	}
	slices.SortFunc(h.AtRisk, func(a, b static.DeskNumber) int {
		return cmp.Or(a.At.Compare(*b.At), cmp.Compare(a.Number, b.Number))
	})
	for _, list := range []*[]static.DeskNumber{&h.Offers, &h.Standby, &h.Late, &h.Missing, &h.Away, &h.AtRisk} {
		*list = (*list)[:min(len(*list), shownAtDesk)]
	}
	return h
}

// deskCounter is where somebody of the desk calls: the counter that they sit
// at, or the choice of one.
func deskCounter(s *queue.State, user string, now time.Time) *static.DeskCounter {
	for _, config := range s.Config.Counters {
		if k := s.Counter(config.ID); k.Officer == user && user != "" && k.State != queue.Closed {
			return &static.DeskCounter{
				Name: config.Name, URL: "/counter?office=" + s.Office + "&counter=" + config.ID,
				Waiting: len(viewCounter(s, config.ID, now).Waiting),
			}
		}
	}
	return &static.DeskCounter{URL: "/counter"}
}

// deskService is what giving a number for a service means now; no number is
// given at the door for one whose limit is none at all.
func deskService(s *queue.State, service *queue.Service, now time.Time) (static.DeskService, bool) {
	d := static.DeskService{ID: service.ID, Name: static.Text(service.Name)}
	for _, stage := range s.Config.Stages {
		for _, t := range s.Waiting(stage.ID) {
			if t.Service == service.ID {
				d.Waiting++
			}
		}
	}
	limit, limited := s.DoorLimit(service, s.Today(now))
	d.Left, d.Limited = max(0, limit-s.DoorGiven(service, s.Today(now))), limited
	d.Standby = limited && d.Left == 0 && !service.SlotCapacity.IsZero()
	return d, !limited || d.Left > 0 || d.Standby
}

// drawnQR is a QR code as a part of a page.
func drawnQR(text string) (template.HTML, error) {
	svg, err := qrSVG(text)
	if err != nil {
		return "", fault500(fmt.Errorf("slip: %w", err))
	}
	return template.HTML(svg), nil //nolint:gosec // drawn by us: digits and letters of a path
}
