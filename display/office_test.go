package display

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/figures"
	"antrean/internal/staff"
	"antrean/static"
)

func TestTheOfficesAreListed(t *testing.T) {
	h := embedded(t)
	var v struct{ Offices []officeView }
	h.ask("GET", "/api/v1/offices", nil).is(200, &v)
	if len(v.Offices) != 2 || v.Offices[0].ID != "bandung" || !v.Offices[0].Open || len(v.Offices[0].Services) != 2 || v.Offices[0].Phase != "open" {
		t.Errorf("the offices are %+v", v.Offices)
	}
}

func TestTheDayOfAnOffice(t *testing.T) {
	h := embedded(t)
	type phase struct {
		Phase, Opens string
		Open         bool
	}
	var got []phase
	for _, at := range []string{"2026-11-25T06:00", "2026-11-25T08:00", "2026-11-25T12:30", "2026-11-25T17:00", "2026-11-28T10:00"} {
		now, err := time.ParseInLocation("2006-01-02T15:04", at, morning.Location())
		if err != nil {
			t.Fatal(err)
		}
		h.clock.pass(now.Sub(h.clock.Now()))
		var v struct{ Offices []officeView }
		h.ask("GET", "/api/v1/offices", nil).is(200, &v)
		p := phase{Phase: v.Offices[0].Phase, Open: v.Offices[0].Open}
		if v.Offices[0].Opens != nil {
			p.Opens = v.Offices[0].Opens.Format("2006-01-02T15:04")
		}
		got = append(got, p)
	}
	want := []phase{
		{"before", "2026-11-25T07:30", false}, {"open", "", true}, {"break", "2026-11-25T13:00", true},
		{"ended", "2026-11-26T07:30", false}, {"ended", "2026-11-30T07:30", false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheDeskCorrectsAndFindsPeople(t *testing.T) {
	h := embedded(t)
	officer := h.as(staff.Officer)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 1)).is(201, &booked)
	ticket := booked.Tickets[0]
	find := func(q string) (found []foundTicket) {
		t.Helper()
		var v struct{ Tickets []foundTicket }
		h.ask("GET", "/api/v1/offices/bandung/find?q="+url.QueryEscape(q), nil, h.as(staff.Desk)...).is(200, &v)
		return v.Tickets
	}
	for _, q := range []string{ticket.Number, strings.ReplaceAll(strings.ToLower(ticket.Number), "-0", ""), ticket.Code, ticket.QR, "rahasia b", nikOf(1), "081234567801"} {
		if found := find(q); len(found) != 1 || found[0].ID != ticket.ID || found[0].Name != "Ujang Rahasia B" {
			t.Errorf("%q finds %+v", q, found)
		}
	}
	if found := find("nobody at all"); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
	h.ask("GET", "/api/v1/offices/bandung/find?q=a", nil, h.as(staff.Desk)...).problem(422, "invalid")
	if !strings.Contains(h.logs.String(), "people were looked for") {
		t.Error("searching is not written down")
	}

	var v deskTicket
	h.at(staff.Desk, "check-ins", map[string]any{"code": ticket.QR}).is(200, &v)
	if v.State != "waiting" || v.ID != ticket.ID {
		t.Errorf("checked in: %+v", v)
	}
	h.at(staff.Desk, "check-ins", map[string]any{"code": ticket.QR}).problem(409, "wrong_state")
	h.at(staff.Desk, "check-ins", map[string]any{"code": h.Ring.QRCode("soekarno-hatta", ticket.ID)}).problem(404, "not_found")
	h.at(staff.Desk, "tickets/"+ticket.ID+"/amend", map[string]any{"priority": true}).problem(422, "invalid")
	h.at(staff.Desk, "tickets/"+ticket.ID+"/amend", map[string]any{"priority": true, "reason": "age"}).is(200, &v)
	if v.Lane != "priority" {
		t.Errorf("amended: %+v", v)
	}
	h.at(staff.Desk, "tickets/"+ticket.ID+"/return", nil).problem(409, "wrong_state")
	h.press(officer, "3", "open", nil).is(200)
	h.press(officer, "3", "next", nil).is(200)
	h.press(officer, "3", "park", nil).is(200)
	h.at(staff.Desk, "tickets/"+ticket.ID+"/return", nil).is(200, &v)
	if v.State != "waiting" {
		t.Errorf("returned: %+v", v)
	}

	var again ticketAnswer
	h.at(staff.Desk, "tickets/"+ticket.ID+"/reissue", nil).is(200, &again)
	h.ask("GET", "/api/v1/tickets/"+ticket.Token, nil).problem(404, "not_found")
	h.ask("GET", "/api/v1/tickets/"+again.Token, nil).is(200)
	h.at(staff.Desk, "tickets/"+ticket.ID+"/ready", nil).problem(409, "wrong_state")
	h.press(officer, "3", "next", nil).is(200)
	h.press(officer, "3", "serve", nil).is(200)
	h.press(officer, "3", "complete", nil).is(200)
	h.at(staff.Desk, "tickets/"+ticket.ID+"/ready", nil).is(200)
}

func TestANoShowIsCalledAgainThenQueuesByArrival(t *testing.T) {
	h := embedded(t)
	officer := h.as(staff.Officer)
	ticket := h.walkIn("penggantian", false)
	h.press(officer, "3", "open", nil).is(200)
	h.press(officer, "3", "next", nil).is(200)
	h.press(officer, "3", "no-show", nil).is(200)
	h.press(officer, "3", "next", nil).problem(409, "queue_empty")
	h.clock.pass(11 * time.Minute)
	h.press(officer, "3", "next", nil).is(200)
	h.press(officer, "3", "no-show", nil).is(200)
	var v static.TicketView
	h.ask("GET", "/api/v1/tickets/"+ticket.Token, nil).is(200, &v)
	if v.State != "no_show" {
		t.Errorf("twice absent: %s", v.State)
	}
	h.at(staff.Desk, "tickets/"+ticket.ID+"/return", nil).is(200, &v)
	if v.State != "waiting" || v.Lane != "walkin" {
		t.Errorf("returned: %+v", v)
	}
}

func TestSupervisorsRuleTheDay(t *testing.T) {
	h := embedded(t)
	until := h.clock.Now().Add(time.Hour)
	var v queueView
	h.at(staff.Supervisor, "suspend", map[string]any{"reason": ""}).problem(422, "invalid")
	h.at(staff.Supervisor, "suspend", map[string]any{"reason": "Pusat data terganggu", "until": until}).is(200, &v)
	if !v.Suspended || v.Suspension.Reason == "" || !v.Suspension.Until.Equal(until) {
		t.Errorf("suspended: %+v", v)
	}
	h.at(staff.Supervisor, "suspend", map[string]any{"reason": "again"}).problem(409, "wrong_state")
	if tv := h.display(); !tv.Suspended {
		t.Error("the lobby is not told")
	}
	h.at(staff.Supervisor, "resume", nil).is(200, &v)
	h.at(staff.Supervisor, "resume", nil).problem(409, "wrong_state")
	h.at(staff.Supervisor, "notices", map[string]any{"notices": []string{"Bawa KTP asli"}}).is(200, &v)
	if tv := h.display(); len(tv.Notices) != 1 || tv.Notices[0].In("id") != "Bawa KTP asli" {
		t.Errorf("the lobby shows %+v", tv.Notices)
	}
	h.at(staff.Supervisor, "days/2026-11-24/start", map[string]any{"Z": 1}).problem(422, "invalid")
	h.at(staff.Supervisor, "days/2026-11-24/start", map[string]any{"B": 200}).is(200)
	if ticket := h.walkIn("penggantian", false); ticket.Number != "B-201" {
		t.Errorf("after the paper numbers comes %s", ticket.Number)
	}
	h.at(staff.Supervisor, "days/2026-11-24/close", map[string]any{"mode": "perhaps"}).problem(422, "invalid")
	h.at(staff.Supervisor, "days/2026-11-24/close", map[string]any{"mode": "choose"}).is(200, &v)
	if v.Open || v.Phase != "closed" {
		t.Errorf("closed: %+v", v)
	}
	h.at(staff.Kiosk, "tickets", map[string]any{"service": "penggantian"}).problem(409, "outside_hours")
	h.at(staff.Supervisor, "days/2026-11-24/end", nil).is(200, &v)
	if v.Phase != "ended" || v.Counts["expired"] != 1 {
		t.Errorf("ended: %+v", v)
	}

	var r figures.Report
	h.ask("GET", "/api/v1/offices/bandung/report", nil, h.as(staff.Supervisor)...).is(200, &r)
	if r.Total.Tickets != 1 || r.Total.Expired != 1 || r.Services["penggantian"].Arrived != 1 {
		t.Errorf("the report is %+v", r)
	}
	csv := h.ask("GET", "/api/v1/offices/bandung/report?format=csv", nil, h.as(staff.Supervisor)...).is(200)
	if !strings.Contains(string(csv.body), "2026-11-24,total,,1,1,0,0,0,1,0") {
		t.Errorf("the report is %s", csv.body)
	}
	h.ask("GET", "/api/v1/offices/bandung/report?format=pdf", nil, h.as(staff.Supervisor)...).problem(422, "invalid")

	h.at(staff.Supervisor, "days/2026-11-24/reopen", nil).is(200, &v)
	if !v.Open {
		t.Errorf("reopened: %+v", v)
	}

	var all struct {
		Events []struct {
			Version uint64
			Event   struct{ Type string }
		}
		Next uint64
	}
	h.ask("GET", "/api/v1/offices/bandung/log?after=2", nil, h.as(staff.Supervisor)...).is(200, &all)
	if len(all.Events) == 0 || all.Events[0].Version != 3 || all.Events[0].Event.Type != "office_suspended" || all.Next != h.version() {
		t.Errorf("the log is %+v", all)
	}
	h.ask("GET", "/api/v1/offices/bandung/log?after=-1", nil, h.as(staff.Supervisor)...).problem(422, "invalid")
}

// The calendar ends where a year has five digits: counting on from there would
// never end.
func TestAReportToTheEndOfTimeIsRefused(t *testing.T) {
	h := embedded(t)
	for _, span := range []string{"from=9998-11-26&to=9999-12-31", "from=9999-12-31", "date=9999-12-31", "date=9999-12-31&period=month", "date=0000-01-01&period=week", "from=0000-01-01&to=0000-01-02&unit=week", "from=9999-12-01&to=9999-12-30&unit=month"} {
		h.ask("GET", "/api/v1/offices/bandung/report?"+span, nil, h.as(staff.Officer)...).problem(422, "invalid")
	}
	// What shows a day has nothing to show of that one.
	h.ask("GET", "/api/v1/offices/bandung/replay?date=9999-12-31", nil, h.as(staff.Supervisor)...).is(200)
	h.ask("GET", "/admin/offices/bandung/log?date=9999-12-31", nil, h.as(staff.Supervisor)...).is(200)
}

func TestTheConfigurationIsChangedByWhoReadIt(t *testing.T) {
	h := embedded(t)
	admin := h.as(staff.Administrator)
	const path = "/api/v1/offices/bandung/config"
	got := h.ask("GET", path, nil, admin...).is(200)
	etag := got.header.Get("ETag")
	var config map[string]any
	unmarshal(t, got.body, &config)
	config["name"] = "Kantor Baru"
	with := append(append([]string{}, admin...), "If-Match", etag)
	put := h.ask("PUT", path, config, with...).is(200)
	if put.header.Get("ETag") == etag {
		t.Error("the ETag stays")
	}
	var before, after map[string]any
	unmarshal(t, put.body, &after)
	before = config
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	h.ask("PUT", path, config, with...).problem(409, "wrong_state")
	config["name"] = ""
	config["timezone"] = "Mars/Olympus"
	p := h.ask("PUT", path, config, admin...).problem(422, "invalid")
	if len(p.Errors) != 2 {
		t.Errorf("the problem names %+v", p.Errors)
	}
	config["noshow"].(map[string]any)["check_in_grace"] = "0s" // not the usual half hour
	p = h.ask("PUT", path, config, admin...).problem(422, "invalid")
	if len(p.Errors) != 1 || p.Errors[0].Field != "noshow.check_in_grace" {
		t.Errorf("the problem names %+v", p.Errors)
	}
	config["colour"] = 1
	h.ask("PUT", path, config, admin...).problem(400, "invalid")
	h.ask("PUT", path, `{"id":"mars"}`, admin...).problem(422, "invalid")
	h.ask("PUT", path, `{"id":"bandung","booking":{"slot":"soon"}}`, admin...).problem(400, "invalid")
}

func TestAccountsAndSessions(t *testing.T) {
	h := embedded(t)
	admin := h.as(staff.Administrator)
	h.ask("POST", "/api/v1/users", `{"username":"siti","password":"correct horse","roles":["officer"],"offices":["bandung"],"pin":"12ab"}`, admin...).problem(422, "invalid")
	h.ask("POST", "/api/v1/users", `{"username":"siti","password":"correct horse","roles":["officer"],"offices":["bandung"],"pin":"1234"}`, admin...).is(201)
	h.ask("POST", "/api/v1/users", `{"username":"siti","password":"correct horse","roles":["officer"]}`, admin...).problem(409, "wrong_state")
	h.ask("POST", "/api/v1/users", `{"username":"dewi","password":"short","roles":["officer"]}`, admin...).problem(422, "invalid")
	h.ask("POST", "/api/v1/users", `{"username":"dewi","password":"correct horse","roles":["king"]}`, admin...).problem(422, "invalid")
	h.ask("POST", "/api/v1/users", `{"username":"dewi","password":"correct horse","roles":["desk"],"offices":["mars"]}`, admin...).problem(422, "invalid")
	var list struct{ Users []staff.Account }
	h.ask("GET", "/api/v1/users", nil, admin...).is(200, &list)
	if len(list.Users) != 2 {
		t.Errorf("the users are %+v", list.Users)
	}
	var session sessionView
	in := h.ask("POST", "/api/v1/session", `{"username":"siti","password":"correct horse"}`).is(200, &session)
	cookie := in.header.Get("Set-Cookie")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") || session.Token == "" || session.User != "siti" {
		t.Errorf("the session is %+v with %q", session, cookie)
	}
	bearer := []string{"Authorization", "Bearer " + session.Token}
	h.ask("GET", "/api/v1/session", nil, bearer...).is(200, &session)
	if diff := cmp.Diff([]string{"bandung"}, session.Offices); diff != "" {
		t.Error(diff)
	}
	h.ask("DELETE", "/api/v1/session", nil, bearer...).is(204)
	h.ask("GET", "/api/v1/session", nil, bearer...).problem(401, "unauthenticated")
	h.ask("PUT", "/api/v1/users/siti/password", `{"password":"another horse"}`, admin...).is(204)
	h.ask("PUT", "/api/v1/users/siti/pin", `{"pin":"12"}`, admin...).problem(422, "invalid")
	h.ask("DELETE", "/api/v1/users/siti", nil, admin...).is(204)
	h.ask("DELETE", "/api/v1/users/siti", nil, admin...).problem(404, "not_found")
	h.ask("DELETE", "/api/v1/users/administrator", nil, admin...).problem(409, "wrong_state")
}

func TestAKioskIsPairedAndGivesNumbers(t *testing.T) {
	h := embedded(t)
	supervisor := h.as(staff.Supervisor)
	var asked struct{ Code, Token string }
	h.ask("POST", "/api/v1/devices/pairing", nil).is(201, &asked)
	device := []string{"Authorization", "Bearer " + asked.Token}
	h.ask("POST", "/api/v1/offices/bandung/tickets", `{"service":"penggantian"}`, device...).problem(401, "unauthenticated")
	h.ask("POST", "/api/v1/devices", map[string]any{"code": "WRONG2", "name": "Kios", "kind": "kiosk", "office": "bandung"}, supervisor...).problem(422, "invalid")
	h.ask("POST", "/api/v1/devices", map[string]any{"code": asked.Code, "name": "Kios", "kind": "screen", "office": "soekarno-hatta"}, supervisor...).problem(403, "forbidden")
	accept := map[string]any{"code": asked.Code, "name": "Kios", "kind": "kiosk", "office": "bandung"}
	accepted := h.ask("POST", "/api/v1/devices", accept, append([]string{keyHeader, "pair"}, supervisor...)...).is(201)
	again := h.ask("POST", "/api/v1/devices", accept, append([]string{keyHeader, "pair"}, supervisor...)...).is(201)
	if diff := cmp.Diff(string(accepted.body), string(again.body)); diff != "" {
		t.Error(diff)
	}
	h.ask("POST", "/api/v1/offices/bandung/tickets", `{"service":"penggantian"}`, device...).is(201)
	h.ask("POST", "/api/v1/devices/health", `{"release":"1","sound":true}`, device...).is(204)
	var list struct{ Devices []staff.Device }
	h.ask("GET", "/api/v1/devices", nil, supervisor...).is(200, &list)
	if len(list.Devices) != 1 || !list.Devices[0].Health.Sound {
		t.Fatalf("the devices are %+v", list.Devices)
	}
	h.ask("DELETE", "/api/v1/devices", `{}`, supervisor...).problem(422, "invalid")
	keyed := append([]string{keyHeader, "once"}, supervisor...)
	for range 2 {
		h.ask("DELETE", "/api/v1/devices", map[string]any{"id": list.Devices[0].ID}, keyed...).is(204)
	}
	h.ask("DELETE", "/api/v1/devices", map[string]any{"id": "another"}, keyed...).problem(422, "invalid")
	h.ask("DELETE", "/api/v1/devices/"+list.Devices[0].ID, nil, supervisor...).problem(404, "not_found")
	h.ask("POST", "/api/v1/offices/bandung/tickets", `{"service":"penggantian"}`, device...).problem(401, "unauthenticated")
}

func TestHealth(t *testing.T) {
	h := embedded(t)
	h.ask("GET", "/healthz", nil).is(200)
	h.ask("GET", "/readyz", nil).is(200)
	h.ask("GET", "/metrics", nil).is(200)
}

func TestNamesInAnswersAreThoseOfTheContract(t *testing.T) {
	h := embedded(t)
	var booked struct{ Tickets []map[string]json.RawMessage }
	h.bookAt(bookingOf("paspor-baru", "earliest", 1, 2)).is(201, &booked)
	for _, name := range []string{"id", "number", "code", "token", "url", "service", "slot", "arrive_by", "fee", "payment_due", "pickup_from", "party"} {
		if booked.Tickets[0][name] == nil {
			t.Errorf("a booked ticket lacks %s", name)
		}
	}
}
