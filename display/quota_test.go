package display

import (
	"strings"
	"testing"

	"antrean/internal/queue"
	"antrean/internal/staff"
)

// slotAt is the slot of Bandung's new passports that begins then.
func (h *house) slotAt(date, start string) queue.Place {
	h.t.Helper()
	var v slotsView
	h.ask("GET", "/api/v1/offices/bandung/slots?service=paspor-baru&days=1&from="+date, nil).is(200, &v)
	for _, p := range v.Days[0].Slots {
		if p.Start.Format("15:04") == start {
			return p
		}
	}
	h.t.Fatalf("no slot on %s at %s", date, start)
	return queue.Place{}
}

func TestADaysPlacesAreChangedWhileItsPeopleStay(t *testing.T) {
	h := embedded(t)
	const path, slot = "days/2026-11-25/capacity", "2026-11-25T08:30:00+07:00"
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", slot, 1, 2)).is(201, &booked)
	token := booked.Tickets[0].Token
	change := func(body map[string]any) answer {
		t.Helper()
		body["service"] = "paspor-baru"
		return h.at(staff.Supervisor, path, body)
	}
	change(map[string]any{"places": 0}).is(200)
	if got := h.slotAt("2026-11-25", "08:30"); got.Capacity != 0 || got.Free != 0 {
		t.Errorf("the blanks ran out: %+v", got)
	}
	if v := h.ticketOf(token); !v.Kept || v.State != "booked" {
		t.Errorf("who is booked is not told: %+v", v)
	}
	for lang, words := range map[string]string{"id": "Kuota pada jam Anda dikurangi", "en": "Your hour has fewer places now"} {
		page := h.ask("GET", "/t", nil, "Accept-Language", lang, "Cookie", ticketCookie+"="+token).is(200)
		if !strings.Contains(string(page.body), `id="kept">`+words) {
			t.Errorf("in %s the page does not say so", lang)
		}
	}
	h.bookAt(bookingOf("paspor-baru", slot, 3)).problem(409, "slot_full")

	change(map[string]any{"usual": true}).is(200)
	if got := h.slotAt("2026-11-25", "08:30"); got.Capacity != 30 || got.Free != 28 {
		t.Errorf("taken back: %+v", got)
	}
	if h.ticketOf(token).Kept {
		t.Error("who is booked is still told")
	}
	change(map[string]any{"usual": true}).problem(409, "wrong_state")

	change(map[string]any{"slot": slot, "places": map[string]any{"priority": 3, "appointment": 4}}).is(200)
	if got := h.slotAt("2026-11-25", "08:30"); got.Capacity != 7 || got.Free != 2 || got.Priority != 5 {
		t.Errorf("by lane: %+v", got)
	}
	if got := h.slotAt("2026-11-25", "09:30"); got.Capacity != 30 {
		t.Errorf("the next slot: %+v", got)
	}
	h.bookAt(bookingOf("paspor-baru", slot, 3, 4, 5)).problem(409, "slot_full")
	priority := bookingOf("paspor-baru", slot, 3, 4, 5)
	priority["priority"] = true
	h.bookAt(priority).is(201)

	for _, wrong := range []map[string]any{
		{}, {"places": 1, "usual": true}, {"places": -1}, {"places": "auto"}, {"places": 1, "service": "visa"},
	} {
		if _, named := wrong["service"]; !named {
			wrong["service"] = "paspor-baru"
		}
		h.at(staff.Supervisor, path, wrong).problem(422, "invalid")
	}
	h.at(staff.Supervisor, path, map[string]any{"service": "paspor-baru", "places": "many"}).problem(400, "invalid")
	change(map[string]any{"slot": "2026-11-25T08:31:00+07:00", "places": 1}).problem(409, "outside_hours")
	h.at(staff.Officer, path, map[string]any{"service": "paspor-baru", "places": 1}).problem(403, "forbidden")
}

// What a file's mistakes are told, the API's are told too.
func TestAConfigurationThatCannotBeReadIsToldWhatIsAllowed(t *testing.T) {
	h := embedded(t)
	admin := h.as(staff.Administrator)
	for body, want := range map[string]ProblemField{
		`{"booking":{"slot":"soon"}}`:                                            {Field: "booking.slot", Message: `"soon" is no duration (like "90s", "60m", "24h", "30d" or "1h30m")`},
		`{"services":[{"slot_capacity":"many"}]}`:                                {Field: "services[0].slot_capacity", Message: `"many" is no capacity (a number, "auto", or {"priority": 5, "appointment": 25})`},
		`{"special":{"2027-02-08..2027-03-09":{"fri":"08:00-11:00"}}}`:           {Field: "special.2027-02-08..2027-03-09.fri", Message: `a list of hours is expected (["08:00-11:00"])`},
		`{"special":{"2027-02-20":{"hours":[],"slot_capacity":{"baru":"ten"}}}}`: {Field: "special.2027-02-20.slot_capacity.baru", Message: `"ten" is no capacity (a number, "auto", or {"priority": 5, "appointment": 25})`},
		`{"booking":7}`:     {Field: "booking", Message: refusalWords["wrong_type"].id},
		`{"name":7}`:        {Field: "name", Message: refusalWords["wrong_type"].id},
		`{"hours":"08-09"}`: {Field: "hours", Message: refusalWords["wrong_type"].id},
	} {
		p := h.ask("PUT", "/api/v1/offices/bandung/config", body, admin...).problem(400, "invalid")
		if len(p.Errors) != 1 || p.Errors[0] != want {
			t.Errorf("%s: %+v", body, p.Errors)
		}
	}
}

func TestTheDoorsNumbersOfADayAreChanged(t *testing.T) {
	h := embedded(t)
	const path = "days/2026-11-24/walkins"
	h.at(staff.Supervisor, path, map[string]any{"service": "paspor-baru", "numbers": 0}).is(200)
	h.at(staff.Kiosk, "tickets", map[string]any{"service": "paspor-baru"}).problem(409, "slot_full")
	h.walkIn("penggantian", false)
	h.at(staff.Supervisor, path, map[string]any{"service": "paspor-baru", "usual": true}).is(200)
	h.walkIn("paspor-baru", false)
	h.at(staff.Supervisor, path, map[string]any{"service": "paspor-baru"}).problem(422, "invalid")
	h.at(staff.Officer, path, map[string]any{"service": "paspor-baru", "numbers": 0}).problem(403, "forbidden")
}

func TestPlacesOfTheCountersAreShownWithTheConfiguration(t *testing.T) {
	h := embedded(t)
	admin := h.as(staff.Administrator)
	const path = "/api/v1/offices/bandung/config"
	var config map[string]any
	unmarshal(t, h.ask("GET", path, nil, admin...).is(200).body, &config)
	service := config["services"].([]any)[0].(map[string]any)
	service["slot_capacity"], service["service_time"] = "auto", "10m"
	// Two counters check documents only, eight share their time over three pairs.
	for range 2 { // also when what was counted is sent back
		h.ask("PUT", path, config, admin...).is(200, &config)
		counted := config["counted"].(map[string]any)["paspor-baru"].([]any)
		var got []float64
		for _, c := range counted {
			got = append(got, c.(map[string]any)["places"].(float64))
		}
		if len(got) != 2 || got[0] != 28 || got[1] != 16 {
			t.Errorf("counted: %v", counted)
		}
	}
	if got := h.slotAt("2026-11-25", "08:30"); got.Capacity != 16 {
		t.Errorf("the slot has %+v", got)
	}
	service = config["services"].([]any)[0].(map[string]any)
	delete(service, "service_time")
	if p := h.ask("PUT", path, config, admin...).problem(422, "invalid"); p.Errors[0].Field != "services[0].service_time" {
		t.Errorf("%+v", p.Errors)
	}
}
