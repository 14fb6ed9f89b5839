package queue

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
)

// calls presses Next until nobody waits and returns who came, and why.
func (o *office) calls(by, counter string) []string {
	o.t.Helper()
	var all []string
	for {
		k, _ := o.live.Config.Counter(counter)
		if _, ok := o.live.NextTurn(k, o.now); !ok {
			return all
		}
		all = append(all, o.next(by, counter))
		o.do(by, Serve{counter})
		o.do(by, Complete{Counter: counter})
	}
}

// came is booked and checks in at the time given.
func (o *office) came(id, service, slot, at string, priority bool) {
	o.t.Helper()
	o.do("applicant", Book{Service: service, IDs: []string{id}, Slot: clock(slot), Priority: priority})
	o.at(at).do("desk", CheckIn{Ticket: id})
}

func TestWhoIsCalledNext(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(c *Config)
		given func(o *office)
		want  string
	}{
		{"walk-ins by arrival", nil, func(o *office) {
			o.issue("tanya", "a").at("08:00:01").issue("tanya", "b")
		}, "a arrival, b arrival"},
		{"who came in the same instant goes by number", nil, func(o *office) {
			o.issue("tanya", "z", "a", "m")
		}, "z arrival, a arrival, m arrival"},
		{"an appointment before a walk-in who came up to 25 minutes earlier", nil, func(o *office) {
			o.issue("baru", "w1")
			o.came("p", "baru", "07:30", "08:10", false)
			o.at("08:20").issue("baru", "w2")
		}, "p appointment, w1 arrival, w2 arrival"},
		{"coming early makes nobody older than the slot", nil, func(o *office) {
			o.came("early", "baru", "09:30", "07:40", false)
			o.came("due", "baru", "07:30", "08:00", false)
		}, "due appointment, early appointment"},
		{"one call in three for the priority lane", nil, func(o *office) {
			o.issue("tanya", "w1", "w2", "w3", "w4", "w5", "w6", "w7").at("08:00:01").issue("tanya", "p1!", "p2!")
		}, "p1 priority, w1 arrival, w2 arrival, p2 priority, w3 arrival, w4 arrival, w5 arrival, w6 arrival, w7 arrival"},
		{"the priority lane's share of those waiting when that is more", nil, func(o *office) {
			o.issue("tanya", "w1").at("08:00:01").issue("tanya", "p1!", "p2!", "p3!")
		}, "p1 priority, p2 priority, w1 arrival, p3 priority"},
		{"no share at all, but never behind who came later", func(c *Config) { c.Calling.PriorityShare = Ratio{0, 1} }, func(o *office) {
			o.issue("tanya", "w1").at("08:01").issue("tanya", "p1!").at("08:02").issue("tanya", "w2", "w3", "w4", "w5")
		}, "p1 priority, w1 arrival, w2 arrival, w3 arrival, w4 arrival, w5 arrival"},
		{"an older priority of the same service when the share is used up", nil, func(o *office) {
			o.issue("tanya", "p1!", "p2!").at("08:01").issue("tanya", "w1", "w2", "w3", "w4", "w5", "w6")
		}, "p1 priority, p2 age, w1 arrival, w2 arrival, w3 arrival, w4 arrival, w5 arrival, w6 arrival"},
		{"a younger priority waits for its share", nil, func(o *office) {
			o.issue("tanya", "w1", "w2", "w3", "w4", "w5").at("08:01").issue("tanya", "p1!").at("08:02").issue("baru", "x").issue("tanya", "p2!")
		}, "p1 priority, w1 arrival, w2 arrival, p2 priority, w3 arrival, w4 arrival, w5 arrival, x arrival"},
		{"beyond the ceiling goes first", func(c *Config) { c.Calling.Offsets.Walkin = duration(3 * time.Hour) }, func(o *office) {
			o.issue("baru", "old").at("09:00:00")
			o.came("p", "baru", "08:30", "09:01", false)
		}, "old ceiling, p appointment"},
		{"the ceiling runs in working time", func(c *Config) {
			c.Calling.Offsets.Walkin = duration(3 * time.Hour)
		}, func(o *office) {
			o.at("11:50").issue("baru", "old")
			o.came("p", "baru", "11:30", "13:10", false)
			o.at("13:20")
		}, "p appointment, old arrival"},
		{"the ceiling stands still while the office is suspended", func(c *Config) {
			c.Calling.Offsets.Walkin = duration(3 * time.Hour)
		}, func(o *office) {
			o.issue("baru", "old").at("08:10").do("admin", Suspend{Reason: "power cut"})
			o.at("09:10").do("admin", Resume{})
			o.came("p", "baru", "08:30", "09:15", false)
		}, "p appointment, old arrival"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, func(p *Config) {
				if c.edit != nil {
					c.edit(p)
				}
			}).open("1 ani").at("08:00")
			c.given(o)
			got := o.calls("ani", "1")
			if diff := cmp.Diff(strings.Split(c.want, ", "), got); diff != "" {
				t.Error(diff)
			}
			o.same()
		})
	}
}

func duration(d time.Duration) *calendar.Duration {
	c := calendar.Duration(d)
	return &c
}

func TestCountersServeWhatTheyAreLimitedTo(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani, 2 budi, 3 cici, 4 didi")
	o.issue("baru", "berkas").issue("ganti", "walkin", "priority!")
	o.came("late", "ganti", "07:30", "08:05", false)
	for counter, want := range map[string]string{
		"1": "berkas", "2": "late priority", "3": "walkin priority late", "4": "berkas walkin priority late",
	} {
		k, _ := o.live.Config.Counter(counter)
		if diff := cmp.Diff(strings.Fields(want), sortedLike(ids(o.live.Candidates(k, o.now)), strings.Fields(want))); diff != "" {
			t.Errorf("counter %s:\n%s", counter, diff)
		}
	}
	// No ticket is bound to a counter before its call.
	if got := o.next("budi", "2"); got != "priority priority" {
		t.Error(got)
	}
	if got := o.next("didi", "4"); got != "late appointment" {
		t.Error(got)
	}
}

// sortedLike orders what is in both lists as in the second and appends the rest.
func sortedLike(got, like []string) []string {
	var out []string
	rest := map[string]bool{}
	for _, id := range got {
		rest[id] = true
	}
	for _, id := range like {
		if rest[id] {
			out = append(out, id)
			delete(rest, id)
		}
	}
	return append(out, sortedKeys(rest)...)
}

func TestUndoneCallGivesThePriorityLanesShareBack(t *testing.T) {
	o := newOffice(t).at("08:00").open("1 ani").issue("tanya", "w1", "w2", "w3", "w4").at("08:01").issue("tanya", "p1!", "p2!")
	for range 3 {
		if got := o.next("ani", "1"); got != "p1 priority" {
			t.Fatal(got)
		}
		o.do("ani", UndoLast{"1"})
	}
	if diff := cmp.Diff(map[string]int{"berkas": 0}, o.live.Debt); diff != "" {
		t.Error(diff)
	}
}

func TestAhead(t *testing.T) {
	o := newOffice(t).at("08:00").issue("tanya", "w1", "w2", "p!")
	o.came("a", "baru", "07:30", "08:01", false)
	got := map[string]int{}
	for id, ticket := range o.live.Tickets {
		got[id] = o.live.Ahead(ticket)
	}
	if diff := cmp.Diff(map[string]int{"p": 0, "a": 1, "w1": 2, "w2": 3}, got); diff != "" {
		t.Error(diff)
	}
}
