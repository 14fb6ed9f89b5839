package notifier

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
	"antrean/internal/ledger"
	"antrean/internal/queue"
)

var jakarta = time.FixedZone("WIB", 7*3600)

// clock is a wall time in Jakarta: "2026-11-24 10:00".
func clock(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, jakarta)
	if err != nil {
		panic(err)
	}
	return at
}

// hall is an office decided and folded without a store.
type hall struct {
	t       testing.TB
	state   *queue.State
	rules   Rules
	n       int
	arising []Notice // of the last command
	log     []ledger.Entry
}

func newHall(t testing.TB, edits ...func(*queue.Config)) *hall {
	h := &hall{t: t, state: queue.NewState("bandung")}
	if err := h.rules.prepare(); err != nil {
		t.Fatal(err)
	}
	h.at("2026-11-23 06:00", "admin", queue.Configure{Config: roundTheClock(t, edits...), Epoch: "e"})
	return h
}

func (h *hall) at(now, by string, ask queue.Ask) *hall {
	h.t.Helper()
	h.n++
	h.state.Begin()
	events, err := queue.Decide(h.state, queue.Command{Ask: ask, By: queue.Actor{Name: by, Anywhere: true}, ID: fmt.Sprint("c", h.n)}, clock(now))
	h.state.Rollback(0)
	h.state.Keep()
	if err != nil {
		h.t.Fatalf("%T: %v", ask, err)
	}
	h.arising = nil
	for _, e := range events {
		if err := h.state.Apply(h.state.Version+1, e); err != nil {
			h.t.Fatal(err)
		}
		data, err := queue.Encode(e)
		if err != nil {
			h.t.Fatal(err)
		}
		h.log = append(h.log, ledger.Entry{Version: h.state.Version, Tag: "abcdef", Data: data})
		h.arising = append(h.arising, Arising(e, ledger.Position{Version: h.state.Version, Tag: "abcdef"})...)
	}
	return h
}

// entries reads the hall's log as an office's is read.
func (h *hall) entries() func(context.Context, uint64, int) ([]ledger.Entry, error) {
	return func(_ context.Context, after uint64, limit int) ([]ledger.Entry, error) {
		rest := h.log[min(int(after), len(h.log)):]
		return rest[:min(limit, len(rest))], nil
	}
}

func (h *hall) check(n Notice, now string) (Facts, Verdict) {
	return h.rules.Check(h.state, n, clock(now))
}

// says is what arose and still stands, as "kind:ticket".
func (h *hall) says(now string) string {
	var all []string
	for _, n := range h.arising {
		if _, v := h.check(n, now); v == Send {
			all = append(all, string(n.Kind())+":"+n.Ticket)
		}
	}
	return strings.Join(all, " ")
}

func TestWhatIsToldOfAnAct(t *testing.T) {
	h := newHall(t, func(c *queue.Config) {
		c.Hours = map[string][]string{"mon-sun": {"07:30-16:00"}}
		c.Booking.Slot = 0
	})
	slot := clock("2026-11-25 09:30")
	for _, step := range []struct {
		now, by string
		ask     queue.Ask
		want    string
	}{
		{"2026-11-24 08:00", "applicant", queue.Book{IDs: []string{"b1", "b2"}, Service: "baru", Slot: slot}, "booked:b1 booked:b2"},
		{"2026-11-24 08:05", "applicant", queue.Reschedule{Ticket: "b2", Slot: clock("2026-11-25 10:30")}, "rescheduled:b2"},
		{"2026-11-24 09:00", "kepala", queue.CloseDay{Date: "2026-11-25", Move: true}, "moved:b1 moved:b2"},
		{"2026-11-24 09:10", "kepala", queue.ReopenDay{Date: "2026-11-25"}, ""},
		{"2026-11-24 09:20", "kepala", queue.CloseDay{Date: "2026-11-26"}, "choose_day:b1 choose_day:b2"},
		{"2026-11-24 09:30", "kepala", queue.ReopenDay{Date: "2026-11-26"}, "day_happens:b1 day_happens:b2"},
		{"2026-11-24 10:00", "desk", queue.Issue{ID: "w1", Service: "baru"}, ""},
		{"2026-11-24 10:00", "sari", queue.OpenCounter{Counter: "1"}, ""},
		{"2026-11-24 10:01", "sari", queue.Next{Counter: "1"}, "called:w1"},
		{"2026-11-24 10:02", "sari", queue.Recall{Counter: "1"}, "recalled:w1"},
		{"2026-11-24 10:02", "sari", queue.UndoLast{Counter: "1"}, "withdrawn:w1"},
		{"2026-11-24 10:03", "sari", queue.Next{Counter: "1"}, "called:w1"},
		{"2026-11-24 10:04", "sari", queue.Miss{Counter: "1"}, "missed:w1"},
		{"2026-11-24 10:16", "sari", queue.Next{Counter: "1"}, "called:w1"},
		{"2026-11-24 10:17", "sari", queue.Miss{Counter: "1"}, "no_show:w1"},
		{"2026-11-24 10:17", "sari", queue.UndoLast{Counter: "1"}, "recalled:w1"},
		{"2026-11-24 10:18", "sari", queue.Serve{Counter: "1"}, ""},
		{"2026-11-24 10:20", "sari", queue.Complete{Counter: "1"}, "transferred:w1"},
		{"2026-11-24 10:21", "sari", queue.Next{Counter: "1"}, "called:w1"},
		{"2026-11-24 10:22", "sari", queue.Serve{Counter: "1"}, ""},
		{"2026-11-24 10:23", "sari", queue.Complete{Counter: "1"}, ""},
		{"2026-11-24 11:00", "desk", queue.Ready{Ticket: "w1"}, "ready:w1"},
		{"2026-11-24 11:05", "desk", queue.Issue{ID: "w2", Service: "baru"}, ""},
		{"2026-11-24 16:30", "kepala", queue.EndDay{Date: "2026-11-24"}, "day_over:w2"},
	} {
		h.at(step.now, step.by, step.ask)
		if got := h.says(step.now); got != step.want {
			t.Errorf("%s %T tells %q, want %q", step.now, step.ask, got, step.want)
		}
	}
}

func TestRemindersComeOnceEachInTheirTime(t *testing.T) {
	h := newHall(t)
	h.at("2026-11-23 08:00", "applicant", queue.Book{IDs: []string{"b1"}, Service: "ganti", Slot: clock("2026-12-03 10:00")})
	told := map[string]bool{}
	var got []string
	for now := clock("2026-11-23 08:00"); now.Before(clock("2026-12-03 11:00")); now = now.Add(10 * time.Minute) {
		for _, n := range h.rules.Timely([]*queue.Ticket{h.state.Tickets["b1"]}, now) {
			if _, v := h.rules.Check(h.state, n, now); v == Send && !told[n.Event] {
				told[n.Event] = true
				got = append(got, now.In(jakarta).Format("2006-01-02 15:04 ")+n.Event[:strings.LastIndex(n.Event, "/")])
			}
		}
	}
	want := []string{"2026-11-26 10:00 reminder/7d", "2026-12-02 10:00 reminder/1d", "2026-12-03 08:00 reminder/2h"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNoReminderFollowsABookingOnItsHeels(t *testing.T) {
	h := newHall(t)
	h.at("2026-11-24 09:00", "applicant", queue.Book{IDs: []string{"b1"}, Service: "ganti", Slot: clock("2026-11-24 11:00")})
	if got := h.rules.Timely([]*queue.Ticket{h.state.Tickets["b1"]}, clock("2026-11-24 09:01")); len(got) > 0 {
		t.Errorf("told %v", got)
	}
}

func TestTheFeeIsRememberedBeforeItIsDue(t *testing.T) {
	h := newHall(t)
	h.at("2026-11-24 09:00", "applicant", queue.Book{IDs: []string{"b1"}, Service: "baru", Slot: clock("2026-11-25 11:00")})
	ticket := h.state.Tickets["b1"]
	for now, want := range map[string]int{"2026-11-24 10:00": 0, "2026-11-24 10:20": 1, "2026-11-24 11:00": 0} {
		if got := h.rules.Timely([]*queue.Ticket{ticket}, clock(now)); len(got) != want {
			t.Errorf("%s: %v", now, got)
		}
	}
}

func TestAPlaceThatWasGivenBackIsOfferedAndTheOfferEnds(t *testing.T) {
	h := newHall(t, func(c *queue.Config) {
		c.Hours, c.Services[1].SlotCapacity.Places = map[string][]string{"mon-sun": {"09:00-12:00"}}, 1
	})
	slots := []string{"2026-11-24 09:00", "2026-11-24 10:00", "2026-11-24 11:00"}
	for i, slot := range slots {
		h.at("2026-11-23 08:00", "applicant", queue.Book{IDs: []string{fmt.Sprint("b", i)}, Service: "ganti", Slot: clock(slot)})
	}
	h.at("2026-11-24 08:30", "applicant", queue.StandBy{Ticket: "b2", Minutes: 20})
	h.at("2026-11-24 09:31", "system", queue.ReleasePlaces{})
	if got := h.says("2026-11-24 09:31"); got != "offer:b2" {
		t.Fatalf("told %q", got)
	}
	offer := h.arising[0]
	if f, v := h.check(offer, "2026-11-24 09:35"); v != Send || !f.Expires.Equal(clock("2026-11-24 09:36")) {
		t.Errorf("verdict %d until %s", v, f.Expires)
	}
	if _, v := h.check(offer, "2026-11-24 09:37"); v != Over {
		t.Error("an offer that has lapsed is told")
	}
	h.at("2026-11-24 09:35", "applicant", queue.Accept{Ticket: "b2"})
	if got := h.says("2026-11-24 09:35"); got != "rescheduled:b2" {
		t.Errorf("told %q of the place taken", got)
	}
	if _, v := h.check(offer, "2026-11-24 09:35"); v != Over {
		t.Error("an offer that was taken is told")
	}
}

func TestAPassportIsRememberedBeforeItIsNotKeptAnyLonger(t *testing.T) {
	h := newHall(t)
	h.at("2026-11-24 09:00", "desk", queue.Issue{ID: "w1", Service: "ganti"})
	h.at("2026-11-24 09:00", "sari", queue.OpenCounter{Counter: "1"})
	h.at("2026-11-24 09:01", "sari", queue.Next{Counter: "1"})
	h.at("2026-11-24 09:02", "sari", queue.Serve{Counter: "1"})
	h.at("2026-11-24 09:10", "sari", queue.Complete{Counter: "1"})
	h.at("2026-12-01 10:00", "desk", queue.Ready{Ticket: "w1"})
	for now, want := range map[string]string{
		"2026-12-02 09:00": "", "2026-12-24 09:59": "", "2026-12-24 10:00": "pickup_ends", "2026-12-31 09:59": "pickup_ends", "2026-12-31 10:00": "",
	} {
		got := ""
		for _, n := range h.rules.Timely([]*queue.Ticket{h.state.Tickets["w1"]}, clock(now)) {
			if _, v := h.check(n, now); v == Send {
				got += string(n.Kind())
			}
		}
		if got != want {
			t.Errorf("%s: told %q, want %q", now, got, want)
		}
	}
}

func TestWhoIsTransferredHearsOfTheNextStageAndNotOfTheFirst(t *testing.T) {
	h := newHall(t)
	h.at("2026-11-24 09:00", "sari", queue.OpenCounter{Counter: "1"})
	h.at("2026-11-24 09:00", "desk", queue.Issue{ID: "w1", Service: "baru"})
	far := map[string]string{}
	h.rules.NearTurns(h.state, clock("2026-11-24 09:00"), far)
	h.at("2026-11-24 09:01", "sari", queue.Next{Counter: "1"})
	h.at("2026-11-24 09:02", "sari", queue.Serve{Counter: "1"})
	h.at("2026-11-24 09:20", "sari", queue.Complete{Counter: "1"})
	if got := h.says("2026-11-24 09:20"); got != "transferred:w1" {
		t.Errorf("told %q", got)
	}
	if near := h.rules.NearTurns(h.state, clock("2026-11-24 09:40"), far); len(near) > 0 {
		t.Errorf("who was never far back at the next stage is told %v", near)
	}
}

func TestABookingThatWasChangedIsNotToldAsMade(t *testing.T) {
	h := newHall(t)
	h.at("2026-11-24 09:00", "applicant", queue.Book{IDs: []string{"b1"}, Service: "ganti", Slot: clock("2026-11-26 09:00")})
	booked := h.arising[0]
	h.at("2026-11-24 09:01", "applicant", queue.Reschedule{Ticket: "b1", Slot: clock("2026-11-26 11:00")})
	if _, v := h.check(booked, "2026-11-24 09:01"); v != Over {
		t.Error("two messages tell the new hour")
	}
	if got := h.rules.Timely([]*queue.Ticket{h.state.Tickets["b1"]}, clock("2026-11-25 11:00")); len(got) != 1 {
		t.Errorf("a day before: %v", got)
	}
}

func TestQuietHours(t *testing.T) {
	slot := func(at string) *queue.Ticket {
		return &queue.Ticket{Slot: &calendar.Interval{Start: clock(at), End: clock(at).Add(time.Hour)}, PaymentDue: clock(at).Add(-time.Hour), MovedFrom: clock(at).Add(-24 * time.Hour)}
	}
	for _, c := range []struct {
		name, hours string
		kind        Kind
		about, now  string
		want        string // "" now
	}{
		{"by day", "", Reminder, "2026-11-26 09:00", "2026-11-24 20:59", ""},
		{"in the evening", "", Reminder, "2026-11-26 09:00", "2026-11-24 21:00", "2026-11-25 06:00"},
		{"after midnight", "", Reminder, "2026-11-26 09:00", "2026-11-25 05:59", "2026-11-25 06:00"},
		{"in the morning", "", Reminder, "2026-11-26 09:00", "2026-11-25 06:00", ""},
		{"of the same day", "", Reminder, "2026-11-25 09:00", "2026-11-25 02:00", ""},
		{"too late to act on in the morning", "", ChooseDay, "2026-11-25 08:30", "2026-11-24 23:00", ""},
		{"early enough", "", ChooseDay, "2026-11-25 09:30", "2026-11-24 23:00", "2026-11-25 06:00"},
		{"the hour that was taken away is near", "", Moved, "2026-11-26 08:00", "2026-11-24 23:00", ""},
		{"a call", "", Called, "2026-11-26 09:00", "2026-11-24 23:00", ""},
		{"an offer", "", Offer, "2026-11-26 09:00", "2026-11-24 23:00", ""},
		{"what people have just done themselves", "", Booked, "2026-11-26 09:00", "2026-11-24 23:00", ""},
		{"the fee is due tomorrow evening", "", PaymentDue, "2026-11-25 21:00", "2026-11-24 23:00", "2026-11-25 06:00"},
		{"a passport lies ready", "", Ready, "2026-11-20 09:00", "2026-11-24 23:00", "2026-11-25 06:00"},
		{"hours within a day", "12:00-13:00", Reminder, "2026-11-26 09:00", "2026-11-24 12:30", "2026-11-24 13:00"},
		{"and outside of them", "12:00-13:00", Reminder, "2026-11-26 09:00", "2026-11-24 23:30", ""},
		{"no such hours", "off", Reminder, "2026-11-26 09:00", "2026-11-24 23:30", ""},
	} {
		r := Rules{Quiet: c.hours}
		if err := r.prepare(); err != nil {
			t.Fatal(err)
		}
		until, quiet := r.quiet(roundTheClock(t), Facts{Kind: c.kind, Ticket: slot(c.about)}, clock(c.now))
		got := ""
		if quiet {
			got = until.In(jakarta).Format("2006-01-02 15:04")
		}
		if got != c.want {
			t.Errorf("%s: waits until %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOnlyWhoStartedFartherBackHearsThatTheirTurnIsNear(t *testing.T) {
	h := newHall(t)
	h.at("2026-11-24 09:00", "sari", queue.OpenCounter{Counter: "1"})
	far := map[string]string{}
	near := func(now string) string {
		var all []string
		for _, n := range h.rules.NearTurns(h.state, clock(now), far) {
			all = append(all, n.Ticket)
		}
		return strings.Join(all, " ")
	}
	for i := range 8 {
		h.at("2026-11-24 09:01", "desk", queue.Issue{ID: fmt.Sprint("w", i), Service: "ganti"})
		if got := near("2026-11-24 09:01"); got != "" {
			t.Errorf("%s is told on arriving", got)
		}
	}
	h.at("2026-11-24 09:05", "sari", queue.Next{Counter: "1"})
	if got := near("2026-11-24 09:05"); got != "w6" {
		t.Errorf("near are %q, want w6, who had six before them", got)
	}
	n := h.rules.NearTurns(h.state, clock("2026-11-24 09:05"), far)[0]
	f, v := h.check(n, "2026-11-24 09:05")
	if v != Send || f.Ahead != 5 || f.Minutes != 15 {
		t.Errorf("%d ahead, %d minutes, verdict %d", f.Ahead, f.Minutes, v)
	}
	// A node that begins in the midst of the day knows of those who have waited.
	if got := len(h.rules.NearTurns(h.state, clock("2026-11-24 09:20"), map[string]string{})); got != 6 {
		t.Errorf("%d are near for a node that has just begun", got)
	}
}

func TestNothingWakesPeopleThatCanWait(t *testing.T) {
	h := newHall(t)
	h.at("2026-11-23 08:00", "applicant", queue.Book{IDs: []string{"soon"}, Service: "ganti", Slot: clock("2026-11-25 08:00")})
	h.at("2026-11-23 08:00", "applicant", queue.Book{IDs: []string{"late"}, Service: "ganti", Slot: clock("2026-11-25 15:00")})
	h.at("2026-11-24 22:00", "kepala", queue.CloseDay{Date: "2026-11-25"})
	for _, n := range h.arising {
		f, v := h.check(n, "2026-11-24 22:00")
		switch {
		case n.Ticket == "soon" && v != Send:
			t.Error("who leaves home at six is told at six")
		case n.Ticket == "late" && (v != Hold || !f.Hold.Equal(clock("2026-11-25 06:00"))):
			t.Errorf("who comes in the afternoon is told at %s (%d)", f.Hold, v)
		}
		if _, v := h.check(n, "2026-11-25 06:00"); v != Send {
			t.Errorf("%s is not told in the morning", n.Ticket)
		}
	}
}

func TestANoticeOfWhatThisNodeHasNotReadWaits(t *testing.T) {
	h := newHall(t)
	if _, v := h.check(Notice{"t9", fmt.Sprintf("called@%d-abcd", h.state.Version+1)}, "2026-11-24 09:00"); v != Hold {
		t.Errorf("verdict %d", v)
	}
	if _, v := h.check(Notice{"t9", "called@1-abcd"}, "2026-11-24 09:00"); v != Over {
		t.Errorf("verdict %d about nobody", v)
	}
}

func TestWhatIsSwitchedOffIsNotTold(t *testing.T) {
	h := newHall(t)
	h.rules.Off = []Kind{Booked}
	h.at("2026-11-24 09:00", "applicant", queue.Book{IDs: []string{"b1"}, Service: "baru", Slot: clock("2026-11-25 11:00")})
	if got := h.says("2026-11-24 09:00"); got != "" {
		t.Errorf("told %s", got)
	}
}
