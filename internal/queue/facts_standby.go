package queue

import (
	"time"

	"antrean/internal/calendar"
)

// Standby is that a ticket would take an earlier place.
type Standby struct {
	Minutes int       `json:"minutes"` // within which its owner can come; 0: is there
	Since   time.Time `json:"since"`   // when they asked: the order of offers
}

// Offer is a place of today that is kept for one ticket until it expires.
type Offer struct {
	Slot    calendar.Interval `json:"slot"`
	Date    calendar.Date     `json:"date"`
	Expires time.Time         `json:"expires"`
}

// StandbyChanged puts a ticket on standby, or takes it off.
type StandbyChanged struct {
	Ticket  string   `json:"ticket"`
	Standby *Standby `json:"standby,omitempty"`
}

func (*StandbyChanged) kind() string { return "standby_changed" }

func (f *StandbyChanged) apply(s *State, _ *Event) {
	s.change(f.Ticket, func(t *Ticket) {
		if t.Standby = f.Standby; t.Standby == nil {
			t.Offer = nil
		}
	})
}

// Offered is one ticket's offer.
type Offered struct {
	Ticket string `json:"ticket"`
	Offer
}

// PlacesOffered keeps places for those who are asked whether they take them.
type PlacesOffered struct {
	Offers []Offered `json:"offers"`
}

func (*PlacesOffered) kind() string { return "places_offered" }

func (f *PlacesOffered) apply(s *State, _ *Event) {
	for _, o := range f.Offers {
		s.change(o.Ticket, func(t *Ticket) {
			offer := o.Offer
			t.Offer = &offer
		})
	}
}

// OffersLapsed takes back what nobody answered. Their tickets are on standby
// no more: the next in the order is asked, and at last everybody.
type OffersLapsed struct {
	Tickets []string `json:"tickets"`
}

func (*OffersLapsed) kind() string { return "offers_lapsed" }

func (f *OffersLapsed) apply(s *State, _ *Event) {
	for _, id := range f.Tickets {
		s.change(id, (*Ticket).endStandby)
	}
}

// endStandby ends what a ticket was offered or asked for. The ticket must be a
// copy.
func (t *Ticket) endStandby() { t.Standby, t.Offer = nil, nil }
