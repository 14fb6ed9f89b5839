package display

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"antrean/internal/predict"
	"antrean/internal/queue"
	"antrean/static"
)

// refreshEvery is how often the offices that are watched are looked at for
// what changes by itself. Predicting never stands in the way of a press.
const refreshEvery = 2 * time.Second

// predictingShare is how many times longer than it took predicting rests: of an
// office with ten thousand waiting it would else take a processor for itself.
const predictingShare = 10

// predictions are the last ones made, by office. A prediction is never changed
// once it is here.
type predictions struct {
	mu  sync.RWMutex
	all map[string]prediction
}

type prediction struct {
	services map[string]static.Wait // of somebody who walks in now
	priority map[string]static.Wait // and who is of the priority lane
	booked   map[string]static.Wait // of somebody who checks in now, whose hour has begun
	tickets  map[string]static.Wait
}

func newPredictions() *predictions { return &predictions{all: map[string]prediction{}} }

func (p *predictions) services(office string) map[string]static.Wait {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.all[office].services
}

// newcomer is the wait of somebody who comes now, nil if it is not known.
func (p *predictions) newcomer(office, service string, lane queue.Lane) *static.Wait {
	p.mu.RLock()
	defer p.mu.RUnlock()
	of := p.all[office].services
	switch lane {
	case queue.Priority:
		of = p.all[office].priority
	case queue.Appointment:
		of = p.all[office].booked
	}
	if w, ok := of[service]; ok {
		return &w
	}
	return nil
}

func (p *predictions) ticket(office, id string) *static.Wait {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if w, ok := p.all[office].tickets[id]; ok {
		return &w
	}
	return nil
}

// keep stores a prediction and says whether it differs from the last.
func (p *predictions) keep(office string, now prediction) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.all[office]
	p.all[office] = now
	return !maps.Equal(was.services, now.services) || !maps.Equal(was.tickets, now.tickets)
}

// refresh predicts for every watched office and says which show something new.
func (a *App) refresh(ctx context.Context) {
	for id, at := range a.watched.awake() {
		if ctx.Err() != nil {
			return
		}
		var (
			hall  *predict.Hall
			shows string
			now   = a.Offices.Now()
		)
		began := time.Now()
		predicts := !began.Before(at.rested)
		at.office.Read(func(s *queue.State) {
			if shows = a.timely(s, now); predicts {
				hall = predict.Look(s, now)
			}
		})
		changed := shows != at.showed
		if predicts {
			changed = a.predicts.keep(id, predicted(hall.Waits())) || changed
			at.rested = time.Now().Add(predictingShare * time.Since(began))
		}
		if at.showed = shows; changed {
			a.Changed(id)
		}
	}
}

func predicted(f predict.Forecast) prediction {
	p := prediction{services: map[string]static.Wait{}, priority: map[string]static.Wait{}, booked: map[string]static.Wait{}, tickets: map[string]static.Wait{}}
	for service, lanes := range f.Newcomers {
		for lane, of := range map[queue.Lane]map[string]static.Wait{queue.Walkin: p.services, queue.Priority: p.priority, queue.Appointment: p.booked} {
			if w, ok := lanes[lane]; ok {
				of[service] = static.Wait(w)
			}
		}
	}
	for id, t := range f.Tickets {
		if t.Wait != nil {
			p.tickets[id] = static.Wait(*t.Wait)
		}
	}
	return p
}

// timely is what an office's views show that changes with time alone.
func (a *App) timely(s *queue.State, now time.Time) string {
	phase, opens := phaseOf(s, now)
	resting, undo := 0, 0
	for _, stage := range s.Config.Stages {
		for _, t := range s.Waiting(stage.ID) {
			if t.NotBefore.After(now) {
				resting++
			}
		}
	}
	for _, k := range s.Counters {
		if _, until, ok := s.UndoUntil(k); ok && until.After(now) {
			undo++
		}
	}
	text, err := json.Marshal([]any{phase, opens, s.Today(now), a.placeCode(s.Office, now), resting, undo, s.ShownNotices(now)})
	if err != nil {
		return "" // cannot happen with such values
	}
	return string(text)
}
