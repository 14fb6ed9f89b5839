package queue

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antrean/internal/calendar"
)

// hall is an office under a sequence of commands that nobody planned, and what
// is remembered about them to judge the rules from outside.
type hall struct {
	*office
	t    *rapid.T
	rnd  *rand.Rand // of the step under way
	made int
	keys []Command // successes that carried a key
	past *State    // just before the event that is judged

	bears []string // the marks of the command under way

	jumps   map[string]bool    // calls of the priority lane past others, by call
	allowed map[string]float64 // the lane's share at each call while others waited
	kinds   map[string]bool
}

var officers = []string{"ani", "budi", "cici"}

// variant is one of the configurations between which the office changes.
func variant(i int) *Config {
	return plan(func(c *Config) {
		c.Hours = map[string][]string{"mon-sun": {"06:00-12:00", "13:00-16:00"}}
		c.Calling.Ceiling = calendar.Duration(40 * time.Minute)
		c.NoShow.AbsentReturns = number(i % 3)
		c.NoShow.SelfCheckIn = "open"
		c.Retention.Personal = calendar.Duration(time.Hour)
		c.Calling.PriorityShare = []Ratio{{1, 3}, {0, 1}, {1, 2}, {1, 1}}[i%4]
		if i%5 == 4 {
			c.Counters = c.Counters[:3]
		}
	})
}

func newHall(t *rapid.T) *hall {
	h := &hall{t: t, jumps: map[string]bool{}, allowed: map[string]float64{}, kinds: map[string]bool{}}
	h.office = &office{t: t, live: NewState("bandung"), settled: NewState("bandung"), now: clock("06:40")}
	h.past = NewState("bandung")
	h.do("admin", Configure{Config: variant(0), Epoch: "e1"})
	h.open("1 ani, 3 budi").issue("baru", h.id(), h.id(), h.id()+"!").issue("ganti", h.id(), h.id()+"!")
	for i, data := range h.log {
		_ = h.past.Apply(uint64(i+1), must(Decode(data)))
	}
	return h
}

func (h *hall) id() string { h.made++; return fmt.Sprintf("t%d", h.made) }

func (h *hall) pick(of ...string) string { return of[h.rnd.IntN(len(of))] }

// oneIn is true once in n times.
func (h *hall) oneIn(n int) bool { return h.rnd.IntN(n) == 0 }

// someTicket is mostly one in a state that the command is meant for.
func (h *hall) someTicket(meant ...Status) string {
	all := sortedKeys(h.live.Tickets)
	if !h.oneIn(5) {
		fit := slices.DeleteFunc(slices.Clone(all), func(id string) bool {
			t := h.live.Tickets[id]
			return !slices.Contains(meant, t.Status) || t.Date != h.live.Today(h.now)
		})
		if len(fit) > 0 {
			all = fit
		}
	}
	if len(all) == 0 {
		return "nobody"
	}
	return h.pick(all...)
}

// marks are those of one of few phones, so that they meet again.
func (h *hall) marks() []string {
	h.bears = []string{h.pick("phone 1", "phone 2"), h.pick("browser 1", "browser 2", "browser 3")}[:h.rnd.IntN(3)]
	return h.bears
}

func (h *hall) someDate() calendar.Date {
	return h.live.Today(h.now).AddDays([]int{0, 0, 0, -1, 1, 2}[h.rnd.IntN(6)])
}

// ask draws a command: mostly one that fits, sometimes any.
func (h *hall) ask() (by string, a Ask) {
	counter := h.pick("1", "2", "3", "4")
	k := h.live.Counter(counter)
	by = k.Officer
	if by == "" || h.oneIn(10) {
		by = h.pick(officers...)
	}
	service := h.pick("baru", "baru", "ganti", "tanya")
	any := []string{
		"book", "issue", "check-in", "open", "next", "serve", "complete", "miss", "park", "recall", "undo", "return",
		"pause", "close", "take-over", "call", "cancel", "confirm", "amend", "split", "reissue", "ready", "void",
		"release", "day-close", "day-start", "day-end", "day-reopen", "capacity", "walkins", "suspend", "resume", "forget",
		"configure", "notices", "epoch", "reschedule", "standby", "accept", "defer", "help", "helped",
		"join", "correct", "collect",
	}
	people := []string{"book", "book", "issue", "issue", "issue", "check-in", "check-in", "return", "release", "amend", "call", "cancel", "reschedule", "standby", "standby", "accept", "accept", "defer", "help", "join"}
	desk := []string{"next"}
	_, suspended := h.live.Suspended()
	switch at := h.live.Tickets[first(k.Tickets)]; {
	case suspended && h.oneIn(3):
		desk = []string{"resume"}
	case h.live.shut(h.live.Today(h.now)) && h.oneIn(3):
		desk = []string{"day-reopen"}
	case k.State != Open:
		desk = []string{"open"}
	case at == nil:
		desk = []string{"next", "next", "next", "next", "undo", "pause", "call"}
	case at.Status == Called:
		desk = []string{"serve", "serve", "serve", "serve", "miss", "miss", "park", "recall", "undo"}
	case at.Status == Serving:
		desk = []string{"complete", "next", "next", "park", "undo"}
	}
	kind := h.pick(desk...)
	switch roll := h.rnd.IntN(100); {
	case roll < 15:
		kind = h.pick(any...)
	case roll < 50:
		kind = h.pick(people...)
	}
	switch kind {
	case "book":
		ids := make([]string, 1+h.rnd.IntN(3))
		for i := range ids {
			ids[i] = h.id()
		}
		b := Book{Service: service, IDs: ids, Priority: h.oneIn(4), Standby: h.rnd.IntN(3) * 20, Marks: h.marks()}
		if s, _ := h.live.Config.Service(service); h.oneIn(2) {
			if all := h.live.Places(s, h.someDate(), h.now); len(all) > 0 {
				b.Slot = all[h.rnd.IntN(len(all))].Start
			}
		}
		return "applicant", b
	case "issue":
		return "desk", Issue{ID: h.id(), Service: service, Priority: h.oneIn(4), Standby: h.oneIn(2)}
	case "check-in":
		if h.oneIn(6) {
			return "desk", UndoCheckIn{h.someTicket(Waiting)}
		}
		return "applicant", CheckIn{Ticket: h.someTicket(Booked)}
	case "open":
		return by, OpenCounter{counter}
	case "next":
		return by, Next{Counter: counter, Complete: !h.oneIn(5)}
	case "serve":
		return by, Serve{counter}
	case "complete":
		return by, Complete{Counter: counter, To: h.pick("", "", "", "berkas", "wawancara", "elsewhere")}
	case "miss":
		return by, Miss{counter}
	case "park":
		return by, Park{counter}
	case "recall":
		return by, Recall{counter}
	case "undo":
		return by, UndoLast{counter}
	case "return":
		return "desk", Return{h.someTicket(Parked, NoShow)}
	case "pause":
		return by, PauseCounter{counter}
	case "close":
		return by, CloseCounter{counter}
	case "take-over":
		return h.pick(officers...), TakeOver{counter}
	case "call":
		return by, CallTicket{Counter: counter, Ticket: h.someTicket(Waiting, Parked), Reason: "ill", May: true}
	case "cancel":
		return "applicant", Cancel{h.someTicket(Booked, Waiting, Parked), h.rnd.Uint64(), h.marks()}
	case "defer":
		return "applicant", Defer{Ticket: h.someTicket(Waiting), Places: h.rnd.IntN(4)}
	case "help":
		return "applicant", AskHelp{h.someTicket(Waiting)}
	case "helped":
		return "desk", EndHelp{h.someTicket(Waiting, Parked)}
	case "standby":
		return "applicant", StandBy{Ticket: h.someTicket(Booked), Minutes: h.rnd.IntN(4) * 20}
	case "accept":
		for _, t := range h.live.StandingBy(nil) {
			if t.Offer != nil && !h.oneIn(5) {
				return "applicant", Accept{Ticket: t.ID, Luck: h.rnd.Uint64()}
			}
		}
		return "applicant", Accept{Ticket: h.someTicket(Booked)}
	case "reschedule":
		a := Reschedule{Ticket: h.someTicket(Booked), Luck: h.rnd.Uint64(), Marks: h.marks(), Special: h.oneIn(4)}
		if t := h.live.Tickets[a.Ticket]; t != nil && h.oneIn(2) {
			if s, ok := h.live.Config.Service(t.Service); ok {
				if all := h.live.Places(s, h.someDate(), h.now); len(all) > 0 {
					a.Slot = all[h.rnd.IntN(len(all))].Start
				}
			}
		}
		return "applicant", a
	case "confirm":
		return "applicant", Confirm{h.someTicket(Booked)}
	case "amend":
		a := Amend{Ticket: h.someTicket(Booked, Waiting, Serving), Reason: "wrong form"}
		if h.oneIn(4) {
			yes := h.oneIn(2)
			a.Priority = &yes
		}
		if h.oneIn(2) {
			a.Service = service
		}
		return "desk", a
	case "split":
		return "desk", SplitParty{h.someTicket()}
	case "join":
		return "desk", JoinParty{Ticket: h.someTicket(Booked, Waiting), With: h.someTicket(Booked, Waiting)}
	case "correct":
		return "desk", CorrectPerson{Ticket: h.someTicket(Booked), Fields: []string{"name"}}
	case "collect":
		return "desk", Collect{h.someTicket(Done)}
	case "reissue":
		return "desk", ReissueLink{h.someTicket()}
	case "ready":
		return "desk", Ready{h.someTicket(Done)}
	case "void":
		if h.oneIn(2) {
			return "system", Void{h.id()}
		}
		return "system", Void{h.someTicket()}
	case "release":
		return "system", ReleasePlaces{}
	case "day-close":
		return "admin", CloseDay{Date: h.someDate(), Move: h.oneIn(2)}
	case "day-start":
		start := StartDay{Date: h.someDate(), Numbers: map[string]int{"A": h.rnd.IntN(10)}}
		if h.oneIn(2) {
			start.Called = map[string]int{"A": h.rnd.IntN(start.Numbers["A"] + 1)}
			for range start.Joining() {
				start.IDs = append(start.IDs, h.id())
			}
		}
		return "admin", start
	case "day-end":
		return "admin", EndDay{Date: h.someDate(), IfEmpty: h.oneIn(2)}
	case "day-reopen":
		return "admin", ReopenDay{h.someDate()}
	case "capacity":
		set := SetCapacity{Date: h.someDate(), Service: service, Usual: h.oneIn(4)}
		if !set.Usual {
			set.Places = Capacity{Places: h.rnd.IntN(7), Priority: h.rnd.IntN(3)}
		}
		if slots := h.live.Config.Calendar().Slots(set.Date, h.live.Config.Booking.Slot.D()); len(slots) > 0 && h.oneIn(2) {
			set.Slot = slots[h.rnd.IntN(len(slots))].Start
		}
		return "admin", set
	case "walkins":
		return "admin", SetWalkins{Date: h.someDate(), Service: service, Numbers: h.rnd.IntN(5), Usual: h.oneIn(3)}
	case "suspend":
		return "admin", Suspend{Reason: "power cut"}
	case "resume":
		return "admin", Resume{}
	case "forget":
		return "system", Forget{}
	case "configure":
		return "admin", Configure{Config: variant(h.rnd.IntN(20))}
	case "epoch":
		return "system", BeginEpoch{Epoch: h.id(), Found: h.pick(h.live.Epoch, "another")}
	default:
		return "admin", SetNotices{[]Notice{Plain("closed at noon"), {Text: Text{"id": "tutup", "en": "closed"}, Until: h.now.Add(time.Hour)}}}
	}
}

func first(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// steps makes up commands, each from a drawn seed. A zero makes none, so that
// a failing sequence shrinks to few of them.
func (h *hall) steps(n int, step func()) {
	for i, seed := range rapid.SliceOfN(rapid.Uint64(), n, n).Draw(h.t, "seeds") {
		if seed != 0 {
			h.rnd = rand.New(rand.NewPCG(seed, uint64(i)))
			step()
		}
	}
}

// step lets time pass and decides one command.
func (h *hall) step() {
	switch roll := h.rnd.IntN(100); {
	case roll < 1:
		h.now = h.now.Add(time.Duration(1+h.rnd.IntN(20)) * time.Hour)
	case roll < 5:
		h.now = h.now.Add(time.Duration(1+h.rnd.IntN(40)) * time.Minute)
	case roll < 60:
		h.now = h.now.Add(time.Duration(1+h.rnd.IntN(60_000)) * time.Millisecond)
	}
	h.bears = nil
	by, a := h.ask()
	h.n++
	c := Command{Ask: a, ID: fmt.Sprintf("c%d", h.n), By: Actor{Name: by, Public: by == "applicant", Anywhere: by == "admin"}}
	if h.oneIn(2) {
		c.Key, c.Body = c.ID, fmt.Sprintf("%T", a)
	}
	events, err := h.decide(c)
	var no *Refusal
	switch {
	case err == nil:
		if c.Key != "" && len(events) > 0 {
			h.keys = append(h.keys, c)
		}
	case errors.As(err, &no):
	default:
		h.t.Fatalf("%T: %v", a, err)
	}
	if next, ok := a.(Next); ok && no != nil && no.Code == QueueEmpty {
		k, _ := h.past.Config.Counter(next.Counter)
		if all := mayServe(h.past, k, h.now); len(all) > 0 {
			h.t.Fatalf("counter %s idles while %v wait", k.ID, ids(all))
		}
	}
	for _, e := range events {
		h.judge(e)
		if err := h.past.Apply(h.past.Version+1, must(Decode(must(Encode(e))))); err != nil {
			h.t.Fatal(err)
		}
	}
	if h.oneIn(8) {
		h.same()
	}
}

// judge holds an event against the rules, from the state just before it.
func (h *hall) judge(e *Event) {
	h.kinds[e.Type()] = true
	switch f := e.Fact.(type) {
	case *TicketsBooked:
		h.capacityHolds(f.Tickets[0].Service, f.Tickets[0].Date, f.Tickets[0].Slot.Start)
		h.giverGetsOthers(f.Tickets[0].Service, f.Tickets[0].Slot.Start, len(f.Tickets))
	case *TicketsMoved:
		for _, m := range f.Moves {
			h.capacityHolds(h.live.Tickets[m.Ticket].Service, m.Date, m.Slot.Start)
			if f.Why == Rescheduled {
				h.giverGetsOthers(h.live.Tickets[m.Ticket].Service, m.Slot.Start, 1)
			}
		}
	case *DayStarted:
		for id := range f.ArriveBy {
			if was := h.past.Tickets[id]; was.Released {
				h.capacityHolds(was.Service, was.Date, was.Slot.Start)
			}
		}
	case *TicketsDeferred:
		for _, a := range f.Tickets {
			if was := h.past.Tickets[a.Ticket]; !a.Since.After(was.Since) {
				h.t.Fatalf("%s comes forward from %s to %s", a.Ticket, was.Since, a.Since)
			}
		}
	case *TicketIssued:
		s, _ := h.past.Config.Service(f.Ticket.Service)
		limit, limited := h.past.DoorLimit(s, f.Ticket.Date)
		if f.Ticket.Status == Waiting && limited && h.past.DoorGiven(s, f.Ticket.Date) >= limit {
			h.t.Fatalf("%s: number %s beyond the door's capacity", s.ID, f.Ticket.Number)
		}
	case *PlacesOffered:
		for _, o := range f.Offers {
			t := h.past.Tickets[o.Ticket]
			if t.Offer != nil || t.Standby == nil || t.Status != Booked {
				h.t.Fatalf("%s is offered a place and is %+v", t.ID, t)
			}
			if t.Slot != nil && !t.Slot.Start.After(o.Slot.Start) || o.Date != h.past.Today(h.now) {
				h.t.Fatalf("%s is offered %s for %s", t.ID, o.Slot.Start, t.Slot.Start)
			}
			h.capacityHolds(t.Service, o.Date, o.Slot.Start)
			for _, m := range h.past.together(t) {
				asks := m.Standby != nil && m.Offer == nil
				if asks && !slices.ContainsFunc(f.Offers, func(other Offered) bool { return other.Ticket == m.ID && other.Slot == o.Slot }) {
					h.t.Fatalf("%s is offered %s without %s of the family", t.ID, o.Slot.Start, m.ID)
				}
			}
		}
	case *PartyJoined:
		together := 0
		for _, m := range h.live.Tickets {
			if m.Party == f.Party {
				together++
			}
		}
		if together < 2 || together > h.live.Config.Booking.PartyMax {
			h.t.Fatalf("%d are one family", together)
		}
		for _, id := range f.Tickets {
			if was := h.past.Tickets[id]; was.Status.Ended() || was.Counter != "" || was.Date != h.live.Tickets[f.Tickets[0]].Date {
				h.t.Fatalf("%s joins a family and was %+v", id, was)
			}
		}
	case *TicketsCalled:
		h.calledRightly(h.past, f)
	case *ActUndone:
		for _, id := range f.Calls {
			delete(h.jumps, id)
			delete(h.allowed, id)
		}
	}
	bound := float64(2 * len(h.past.Config.Stages))
	for _, share := range h.allowed {
		bound += share
	}
	if float64(len(h.jumps)) > bound {
		h.t.Fatalf("the priority lane jumped %d times, its share is %.2f", len(h.jumps), bound)
	}
}

// mayServe are those who wait and whom the counter may serve, found by walking
// through everybody.
func mayServe(s *State, k *CounterConfig, now time.Time) []*Ticket {
	var all []*Ticket
	for _, id := range sortedKeys(s.Tickets) {
		t := s.Tickets[id]
		limits := func(limit []string, v string) bool { return len(limit) > 0 && !slices.Contains(limit, v) }
		if t.Status != Waiting || t.NotBefore.After(now) || limits(k.Stages, t.Stage) || limits(k.Services, t.Service) {
			continue
		}
		if len(k.Lanes) == 0 || slices.Contains(k.Lanes, t.Lane) {
			all = append(all, t)
		}
	}
	// Who let others pass is nobody's turn while those stand before them.
	return slices.DeleteFunc(slices.Clone(all), func(t *Ticket) bool {
		return t.Deferred && slices.ContainsFunc(all, func(o *Ticket) bool { return o.Stage == t.Stage && senior(o, t) < 0 })
	})
}

// capacityHolds checks a slot in which a place was taken just now. What was
// taken, or offered, before its capacity was lowered stays.
func (h *hall) capacityHolds(service string, date calendar.Date, start time.Time) {
	s, _ := h.live.Config.Service(service)
	for _, slot := range h.live.Config.Calendar().Slots(date, h.live.Config.Booking.Slot.D()) {
		if !slot.Start.Equal(start) {
			continue
		}
		taken := 0
		for _, o := range h.live.Tickets {
			if o.HoldsPlace() && o.Service == service && o.Slot.Start.Equal(start) {
				taken++
			}
			if o.Offer != nil && o.Service == service && o.Offer.Slot.Start.Equal(start) {
				taken++
			}
			for _, held := range o.Holds {
				if !held.Back && held.Service == service && held.Start.Equal(start) {
					taken++
				}
			}
		}
		if most, _ := h.live.capacity(s, date, slot); taken > most && taken > h.past.Taken(service, start) {
			h.t.Fatalf("%d places taken of %d at %s", taken, most, start)
		}
		return
	}
	h.t.Fatalf("a place outside the slots: %s", start)
}

// giverGetsOthers checks that whoever takes places just now takes none that the
// same phone or browser gave back.
func (h *hall) giverGetsOthers(service string, start time.Time, people int) {
	given := 0
	for _, o := range h.past.Tickets {
		for _, held := range o.Holds {
			if held.Back && held.Service == service && held.Start.Equal(start) && held.Barred.After(h.now) &&
				slices.ContainsFunc(held.Marks, func(m string) bool { return slices.Contains(h.bears, m) }) {
				given++
			}
		}
	}
	s, _ := h.past.Config.Service(service)
	for _, p := range h.past.Places(s, h.past.Today(start), h.now) {
		if p.Start.Equal(start) && given > 0 && p.Priority-given < people {
			h.t.Fatalf("%d of %d free places at %s came from who takes %d now", given, p.Priority, start, people)
		}
	}
	if given > 0 {
		h.kinds["booked beside what they gave back"] = true
	}
}

func (h *hall) calledRightly(at *State, f *TicketsCalled) {
	called := map[string]bool{}
	for _, id := range f.Tickets {
		called[id] = true
		if s := at.Tickets[id].Status; s != Waiting && (f.Why != string(Chosen) || s != Parked) {
			h.t.Fatalf("%s was %s when it was called", id, s)
		}
	}
	if f.Why == string(Chosen) {
		return
	}
	k, _ := at.Config.Counter(f.Counter)
	all := mayServe(at, k, h.now)
	var oldest *Ticket
	priority := 0
	for _, t := range all {
		if oldest == nil || senior(t, oldest) < 0 {
			oldest = t
		}
		if t.Lane == Priority {
			priority++
		}
	}
	if !slices.ContainsFunc(all, func(t *Ticket) bool { return called[t.ID] }) {
		h.t.Fatalf("counter %s may serve none of %v", k.ID, f.Tickets)
	}
	if at.Waited(oldest, h.now) > at.Config.Calling.Ceiling.D() && !called[oldest.ID] && f.Why != string(ByPriority) && f.Why != string(ByAge) {
		h.t.Fatalf("%s waits %s and is passed over for %v by %s", oldest.ID, at.Waited(oldest, h.now), f.Tickets, f.Why)
	}
	for _, p := range all {
		if p.Lane != Priority || called[p.ID] {
			continue
		}
		younger := slices.ContainsFunc(f.Tickets, func(id string) bool {
			t := at.Tickets[id]
			return t.Lane != Priority && t.Service == p.Service && t.Arrived.After(p.Arrived)
		})
		older := slices.ContainsFunc(f.Tickets, func(id string) bool { return !at.Tickets[id].Arrived.After(p.Arrived) })
		if younger && !older {
			h.t.Fatalf("%v are called by %s before %s of the priority lane, who came earlier", f.Tickets, f.Why, p.ID)
		}
	}
	if priority < len(all) {
		share := at.Config.Calling.PriorityShare
		h.allowed[f.Call] = max(float64(share.Num)/float64(share.Den), float64(priority)/float64(len(all)))
		if f.Why == string(ByPriority) {
			h.jumps[f.Call] = true
		}
	}
}

// holds checks what must be true of a state at any time.
func (h *hall) holds() {
	seen := map[string]string{}
	for id, k := range h.live.Counters {
		for _, ticket := range k.Tickets {
			if other, twice := seen[ticket]; twice {
				h.t.Fatalf("%s is at the counters %s and %s", ticket, other, id)
			}
			seen[ticket] = id
			if t := h.live.Tickets[ticket]; t == nil || t.Counter != id || t.Status != Called && t.Status != Serving {
				h.t.Fatalf("counter %s holds %s, which is %+v", id, ticket, t)
			}
		}
		if k.State == Closed && (len(k.Tickets) > 0 || k.Officer != "") {
			h.t.Fatalf("closed counter %+v", k)
		}
	}
	sits := map[string]string{}
	for id, k := range h.live.Counters {
		if other, twice := sits[k.Officer]; twice && k.Officer != "" {
			h.t.Fatalf("%s sits at %s and %s", k.Officer, other, id)
		}
		sits[k.Officer] = id
	}
	numbers := map[string]string{}
	for id, t := range h.live.Tickets {
		if at := t.Status == Called || t.Status == Serving; at != (seen[id] != "") || at != (t.Counter != "") {
			h.t.Fatalf("%s is %s at counter %q, found at %q", id, t.Status, t.Counter, seen[id])
		}
		if t.Status.Ended() == t.Ended.IsZero() {
			h.t.Fatalf("%s is %s and ended %v", id, t.Status, t.Ended)
		}
		key := fmt.Sprint(t.Date, t.Number)
		if other, twice := numbers[key]; twice {
			h.t.Fatalf("%s and %s share the number %s", id, other, key)
		}
		numbers[key] = id
	}
}

// TestRulesHoldUnderAnySequenceOfCommands is the contract of the package.
func TestRulesHoldUnderAnySequenceOfCommands(t *testing.T) {
	kinds := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		h := newHall(t)
		h.steps(200, func() {
			h.step()
			h.holds()
		})
		h.same()
		for kind := range h.kinds {
			kinds[kind] = true
		}
	})
	for _, kind := range []string{"tickets_called", "tickets_completed", "tickets_missed", "tickets_parked", "act_undone", "tickets_checked_in", "tickets_moved", "party_joined", "places_offered", "offers_lapsed"} {
		if !kinds[kind] && !t.Failed() {
			t.Errorf("no sequence made %s: the test has lost its reach", kind)
		}
	}
}

// promisedTwice is whether late people keep a slot's places from others.
func (h *hall) promisedTwice(s *Service, p Place) bool {
	_, known := h.live.Spare(s, h.now)
	return known && h.live.late[placeKey{service: s.ID, start: p.Start.Unix()}] > 0
}

// TestNoPlaceIsLost: whatever people did with their places, once every delay is
// over a slot has as many free as nobody has booked.
func TestNoPlaceIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHall(t)
		h.steps(150, h.step)
		if _, yes := h.live.Suspended(); yes {
			h.do("admin", Resume{})
		}
		for _, o := range h.live.StandingBy(nil) {
			if h.ticket(o.ID).Standby != nil { // unless its family took it back
				h.do("applicant", StandBy{Ticket: o.ID})
			}
		}
		h.now = h.now.Add(h.live.Config.NoShow.FutureReleaseDelay.Max.D() + time.Millisecond)
		h.do("system", ReleasePlaces{})
		booked := map[placeKey]int{}
		for _, o := range h.live.Tickets {
			if len(o.Holds) > 0 {
				t.Fatalf("%s still holds %v", o.ID, o.Holds)
			}
			if o.HoldsPlace() {
				booked[placeKey{service: o.Service, start: o.Slot.Start.Unix()}]++
			}
		}
		for i := range h.live.Config.Services {
			s := &h.live.Config.Services[i]
			for date := h.live.Today(h.now); date <= h.live.LastBookable(h.now); date = date.AddDays(1) {
				for _, p := range h.live.Places(s, date, h.now) {
					if want := max(0, p.Capacity-booked[placeKey{service: s.ID, start: p.Start.Unix()}]); p.Priority != want && !h.promisedTwice(s, p) {
						t.Fatalf("%s at %s: %d of %d are free, want %d", s.ID, p.Start, p.Priority, p.Capacity, want)
					}
				}
			}
		}
	})
}

// TestOneKeyHasOneEffect repeats commands at any later time.
func TestOneKeyHasOneEffect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHall(t)
		h.steps(100, h.step)
		if len(h.keys) == 0 {
			return
		}
		c := rapid.SampledFrom(h.keys).Draw(t, "repeated")
		before := snapshot(t, h.live)
		first := h.live.Answered[c.Key]
		if h.now.Sub(first.At) > AnswersKept {
			return
		}
		_, err := h.decide(c)
		var again *Repeated
		if !errors.As(err, &again) || again.Answer != first || first.Count < 1 {
			t.Fatalf("repeated: %v, want the first answer %+v", err, first)
		}
		e := must(Decode(h.log[first.First-1]))
		if e.Key != c.Key || e.Count != first.Count {
			t.Fatalf("the answer points to %+v", e)
		}
		c.Body += "x"
		_, err = h.decide(c)
		var no *Refusal
		if !errors.As(err, &no) || no.Code != Invalid {
			t.Fatalf("the key with another body: %v", err)
		}
		if diff := cmp.Diff(before, snapshot(t, h.live)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestRollbackTakesBackEverything decides a batch on a state and takes all or
// its latter part back, as a writer does whose append was refused.
func TestRollbackTakesBackEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHall(t)
		h.steps(60, h.step)
		batch := func() {
			h.steps(20, func() {
				by, a := h.ask()
				h.n++
				_, _ = Decide(h.live, Command{Ask: a, ID: fmt.Sprint("b", h.n), Key: fmt.Sprint("k", h.n),
					By: Actor{Name: by, Anywhere: by == "admin"}}, h.now)
			})
		}
		before := snapshot(t, h.live)
		h.live.Begin()
		batch()
		mark, middle := h.live.Mark(), snapshot(t, h.live)
		batch()
		h.live.Rollback(mark)
		if diff := cmp.Diff(middle, snapshot(t, h.live)); diff != "" {
			t.Fatalf("back to the mark (-before +after):\n%s", diff)
		}
		sameIndexes(t, h.live)
		h.live.Rollback(0)
		h.live.Keep()
		if diff := cmp.Diff(before, snapshot(t, h.live)); diff != "" {
			t.Fatalf("back to the beginning (-before +after):\n%s", diff)
		}
		h.same()
	})
}

// TestDecidingIsDeterministic decides the same commands on two states that
// were built differently.
func TestDecidingIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHall(t)
		h.steps(100, h.step)
		twin := must(Restore([]byte(snapshot(t, h.settled))))
		h.steps(20, func() {
			by, a := h.ask()
			h.n++
			c := Command{Ask: a, ID: fmt.Sprint("d", h.n), By: Actor{Name: by, Anywhere: by == "admin"}}
			one, err1 := Decide(h.live, c, h.now)
			two, err2 := Decide(twin, c, h.now)
			if fmt.Sprint(err1) != fmt.Sprint(err2) {
				t.Fatalf("%T: %v and %v", a, err1, err2)
			}
			for i := range one {
				if diff := cmp.Diff(string(must(Encode(one[i]))), string(must(Encode(two[i])))); diff != "" {
					t.Fatalf("%T: %s", a, diff)
				}
			}
		})
	})
}
