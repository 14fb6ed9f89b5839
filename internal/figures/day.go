// Package figures counts what an office's log says: how many came, how long
// they waited, what counters and officers did. It is pure: it is given the
// events and keeps no clock. A day is first folded into its visits, which are
// small enough to be kept for a year and exact enough to answer every question
// later; a report adds up days.
//
// Nothing here names a person who came: a Visit has neither number nor ticket
// id. Officers are named by their account, as in the log.
package figures

import (
	"fmt"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// Day is one day of an office. Times are whole seconds since Zero; -1 is never.
type Day struct {
	Date  calendar.Date
	Zero  time.Time // twelve hours before the office's noon
	First uint64    // the day's first event
	Last  uint64    // the last event that was counted

	Opens, Closes int32 // of the doors; both 0 on a day without hours

	Names  []string // what the numbers below stand for; the first is ""
	Visits []Visit
	Turns  []Turn // in the order of their visits
	Spans  []Span // counters that were taken, by counter and time
	Hours  []Hour // places that could be booked, by hour
}

// Visit is one ticket of the day.
type Visit struct {
	Service, Lane, End uint16 // names; End is its status when the day was over
	Arrived            int32
	Late               bool // came after its place was released
	Released           bool // its place was given back, because it had not come in time
	Refilled           bool // took a place that was so given back
	Deferred           bool // let others pass: its wait is its own choice

	// What was predicted for its first call when it arrived, in seconds from
	// then. P90 is 0 where that was not asked; the three are equal while the
	// office could only say "about".
	P10, P50, P90 int32

	Turns int32 // how many of the day's turns are its own
}

// Turn is one wait of a visit and the call that ended it, or a call again
// after an absence, which has no wait of its own.
type Turn struct {
	Stage, Counter, Officer uint16 // names; Officer is who pressed last
	Caller                  uint16 // name of who called
	Waits                   int32  // when the wait began
	Called, Came, Left      int32
	Note                    uint16  // name of the reason of a call out of turn; 0: it was its turn
	End                     Outcome // of the call
	Follows                 bool    // in a family, behind the one whose number was called
}

// Outcome is how a call ended.
type Outcome uint8

// The outcomes of a call.
const (
	Open     Outcome = iota // it has not, or the day ended first
	Served                  // at this stage
	Again                   // not there, to be called again
	Absent                  // not there, for the last time
	Released                // let go for a while
)

// Span is a time in which an officer had a counter.
type Span struct {
	Counter, Officer uint16 // names
	From, To         int32
	Paused           bool
}

// Hour is an hour that could be booked: the places that it had, and how many
// were taken when the day was over.
type Hour struct {
	Start         int32
	Places, Taken int32
}

// Name is what a number of the day stands for.
func (d *Day) Name(i uint16) string { return d.Names[i] }

// At is the instant of a number of seconds.
func (d *Day) At(seconds int32) time.Time { return d.Zero.Add(time.Duration(seconds) * time.Second) }

func (d *Day) check() error {
	named := func(all ...uint16) bool {
		for _, i := range all {
			if int(i) >= len(d.Names) {
				return false
			}
		}
		return true
	}
	ok, turns := d.Date.Valid() && len(d.Names) > 0, 0
	for _, v := range d.Visits {
		ok = ok && named(v.Service, v.Lane, v.End) && v.Turns >= 0
		turns += int(v.Turns)
	}
	for _, t := range d.Turns {
		ok = ok && named(t.Stage, t.Counter, t.Officer, t.Caller, t.Note)
	}
	for _, s := range d.Spans {
		ok = ok && named(s.Counter, s.Officer)
	}
	if !ok || turns != len(d.Turns) {
		return fmt.Errorf("%d visits and %d turns do not fit together", len(d.Visits), len(d.Turns))
	}
	return nil
}

// naming gives names their numbers.
type naming struct {
	day   *Day
	known map[string]uint16
}

func newNaming(d *Day) *naming {
	d.Names = []string{""}
	return &naming{d, map[string]uint16{"": 0}}
}

func (n *naming) of(name string) uint16 {
	i, known := n.known[name]
	if !known {
		i = uint16(len(n.day.Names))
		n.day.Names = append(n.day.Names, name)
		n.known[name] = i
	}
	return i
}

// zeroOf is where the seconds of a date begin. On a day on which clocks are
// changed at night the hours after it are right.
func zeroOf(config *queue.Config, date calendar.Date) time.Time {
	noon, err := time.ParseInLocation(time.DateOnly+" 15", string(date)+" 12", config.Calendar().Zone())
	if err != nil {
		return time.Time{}
	}
	return noon.Add(-12 * time.Hour)
}
