package queue

import (
	"slices"
	"time"
)

// CheckIn brings a booked ticket, and the family that comes with it, into the
// hall. Proof says that the applicant was seen at the office: by staff, by the
// kiosk, or by the code shown there.
type CheckIn struct {
	Ticket string
	Proof  bool
}

func (a CheckIn) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if t.Status != Booked {
		return refuse(WrongState, "not_booked")
	}
	if t.Slot == nil {
		return refuse(WrongState, "no_place")
	}
	switch today := d.Today(d.now); {
	case today < t.Date:
		return refuse(TooEarly, "another_day")
	case today > t.Date:
		return refuse(TooLate, "another_day")
	}
	if day := d.Days[t.Date]; day != nil && day.Ended {
		return refuse(TooLate, "day_ended")
	}
	if d.Config.NoShow.SelfCheckIn == "code" && d.cmd.By.Public && !a.Proof {
		return refuseField("place_code", "place_code_missing")
	}
	checkedIn := &TicketsCheckedIn{}
	for _, m := range d.Party(t) {
		if m.Status != Booked || m.Date != t.Date {
			continue
		}
		lane, since := m.Lane, d.now
		switch {
		case m.Released && lane != Priority:
			lane = Walkin // comes late: by arrival, never behind everybody
		case !m.Released && m.Slot != nil && m.Slot.Start.After(d.now):
			since = m.Slot.Start.UTC()
		}
		checkedIn.Arrivals = append(checkedIn.Arrivals, Arrival{Ticket: m.ID, Lane: lane, Since: since, Due: d.due(since, lane)})
	}
	d.emit(checkedIn)
	return nil
}

// UndoCheckIn takes back a check-in that was a mistake: another's code was scanned,
// or somebody else of the same name had come. It is for staff.
type UndoCheckIn struct{ Ticket string }

func (a UndoCheckIn) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if !d.MayUndoCheckIn(t, d.now) {
		return refuse(WrongState, "not_just_checked_in")
	}
	undone := &CheckInUndone{Ticket: t.ID, Lane: t.Lane}
	if t.Lane == Walkin {
		undone.Lane = Appointment // who came late was put there by the check-in
	}
	d.emit(undone)
	return nil
}

// MayUndoCheckIn reports whether a booked ticket has done nothing but come: it
// waits for its first call, on a day that goes on.
func (s *State) MayUndoCheckIn(t *Ticket, now time.Time) bool {
	return t.Status == Waiting && t.Slot != nil && t.Date == s.Today(now) && !s.shut(t.Date) &&
		t.Stage == t.Route[0] && t.CalledAt.IsZero() && t.Absences == 0 && t.Why == "" && !t.Deferred
}

// Confirm says that the applicant means to come.
type Confirm struct{ Ticket string }

func (a Confirm) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if t.Status != Booked {
		return refuse(WrongState, "not_booked")
	}
	if !t.Confirmed { // the log does not grow by pressing again
		d.emit(&TicketConfirmed{Ticket: t.ID})
	}
	return nil
}

// Cancel gives a place or a number back.
type Cancel struct {
	Ticket string
	Luck   uint64 // drawn at random by whoever asks: when a future day's place returns
	Marks  []string
}

func (a Cancel) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if t.Status != Booked && t.Status != Waiting && t.Status != Parked {
		return refuse(WrongState, "cannot_cancel")
	}
	d.emit(&TicketCancelled{Ticket: t.ID, Hold: d.hold(t, a.Luck, a.Marks)})
	d.offerPlaces()
	return nil
}

// Return brings back who was parked, with their seniority, or who was missed,
// by arrival and on the same day.
type Return struct{ Ticket string }

func (a Return) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	back := Arrival{Ticket: t.ID, Lane: t.Lane, Since: t.Since, Due: t.Due}
	switch t.Status {
	case Parked:
	case NoShow:
		if d.Today(d.now) != t.Date {
			return refuse(TooLate, "another_day")
		}
		if day := d.Days[t.Date]; day != nil && day.Ended {
			return refuse(TooLate, "day_ended")
		}
		if d.Fenced(t.ID) {
			return refuse(AlreadyBooked, "booked_again")
		}
		if back.Lane != Priority {
			back.Lane = Walkin
		}
		back.Since, back.Due = d.now, d.due(d.now, back.Lane)
	default:
		return refuse(WrongState, "not_away")
	}
	d.emit(&TicketReturned{back})
	return nil
}

// Amend corrects a ticket's service or priority. A priority given to one of a
// family is the family's. The reason is recorded as one of Notes.
type Amend struct {
	Ticket   string
	Service  string
	Priority *bool
	Reason   string
}

func (a Amend) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if t.Status.Ended() || t.Status == Called {
		return refuse(WrongState, "cannot_amend")
	}
	if a.Reason == "" || len([]rune(a.Reason)) > 200 {
		return refuseField("reason", "reason_length")
	}
	if a.Service == "" && a.Priority == nil {
		return refuseField("service", "nothing_to_amend")
	}
	if a.Service != "" {
		service, ok := d.Config.Service(a.Service)
		if !ok {
			return refuseField("service", "unknown_service")
		}
		stage := service.Stages[0]
		if slices.Contains(service.Stages, t.Stage) {
			stage = t.Stage
		} else if t.Status == Serving {
			return refuse(WrongState, "cannot_amend") // who is served stands at a stage of the old service
		}
		if t.Status == Booked && t.HoldsPlace() && service.ID != t.Service && !d.hasRoom(service, t) {
			return refuse(SlotFull, "slot_full")
		}
		d.emit(&TicketAmended{Ticket: t.ID, Service: service.ID, Route: service.Stages, Stage: stage, Note: NoteOf(a.Reason)})
	}
	if a.Priority == nil {
		return nil
	}
	for _, m := range d.Party(t) {
		if m.Status.Ended() || m.Status == Called {
			continue
		}
		lane := Walkin
		switch {
		case *a.Priority == (m.Lane == Priority):
			continue
		case *a.Priority:
			lane = Priority
		case m.Slot != nil && !m.Released:
			lane = Appointment
		}
		amended := &TicketAmended{Ticket: m.ID, Lane: lane, Note: NoteOf(a.Reason)}
		if !m.Since.IsZero() {
			amended.Due = d.due(m.Since, lane)
		}
		d.emit(amended)
	}
	if len(d.events) == 0 {
		return refuse(WrongState, "nothing_to_amend")
	}
	return nil
}

// hasRoom reports whether the service has a free place in the ticket's slot.
func (d *draft) hasRoom(service *Service, t *Ticket) bool {
	for _, p := range d.Places(service, t.Date, d.now) {
		if p.Start.Equal(t.Slot.Start) {
			return p.FreeFor(t.Lane) > 0
		}
	}
	return false
}

// SplitParty lets a ticket go its own way.
type SplitParty struct{ Ticket string }

func (a SplitParty) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if t.Party == "" || t.Status == Called || t.Status == Serving {
		return refuse(WrongState, "cannot_split")
	}
	d.emit(&PartySplit{Ticket: t.ID})
	return nil
}

// ReissueLink kills the ticket's link and makes another.
type ReissueLink struct{ Ticket string }

func (a ReissueLink) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	d.emit(&LinkReissued{Ticket: t.ID, Link: t.Link + 1})
	return nil
}

// Ready says that the passport can be picked up.
type Ready struct{ Ticket string }

func (a Ready) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if t.Status != Done || !t.Ready.IsZero() {
		return refuse(WrongState, "not_done")
	}
	d.emit(&TicketReady{Ticket: t.ID})
	return nil
}
