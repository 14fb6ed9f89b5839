package queue

// What only the front desk does for people: putting a family together,
// correcting what was typed, handing a passport over.

// JoinParty lets a ticket go with another one's family, or makes the two a
// family: from then on they are called together, and the priority of one is
// everybody's.
type JoinParty struct {
	Ticket string
	With   string // any of the family, a ticket id
}

func (a JoinParty) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	with := d.Tickets[a.With]
	if with == nil {
		return refuseField("with", "ticket")
	}
	family := d.Party(with)
	switch {
	case t.ID == with.ID, t.Party != "" && t.Party == with.Party:
		return refuseField("with", "same_family")
	case len(d.Party(t)) > 1:
		return refuse(WrongState, "in_family")
	case !t.mayJoin() || !with.mayJoin():
		return refuse(WrongState, "cannot_join")
	case t.Date != with.Date:
		return refuseField("with", "other_day")
	case len(family) >= d.Config.Booking.PartyMax:
		return refuseField("with", "party_size")
	}
	joined := &PartyJoined{Party: with.Party, Tickets: []string{t.ID}}
	if with.Party == "" {
		// A name of its own: the id of a ticket may still be that of a family
		// which it has left.
		joined.Party, joined.Tickets = d.callID(), []string{with.ID, t.ID}
	}
	d.emit(joined)
	priority := false
	for _, m := range d.Party(d.Tickets[t.ID]) {
		priority = priority || m.Lane == Priority && !m.Status.Ended()
	}
	for _, m := range d.Party(d.Tickets[t.ID]) {
		if priority && m.Lane != Priority && m.mayJoin() {
			raised := &TicketAmended{Ticket: m.ID, Lane: Priority, Note: "assistance"}
			if !m.Since.IsZero() {
				raised.Due = d.due(m.Since, Priority)
			}
			d.emit(raised)
		}
	}
	return nil
}

func (t *Ticket) mayJoin() bool {
	return !t.Status.Ended() && t.Status != Called && t.Status != Serving
}

// CorrectPerson says that what is known about a ticket's person was corrected,
// and which fields; what they hold is nobody's to read here.
type CorrectPerson struct {
	Ticket string
	Fields []string // "name", "phone", "email"
}

func (a CorrectPerson) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	switch {
	case !t.Erased.IsZero():
		return refuse(WrongState, "person_erased")
	case len(a.Fields) == 0:
		return refuse(WrongState, "nothing_to_amend")
	}
	d.emit(&PersonCorrected{Ticket: t.ID, Fields: a.Fields})
	return nil
}

// Collect says that the passport was handed over.
type Collect struct{ Ticket string }

func (a Collect) decide(d *draft) error {
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if t.Status != Done {
		return refuse(WrongState, "not_done")
	}
	if !t.Collected.IsZero() {
		return refuse(WrongState, "collected")
	}
	d.emit(&TicketCollected{Ticket: t.ID})
	return nil
}

// PartyJoined puts tickets into a party.
type PartyJoined struct {
	Party   string   `json:"party"`
	Tickets []string `json:"tickets"`
}

func (*PartyJoined) kind() string { return "party_joined" }

func (f *PartyJoined) apply(s *State, _ *Event) {
	for _, id := range f.Tickets {
		s.change(id, func(t *Ticket) { t.Party = f.Party })
	}
}

// PersonCorrected says that the sealed record of a ticket's person was changed.
type PersonCorrected struct {
	Ticket string   `json:"ticket"`
	Fields []string `json:"fields"`
}

func (*PersonCorrected) kind() string { return "person_corrected" }

func (f *PersonCorrected) apply(s *State, e *Event) {
	s.change(f.Ticket, func(t *Ticket) { t.Corrected = e.At })
}

// TicketCollected says that the passport was handed over.
type TicketCollected struct {
	Ticket string `json:"ticket"`
}

func (*TicketCollected) kind() string { return "ticket_collected" }

func (f *TicketCollected) apply(s *State, e *Event) {
	s.change(f.Ticket, func(t *Ticket) { t.Collected = e.At })
}
