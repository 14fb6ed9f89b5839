package figures

import (
	"slices"
	"time"

	"antrean/internal/predict"
	"antrean/internal/queue"
)

// before looks at an event that is not folded yet.
func (b *Book) before(e *queue.Event) {
	switch f := e.Fact.(type) {
	case *queue.TicketsCheckedIn:
		for _, a := range f.Arrivals {
			if t, j, ok := b.of(a.Ticket); ok && t.Released {
				j.late = true
			}
		}
	case *queue.PlacesReleased:
		for _, id := range f.Tickets {
			if t, j, ok := b.of(id); ok && t.Slot != nil {
				j.released = true
				p := b.pages[t.Date]
				p.places = append(p.places, place{t.Service, t.Slot.Start})
			}
		}
	}
}

// after looks at an event that has just been folded.
func (b *Book) after(e *queue.Event) {
	switch f := e.Fact.(type) {
	case *queue.TicketsBooked:
		for _, t := range f.Tickets {
			b.refill(t.ID)
		}
	case *queue.TicketsMoved:
		for _, m := range f.Moves {
			b.refill(m.Ticket)
		}
	case *queue.TicketIssued:
		if f.Ticket.Status == queue.Waiting {
			b.arrive(e.At, f.Ticket.ID)
		}
	case *queue.TicketsCheckedIn:
		ids := make([]string, len(f.Arrivals))
		for i, a := range f.Arrivals {
			ids[i] = a.Ticket
		}
		b.arrive(e.At, ids...)
	case *queue.CheckInUndone:
		if _, j, ok := b.of(f.Ticket); ok {
			j.arrived, j.waits, j.stage, j.late, j.told = time.Time{}, time.Time{}, "", false, predict.Wait{}
		}
	case *queue.TicketReturned:
		if t, j, ok := b.of(f.Ticket); ok {
			j.waits, j.stage = e.At, t.Stage
		}
	case *queue.TicketsDeferred:
		for _, a := range f.Tickets {
			if _, j, ok := b.of(a.Ticket); ok {
				j.deferred = true
			}
		}
	case *queue.TicketAmended:
		if _, j, ok := b.of(f.Ticket); ok && f.Stage != "" && !j.waits.IsZero() {
			j.stage = f.Stage
		}
	case *queue.DayReopened:
		for id := range f.Tickets {
			if t, j, ok := b.of(id); ok && t.Status == queue.Waiting && j.waits.IsZero() && !j.mayBeCalledAgain() {
				j.waits, j.stage = e.At, t.Stage
			}
		}
	default:
		b.atCounter(e)
	}
}

// mayBeCalledAgain is whether its wait was counted, because it was called and
// not there.
func (j *journey) mayBeCalledAgain() bool {
	return len(j.turns) > 0 && j.turns[len(j.turns)-1].end == Again
}

// atCounter looks at what was done at a counter.
func (b *Book) atCounter(e *queue.Event) {
	switch f := e.Fact.(type) {
	case *queue.TicketsCalled:
		b.act(f.Counter, e.At, f.Tickets, f.Continues)
		for i, id := range f.Tickets {
			if t, j, ok := b.of(id); ok {
				c := turn{stage: t.Stage, counter: f.Counter, officer: e.By, caller: e.By, waits: j.waits, called: e.At, follows: i > 0}
				if f.Why == string(queue.Chosen) {
					c.note = queue.NoteOf(f.Note)
				}
				j.turns = append(slices.Clip(j.turns), c)
				j.waits, j.stage = time.Time{}, ""
			}
		}
	case *queue.ServingBegan:
		b.act(f.Counter, e.At, f.Tickets, false)
		b.change(f.Tickets, e.By, func(_ *journey, t *turn) { t.came = e.At })
	case *queue.TicketsCompleted:
		b.act(f.Counter, e.At, f.Tickets, f.Continues)
		b.change(f.Tickets, e.By, func(j *journey, t *turn) {
			t.left, t.end = e.At, Served
			if f.To != "" {
				j.waits, j.stage = e.At, f.To
			}
		})
	case *queue.TicketsMissed:
		b.act(f.Counter, e.At, f.Tickets, false)
		b.change(f.Tickets, e.By, func(_ *journey, t *turn) {
			t.left, t.end = e.At, Again
			if f.NotBefore.IsZero() {
				t.end = Absent
			}
		})
	case *queue.TicketsParked:
		b.act(f.Counter, e.At, f.Tickets, false)
		b.change(f.Tickets, e.By, func(_ *journey, t *turn) { t.left, t.end = e.At, Released })
	case *queue.ActUndone:
		for _, t := range f.Tickets {
			was, known := b.acts[f.Counter][t.ID]
			if _, j, ok := b.of(t.ID); ok && known {
				j.turns, j.waits, j.stage = was.turns, was.waits, was.stage
			}
		}
	case *queue.CounterChanged:
		b.take(f, e.At)
	case *queue.DayEnded:
		for _, p := range b.pages {
			for _, id := range f.Counters {
				p.leave(id, e.At)
			}
		}
	}
}

// arrive lets tickets wait from now, but not before their hour and not before
// the doors open: who stands there earlier waits for the door.
func (b *Book) arrive(now time.Time, tickets ...string) {
	var forecast *predict.Forecast
	for _, id := range tickets {
		t, j, ok := b.of(id)
		if !ok {
			continue
		}
		if j.arrived.IsZero() {
			j.arrived = now
		}
		j.waits, j.stage = now, t.Stage
		if t.Slot != nil {
			j.waits = latest(j.waits, t.Slot.Start)
		}
		if opens, _, ok := b.state.Config.Calendar().Bounds(t.Date); ok {
			j.waits = latest(j.waits, opens)
		}
		p := b.pages[t.Date]
		if p.arrivals++; p.arrivals%predictEvery != 0 {
			continue
		}
		if forecast == nil {
			f := predict.Waits(b.state, now)
			forecast = &f
		}
		if w := forecast.Tickets[id].Wait; w != nil {
			j.told = *w
		}
	}
}

// refill notes who took a place of today that somebody else had lost.
func (b *Book) refill(ticket string) {
	t, j, ok := b.of(ticket)
	if !ok || t.Slot == nil {
		return
	}
	p := b.pages[t.Date]
	i := slices.IndexFunc(p.places, func(l place) bool { return l.service == t.Service && l.start.Equal(t.Slot.Start) })
	if i >= 0 {
		p.places = slices.Delete(p.places, i, i+1)
		j.refilled = true
	}
}

// act remembers what was before an act at a counter, for its undo. A continued
// act is the second half of one press.
func (b *Book) act(counter string, now time.Time, tickets []string, continued bool) {
	if !continued || b.acts[counter] == nil {
		b.acts[counter] = map[string]journey{}
	}
	for _, id := range tickets {
		t, j, ok := b.of(id)
		if !ok {
			continue
		}
		if _, known := b.acts[counter][id]; !known {
			b.acts[counter][id] = journey{turns: j.turns, waits: j.waits, stage: j.stage}
		}
		if s := b.pages[t.Date].seats[counter]; s != nil {
			s.acted = now
		}
	}
}

// change changes the last turn of tickets. Turns are replaced, never mutated:
// an undo has those from before.
func (b *Book) change(tickets []string, by string, how func(j *journey, t *turn)) {
	for _, id := range tickets {
		_, j, ok := b.of(id)
		if !ok || len(j.turns) == 0 {
			continue
		}
		j.turns = slices.Clone(j.turns)
		last := &j.turns[len(j.turns)-1]
		last.officer = by
		how(j, last)
	}
}

// take seats an officer.
func (b *Book) take(f *queue.CounterChanged, now time.Time) {
	p := b.pages[b.state.Today(now)]
	for _, id := range append(slices.Clone(f.Vacated), f.Counter) {
		p.leave(id, now)
	}
	if f.State != queue.Closed {
		p.seats[f.Counter] = &seat{officer: f.Officer, paused: f.State == queue.Paused, since: now, acted: now}
	}
}
