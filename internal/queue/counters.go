package queue

import (
	"slices"
	"time"
	"unicode/utf8"

	"antrean/internal/calendar"
)

// OpenCounter seats the officer at a counter. Another counter of theirs is
// left if nobody is at it.
type OpenCounter struct{ Counter string }

func (a OpenCounter) decide(d *draft) error {
	k, _, err := d.counter(a.Counter)
	if err != nil {
		return err
	}
	if k.State != Closed && k.Officer != d.cmd.By.Name {
		return refuse(CounterBusy, "counter_taken")
	}
	return d.sit(k)
}

// TakeOver seats the officer at a counter in place of whoever forgot to leave
// it. Who is being served there stays.
type TakeOver struct{ Counter string }

func (a TakeOver) decide(d *draft) error {
	k, _, err := d.counter(a.Counter)
	if err != nil {
		return err
	}
	return d.sit(k)
}

func (d *draft) sit(k *Counter) error {
	var vacated []string
	for _, id := range sortedKeys(d.Counters) {
		other := d.Counters[id]
		if id == k.ID || other.State == Closed || other.Officer != d.cmd.By.Name {
			continue
		}
		if len(other.Tickets) > 0 {
			return refuse(CounterBusy, "other_counter_busy")
		}
		vacated = append(vacated, id)
	}
	d.emit(&CounterChanged{Counter: k.ID, State: Open, Officer: d.cmd.By.Name, Vacated: vacated})
	return nil
}

// PauseCounter leaves the counter for a while; open takes it up again.
type PauseCounter struct{ Counter string }

func (a PauseCounter) decide(d *draft) error {
	k, _, err := d.mine(a.Counter)
	if err != nil {
		return err
	}
	if len(k.Tickets) > 0 {
		return refuse(CounterBusy, "somebody_there")
	}
	d.emit(&CounterChanged{Counter: k.ID, State: Paused, Officer: k.Officer})
	return nil
}

// CloseCounter leaves the counter.
type CloseCounter struct{ Counter string }

func (a CloseCounter) decide(d *draft) error {
	k, _, err := d.mine(a.Counter)
	if err != nil {
		return err
	}
	if len(k.Tickets) > 0 {
		return refuse(CounterBusy, "somebody_there")
	}
	d.emit(&CounterChanged{Counter: k.ID, State: Closed})
	return nil
}

// Next calls whose turn it is. With Complete, who is being served is completed
// by the same act.
type Next struct {
	Counter  string
	Complete bool
}

func (a Next) decide(d *draft) error {
	k, config, err := d.working(a.Counter, d.mine)
	if err != nil {
		return err
	}
	continues := false
	if at := d.at(k); len(at) > 0 {
		if !a.Complete || at[0].Status != Serving {
			return refuse(CounterBusy, "somebody_there")
		}
		d.complete(k, at, nextStage)
		continues = true
	}
	turn, ok := d.NextTurn(config, d.now)
	if !ok {
		return refuse(QueueEmpty, "nobody_waits")
	}
	d.call(k.ID, turn, "", continues)
	return nil
}

// CallTicket calls somebody out of turn; the reason is counted, and recorded as
// one of Notes.
type CallTicket struct {
	Counter string
	Ticket  string
	Reason  string
	// May: a supervisor asks. Officers may only where the office allows it.
	May bool
}

func (a CallTicket) decide(d *draft) error {
	// A supervisor also calls to a counter at which somebody else sits.
	sits := d.mine
	if a.May {
		sits = d.staffed
	}
	k, _, err := d.working(a.Counter, sits)
	if err != nil {
		return err
	}
	if !a.May && !d.Config.Calling.OfficersMayChoose {
		return refuse(Forbidden, "choosing_needs_supervisor")
	}
	if a.Reason == "" || utf8.RuneCountInString(a.Reason) > 200 {
		return refuseField("reason", "reason_length")
	}
	if len(k.Tickets) > 0 {
		return refuse(CounterBusy, "somebody_there")
	}
	t, err := d.ticket(a.Ticket)
	if err != nil {
		return err
	}
	if t.Status != Waiting && t.Status != Parked {
		return refuse(WrongState, "not_waiting")
	}
	turn := Turn{Tickets: []*Ticket{t}, Why: Chosen}
	if t.Status == Waiting {
		turn = d.turn(t, Chosen, d.now)
	}
	d.call(k.ID, turn, NoteOf(a.Reason), false)
	return nil
}

func (d *draft) call(counter string, turn Turn, note string, continues bool) {
	d.emit(&TicketsCalled{
		Call: d.callID(), Counter: counter, Tickets: ids(turn.Tickets), Why: string(turn.Why), Note: note,
		Continues: continues, DebtOf: turn.DebtOf, Debt: turn.Debt,
	})
}

// Recall announces again who was called.
type Recall struct{ Counter string }

func (a Recall) decide(d *draft) error {
	k, _, err := d.working(a.Counter, d.mine)
	if err != nil {
		return err
	}
	at := d.at(k)
	if len(at) == 0 || at[0].Status != Called {
		return refuse(WrongState, "nobody_called")
	}
	d.emit(&TicketsRecalled{Call: d.callID(), Counter: k.ID, Tickets: k.Tickets})
	return nil
}

// Serve says that who was called has come.
type Serve struct{ Counter string }

func (a Serve) decide(d *draft) error {
	k, _, err := d.mine(a.Counter)
	if err != nil {
		return err
	}
	at := d.at(k)
	if len(at) == 0 || at[0].Status != Called {
		return refuse(WrongState, "nobody_called")
	}
	d.emit(&ServingBegan{Counter: k.ID, Tickets: k.Tickets})
	return nil
}

// Complete ends the work on who is at the counter. To is a stage, or empty for
// the next of the route.
type Complete struct {
	Counter string
	To      string
}

func (a Complete) decide(d *draft) error {
	k, _, err := d.mine(a.Counter)
	if err != nil {
		return err
	}
	at := d.at(k)
	if len(at) == 0 || at[0].Status != Serving {
		return refuse(WrongState, "nobody_served")
	}
	to := nextStage
	if a.To != "" {
		if _, ok := d.Config.Stage(a.To); !ok {
			return refuseField("transfer_to", "unknown_stage")
		}
		to = func(*Ticket) string { return a.To }
	}
	d.complete(k, at, to)
	return nil
}

// complete ends the work on those at the counter. A family whose members go on
// to different stages takes an event for each of them.
func (d *draft) complete(k *Counter, at []*Ticket, to func(*Ticket) string) {
	date := d.Today(d.now)
	for continues := false; len(at) > 0; continues = true {
		stage := to(at[0])
		var same, others []*Ticket
		for _, t := range at {
			if to(t) == stage {
				same = append(same, t)
			} else {
				others = append(others, t)
			}
		}
		d.emit(&TicketsCompleted{Counter: k.ID, Tickets: ids(same), To: stage, Date: date, Continues: continues})
		at = others
	}
}

// nextStage is the stage after the ticket's own, "" after the last. A ticket
// that was transferred outside its route is done after that stage.
func nextStage(t *Ticket) string {
	if i := slices.Index(t.Route, t.Stage); i >= 0 && i+1 < len(t.Route) {
		return t.Route[i+1]
	}
	return ""
}

// Miss says that who was called is not there.
type Miss struct{ Counter string }

func (a Miss) decide(d *draft) error {
	k, _, err := d.mine(a.Counter)
	if err != nil {
		return err
	}
	at := d.at(k)
	if len(at) == 0 || at[0].Status != Called {
		return refuse(WrongState, "nobody_called")
	}
	if _, yes := d.Suspended(); yes {
		return refuse(WrongState, "office_suspended")
	}
	missed := &TicketsMissed{Counter: k.ID, Tickets: k.Tickets}
	if at[0].Absences < *d.Config.NoShow.AbsentReturns {
		missed.NotBefore = d.backFrom(d.Config.NoShow.AbsentAfter.D())
	}
	d.emit(missed)
	return nil
}

// backFrom is when somebody who was absent may be called again.
func (d *draft) backFrom(after time.Duration) time.Time {
	at := d.Config.Calendar().After(d.now, after, d.Pauses())
	if !at.Before(calendar.Never()) { // no working time is left in this calendar
		at = d.now.Add(after)
	}
	return at.UTC()
}

// Park lets who is at the counter go for a while.
type Park struct{ Counter string }

func (a Park) decide(d *draft) error {
	k, _, err := d.mine(a.Counter)
	if err != nil {
		return err
	}
	if len(k.Tickets) == 0 {
		return refuse(WrongState, "nobody_there")
	}
	d.emit(&TicketsParked{Counter: k.ID, Tickets: k.Tickets})
	return nil
}

// UndoLast takes the officer's own last act at the counter back, for a short
// time, as long as nobody has built on it.
type UndoLast struct{ Counter string }

func (a UndoLast) decide(d *draft) error {
	k, _, err := d.staffed(a.Counter)
	if err != nil {
		return err
	}
	last := k.Last
	if last == nil || last.By != d.cmd.By.Name {
		if _, _, err := d.mine(a.Counter); err != nil {
			return err
		}
		return refuse(WrongState, "nothing_to_undo")
	}
	if d.now.Sub(last.At) > d.Config.Calling.UndoWithin.D() {
		return refuse(TooLate, "undo_over")
	}
	for _, was := range last.Tickets {
		if t := d.Tickets[was.ID]; t == nil || t.Version > last.Version {
			return refuse(WrongState, "others_went_on")
		}
		if d.Fenced(was.ID) {
			return refuse(AlreadyBooked, "booked_again")
		}
	}
	if !slices.Equal(last.Seat.Tickets, k.Tickets) && len(k.Tickets) > 0 {
		for _, id := range k.Tickets {
			if !slices.ContainsFunc(last.Tickets, func(t *Ticket) bool { return t.ID == id }) {
				return refuse(CounterBusy, "somebody_there")
			}
		}
	}
	undone := &ActUndone{Counter: k.ID, What: last.What, Tickets: last.Tickets, Seat: last.Seat, Calls: last.Calls}
	if debt := min(unit, max(0, d.Debt[last.DebtOf]-last.Debt)); debt != d.Debt[last.DebtOf] {
		undone.DebtOf, undone.Debt = last.DebtOf, debt
	}
	d.emit(undone)
	return nil
}

// counter finds a counter that the command names.
func (d *draft) counter(id string) (*Counter, *CounterConfig, error) {
	config, ok := d.Config.Counter(id)
	if !ok {
		return nil, nil, refuse(NotFound, "counter")
	}
	return d.Counter(id), config, nil
}

// staffed is a counter at which somebody sits.
func (d *draft) staffed(id string) (*Counter, *CounterConfig, error) {
	k, config, err := d.counter(id)
	if err != nil {
		return nil, nil, err
	}
	if k.State == Closed {
		return nil, nil, refuse(WrongState, "counter_closed")
	}
	return k, config, nil
}

// mine is a counter at which the actor sits.
func (d *draft) mine(id string) (*Counter, *CounterConfig, error) {
	k, config, err := d.staffed(id)
	if err != nil {
		return nil, nil, err
	}
	if k.Officer != d.cmd.By.Name && !d.cmd.By.Anywhere {
		return nil, nil, refuse(Forbidden, "not_your_counter")
	}
	return k, config, nil
}

// working is a counter that may call people now; sits finds it, for whoever may
// act there.
func (d *draft) working(id string, sits func(string) (*Counter, *CounterConfig, error)) (*Counter, *CounterConfig, error) {
	k, config, err := sits(id)
	if err != nil {
		return nil, nil, err
	}
	if k.State == Paused {
		return nil, nil, refuse(WrongState, "counter_paused")
	}
	if _, yes := d.Suspended(); yes {
		return nil, nil, refuse(WrongState, "office_suspended")
	}
	return k, config, nil
}

// at is who is at the counter.
func (d *draft) at(k *Counter) []*Ticket {
	var all []*Ticket
	for _, id := range k.Tickets {
		if t := d.Tickets[id]; t != nil {
			all = append(all, t)
		}
	}
	return all
}

// UndoUntil is until when the counter's last act may be undone.
func (s *State) UndoUntil(k *Counter) (what string, until time.Time, ok bool) {
	if k.Last == nil || s.Config == nil {
		return "", time.Time{}, false
	}
	return k.Last.What, k.Last.At.Add(s.Config.Calling.UndoWithin.D()), true
}
