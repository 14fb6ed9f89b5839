package queue

// What was done with personal data, as the log names it.
const (
	DataShown    = "shown"    // looked at
	DataReported = "reported" // written out, to be handed over
	DataListed   = "listed"   // listed, to tell people of a breach
	DataFound    = "found"    // seen at the desk, by whoever looked for them
)

// LookAtPeople writes down that personal data leave the vault: who, what for
// and of which tickets, and nothing of the data. A list of many names none.
type LookAtPeople struct {
	What    string // DataShown, DataReported, DataListed or DataFound
	Tickets []string
	Count   int // people listed
}

func (a LookAtPeople) decide(d *draft) error {
	d.emit(&PeopleLookedAt{What: a.What, Tickets: a.Tickets, Count: a.Count})
	return nil
}

// ErasePeople says that what was known about the people of tickets is erased.
// Nobody who is still expected or in the hall is forgotten. Their identities are
// free from then on, so the tickets come back no more; ids without a ticket, of
// bookings under way and of tickets that have left the office, are fenced too.
type ErasePeople struct{ Tickets []string }

func (a ErasePeople) decide(d *draft) error {
	var erased, fenced []string
	for _, id := range a.Tickets {
		t := d.Tickets[id]
		if t != nil && !t.Erased.IsZero() {
			continue
		}
		if t != nil && !t.Status.Ended() {
			return refuse(WrongState, "ticket_active")
		}
		erased = append(erased, id)
		if !d.Fenced(id) && (t == nil || d.mayComeBack(t)) {
			fenced = append(fenced, id)
		}
	}
	if len(erased) > 0 {
		d.emit(&PeopleErased{Tickets: erased})
	}
	for _, id := range fenced {
		d.emit(&TicketVoided{Ticket: id})
	}
	return nil
}

// PeopleLookedAt is the record of a look into the vault.
type PeopleLookedAt struct {
	What    string   `json:"what"`
	Tickets []string `json:"tickets,omitempty"`
	Count   int      `json:"count,omitempty"`
}

func (*PeopleLookedAt) kind() string { return "people_looked_at" }

func (*PeopleLookedAt) apply(*State, *Event) {}

// PeopleErased says that nobody can tell any more whose tickets these were.
type PeopleErased struct {
	Tickets []string `json:"tickets"`
}

func (*PeopleErased) kind() string { return "people_erased" }

func (f *PeopleErased) apply(s *State, e *Event) {
	for _, id := range f.Tickets {
		s.change(id, func(t *Ticket) { t.Erased = e.At })
	}
}
