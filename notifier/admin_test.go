package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"antrean/internal/queue"
)

// hearing is a channel whose other side reports in JSON.
type hearing struct{ *tray }

func (hearing) Hear(c Callback) (Answer, []Report) {
	var told []Report
	if err := json.Unmarshal(c.Body, &told); err != nil {
		return Answer{Status: http.StatusBadRequest}, nil
	}
	return Answer{Status: http.StatusOK}, told
}

// reports lets the other side tell of a message.
func (h *house) reports(m Message, arrived bool) Report {
	return Report{Office: m.Office, Ticket: m.Ticket, Event: m.Event, Delivered: arrived, Code: map[bool]string{false: "131026"}[arrived]}
}

func (h *house) hear(channel string, told ...Report) {
	h.t.Helper()
	body, err := json.Marshal(told)
	if err != nil {
		h.t.Fatal(err)
	}
	if answer := h.last().Hear(h.t.Context(), channel, Callback{Body: body}); answer.Status != http.StatusOK {
		h.t.Fatalf("the report is answered %d", answer.Status)
	}
}

// last is the notifier that was started last.
func (h *house) last() *Notifier {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.notifiers[len(h.notifiers)-1]
}

// awaitEnd waits until so many results of an outcome are written.
func (h *house) awaitEnd(outcome Outcome, n int) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ended(h.lines(), outcome) < n; {
		if time.Now().After(deadline) {
			h.t.Fatalf("%d of %d notices end as %s", ended(h.lines(), outcome), n, outcome)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func TestWhatDidNotArriveGoesTheNextWayOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, s store) {
		h, whatsapp, sms := openHouse(t, s), hearing{newTray("whatsapp")}, newTray("sms")
		h.tell(nil, whatsapp, sms)
		h.walkIn("t1")
		h.walkIn("t2")
		h.do("sari", queue.OpenCounter{Counter: "1"})
		h.do("sari", queue.Next{Counter: "1"})
		h.do("tono", queue.OpenCounter{Counter: "2"})
		h.do("tono", queue.Next{Counter: "2"})
		first, second := whatsapp.await(t, Called, 2)[0], whatsapp.await(t, Called, 2)[1]
		h.awaitEnd(sent, 2)
		lost := h.reports(first, false)
		h.hear("whatsapp", lost, h.reports(second, true), Report{Office: "bandung", Ticket: "t9", Event: first.Event}, Report{Office: "jakarta", Ticket: "t1", Event: first.Event})
		got := sms.await(t, Called, 1)[0]
		if got.Ticket != first.Ticket {
			t.Errorf("%s is told by SMS, %s was not reached", got.Ticket, first.Ticket)
		}
		h.awaitEnd(sent, 3)
		lines := len(h.lines())
		h.hear("whatsapp", lost, lost)
		h.hear("whatsapp", h.reports(second, true))
		if n := len(h.lines()); n != lines {
			t.Errorf("%d lines of reports that were known", n-lines)
		}
		if ended(h.lines(), delivered) != 1 || ended(h.lines(), undelivered) != 1 {
			t.Error("the reports are not written down")
		}
		told, err := ToldOf(t.Context(), h.store, "bandung", []string{first.Ticket})
		want := []Told{{Kind: Called, Channel: "whatsapp", Outcome: sent}, {Kind: Called, Channel: "whatsapp", Outcome: undelivered, Code: "131026"}, {Kind: Called, Channel: "sms", Outcome: sent}}
		if diff := cmp.Diff(want, told, cmpopts.IgnoreFields(Told{}, "At", "Ticket")); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if all, _ := sms.messages(""); len(all) != 1 {
			t.Errorf("%d short messages", len(all))
		}
	})
}

func TestAReportEndsWhatWouldBeTriedAgain(t *testing.T) {
	h, whatsapp := openHouse(t, embeddedStore(t)), hearing{newTray("whatsapp")}
	got := make(chan Message, 1)
	whatsapp.answer = func(m Message) error {
		got <- m // it arrived
		return Fail(Unknown, "no_answer", "the answer was lost")
	}
	h.tell(nil, whatsapp)
	h.walkIn("t1")
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("sari", queue.Next{Counter: "1"})
	m := <-got
	h.awaitEnd(Unknown, 1)
	h.hear("whatsapp", h.reports(m, true))
	if err := h.openTasks(0); err != nil {
		t.Error(err)
	}
}

// openTasks asks for the number of tasks that have no end.
func (h *house) openTasks(want int) error {
	f, err := h.last().file(h.t.Context(), "bandung")
	if err != nil {
		return err
	}
	n := 0
	if err := f.look(h.t.Context(), func(b *book) { n = len(b.Open) }); err != nil {
		return err
	}
	if n != want {
		return errors.New("tasks are open")
	}
	return nil
}

func TestReportsThatComeTogetherAreOneLine(t *testing.T) {
	h, whatsapp := openHouse(t, embeddedStore(t)), hearing{newTray("whatsapp")}
	h.tell(nil, whatsapp)
	for i := range 40 {
		id := "t" + string(rune('A'+i))
		h.walkIn(id)
		h.do("desk", queue.Cancel{Ticket: id})
	}
	f, err := h.last().file(t.Context(), "bandung")
	if err != nil {
		t.Fatal(err)
	}
	var all []result
	for i := range 40 {
		tk := task{Notice: Notice{"t" + string(rune('A'+i)), "ready@1-abcd"}}
		all = append(all, result{task: tk, Channel: "whatsapp", Outcome: delivered})
	}
	_, err = f.write(t.Context(), func(*book) (l line) {
		for _, r := range all {
			r.Outcome, r.Receipt = sent, "x"
			l.Results = append(l.Results, r)
		}
		return l
	})
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.lines())
	var crowd sync.WaitGroup
	for _, r := range all {
		crowd.Go(func() {
			if err := f.report(t.Context(), []result{r}); err != nil {
				t.Error(err)
			}
		})
	}
	crowd.Wait()
	if n := len(h.lines()) - before; n > 8 || ended(h.lines(), delivered) != 40 {
		t.Errorf("%d lines for %d reports", n, ended(h.lines(), delivered))
	}
}

func TestADeadLetterIsTriedAgainByHand(t *testing.T) {
	onBothStores(t, func(t *testing.T, s store) {
		h, phone, hook := openHouse(t, s), newTray("phone"), newTray("hook")
		var mended sync.Map
		answer := func(m Message) error {
			if _, ok := mended.Load("yes"); ok {
				return nil
			}
			return Fail(Refused, "404", "no such number")
		}
		phone.answer, hook.answer, hook.reaches = answer, answer, func(Contact) bool { return true }
		h.tell(func(o *Options) {
			o.Routes = append(o.Routes, Route{Channel: hook, Always: true, Rate: queue.Rate{Count: 1000, Per: time.Second}})
			o.Faults = []Fault{{Channel: "mail", Type: "mail", Message: "settings.host: is missing"}}
		}, phone)
		h.walkIn("t1")
		h.do("sari", queue.OpenCounter{Counter: "1"})
		h.do("sari", queue.Next{Counter: "1"})
		h.awaitEnd(failed, 2)
		n := h.last()
		dead, err := n.Dead(t.Context(), "bandung")
		if err != nil || len(dead) != 2 {
			t.Fatal(dead, err)
		}
		byPhone := slices.IndexFunc(dead, func(d Dead) bool { return d.Last == "phone" })
		want := Dead{Ticket: "t1", Kind: Called, Last: "phone", Code: "no_channel_left"}
		if diff := cmp.Diff(want, dead[byPhone], cmpopts.IgnoreFields(Dead{}, "ID", "At")); diff != "" {
			t.Error(diff)
		}
		mended.Store("yes", true)
		for id, want := range map[string]int{dead[byPhone].ID: 1, "nobody": 0} {
			if count, err := n.Retry(t.Context(), "bandung", "admin", []string{id}); err != nil || count != want {
				t.Errorf("%d are tried again, %v", count, err)
			}
		}
		if got := phone.await(t, Called, 1); got[0].Ticket != "t1" {
			t.Error(got)
		}
		if count, err := n.Retry(t.Context(), "bandung", "admin", nil); err != nil || count != 1 {
			t.Errorf("%d are tried again, %v", count, err)
		}
		hook.await(t, Called, 1)
		h.awaitEnd(sent, 2)
		by := 0
		for _, l := range h.lines() {
			if l.By == "admin" && len(l.Held) == 1 {
				by++
			}
		}
		if dead, err := n.Dead(t.Context(), "bandung"); err != nil || len(dead) > 0 || by != 2 {
			t.Errorf("%v are dead, %v; %d lines say who", dead, err, by)
		}
		states, err := n.Channels(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		one := Figures{Sent: 1, Failed: 1}
		wantStates := []ChannelState{
			{Name: "phone", Rate: queue.Rate{Count: 10_000, Per: time.Second}, Today: one, Month: one},
			{Name: "hook", Always: true, Rate: queue.Rate{Count: 1000, Per: time.Second}, Today: one, Month: one},
			{Name: "mail", Type: "mail", Fault: "settings.host: is missing"},
		}
		if diff := cmp.Diff(wantStates, states); diff != "" {
			t.Error(diff)
		}
		if _, err := n.Dead(t.Context(), "nowhere"); err == nil {
			t.Error("an office that is not there has dead letters")
		}
	})
}

func TestATestGoesToAnAddressOrATicket(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t)), newTray("phone")
	broken := newTray("broken")
	broken.answer = func(Message) error { return Fail(Refused, "404", "no such number") }
	h.tell(func(o *Options) {
		o.Routes = append(o.Routes, Route{Channel: broken, Rate: queue.Rate{Count: 1, Per: time.Hour}})
	}, phone)
	h.walkIn("t1")
	n := h.last()
	for name, c := range map[string]struct {
		channel string
		to      TestTo
		want    Tested
		err     error
	}{
		"to a phone":        {"phone", TestTo{Phone: "+628111", Locale: "en"}, Tested{Outcome: sent}, nil},
		"to a ticket":       {"phone", TestTo{Office: "bandung", Ticket: "t1"}, Tested{Outcome: sent}, nil},
		"to a mail address": {"phone", TestTo{Email: "a@b.id"}, Tested{}, ErrNoAddress},
		"by no channel":     {"fax", TestTo{Phone: "+628111"}, Tested{}, ErrNoChannel},
		"that fails":        {"broken", TestTo{Phone: "+628111"}, Tested{Outcome: Refused, Code: "404"}, nil},
	} {
		got, err := n.Test(t.Context(), c.channel, c.to)
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Tested{}, "Took")); diff != "" || !errors.Is(err, c.err) {
			t.Errorf("%s: %v%s", name, err, diff)
		}
	}
	if _, err := n.Test(t.Context(), "broken", TestTo{Phone: "+628111"}); !errors.Is(err, ErrTooOften) {
		t.Error(err)
	}
	phones := map[string]string{}
	for _, m := range phone.await(t, TestMessage, 2) {
		phones[m.To.Phone] = m.Title
	}
	if diff := cmp.Diff(map[string]string{"+628111": "A test from Antrean", "+6281234567890": "Pesan percobaan Antrean"}, phones); diff != "" {
		t.Error(diff)
	}
	if found := h.lines(); ended(found, sent) > 0 {
		t.Error("a test is written down")
	}
}

func TestOnlyChannelsThatHearAreAnswered(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t)), newTray("phone")
	h.tell(nil, phone)
	for _, name := range []string{"phone", "nobody"} {
		if answer := h.last().Hear(context.Background(), name, Callback{Body: []byte("[]")}); answer.Status != http.StatusNotFound {
			t.Errorf("%s answers %d", name, answer.Status)
		}
	}
}
