package display

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/queue"
	"antrean/internal/staff"
)

// deskForm presses a button of the desk's page.
func (h *house) deskForm(role staff.Role, path string, pairs ...string) answer {
	h.t.Helper()
	values := url.Values{"key": {newKey()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return h.form("/desk/bandung/"+path, values, h.as(role)...)
}

func (h *house) atDesk(path string) answer {
	h.t.Helper()
	return h.see("/desk/bandung/"+path, h.as(staff.Desk)...)
}

func (h *house) stateOf(id string) (t queue.Ticket) {
	h.t.Helper()
	o, err := h.open(h.t.Context(), "bandung")
	if err != nil {
		h.t.Fatal(err)
	}
	o.Read(func(s *queue.State) {
		if found := s.Tickets[id]; found != nil {
			t = *found
		}
	})
	return t
}

func TestACheckInByMistakeIsUndoneAtTheDesk(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-24T09:30:00+07:00", 1)).is(201, &booked)
	ticket := "tickets/" + booked.Tickets[0].ID
	h.at(staff.Desk, ticket+"/undo-check-in", nil).problem(409, "wrong_state")
	h.deskForm(staff.Desk, ticket+"/check-in").is(303)
	h.atDesk(ticket).is(200).shows(ticket + "/undo-check-in")
	h.at(staff.Officer, ticket+"/undo-check-in", nil).problem(403, "forbidden")
	h.deskForm(staff.Desk, ticket+"/undo-check-in").is(303)
	h.atDesk(ticket + "?done=undo-check-in").is(200).shows("Lapor hadir dibatalkan").hides(ticket + "/undo-check-in")
	if now := h.stateOf(booked.Tickets[0].ID); now.Status != queue.Booked || !now.Arrived.IsZero() {
		t.Errorf("after undoing: %+v", now)
	}
	if log := h.logOf("bandung"); !strings.Contains(log, `"type":"check_in_undone"`) || !strings.Contains(log, `"by":"desk"`) {
		t.Error("the log does not say who undid it")
	}
}

// Somebody without a phone has what a phone has: each of its acts, by the desk.
func TestWhatAPhoneCanTheDeskCan(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-26T09:30:00+07:00", 1, 2)).is(201, &booked)
	first, second := "tickets/"+booked.Tickets[0].ID+"/", "tickets/"+booked.Tickets[1].ID+"/"
	var v deskTicket
	h.at(staff.Desk, first+"confirm", nil).is(200)
	h.at(staff.Desk, first+"standby", map[string]any{}).problem(422, "invalid")
	h.at(staff.Desk, first+"standby", map[string]any{"minutes": 20}).is(200, &v)
	if v.Standby == nil || *v.Standby != 20 {
		t.Errorf("on standby: %v", v.Standby)
	}
	h.at(staff.Desk, first+"standby", map[string]any{"minutes": 0}).is(200)
	h.at(staff.Desk, first+"split", nil).is(200)
	h.at(staff.Desk, first+"join", map[string]any{"with": "nobody"}).problem(422, "invalid")
	h.at(staff.Desk, first+"join", map[string]any{"with": strings.ToLower(booked.Tickets[1].Code)}).is(200, &v)
	if !slices.Equal(v.Party, []string{booked.Tickets[0].Number, booked.Tickets[1].Number}) {
		t.Errorf("one family: %v", v.Party)
	}
	h.at(staff.Desk, second+"reschedule", map[string]any{"slot": "2026-11-27T08:30:00+07:00"}).is(200, &v)
	if v.Slot == nil || v.Slot.Start.Day() != 27 {
		t.Errorf("moved to %v", v.Slot)
	}
	// The one move that the rules allow is used up: a supervisor says that the
	// office is at fault.
	again := map[string]any{"slot": "2026-11-30T08:30:00+07:00"}
	h.at(staff.Desk, second+"reschedule", again).problem(409, "wrong_state")
	again["special"] = true
	h.at(staff.Desk, second+"reschedule", again).problem(403, "forbidden")
	h.at(staff.Supervisor, second+"reschedule", again).is(200)
	h.at(staff.Desk, second+"cancel", nil).is(200, &v)
	if v.State != "cancelled" {
		t.Errorf("cancelled: %s", v.State)
	}

	a, b := h.walkIn("penggantian", false), h.walkIn("penggantian", false)
	h.at(staff.Desk, "tickets/"+a.ID+"/defer", map[string]any{"places": 1}).is(200, &v)
	if v.Ahead == nil || *v.Ahead != 1 {
		t.Errorf("ahead after letting pass: %v", v.Ahead)
	}
	h.at(staff.Desk, "tickets/"+a.ID+"/join", map[string]any{"with": b.Number}).is(200, &v)
	h.at(staff.Desk, "tickets/"+a.ID+"/collected", nil).problem(409, "wrong_state")
	h.at(staff.Desk, "tickets/"+a.ID+"/check-in", nil).problem(409, "wrong_state")
}

func TestANameIsCorrectedAndTheLogDoesNotKnowIt(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 1)).is(201, &booked)
	id := booked.Tickets[0].ID
	path, body := "tickets/"+id+"/correct", map[string]any{"name": "Ujang  Benar", "phone": "0813 0000 0001"}
	key := []string{keyHeader, "once"}
	var f foundTicket
	h.at(staff.Desk, path, body, key...).is(200, &f)
	if f.Name != "Ujang Benar" || f.Phone != "+6281300000001" || f.Email == "" || f.NIKEnd != nikOf(1)[12:] {
		t.Errorf("corrected: %+v", f)
	}
	version := h.version()
	h.at(staff.Desk, path, body, key...).is(200, &f)
	if h.version() != version {
		t.Error("a repetition writes again")
	}
	h.at(staff.Desk, path, body).problem(409, "wrong_state")
	h.at(staff.Desk, path, map[string]any{"phone": "12"}).problem(422, "invalid")
	h.at(staff.Desk, path, map[string]any{"nik": nikOf(2)}).problem(400, "invalid")
	person, err := h.Vault.Get(t.Context(), "bandung", id)
	if err != nil || person.Name != "Ujang Benar" || person.NIK != nikOf(1) {
		t.Errorf("the vault holds %+v, %v", person.Name, err)
	}
	// A repetition that comes after another correction takes nothing back.
	h.clock.pass(time.Second)
	h.at(staff.Supervisor, path, map[string]any{"name": "Ujang Akhir"}).is(200, &f)
	h.at(staff.Desk, path, body, key...)
	if person, _ = h.Vault.Get(t.Context(), "bandung", id); person.Name != "Ujang Akhir" {
		t.Errorf("a late repetition made it %q", person.Name)
	}
	log := h.logOf("bandung")
	for _, secret := range []string{"Ujang", "Benar", "81300000001", nikOf(1)} {
		if strings.Contains(log+h.logs.String(), secret) {
			t.Errorf("a log holds %q", secret)
		}
	}
	if !strings.Contains(log, `"person_corrected"`) || !strings.Contains(log, `"fields":["name","phone"]`) {
		t.Error("the log does not say that it was corrected")
	}
	h.at(staff.Desk, "tickets/"+h.walkIn("penggantian", false).ID+"/correct", body).problem(409, "wrong_state")
	h.at(staff.Desk, "tickets/nobody/correct", body).problem(404, "not_found")
}

func TestWhoseDataTheDeskSawIsInTheLog(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 1)).is(201, &booked)
	looks := func() int { return strings.Count(h.logOf("bandung"), `"what":"found"`) }
	search := func(q string, as ...string) {
		t.Helper()
		h.ask("POST", "/api/v1/offices/bandung/find", map[string]any{"q": q}, as...).is(200)
	}
	search("nobody at all", h.as(staff.Desk)...)
	search(h.walkIn("penggantian", false).Number, h.as(staff.Desk)...)
	if n := looks(); n != 0 {
		t.Errorf("%d looks at nobody", n)
	}
	search("rahasia b", h.as(staff.Desk)...)
	h.ask("GET", "/api/v1/offices/bandung/tickets/"+booked.Tickets[0].ID, nil, h.as(staff.Desk)...).is(200)
	if n := looks(); n != 1 {
		t.Errorf("%d looks after one person looked twice, want 1", n)
	}
	search("rahasia b", h.as(staff.Supervisor)...)
	if n := looks(); n != 2 {
		t.Errorf("%d looks of two people, want 2", n)
	}
	if !strings.Contains(h.logOf("bandung"), `"by":"supervisor","fact":{"what":"found","tickets":["`+booked.Tickets[0].ID+`"]`) {
		t.Error("the log does not say who saw whom")
	}
}

func TestWhoCameToTheWrongOfficeIsToldTheRightOne(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.ask("POST", "/api/v1/offices/soekarno-hatta/bookings", bookingOf("paspor-baru", "earliest", 1)).is(201, &booked)
	for name, q := range map[string]string{"code": booked.Tickets[0].Code, "QR": booked.Tickets[0].QR, "link": booked.Tickets[0].URL} {
		a := h.ask("POST", "/api/v1/offices/bandung/find", map[string]any{"q": q}, h.as(staff.Desk)...).is(200)
		if text := string(a.body); !strings.Contains(text, `"elsewhere":{"id":"soekarno-hatta"`) || strings.Contains(text, booked.Tickets[0].Number) || strings.Contains(text, "Ujang") {
			t.Errorf("by %s: %s", name, text)
		}
	}
	h.deskForm(staff.Desk, "find", "q", booked.Tickets[0].Code).is(200).shows("Kode ini untuk kantor lain", "Soekarno-Hatta")
}

// Found by the scanner, checked in, given another link: by forms alone.
func TestTheDesksPageWorksByForms(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 1)).is(201, &booked)
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 2)).is(201)
	ticket := booked.Tickets[0]
	person := "tickets/" + ticket.ID

	h.deskForm(staff.Desk, "find", "q", "x").is(422).shows("dua karakter", `value="x"`)
	h.deskForm(staff.Desk, "find", "q", "Tiada <b>").is(200).shows("Tidak ditemukan", "Tiada &lt;b&gt;")
	h.deskForm(staff.Desk, "find", "q", "ujang").is(200).shows("Ujang Rahasia B", "Ujang Rahasia C")
	found := h.deskForm(staff.Desk, "find", "q", ticket.QR).is(303)
	if to := found.header.Get("Location"); to != "/desk/bandung/"+person {
		t.Fatalf("the search leads to %s", to)
	}
	page := h.atDesk(person).is(200).shows("Ujang Rahasia B", "Lapor hadir", `data-primary`, "berakhir "+nikOf(1)[12:])
	if strings.Contains(string(page.body), ticket.Token) || strings.Contains(string(page.body), nikOf(1)) {
		t.Error("the page holds the token or the whole NIK")
	}
	key := hiddenKey.FindStringSubmatch(string(page.body))[1]
	for range 2 { // pressed twice
		h.deskForm(staff.Desk, person+"/check-in", "key", key).is(303)
	}
	h.deskForm(staff.Desk, person+"/check-in").is(409).shows("bukan pesanan", "Ujang Rahasia B")
	h.see("/desk/bandung/"+person+"?done=check-in", h.as(staff.Desk)...).is(200).shows("Sudah lapor hadir.")
	h.deskForm(staff.Desk, person+"/correct", "name", " ", "phone", "0812", "email", "x@y.z").is(422).shows("Nama wajib diisi.", `value="0812"`, `value="x@y.z"`)
	h.deskForm(staff.Desk, person+"/correct", "name", "Ujang Benar", "phone", "", "email", "").is(303)
	h.atDesk(person).is(200).shows("Ujang Benar")
	h.deskForm(staff.Desk, person+"/priority", "reason", "other", "reason_text", " ").is(422).shows("Tulis alasannya")
	h.deskForm(staff.Desk, person+"/priority", "reason", "other", "reason_text", "hamil besar").is(303)
	if h.stateOf(ticket.ID).Lane != queue.Priority || strings.Contains(h.logOf("bandung"), "hamil") {
		t.Error("no priority, or its reason is in the log")
	}
	if notes, err := h.Vault.Notes(t.Context(), "bandung", ticket.ID); err != nil || len(notes) != 1 || notes[0].Text != "hamil besar" {
		t.Errorf("the vault holds %d notes, %v", len(notes), err)
	}

	slip := h.atDesk(person+"/slip").is(200).shows(ticket.Number, ticket.Code, "Rp350.000", "Dicetak lagi Selasa 24 Nov, ")
	if strings.Contains(string(slip.body), `class="qr"`) {
		t.Error("a reprint holds a link")
	}
	h.deskForm(staff.Desk, person+"/reissue").is(200).shows(ticket.Number, `class="qr"`)
	h.ask("GET", "/api/v1/tickets/"+ticket.Token, nil).problem(404, "not_found")

	h.deskForm(staff.Desk, person+"/dance").is(404)
	h.form("/desk/bandung/"+person+"/cancel", url.Values{"key": {"k"}}, append(h.as(staff.Officer), "Accept", "text/html")...).is(403)
	foreign := []string{"Cookie", sessionCookie + "=" + h.tokens["desk"], "Origin", "https://evil.test", "Sec-Fetch-Site", "cross-site"}
	h.form("/desk/bandung/"+person+"/cancel", url.Values{"key": {"k"}}, foreign...).is(403)
	if h.stateOf(ticket.ID).Status != queue.Waiting {
		t.Error("somebody cancelled the ticket")
	}
}

func TestTheDeskGivesNumbers(t *testing.T) {
	h := embedded(t)
	page := h.see("/desk?office=bandung", h.as(staff.Desk)...).is(200).shows("Ambil nomor", "Penggantian paspor", "0 menunggu")
	key := hiddenKey.FindStringSubmatch(string(page.body))[1]
	number := regexp.MustCompile(`<p class="no">([^<]+)</p>`)
	first := h.deskForm(staff.Desk, "tickets", "key", key, "service", "penggantian", "locale", "id").is(200).shows(`class="qr"`, "Rp350.000")
	again := h.deskForm(staff.Desk, "tickets", "key", key, "service", "penggantian", "locale", "id").is(200)
	if a, b := number.FindSubmatch(first.body)[1], number.FindSubmatch(again.body)[1]; string(a) != string(b) {
		t.Errorf("one press gave %s and %s", a, b)
	}
	h.deskForm(staff.Desk, "tickets", "service", "penggantian", "priority", "yes", "reason", "other", "reason_text", "").is(422).shows("Tulis alasannya", "checked")
	h.deskForm(staff.Desk, "tickets", "service", "penggantian", "priority", "yes", "reason", "assistance").is(200)
	if log := h.logOf("bandung"); strings.Count(log, `"ticket_issued"`) != 2 || !strings.Contains(log, `"note":"assistance"`) {
		t.Error("not two numbers, the second with its reason")
	}
	h.at(staff.Supervisor, "days/2026-11-24/walkins", map[string]any{"service": "penggantian", "numbers": 2}).is(200)
	h.deskForm(staff.Desk, "tickets", "service", "penggantian").is(409).shows("sudah habis")
	h.see("/desk?office=bandung", h.as(staff.Desk)...).is(200).shows(`name="standby" value="penggantian"`)
	h.deskForm(staff.Desk, "tickets", "standby", "penggantian").is(200)
	h.see("/desk?office=bandung", h.as(staff.Officer)...).is(403)
	h.see("/desk?office=soekarno-hatta", h.as(staff.Desk)...).is(403)
	h.see("/desk", h.as(staff.Administrator)...).is(200).shows("Pilih kantor", "/desk?office=soekarno-hatta")
	h.see("/desk", h.as(staff.Desk)...).is(200).shows("Kantor Imigrasi Kelas I Bandung")
}

// The picture of results that is painted anew names nobody, so that it is no
// look.
func TestResultsArePaintedAnewWithoutNames(t *testing.T) {
	h := embedded(t)
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 1)).is(201)
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 2)).is(201)
	list := h.deskForm(staff.Desk, "find", "q", "ujang").is(200)
	again := regexp.MustCompile(`data-refresh="([^"]+)"`).FindSubmatch(list.body)
	version := h.version()
	a := h.see(html.UnescapeString(string(again[1])), h.as(staff.Desk)...).is(200).shows("Belum datang")
	if strings.Contains(string(a.body), "Ujang") || h.version() != version {
		t.Error("the picture names people, or is written down")
	}
}

// Two desks that correct different things of one person at the same moment have
// both corrected them.
func TestCorrectionsOfTheSameMomentDoNotSwallowEachOther(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201, &booked)
	id := booked.Tickets[0].ID
	who := h.as(staff.Desk)
	for n := range 20 {
		name, phone := "Ujang Kali "+string(rune('A'+n)), fmt.Sprintf("0813000000%02d", n)
		var both sync.WaitGroup
		for _, body := range []map[string]any{{"name": name}, {"phone": phone}} {
			both.Go(func() { h.ask("POST", "/api/v1/offices/bandung/tickets/"+id+"/correct", body, who...) })
		}
		both.Wait()
		person, err := h.Vault.Get(t.Context(), "bandung", id)
		if err != nil {
			t.Fatal(err)
		}
		if person.Name != name || !strings.HasSuffix(person.Phone, phone[1:]) {
			t.Fatalf("round %d: %q and %q, not %q and %q", n, person.Name, person.Phone, name, phone)
		}
	}
}
