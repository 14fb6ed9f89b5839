package notifier

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

func TestAVisitIsToldStepByStep(t *testing.T) {
	onBothStores(t, func(t *testing.T, s store) {
		h, phone := openHouse(t, s), newTray("phone")
		h.tell(nil, phone)
		h.walkIn("t1")
		h.do("sari", queue.OpenCounter{Counter: "1"})
		h.do("sari", queue.Next{Counter: "1"})
		called := phone.await(t, Called, 1)[0]
		want := map[string]string{
			"title": "Nomor A-721: silakan ke Loket 1", "body": "Anda dipanggil di Kantor Bandung.",
			"url": "https://antrean.example/t/" + h.ring.Token("bandung", "t1", 0), "counter": "Loket 1", "number": "A-721",
			"locale": "id", "urgency": "high",
		}
		got := map[string]string{
			"title": called.Title, "body": called.Body, "url": called.URL, "counter": called.Counter, "number": called.Number,
			"locale": called.Locale, "urgency": string(called.Urgency),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		h.do("sari", queue.Recall{Counter: "1"})
		recalled := phone.await(t, Recalled, 1)[0]
		if recalled.Topic != called.Topic || len(recalled.Topic) != 32 {
			t.Errorf("the topics are %q and %q", called.Topic, recalled.Topic)
		}
		h.do("sari", queue.Miss{Counter: "1"})
		phone.await(t, Missed, 1)
		h.do("sari", queue.UndoLast{Counter: "1"})
		phone.await(t, Recalled, 2)
		h.do("sari", queue.Serve{Counter: "1"})
		h.do("sari", queue.Complete{Counter: "1"})
		phone.await(t, Transferred, 1)
		h.do("sari", queue.Next{Counter: "1"})
		phone.await(t, Called, 2)
		h.do("sari", queue.UndoLast{Counter: "1"})
		phone.await(t, Withdrawn, 1)
		all, _ := phone.messages("")
		if diff := cmp.Diff("called recalled missed recalled transferred called withdrawn", kinds(all)); diff != "" {
			t.Error(diff)
		}
		for what, n := range claimed(h.lines()) {
			if n != 1 {
				t.Errorf("%s was claimed %d times", what, n)
			}
		}
	})
}

func TestTheNoticeLogHoldsNothingPersonal(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t)), newTray("phone")
	h.tell(nil, phone)
	h.walkIn("t1")
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("sari", queue.Next{Counter: "1"})
	phone.await(t, Called, 1)
	found, err := h.store.Read(t.Context(), logOf("bandung"), 0, 100)
	if err != nil || len(found) < 2 {
		t.Fatalf("%d lines, %v", len(found), err)
	}
	for _, l := range found {
		for _, secret := range []string{"Sri", "81234567890", "3273", "A-721", "silakan", h.ring.Token("bandung", "t1", 0)} {
			if strings.Contains(string(l.Data), secret) {
				t.Errorf("%s stands in %s", secret, l.Data)
			}
		}
	}
}

func TestTheNextChannelIsTriedWhenOneRefuses(t *testing.T) {
	h, first, second := openHouse(t, embeddedStore(t)), newTray("first"), newTray("second")
	first.answer = func(Message) error { return Fail(Refused, "no_such_number", "no such number") }
	h.tell(nil, first, second)
	h.walkIn("t1")
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("sari", queue.Next{Counter: "1"})
	second.await(t, Called, 1)
}

func TestAMessageIsTriedAgainAndTheOutcomeIsWrittenDown(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t)), newTray("phone")
	fails := 2
	phone.answer = func(Message) error {
		if fails--; fails >= 0 {
			return Fail(Later, "503", "busy")
		}
		return nil
	}
	stop := h.tell(nil, phone)
	h.walkIn("t1")
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("sari", queue.Next{Counter: "1"})
	phone.await(t, Called, 1)
	stop()
	lines := h.lines()
	if ended(lines, Later) != 2 || ended(lines, sent) != 1 {
		t.Errorf("%d times later, %d sent", ended(lines, Later), ended(lines, sent))
	}
}

func TestWhatIsOverIsNotSent(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t)), newTray("phone")
	failed := make(chan struct{}, 1)
	refusing := true
	phone.answer = func(m Message) error {
		if refusing && m.Kind == Called {
			select {
			case failed <- struct{}{}:
			default:
			}
			return Fail(Later, "503", "busy")
		}
		return nil
	}
	stop := h.tell(nil, phone)
	h.walkIn("t1")
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("sari", queue.Next{Counter: "1"})
	<-failed
	h.do("sari", queue.Serve{Counter: "1"}) // has come anyway
	phone.mu.Lock()
	refusing = false
	phone.mu.Unlock()
	for over := false; !over; {
		h.begun()
		over = ended(h.lines(), "over") > 0
	}
	stop()
	for _, m := range func() []Message { all, _ := phone.messages(Called); return all }() {
		if m.Ticket == "t1" {
			t.Error("who is at the counter was called there")
		}
	}
}

func TestWhatHappenedBeforeTheFirstStartIsNotTold(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t)), newTray("phone")
	h.walkIn("t1")
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("sari", queue.Next{Counter: "1"})
	h.tell(nil, phone)
	h.do("sari", queue.Recall{Counter: "1"})
	phone.await(t, Recalled, 1)
	if all, _ := phone.messages(""); len(all) != 1 {
		t.Errorf("told: %s", kinds(all))
	}
}

func TestASecondStartTellsWhatHappenedMeanwhileOnce(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t)), newTray("phone")
	stop := h.tell(nil, phone)
	h.walkIn("t1")
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("sari", queue.Next{Counter: "1"})
	phone.await(t, Called, 1)
	stop()
	h.walkIn("t2")
	h.do("budi", queue.OpenCounter{Counter: "2"})
	h.do("budi", queue.Next{Counter: "2"})
	h.tell(nil, phone)
	all := phone.await(t, Called, 2)
	if len(all) != 2 || all[1].Ticket != "t2" {
		t.Errorf("told %d: %s", len(all), kinds(all))
	}
}

func TestProgramsAreToldAlways(t *testing.T) {
	h, phone, hook := openHouse(t, embeddedStore(t)), newTray("phone"), newTray("hook")
	hook.reaches = func(Contact) bool { return true }
	h.tell(func(o *Options) { o.Routes[1].Always, o.Routes[1].Kinds = true, []Kind{Called} }, phone, hook)
	h.walkIn("t1")
	h.do("desk", queue.Issue{ID: "t2", Service: "baru"}) // nobody's phone is known
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("budi", queue.OpenCounter{Counter: "2"})
	h.do("sari", queue.Next{Counter: "1"})
	h.do("budi", queue.Next{Counter: "2"})
	hook.await(t, Called, 2)
	phone.await(t, Called, 1)
}

func TestEverybodyOfAClosedDayIsToldOnceAndNobodyWhoIsCalledWaitsForThem(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t), func(c *queue.Config) { c.Services[0].SlotCapacity.Places = 450 }), newTray("phone")
	const booked, perSecond = 450, 150
	tomorrow := time.Now().Add(30 * time.Hour).Truncate(time.Hour)
	var date calendar.Date
	h.office.Read(func(s *queue.State) { date = s.Today(tomorrow) })
	for i := range booked {
		id := fmt.Sprintf("b%03d", i)
		h.person(id)
		h.do("applicant", queue.Book{IDs: []string{id}, Service: "baru", Slot: tomorrow})
	}
	h.walkIn("t1")
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.tell(func(o *Options) { o.Routes[0].Rate = queue.Rate{Count: perSecond, Per: time.Second} }, phone)
	begun := time.Now()
	h.do("kepala", queue.CloseDay{Date: date, Why: "banjir"})
	phone.await(t, ChooseDay, 1)
	h.do("sari", queue.Next{Counter: "1"})
	phone.await(t, Called, 1)
	if told, _ := phone.messages(ChooseDay); len(told) == booked {
		t.Error("who was called waited for all others")
	}
	all := phone.await(t, ChooseDay, booked)
	// Some go at once, the rest at the rate, however fast the machine is.
	if least := time.Second * (booked - atOnce) / perSecond; time.Since(begun) < least {
		t.Errorf("%d were told in %s, which must take %s", booked, time.Since(begun), least)
	}
	once := map[string]int{}
	for _, m := range all {
		if once[m.Ticket]++; once[m.Ticket] > 1 {
			t.Errorf("%s was told twice", m.Ticket)
		}
	}
}

// Of what waited for the morning the last is told, and nothing of a day that was
// closed and opened again in one night.
func TestWhatChangedTwiceInTheNightIsToldOnceInTheMorning(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t)), newTray("phone")
	now := time.Now().In(jakarta)
	slot := now.Add(72 * time.Hour).Truncate(time.Hour)
	day := func(after int) (d calendar.Date) {
		h.office.Read(func(s *queue.State) { d = s.Today(slot).AddDays(after) })
		return d
	}
	for id, after := range map[string]time.Duration{"moved": 0, "stays": 96 * time.Hour} {
		h.person(id)
		h.do("applicant", queue.Book{IDs: []string{id}, Service: "baru", Slot: slot.Add(after)})
	}
	stop := h.tell(func(o *Options) {
		o.Rules.Quiet = now.Add(-time.Hour).Format("15:04") + "-" + now.Add(2*time.Hour).Format("15:04")
	}, phone)
	h.do("kepala", queue.CloseDay{Date: day(0), Move: true})
	h.heldAre(t, 1)
	h.do("kepala", queue.CloseDay{Date: day(1), Move: true})
	h.heldAre(t, 2)
	h.do("kepala", queue.CloseDay{Date: day(4)})
	h.heldAre(t, 3)
	h.do("kepala", queue.ReopenDay{Date: day(4)})
	stop()
	// The morning comes: another node, for which it is three hours later.
	stop = h.tell(func(o *Options) {
		o.Rules.Quiet = "off"
		o.Clock = func() time.Time { return time.Now().Add(3 * time.Hour) }
	}, phone)
	phone.await(t, Moved, 1)
	for deadline := time.Now().Add(10 * time.Second); ended(h.lines(), over) < 2; {
		if time.Now().After(deadline) {
			t.Fatal("what is over has no end")
		}
		h.begun()
	}
	stop()
	if all, _ := phone.messages(""); kinds(all) != "moved" {
		t.Errorf("told: %s", kinds(all))
	}
}

// heldAre waits until so many messages wait for the morning.
func (h *house) heldAre(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		held := 0
		for _, l := range h.lines() {
			held += len(l.Held)
		}
		if held == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d messages wait, want %d", held, n)
		}
		h.begun()
	}
}
