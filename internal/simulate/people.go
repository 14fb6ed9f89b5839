package simulate

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// What people are like. The share of no-shows is the one that the issue of
// no-shows is measured with; the others are modest guesses, named so that a
// reader may doubt them one by one.
const (
	bookedShare    = 0.75
	noShowShare    = 0.08
	lateShare      = 0.08
	priorityShare  = 0.07
	familyShare    = 0.05
	cancelShare    = 0.02 // on the day
	giveShare      = 0.01 // cancel in the evening before
	confirmShare   = 0.8  // of those who come
	sameDayShare   = 0.05 // book in the morning for the same day
	awayShare      = 0.03 // not there when called the first time
	parkShare      = 0.01
	transferShare  = 0.01
	mistakenShare  = 0.005 // Next pressed by mistake and undone
	bigButtonShare = 0.8   // completes and calls in one press
)

// visitor is one ticket's person.
type visitor struct {
	hall     *hall
	id       string
	token    string
	code     string
	url      string
	lane     queue.Lane
	slot     time.Time
	arrived  time.Time
	away     bool // will not be there when first called
	deferred bool // let others pass
	counted  bool // its wait is in the summary
	over     bool
}

// name makes up an applicant that passes every check of a real one.
func (w *world) person() map[string]any {
	w.people++
	n := w.people + int(w.Seed%1000)*100_000
	given := []string{"Asep", "Dewi", "Budi", "Siti", "Rina", "Agus", "Eka", "Yanti", "Dadang", "Lilis", "Hendra", "Nining"}
	family := []string{"Suryana", "Lestari", "Wijaya", "Rahayu", "Hidayat", "Kusuma", "Permana", "Setiawan"}
	day, month, year := 1+n%28, 1+n/28%12, n/336%100
	return map[string]any{
		"name":  given[n%len(given)] + " " + family[n/len(given)%len(family)],
		"nik":   fmt.Sprintf("%06d%02d%02d%02d%04d", 327301+n/33600/9999%30, day, month, year, 1+n/33600%9999),
		"phone": fmt.Sprintf("08%010d", 1_200_000_000+n),
		"email": fmt.Sprintf("warga%d@example.com", n),
	}
}

// bookEvening books the next day's appointments.
func (w *world) bookEvening(ctx context.Context, h *hall) error {
	total := w.applicants(h.config)
	for booked := 0; booked < int(float64(total)*bookedShare); {
		people := 1
		if w.chance(rescheduleShare) {
			v, err := w.bookLater(ctx, h)
			if err != nil {
				return err
			}
			booked++
			if v != nil {
				h.expect(v)
			}
			continue
		}
		if w.chance(familyShare) {
			people = 2 + w.rng.IntN(3)
		}
		made, err := w.book(ctx, h, people, w.chance(priorityShare))
		if refused(err, string(queue.SlotFull)) {
			return nil // full: the rest walks in
		}
		if err != nil {
			return err
		}
		h.expect(made[0])
		if h.date(made[0]) != w.day {
			return nil // full: the rest walks in
		}
		w.show(made[0])
		booked += people
		if w.chance(giveShare) {
			if err := w.cancel(ctx, made[0]); err != nil {
				return err
			}
			w.summary.Given++
		}
		if w.Progress != nil {
			w.Progress(w.done, w.planned, w.now)
		}
	}
	return nil
}

// book books the earliest hour for a few people.
func (w *world) book(ctx context.Context, h *hall, people int, priority bool) ([]*visitor, error) {
	return w.bookAt(ctx, h, h.service(w), "earliest", people, priority)
}

func (w *world) bookAt(ctx context.Context, h *hall, service, slot string, people int, priority bool) ([]*visitor, error) {
	ask := map[string]any{"service": service, "slot": slot, "locale": "id"}
	standby := w.chance(w.Standby)
	if standby {
		ask["standby_minutes"] = reach
	}
	all := make([]map[string]any, people)
	for i := range all {
		all[i] = w.person()
	}
	ask["people"] = all
	if priority {
		ask["priority"] = true
	}
	var out struct {
		Tickets []struct {
			ID    string `json:"id"`
			Code  string `json:"code"`
			Token string `json:"token"`
			URL   string `json:"url"`
			Slot  struct {
				Start time.Time `json:"start"`
			} `json:"slot"`
		} `json:"tickets"`
	}
	if err := w.api.call(ctx, http.MethodPost, h.path("/bookings"), "", address(w.people), ask, &out); err != nil {
		return nil, err
	}
	if people > 1 {
		w.summary.Families++
	}
	var made []*visitor
	for _, t := range out.Tickets {
		v := &visitor{hall: h, id: t.ID, token: t.Token, code: t.Code, url: t.URL, slot: t.Slot.Start, lane: queue.Appointment, away: w.chance(awayShare)}
		if priority {
			v.lane = queue.Priority
		}
		h.visitors[t.ID] = v
		if standby && len(made) == 0 { // one looks for a family
			w.standBy(v)
		}
		made = append(made, v)
		w.planned++
		w.summary.Booked++
	}
	return made, nil
}

// date is the day that a visitor is booked for.
func (h *hall) date(v *visitor) calendar.Date { return h.config.Calendar().Date(v.slot) }

// expect keeps a visitor, the first of a family, until their day is played.
func (h *hall) expect(v *visitor) { h.expected[h.date(v)] = append(h.expected[h.date(v)], v) }

// planVisit decides when a booked person comes, if at all, with their family.
func (w *world) planVisit(v *visitor) {
	switch {
	case w.chance(cancelShare):
		w.at(v.slot.Add(-w.between(time.Hour, 3*time.Hour)), func(ctx context.Context) error { return w.cancel(ctx, v) })
	case w.chance(noShowShare):
	case w.chance(lateShare):
		w.confirm(v)
		w.at(v.slot.Add(w.between(31*time.Minute, 90*time.Minute)), func(ctx context.Context) error { return w.checkIn(ctx, v) })
	default:
		w.confirm(v)
		w.at(v.slot.Add(-w.between(5*time.Minute, 35*time.Minute)), func(ctx context.Context) error { return w.checkIn(ctx, v) })
	}
}

func (w *world) cancel(ctx context.Context, v *visitor) error {
	_, err := w.act(ctx, v, "cancel", nil)
	if refused(err, string(queue.WrongState)) {
		return nil // came earlier from standby
	}
	if err == nil {
		w.summary.Cancelled++
		w.leave(v)
	}
	return err
}

// confirm says in the evening that somebody means to come.
func (w *world) confirm(v *visitor) {
	if !w.chance(confirmShare) {
		return
	}
	w.after(w.between(time.Minute, time.Hour), func(ctx context.Context) error {
		_, err := w.act(ctx, v, "confirm", nil)
		if refused(err, string(queue.WrongState)) {
			return nil // cancelled meanwhile
		}
		if err == nil {
			w.summary.Confirmed++
		}
		return err
	})
}

// checkIn shows the code at the desk.
func (w *world) checkIn(ctx context.Context, v *visitor) error {
	err := w.api.call(ctx, http.MethodPost, v.hall.path("/check-ins"), v.hall.desk, "", map[string]string{"code": v.code}, nil)
	if refused(err, string(queue.WrongState), string(queue.TooLate)) {
		return nil // a family member had it done, or the day is over
	}
	if err != nil {
		return err
	}
	v.arrived = w.now
	w.letPass(v)
	return nil
}

// show tells once a day where the page is of somebody who comes in the second hour:
// long enough to look at, soon enough to see the call.
func (w *world) show(v *visitor) {
	opens, _, _ := v.hall.config.Calendar().Bounds(w.day)
	if w.Ready != nil && !v.slot.Before(opens.Add(time.Hour)) && !w.told[v.hall.id] {
		w.told[v.hall.id] = true
		w.Ready(v.hall.id, v.url)
	}
}

// planDay plans the door, the officers and the same-day bookings of a hall.
func (w *world) planDay(h *hall) {
	opens, closes, _ := h.config.Calendar().Bounds(w.day)
	open := closes.Sub(opens)
	for _, v := range h.expected[w.day] {
		w.planVisit(v)
	}
	delete(h.expected, w.day)
	total := w.applicants(h.config)
	for range int(float64(total) * (1 - bookedShare)) {
		// Most people come in the morning.
		at := opens.Add(time.Duration(w.rng.Float64() * w.rng.Float64() * float64(open-time.Hour)))
		w.planned++
		w.at(at, func(ctx context.Context) error { return w.walkIn(ctx, h) })
	}
	for range int(float64(total) * sameDayShare) {
		w.at(opens.Add(w.between(time.Hour, open-2*time.Hour)), func(ctx context.Context) error {
			made, err := w.book(ctx, h, 1, false)
			if refused(err, string(queue.SlotFull)) {
				return nil
			}
			if err != nil {
				return err
			}
			if h.date(made[0]) != w.day {
				h.expect(made[0])
				return nil
			}
			w.after(w.between(5*time.Minute, 25*time.Minute), func(ctx context.Context) error { return w.checkIn(ctx, made[0]) })
			return nil
		})
	}
	for _, o := range h.officers {
		w.at(opens.Add(-w.between(0, 3*time.Minute)), func(ctx context.Context) error { return o.start(ctx, w) })
	}
	w.at(closes.Add(4*time.Hour), func(ctx context.Context) error { return h.endDay(ctx, w) })
}

// walkIn takes a number at the door.
func (w *world) walkIn(ctx context.Context, h *hall) error {
	ask := map[string]any{"service": h.service(w)}
	priority := w.chance(priorityShare)
	if priority {
		ask["priority"] = true
	}
	standby := w.chance(w.Standby)
	if standby {
		ask["standby"] = true
	}
	var out struct {
		ID    string `json:"id"`
		Code  string `json:"code"`
		Token string `json:"token"`
		URL   string `json:"url"`
	}
	err := w.api.call(ctx, http.MethodPost, h.path("/tickets"), h.desk, "", ask, &out)
	if refused(err, string(queue.SlotFull), string(queue.OutsideHours)) {
		w.summary.TurnedAway++
		w.done++
		return nil
	}
	if err != nil {
		return err
	}
	v := &visitor{hall: h, id: out.ID, code: out.Code, token: out.Token, url: out.URL, lane: queue.Walkin, arrived: w.now, away: w.chance(awayShare)}
	if priority {
		v.lane = queue.Priority
	}
	h.visitors[v.id] = v
	w.summary.WalkedIn++
	if standby {
		w.standBy(v) // in vain if there was a number left
	}
	return nil
}

// leave ends a visit.
func (w *world) leave(v *visitor) {
	if !v.over {
		v.over = true
		w.done++
	}
}
