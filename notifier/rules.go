package notifier

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

const (
	// payAhead is how long before the fee is due its owner is reminded.
	payAhead = 45 * time.Minute
	// pickupKept is how long an office keeps a passport, pickupAhead how long
	// before that its owner is reminded.
	pickupKept  = 30 * 24 * time.Hour
	pickupAhead = 7 * 24 * time.Hour
	// reaction is how long people need to act on what they read in the morning.
	reaction = 3 * time.Hour
	// known is how long somebody must have waited to have stood farther back, as
	// far as a node knows that has not watched them.
	known = 15 * time.Minute
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Timely are the notices that time has brought to tickets, told before or not.
func (r *Rules) Timely(tickets []*queue.Ticket, now time.Time) []Notice {
	var all []Notice
	for _, t := range tickets {
		switch {
		case t.Status == queue.Booked:
			if n, ok := r.reminder(t, now); ok {
				all = append(all, n)
			}
			if due := t.PaymentDue; t.Fee > 0 && within(now, due.Add(-payAhead), due) && t.Made.Before(due.Add(-payAhead)) {
				all = append(all, Notice{t.ID, fmt.Sprintf("%s/%d", PaymentDue, due.Unix())})
			}
		case !t.Ready.IsZero():
			if ends := t.Ready.Add(pickupKept); within(now, ends.Add(-pickupAhead), ends) {
				all = append(all, Notice{t.ID, fmt.Sprintf("%s/%d", PickupEnds, ends.Unix())})
			}
		}
	}
	slices.SortFunc(all, func(a, b Notice) int { return strings.Compare(a.Ticket, b.Ticket) })
	return all
}

// within is true from the one instant until before the other.
func within(t, from, to time.Time) bool { return !t.Before(from) && t.Before(to) }

// reminder is the reminder whose time it is: the shortest that has begun. One
// that a node missed by far, or that would follow the booking on its heels, is
// not made up for.
func (r *Rules) reminder(t *queue.Ticket, now time.Time) (Notice, bool) {
	if t.Slot == nil || t.NewDay || t.Released {
		return Notice{}, false
	}
	left := t.Slot.Start.Sub(now)
	shortest := time.Duration(0)
	for _, d := range r.Reminders {
		if left <= d.D() && (shortest == 0 || d.D() < shortest) {
			shortest = d.D()
		}
	}
	began := t.Slot.Start.Add(-shortest)
	if shortest == 0 || left <= 0 || left < shortest/2 || !latest(t.Made, t.Placed).Before(began.Add(-shortest/4)) {
		return Notice{}, false
	}
	return Notice{t.ID, fmt.Sprintf("%s/%s/%d", Reminder, calendar.Duration(shortest), t.Slot.Start.Unix())}, true
}

// startedNear stands for a stage at which somebody has never stood far back.
const startedNear = "-"

// NearTurns are those who wait with at most Near people ahead and once stood
// farther back: far holds the stage at which this node has seen them there, by
// ticket, and is kept up to date.
func (r *Rules) NearTurns(s *queue.State, now time.Time, far map[string]string) []Notice {
	var all []Notice
	if _, suspended := s.Suspended(); suspended {
		return nil
	}
	for _, stage := range s.Config.Stages {
		ahead := s.Order(stage.ID)
		for _, t := range s.Waiting(stage.ID) {
			was, seen := far[t.ID]
			switch at := stage.ID; {
			case ahead[t.ID] > r.Near:
				far[t.ID] = at
				continue
			case was == at:
			case !seen && now.Sub(t.Since) >= known && at == t.Route[0]:
				far[t.ID] = at
			default:
				far[t.ID] = startedNear
				continue
			}
			all = append(all, Notice{t.ID, fmt.Sprintf("%s/%s/%s", NearTurn, stage.ID, t.Date)})
		}
	}
	maps.DeleteFunc(far, func(id, _ string) bool {
		t := s.Tickets[id]
		return t == nil || t.Status.Ended()
	})
	return all
}

// Verdict is whether a notice is to be sent at a moment.
type Verdict int

// The verdicts.
const (
	Send Verdict = iota
	Hold         // until Facts.Hold
	Over         // what it would say is over, or another notice says it
)

// Facts are what the words of a notice are made from.
type Facts struct {
	Kind    Kind
	Ticket  *queue.Ticket
	Config  *queue.Config
	Counter string // its name
	Version uint64 // of the state
	Ahead   int
	Minutes int
	Expires time.Time // useless from then on
	Hold    time.Time
}

// Check judges a notice by the office as it is: once before it is claimed, once
// more before it is sent.
func (r *Rules) Check(s *queue.State, n Notice, now time.Time) (Facts, Verdict) {
	t := s.Tickets[n.Ticket]
	kind := n.Kind()
	if t == nil && n.version() <= s.Version || slices.Contains(r.Off, kind) {
		return Facts{}, Over
	}
	f := Facts{Kind: kind, Ticket: t, Config: s.Config, Version: s.Version}
	if n.version() > s.Version { // this node has yet to read of it
		f.Hold = now.Add(time.Second)
		return f, Hold
	}
	if !r.stands(s, n, t, now, &f) {
		return f, Over
	}
	if !f.Expires.IsZero() && !now.Before(f.Expires) {
		return f, Over
	}
	if until, quiet := r.quiet(s.Config, f, now); quiet {
		f.Hold = until
		return f, Hold
	}
	return f, Send
}

// stands says whether what a notice tells is still so, and completes the facts.
func (r *Rules) stands(s *queue.State, n Notice, t *queue.Ticket, now time.Time, f *Facts) bool {
	ahead := t.Status == queue.Booked && t.Slot != nil && t.Slot.Start.After(now)
	if t.Slot != nil {
		f.Expires = t.Slot.End
	}
	switch f.Kind {
	case Booked:
		return t.Status == queue.Booked && t.MovedFrom.IsZero() && t.Placed.IsZero()
	case Rescheduled: // from standby it may be an hour that has begun
		return t.Status == queue.Booked && t.Slot != nil && t.Slot.End.After(now) && t.MovedFrom.IsZero()
	case Reminder:
		f.Expires = t.ArriveBy
		return ahead && !t.NewDay && strings.HasSuffix(n.Event, fmt.Sprintf("/%d", t.Slot.Start.Unix()))
	case PaymentDue:
		f.Expires = t.PaymentDue
		return t.Status == queue.Booked
	case Moved:
		return ahead && !t.MovedFrom.IsZero()
	case ChooseDay:
		f.Expires = time.Time{}
		return t.Status == queue.Booked && t.NewDay
	case DayHappens:
		return ahead && !t.NewDay
	case Offer:
		if t.Offer == nil || !s.OfferStands(t, now) {
			return false
		}
		f.Expires = t.Offer.Expires
		return true
	case NearTurn:
		f.Ahead, f.Expires = s.Ahead(t), now.Add(15*time.Minute)
		f.Minutes = minutes(s, t, f.Ahead)
		return t.Status == queue.Waiting && f.Ahead <= r.Near && strings.HasPrefix(n.Event, fmt.Sprintf("%s/%s/", NearTurn, t.Stage))
	case Called, Recalled:
		f.Counter, f.Expires = counterName(s, t.Counter), t.CalledAt.Add(30*time.Minute)
		return t.Status == queue.Called && !calledSince(s, t, n.version())
	case Withdrawn:
		f.Expires = now.Add(10 * time.Minute)
		return (t.Status == queue.Waiting || t.Status == queue.Parked) && !calledSince(s, t, n.version())
	case Missed:
		f.Expires = now.Add(30 * time.Minute)
		return t.Status == queue.Waiting && t.Absences > 0 && t.Date == s.Today(now)
	case NoShow:
		f.Expires = time.Time{}
		return t.Status == queue.NoShow && t.Date == s.Today(now)
	case Transferred:
		f.Expires = now.Add(30 * time.Minute)
		return t.Status == queue.Waiting && t.Stage != t.Route[0]
	case DayOver:
		f.Expires = t.Ended.Add(24 * time.Hour)
		return t.Status == queue.Expired
	case Ready, PickupEnds:
		f.Expires = t.Ready.Add(pickupKept)
		return !t.Ready.IsZero()
	}
	return false
}

// appointment says whether a kind tells what has become of somebody's hour: of
// several that wait, the last says it all.
func (k Kind) appointment() bool {
	switch k {
	case Booked, Rescheduled, Moved, ChooseDay, DayHappens:
		return true
	}
	return false
}

// calledSince says that the ticket, or its family, was called again after a
// version: a newer notice tells it.
func calledSince(s *queue.State, t *queue.Ticket, version uint64) bool {
	party := s.Party(t)
	return slices.ContainsFunc(s.Calls, func(c queue.Call) bool {
		return !c.Withdrawn && c.Version > version && slices.ContainsFunc(party, func(m *queue.Ticket) bool { return m.ID == c.Ticket })
	})
}

func counterName(s *queue.State, id string) string {
	if k, ok := s.Config.Counter(id); ok {
		return k.Name
	}
	return id
}

// minutes is roughly how long somebody waits who has so many ahead, in steps of
// five; a quarter of an hour until the office has measured its own pace.
func minutes(s *queue.State, t *queue.Ticket, ahead int) int {
	pace := s.Paces[t.Service+"/"+t.Stage]
	open := 0
	for _, k := range s.Config.Counters {
		if s.Counter(k.ID).State == queue.Open && (len(k.Stages) == 0 || slices.Contains(k.Stages, t.Stage)) {
			open++
		}
	}
	if pace.Count < 5 || open == 0 {
		return 15
	}
	wait := pace.Mean * time.Duration(ahead+1) / time.Duration(open)
	return min(max(5*int((wait+5*time.Minute-1)/(5*time.Minute)), 5), 60)
}

// quiet says until when a notice waits because people sleep. What happens the
// same day does not wait, nor what people would learn too late to act on, nor
// the answer to what they have just done themselves.
func (r *Rules) quiet(c *queue.Config, f Facts, now time.Time) (until time.Time, quiet bool) {
	if r.quietFrom == r.quietTo || f.Kind.haste() == urgent || f.Kind == Booked || f.Kind == Rescheduled {
		return time.Time{}, false
	}
	local := now.In(c.Calendar().Zone())
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
	at := local.Sub(midnight)
	switch {
	case r.quietFrom < r.quietTo && (at < r.quietFrom || at >= r.quietTo),
		r.quietFrom > r.quietTo && at < r.quietFrom && at >= r.quietTo:
		return time.Time{}, false
	case at >= r.quietFrom && r.quietFrom > r.quietTo:
		midnight = midnight.AddDate(0, 0, 1)
	}
	until = midnight.Add(r.quietTo)
	about := f.about()
	if !about.IsZero() && (c.Calendar().Date(about) == c.Calendar().Date(now) || about.Before(until.Add(reaction))) {
		return time.Time{}, false
	}
	return until, true
}

// about is when what the notice tells takes place; zero if at no hour.
func (f Facts) about() time.Time {
	switch {
	case f.Kind == PaymentDue:
		return f.Ticket.PaymentDue
	case f.Kind == Ready || f.Kind == PickupEnds || f.Kind == DayOver || f.Ticket.Slot == nil:
		return time.Time{}
	case f.Kind == Moved && f.Ticket.MovedFrom.Before(f.Ticket.Slot.Start):
		return f.Ticket.MovedFrom
	}
	return f.Ticket.Slot.Start
}
