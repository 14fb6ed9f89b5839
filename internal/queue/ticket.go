package queue

import (
	"fmt"
	"slices"
	"time"

	"antrean/internal/calendar"
)

// Status is where a ticket is in its life.
type Status string

// The states of a ticket. Done, NoShow, Cancelled and Expired are its ends; a
// no-show who comes after all may return on the same day.
const (
	Booked    Status = "booked"    // has a place or waits for one on standby, has not come yet
	Waiting   Status = "waiting"   // is in the hall
	Called    Status = "called"    // was called to a counter
	Serving   Status = "serving"   // is at the counter
	Parked    Status = "parked"    // let go for a while, keeps its seniority
	Done      Status = "done"      // went through its last stage
	NoShow    Status = "no_show"   // did not come, or not when called
	Cancelled Status = "cancelled" // gave its place back
	Expired   Status = "expired"   // the day ended before its turn
)

// Ended reports whether the status is an end of a ticket's life.
func (s Status) Ended() bool {
	return s == Done || s == NoShow || s == Cancelled || s == Expired
}

// Lane is how a ticket came into the queue.
type Lane string

// The lanes. The reason of a priority is recorded nowhere.
const (
	Priority    Lane = "priority"
	Appointment Lane = "appointment"
	Walkin      Lane = "walkin"
)

// Ticket is one person's visit, from booking to the last counter. Tickets are
// replaced, never mutated: whoever holds a *Ticket may keep reading it.
type Ticket struct {
	ID      string        `json:"id"`
	Number  string        `json:"number"` // "A-012"; unique within the office's day
	Seq     int           `json:"seq"`    // the number without its prefix
	Service string        `json:"service"`
	Route   []string      `json:"route"` // stages in order, as they were when the ticket was made
	Stage   string        `json:"stage"` // where it is in the route
	Status  Status        `json:"status"`
	Lane    Lane          `json:"lane"`
	Date    calendar.Date `json:"date"`            // the office's day of the visit
	Party   string        `json:"party,omitempty"` // shared by the tickets of one family
	Locale  string        `json:"locale,omitempty"`
	Notice  string        `json:"notice,omitempty"` // version of the privacy notice that was read

	Slot      *calendar.Interval `json:"slot,omitempty"`
	ArriveBy  time.Time          `json:"arrive_by,omitzero"` // until then the place is held
	Released  bool               `json:"released,omitempty"` // the place was given back
	Confirmed bool               `json:"confirmed,omitempty"`

	Reschedules int       `json:"reschedules,omitempty"` // that were counted
	NewDay      bool      `json:"new_day,omitempty"`     // the office took its day away: it may choose another
	MovedFrom   time.Time `json:"moved_from,omitzero"`   // the hour that the office moved it from
	Kept        bool      `json:"kept,omitempty"`        // keeps its place though its hour has fewer now than were booked
	Deferred    bool      `json:"deferred,omitempty"`    // let others pass
	Help        time.Time `json:"help,omitzero"`         // when its owner asked for help
	Holds       []Hold    `json:"holds,omitempty"`       // places that it left and that are not free yet
	Standby     *Standby  `json:"standby,omitempty"`     // would take an earlier place
	Offer       *Offer    `json:"offer,omitempty"`       // an earlier place that is kept for it

	Made       time.Time     `json:"made"`
	Placed     time.Time     `json:"placed,omitzero"`     // last given another place
	Arrived    time.Time     `json:"arrived,omitzero"`    // check-in
	Since      time.Time     `json:"since,omitzero"`      // seniority: max(slot start, check-in)
	Due        time.Time     `json:"due,omitzero"`        // since plus the lane's offset
	NotBefore  time.Time     `json:"not_before,omitzero"` // called again from then on, after an absence
	Absences   int           `json:"absences,omitempty"`  // times called and not there
	Counter    string        `json:"counter,omitempty"`   // while called or serving
	CalledAt   time.Time     `json:"called_at,omitzero"`
	ServedFrom time.Time     `json:"served_from,omitzero"`
	Ended      time.Time     `json:"ended,omitzero"`
	Fee        int64         `json:"fee,omitempty"` // whole rupiah
	PaymentDue time.Time     `json:"payment_due,omitzero"`
	PickupFrom calendar.Date `json:"pickup_from,omitempty"`
	Link       int           `json:"link,omitempty"`     // generation of the link; older links are dead
	Ready      time.Time     `json:"ready,omitzero"`     // the passport can be picked up
	Why        string        `json:"why,omitempty"`      // the reason of its last call
	Collected  time.Time     `json:"collected,omitzero"` // the passport was handed over
	Corrected  time.Time     `json:"corrected,omitzero"` // when its person's record was last corrected
	Erased     time.Time     `json:"erased,omitzero"`    // when its person was erased from the vault
	Version    uint64        `json:"version,omitzero"`   // the last event that touched it
}

// Late reports whether the ticket's place was released before it came.
func (t *Ticket) Late() bool { return t.Released && t.Status == Booked }

// HoldsPlace reports whether the ticket takes one place of its slot.
func (t *Ticket) HoldsPlace() bool {
	return t.Slot != nil && !t.Released && t.Status != Cancelled
}

// ahead are the stages that the ticket still has to pass, its own included.
func (t *Ticket) ahead() []string {
	if i := slices.Index(t.Route, t.Stage); i >= 0 {
		return t.Route[i:]
	}
	return []string{t.Stage}
}

// numberOf writes a number as the hall reads it.
func numberOf(prefix string, n int) string { return fmt.Sprintf("%s-%03d", prefix, n) }

// CounterState says whether a counter takes people.
type CounterState string

// The states of a counter.
const (
	Closed CounterState = "closed"
	Open   CounterState = "open"
	Paused CounterState = "paused"
)

// Counter is a counter of the hall as it is now. Counters, like tickets, are
// replaced and never mutated.
type Counter struct {
	ID      string       `json:"id"`
	State   CounterState `json:"state"`
	Officer string       `json:"officer,omitempty"`
	Tickets []string     `json:"tickets,omitempty"` // who was called or is served there, ids

	Day    calendar.Date `json:"day,omitempty"` // of the two figures that follow
	Served int           `json:"served,omitempty"`
	Busy   time.Duration `json:"busy,omitempty"` // nanoseconds spent on those served

	Last *Act `json:"last,omitempty"` // what its officer may still undo
}

// Act is a counter's last act and what was there before it.
type Act struct {
	What    string    `json:"what"` // the command: "next", "complete", …
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Version uint64    `json:"version"` // its last event
	Tickets []*Ticket `json:"tickets"` // as they were
	Seat    *Counter  `json:"seat"`    // as it was
	Calls   []string  `json:"calls,omitempty"`
	DebtOf  string    `json:"debt_of,omitempty"` // the stage whose priority debt it changed
	Debt    int       `json:"debt,omitempty"`    // by this
}

// Call is one announcement. A recall is a new call.
type Call struct {
	ID        string    `json:"id"`
	Ticket    string    `json:"ticket"`
	Number    string    `json:"number"`
	Counter   string    `json:"counter"`
	At        time.Time `json:"at"`
	Times     int       `json:"times"`   // 1 for the first call at this counter
	Version   uint64    `json:"version"` // the event that made or withdrew it
	Withdrawn bool      `json:"withdrawn,omitempty"`
}

// Day is one day of the office, once something about it was decided.
type Day struct {
	Date     calendar.Date       `json:"date"`
	Ended    bool                `json:"ended,omitempty"`
	Closed   string              `json:"closed,omitempty"`   // why its doors were closed early or kept shut
	Capacity map[string]Capacity `json:"capacity,omitempty"` // where it was changed: by service, or by slotKey
	Walkins  map[string]int      `json:"walkins,omitempty"`  // numbers at the door, by service, where it was changed
	Paper    map[string]int      `json:"paper,omitempty"`    // last number given on paper, by prefix
}

// Suspension is a time in which every clock of the office stands still.
type Suspension struct {
	calendar.Interval           // End is zero while it goes on
	Reason            string    `json:"reason"`
	Until             time.Time `json:"until,omitzero"` // what people were told
}
