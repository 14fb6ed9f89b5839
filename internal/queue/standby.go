package queue

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"antrean/internal/calendar"
)

// StandBy says that a booked ticket would come earlier: within so many minutes
// of an offer. Zero takes that back. Asking again keeps the place in the order.
// A family that is booked for one hour stands by as one: all get an earlier hour,
// or none. Who wants to come alone leaves it first.
type StandBy struct {
	Ticket  string
	Minutes int
}

func (a StandBy) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	switch {
	case t.Status != Booked:
		return refuse(WrongState, "not_booked")
	case t.Released:
		return refuse(TooLate, "place_released")
	case a.Minutes < 0 || a.Minutes > 24*60:
		return refuseField("minutes", "number_range")
	case a.Minutes == 0 && t.Standby == nil:
		return refuse(WrongState, "not_standby")
	}
	since := d.now
	if t.Standby != nil {
		since = t.Standby.Since
	}
	for _, m := range d.together(t) {
		switch {
		case a.Minutes == 0:
			d.emit(&StandbyChanged{Ticket: m.ID})
		case m.Standby != nil && m.Standby.Minutes == a.Minutes: // the log does not grow by pressing again
		default:
			d.emit(&StandbyChanged{Ticket: m.ID, Standby: &Standby{Minutes: a.Minutes, Since: since}})
		}
	}
	d.offerPlaces()
	return nil
}

// together are those of a ticket's family who are booked for its hour, itself
// included, by number.
func (s *State) together(t *Ticket) []*Ticket {
	if t.Party == "" || t.Slot == nil {
		return []*Ticket{t}
	}
	return slices.DeleteFunc(s.Party(t), func(m *Ticket) bool {
		return m.Status != Booked || m.Released || m.Service != t.Service || m.Slot == nil || !m.Slot.Start.Equal(t.Slot.Start)
	})
}

// Accept takes the place that a ticket was offered, and its family theirs. Who
// has a later place gives it back by that.
type Accept struct {
	Ticket string
	Luck   uint64 // drawn at random by whoever asks: when the place left behind returns
	Marks  []string
}

func (a Accept) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	service, ok := d.Config.Service(t.Service)
	switch {
	case t.Status != Booked || t.Offer == nil || !ok:
		return refuse(WrongState, "no_offer")
	case d.shut(t.Offer.Date):
		return refuse(OutsideHours, "day_closed")
	case !d.OfferStands(t, d.now):
		return refuse(TooLate, "offer_over")
	}
	family := d.together(t)
	group := slices.DeleteFunc(slices.Clone(family), func(m *Ticket) bool {
		return m.Offer == nil || !m.Offer.Slot.Start.Equal(t.Offer.Slot.Start)
	})
	place := Place{Start: t.Offer.Slot.Start, End: t.Offer.Slot.End}
	numbers := d.bookedNumbers(service, t.Offer.Date, place.Start, len(group), nil)
	moved := &TicketsMoved{Why: FromStandby}
	for i, m := range group {
		move := d.move(m, place, m.Seq)
		if move.Date != m.Date {
			move = d.move(m, place, numbers[i])
		}
		move.PickupFrom, move.Hold = d.pickup(service, move.Date), d.hold(m, a.Luck, a.Marks)
		if len(group) == len(family) {
			move.Party = m.Party
		}
		if move.Lane == Walkin {
			move.Lane = Appointment
		}
		if m.Standby != nil {
			move.ArriveBy = latest(move.ArriveBy, d.now.Add(m.Standby.reach()))
		}
		moved.Moves = append(moved.Moves, move)
	}
	d.emit(moved)
	d.offerPlaces()
	return nil
}

// OfferStands reports whether a ticket may still take the place that it is
// offered: until the offer expires, whose clock stands still while the office
// is suspended, and never beyond the end of the slot or of its day.
func (s *State) OfferStands(t *Ticket, now time.Time) bool {
	if t.Status != Booked || t.Offer == nil {
		return false
	}
	clock := now
	if pause, yes := s.Suspended(); yes {
		clock = pause.Start
	}
	return !clock.After(t.Offer.Expires) && now.Before(t.Offer.Slot.End) && !s.shut(t.Offer.Date)
}

// offerPlaces offers today's free places to those on standby, in the order in
// which they asked: each place to one person at a time, each person one place.
// Nothing is offered while the doors are shut or the office is suspended.
func (d *draft) offerPlaces() {
	if _, suspended := d.Suspended(); suspended || len(d.standby) == 0 || !d.Config.Calendar().DoorsOpen(d.now) {
		return
	}
	today := d.Today(d.now)
	for i := range d.Config.Services {
		service := &d.Config.Services[i]
		asking := d.StandingBy(func(t *Ticket) bool { return t.Service == service.ID && t.Offer == nil && !t.Released })
		if len(asking) == 0 {
			continue
		}
		places := d.Places(service, today, d.now)
		for n := range places {
			place := places[n]
			if place.Free == 0 {
				continue
			}
			offered := &PlacesOffered{}
			given := map[string]bool{}
			for _, t := range asking {
				group := d.askingWith(t, asking)
				if given[t.ID] || len(offered.Offers)+len(group) > place.Free || !d.Wants(t, place, d.now) {
					continue
				}
				for _, t := range group {
					given[t.ID] = true
					expires := d.Config.Calendar().After(d.now, d.Config.NoShow.StandbyOffer.D(), d.Pauses())
					if expires.After(place.End) {
						expires = place.End
					}
					offered.Offers = append(offered.Offers, Offered{Ticket: t.ID, Offer: Offer{
						Slot: calendar.Interval{Start: place.Start.UTC(), End: place.End.UTC()}, Date: today, Expires: expires.UTC(),
					}})
				}
			}
			if len(offered.Offers) > 0 {
				d.emit(offered)
				asking = slices.DeleteFunc(asking, func(t *Ticket) bool { return d.Tickets[t.ID].Offer != nil })
				places = d.Places(service, today, d.now) // one offer may bound the next
			}
		}
	}
}

// askingWith are those of a ticket's family who ask together with it.
func (d *draft) askingWith(t *Ticket, asking []*Ticket) []*Ticket {
	return slices.DeleteFunc(d.together(t), func(m *Ticket) bool { return !slices.Contains(asking, m) })
}

// Wants reports whether a place of today is earlier than what a ticket on
// standby has, and can be reached before it is over.
func (s *State) Wants(t *Ticket, p Place, now time.Time) bool {
	if t.Standby == nil || t.Status != Booked || t.Released || !now.Add(t.Standby.reach()).Before(p.End) {
		return false
	}
	if t.Slot == nil {
		return t.Date == s.Today(now)
	}
	return t.Slot.Start.After(p.Start)
}

// StandingBy are those who would take an earlier place, in the order in which
// they asked; only those of which which is true, unless it is nil.
func (s *State) StandingBy(which func(*Ticket) bool) []*Ticket {
	var all []*Ticket
	for id := range s.standby {
		if t := s.Tickets[id]; which == nil || which(t) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *Ticket) int {
		return cmp.Or(a.Standby.Since.Compare(b.Standby.Since), cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID))
	})
	return all
}

func (b *Standby) reach() time.Duration { return time.Duration(b.Minutes) * time.Minute }

// measured is how many services of a stage must have been timed before its
// pace says anything.
const measured = 5

// Spare is how many more visits of the service the day can still serve:
//
//	open counters × working time until the last closing ÷ measured time of a visit
//	− everybody who waits, is at a counter, or is still expected today
//
// Of those who lost their place as many are expected as usually come late. It
// bounds how many places are promised twice. Before counters are open and the
// service has been measured nothing is known: ok is false.
func (s *State) Spare(service *Service, now time.Time) (visits int, ok bool) {
	today := s.Today(now)
	_, closes, opens := s.Config.Calendar().Bounds(today)
	var visit time.Duration
	for _, stage := range service.Stages {
		pace := s.Paces[service.ID+"/"+stage]
		if pace.Count < measured {
			return 0, false
		}
		visit += pace.Mean
	}
	counters, promised := 0, s.coming[today]-s.overdue[today]+s.lateComers(today)
	for _, k := range s.Counters {
		if k.State == Open {
			counters++
		}
		promised += len(k.Tickets)
	}
	for _, all := range s.waiting {
		promised += len(all)
	}
	if !opens || counters == 0 || visit <= 0 {
		return 0, false
	}
	left := s.Config.Calendar().Worked(now, closes, s.Pauses())
	return int(time.Duration(counters)*left/visit) - promised, true
}

// presumed is of how many late people the office has an opinion before it has
// seen any: half of them come.
const presumed = 10

// lateComers is how many of those who lost their place today are still
// expected, by the share of those who came of all whose tickets are kept.
func (s *State) lateComers(today calendar.Date) int {
	of := s.tardy.came + s.tardy.gone + presumed
	return (s.overdue[today]*(s.tardy.came+presumed/2) + of - 1) / of
}
