package simulate

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// hall is one office: its visitors and its officers.
type hall struct {
	id       string
	config   *queue.Config
	desk     string // the desk's session token
	officers []*officer
	visitors map[string]*visitor
	expected map[calendar.Date][]*visitor // the first of each booking
}

func (w *world) newHall(ctx context.Context, id string) (*hall, error) {
	config, err := w.api.config(ctx, id)
	if err != nil {
		return nil, err
	}
	h := &hall{id: id, config: config, visitors: map[string]*visitor{}, expected: map[calendar.Date][]*visitor{}}
	if h.desk, err = w.api.officer(ctx, id, "sim-"+id+"-desk", "desk"); err != nil {
		return nil, err
	}
	for i, k := range config.Counters {
		if i >= len(config.Counters)-w.Free[id] {
			break
		}
		token, err := w.api.officer(ctx, id, "sim-"+id+"-"+k.ID, "officer")
		if err != nil {
			return nil, err
		}
		h.officers = append(h.officers, &officer{hall: h, counter: k, token: token, skill: 0.85 + 0.3*w.rng.Float64()})
	}
	return h, nil
}

func (h *hall) path(rest string) string { return "/api/v1/offices/" + h.id + rest }

// service picks a service by its places, so that each fills alike.
func (h *hall) service(w *world) string {
	total := 0
	for _, s := range h.config.Services {
		total += max(1, s.SlotCapacity.Total())
	}
	n := w.rng.IntN(total)
	for _, s := range h.config.Services {
		if n -= max(1, s.SlotCapacity.Total()); n < 0 {
			return s.ID
		}
	}
	return h.config.Services[0].ID
}

// duration is how long a person is served at a stage: ten minutes a visit in
// all, so that one counter serves six an hour, split over the service's stages;
// log-normal, as service times are.
func (h *hall) duration(w *world, service string, skill float64) time.Duration {
	stages := 1
	if s, ok := h.config.Service(service); ok {
		stages = len(s.Stages)
	}
	const sigma = 0.45
	mean := 10 * time.Minute / time.Duration(stages)
	factor := math.Exp(sigma*w.rng.NormFloat64() - sigma*sigma/2)
	return time.Duration(float64(mean) * factor * skill)
}

// endDay ends the day and counts whom the office never saw.
func (h *hall) endDay(ctx context.Context, w *world) error {
	supervisor := w.api.admin
	err := w.api.call(ctx, http.MethodPost, h.path("/days/"+string(w.day)+"/end"), supervisor, "", struct{}{}, nil)
	if err != nil && !refused(err, string(queue.WrongState)) {
		return err
	}
	for _, v := range h.visitors {
		if v.slot.IsZero() || h.date(v) <= w.day {
			w.leave(v)
		}
	}
	return nil
}

// officer works at one counter.
type officer struct {
	hall    *hall
	counter queue.CounterConfig
	token   string
	skill   float64 // below 1 is faster
	rested  bool    // had the day's break
}

// view is what the simulator reads of a counter's answer.
type view struct {
	Current *struct {
		Ticket  string `json:"ticket"`
		Service string `json:"service"`
	} `json:"current"`
}

func (o *officer) do(ctx context.Context, w *world, what string, in any) (view, error) {
	var v view
	if in == nil {
		in = struct{}{}
	}
	err := w.api.call(ctx, http.MethodPost, o.hall.path(fmt.Sprintf("/counters/%s/%s", o.counter.ID, what)), o.token, "", in, &v)
	return v, err
}

func (o *officer) start(ctx context.Context, w *world) error {
	o.rested = false
	if _, err := o.do(ctx, w, "open", nil); err != nil {
		return err
	}
	return o.next(ctx, w)
}

// next calls the next person, takes the break, or goes home.
func (o *officer) next(ctx context.Context, w *world) error {
	_, closes, _ := o.hall.config.Calendar().Bounds(w.day)
	spans := o.hall.config.Calendar().Spans(w.day)
	if len(spans) > 1 && !o.rested && w.now.After(spans[0].End) && w.now.Before(spans[1].Start) {
		o.rested = true
		if _, err := o.do(ctx, w, "pause", nil); err != nil {
			return err
		}
		w.at(spans[1].Start, func(ctx context.Context) error {
			if _, err := o.do(ctx, w, "open", nil); err != nil {
				return err
			}
			return o.next(ctx, w)
		})
		return nil
	}
	v, err := o.do(ctx, w, "next", nil)
	if w.now.After(closes) && refused(err, string(queue.WrongState)) {
		return nil // the hall was empty: the day has ended by itself
	}
	if refused(err, string(queue.QueueEmpty)) {
		if w.now.After(closes.Add(15 * time.Minute)) {
			_, err := o.do(ctx, w, "close", nil)
			return err
		}
		w.after(w.between(15*time.Second, 45*time.Second), func(ctx context.Context) error { return o.next(ctx, w) })
		return nil
	}
	if err != nil {
		return err
	}
	if w.chance(mistakenShare) {
		w.summary.Undone++
		if _, err := o.do(ctx, w, "undo", nil); err != nil {
			return err
		}
		w.after(10*time.Second, func(ctx context.Context) error { return o.next(ctx, w) })
		return nil
	}
	o.called(w, v)
	return nil
}

// called waits for the person who was called.
func (o *officer) called(w *world, v view) {
	person := o.visitor(v)
	w.waited(person)
	if person != nil && person.away {
		person.away = false
		w.after(40*time.Second, func(ctx context.Context) error {
			_, err := o.do(ctx, w, "recall", nil)
			return err
		})
		w.after(80*time.Second, func(ctx context.Context) error {
			w.summary.Absent++
			if _, err := o.do(ctx, w, "no-show", nil); err != nil {
				return err
			}
			return o.next(ctx, w)
		})
		return
	}
	w.after(w.between(12*time.Second, 45*time.Second), func(ctx context.Context) error {
		v, err := o.do(ctx, w, "serve", nil)
		if err != nil {
			return err
		}
		o.serving(w, v)
		return nil
	})
}

// serving works on the person at the counter, and lets them go.
func (o *officer) serving(w *world, v view) {
	service := ""
	if v.Current != nil {
		service = v.Current.Service
	}
	person := o.visitor(v)
	if person != nil && w.chance(parkShare) {
		w.after(2*time.Minute, func(ctx context.Context) error {
			if _, err := o.do(ctx, w, "park", nil); err != nil {
				return err
			}
			w.summary.Parked++
			w.after(w.between(3*time.Minute, 12*time.Minute), func(ctx context.Context) error {
				return w.api.call(ctx, http.MethodPost, o.hall.path("/tickets/"+person.id+"/return"), o.hall.desk, "", struct{}{}, nil)
			})
			return o.next(ctx, w)
		})
		return
	}
	w.after(o.hall.duration(w, service, o.skill), func(ctx context.Context) error { return o.finish(ctx, w) })
}

func (o *officer) finish(ctx context.Context, w *world) error {
	if w.chance(transferShare) && len(o.hall.config.Stages) > 1 {
		w.summary.Transferred++
		to := o.hall.config.Stages[len(o.hall.config.Stages)-1].ID
		if _, err := o.do(ctx, w, "complete", map[string]string{"transfer_to": to}); err != nil {
			return err
		}
		return o.next(ctx, w)
	}
	spans := o.hall.config.Calendar().Spans(w.day)
	restNow := len(spans) > 1 && !o.rested && w.now.After(spans[0].End)
	if !restNow && w.chance(bigButtonShare) {
		v, err := o.do(ctx, w, "next", map[string]bool{"complete": true})
		if err == nil {
			o.called(w, v)
			return nil
		}
		if !refused(err, string(queue.QueueEmpty)) {
			return err
		}
	}
	if _, err := o.do(ctx, w, "complete", nil); err != nil {
		return err
	}
	return o.next(ctx, w)
}

func (o *officer) visitor(v view) *visitor {
	if v.Current == nil {
		return nil
	}
	return o.hall.visitors[v.Current.Ticket]
}
