package display

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

func TestABookingTakesTheEarliestHour(t *testing.T) {
	h := embedded(t)
	var slots slotsView
	h.ask("GET", "/api/v1/offices/bandung/slots?service=paspor-baru&days=3", nil).is(200, &slots)
	if slots.Earliest == nil || len(slots.Days) != 3 || slots.Earliest.Free != 30 {
		t.Fatalf("the slots are %+v", slots)
	}
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201, &booked)
	ticket := booked.Tickets[0]
	if !ticket.Slot.Start.Equal(slots.Earliest.Start) || ticket.Fee != 350000 || ticket.PaymentDue == nil || ticket.PickupFrom == nil || ticket.ArriveBy == nil {
		t.Errorf("the ticket is %+v", ticket)
	}
	if got := ticket.Slot.Start.Format(time.RFC3339); !strings.HasSuffix(got, "+07:00") {
		t.Errorf("the slot starts at %s, without the office's offset", got)
	}
	person, err := h.Vault.Get(context.Background(), "bandung", ticket.ID)
	if err != nil || person.Name != personOf(1)["name"] || person.Phone == "" {
		t.Errorf("the vault holds %v, %v", person.Name, err)
	}
	var again slotsView
	h.ask("GET", "/api/v1/offices/bandung/slots?service=paspor-baru", nil).is(200, &again)
	if again.Earliest.Free != 29 {
		t.Errorf("after the booking %d places are free", again.Earliest.Free)
	}
}

func TestAFamilyIsBookedTogetherOrNotAtAll(t *testing.T) { onBothStores(t, family) }

func family(t *testing.T, h *house) {
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T08:30:00+07:00", 1, 2, 3)).is(201, &booked)
	var numbers []string
	for _, ticket := range booked.Tickets {
		numbers = append(numbers, ticket.Number)
	}
	if len(numbers) != 3 {
		t.Fatalf("booked %v", numbers)
	}
	for _, ticket := range booked.Tickets {
		if diff := cmp.Diff(numbers, ticket.Party); diff != "" {
			t.Error(diff)
		}
	}
	h.bookAt(bookingOf("paspor-baru", "2026-11-26T08:30:00+07:00", 4, 2)).problem(409, "already_booked")
	// The stranger of that family is free again.
	h.bookAt(bookingOf("paspor-baru", "2026-11-26T08:30:00+07:00", 4)).is(201)
}

func TestOneIdentityHasOneActiveBookingAcrossOffices(t *testing.T) { onBothStores(t, oneIdentity) }

func oneIdentity(t *testing.T, h *house) {
	var first bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201, &first)
	elsewhere := func() answer {
		return h.ask("POST", "/api/v1/offices/soekarno-hatta/bookings", bookingOf("paspor-baru", "earliest", 1))
	}
	p := elsewhere().problem(409, "already_booked")
	if len(p.Errors) != 1 || p.Errors[0].Field != "people[0].nik" {
		t.Errorf("the problem names %v", p.Errors)
	}
	h.ask("POST", "/api/v1/tickets/"+first.Tickets[0].Token+"/cancel", nil).is(200)
	elsewhere().is(201)
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).problem(409, "already_booked")
}

// However many ask at once, an identity has as many bookings as the office that
// is asked allows, those elsewhere included.
func TestAnIdentityHasAsManyBookingsAsItsOfficeAllows(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		admin := h.named("root", staff.Administrator)
		for _, office := range []string{"bandung", "soekarno-hatta"} {
			var config map[string]any
			h.ask("GET", "/api/v1/offices/"+office+"/config", nil, admin...).is(200, &config)
			config["booking"].(map[string]any)["per_identity"] = 2
			h.ask("PUT", "/api/v1/offices/"+office+"/config", config, admin...).is(200)
		}
		results := make(chan answer, 8)
		for n := range cap(results) {
			office := []string{"bandung", "soekarno-hatta"}[n%2]
			go func() {
				results <- h.ask("POST", "/api/v1/offices/"+office+"/bookings", bookingOf("paspor-baru", "earliest", 1))
			}()
		}
		var mine []string
		for range cap(results) {
			if r := <-results; r.status == 201 {
				var booked bookedAnswer
				r.is(201, &booked)
				mine = append(mine, booked.Tickets[0].Token)
			}
		}
		for len(mine) < 2 { // those who met one another were told to come again
			var booked bookedAnswer
			h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201, &booked)
			mine = append(mine, booked.Tickets[0].Token)
		}
		if len(mine) > 2 {
			t.Errorf("booked %d times", len(mine))
		}
		h.bookAt(bookingOf("paspor-baru", "earliest", 2, 1)).problem(409, "already_booked")
		for _, token := range mine {
			h.ask("POST", "/api/v1/tickets/"+token+"/cancel", nil).is(200)
			h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201)
			h.bookAt(bookingOf("paspor-baru", "earliest", 1)).problem(409, "already_booked")
		}
	})
}

// An office that allows one is not told by a free place that there is no other
// booking: an office that allows more may have given it.
func TestAPlaceThatIsFreeDoesNotHideAnotherBooking(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		admin := h.named("root", staff.Administrator)
		var config map[string]any
		h.ask("GET", "/api/v1/offices/soekarno-hatta/config", nil, admin...).is(200, &config)
		config["booking"].(map[string]any)["per_identity"] = 2
		h.ask("PUT", "/api/v1/offices/soekarno-hatta/config", config, admin...).is(200)
		var mine [2]bookedAnswer
		for i := range mine {
			h.ask("POST", "/api/v1/offices/soekarno-hatta/bookings", bookingOf("paspor-baru", "earliest", 1)).is(201, &mine[i])
		}
		h.ask("POST", "/api/v1/tickets/"+mine[0].Tickets[0].Token+"/cancel", nil).is(200)
		h.bookAt(bookingOf("paspor-baru", "earliest", 1)).problem(409, "already_booked")
		h.ask("POST", "/api/v1/tickets/"+mine[1].Tickets[0].Token+"/cancel", nil).is(200)
		h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201)
		h.bookAt(bookingOf("paspor-baru", "earliest", 1)).problem(409, "already_booked")
	})
}

func TestAClaimWithoutATicketIsFencedAndTakenOver(t *testing.T) { onBothStores(t, fencedClaim) }

func fencedClaim(t *testing.T, h *house) {
	ctx := context.Background()
	// A booking that died between its claim and its event.
	o, err := h.orderWith("public", "/api/v1/offices/bandung/bookings", "dead", []byte("{}"), applicant)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{h.Ring.TicketID("bandung", o.request, 0)}
	b := booking{Service: "paspor-baru", People: []bookedPerson{{Name: "Ujang", NIK: nikOf(1)}}}
	office, err := h.open(ctx, "bandung")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.check(office); err != nil {
		t.Fatal(err)
	}
	if err := h.claim(ctx, "bandung", ids, b.people, 1); err != nil {
		t.Fatal(err)
	}
	h.ask("POST", "/api/v1/offices/soekarno-hatta/bookings", bookingOf("paspor-baru", "earliest", 1)).is(201)
	// The dead one wakes up: its append is refused for ever.
	err = office.Do(ctx, o.asks(queue.Book{Service: "paspor-baru", IDs: ids}), func(*queue.State, []*queue.Event) {})
	if refusal := (*queue.Refusal)(nil); !errors.As(err, &refusal) || refusal.Code != queue.WrongState {
		t.Errorf("the fenced booking gives %v", err)
	}
}

func TestARepeatedCommandGetsTheFirstAnswerAgain(t *testing.T) {
	onBothStores(t, repetitions)
}

func repetitions(t *testing.T, h *house) {
	officer := h.as(staff.Officer)
	h.as(staff.Kiosk)
	key := func(k string) []string { return []string{"Idempotency-Key", k} }

	var tickets bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "earliest", 7), key("b7")...).is(201, &tickets)
	token := tickets.Tickets[0].Token
	type act struct {
		method, path string
		body         any
		headers      []string
	}
	acts := []act{
		{"POST", "/api/v1/offices/bandung/bookings", bookingOf("paspor-baru", "2026-11-24T14:00:00+07:00", 1, 2), key("b")},
		{"POST", "/api/v1/offices/bandung/tickets", map[string]any{"service": "penggantian"}, append(key("t"), h.as(staff.Kiosk)...)},
		{"POST", "/api/v1/offices/bandung/check-ins", map[string]any{"code": tickets.Tickets[0].QR}, append(key("c"), h.as(staff.Kiosk)...)},
		{"POST", "/api/v1/offices/bandung/counters/3/open", nil, append(key("o"), officer...)},
		{"POST", "/api/v1/offices/bandung/counters/3/next", nil, append(key("n"), officer...)},
		{"POST", "/api/v1/offices/bandung/counters/3/serve", nil, append(key("s"), officer...)},
		{"POST", "/api/v1/offices/bandung/counters/3/complete", nil, append(key("d"), officer...)},
		{"POST", "/api/v1/offices/bandung/counters/3/next", nil, append(key("n2"), officer...)},
		{"POST", "/api/v1/offices/bandung/counters/3/park", nil, append(key("p"), officer...)},
		{"POST", "/api/v1/tickets/" + token + "/cancel", nil, key("x")},
	}
	first := make([]answer, len(acts))
	for i, a := range acts {
		first[i] = h.ask(a.method, a.path, a.body, a.headers...)
		if first[i].status >= 300 {
			t.Fatalf("%s: %d %s", a.path, first[i].status, first[i].body)
		}
	}
	again := func() {
		t.Helper()
		for i, a := range acts {
			repeated := h.ask(a.method, a.path, a.body, a.headers...)
			if diff := cmp.Diff(string(first[i].body), string(repeated.body)); diff != "" || repeated.status != first[i].status {
				t.Errorf("%s again: %d\n%s", a.path, repeated.status, diff)
			}
		}
	}
	again()
	version := h.version()
	h.clock.pass(20 * time.Hour)
	h.close()
	h.start(h.reopen)
	again()
	if now := h.version(); now != version {
		t.Errorf("repetitions wrote %d events", now-version)
	}
	// The same key with another body, and somebody else's key.
	h.bookAt(bookingOf("paspor-baru", "2026-11-24T14:00:00+07:00", 1), key("b")...).problem(422, "invalid")
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T14:00:00+07:00", 3), key("b")...).problem(422, "invalid")
	h.at(staff.Kiosk, "check-ins", map[string]any{"code": "K7QF-3XZP"}, key("b")...).problem(404, "not_found")
}

// version is the last of bandung's log.
func (h *house) version() (v uint64) {
	h.t.Helper()
	office, err := h.open(context.Background(), "bandung")
	if err != nil {
		h.t.Fatal(err)
	}
	office.Read(func(s *queue.State) { v = s.Version })
	return v
}

func TestARefusedBookingLeavesNothingBehind(t *testing.T) {
	h := embedded(t)
	h.at(staff.Supervisor, "days/2026-11-25/capacity", map[string]any{"service": "paspor-baru", "places": 1}).is(200)
	slot := "2026-11-25T08:30:00+07:00"
	h.bookAt(bookingOf("paspor-baru", slot, 1)).is(201)
	h.bookAt(bookingOf("paspor-baru", slot, 2)).problem(409, "slot_full")
	h.bookAt(bookingOf("paspor-baru", slot, 3, 4)).problem(409, "slot_full")
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T08:31:00+07:00", 5)).problem(409, "outside_hours")
	h.bookAt(bookingOf("paspor-baru", "2026-11-23T08:30:00+07:00", 5)).problem(409, "too_late")
	h.bookAt(bookingOf("paspor-baru", "2027-11-23T08:30:00+07:00", 5)).problem(409, "too_early")
	records, err := h.store.List(context.Background(), "vault/", "", 100)
	if err != nil || len(records) != 1 {
		t.Errorf("the vault holds %d records, %v", len(records), err)
	}
	for n := 2; n <= 5; n++ {
		h.bookAt(bookingOf("penggantian", "earliest", n)).is(201)
	}
}

func TestWhatIsWrongWithABookingIsNamed(t *testing.T) {
	h := embedded(t)
	good := func(change func(map[string]any)) string {
		b := bookingOf("paspor-baru", "earliest", 1, 2)
		change(b)
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	person := func(b map[string]any, n int) map[string]string { return b["people"].([]map[string]string)[n] }
	for name, c := range map[string]struct {
		body   string
		status int
		fields []string
	}{
		"no service":      {good(func(b map[string]any) { delete(b, "service") }), 422, []string{"service"}},
		"unknown service": {good(func(b map[string]any) { b["service"] = "visa" }), 422, []string{"service"}},
		"a bad slot":      {good(func(b map[string]any) { b["slot"] = "tomorrow" }), 422, []string{"slot"}},
		"nobody":          {good(func(b map[string]any) { b["people"] = []int{} }), 422, []string{"people"}},
		"too many":        {good(func(b map[string]any) { b["people"] = make([]struct{}, 6) }), 422, []string{"people"}},
		"a short NIK":     {good(func(b map[string]any) { person(b, 1)["nik"] = "123" }), 422, []string{"people[1].nik"}},
		"no name, bad phone": {good(func(b map[string]any) { person(b, 0)["name"] = " "; person(b, 0)["phone"] = "x" }), 422,
			[]string{"people[0].name", "people[0].phone"}},
		"a bad e-mail":      {good(func(b map[string]any) { person(b, 1)["email"] = "a@b" }), 422, []string{"people[1].email"}},
		"one person twice":  {good(func(b map[string]any) { person(b, 1)["nik"] = nikOf(1) }), 422, []string{"people[1].nik"}},
		"a bad locale":      {good(func(b map[string]any) { b["locale"] = "x y" }), 422, []string{"locale"}},
		"unknown field":     {good(func(b map[string]any) { b["colour"] = "blue" }), 400, []string{"colour"}},
		"unknown in a list": {good(func(b map[string]any) { person(b, 1)["age"] = "3" }), 400, []string{"people[1].age"}},
		"wrong type":        {good(func(b map[string]any) { b["people"] = []any{map[string]any{"name": 3}} }), 400, []string{"people[0].name"}},
		"wrong shape":       {good(func(b map[string]any) { b["people"] = "me" }), 400, []string{"people"}},
		"given twice":       {`{"service":"a","service":"b"}`, 400, []string{"service"}},
		"not JSON":          {`{"service":`, 400, []string{""}},
		"not an object":     {`[1]`, 400, []string{""}},
		"two values":        {`{} {}`, 400, []string{""}},
		"null":              {`null`, 400, []string{""}},
		"no UTF-8":          {"{\"service\":\"\xff\"}", 400, []string{""}},
	} {
		p := h.ask("POST", "/api/v1/offices/bandung/bookings", c.body).problem(c.status, "invalid")
		var fields []string
		for _, e := range p.Errors {
			fields = append(fields, e.Field)
			if e.Message == "" || strings.Contains(e.Message, "refusal.") {
				t.Errorf("%s: %s says %q", name, e.Field, e.Message)
			}
		}
		if diff := cmp.Diff(c.fields, fields); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if h.version() != 2 { // the epoch and the configuration
		t.Errorf("refusals wrote: the log ends at %d", h.version())
	}
}

func TestTheApplicantsOwnActs(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-24T13:00:00+07:00", 1)).is(201, &booked)
	ticket := "/api/v1/tickets/" + booked.Tickets[0].Token
	var v static.TicketView
	h.ask("GET", ticket, nil).is(200, &v)
	if diff := cmp.Diff([]string{"check-in", "standby", "confirm", "cancel"}, v.Can); diff != "" {
		t.Error(diff)
	}
	h.ask("POST", ticket+"/confirm", nil).is(200, &v)
	if !v.Confirmed {
		t.Error("not confirmed")
	}
	h.ask("POST", ticket+"/check-in", nil).problem(422, "invalid")
	h.ask("POST", ticket+"/check-in", map[string]any{"place_code": "no"}).problem(422, "invalid")
	if code := h.display().PlaceCode; code != "" {
		t.Errorf("anybody at home reads the place code %q", code)
	}
	inHall := h.as(staff.Officer)
	code := h.display(inHall...).PlaceCode
	if len(code) != 4 {
		t.Fatalf("the place code is %q", code)
	}
	h.clock.pass(placeWindow)
	if h.display(inHall...).PlaceCode == code {
		t.Error("the place code does not change")
	}
	h.ask("POST", ticket+"/check-in", map[string]any{"place_code": code}).is(200, &v)
	if v.State != "waiting" || v.Ahead == nil || v.Lane != "appointment" {
		t.Errorf("checked in: %+v", v)
	}
	h.ask("POST", ticket+"/check-in", map[string]any{"place_code": code}).problem(409, "wrong_state")
	h.ask("POST", ticket+"/cancel", nil).is(200, &v)
	if v.State != "cancelled" || len(v.Can) != 0 {
		t.Errorf("cancelled: %+v", v)
	}
	h.ask("POST", ticket+"/cancel", nil).problem(409, "wrong_state")

	svg := h.ask("GET", ticket+"/qr.svg", nil).is(200)
	if kind := svg.header.Get("Content-Type"); kind != "image/svg+xml" || !strings.Contains(string(svg.body), "<path") {
		t.Errorf("the QR code is %s %.60s", kind, svg.body)
	}
	ics := h.ask("GET", ticket+"/calendar.ics", nil).is(200)
	if text := string(ics.body); !strings.Contains(text, "DTSTART:20261124T060000Z") || strings.Contains(text, booked.Tickets[0].Token) {
		t.Errorf("the calendar is %s", text)
	}

	var tomorrow bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T13:00:00+07:00", 1)).is(201, &tomorrow)
	h.ask("POST", "/api/v1/tickets/"+tomorrow.Tickets[0].Token+"/check-in", map[string]any{"place_code": h.display(h.as(staff.Officer)...).PlaceCode}).problem(409, "too_early")
	for _, token := range []string{"nonsense", strings.Repeat("a", 600), booked.Tickets[0].Token + "0"} {
		h.ask("GET", "/api/v1/tickets/"+token, nil).problem(404, "not_found")
	}
}

func TestALatePlaceIsReleasedAndItsHolderServedByArrival(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-24T09:30:00+07:00", 1)).is(201, &booked)
	ticket := booked.Tickets[0]
	if want := morning.Add(time.Hour); !ticket.ArriveBy.Equal(want) {
		t.Errorf("arrive by %s, want %s", ticket.ArriveBy, want)
	}
	h.clock.pass(time.Hour + time.Minute)
	office, err := h.open(context.Background(), "bandung")
	if err != nil {
		t.Fatal(err)
	}
	if err := office.Do(context.Background(), queue.Command{Ask: queue.ReleasePlaces{}, ID: "r"}, nil); err != nil {
		t.Fatal(err)
	}
	var v static.TicketView
	h.ask("GET", "/api/v1/tickets/"+ticket.Token, nil).is(200, &v)
	if !v.Late || v.State != "booked" {
		t.Errorf("the late ticket is %+v", v)
	}
	h.at(staff.Desk, "check-ins", map[string]any{"code": strings.ToLower(ticket.Code)}).is(200, &v)
	if v.State != "waiting" || v.Lane != "walkin" {
		t.Errorf("the late ticket waits as %+v", v)
	}
}

func TestAnHourThatNeverComesIsRefusedLikeAnyOther(t *testing.T) {
	h := embedded(t)
	for slot, code := range map[string]string{"2400-01-03T08:30:00+07:00": "too_early", "9999-06-01T00:00:00Z": "too_early", "0001-01-02T00:00:00Z": "too_late"} {
		for _, service := range []string{"paspor-baru", "penggantian"} {
			h.bookAt(bookingOf(service, slot, 1)).problem(409, code)
		}
	}
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201)
}

func TestABookingIsAnsweredAgainWhateverTheOfficeAllowsSince(t *testing.T) {
	h := embedded(t)
	family, key := bookingOf("paspor-baru", "earliest", 1, 2), []string{"Idempotency-Key", "family"}
	first := h.bookAt(family, key...).is(201)
	admin := h.named("root", staff.Administrator)
	var config map[string]any
	h.ask("GET", "/api/v1/offices/bandung/config", nil, admin...).is(200, &config)
	config["booking"].(map[string]any)["party_max"] = 1
	h.ask("PUT", "/api/v1/offices/bandung/config", config, admin...).is(200)
	if diff := cmp.Diff(string(first.body), string(h.bookAt(family, key...).is(201).body)); diff != "" {
		t.Error(diff)
	}
	h.bookAt(bookingOf("paspor-baru", "earliest", 3, 4), key...).problem(422, "invalid")
	h.bookAt(bookingOf("paspor-baru", "earliest", 3, 4), "Idempotency-Key", "other").problem(422, "invalid")
}

func TestTheCodeOfTheHallCannotBeTriedOut(t *testing.T) {
	h := embedded(t, func(o *Options) { o.Simulated = false })
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-24T13:00:00+07:00", 1, 2)).is(201, &booked)
	at := func(n int) string { return "/api/v1/tickets/" + booked.Tickets[n].Token + "/check-in" }
	for range queue.UsualLimit("codes").Count {
		h.ask("POST", at(0), map[string]any{"place_code": "no"}).problem(422, "invalid")
	}
	code := map[string]any{"place_code": h.display(h.as(staff.Officer)...).PlaceCode}
	h.ask("POST", at(0), code).problem(429, "rate_limited")
	h.ask("POST", at(1), code).is(200)
}
