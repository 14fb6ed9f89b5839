package queue

import (
	"slices"
	"time"

	"antrean/internal/calendar"
)

// Book takes places in a slot: one ticket a person, all or none.
type Book struct {
	Service  string
	Slot     time.Time // start; zero: the earliest that has room
	IDs      []string  // of the tickets to be, one a person
	Priority bool
	Locale   string
	// Standby is within how many minutes these people could come, all of them,
	// for an earlier hour; 0: they want none.
	Standby int
	Marks   []string // of who asks: see barred.go
	Notice  string   // version of the privacy notice that they read; "": none was shown
}

func (a Book) decide(d *draft) error {
	service, ok := d.Config.Service(a.Service)
	if !ok {
		return refuseField("service", "unknown_service")
	}
	if service.SlotCapacity.IsZero() {
		return refuseField("service", "not_booked")
	}
	if n := len(a.IDs); n < 1 || n > d.Config.Booking.PartyMax {
		return refuseField("people", "party_size")
	}
	for i, id := range a.IDs {
		if err := d.fresh(id); err != nil {
			return err
		}
		if slices.Contains(a.IDs[:i], id) {
			return refuse(WrongState, "ticket_exists")
		}
	}
	if a.Notice != "" && a.Notice != d.Config.NoticeVersion() {
		return refuse(WrongState, "notice_changed")
	}
	lane := Appointment
	if a.Priority {
		lane = Priority
	}
	place, err := d.choose(service, lane, a.Slot, len(a.IDs), a.Marks)
	if err != nil {
		return err
	}
	date := d.Today(place.Start)
	party := ""
	if len(a.IDs) > 1 {
		party = a.IDs[0]
	}
	held := latest(place.Start.UTC(), d.now)
	booked := &TicketsBooked{}
	numbers := d.bookedNumbers(service, date, place.Start, len(a.IDs), nil)
	for i, id := range a.IDs {
		n := numbers[i]
		booked.Tickets = append(booked.Tickets, &Ticket{
			ID: id, Number: numberOf(service.Prefix, n), Seq: n, Service: service.ID,
			Route: service.Stages, Stage: service.Stages[0], Status: Booked, Lane: lane, Date: date,
			Party: party, Locale: a.Locale, Notice: a.Notice, Made: d.now, Fee: service.Fee,
			Slot:       &calendar.Interval{Start: place.Start.UTC(), End: place.End.UTC()},
			ArriveBy:   held.Add(d.Config.NoShow.CheckInGrace.D()),
			PaymentDue: d.now.Add(d.Config.Booking.PaymentWithin.D()),
			PickupFrom: d.pickup(service, date),
		})
	}
	if a.Standby > 0 {
		for _, t := range booked.Tickets {
			t.Standby = &Standby{Minutes: a.Standby, Since: d.now}
		}
	}
	d.emit(booked)
	if a.Standby > 0 {
		d.offerPlaces()
	}
	return nil
}

// fresh refuses an id that no ticket may have (any more).
func (d *draft) fresh(id string) error {
	if id == "" {
		return refuse(Invalid, "ticket_id_missing")
	}
	if d.Tickets[id] != nil || d.Fenced(id) {
		return refuse(WrongState, "ticket_exists")
	}
	return nil
}

// choose finds the place that a booking asks for.
func (d *draft) choose(service *Service, lane Lane, start time.Time, people int, marks []string) (Place, error) {
	if start.IsZero() {
		if p, ok := d.EarliestPlaceFor(marks, lane, service, d.Today(d.now), people, d.now); ok {
			return p, nil
		}
		return Place{}, refuse(SlotFull, "nothing_free")
	}
	date := d.Today(start)
	switch {
	case date > d.LastBookable(d.now):
		return Place{}, refuse(TooEarly, "beyond_horizon")
	case date < d.Today(d.now):
		return Place{}, refuse(TooLate, "slot_over")
	}
	for _, p := range d.PlacesFor(marks, service, date, d.now) {
		if p.Start.Equal(start) {
			if p.FreeFor(lane) < people {
				return Place{}, refuse(SlotFull, "slot_full")
			}
			return p, nil
		}
	}
	for _, s := range d.Config.Calendar().Slots(date, d.Config.Booking.Slot.D()) {
		if s.Start.Equal(start) {
			if d.shut(date) {
				return Place{}, refuse(OutsideHours, "day_closed")
			}
			return Place{}, refuse(TooLate, "slot_over")
		}
	}
	return Place{}, refuse(OutsideHours, "no_such_slot")
}

func (s *State) pickup(service *Service, date calendar.Date) calendar.Date {
	if service.PickupAfter == 0 {
		return ""
	}
	return s.Config.Calendar().WorkingDay(date, int(service.PickupAfter))
}

// Issue gives a number at the door.
type Issue struct {
	ID       string
	Service  string
	Priority bool
	Locale   string
	// Reason is why it is given priority, where somebody has had a look; it is
	// recorded as one of Notes.
	Reason string
	// Standby takes a number also when none are left: it has no place, and is
	// offered one that somebody else gives back today.
	Standby bool
}

func (a Issue) decide(d *draft) error {
	service, ok := d.Config.Service(a.Service)
	if !ok {
		return refuseField("service", "unknown_service")
	}
	if err := d.fresh(a.ID); err != nil {
		return err
	}
	if len([]rune(a.Reason)) > 200 {
		return refuseField("reason", "reason_length")
	}
	today := d.Today(d.now)
	if !d.Config.Calendar().DoorsOpen(d.now) {
		return refuse(OutsideHours, "doors_closed")
	}
	if d.shut(today) {
		return refuse(OutsideHours, "day_closed")
	}
	limit, limited := d.DoorLimit(service, today)
	full := limited && d.DoorGiven(service, today) >= limit
	if full && (!a.Standby || service.SlotCapacity.IsZero()) {
		return refuse(SlotFull, "walkins_full")
	}
	lane := Walkin
	if a.Priority {
		lane = Priority
	}
	n := d.doorNumber(service, today)
	t := &Ticket{
		ID: a.ID, Number: numberOf(service.Prefix, n), Seq: n, Service: service.ID,
		Route: service.Stages, Stage: service.Stages[0], Status: Waiting, Lane: lane, Date: today,
		Locale: a.Locale, Made: d.now, Arrived: d.now, Since: d.now, Due: d.due(d.now, lane),
		Fee: service.Fee, PickupFrom: d.pickup(service, today),
	}
	if full {
		t.Status, t.Standby = Booked, &Standby{Since: d.now}
		t.Arrived, t.Since, t.Due = time.Time{}, time.Time{}, time.Time{}
	}
	issued := &TicketIssued{Ticket: t}
	if a.Priority && a.Reason != "" {
		issued.Note = NoteOf(a.Reason)
	}
	d.emit(issued)
	if full {
		d.offerPlaces()
	}
	return nil
}

func (s *State) due(since time.Time, lane Lane) time.Time {
	return since.Add(s.Config.Calling.offset(lane))
}
