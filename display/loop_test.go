package display

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/staff"
	"antrean/static"
)

func TestAPressOfNextIsSeenByEverybody(t *testing.T) { onBothStores(t, pressOfNext) }

func pressOfNext(t *testing.T, h *house) {
	officer := h.as(staff.Officer)

	ticket := h.walkIn("penggantian", false)
	if ticket.Number == "" || ticket.Token == "" || !strings.HasPrefix(ticket.URL, "https://antrean.test/t/") {
		t.Fatalf("the ticket is %+v", ticket)
	}
	var view static.CounterView
	h.press(officer, "3", "open", nil).is(200, &view)
	if view.State != "open" || view.Officer != "officer" || len(view.Waiting) != 1 || view.Waiting[0].Number != ticket.Number {
		t.Fatalf("the opened counter shows %+v", view)
	}
	h.press(officer, "3", "next", nil).is(200, &view)
	if view.Current == nil || view.Current.Number != ticket.Number || view.Current.State != "called" || view.Current.Why == "" || view.Undo == nil {
		t.Fatalf("after next the counter shows %+v", view)
	}

	var phone static.TicketView
	h.ask("GET", "/api/v1/tickets/"+ticket.Token, nil).is(200, &phone)
	if phone.State != "called" || phone.Counter != "3" || phone.CounterName != "Loket 3" || len(phone.Calls) != 1 {
		t.Errorf("the phone shows %+v", phone)
	}
	tv := h.display()
	if len(tv.Calls) != 1 || tv.Calls[0].Number != ticket.Number || tv.Calls[0].Spoken != "loket tiga" || tv.Counters[2].Number != ticket.Number {
		t.Errorf("the lobby shows %+v", tv)
	}

	h.press(officer, "3", "next", nil).problem(409, "counter_busy")
	h.press(officer, "3", "recall", nil).is(200, &view)
	if view.Current.Times != 2 {
		t.Errorf("after a recall: %+v", view.Current)
	}
	h.press(officer, "3", "serve", nil).is(200, &view)
	h.press(officer, "3", "next", nil).problem(409, "counter_busy")
	h.press(officer, "3", "next", map[string]any{"complete": true}).problem(409, "queue_empty")
	h.press(officer, "3", "complete", nil).is(200, &view)
	if view.Current != nil || view.Today.Served != 1 {
		t.Errorf("after complete: %+v", view)
	}
	h.press(officer, "3", "undo", nil).is(200, &view)
	if view.Current == nil || view.Current.State != "serving" || view.Today.Served != 0 {
		t.Errorf("after undo: %+v", view)
	}
	second := h.walkIn("penggantian", false)
	h.press(officer, "3", "next", map[string]any{"complete": true}).is(200, &view)
	if view.Current.Number != second.Number || view.Today.Served != 1 {
		t.Errorf("complete and next in one: %+v", view)
	}
	h.press(officer, "3", "no-show", nil).is(200, &view)
	if view.Current != nil {
		t.Errorf("after no-show: %+v", view)
	}
	h.press(officer, "3", "pause", nil).is(200, &view)
	if diff := cmp.Diff("paused", view.State); diff != "" {
		t.Error(diff)
	}
	h.press(officer, "3", "close", nil).is(200, &view)
	if view.State != "closed" || view.Officer != "" {
		t.Errorf("after close: %+v", view)
	}
}

// display is the lobby's screen at bandung now.
func (h *house) display(headers ...string) (v static.DisplayView) {
	h.t.Helper()
	h.ask("GET", "/live/offices/bandung/display", nil, headers...).is(204)
	h.shot(h.feeds[len(h.feeds)-1], 0, &v)
	return v
}

// shot reads a feed's snapshot.
func (h *house) shot(f Feed, since uint64, v any) Snapshot {
	h.t.Helper()
	epoch, _, _ := f.View.Confirmed()
	s, err := f.View.Snapshot(epoch, since)
	if err != nil {
		h.t.Fatal(err)
	}
	unmarshal(h.t, s.Data, v)
	return s
}
