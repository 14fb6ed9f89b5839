package display

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/staff"
	"antrean/internal/subject"
	"antrean/internal/vault"
)

// person asks as the administrator.
func (h *house) person(act string, body any) answer {
	h.t.Helper()
	return h.ask("POST", "/api/v1/people/"+act, body, h.as(staff.Administrator)...)
}

// logOf is an office's whole log as text.
func (h *house) logOf(office string) string {
	h.t.Helper()
	entries, err := ledger.Entries(h.t.Context(), h.store, "", office, 0, 10000)
	if err != nil {
		h.t.Fatal(err)
	}
	var all bytes.Buffer
	for _, e := range entries {
		all.Write(append(e.Data, '\n'))
	}
	return all.String()
}

func TestEverythingAboutAPersonIsShownAndTheLookIsWrittenDown(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		var first, second bookedAnswer
		h.bookAt(bookingOf("paspor-baru", "2026-11-25T08:30:00+07:00", 1, 2)).is(201, &first)
		ticket := first.Tickets[0]
		h.ask("POST", "/api/v1/tickets/"+ticket.Token+"/cancel", nil).is(200)
		h.ask("POST", "/api/v1/offices/soekarno-hatta/bookings", bookingOf("paspor-baru", "earliest", 1)).is(201, &second)

		for by, q := range map[string]map[string]any{
			"NIK":    {"nik": nikOf(1)},
			"code":   {"code": strings.ToLower(ticket.Code), "office": "bandung"},
			"QR":     {"code": ticket.QR},
			"ticket": {"ticket": second.Tickets[0].ID},
		} {
			var held subject.Held
			h.person("show", q).is(200, &held)
			if len(held.Tickets) != 2 || !held.Claimed {
				t.Fatalf("by %s: %d tickets, claimed %v", by, len(held.Tickets), held.Claimed)
			}
			for _, got := range held.Tickets {
				if got.Person == nil || got.Person.NIK != nikOf(1) || got.KeptUntil == nil || len(got.History) > 0 {
					t.Errorf("by %s: ticket %s at %s misses something", by, got.Number, got.Office)
				}
			}
		}
		var held subject.Held
		h.person("report", map[string]any{"nik": nikOf(1)}).is(200, &held)
		i := 0
		if held.Tickets[i].Ticket != ticket.ID {
			i = 1
		}
		if story := held.Tickets[i].History; len(story) < 2 || !strings.HasPrefix(story[0].EN, "booked: ") || !strings.HasPrefix(story[1].ID, "dibatalkan") {
			t.Errorf("the story is %v", story)
		}
		log := h.logOf("bandung") + h.logOf("soekarno-hatta")
		if n := strings.Count(log, `"by":"administrator","fact":{"what":"shown","tickets":["`+ticket.ID+`"]}`); n != 4 {
			t.Errorf("%d looks at the ticket are in the log, want 4", n)
		}
		if strings.Count(log, `"what":"reported"`) != 2 {
			t.Error("the report is not in the logs of both offices")
		}
		for _, secret := range []string{nikOf(1), "Rahasia", "rahasia1@"} {
			if strings.Contains(log+h.logs.String(), secret) {
				t.Errorf("a log holds %q", secret)
			}
		}
	})
}

func TestErasingLeavesNothingThatOpens(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		var booked bookedAnswer
		h.bookAt(bookingOf("paspor-baru", "earliest", 1, 2)).is(201, &booked)
		ticket := booked.Tickets[0]
		h.at(staff.Desk, "tickets/"+ticket.ID+"/amend", map[string]any{"priority": true, "reason": "sakit keras"}).is(200)
		if p := h.person("erase", map[string]any{"nik": nikOf(1)}).problem(409, "wrong_state"); !strings.Contains(p.Detail, "cancel") {
			t.Errorf("the refusal says %q", p.Detail)
		}
		if _, err := h.Vault.Get(t.Context(), "bandung", ticket.ID); err != nil {
			t.Errorf("a refused erasure touched the record: %v", err)
		}
		var done subject.Erased
		h.person("erase", map[string]any{"nik": nikOf(1), "cancel": true}).is(200, &done)
		if done.Records != 2 || len(done.Tickets) != 1 || len(done.Cancelled) != 1 {
			t.Errorf("erased %+v", done)
		}
		h.opensNothing(t, nikOf(1))
		if _, err := h.Vault.Get(t.Context(), "bandung", booked.Tickets[1].ID); err != nil {
			t.Errorf("the family was erased too: %v", err)
		}

		// Staff see that somebody was erased, and who asks again finds a number.
		var found struct{ Tickets []foundTicket }
		h.ask("GET", "/api/v1/offices/bandung/find?q="+ticket.Code, nil, append(h.as(staff.Desk), "Accept-Language", "id")...).is(200, &found)
		if len(found.Tickets) != 1 || !found.Tickets[0].Erased || !strings.Contains(found.Tickets[0].Name, "terhapus") || found.Tickets[0].Phone != "" {
			t.Errorf("the desk finds %+v", found.Tickets)
		}
		h.person("show", map[string]any{"nik": nikOf(1)}).problem(404, "not_found")
		var held subject.Held
		h.person("show", map[string]any{"ticket": ticket.ID}).is(200, &held)
		if held.Tickets[0].Person != nil || held.Tickets[0].Erased == nil || held.Claimed {
			t.Errorf("after erasing %+v is held", held.Tickets[0])
		}
		// Repeating it does no harm, and the identity books again.
		h.person("erase", map[string]any{"ticket": ticket.ID}).is(200)
		if n := strings.Count(h.logOf("bandung"), `"people_erased"`); n != 1 {
			t.Errorf("the log says %d times that the person was erased", n)
		}
		h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201)
		h.bookAt(bookingOf("paspor-baru", "earliest", 1)).problem(409, "already_booked")
	})
}

// opensNothing looks for a NIK in every record that the key opens.
func (h *house) opensNothing(t *testing.T, nik string) {
	t.Helper()
	ring, err := vault.NewKeyring(h.key)
	if err != nil {
		t.Fatal(err)
	}
	after := ""
	for {
		records, err := h.store.List(t.Context(), "", after, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) == 0 {
			return
		}
		for _, r := range records {
			if plain, err := ring.Open(r.Key, r.Value); err == nil && (bytes.Contains(plain, []byte(nik)) || bytes.Contains(plain, []byte("sakit keras"))) {
				t.Errorf("%s still opens to the person", r.Key)
			}
		}
		after = records[len(records)-1].Key
	}
}

func TestWhoIsAtACounterIsNotErased(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "earliest", 1)).is(201, &booked)
	h.at(staff.Desk, "check-ins", map[string]any{"code": booked.Tickets[0].Code}).is(200)
	h.press(h.as(staff.Officer), "3", "open", nil).is(200)
	h.press(h.as(staff.Officer), "3", "next", nil).is(200)
	h.person("erase", map[string]any{"nik": nikOf(1), "cancel": true}).problem(409, "wrong_state")
	h.press(h.as(staff.Officer), "3", "no-show", nil).is(200)
	h.person("erase", map[string]any{"nik": nikOf(1)}).problem(409, "wrong_state")
	h.person("erase", map[string]any{"nik": nikOf(1), "cancel": true}).is(200)
}

// Who was erased may book again, and then must not hold two places.
func TestAnErasedNoShowComesBackNoMore(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "earliest", 1)).is(201, &booked)
	ticket := booked.Tickets[0]
	h.clock.pass(4 * time.Hour)
	h.at(staff.Supervisor, "days/2026-11-24/end", nil).is(200)
	h.person("erase", map[string]any{"nik": nikOf(1)}).is(200)
	h.bookAt(bookingOf("penggantian", "earliest", 1)).is(201)
	h.at(staff.Supervisor, "days/2026-11-24/reopen", nil).is(200)
	var view struct{ State string }
	h.ask("GET", "/api/v1/tickets/"+ticket.Token, nil).is(200, &view)
	if view.State != "no_show" {
		t.Errorf("the erased ticket is %s", view.State)
	}
}

func TestABreachListsWhomToTell(t *testing.T) {
	h := embedded(t)
	var gone bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "earliest", 1, 2)).is(201)
	h.bookAt(bookingOf("paspor-baru", "earliest", 3)).is(201, &gone)
	unreachable := personOf(4)
	delete(unreachable, "phone")
	delete(unreachable, "email")
	body := bookingOf("paspor-baru", "earliest")
	body["people"] = []map[string]string{unreachable}
	h.bookAt(body).is(201)
	h.clock.pass(time.Hour)
	since := h.clock.Now()
	h.person("erase", map[string]any{"ticket": gone.Tickets[0].ID, "cancel": true}).is(200)
	h.clock.pass(time.Hour)
	until := h.clock.Now()
	h.clock.pass(time.Minute + 700*time.Millisecond)
	h.bookAt(bookingOf("paspor-baru", "earliest", 5)).is(201) // when it was closed again

	var b subject.Breach
	h.person("breach", map[string]any{"since": since, "until": until, "office": "bandung"}).is(200, &b)
	if b.People != 3 || b.Contactable != 2 || b.Gone != 1 || b.Categories["phone"] != 2 || b.Categories["nik"] != 3 || b.From == nil || !b.From.Equal(since) {
		t.Errorf("the breach is %+v", b)
	}
	if strings.Contains(string(h.person("breach", map[string]any{"since": since}).is(200).body), nikOf(1)) {
		t.Error("the list repeats a NIK")
	}
	if !strings.Contains(h.logOf("bandung"), `"fact":{"what":"listed","count":3}`) {
		t.Error("the log does not say that people were listed")
	}
	var late subject.Breach
	h.person("breach", map[string]any{"since": since}).is(200, &late)
	if late.People != 4 { // who booked this very moment is in the store too
		t.Errorf("%d people until now, want 4", late.People)
	}
	var elsewhere subject.Breach
	h.person("breach", map[string]any{"since": since, "office": "soekarno-hatta"}).is(200, &elsewhere)
	if elsewhere.People != 0 || elsewhere.From != nil {
		t.Errorf("at the other office %+v", elsewhere)
	}
}

func TestQuestionsAboutPeopleThatMeanNothing(t *testing.T) {
	h := embedded(t)
	for name, c := range map[string]struct {
		act   string
		body  any
		field string
	}{
		"nobody":        {"show", `{}`, "nik"},
		"two":           {"show", `{"nik":"` + nikOf(1) + `","code":"K7QF-3XZP"}`, "nik"},
		"no NIK":        {"erase", `{"nik":"32730101"}`, "nik"},
		"no date":       {"report", `{"nik":"3273013913900001"}`, "nik"},
		"no code":       {"show", `{"code":"0000"}`, "code"},
		"no office":     {"show", `{"nik":"` + nikOf(1) + `","office":"elsewhere"}`, "office"},
		"no beginning":  {"breach", `{}`, "since"},
		"to come":       {"breach", `{"since":"2030-01-01T00:00:00Z"}`, "since"},
		"upside down":   {"breach", `{"since":"2026-11-02T00:00:00Z","until":"2026-11-01T00:00:00Z"}`, "until"},
		"unknown field": {"show", `{"name":"Budi"}`, "name"},
	} {
		a := h.person(c.act, c.body)
		var p Problem
		unmarshal(t, a.body, &p)
		if p.Code != "invalid" || len(p.Errors) != 1 || p.Errors[0].Field != c.field || p.Errors[0].Message == "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	h.person("show", map[string]any{"nik": nikOf(1)}).problem(404, "not_found")
	h.person("show", map[string]any{"ticket": "x"}).problem(404, "not_found")
}

func TestWordsOfAnOfficerAreSealedAndTheLogHoldsACode(t *testing.T) {
	onBothStores(t, func(t *testing.T, h *house) {
		first, second := h.walkIn("penggantian", false), h.walkIn("penggantian", false)
		supervisor := h.as(staff.Supervisor)
		h.press(supervisor, "3", "open", nil).is(200)
		key := append(append([]string{}, supervisor...), keyHeader, "one")
		body := map[string]any{"ticket": second.ID, "reason": "hamil tua, pingsan"}
		h.press(key, "3", "call", body).is(200)
		h.press(key, "3", "call", body).is(200)
		h.press(supervisor, "3", "park", nil).is(200)
		h.press(supervisor, "3", "call", map[string]any{"ticket": first.ID, "reason": "missed_call"}).is(200)
		log := h.logOf("bandung")
		if strings.Contains(log, "hamil") || !strings.Contains(log, `"note":"other"`) || !strings.Contains(log, `"note":"missed_call"`) {
			t.Errorf("the log is %s", log)
		}
		notes, err := h.Vault.Notes(t.Context(), "bandung", second.ID)
		if err != nil || len(notes) != 1 || notes[0].Text != "hamil tua, pingsan" || notes[0].Act != "call" {
			t.Errorf("the vault holds %d notes, %v", len(notes), err)
		}
		if notes, err := h.Vault.Notes(t.Context(), "bandung", first.ID); err != nil || len(notes) != 0 {
			t.Errorf("a code was sealed as well: %d, %v", len(notes), err)
		}
		// A walk-in has no record, but this is about them.
		var held subject.Held
		h.person("report", map[string]any{"ticket": second.ID}).is(200, &held)
		if len(held.Tickets) != 1 || len(held.Tickets[0].Notes) != 1 {
			t.Errorf("the report holds %+v", held.Tickets)
		}
	})
}

func TestARefusedCallSealsNothing(t *testing.T) {
	h := embedded(t)
	ticket := h.walkIn("penggantian", false)
	h.press(h.as(staff.Officer), "3", "open", nil).is(200)
	h.press(h.as(staff.Officer), "3", "call", map[string]any{"ticket": ticket.ID, "reason": "pingsan"}).problem(403, "forbidden")
	if notes, err := h.Vault.Notes(t.Context(), "bandung", ticket.ID); err != nil || len(notes) != 0 {
		t.Errorf("sealed %d notes, %v", len(notes), err)
	}
}
