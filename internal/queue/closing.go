package queue

import (
	"cmp"
	"slices"
	"strings"

	"antrean/internal/calendar"
)

// CloseDay shuts the doors of a day: no new numbers or places. Who is in the
// hall is served. Who is booked and has not come is moved to the next places
// that are free, or asked to choose another hour; neither counts as a
// reschedule.
type CloseDay struct {
	Date calendar.Date
	Why  string
	Move bool // else people choose
}

func (a CloseDay) decide(d *draft) error {
	if err := d.date(a.Date); err != nil {
		return err
	}
	if d.shut(a.Date) {
		return refuse(WrongState, "day_closed")
	}
	if a.Why == "" {
		a.Why = "closed"
	}
	d.emit(&DoorsClosed{Date: a.Date, Why: a.Why})
	if a.Date < d.Today(d.now) {
		return nil
	}
	moved, asked := &TicketsMoved{Why: DayClosed}, &NewDayAsked{}
	taken := claimed{places: map[placeKey]int{}, numbers: map[numberKey]bool{}}
	for _, party := range d.losers(a.Date) {
		moves, ok := []Move(nil), false
		if a.Move {
			moves, ok = d.moveTogether(party, a.Date.AddDays(1), taken)
		}
		if moved.Moves = append(moved.Moves, moves...); !ok {
			asked.Tickets = append(asked.Tickets, ids(party)...)
		}
	}
	if len(moved.Moves) > 0 {
		d.emit(moved)
	}
	if len(asked.Tickets) > 0 {
		d.emit(asked)
	}
	return nil
}

// losers are those who are booked on a date and have not come, in the order of
// their hours and numbers, families together.
func (d *draft) losers(date calendar.Date) [][]*Ticket {
	type family struct {
		party, service string
		start          int64
	}
	var all []*Ticket
	for _, t := range d.Tickets {
		if t.Date == date && t.Status == Booked && t.Slot != nil && !t.Released {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *Ticket) int {
		return cmp.Or(a.Slot.Start.Compare(b.Slot.Start), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID))
	})
	var parties [][]*Ticket
	at := map[family]int{}
	for _, t := range all {
		f := family{cmp.Or(t.Party, t.ID), t.Service, t.Slot.Start.Unix()}
		i, found := at[f]
		if !found {
			i = len(parties)
			at[f] = i
			parties = append(parties, nil)
		}
		parties[i] = append(parties[i], t)
	}
	return parties
}

// claimed is what a decision has given away and not yet told the state.
type claimed struct {
	places  map[placeKey]int
	numbers map[numberKey]bool
}

// moveTogether finds the first slot from a date on that has room for all.
func (d *draft) moveTogether(party []*Ticket, from calendar.Date, taken claimed) ([]Move, bool) {
	service, ok := d.Config.Service(party[0].Service)
	if !ok {
		return nil, false
	}
	lane := Priority
	if slices.ContainsFunc(party, func(t *Ticket) bool { return t.Lane != Priority }) {
		lane = Appointment
	}
	for date := from; date <= d.LastBookable(d.now); date = date.AddDays(1) {
		for _, p := range d.Places(service, date, d.now) {
			k := placeKey{service: service.ID, start: p.Start.Unix()}
			if p.FreeFor(lane)-taken.places[k] < len(party) {
				continue
			}
			taken.places[k] += len(party)
			numbers := d.bookedNumbers(service, date, p.Start, len(party), taken.numbers)
			moves := make([]Move, len(party))
			for i, t := range party {
				m := d.move(t, p, numbers[i])
				m.PickupFrom, m.Party, m.From = d.pickup(service, date), t.Party, t.Slot.Start
				moves[i] = m
				taken.numbers[numberKey{date, service.Prefix, m.Seq}] = true
			}
			return moves, true
		}
	}
	return nil, false
}

// dayHappens takes back that people were asked to choose another day: theirs takes
// place after all.
func (d *draft) dayHappens(date calendar.Date) {
	settled := &NewDayAsked{Settled: true}
	for id, t := range d.Tickets {
		if t.Date == date && t.NewDay && t.Status == Booked {
			settled.Tickets = append(settled.Tickets, id)
		}
	}
	slices.Sort(settled.Tickets)
	if len(settled.Tickets) > 0 {
		d.emit(settled)
	}
}

// NewDayAsked says that the office took people's day away and that they may
// choose another; Settled: that it takes place after all.
type NewDayAsked struct {
	Tickets []string `json:"tickets"`
	Settled bool     `json:"settled,omitempty"`
}

func (*NewDayAsked) kind() string { return "new_day_asked" }

func (f *NewDayAsked) apply(s *State, _ *Event) {
	for _, id := range f.Tickets {
		s.change(id, func(t *Ticket) {
			t.NewDay = !f.Settled
			t.Offer = nil
		})
	}
}
