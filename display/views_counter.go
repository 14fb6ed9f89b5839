package display

import (
	"slices"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/static"
)

// counterView is a counter as it is now, without the name of who is there;
// false if the office has no such counter.
func (a *App) counterView(office *ledger.Office, counter string) (v static.CounterView, ok bool) {
	now := a.Offices.Now()
	office.Read(func(s *queue.State) {
		if _, ok = s.Config.Counter(counter); ok {
			v = viewCounter(s, counter, now)
		}
	})
	return v, ok
}

// viewCounter is what the officer's tablet shows.
func viewCounter(s *queue.State, id string, now time.Time) static.CounterView {
	k := s.Counter(id)
	phase, _ := phaseOf(s, now)
	_, suspended := s.Suspended()
	v := static.CounterView{
		Office: s.Office, OfficeName: s.Config.Name, Timezone: s.Config.Timezone,
		ID: id, Name: id, State: string(k.State), Officer: k.Officer,
		Stages: []static.Stage{}, Waiting: []static.CounterTicket{}, Parked: []static.CounterTicket{},
		Open: doorsOpen(phase), Phase: phase, Suspended: suspended,
	}
	config, ok := s.Config.Counter(id)
	if !ok {
		return v
	}
	v.Name = config.Name
	for _, stage := range s.Config.Stages {
		if len(config.Stages) == 0 || slices.Contains(config.Stages, stage.ID) {
			v.Stages = append(v.Stages, static.Stage{ID: stage.ID, Name: static.Text(stage.Name)})
		}
	}
	v.Current = viewCurrent(s, k)
	waiting := inTurn(s, config, now)
	v.Waiting = slices.Grow(v.Waiting, len(waiting))
	for i, t := range waiting {
		v.Waiting = append(v.Waiting, viewWaiting(s, t, i))
	}
	for i, t := range parkedFor(s, config) {
		v.Parked = append(v.Parked, viewWaiting(s, t, i))
	}
	if k.Day == s.Today(now) {
		v.Today.Served = k.Served
		if k.Served > 0 {
			v.Today.AverageSeconds = int((k.Busy / time.Duration(k.Served)).Seconds())
		}
	}
	if what, until, ok := s.UndoUntil(k); ok && until.After(now) {
		v.Undo = &static.Undo{What: what, Until: here(s, until)}
	}
	return v
}

func viewCurrent(s *queue.State, k *queue.Counter) *static.CounterCurrent {
	if len(k.Tickets) == 0 || s.Tickets[k.Tickets[0]] == nil {
		return nil
	}
	t := s.Tickets[k.Tickets[0]]
	v := &static.CounterCurrent{
		Ticket: t.ID, Number: t.Number, State: string(t.Status),
		Service: t.Service, ServiceName: serviceName(s, t.Service),
		Stage: t.Stage, StageName: stageName(s, t.Stage), Lane: string(t.Lane),
		Since: here(s, t.CalledAt), Times: 1, Why: t.Why, Slot: slotOf(s, t), Arrived: moment(s, t.Arrived),
		Party: numbersOf(s, t), Transfers: transfersOf(s, t), Confirmed: t.Confirmed, Help: !t.Help.IsZero(),
		Erased: !t.Erased.IsZero(),
	}
	for _, c := range slices.Backward(s.Calls) {
		if c.Ticket == t.ID && c.Counter == k.ID && !c.Withdrawn {
			v.Times, v.Since = c.Times, here(s, c.At)
			break
		}
	}
	if t.Status == queue.Serving {
		v.Since = here(s, t.ServedFrom)
	}
	return v
}

// transfersOf are the stages that the ticket may be sent to, the next of its
// route first.
func transfersOf(s *queue.State, t *queue.Ticket) []static.Transfer {
	next := ""
	if i := slices.Index(t.Route, t.Stage); i >= 0 && i+1 < len(t.Route) {
		next = t.Route[i+1]
	}
	all := []static.Transfer{}
	for _, stage := range s.Config.Stages {
		transfer := static.Transfer{Stage: stage.ID, Name: static.Text(stage.Name), Next: stage.ID == next}
		switch {
		case stage.ID == t.Stage:
		case transfer.Next:
			all = slices.Insert(all, 0, transfer)
		default:
			all = append(all, transfer)
		}
	}
	return all
}

// inTurn is whom the counter may call, in the likely order: whose turn it is
// now, then by when they are due.
func inTurn(s *queue.State, config *queue.CounterConfig, now time.Time) []*queue.Ticket {
	all := slices.Clone(s.Candidates(config, now))
	slices.SortStableFunc(all, byDue)
	turn, ok := s.NextTurn(config, now)
	if !ok {
		return all
	}
	ordered := slices.Clone(turn.Tickets)
	for _, t := range all {
		if !slices.Contains(turn.Tickets, t) {
			ordered = append(ordered, t)
		}
	}
	return ordered
}

// parkedFor are those let go for a while whom the counter may serve, longest
// parked first.
func parkedFor(s *queue.State, config *queue.CounterConfig) []*queue.Ticket {
	var all []*queue.Ticket
	for _, t := range s.Tickets {
		if t.Status == queue.Parked && config.Serves(t) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *queue.Ticket) int {
		if a.Version != b.Version {
			if a.Version < b.Version {
				return -1
			}
			return 1
		}
		return a.Seq - b.Seq
	})
	return all
}

func viewWaiting(s *queue.State, t *queue.Ticket, ahead int) static.CounterTicket {
	return static.CounterTicket{
		Ticket: t.ID, Number: t.Number, Lane: string(t.Lane), Service: t.Service, Stage: t.Stage,
		Since: here(s, t.Since), Ahead: ahead, Help: !t.Help.IsZero(),
	}
}
