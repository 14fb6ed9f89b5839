package queue

import (
	"slices"
	"time"

	"antrean/internal/calendar"
)

// Reschedule moves one booked ticket to another place. A member of a family
// leaves it by that: the others stay where they are. Another hour of the same
// day keeps the number; another day gives another.
type Reschedule struct {
	Ticket string
	Slot   time.Time // start; zero: the earliest that has room
	Luck   uint64    // drawn at random by whoever asks: when the place left behind returns
	Marks  []string  // of who asks: see barred.go
	// Special: the office is at fault, a supervisor says so. It is not counted,
	// has no deadline, and is for those as well whose place was released.
	Special bool
}

func (a Reschedule) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if err := d.mayReschedule(t); err != nil && (!a.Special || t.Status != Booked || t.Slot == nil) {
		return err
	}
	service, ok := d.Config.Service(t.Service)
	if !ok {
		return refuseField("service", "unknown_service")
	}
	place, err := d.choose(service, t.Lane, a.Slot, 1, a.Marks)
	if err != nil {
		return err
	}
	if place.Start.Equal(t.Slot.Start) && !t.Released {
		return refuse(WrongState, "same_slot")
	}
	move := d.moveTo(t, service, place, d.hold(t, a.Luck, a.Marks))
	move.Counted = !t.displaced() && !a.Special
	d.emit(&TicketsMoved{Why: Rescheduled, Moves: []Move{move}})
	d.offerPlaces()
	return nil
}

// mayReschedule refuses whom the rules no longer let choose another hour. Who
// lost theirs by the office's doing always may.
func (d *draft) mayReschedule(t *Ticket) error {
	rules := d.Config.Booking
	switch {
	case t.Status != Booked || t.Slot == nil:
		return refuse(WrongState, "not_booked")
	case t.Released:
		return refuse(TooLate, "place_released")
	case t.displaced():
		return nil
	case t.Reschedules >= *rules.Reschedules:
		return refuse(WrongState, "reschedules_used")
	case d.now.After(t.Slot.Start.Add(-rules.RescheduleUntil.D())):
		return refuse(TooLate, "reschedule_over")
	}
	return nil
}

// displaced reports whether the office took the ticket's hour away and its
// owner has not chosen another since.
func (t *Ticket) displaced() bool { return t.NewDay || !t.MovedFrom.IsZero() }

// MayReschedule reports whether the rules let the ticket choose another hour.
func (s *State) MayReschedule(t *Ticket, now time.Time) bool {
	return (&draft{State: s, now: now}).mayReschedule(t) == nil
}

// moveTo is the ticket's way to a place that is free: its number changes with
// the day.
func (d *draft) moveTo(t *Ticket, service *Service, place Place, left *Hold) Move {
	date, seq := d.Today(place.Start), t.Seq
	if date != t.Date {
		seq = d.bookedNumbers(service, date, place.Start, 1, nil)[0]
	}
	m := d.move(t, place, seq)
	m.PickupFrom, m.Hold = d.pickup(service, date), left
	return m
}

// move is the ticket's way to a place under a number.
func (d *draft) move(t *Ticket, place Place, seq int) Move {
	number := t.Number
	if date := d.Today(place.Start); date != t.Date {
		if service, ok := d.Config.Service(t.Service); ok {
			number = numberOf(service.Prefix, seq)
		}
	}
	return Move{
		Ticket: t.ID, Slot: calendar.Interval{Start: place.Start.UTC(), End: place.End.UTC()}, Date: d.Today(place.Start),
		Number: number, Seq: seq, Lane: t.Lane,
		ArriveBy: latest(place.Start.UTC(), d.now).Add(d.Config.NoShow.CheckInGrace.D()), Placed: d.now,
	}
}

// hold keeps the place that a ticket leaves on a future day taken for a while,
// so that nobody can cancel and book it again under another name. Today's
// places, and those of a day that takes nobody, are free at once: nil.
func (d *draft) hold(t *Ticket, luck uint64, marks []string) *Hold {
	if t.Status != Booked || !t.HoldsPlace() || t.Date <= d.Today(d.now) || d.shut(t.Date) {
		return nil
	}
	window := d.Config.NoShow.FutureReleaseDelay
	spread := max(0, window.Max.D()-window.Min.D()).Milliseconds() + 1
	delay := window.Min.D() + time.Duration(luck%uint64(spread))*time.Millisecond
	h := &Hold{Service: t.Service, Start: t.Slot.Start, Until: d.now.Add(delay), Marks: marks}
	if len(marks) > 0 {
		h.Barred = d.now.Add(max(delay, window.Max.D()))
	}
	return h
}

// returned are the held places whose time is over. A ticket whose officer may
// still take the last act back waits that minute: undoing restores it as it was.
func (d *draft) returned(t *Ticket, all []PlaceReturned) []PlaceReturned {
	if len(t.Holds) > 0 && d.undoable(t) {
		return all
	}
	for _, h := range t.Holds {
		barred := h.Barred.After(d.now)
		if !h.Until.After(d.now) && !(h.Back && barred) {
			all = append(all, PlaceReturned{Ticket: t.ID, Start: h.Start, Until: h.Until, Barred: barred})
		}
	}
	return all
}

func (d *draft) undoable(t *Ticket) bool {
	for _, k := range d.Counters {
		if k.Last != nil && d.now.Sub(k.Last.At) <= d.Config.Calling.UndoWithin.D() &&
			slices.ContainsFunc(k.Last.Tickets, func(was *Ticket) bool { return was.ID == t.ID }) {
			return true
		}
	}
	return false
}
