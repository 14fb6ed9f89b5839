package display

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"antrean/internal/staff"
	"antrean/static"
)

func TestPeopleInTheHallLetOthersPassAndAskForHelp(t *testing.T) {
	h := embedded(t)
	first, second := h.walkIn("penggantian", false), h.walkIn("penggantian", false)
	path := "/api/v1/tickets/" + first.Token
	h.ask("POST", path+"/defer", map[string]any{}).problem(422, "invalid")
	h.ask("POST", path+"/defer", map[string]any{"places": 0}).problem(422, "invalid")
	var v static.TicketView
	h.ask("POST", path+"/defer", map[string]any{"places": 1}).is(200, &v)
	if v.State != "waiting" || *v.Ahead != 1 {
		t.Errorf("%+v", v)
	}
	h.ask("POST", path+"/help", nil).is(200, &v)
	if !v.Help || slices.Contains(v.Can, "help") {
		t.Errorf("%+v", v)
	}
	officer := h.as(staff.Officer)
	var counter static.CounterView
	h.press(officer, "3", "open", nil).is(200, &counter)
	if len(counter.Waiting) != 2 || counter.Waiting[0].Number != second.Number || !counter.Waiting[1].Help {
		t.Errorf("the counter sees %+v", counter.Waiting)
	}
	var hall queueView
	h.ask("GET", "/api/v1/offices/bandung/queue", nil, h.as(staff.Supervisor)...).is(200, &hall)
	if len(hall.Help) != 1 || hall.Help[0] != first.Number {
		t.Errorf("the supervisor sees %v", hall.Help)
	}
	for range 2 {
		h.ask("POST", "/api/v1/offices/bandung/tickets/"+first.ID+"/helped", nil, officer...).is(200)
	}
	h.ask("GET", "/api/v1/offices/bandung/queue", nil, officer...).is(200, &hall)
	if len(hall.Help) != 0 || !slices.Contains(h.ticketOf(first.Token).Can, "help") {
		t.Errorf("who was helped still asks: %v", hall.Help)
	}
	h.ask("POST", path+"/help", nil).is(200)
	h.press(officer, "3", "next", nil).is(200, &counter)
	if counter.Current.Number != second.Number || counter.Current.Help {
		t.Errorf("called: %+v", counter.Current)
	}
	h.press(officer, "3", "serve", nil).is(200)
	h.press(officer, "3", "next", map[string]any{"complete": true}).is(200, &counter)
	if counter.Current.Number != first.Number || !counter.Current.Help {
		t.Errorf("called: %+v", counter.Current)
	}
}

// The front desk has no counter: its page names who asked for help, and a
// press of its form, twice, says that they were helped.
func TestTheStaffPageNamesWhoAsksForHelp(t *testing.T) {
	h := embedded(t)
	first := h.walkIn("paspor-baru", false)
	h.ask("POST", "/api/v1/tickets/"+first.Token+"/help", nil).is(200)
	desk := h.as(staff.Desk)
	page := h.see("/staff", desk...).is(200).shows("Butuh bantuan di ruang tunggu (1)", first.Number)
	form := regexp.MustCompile(`action="(/staff/[^"]*/helped)"[^>]*><input type="hidden" name="key" value="([^"]+)"`).FindStringSubmatch(string(page.body))
	if form == nil {
		t.Fatalf("no form: %s", page.body)
	}
	h.form(form[1], url.Values{"key": {form[2]}}, h.as(staff.Kiosk)...).is(403)
	for range 2 {
		h.form(form[1], url.Values{"key": {form[2]}}, desk...).is(303)
	}
	if page := h.see("/staff", desk...).is(200); strings.Contains(string(page.body), "Butuh bantuan") {
		t.Error("who was helped is still named")
	}
}
