package simulate

import (
	"slices"
	"time"

	"antrean/internal/queue"
)

// Refill is what became of the places of those who had not come in time.
// Places of an hour are alike: whoever takes one of an hour takes the one that
// was released first.
type Refill struct {
	Released int `json:"released"`
	Late     int `json:"late"` // of their owners: came after all
	// Wanted are those that somebody on standby could take: somebody who had no
	// offer of another place, had a later one or none, and could come before
	// this one was over. One person wants one place at a time.
	Wanted   int `json:"wanted"`
	Offered  int `json:"offered"`  // of those wanted
	Refilled int `json:"refilled"` // of those wanted: accepted, or booked by somebody else
	// Unanswered are wanted places to which nobody who was asked said yes, and
	// then nobody was left who could take them.
	Unanswered int `json:"unanswered"`
	// Booked are places, wanted or not, that somebody took who booked an hour.
	Booked int `json:"booked"`
	// OfferP50 and OfferMax are the seconds until somebody was offered a
	// wanted place: from arrive_by, or since when it was wanted.
	OfferP50 float64 `json:"offer_p50"`
	OfferMax float64 `json:"offer_max"`

	delays []float64
}

// Share is how many of the wanted places were refilled, those aside that were
// offered to everybody who could take them; 1 when there were none.
func (r *Refill) Share() float64 {
	if r.Wanted == r.Unanswered {
		return 1
	}
	return float64(r.Refilled) / float64(r.Wanted-r.Unanswered)
}

// measure sums the delays up.
func (r *Refill) measure() {
	slices.Sort(r.delays)
	r.OfferP50, r.OfferMax = quantile(r.delays, 0.5), quantile(r.delays, 1)
}

// released is one place on its way to somebody else.
type released struct {
	service string
	place   queue.Place
	since   time.Time // its owner's arrive_by, or when somebody began to want it
	seen    bool      // whether somebody wants it was asked
	wanted  bool
	offered bool   // at least once
	to      string // the ticket that it is offered to now
	waits   bool   // somebody could take it and is not asked
	taken   bool
}

// watch follows the released places of one office through its log.
type watch struct {
	refill *Refill
	places []*released
}

// before looks at an event that is not yet folded into the state.
func (r *watch) before(s *queue.State, fact queue.Fact) {
	switch f := fact.(type) {
	case *queue.PlacesReleased:
		for _, id := range f.Tickets {
			t := s.Tickets[id]
			r.refill.Released++
			r.places = append(r.places, &released{service: t.Service, place: queue.Place{Start: t.Slot.Start, End: t.Slot.End}, since: t.ArriveBy})
		}
	case *queue.TicketsCheckedIn:
		for _, a := range f.Arrivals {
			if s.Tickets[a.Ticket].Released {
				r.refill.Late++
			}
		}
	}
}

// after looks at an event that has just been folded into the state.
func (r *watch) after(s *queue.State, fact queue.Fact) {
	switch f := fact.(type) {
	case *queue.PlacesOffered:
		for _, o := range f.Offers {
			if p := r.find(s.Tickets[o.Ticket].Service, o.Slot.Start); p != nil {
				r.want(p, s.At)
				p.to, p.waits = o.Ticket, false
				if !p.offered {
					p.offered = true
					r.refill.Offered++
					r.refill.delays = append(r.refill.delays, s.At.Sub(p.since).Seconds())
				}
			}
		}
	case *queue.TicketsMoved:
		for _, m := range f.Moves {
			if f.Why != queue.FromStandby {
				r.booked(s.Tickets[m.Ticket].Service, m.Slot.Start)
				continue
			}
			for _, p := range r.places {
				if p.to == m.Ticket && !p.taken {
					p.taken = true
					r.refill.Refilled++
				}
			}
		}
	case *queue.TicketsBooked:
		for _, t := range f.Tickets {
			r.booked(t.Service, t.Slot.Start)
		}
	}
	r.ask(s)
}

// ask finds out who on standby could take which place.
func (r *watch) ask(s *queue.State) {
	open := r.places[:0]
	for _, p := range r.places {
		if t := s.Tickets[p.to]; !p.taken && (t == nil || t.Offer == nil) {
			p.to = ""
		}
		switch {
		case p.taken:
		case p.to == "" && !s.At.Before(p.place.End):
			if p.offered && !p.waits {
				r.refill.Unanswered++
			}
		default:
			open = append(open, p)
		}
	}
	r.places = open
	if _, suspended := s.Suspended(); suspended || s.Config == nil || !s.Config.Calendar().DoorsOpen(s.At) {
		return
	}
	// A family needs as many places of an hour at once; with whom it would share
	// them is not followed here: only people who ask alone are counted.
	asking := s.StandingBy(func(t *queue.Ticket) bool { return t.Offer == nil && len(s.Party(t)) == 1 })
	for _, p := range r.places {
		if p.to != "" {
			continue
		}
		i := slices.IndexFunc(asking, func(t *queue.Ticket) bool { return t.Service == p.service && s.Wants(t, p.place, s.At) })
		if i >= 0 {
			asking = slices.Delete(asking, i, i+1)
			r.want(p, s.At)
			p.waits = true
		}
		p.seen = true
	}
}

func (r *watch) want(p *released, now time.Time) {
	if p.wanted {
		return
	}
	p.wanted = true
	r.refill.Wanted++
	if p.seen { // nobody wanted it when it was released
		p.since = now
	}
}

// booked gives a place of an hour to somebody who booked it.
func (r *watch) booked(service string, start time.Time) {
	if p := r.find(service, start); p != nil {
		p.taken = true
		r.refill.Booked++
		if p.wanted {
			r.refill.Refilled++
		}
	}
}

// find is the first place of an hour that is offered to nobody.
func (r *watch) find(service string, start time.Time) *released {
	for _, p := range r.places {
		if p.service == service && p.place.Start.Equal(start) && p.to == "" && !p.taken {
			return p
		}
	}
	return nil
}
