package acceptance

import (
	"bytes"
	"net/http"
	"testing"
	"time"
)

// soon is how long a change may take to a screen on a busy machine.
const soon = 30 * time.Second

// A walk is one day at the office with one officer at the documents, one at the
// interviews, a desk and a supervisor.
type walk struct {
	*testing.T
	house                                 *house
	journal                               *journal
	desk, anna, budi, sri, nobody         caller
	hall, events, overview, first, second *screen
}

func TestTheSameWalkOnBothStores(t *testing.T) {
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, store.redis, store.nodes)
			w := &walk{T: t, house: h, journal: &journal{}, nobody: h.public()}
			w.desk, w.anna, w.budi, w.sri = h.hire("meja", "desk"), h.hire("anna", "officer"), h.hire("budi", "officer"), h.hire("sri", "supervisor")
			w.hall = watch(w.nobody, display())
			w.events = watch(w.nobody, display(), func(s *screen) { s.events = true })
			w.overview = watch(w.sri, "/live/offices/"+office+"/overview")
			w.first = watch(w.anna, "/live/offices/"+office+"/counters/1")
			w.second = watch(w.budi, "/live/offices/"+office+"/counters/2")

			w.opens()
			w.walksIn()
			w.goesOn()
			w.isAbsent()
			w.isCalledByMistake()
			w.changesSeats()
			w.books()
			w.isRefused()
			w.ticks()
			w.repeats()
		})
	}
}

// act gives a command at a counter and expects it to succeed.
func (w *walk) act(by caller, id, act string, body any) tablet {
	w.Helper()
	a := w.journal.post(by, counter(id, act), body).is(w.T, 200)
	v := read[tablet](w.T, a.body)
	if v.ID != id {
		w.Fatalf("%s at counter %s answered about counter %q", act, id, v.ID)
	}
	return v
}

func (w *walk) expect(what string, got, want any) {
	w.Helper()
	if got != want {
		w.Fatalf("%s: want %v, got %v", what, want, got)
	}
}

func (w *walk) opens() {
	w.anna.post(counter("1", "next"), nothing{}).refuses(w.T, 409, "wrong_state")
	v := w.act(w.anna, "1", "open", nothing{})
	w.expect("state", v.State, "open")
	w.expect("officer", v.Officer, "anna")
	w.anna.post(counter("1", "next"), nothing{}).refuses(w.T, 409, "queue_empty")
	w.budi.post(counter("1", "open"), nothing{}).refuses(w.T, 409, "counter_busy")
	w.budi.post(counter("1", "next"), nothing{}).refuses(w.T, 403, "forbidden")
	w.act(w.budi, "2", "open", nothing{})
	open := shows(func(d hall) bool {
		return d.Office == office && d.Open && d.Counters[0].State == "open" && d.Counters[1].State == "open" && d.Counters[2].State == "closed"
	})
	w.hall.until(soon, "both counters open", open)
	w.events.until(soon, "both counters open", open)
	w.overview.until(soon, "an overview", shows(func(o struct {
		Counters []struct {
			Officer string `json:"officer"`
		} `json:"counters"`
	}) bool {
		return len(o.Counters) > 1 && o.Counters[0].Officer == "anna" && o.Counters[1].Officer == "budi"
	}))
}

// walkIn gives a number at the door.
func (w *walk) walkIn(service string) ticket {
	w.Helper()
	made := read[ticket](w.T, w.journal.post(w.desk, at("/tickets"), map[string]any{"service": service}).is(w.T, 201).body)
	if made.ID == "" || made.Number == "" || made.Code == "" || made.Service != service || made.URL != publicURL+"/t/"+made.Token {
		w.Fatalf("a walk-in's ticket: %+v", made)
	}
	return made
}

// phone follows a ticket.
func (w *walk) phone(of ticket) *screen {
	return watch(w.nobody, "/live/tickets/"+of.Token)
}

// at reads a ticket's view once.
func (w *walk) at(of ticket) phone {
	w.Helper()
	return read[phone](w.T, w.nobody.get("/api/v1/tickets/"+of.Token).is(w.T, 200).body)
}

func (w *walk) walksIn() {
	made := w.walkIn("baru")
	pocket := w.phone(made)
	pocket.until(soon, "waiting", shows(func(p phone) bool {
		return p.State == "waiting" && p.Number == made.Number && p.Ahead != nil && *p.Ahead == 0 && p.Slot == nil
	}))
	w.hall.until(soon, "one waits", shows(func(d hall) bool { return d.Waiting["baru"] == 1 && len(d.Next) == 1 && d.Next[0] == made.Number }))

	v := w.act(w.anna, "1", "next", nothing{})
	w.expect("called", v.current(), made.Number)
	w.expect("ticket", v.Current.Ticket, made.ID)
	w.expect("state", v.Current.State, "called")
	if v.Current.Why == "" {
		w.Fatal("a call without a reason")
	}
	called := shows(func(d hall) bool {
		return len(d.Calls) == 1 && d.Calls[0].Number == made.Number && d.Calls[0].Counter == "1" && d.Calls[0].CounterName == "Loket 1" &&
			d.Calls[0].Spoken == "loket satu" && d.Calls[0].Times == 1 && d.number("1") == made.Number && d.Waiting["baru"] == 0
	})
	w.hall.until(soon, "the call", called)
	w.events.until(soon, "the call", called)
	w.first.until(soon, "the ticket", shows(func(v tablet) bool { return v.current() == made.Number }))
	pocket.until(soon, "called to counter 1", shows(func(p phone) bool { return p.State == "called" && p.Counter == "1" && len(p.Calls) == 1 }))

	w.anna.post(counter("1", "next"), nothing{}).refuses(w.T, 409, "counter_busy")
	w.anna.post(counter("1", "complete"), nothing{}).refuses(w.T, 409, "wrong_state")
	w.anna.post(counter("1", "close"), nothing{}).refuses(w.T, 409, "counter_busy")
	w.act(w.anna, "1", "recall", nothing{})
	w.hall.until(soon, "the recall", shows(func(d hall) bool {
		return len(d.Calls) == 2 && d.Calls[0].Number == made.Number && d.Calls[0].Times == 2 && d.Calls[0].ID != d.Calls[1].ID
	}))
	w.expect("state", w.act(w.anna, "1", "serve", nothing{}).Current.State, "serving")
	pocket.until(soon, "serving", shows(func(p phone) bool { return p.State == "serving" }))
	w.anna.post(counter("1", "recall"), nothing{}).refuses(w.T, 409, "wrong_state")
	w.anna.post(counter("1", "no-show"), nothing{}).refuses(w.T, 409, "wrong_state")
	w.anna.post(counter("1", "next"), nothing{}).refuses(w.T, 409, "counter_busy")

	// To the interview, back again by undo, and there once more.
	w.expect("after complete", w.act(w.anna, "1", "complete", nothing{}).current(), "")
	pocket.until(soon, "waiting for the interview", shows(func(p phone) bool { return p.State == "waiting" && p.Stage == "wawancara" }))
	v = w.act(w.anna, "1", "undo", nothing{})
	w.expect("after undo", v.current(), made.Number)
	w.expect("state", v.Current.State, "serving")
	w.act(w.anna, "1", "complete", nothing{})
	w.expect("next stage", w.act(w.budi, "2", "next", nothing{}).current(), made.Number)
	w.act(w.budi, "2", "serve", nothing{})

	// A transfer keeps the number, parking the seniority.
	w.budi.post(counter("2", "complete"), map[string]string{"transfer_to": "loteng"}).refuses(w.T, 422, "invalid", "transfer_to")
	w.act(w.budi, "2", "complete", map[string]string{"transfer_to": "berkas"})
	later := w.walkIn("baru")
	w.expect("transferred", w.act(w.anna, "1", "next", nothing{}).current(), made.Number)
	w.act(w.anna, "1", "serve", nothing{})
	v = w.act(w.anna, "1", "park", nothing{})
	if len(v.Parked) != 1 || v.Parked[0].Ticket != made.ID {
		w.Fatalf("parked: %+v", v.Parked)
	}
	pocket.until(soon, "parked", shows(func(p phone) bool { return p.State == "parked" }))
	back := at("/tickets/" + made.ID + "/return")
	w.journal.post(w.desk, back, nothing{}).is(w.T, 200)
	w.desk.post(back, nothing{}).refuses(w.T, 409, "wrong_state")
	w.expect("seniority", w.act(w.anna, "1", "next", nothing{}).current(), made.Number)
	w.act(w.anna, "1", "serve", nothing{})
	w.expect("complete and next", w.act(w.anna, "1", "next", map[string]bool{"complete": true}).current(), later.Number)
	w.expect("last stage", w.act(w.budi, "2", "next", nothing{}).current(), made.Number)
	w.act(w.budi, "2", "serve", nothing{})
	w.expect("served today", w.act(w.budi, "2", "complete", nothing{}).Today.Served, 2)
	pocket.until(soon, "done", shows(func(p phone) bool { return p.State == "done" }))
	w.desk.post(back, nothing{}).refuses(w.T, 409, "wrong_state")
	w.act(w.anna, "1", "serve", nothing{})
	w.act(w.anna, "1", "complete", map[string]string{"transfer_to": "wawancara"})
}

// goesOn lets the one who is left be taken by a supervisor.
func (w *walk) goesOn() {
	w.act(w.budi, "2", "next", nothing{})
	w.expect("taken over", w.act(w.sri, "2", "take-over", nothing{}).Officer, "sri")
	w.budi.post(counter("2", "serve"), nothing{}).refuses(w.T, 403, "forbidden")
	w.expect("who was there stays", w.act(w.sri, "2", "serve", nothing{}).Current.State, "serving")
	w.act(w.sri, "2", "complete", nothing{})
	w.expect("taken back", w.act(w.budi, "2", "take-over", nothing{}).Officer, "budi")
	w.hall.until(soon, "nobody is left", shows(func(d hall) bool { return d.number("1") == "" && d.number("2") == "" && len(d.Next) == 0 }))
}

func (w *walk) isAbsent() {
	made := w.walkIn("ganti")
	w.expect("called", w.act(w.budi, "2", "next", nothing{}).current(), made.Number)
	w.expect("absent", w.act(w.budi, "2", "no-show", nothing{}).current(), "")
	w.expect("to be called again", w.at(made).State, "waiting")
	await(w.T, soon, "called again", func() bool {
		a := w.journal.post(w.budi, counter("2", "next"), nothing{})
		if a.status != http.StatusOK {
			a.refuses(w.T, 409, "queue_empty")
			return false
		}
		w.expect("called again", read[tablet](w.T, a.body).current(), made.Number)
		return true
	})
	w.act(w.budi, "2", "no-show", nothing{})
	w.expect("absent twice", w.at(made).State, "no_show")
	back := w.journal.post(w.desk, at("/tickets/"+made.ID+"/return"), nothing{}).is(w.T, 200)
	w.expect("returned", read[phone](w.T, back.body).State, "waiting")

	// Out of turn only for a supervisor, with a reason.
	chosen := map[string]string{"ticket": made.ID, "reason": "baru kembali"}
	w.budi.post(counter("2", "call"), chosen).refuses(w.T, 403, "forbidden")
	w.act(w.sri, "2", "take-over", nothing{})
	w.sri.post(counter("2", "call"), map[string]string{"ticket": made.ID}).refuses(w.T, 422, "invalid", "reason")
	w.sri.post(counter("2", "call"), map[string]string{"ticket": "tiada", "reason": "x"}).refuses(w.T, 404, "not_found")
	w.expect("chosen", w.act(w.sri, "2", "call", chosen).current(), made.Number)
	w.act(w.sri, "2", "serve", nothing{})
	w.act(w.sri, "2", "complete", nothing{})
	w.sri.post(counter("2", "call"), chosen).refuses(w.T, 409, "wrong_state")
	w.act(w.budi, "2", "take-over", nothing{})
}

// isCalledByMistake undoes a call: screens take it back.
func (w *walk) isCalledByMistake() {
	made := w.walkIn("ganti")
	pocket := w.phone(made)
	v := w.act(w.budi, "2", "next", nothing{})
	if v.Undo == nil || v.Undo.What != "next" || v.Undo.Until.IsZero() {
		w.Fatalf("what can be undone: %+v", v.Undo)
	}
	w.expect("undone", w.act(w.budi, "2", "undo", nothing{}).current(), "")
	w.budi.post(counter("2", "undo"), nothing{}).refuses(w.T, 409, "wrong_state")
	withdrawn := shows(func(d hall) bool { return len(d.Calls) > 0 && d.Calls[0].Number == made.Number && d.Calls[0].Withdrawn })
	w.hall.until(soon, "the call withdrawn", withdrawn)
	w.events.until(soon, "the call withdrawn", withdrawn)
	pocket.until(soon, "waiting again", shows(func(p phone) bool { return p.State == "waiting" && p.Counter == "" }))
	w.journal.post(w.nobody, "/api/v1/tickets/"+made.Token+"/cancel", nothing{}).is(w.T, 200)
	w.nobody.post("/api/v1/tickets/"+made.Token+"/cancel", nothing{}).refuses(w.T, 409, "wrong_state")
	pocket.until(soon, "cancelled", shows(func(p phone) bool { return p.State == "cancelled" }))
}

// changesSeats leaves a counter by opening another one, if nobody is there.
func (w *walk) changesSeats() {
	w.expect("paused", w.act(w.anna, "1", "pause", nothing{}).State, "paused")
	w.anna.post(counter("1", "next"), nothing{}).refuses(w.T, 409, "wrong_state")
	w.act(w.anna, "3", "open", nothing{})
	w.hall.until(soon, "counter 1 left for 3", shows(func(d hall) bool { return d.Counters[0].State == "closed" && d.Counters[2].State == "open" }))
	made := w.walkIn("baru")
	w.expect("called", w.act(w.anna, "3", "next", nothing{}).current(), made.Number)
	w.anna.post(counter("1", "open"), nothing{}).refuses(w.T, 409, "counter_busy")
	w.act(w.anna, "3", "serve", nothing{})
	w.act(w.anna, "3", "complete", map[string]string{"transfer_to": "wawancara"})
	w.act(w.anna, "3", "close", nothing{})
	w.act(w.anna, "1", "open", nothing{})
	w.expect("the interview", w.act(w.budi, "2", "next", nothing{}).current(), made.Number)
	w.act(w.budi, "2", "serve", nothing{})
	w.act(w.budi, "2", "complete", nothing{})
}

func (w *walk) ticks() {
	before := time.Now()
	for _, s := range []*screen{w.hall, w.events} {
		f := s.ticked(soon)
		if f.Confirmed.Before(before.Add(-8 * time.Second)) {
			w.Errorf("a tick that is stale at once: %s, now %s", f.Confirmed, before)
		}
	}
}

// repeats gives every command of the day again, and once more after a restart:
// the first answers, and not one event more.
func (w *walk) repeats() {
	before := w.house.admin.log()
	if n := w.journal.repeat(w.house); n < 40 {
		w.Errorf("only %d commands to repeat", n)
	}
	made := ack{by: w.desk, path: at("/tickets"), key: newKey(), body: map[string]any{"service": "ganti"}}
	made.answer = w.desk.must(http.MethodPost, made.path, made.key, made.body).is(w.T, 201)
	w.journal.note(made)
	w.desk.must(http.MethodPost, made.path, made.key, map[string]any{"service": "baru"}).refuses(w.T, 422, "invalid", "Idempotency-Key")
	other := w.sri.must(http.MethodPost, made.path, made.key, made.body).is(w.T, 201)
	if bytes.Equal(other.body, made.answer.body) {
		w.Error("another caller's key got this caller's answer")
	}
	whole := w.house.admin.log()
	w.expect("two tickets more", len(tell(w.T, whole).tickets), len(tell(w.T, before).tickets)+2)

	w.house.nodes[0].stop()
	w.house.nodes[0].start()
	w.journal.repeat(w.house)
	unchanged(w.T, "after repetitions and a restart", whole, w.house.admin.log())
	w.hall.until(soon, "the screen is back", shows(func(d hall) bool { return d.Waiting["ganti"] == 2 }))
	w.house.nodes[0].stop()
	w.house.verify()
}
