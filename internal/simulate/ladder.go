package simulate

import (
	"context"
	"net/http"
	"time"

	"antrean/internal/queue"
)

// UsualStandby is the share of people who would take an earlier place.
const UsualStandby = 0.05

// How people use the ladder of missed places: a few of each.
const (
	rescheduleShare = 0.02 // booked for a later day, then moved to an earlier one
	deferShare      = 0.02 // of those who check in
	deafShare       = 0.05 // of offers, which nobody answers

	lookEvery = time.Minute // how often somebody on standby looks at their phone
)

// reach is within how many minutes those on standby say that they can come.
const reach = 15

// ticket is what the simulator reads of a ticket's view.
type ticket struct {
	State string `json:"state"`
	Slot  *struct {
		Start time.Time `json:"start"`
	} `json:"slot"`
	Standby *int `json:"standby"`
	Offer   *struct {
		Slot struct {
			Start time.Time `json:"start"`
		} `json:"slot"`
	} `json:"standby_offer"`
}

// act is something that a visitor does with their own ticket.
func (w *world) act(ctx context.Context, v *visitor, what string, in any) (ticket, error) {
	var t ticket
	if in == nil {
		in = struct{}{}
	}
	err := w.api.call(ctx, http.MethodPost, "/api/v1/tickets/"+v.token+"/"+what, "", address(len(v.id)), in, &t)
	return t, err
}

// standBy lets a visitor look for an offer every minute of the day until they
// have accepted one, or are asked no more.
func (w *world) standBy(v *visitor) {
	opens, closes, _ := v.hall.config.Calendar().Bounds(w.day)
	first := opens.Add(lookEvery)
	if !w.now.Before(first) {
		first = w.now.Add(lookEvery)
	}
	if first.Before(closes) {
		w.at(first, func(ctx context.Context) error { return w.look(ctx, v) })
	}
}

func (w *world) look(ctx context.Context, v *visitor) error {
	var t ticket
	if err := w.api.call(ctx, http.MethodGet, "/api/v1/tickets/"+v.token, "", address(len(v.id)), nil, &t); err != nil {
		return err
	}
	switch {
	case t.State != string(queue.Booked) || t.Standby == nil:
		if t.Slot == nil && t.State != string(queue.Waiting) {
			w.leave(v) // nobody gave a place back
		}
		return nil
	case t.Offer == nil:
		w.standBy(v)
		return nil
	}
	if w.chance(deafShare) {
		w.summary.Deaf++
		return nil // does not look any more; the next in the order is asked
	}
	taken, err := w.act(ctx, v, "accept", nil)
	if refused(err, string(queue.WrongState), string(queue.TooLate), string(queue.OutsideHours)) {
		w.standBy(v)
		return nil
	}
	if err != nil {
		return err
	}
	w.summary.Standby++
	if taken.Slot != nil {
		v.slot = taken.Slot.Start
	}
	comes := w.now.Add(w.between(time.Minute, reach*time.Minute))
	if early := v.slot.Add(-w.between(5*time.Minute, 35*time.Minute)); early.After(comes) {
		comes = early
	}
	w.at(comes, func(ctx context.Context) error { return w.checkIn(ctx, v) })
	return nil
}

// bookLater books a day that is further away and changes its mind: the
// earliest hour after all.
func (w *world) bookLater(ctx context.Context, h *hall) (*visitor, error) {
	service, later := h.service(w), w.day.AddDays(2)
	var slots struct {
		Earliest *struct {
			Start time.Time `json:"start"`
		} `json:"earliest"`
	}
	if err := w.api.call(ctx, http.MethodGet, h.path("/slots?service="+service+"&from="+string(later)), "", "", nil, &slots); err != nil {
		return nil, err
	}
	if slots.Earliest == nil {
		return nil, nil
	}
	made, err := w.bookAt(ctx, h, service, slots.Earliest.Start.Format(time.RFC3339), 1, false)
	if refused(err, string(queue.SlotFull), string(queue.TooEarly)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v := made[0]
	moved, err := w.act(ctx, v, "reschedule", map[string]string{"slot": "earliest"})
	if refused(err, string(queue.WrongState), string(queue.TooLate), string(queue.SlotFull)) {
		err = nil
	} else if err == nil {
		w.summary.Rescheduled++
	}
	if err == nil && moved.Slot != nil {
		v.slot = moved.Slot.Start
	}
	return v, err
}

// letPass gives a few places away in the hall.
func (w *world) letPass(v *visitor) {
	if v.token == "" || !w.chance(deferShare) {
		return
	}
	w.after(w.between(10*time.Second, time.Minute), func(ctx context.Context) error {
		_, err := w.act(ctx, v, "defer", map[string]int{"places": 1 + w.rng.IntN(3)})
		if refused(err, string(queue.WrongState)) {
			return nil // called already, or nobody is behind
		}
		if err == nil {
			w.summary.Deferred++
			v.deferred = true
		}
		return err
	})
}
