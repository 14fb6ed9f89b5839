package display

import (
	"slices"
	"strings"
	"testing"

	"antrean/internal/staff"
)

// TestWhoMayDoWhat asks every staff route as everybody. 401 and 403 say no;
// whatever else says that the door was open.
func TestWhoMayDoWhat(t *testing.T) {
	h := embedded(t)
	const (
		admin      = "administrator"
		supervisor = "supervisor"
		officer    = "officer"
		desk       = "desk"
		kiosk      = "kiosk"
	)
	everybody := []string{admin, supervisor, officer, desk, kiosk}
	routes := map[string][]string{
		"POST tickets":                         {admin, supervisor, desk, kiosk},
		"POST check-ins":                       {admin, supervisor, desk, kiosk},
		"POST tickets/x/return":                {admin, supervisor, desk},
		"POST tickets/x/amend":                 {admin, supervisor, desk},
		"POST tickets/x/reissue":               {admin, supervisor, desk},
		"POST tickets/x/ready":                 {admin, supervisor, desk},
		"GET find?q=zz":                        {admin, supervisor, desk},
		"GET counters/3":                       {admin, supervisor, officer, desk},
		"GET queue":                            {admin, supervisor, officer, desk},
		"GET report":                           {admin, supervisor, officer, desk},
		"GET log":                              {admin, supervisor},
		"GET config":                           {admin},
		"PUT config":                           {admin},
		"POST tickets/x/helped":                {admin, supervisor, officer, desk},
		"POST suspend":                         {admin, supervisor},
		"POST resume":                          {admin, supervisor},
		"POST notices":                         {admin, supervisor},
		"POST mute":                            {admin, supervisor, officer},
		"POST days/x/start":                    {admin, supervisor},
		"POST days/x/close":                    {admin, supervisor},
		"POST days/x/end":                      {admin, supervisor},
		"POST days/x/reopen":                   {admin, supervisor},
		"POST days/x/capacity":                 {admin, supervisor},
		"GET /api/v1/users":                    {admin},
		"POST /api/v1/users":                   {admin},
		"DELETE /api/v1/users/x":               {admin},
		"PUT /api/v1/users/x/pin":              {admin},
		"POST /api/v1/people/show":             {admin},
		"POST /api/v1/people/report":           {admin},
		"POST /api/v1/people/erase":            {admin},
		"POST /api/v1/people/breach":           {admin},
		"GET /api/v1/devices":                  {admin, supervisor},
		"POST /api/v1/devices":                 {admin, supervisor},
		"DELETE /api/v1/devices/x":             {admin, supervisor},
		"PUT /api/v1/devices/x/settings":       {admin, supervisor},
		"GET /live/offices/bandung/overview":   {admin, supervisor, officer, desk},
		"GET /live/offices/bandung/counters/3": {admin, supervisor, officer, desk},
	}
	for _, act := range []string{"open", "close", "pause", "take-over", "next", "recall", "serve", "complete", "no-show", "park", "call", "undo"} {
		routes["POST counters/3/"+act] = []string{admin, supervisor, officer}
	}
	for route, allowed := range routes {
		method, path, _ := strings.Cut(route, " ")
		if !strings.HasPrefix(path, "/") {
			path = "/api/v1/offices/bandung/" + path
		}
		h.ask(method, path, nil).problem(401, "unauthenticated")
		for _, role := range everybody {
			// An unknown field, so that nothing is done.
			var body any
			if method != "GET" {
				body = `{"?": 1}`
			}
			a := h.ask(method, path, body, h.as(staff.Role(role))...)
			if open := a.status != 401 && a.status != 403; open != slices.Contains(allowed, role) || a.status >= 500 {
				t.Errorf("%s as %s: %d %s", route, role, a.status, a.body)
			}
		}
	}
	for _, role := range everybody[1:] {
		h.ask("GET", "/api/v1/offices/soekarno-hatta/queue", nil, h.as(staff.Role(role))...).problem(403, "forbidden")
	}
	h.ask("GET", "/api/v1/offices/soekarno-hatta/queue", nil, h.as(staff.Administrator)...).is(200)
}

func TestOnlyASupervisorCallsOutOfTurn(t *testing.T) {
	h := embedded(t)
	first, second := h.walkIn("penggantian", false), h.walkIn("penggantian", false)
	officer, supervisor := h.as(staff.Officer), h.as(staff.Supervisor)
	h.press(officer, "3", "open", nil).is(200)
	h.press(officer, "3", "call", map[string]any{"ticket": second.ID, "reason": "ill"}).problem(403, "forbidden")
	h.press(supervisor, "4", "open", nil).is(200)
	h.press(supervisor, "4", "call", map[string]any{"ticket": second.ID}).problem(422, "invalid")
	h.press(supervisor, "4", "call", map[string]any{"ticket": second.ID, "reason": "ill"}).is(200)
	h.press(officer, "3", "next", nil).is(200)
	var v struct{ Current struct{ Number string } }
	h.ask("GET", "/api/v1/offices/bandung/counters/3", nil, officer...).is(200, &v)
	if v.Current.Number != first.Number {
		t.Errorf("next called %s, want %s", v.Current.Number, first.Number)
	}
}

func TestAnOfficerSitsAtOneCounter(t *testing.T) {
	h := embedded(t)
	officer, other, admin := h.as(staff.Officer), h.named("relief", staff.Officer, "bandung"), h.as(staff.Administrator)
	h.walkIn("penggantian", false)
	h.press(officer, "3", "open", nil).is(200)
	h.press(other, "3", "open", nil).problem(409, "counter_busy")
	h.press(other, "3", "next", nil).problem(403, "forbidden")
	h.press(officer, "4", "open", nil).is(200)
	var v struct{ State, Officer string }
	h.ask("GET", "/api/v1/offices/bandung/counters/3", nil, officer...).is(200, &v)
	if v.State != "closed" {
		t.Errorf("the counter that was left is %s", v.State)
	}
	h.press(officer, "4", "next", nil).is(200)
	h.press(officer, "3", "open", nil).problem(409, "counter_busy")
	h.press(admin, "4", "serve", nil).is(200)
	h.press(other, "4", "take-over", nil).is(200, &v)
	if v.Officer != "relief" {
		t.Errorf("after the take-over %s sits there", v.Officer)
	}
	h.press(officer, "4", "complete", nil).problem(403, "forbidden")
	h.press(other, "4", "complete", nil).is(200)
}
