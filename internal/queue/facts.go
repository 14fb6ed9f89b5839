package queue

import (
	"errors"
	"time"

	"antrean/internal/calendar"
)

// blanks makes an empty fact of each kind.
var blanks = map[string]func() Fact{
	"office_configured":  func() Fact { return &OfficeConfigured{} },
	"epoch_began":        func() Fact { return &EpochBegan{} },
	"tickets_booked":     func() Fact { return &TicketsBooked{} },
	"ticket_issued":      func() Fact { return &TicketIssued{} },
	"ticket_confirmed":   func() Fact { return &TicketConfirmed{} },
	"tickets_checked_in": func() Fact { return &TicketsCheckedIn{} },
	"tickets_called":     func() Fact { return &TicketsCalled{} },
	"tickets_recalled":   func() Fact { return &TicketsRecalled{} },
	"serving_began":      func() Fact { return &ServingBegan{} },
	"tickets_completed":  func() Fact { return &TicketsCompleted{} },
	"tickets_missed":     func() Fact { return &TicketsMissed{} },
	"tickets_parked":     func() Fact { return &TicketsParked{} },
	"check_in_undone":    func() Fact { return &CheckInUndone{} },
	"ticket_returned":    func() Fact { return &TicketReturned{} },
	"act_undone":         func() Fact { return &ActUndone{} },
	"ticket_cancelled":   func() Fact { return &TicketCancelled{} },
	"places_released":    func() Fact { return &PlacesReleased{} },
	"ticket_amended":     func() Fact { return &TicketAmended{} },
	"party_split":        func() Fact { return &PartySplit{} },
	"link_reissued":      func() Fact { return &LinkReissued{} },
	"ticket_ready":       func() Fact { return &TicketReady{} },
	"ticket_voided":      func() Fact { return &TicketVoided{} },
	"voids_aged":         func() Fact { return &VoidsAged{} },
	"tickets_forgotten":  func() Fact { return &TicketsForgotten{} },
	"counter_changed":    func() Fact { return &CounterChanged{} },
	"day_started":        func() Fact { return &DayStarted{} },
	"doors_closed":       func() Fact { return &DoorsClosed{} },
	"day_ended":          func() Fact { return &DayEnded{} },
	"day_reopened":       func() Fact { return &DayReopened{} },
	"capacity_set":       func() Fact { return &CapacitySet{} },
	"walkins_set":        func() Fact { return &WalkinsSet{} },
	"office_suspended":   func() Fact { return &OfficeSuspended{} },
	"office_resumed":     func() Fact { return &OfficeResumed{} },
	"notices_set":        func() Fact { return &NoticesSet{} },
	"notices_written":    func() Fact { return &NoticesSet{} },
	"sound_muted":        func() Fact { return &SoundMuted{} },
	"tickets_moved":      func() Fact { return &TicketsMoved{} },
	"places_returned":    func() Fact { return &PlacesReturned{} },
	"standby_changed":    func() Fact { return &StandbyChanged{} },
	"places_offered":     func() Fact { return &PlacesOffered{} },
	"offers_lapsed":      func() Fact { return &OffersLapsed{} },
	"tickets_deferred":   func() Fact { return &TicketsDeferred{} },
	"help_asked":         func() Fact { return &HelpAsked{} },
	"help_ended":         func() Fact { return &HelpEnded{} },
	"new_day_asked":      func() Fact { return &NewDayAsked{} },
	"people_looked_at":   func() Fact { return &PeopleLookedAt{} },
	"people_erased":      func() Fact { return &PeopleErased{} },
	"party_joined":       func() Fact { return &PartyJoined{} },
	"person_corrected":   func() Fact { return &PersonCorrected{} },
	"ticket_collected":   func() Fact { return &TicketCollected{} },
}

// change replaces a ticket by a changed copy. Unknown ids are passed over.
func (s *State) change(id string, how func(t *Ticket)) {
	old := s.Tickets[id]
	if old == nil {
		return
	}
	t := *old
	how(&t)
	t.Version = s.Version
	s.put(&t)
}

// add brings a ticket that a fact carries into the state.
func (s *State) add(given *Ticket) {
	t := *given
	t.Version = s.Version
	s.put(&t)
}

// OfficeConfigured replaces the configuration; the first one makes the office.
type OfficeConfigured struct {
	Config *Config `json:"config"`
	// Before is the version of the event that brought the configuration that this
	// one replaces; 0: the first, or of a release that did not note it.
	Before uint64 `json:"before,omitempty"`
}

func (*OfficeConfigured) kind() string { return "office_configured" }

func (f *OfficeConfigured) check() error {
	if f.Config == nil {
		return errors.New("config is missing")
	}
	return f.Config.revive()
}

func (f *OfficeConfigured) apply(s *State, _ *Event) {
	assign(s, &s.Config, f.Config)
	assign(s, &s.ConfigVersion, s.Version)
}

// EpochBegan says that what clients saw before may not be part of this log.
type EpochBegan struct {
	Epoch string `json:"epoch"`
	Why   string `json:"why,omitempty"`
}

func (*EpochBegan) kind() string { return "epoch_began" }

func (f *EpochBegan) apply(s *State, e *Event) {
	assign(s, &s.Epoch, f.Epoch)
	assign(s, &s.EpochAt, e.At)
}

// TicketsBooked holds the places of one booking, one ticket a person.
type TicketsBooked struct {
	Tickets []*Ticket `json:"tickets"`
}

func (*TicketsBooked) kind() string { return "tickets_booked" }

func (f *TicketsBooked) check() error { return checkTickets(f.Tickets...) }

func (f *TicketsBooked) apply(s *State, _ *Event) {
	for _, t := range f.Tickets {
		s.add(t)
	}
}

// TicketIssued is a number taken at the door. Its Seq moves the sequence of
// its day and prefix.
type TicketIssued struct {
	Ticket *Ticket `json:"ticket"`
	Note   string  `json:"note,omitempty"` // one of Notes: why it was given priority
}

func (*TicketIssued) kind() string { return "ticket_issued" }

func (f *TicketIssued) check() error { return checkTickets(f.Ticket) }

func (f *TicketIssued) apply(s *State, _ *Event) {
	s.add(f.Ticket)
	k := f.Ticket.numberKey()
	if key := sequenceKey(k.date, k.prefix); s.Sequence[key] < k.n {
		set(s, s.Sequence, key, k.n)
	}
}

func sequenceKey(date calendar.Date, prefix string) string { return string(date) + "/" + prefix }

func checkTickets(all ...*Ticket) error {
	for _, t := range all {
		if t == nil || t.ID == "" || t.Number == "" || t.Status == "" || !t.Date.Valid() {
			return errors.New("a ticket lacks its id, number, status or date")
		}
	}
	return nil
}

// TicketConfirmed says that the applicant means to come.
type TicketConfirmed struct {
	Ticket string `json:"ticket"`
}

func (*TicketConfirmed) kind() string { return "ticket_confirmed" }

func (f *TicketConfirmed) apply(s *State, _ *Event) {
	s.change(f.Ticket, func(t *Ticket) { t.Confirmed = true })
}

// Arrival is when and how a ticket joins the waiting.
type Arrival struct {
	Ticket string    `json:"ticket"`
	Lane   Lane      `json:"lane"`
	Since  time.Time `json:"since"`
	Due    time.Time `json:"due"`
}

// TicketsCheckedIn brings booked people into the hall.
type TicketsCheckedIn struct {
	Arrivals []Arrival `json:"arrivals"`
}

func (*TicketsCheckedIn) kind() string { return "tickets_checked_in" }

func (f *TicketsCheckedIn) apply(s *State, e *Event) {
	for _, a := range f.Arrivals {
		s.change(a.Ticket, func(t *Ticket) {
			t.Status, t.Lane, t.Arrived, t.Since, t.Due = Waiting, a.Lane, e.At, a.Since, a.Due
			t.endStandby()
		})
	}
}

// CheckInUndone lets a ticket be expected again, in the lane that it was booked for.
type CheckInUndone struct {
	Ticket string `json:"ticket"`
	Lane   Lane   `json:"lane"`
}

func (*CheckInUndone) kind() string { return "check_in_undone" }

func (f *CheckInUndone) apply(s *State, _ *Event) {
	s.change(f.Ticket, func(t *Ticket) {
		t.Status, t.Lane = Booked, f.Lane
		t.Arrived, t.Since, t.Due, t.Help = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	})
}

// TicketReturned brings back who was parked or missed.
type TicketReturned struct {
	Arrival
}

func (*TicketReturned) kind() string { return "ticket_returned" }

func (f *TicketReturned) apply(s *State, e *Event) {
	s.change(f.Ticket, func(t *Ticket) {
		if t.Status == NoShow {
			t.Arrived, t.Absences = e.At, 0
		}
		t.Status, t.Lane, t.Since, t.Due = Waiting, f.Lane, f.Since, f.Due
		t.NotBefore, t.Ended = time.Time{}, time.Time{}
	})
}

// TicketCancelled gives the place back, a future day's after a while.
type TicketCancelled struct {
	Ticket string `json:"ticket"`
	Hold   *Hold  `json:"hold,omitempty"`
}

func (*TicketCancelled) kind() string { return "ticket_cancelled" }

func (f *TicketCancelled) apply(s *State, e *Event) {
	s.change(f.Ticket, func(t *Ticket) {
		t.Status, t.Ended = Cancelled, e.At
		t.endStandby()
		t.keep(f.Hold)
	})
}

// PlacesReleased gives back the places of people who have not come in time.
type PlacesReleased struct {
	Tickets []string `json:"tickets"`
}

func (*PlacesReleased) kind() string { return "places_released" }

func (f *PlacesReleased) apply(s *State, _ *Event) {
	for _, id := range f.Tickets {
		s.change(id, func(t *Ticket) {
			t.Released = true
			t.endStandby()
		})
	}
}

// TicketAmended corrects a ticket. Route and Stage are given when the service
// changed; the number never does.
type TicketAmended struct {
	Ticket  string    `json:"ticket"`
	Service string    `json:"service,omitempty"`
	Route   []string  `json:"route,omitempty"`
	Stage   string    `json:"stage,omitempty"`
	Lane    Lane      `json:"lane,omitempty"`
	Due     time.Time `json:"due,omitzero"`
	Note    string    `json:"note,omitempty"` // one of Notes
}

func (*TicketAmended) kind() string { return "ticket_amended" }

func (f *TicketAmended) apply(s *State, _ *Event) {
	s.change(f.Ticket, func(t *Ticket) {
		if f.Service != "" {
			t.Service, t.Route, t.Stage, t.Offer, t.Kept = f.Service, f.Route, f.Stage, nil, false
		}
		if f.Lane != "" {
			t.Lane, t.Due = f.Lane, f.Due
		}
	})
}

// PartySplit takes a ticket out of its party.
type PartySplit struct {
	Ticket string `json:"ticket"`
}

func (*PartySplit) kind() string { return "party_split" }

func (f *PartySplit) apply(s *State, _ *Event) {
	s.change(f.Ticket, func(t *Ticket) { t.Party = "" })
}

// LinkReissued kills the ticket's older links.
type LinkReissued struct {
	Ticket string `json:"ticket"`
	Link   int    `json:"link"`
}

func (*LinkReissued) kind() string { return "link_reissued" }

func (f *LinkReissued) apply(s *State, _ *Event) {
	s.change(f.Ticket, func(t *Ticket) { t.Link = f.Link })
}

// TicketReady says that the passport can be picked up.
type TicketReady struct {
	Ticket string `json:"ticket"`
}

func (*TicketReady) kind() string { return "ticket_ready" }

func (f *TicketReady) apply(s *State, e *Event) {
	s.change(f.Ticket, func(t *Ticket) { t.Ready = e.At })
}

// TicketsForgotten removes tickets whose retention has passed.
type TicketsForgotten struct {
	Tickets []string `json:"tickets"`
}

func (*TicketsForgotten) kind() string { return "tickets_forgotten" }

func (f *TicketsForgotten) apply(s *State, _ *Event) {
	for _, id := range f.Tickets {
		s.drop(id)
	}
}
