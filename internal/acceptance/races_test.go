package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// raced are the offices of the races: narrow, and quick to release.
var raced = []string{"satu", "dua", "tiga"}

const (
	racePlaces     = 2   // of a slot
	raceIdentities = 150 // who all want a place
	racers         = 16  // who act for them at the same time
)

// racePatience is for how long the races go on at most until everything that
// the logs shall hold has happened, and longer for each command that is wanted.
const (
	racePatience = 2 * time.Minute
	raceEach     = 20 * time.Millisecond
)

// racesEnv is how many commands race; usualRaces without it.
const (
	racesEnv   = "ANTREAN_RACES"
	usualRaces = 3000
)

// TestBookingsRace lets everybody book, cancel, move, stand by, accept and lose
// places in three offices at three nodes, the same person at several of them at
// once, and then reads in the logs what came of it.
//
// ANTREAN_RACES=100000 go test ./internal/acceptance -run TestBookingsRace -timeout 60m -v
func TestBookingsRace(t *testing.T) {
	wanted := usualRaces
	if text := os.Getenv(racesEnv); text != "" {
		var err error
		if wanted, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", racesEnv, err)
		}
	}
	h := newHouse(t, true, 3, func(h *house) { h.config = racedOffices() })
	r := &race{t: t, public: h.public(), ctx: t.Context(), wanted: int64(wanted), held: map[string]*holding{}, known: map[int]*holding{}, counts: map[string]int{}, began: time.Now()}
	var group sync.WaitGroup
	for range racers {
		group.Go(r.run)
	}
	await(t, racePatience+time.Duration(wanted)*raceEach, "everything has happened in the races", func() bool { return r.reached(h) })
	r.over.Store(true)
	group.Wait()
	took := time.Since(r.began)
	for _, ask := range r.unsure {
		ask()
	}
	r.check()

	places := newLedgerOfPlaces(t, racePlaces)
	for _, id := range raced {
		places.conserves(h, id)
	}
	places.knows(r)
	r.oneEach()
	// What everybody gives back is there again, in every slot.
	for n := range raceIdentities {
		if k := r.of(n); k != nil {
			r.cancel(n, k)
		}
	}
	r.check()
	for _, id := range raced {
		var free map[string]int
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("%s: free at last: %v", id, free)
			}
		})
		await(t, time.Minute, "every place of "+id+" is free again", func() (whole bool) {
			_, free, whole = freePlaces(h, id)
			return whole && len(free) > 0
		})
	}
	h.verify()
	t.Logf("%d commands in %s (%.0f/s): %v", r.done.Load(), took.Round(time.Millisecond), float64(r.done.Load())/took.Seconds(), r.counts)
	t.Logf("the logs: %v", places.counts)
}

// reached reports whether enough was done and every kind of act and event that
// the races are about has happened: when the jobs come by is not up to them.
func (r *race) reached(h *house) bool {
	if r.done.Load() < r.wanted {
		return false
	}
	r.mu.Lock()
	for _, what := range []string{"book", "book: already_booked", "book: slot_full", "reschedule", "accept"} {
		if r.counts[what] == 0 {
			r.mu.Unlock()
			return false
		}
	}
	r.mu.Unlock()
	var all []byte
	for _, id := range raced {
		for _, e := range h.admin.logOf(id) {
			all = append(all, e.Event...)
		}
	}
	for _, what := range []string{"tickets_booked", "tickets_moved", "ticket_cancelled", "places_released", "places_offered", "places_returned"} {
		if !bytes.Contains(all, []byte(`"type":"`+what+`"`)) {
			return false
		}
	}
	return true
}

// racedOffices are open around the clock, around noon.
func racedOffices() string {
	zone := -clampZone(11 - time.Now().UTC().Hour())
	text := "offices:\n"
	for i, id := range raced {
		text += fmt.Sprintf(`  - id: %s
    name: Kantor %s
    timezone: Etc/GMT%+d
    languages: [id, en]
    hours: {mon-sun: ["00:00-24:00"]}
    booking: {slot: 60m, horizon: 1d, party_max: 3, reschedules: 1000000, reschedule_until: 1s}
    noshow: {check_in_grace: 1s, standby_offer: 2s, future_release_delay: 1s-2s, self_check_in: open}
    stages: [{id: berkas, name: {id: Berkas, en: Papers}}]
    services: [{id: paspor, prefix: %c, name: {id: Paspor, en: Passport}, stages: [berkas], slot_capacity: %d}]
    counters: [{id: "1", name: Loket 1}]
    limits: {bookings: 10000000/1m, tickets: 10000000/1m, witnesses: 100000/1m}
    retention: {personal: 30d, log: 365d}
`, id, id, zone, 'A'+i, racePlaces)
	}
	return text
}

// A race is what the racers share: what they were told of each identity.
type race struct {
	t      *testing.T
	public caller
	ctx    context.Context
	began  time.Time
	wanted int64
	done   atomic.Int64
	over   atomic.Bool

	mu     sync.Mutex
	held   map[string]*holding // by ticket id
	known  map[int]*holding    // the last that was told of an identity
	counts map[string]int
	wrong  []string
	unsure []func() // ask again what became of a try that was given up
}

// holding is a ticket that was acknowledged. Between from and until it was
// surely active, by this process' clock: from the answer until somebody began
// to cancel it.
type holding struct {
	identity    int
	office      string
	ticket      ticket
	from, until time.Time
	standby     bool
}

func (r *race) fault(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

func (r *race) check() {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.wrong[:min(len(r.wrong), 5)] {
		r.t.Error(w)
	}
}

func (r *race) of(identity int) *holding {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[identity]
}

// run acts for one identity after the other until enough was done.
func (r *race) run() {
	for r.ctx.Err() == nil && !r.over.Load() {
		n := rand.IntN(raceIdentities)
		k := r.of(n)
		if k == nil {
			r.bookSomehow(n)
			continue
		}
		path := "/api/v1/tickets/" + k.ticket.Token
		switch roll := rand.IntN(100); {
		case roll < 30:
			if n%3 > 0 || roll == 0 { // some keep what they have until it is released
				r.cancel(n, k)
			}
		case roll < 50:
			r.do("reschedule", path+"/reschedule", map[string]any{"slot": someSlot()}, "slot_full", "wrong_state", "too_late", "outside_hours")
		case roll < 65:
			r.do("standby", path+"/standby", map[string]any{"minutes": 1 + rand.IntN(5)}, "wrong_state", "too_late")
			r.mu.Lock()
			k.standby = true
			r.mu.Unlock()
		case roll < 90:
			r.do("accept", path+"/accept", nothing{}, "wrong_state", "too_late")
		default:
			r.bookSomehow(n) // has one already
		}
	}
}

// someSlot is the earliest, the present hour, which is soon released, or one of
// the next.
func someSlot() string {
	ahead := 0
	switch roll := rand.IntN(10); {
	case roll < 2:
		return "earliest"
	case roll < 7:
		ahead = rand.IntN(20)
	}
	return time.Now().UTC().Truncate(time.Hour).Add(time.Duration(ahead) * time.Hour).Format(time.RFC3339)
}

// bookSomehow books an identity: alone or with others, once, twice with one key
// at the same time, or at two offices at once.
func (r *race) bookSomehow(n int) {
	people := []int{n}
	if rand.IntN(8) == 0 {
		people = append(people, (n+1+rand.IntN(5))%raceIdentities)
	}
	id, body := raced[rand.IntN(len(raced))], booking("paspor", someSlot(), people...)
	if rand.IntN(3) == 0 {
		body["standby_minutes"] = 5
	}
	switch rand.IntN(4) {
	case 0: // a duel
		other := raced[(slices.Index(raced, id)+1)%len(raced)]
		var group sync.WaitGroup
		group.Go(func() { r.book(id, newKey(), body, people) })
		group.Go(func() { r.book(other, newKey(), body, people) })
		group.Wait()
	case 1: // an impatient double click
		key := newKey()
		var group sync.WaitGroup
		var answers [2][]byte
		for i := range answers {
			group.Go(func() { answers[i] = r.book(id, key, body, people) })
		}
		group.Wait()
		if answers[0] != nil && answers[1] != nil && !bytes.Equal(answers[0], answers[1]) {
			r.fault("one key was answered twice:\n%s\n%s", answers[0], answers[1])
		}
	case 2: // a client that gives up and tries again
		key := newKey()
		ctx, done := context.WithTimeout(r.ctx, time.Duration(rand.IntN(6000))*time.Microsecond)
		_, _ = r.public.send(ctx, "POST", "/api/v1/offices/"+id+"/bookings", key, body)
		done()
		if r.book(id, key, body, people) == nil {
			// The refusal is of the second try. The first may be under way still.
			r.mu.Lock()
			r.unsure = append(r.unsure, func() { r.book(id, key, body, people) })
			r.mu.Unlock()
		}
	default:
		r.book(id, newKey(), body, people)
	}
}

// book books until the outcome is known, and notes the tickets. It returns the
// answer to a success.
func (r *race) book(id, key string, body map[string]any, people []int) []byte {
	a := r.keyed("book", "/api/v1/offices/"+id+"/bookings", key, body, "already_booked", "slot_full", "too_late", "outside_hours")
	if a.status != 201 {
		return nil
	}
	now := time.Now()
	var made struct {
		Tickets []ticket `json:"tickets"`
	}
	if err := json.Unmarshal(a.body, &made); err != nil || len(made.Tickets) != len(people) {
		r.fault("a booking of %d: %v: %s", len(people), err, a)
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, t := range made.Tickets {
		if r.held[t.ID] == nil {
			r.held[t.ID] = &holding{identity: people[i], office: id, ticket: t, from: now}
			r.known[people[i]] = r.held[t.ID]
		} else if r.held[t.ID].identity != people[i] {
			r.wrong = append(r.wrong, fmt.Sprintf("ticket %s is of two people", t.ID))
		}
	}
	return a.body
}

// cancel gives a ticket back. From the moment it is asked the ticket may be gone.
func (r *race) cancel(n int, k *holding) {
	r.mu.Lock()
	if k.until.IsZero() {
		k.until = time.Now()
	}
	r.mu.Unlock()
	if a := r.do("cancel", "/api/v1/tickets/"+k.ticket.Token+"/cancel", nothing{}, "wrong_state"); a.status == 200 || a.status == 409 {
		r.mu.Lock()
		if r.known[n] == k {
			delete(r.known, n)
		}
		r.mu.Unlock()
	}
}

func (r *race) do(what, path string, body any, allowed ...string) answer {
	return r.keyed(what, path, newKey(), body, allowed...)
}

// keyed gives a command until its outcome is known; a refusal must be one of
// those allowed.
func (r *race) keyed(what, path, key string, body any, allowed ...string) answer {
	r.done.Add(1)
	a, err := r.public.insist(r.ctx, path, key, body)
	if err != nil {
		r.fault("%v", err)
		return answer{}
	}
	if a.status >= 300 {
		p, ok := a.problem()
		if !ok || !slices.Contains(allowed, p.Code) {
			r.fault("%s: POST %s: %s", what, path, a)
		}
		what += ": " + p.Code
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[what]++
	return a
}

// oneEach: at no moment two tickets of an identity were surely active.
func (r *race) oneEach() {
	r.t.Helper()
	if doubled := overlapping(r.held, time.Now()); len(doubled) > 0 {
		r.t.Errorf("%d identities were booked twice at the same time, the first: %s", len(doubled), doubled[0])
	}
}

func overlapping(held map[string]*holding, now time.Time) (all []string) {
	of := map[int][]*holding{}
	for _, k := range held {
		c := *k
		if c.until.IsZero() {
			c.until = now
		}
		if c.from.Before(c.until) {
			of[k.identity] = append(of[k.identity], &c)
		}
	}
	for n, tickets := range of {
		slices.SortFunc(tickets, func(a, b *holding) int { return a.from.Compare(b.from) })
		for i := 1; i < len(tickets); i++ {
			if a, b := tickets[i-1], tickets[i]; b.from.Before(a.until) {
				all = append(all, fmt.Sprintf("%d: %s at %s from %s to %s, and %s at %s from %s",
					n, a.ticket.ID, a.office, a.from, a.until, b.ticket.ID, b.office, b.from))
			}
		}
	}
	return all
}

// TestRacesNoticeAnIdentityBookedTwice holds the check itself.
func TestRacesNoticeAnIdentityBookedTwice(t *testing.T) {
	at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
	held := map[string]*holding{
		"a": {identity: 1, from: at(1), until: at(5)},
		"b": {identity: 1, from: at(5), until: at(7)},
		"c": {identity: 1, from: at(9), until: at(8)}, // told of when it was over
		"d": {identity: 2, from: at(1)},
	}
	if found := overlapping(held, at(10)); len(found) > 0 {
		t.Errorf("found %q", found)
	}
	held["e"] = &holding{identity: 2, from: at(9)}
	if found := overlapping(held, at(10)); len(found) != 1 {
		t.Errorf("found %q", found)
	}
}
