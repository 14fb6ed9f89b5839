package queue

import (
	"cmp"
	"slices"
	"time"
	"unicode/utf8"

	"antrean/internal/calendar"
)

// Configure gives the office a configuration. The first one makes the office.
type Configure struct {
	Config *Config // prepared, without errors
	Epoch  string  // of a new office
	// IfVersion refuses when the configuration is not the one that was read.
	// Zero: whatever it is.
	IfVersion uint64
}

func (a Configure) decide(d *draft) error {
	if a.IfVersion != 0 && a.IfVersion != d.ConfigVersion {
		return refuse(WrongState, "config_changed")
	}
	if a.Config.ID != d.Office {
		return refuseField("id", "another_office")
	}
	if d.State.Config == nil {
		d.emit(&EpochBegan{Epoch: a.Epoch, Why: "new office"})
	}
	for _, id := range sortedKeys(d.Counters) {
		if _, kept := a.Config.Counter(id); !kept && d.Counters[id].State != Closed {
			return refuseField("counters", "counter_in_use")
		}
	}
	if err := d.keepsWhatIsInUse(a.Config); err != nil {
		return err
	}
	d.emit(&OfficeConfigured{Config: a.Config, Before: d.ConfigVersion})
	return nil
}

// keepsWhatIsInUse refuses to remove a service or a stage that tickets under
// way still need: nobody could call them any more.
func (d *draft) keepsWhatIsInUse(c *Config) error {
	if d.State.Config == nil {
		return nil
	}
	services, stages := false, false
	for _, t := range d.Tickets {
		if t.Status.Ended() {
			continue
		}
		if _, kept := c.Service(t.Service); !kept {
			services = true
		}
		for _, stage := range t.ahead() {
			if _, kept := c.Stage(stage); !kept {
				stages = true
			}
		}
	}
	switch {
	case services:
		return refuseField("services", "service_in_use")
	case stages:
		return refuseField("stages", "stage_in_use")
	}
	return nil
}

// BeginEpoch says that clients may have seen what this log does not hold. It
// is decided only while the office is still in the epoch that was found wrong.
type BeginEpoch struct {
	Epoch string
	Found string // the epoch in which the regression was found
	Why   string
}

func (a BeginEpoch) decide(d *draft) error {
	if d.State.Epoch == a.Found {
		d.emit(&EpochBegan{Epoch: a.Epoch, Why: a.Why})
	}
	return nil
}

// ReleasePlaces gives back the places of those who have not come in time, those
// that were held for a while and those whose offer was not answered, and offers
// what is free today to those on standby. It is harmless twice.
type ReleasePlaces struct{}

func (a ReleasePlaces) decide(d *draft) error {
	if _, yes := d.Suspended(); yes {
		return nil
	}
	released, returned, lapsed := &PlacesReleased{}, &PlacesReturned{}, &OffersLapsed{}
	for id, t := range d.Tickets {
		if t.Status == Booked && !t.Released && !t.NewDay && t.Slot != nil && !t.ArriveBy.IsZero() && d.now.After(t.ArriveBy) {
			released.Tickets = append(released.Tickets, id)
		}
		returned.Places = d.returned(t, returned.Places)
		if t.Offer != nil && !d.OfferStands(t, d.now) {
			lapsed.Tickets = append(lapsed.Tickets, id)
		}
	}
	slices.Sort(released.Tickets)
	slices.Sort(lapsed.Tickets)
	slices.SortFunc(returned.Places, func(a, b PlaceReturned) int {
		return cmp.Or(cmp.Compare(a.Ticket, b.Ticket), a.Start.Compare(b.Start))
	})
	if len(released.Tickets) > 0 {
		d.emit(released)
	}
	if len(returned.Places) > 0 {
		d.emit(returned)
	}
	if len(lapsed.Tickets) > 0 {
		d.emit(lapsed)
	}
	d.offerPlaces()
	return nil
}

// EndDay ends a day. A supervisor may end it at any time; by itself (IfEmpty)
// it ends only after closing, when nobody is left in the hall.
type EndDay struct {
	Date    calendar.Date
	IfEmpty bool
}

func (a EndDay) decide(d *draft) error {
	day := d.Days[a.Date]
	if day != nil && day.Ended {
		if a.IfEmpty {
			return nil
		}
		return refuse(WrongState, "day_ended")
	}
	_, suspended := d.Suspended()
	_, closes, open := d.Config.Calendar().Bounds(a.Date)
	if a.IfEmpty && (suspended || open && !d.now.After(closes) || d.Today(d.now) < a.Date) {
		return nil
	}
	if err := d.date(a.Date); err != nil {
		return err
	}
	if d.Today(d.now) < a.Date {
		return refuse(TooEarly, "another_day")
	}
	ended := &DayEnded{Date: a.Date, Tickets: map[string]Status{}}
	for id, t := range d.Tickets {
		if t.Date != a.Date || t.Status.Ended() {
			continue
		}
		switch t.Status {
		case Booked:
			ended.Tickets[id] = NoShow
			if t.Slot == nil || t.NewDay {
				ended.Tickets[id] = Expired // nobody missed them
			}
		case Serving:
			ended.Tickets[id] = Done
		default:
			ended.Tickets[id] = Expired
		}
		if a.IfEmpty && t.Status != Booked {
			return nil // somebody is still in the hall
		}
	}
	// An older day that ends while today's officers work closes no counter.
	opens, _, today := d.Config.Calendar().Bounds(d.Today(d.now))
	if a.Date == d.Today(d.now) || !today || d.now.Before(opens) {
		for _, id := range sortedKeys(d.Counters) {
			left := func(id string) bool { _, over := ended.Tickets[id]; return !over }
			if k := d.Counters[id]; k.State != Closed && !slices.ContainsFunc(k.Tickets, left) {
				ended.Counters = append(ended.Counters, id)
			}
		}
	}
	d.emit(ended)
	return nil
}

// ReopenDay takes the closing or the end of a day back.
type ReopenDay struct{ Date calendar.Date }

func (a ReopenDay) decide(d *draft) error {
	if err := d.date(a.Date); err != nil {
		return err
	}
	if !d.shut(a.Date) {
		return refuse(WrongState, "day_open")
	}
	reopened := &DayReopened{Date: a.Date, Tickets: map[string]Status{}}
	for id, t := range d.Tickets {
		switch {
		case t.Date != a.Date || t.Date != d.Today(d.now): // who came another day has gone home
		case d.Fenced(id): // and who has booked anew since comes then
		case t.Status == Expired && t.Arrived.IsZero():
			reopened.Tickets[id] = Booked
		case t.Status == Expired:
			reopened.Tickets[id] = Waiting
		case t.Status == NoShow && t.Arrived.IsZero():
			reopened.Tickets[id] = Booked
		}
	}
	d.emit(reopened)
	d.dayHappens(a.Date)
	return nil
}

// Suspend stops every clock of the office; everybody is told why.
type Suspend struct {
	Reason string
	Until  time.Time // what people are told; zero: unknown
}

func (a Suspend) decide(d *draft) error {
	if _, yes := d.Suspended(); yes {
		return refuse(WrongState, "office_suspended")
	}
	if n := utf8.RuneCountInString(a.Reason); n == 0 || n > 200 {
		return refuseField("reason", "reason_length")
	}
	if !a.Until.IsZero() && a.Until.Before(d.now) {
		return refuseField("until", "in_the_past")
	}
	if a.Until.After(d.now.AddDate(1, 0, 0)) { // and a year beyond 9999 is no JSON
		return refuseField("until", "date_range")
	}
	d.emit(&OfficeSuspended{Reason: a.Reason, Until: a.Until.UTC()})
	return nil
}

// Resume lets the clocks run again.
type Resume struct{}

func (a Resume) decide(d *draft) error {
	pause, yes := d.Suspended()
	if !yes {
		return refuse(WrongState, "not_suspended")
	}
	resumed := &OfficeResumed{ArriveBy: map[string]time.Time{}, NotBefore: map[string]time.Time{}, Expires: map[string]time.Time{}}
	for id, t := range d.Tickets {
		switch {
		case t.Status == Booked && t.Slot != nil && !t.Released && t.ArriveBy.After(pause.Start):
			if stood := d.now.Sub(latest(pause.Start, t.Slot.Start, t.Made, t.Placed)); stood > 0 {
				resumed.ArriveBy[id] = t.ArriveBy.Add(stood)
			}
		case t.Status == Waiting && t.NotBefore.After(pause.Start):
			resumed.NotBefore[id] = t.NotBefore.Add(d.now.Sub(pause.Start))
		}
		if t.Offer != nil && t.Offer.Expires.After(pause.Start) {
			resumed.Expires[id] = t.Offer.Expires.Add(d.now.Sub(pause.Start))
		}
	}
	d.emit(resumed)
	return nil
}

// longestSilence is how long the hall can be muted at once.
const longestSilence = 120 // minutes

// MuteSound keeps the hall's screens silent for some minutes, for a prayer or a
// ceremony: calls are shown and not heard. 0 minutes end a silence.
type MuteSound struct{ Minutes int }

func (a MuteSound) decide(d *draft) error {
	if a.Minutes < 0 || a.Minutes > longestSilence {
		return refuseField("minutes", "mute_minutes")
	}
	muted := &SoundMuted{}
	if a.Minutes > 0 {
		muted.Until = d.now.Add(time.Duration(a.Minutes) * time.Minute)
	}
	if muted.Until.IsZero() && !d.MutedUntil.After(d.now) {
		return nil // it is not silent
	}
	d.emit(muted)
	return nil
}

// Forget removes tickets that ended so long ago that their retention has
// passed, and fenced ids that nobody can use any more. It is harmless twice.
type Forget struct{}

func (a Forget) decide(d *draft) error {
	keep := d.Config.Retention.Personal.D()
	forgotten := &TicketsForgotten{}
	for id, t := range d.Tickets {
		if !t.Status.Ended() || t.Date >= d.Today(d.now) {
			continue // the number of a cancelled ticket stays taken until its day is over
		}
		from := t.Ended
		if pickup, _, ok := d.Config.Calendar().Bounds(t.PickupFrom); t.PickupFrom != "" && ok && pickup.After(from) {
			from = pickup
		}
		if d.now.Sub(from) > keep {
			forgotten.Tickets = append(forgotten.Tickets, id)
		}
	}
	slices.Sort(forgotten.Tickets)
	if len(forgotten.Tickets) > 0 {
		d.emit(forgotten)
	}
	d.agesFences()
	return nil
}

func latest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if t.After(first) {
			first = t
		}
	}
	return first
}

// date refuses what is no date or lies beyond the booking horizon.
func (d *draft) date(date calendar.Date) error {
	if !date.Valid() || date > d.LastBookable(d.now) || date < d.Today(d.now).AddDays(-366) {
		return refuseField("date", "date_range")
	}
	return nil
}
