package display

import (
	"slices"
	"time"

	"antrean/internal/queue"
	"antrean/static"
)

const (
	shownCalls = 10 // and every call since a returning client left
	shownNext  = 8
)

// viewDisplay is the lobby's screen. since is the version that a returning
// client has seen; 0 for a new one.
func viewDisplay(s *queue.State, since uint64, now time.Time, wait map[string]static.Wait) static.DisplayView {
	phase, opens := phaseOf(s, now)
	_, suspended := s.Suspended()
	v := static.DisplayView{
		Office: s.Office, OfficeName: s.Config.Name, Timezone: s.Config.Timezone,
		Open: doorsOpen(phase), Phase: phase, Opens: opens,
		Suspended: suspended, Suspension: viewSuspension(s),
		Calls: callsSince(s, since, now), Counters: []static.DisplayCounter{}, Next: upNext(s, now),
		Services: []static.Service{}, Waiting: map[string]int{}, Wait: wait,
		Notices: []static.Text{},
	}
	v.Standby, v.Offered = standingBy(s, now)
	if v.Wait == nil {
		v.Wait = map[string]static.Wait{}
	}
	for _, k := range s.Config.Counters {
		at := s.Counter(k.ID)
		v.Counters = append(v.Counters, static.DisplayCounter{ID: k.ID, Name: k.Name, State: string(at.State), Number: numberAt(s, at)})
	}
	for _, service := range s.Config.Services {
		v.Services = append(v.Services, static.Service{ID: service.ID, Prefix: service.Prefix, Name: static.Text(service.Name)})
		v.Waiting[service.ID] = 0
	}
	for _, stage := range s.Config.Stages {
		for _, t := range s.Waiting(stage.ID) {
			v.Waiting[t.Service]++
		}
	}
	if s.MutedUntil.After(now) {
		until := here(s, s.MutedUntil)
		v.Muted = &until
	}
	for _, notice := range s.ShownNotices(now) {
		v.Notices = append(v.Notices, static.Text(notice.Text))
	}
	return v
}

// callsSince are today's last calls and all that came or were withdrawn after
// the version, newest first.
func callsSince(s *queue.State, since uint64, now time.Time) []static.Call {
	today, calls := s.Today(now), []static.Call{}
	for i := len(s.Calls) - 1; i >= 0; i-- {
		c := s.Calls[i]
		missed := since > 0 && c.Version > since
		if missed || len(s.Calls)-i <= shownCalls && s.Today(c.At) == today {
			calls = append(calls, viewCall(s, c))
		}
	}
	return calls
}

// numberAt is who is called or served at a counter: of a family, the one who
// was announced.
func numberAt(s *queue.State, k *queue.Counter) string {
	for _, id := range k.Tickets {
		if t := s.Tickets[id]; t != nil {
			return t.Number
		}
	}
	return ""
}

// upNext are the numbers likely called next: whom each open counter would call
// now, then the others by when they are due.
func upNext(s *queue.State, now time.Time) []string {
	numbers := []string{}
	seen := map[string]bool{}
	add := func(t *queue.Ticket) {
		if !seen[t.ID] && len(numbers) < shownNext {
			seen[t.ID] = true
			numbers = append(numbers, t.Number)
		}
	}
	var all []*queue.Ticket
	for i := range s.Config.Counters {
		k := &s.Config.Counters[i]
		if s.Counter(k.ID).State != queue.Open {
			continue
		}
		if turn, ok := s.NextTurn(k, now); ok {
			for _, t := range turn.Tickets {
				add(t)
			}
		}
	}
	for _, stage := range s.Config.Stages {
		for _, t := range s.Waiting(stage.ID) {
			if !t.NotBefore.After(now) {
				all = append(all, t)
			}
		}
	}
	slices.SortStableFunc(all, byDue)
	for _, t := range all {
		add(t)
	}
	return numbers
}

func byDue(a, b *queue.Ticket) int {
	if c := a.Due.Compare(b.Due); c != 0 {
		return c
	}
	return a.Seq - b.Seq
}
