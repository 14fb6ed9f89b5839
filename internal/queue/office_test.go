package queue

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
)

// tb is what testing.TB and rapid.T have in common.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// monday is the date of the tests, in an office seven hours east of UTC: its
// morning begins on the day before there.
const monday = calendar.Date("2026-11-23")

var jakarta = must(time.LoadLocation("Asia/Jakarta"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// clock is a wall time on monday, "10:00" or "10:00:05", or of another day,
// "2026-11-24 10:00".
func clock(text string) time.Time {
	if !strings.Contains(text, " ") {
		text = string(monday) + " " + text
	}
	if strings.Count(text, ":") == 1 {
		text += ":00"
	}
	return must(time.ParseInLocation("2006-01-02 15:04:05", text, jakarta)).UTC()
}

func number[T any](n T) *T { return &n }

// plan is a small office with everything that can be configured about calling.
func plan(edits ...func(*Config)) *Config {
	name := func(s string) Text { return Text{"id": s} }
	c := &Config{
		ID: "bandung", Name: "Bandung", Timezone: "Asia/Jakarta",
		Hours:   map[string][]string{"mon-fri": {"07:30-12:00", "13:00-16:00"}},
		Booking: Booking{Horizon: calendar.Duration(3 * 24 * time.Hour)},
		Stages:  []Stage{{"berkas", name("Berkas")}, {"wawancara", name("Wawancara")}},
		Services: []Service{
			{ID: "baru", Prefix: "A", Name: name("Baru"), Stages: []string{"berkas", "wawancara"}, SlotCapacity: Capacity{Places: 4}, Fee: 350000, PickupAfter: 4},
			{ID: "ganti", Prefix: "B", Name: name("Ganti"), Stages: []string{"wawancara"}, SlotCapacity: Capacity{Places: 2}, WalkinCapacity: number(3)},
			{ID: "tanya", Prefix: "C", Name: name("Tanya"), Stages: []string{"berkas"}},
		},
		Counters: []CounterConfig{
			{ID: "1", Name: "Loket 1", Stages: []string{"berkas"}},
			{ID: "2", Name: "Loket 2", Stages: []string{"wawancara"}, Services: []string{"ganti"}, Lanes: []Lane{Priority, Appointment}},
			{ID: "3", Name: "Loket 3", Stages: []string{"wawancara"}},
			{ID: "4", Name: "Loket 4"},
		},
	}
	for _, edit := range edits {
		edit(c)
	}
	if errs := c.Prepare(); len(errs) > 0 {
		panic(errs[0])
	}
	return c
}

// office drives a state by commands and keeps its log as a store would, folded
// by a second state that only ever sees the encoded events.
type office struct {
	t       tb
	live    *State
	settled *State
	now     time.Time
	n       int
	log     [][]byte
}

func newOffice(t tb, edits ...func(*Config)) *office {
	o := &office{t: t, live: NewState("bandung"), settled: NewState("bandung"), now: clock("07:30")}
	o.do("admin", Configure{Config: plan(edits...), Epoch: "e1"})
	return o
}

func (o *office) at(text string) *office {
	o.now = clock(text)
	return o
}

// try decides a command and folds what came of it as another node would.
func (o *office) try(by string, ask Ask) ([]*Event, error) {
	o.t.Helper()
	o.n++
	return o.decide(Command{
		Ask: ask, ID: fmt.Sprintf("c%d", o.n),
		By: Actor{Name: by, Public: by == "applicant", Anywhere: by == "admin"},
	})
}

func (o *office) decide(c Command) ([]*Event, error) {
	o.t.Helper()
	o.live.Begin()
	events, err := Decide(o.live, c, o.now)
	o.live.Keep()
	for _, e := range events {
		data, fail := Encode(e)
		if fail != nil {
			o.t.Fatalf("encode %s: %v", e.Type(), fail)
		}
		read, fail := Decode(data)
		if fail != nil {
			o.t.Fatalf("decode what was decided: %s: %v", data, fail)
		}
		if fail := o.settled.Apply(o.settled.Version+1, read); fail != nil {
			o.t.Fatal(fail)
		}
		o.log = append(o.log, data)
	}
	return events, err
}

// do decides a command that must succeed and returns its facts.
func (o *office) do(by string, ask Ask) []Fact {
	o.t.Helper()
	events, err := o.try(by, ask)
	if err != nil {
		o.t.Fatalf("%s: %T%+v: %v", by, ask, ask, err)
	}
	return facts(events)
}

// refused decides a command that must be refused and returns the refusal as
// "code: detail".
func (o *office) refused(by string, ask Ask) string {
	o.t.Helper()
	before := snapshot(o.t, o.live)
	_, err := o.try(by, ask)
	var no *Refusal
	if !errors.As(err, &no) {
		o.t.Fatalf("%s: %T%+v: want a refusal, got %v", by, ask, ask, err)
	}
	if diff := cmp.Diff(before, snapshot(o.t, o.live)); diff != "" {
		o.t.Fatalf("the refusal changed the state (-before +after):\n%s", diff)
	}
	return no.Error()
}

// open seats officers at counters: "1 ani, 2 budi".
func (o *office) open(seats string) *office {
	o.t.Helper()
	for seat := range strings.SplitSeq(seats, ", ") {
		counter, officer, _ := strings.Cut(seat, " ")
		o.do(officer, OpenCounter{counter})
	}
	return o
}

// issue gives numbers at the door: "a1", or "p1!" for a priority.
func (o *office) issue(service string, ids ...string) *office {
	o.t.Helper()
	for _, id := range ids {
		id, priority := strings.CutSuffix(id, "!")
		o.do("desk", Issue{ID: id, Service: service, Priority: priority})
	}
	return o
}

func (o *office) ticket(id string) *Ticket {
	o.t.Helper()
	t := o.live.Tickets[id]
	if t == nil {
		o.t.Fatalf("no ticket %s", id)
	}
	return t
}

func (o *office) status(id string) Status { o.t.Helper(); return o.ticket(id).Status }

// next presses Next and says who came: "a1+a2 arrival".
func (o *office) next(by, counter string) string {
	o.t.Helper()
	called := o.do(by, Next{Counter: counter, Complete: true})
	c := called[len(called)-1].(*TicketsCalled)
	return strings.Join(c.Tickets, "+") + " " + c.Why
}

func facts(events []*Event) []Fact {
	var all []Fact
	for _, e := range events {
		all = append(all, e.Fact)
	}
	return all
}

func snapshot(t tb, s *State) string {
	t.Helper()
	data, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// same checks what must hold between any two commands: the fold of the encoded
// log is the live state, and the indexes are those of a fresh start.
func (o *office) same() {
	o.t.Helper()
	if diff := cmp.Diff(snapshot(o.t, o.live), snapshot(o.t, o.settled)); diff != "" {
		o.t.Fatalf("the fold of the log differs from the live state (-live +folded):\n%s", diff)
	}
	sameIndexes(o.t, o.live)
}

func sameIndexes(t tb, s *State) {
	t.Helper()
	fresh := must(Restore([]byte(snapshot(t, s))))
	if diff := cmp.Diff(drawn(fresh), drawn(s)); diff != "" {
		t.Fatalf("the indexes differ from rebuilt ones (-rebuilt +kept):\n%s", diff)
	}
}

// drawn is a state's indexes as plain values.
func drawn(s *State) map[string]string {
	out := map[string]string{}
	for stage, all := range s.waiting {
		if len(all) > 0 {
			for _, t := range all {
				if s.Tickets[t.ID] != t {
					out["stale "+t.ID] = stage
				}
			}
			out["waiting "+stage] = strings.Join(ids(all), " ")
		}
	}
	for k, id := range s.numbers {
		out[fmt.Sprintf("number %v", k)] = id
	}
	for k, n := range s.places {
		out[fmt.Sprintf("place %v", k)] = fmt.Sprint(n)
	}
	for k, n := range s.priority {
		out[fmt.Sprintf("priority %v", k)] = fmt.Sprint(n)
	}
	for k, n := range s.late {
		out[fmt.Sprintf("late %v", k)] = fmt.Sprint(n)
	}
	for k, n := range s.coming {
		out["coming "+string(k)] = fmt.Sprint(n)
	}
	for k, n := range s.overdue {
		out["overdue "+string(k)] = fmt.Sprint(n)
	}
	for k, all := range s.barred {
		var holds []string
		for _, h := range all {
			holds = append(holds, fmt.Sprint(h))
		}
		slices.Sort(holds)
		out[fmt.Sprintf("barred %v", k)] = strings.Join(holds, " ")
	}
	out["tardy"] = fmt.Sprint(s.tardy)
	for id := range s.standby {
		out["standby "+id] = "yes"
	}
	for k, all := range s.parties {
		out["party "+k] = strings.Join(all, " ")
	}
	return out
}
