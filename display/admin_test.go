package display

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/config"
	"antrean/internal/queue"
	"antrean/internal/staff"
)

const adminAt = "/admin/offices/bandung"

var hiddenField = regexp.MustCompile(`name="(key|version|seen)" value="([^"]*)"`)

// fill reads the hidden fields of a page and adds what somebody types.
func fill(page answer, pairs ...string) url.Values {
	values := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(string(page.body), -1) {
		values.Set(m[1], strings.NewReplacer("&#34;", `"`, "&amp;", "&").Replace(m[2]))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values
}

func (a answer) hides(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(string(a.body), text) {
			a.t.Errorf("%s shows %q", a.asked, text)
		}
	}
	return a
}

func (a answer) leadsTo(address string) {
	a.t.Helper()
	a.is(303)
	if got := a.header.Get("Location"); got != address {
		a.t.Errorf("%s leads to %s, not %s", a.asked, got, address)
	}
}

// read looks into bandung as this node knows it.
func (h *house) read(look func(s *queue.State)) {
	h.t.Helper()
	office, err := h.Offices.Office(h.t.Context(), "bandung")
	if err != nil {
		h.t.Fatal(err)
	}
	office.Read(look)
}

func TestTheOfficeTellsWhoWaitsHowLongAndWhatNeedsALook(t *testing.T) {
	h := embedded(t)
	kepala, petugas := h.as(staff.Supervisor), h.named("petugas", staff.Officer, "bandung")
	h.see(adminAt, kepala...).is(200).shows("Tidak ada yang menunggu", "Belum ada perangkat").hides("/config", "/admin/texts")
	ordinary, first := h.walkIn("penggantian", false), h.walkIn("penggantian", true)
	h.clock.pass(12 * time.Minute)
	h.see(adminAt, kepala...).is(200).shows(ordinary.Number, "12 mnt", "2 orang menunggu, tidak ada loket yang buka", "Prioritas")
	h.press(petugas, "3", "open", nil).is(200)
	h.see(adminAt, kepala...).shows("Sudah 12 menit tidak ada yang dipanggil")
	h.press(petugas, "3", "next", nil).is(200)
	h.see(adminAt, kepala...).shows("petugas", first.Number, "dipanggil 09.12").hides("tidak ada yang dipanggil")
	h.clock.pass(time.Hour)
	h.see("/admin", kepala...).is(200).shows("1 orang menunggu lebih lama dari 1 jam", "Kantor Imigrasi Kelas I Bandung").hides("Soekarno-Hatta")
	h.see("/admin/offices/soekarno-hatta", kepala...).is(403)
	for _, role := range []staff.Role{staff.Officer, staff.Desk, staff.Kiosk} {
		h.see("/admin", h.as(role)...).is(403)
		h.see(adminAt, h.as(role)...).is(403)
	}
	h.see(adminAt).leadsTo("/login?next=%2Fadmin%2Foffices%2Fbandung")
}

func TestAnOfficeIsSuspendedAndResumedFromItsPage(t *testing.T) {
	h := embedded(t)
	kepala := h.as(staff.Supervisor)
	page := h.see(adminAt, kepala...)
	h.form(adminAt+"/suspend", fill(page, "reason", "", "until", "10:30"), kepala...).is(422).shows("paling panjang 200 huruf", `value="10:30"`)
	h.form(adminAt+"/suspend", fill(page, "reason", "Listrik padam", "until", "08:00"), kepala...).is(422).shows(`value="Listrik padam"`, "sudah lewat")
	told := fill(page, "reason", "Listrik padam", "until", "10:30")
	h.form(adminAt+"/suspend", told, kepala...).leadsTo(adminAt + "?said=suspended")
	page = h.see(adminAt+"?said=suspended", kepala...).shows("Listrik padam", "sampai 10.30", "Semua orang diberi tahu", "Dihentikan sementara")
	h.form(adminAt+"/resume", fill(page), kepala...).leadsTo(adminAt + "?said=resumed")
	h.form(adminAt+"/resume", fill(h.see(adminAt, kepala...)), kepala...).is(409).shows("tidak sedang dihentikan")

	h.form(adminAt+"/mute", fill(h.see(adminAt, kepala...), "minutes", "x"), kepala...).is(422)
	h.form(adminAt+"/mute", fill(h.see(adminAt, kepala...), "minutes", "15"), kepala...).leadsTo(adminAt + "?said=muted")
	page = h.see(adminAt, kepala...).shows("dimatikan sampai 09.15")
	h.form(adminAt+"/mute", fill(page, "minutes", "0"), kepala...).leadsTo(adminAt + "?said=sounding")
	h.see(adminAt, kepala...).hides("dimatikan sampai")
}

func TestADayIsClosedOnlyAfterItSaidWhatThatDoes(t *testing.T) {
	h := embedded(t)
	kepala := h.as(staff.Supervisor)
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T09:30:00+07:00", 1, 2)).is(201)
	day := adminAt + "/days?date=2026-11-25"
	page := h.see(day, kepala...).is(200).shows("Rabu 25 November", "2 orang terdaftar", "2 / 30")
	at := adminAt + "/days/2026-11-25"
	h.form(at+"/close", fill(page, "mode", "never"), kepala...).is(422)
	asked := h.form(at+"/close", fill(page, "mode", "move"), kepala...).is(200).shows("2 orang dipindahkan", `value="yes"`)
	h.see(day, kepala...).shows("Seperti biasa") // nothing was done yet
	sure := fill(asked, "mode", "move", "sure", "yes")
	h.form(at+"/close", sure, kepala...).leadsTo(day + "&said=closed")
	h.form(at+"/close", sure, kepala...).leadsTo(day + "&said=closed") // once
	page = h.see(day, kepala...).shows("Ditutup", "0 orang terdaftar")
	h.see(adminAt+"/days?date=2026-11-26", kepala...).shows("2 orang terdaftar")
	h.form(at+"/reopen", fill(page), kepala...).leadsTo(day + "&said=reopened")

	h.walkIn("penggantian", false)
	today := adminAt + "/days/2026-11-24"
	asked = h.form(today+"/end", fill(h.see(adminAt+"/days", kepala...)), kepala...).is(200).shows("1 orang di ruang tunggu tidak lagi dipanggil")
	h.form(today+"/end", fill(asked, "sure", "yes"), kepala...).leadsTo(adminAt + "/days?date=2026-11-24&said=ended")
	h.form(today+"/end", fill(asked, "sure", "yes"), kepala...).is(303) // pressed twice, done once
	for _, date := range []string{"2030-01-01", "yesterday", "2026-13-01"} {
		h.see(adminAt+"/days?date="+date, kepala...).is(404)
		h.form(adminAt+"/days/"+date+"/reopen", fill(page), kepala...).is(404)
	}
}

func TestPlacesAndNumbersOfADayAreChangedFromItsPage(t *testing.T) {
	h := embedded(t)
	kepala := h.as(staff.Supervisor)
	day, at := adminAt+"/days?date=2026-11-25", adminAt+"/days/2026-11-25"
	page := h.see(day, kepala...)
	for _, wrong := range [][]string{{"places", "abc"}, {"places", ""}, {"places", "-1"}, {"places", "99999"}} {
		h.form(at+"/capacity", fill(page, "service", "paspor-baru", "places", wrong[1]), kepala...).is(422).shows(`value="` + wrong[1] + `"`)
	}
	h.form(at+"/capacity", fill(page, "service", "paspor-baru", "places", "12", "slot", "2026-11-25T02:30:00Z"), kepala...).leadsTo(day + "&said=capacity")
	h.form(at+"/capacity", fill(h.see(day, kepala...), "service", "penggantian", "places", "4", "priority", "2"), kepala...).is(303)
	page = h.see(day, kepala...).shows("0 / 12", "0 / 30", "0 / 6").hides("0 / 20")
	h.form(at+"/capacity", fill(page, "service", "penggantian", "do", "usual"), kepala...).is(303)
	page = h.see(day, kepala...).shows("0 / 20")
	h.form(at+"/capacity", fill(page, "service", "penggantian", "do", "usual"), kepala...).is(409).shows("tidak pernah diubah")
	h.form(at+"/walkins", fill(page, "service", "penggantian", "numbers", "7"), kepala...).is(303)
	h.see(day, kepala...).shows("0 dari 7 diberikan", "khusus hari ini")
}

func TestADayStartsFromPaperNumbers(t *testing.T) {
	h := embedded(t)
	kepala := h.as(staff.Supervisor)
	at := adminAt + "/days/2026-11-24/start"
	page := h.see(adminAt+"/days", kepala...).shows("Mulai dari nomor kertas")
	h.form(at, fill(page, "given_A", "5", "called_A", "9"), kepala...).is(422).shows(`name="called_A" inputmode="numeric" value="9" aria-invalid="true"`)
	h.form(at, fill(page, "given_A", "x"), kepala...).is(422).shows(`value="x" aria-invalid="true"`)
	started := fill(page, "given_A", "5", "called_A", "3", "given_B", "2", "called_B", "")
	for range 2 { // a second press is the first
		h.form(at, started, kepala...).leadsTo(adminAt + "/days?date=2026-11-24&said=started")
	}
	h.see(adminAt, kepala...).shows("A-004", "A-005").hides("A-003", "B-002")
}

func TestTwoWhoChangeNoticesSeeEachOther(t *testing.T) {
	h := embedded(t)
	kepala, at := h.as(staff.Supervisor), adminAt+"/notices"
	first := h.see(at, kepala...).is(200)
	second := h.see(at, kepala...)
	h.form(at, fill(first, "notice", "  Fotokopi di lantai 2 ", "notice", ""), kepala...).leadsTo(at + "?said=notices")
	h.see("/display/bandung").shows("Fotokopi di lantai 2")
	h.form(at, fill(second, "notice", "Kantin tutup"), kepala...).is(409).shows(`value="Kantin tutup"`, "Fotokopi di lantai 2", "orang lain")
	h.form(at, fill(h.see(at, kepala...), "notice", strings.Repeat("a", 201)), kepala...).is(422).shows("Terlalu panjang")
	h.form(at, fill(h.see(at, kepala...)), kepala...).is(303)
	h.read(func(s *queue.State) {
		if len(s.Notices) != 0 {
			t.Errorf("notices are %v", s.Notices)
		}
	})
}

func TestANoticeHasLanguagesAndATime(t *testing.T) {
	h := embedded(t)
	kepala, at := h.as(staff.Supervisor), adminAt+"/notices"
	row := func(values url.Values, id, en, from, until string) {
		for name, value := range map[string]string{"notice": id, "notice-en": en, "from": from, "until": until} {
			values.Add(name, value)
		}
	}
	form := fill(h.see(at, kepala...))
	row(form, "Bawa KTP asli", "", "", "")
	row(form, "Kantin tutup", "The canteen is closed", "2026-11-24T14:00", "2026-11-24T15:00")
	row(form, "", "", "", "")
	preview := url.Values{"do": {"preview"}}
	maps.Copy(preview, form)
	h.form(at, preview, kepala...).is(200).shows("bila disimpan", `value="The canteen is closed"`, `value="2026-11-24T15:00"`, "belum waktunya").hides("Pengumuman tampil")
	if tv := h.display(); len(tv.Notices) != 0 {
		t.Errorf("looking showed %v", tv.Notices)
	}
	for range 2 { // a second press is the first
		h.form(at, form, kepala...).leadsTo(at + "?said=notices")
	}
	wrong := fill(h.see(at, kepala...))
	row(wrong, "Kantin tutup", "", "2026-11-24T15:00", "2026-11-24T14:00")
	row(wrong, "", "In English alone", "soon", "")
	h.form(at, wrong, kepala...).is(422).shows(`value="soon"`, `value="In English alone"`, "Tulis tanggal dan jam")
	wrong.Set("from", "")
	wrong.Add("from", "")
	h.form(at, wrong, kepala...).is(422).shows("Wajib diisi")
	for clock, want := range map[string][]string{"13:59": {"Bawa KTP asli"}, "14:00": {"Bawa KTP asli", "Kantin tutup"}, "14:59": {"Bawa KTP asli", "Kantin tutup"}, "15:00": {"Bawa KTP asli"}} {
		now, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-24 "+clock, morning.Location())
		if err != nil {
			t.Fatal(err)
		}
		h.read(func(s *queue.State) {
			var said []string
			for _, n := range viewDisplay(s, 0, now, nil).Notices {
				said = append(said, n.In("id"))
			}
			if diff := cmp.Diff(want, said); diff != "" {
				t.Errorf("at %s: %s", clock, diff)
			}
			if before := h.timely(s, now.Add(-time.Minute)); clock != "14:59" && clock != "13:59" && before == h.timely(s, now) {
				t.Errorf("at %s nothing is told to the screens", clock)
			}
		})
	}
	h.see(at, kepala...).shows("Kantin tutup", "The canteen is closed", `value="2026-11-24T14:00"`)

	// Programs read and write the same, and a text alone as ever.
	var all struct {
		Notices []struct {
			Text        map[string]string
			From, Until *time.Time
			Shown       bool
		}
	}
	h.ask("GET", "/api/v1/offices/bandung/notices", nil, kepala...).is(200, &all)
	if len(all.Notices) != 2 || !all.Notices[0].Shown || all.Notices[1].Shown || all.Notices[1].From.Format(time.RFC3339) != "2026-11-24T14:00:00+07:00" || all.Notices[1].Text["en"] != "The canteen is closed" {
		t.Errorf("the API tells %+v", all)
	}
	h.at(staff.Supervisor, "notices", map[string]any{"notices": []any{"Satu", map[string]any{"text": map[string]string{"id": "Dua", "en": "Two"}}}}).is(200)
	if tv := h.display(); len(tv.Notices) != 2 || tv.Notices[1].In("en") != "Two" {
		t.Errorf("the lobby shows %v", tv.Notices)
	}
	for field, notice := range map[string]any{
		"notices[0].text.id": map[string]any{"text": map[string]string{"en": "Two"}}, "notices[0].text.tlh": map[string]any{"text": map[string]string{"id": "x", "tlh": "x"}},
		"notices[0].until": map[string]any{"text": map[string]string{"id": "x"}, "until": "soon"}, "notices[0].colour": map[string]any{"text": map[string]string{"id": "x"}, "colour": "red"},
		"notices[0]": 3,
	} {
		wrong := h.at(staff.Supervisor, "notices", map[string]any{"notices": []any{notice}})
		if !strings.Contains(string(wrong.body), `"field":"`+field+`"`) || wrong.status/100 != 4 {
			t.Errorf("%v is answered with %d %s", notice, wrong.status, wrong.body)
		}
	}
}

func TestSettingsAreExplainedPreviewedSavedAndPutBack(t *testing.T) {
	h := embedded(t)
	admin, at := h.as(staff.Administrator), adminAt+"/config"
	for _, topic := range topics {
		page := h.see(at+"?topic="+topic, admin...).is(200)
		if found := regexp.MustCompile(`admin\.(field|why|topic|about|more)\.[a-z_.]+`).FindString(string(page.body)); found != "" {
			t.Errorf("%s: no words for %s", topic, found)
		}
	}
	h.see(at, h.as(staff.Supervisor)...).is(403)
	h.see(at+"?topic=nothing", admin...).is(404)

	calling := []string{"topic", "calling", "calling.priority_share", "1/2", "calling.ceiling", "40m", "calling.offsets.priority", "5m",
		"calling.offsets.appointment", "20m", "calling.offsets.walkin", "45m", "calling.undo_within", "1m"}
	page := h.see(at+"?topic=calling", admin...)
	other := fill(page, calling...)
	other.Set("calling.ceiling", "a while")
	h.form(at, other, admin...).is(422).shows(`value="a while"`, `aria-invalid="true"`, "is no duration")
	first, second := h.walkIn("penggantian", false), h.walkIn("penggantian", false)
	h.form(at, fill(page, append(calling, "do", "preview")...), admin...).is(200).
		shows("Bila disimpan", "calling.ceiling", "40m", "225", first.Number, second.Number)
	h.read(func(s *queue.State) {
		if s.Config.Calling.Ceiling.D() != time.Hour {
			t.Error("a preview changed the office")
		}
	})
	save := fill(page, append(calling, "do", "save")...)
	for range 2 {
		h.form(at, save, admin...).leadsTo(at + "?topic=calling&said=config")
	}
	stale := fill(page, append(calling, "do", "save")...)
	stale.Set("key", "another")
	stale.Set("calling.ceiling", "50m")
	h.form(at, stale, admin...).is(409).shows(`value="50m"`, "Orang lain mengubah")

	history := h.see(at+"/history", admin...).is(200).shows("oleh administrator", "Batas tunggu", "1h", "40m", "Kantor dibuat", "Kembali ke pengaturan ini")
	older := regexp.MustCompile(`name="restore" value="(\d+)"`).FindStringSubmatch(string(history.body))
	h.form(at+"/history", fill(history, "restore", older[1]), admin...).leadsTo(at + "/history?said=restored")
	h.see(at+"/history", admin...).shows("40m")
	h.read(func(s *queue.State) {
		if s.Config.Calling.Ceiling.D() != time.Hour || s.Config.Calling.PriorityShare != (queue.Ratio{Num: 1, Den: 3}) {
			t.Errorf("put back was %v", s.Config.Calling)
		}
	})
	again := fill(history, "restore", older[1])
	again.Set("key", "another")
	h.form(at+"/history", again, admin...).is(409) // somebody has changed them since that page was read
	h.form(at+"/history", fill(history, "restore", "1"), admin...).is(404)
}

// A day on which somebody is left ends when a supervisor says so, who is told.
func TestADayThatNobodyEndedIsTold(t *testing.T) {
	h := embedded(t)
	admin := h.as(staff.Administrator)
	h.walkIn("penggantian", false)
	const day = adminAt + "/days?date=2026-11-24"
	h.clock.pass(9 * time.Hour) // 18:00, two hours after closing
	h.see(adminAt, admin...).is(200).hides(day)
	h.clock.pass(8 * time.Hour)
	h.see(adminAt, admin...).is(200).shows(`href="`+day+`"`, "Selasa 24 Nov belum diakhiri: 1 orang")
	h.see("/admin", admin...).is(200).shows(day)
	h.form(adminAt+"/days/2026-11-24/end", fill(h.see(day, admin...).is(200), "sure", "yes"), admin...).is(303)
	h.see(adminAt, admin...).is(200).hides(day)
}

// filled is a topic's form as it stands, to be saved.
func filled(page answer, topic string) url.Values {
	values := fill(page, "topic", topic, "do", "save")
	for _, m := range regexp.MustCompile(`(?s)<(?:input id="[^"]*" name="([^"]+)" value="([^"]*)"|textarea id="[^"]*" name="([^"]+)"[^>]*>([^<]*)|input type="(?:checkbox|hidden)" name="([^"]+)" value="([^"]*)"( checked)?)`).FindAllStringSubmatch(string(page.body), -1) {
		name, value := m[1]+m[3], m[2]+m[4]
		if m[5] != "" {
			if name, value = m[5], m[6]; m[7] == "" && !strings.HasSuffix(name, ".id") {
				continue
			}
		}
		if !values.Has(name) || m[5] != "" && strings.Contains(name, "[") {
			values.Add(name, strings.NewReplacer("&#43;", "+", "&#39;", "'", "&#34;", `"`).Replace(value))
		}
	}
	return values
}

func TestHoursServicesAndCountersAreForms(t *testing.T) {
	h := embedded(t)
	admin, at := h.as(staff.Administrator), adminAt+"/config"
	save := func(topic string, change func(url.Values)) answer {
		t.Helper()
		page := h.see(at+"?topic="+topic, admin...)
		values := filled(page, topic)
		change(values)
		return h.form(at, values, admin...)
	}
	var before *queue.Config
	h.read(func(s *queue.State) { before = s.Config })
	for _, topic := range topics {
		save(topic, func(url.Values) {}).is(303)
		h.read(func(s *queue.State) {
			if changes := config.Diff(*before, *s.Config); len(changes) > 0 {
				t.Errorf("%s saved as it was changes %v", topic, changes)
			}
		})
	}

	h.bookAt(bookingOf("paspor-baru", "2026-11-25T09:30:00+07:00", 1)).is(201)
	hours := func(v url.Values) {
		v.Set("hours.wed", "tutup saja")
		v.Set("closures", "2026-12-25\n2027-01-01, 2026-11-25")
		v.Set("special[0].dates", "2026-12-01..2026-12-05")
		v.Set("special[0].hours", "mon-thu 08.00-11.00; fri closed")
		v.Set("special[0].places.paspor-baru", "10+2")
	}
	save("hours", hours).is(422).shows("tutup saja", `name="hours.wed" value="tutup saja" autocomplete="off" aria-invalid="true"`)
	good := func(v url.Values) { hours(v); v.Set("hours.wed", "08:00-10:00") }
	save("hours", func(v url.Values) { good(v); v.Set("do", "preview") }).is(200).shows("1 orang terdaftar pada jam yang hilang", "08.00–10.00", "libur")
	save("hours", good).is(303)
	h.read(func(s *queue.State) {
		c := s.Config
		if got := fmt.Sprint(c.Hours, c.Closures, c.Special["2026-12-01..2026-12-05"]); got != `map[fri:[07:30-11:30 13:30-16:00] mon-tue:[07:30-12:00 13:00-16:00] thu:[07:30-12:00 13:00-16:00] wed:[08:00-10:00]] [2026-12-25 2027-01-01 2026-11-25] {{[] map[fri:[] mon-thu:[08:00-11:00]]} map[paspor-baru:{"priority":2,"appointment":10}]}` {
			t.Errorf("hours are %s", got)
		}
	})
	save("hours", func(v url.Values) { v.Set("special[0].remove", "yes") }).is(303)

	save("services", func(v url.Values) {
		v.Set("services[2].id", "pengambilan")
		v.Set("services[2].prefix", "A")
		v.Set("services[2].name.id", "Pengambilan paspor")
		v.Add("services[2].stages", "wawancara")
	}).is(422).shows("used twice", `name="services[2].prefix" value="A" autocomplete="off" aria-invalid="true"`)
	save("services", func(v url.Values) {
		v.Set("services[2].id", "pengambilan")
		v.Set("services[2].prefix", "C")
		v.Set("services[2].name.id", "Pengambilan paspor")
		v.Add("services[2].stages", "wawancara")
		v.Set("services[0].remove", "yes") // somebody is booked for it
	}).is(422).shows("Pengambilan paspor")
	save("services", func(v url.Values) {
		v.Set("services[2].id", "pengambilan")
		v.Set("services[2].prefix", "C")
		v.Set("services[2].name.id", "Pengambilan paspor")
		v.Add("services[2].stages", "wawancara")
	}).is(303)
	save("counters", func(v url.Values) {
		v.Set("counters[9].remove", "yes")
		v.Add("counters[8].services", "pengambilan")
	}).is(303)
	h.read(func(s *queue.State) {
		if len(s.Config.Services) != 3 || len(s.Config.Counters) != 9 || fmt.Sprint(s.Config.Counters[8].Services) != "[pengambilan]" {
			t.Errorf("%+v %+v", s.Config.Services, s.Config.Counters)
		}
	})
}

func TestSettingsGoOutAndComeInAsAFile(t *testing.T) {
	h := embedded(t)
	admin, at := h.as(staff.Administrator), adminAt+"/config/file"
	down := h.ask("GET", adminAt+"/config.yaml", nil, admin...)
	if down.status != 200 || !strings.Contains(down.header.Get("Content-Disposition"), "bandung.yaml") {
		t.Fatalf("%d %v", down.status, down.header)
	}
	send := func(page answer, text string, pairs ...string) answer {
		t.Helper()
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for name, values := range fill(page, pairs...) {
			_ = w.WriteField(name, values[0])
		}
		part, _ := w.CreateFormFile("file", "kantor.yaml")
		_, _ = part.Write([]byte(text))
		_ = w.Close()
		return h.ask("POST", at, body.String(), append(admin, "Accept", "text/html", "Content-Type", w.FormDataContentType())...)
	}
	page := h.see(at, admin...).is(200)
	send(page, string(down.body)).is(200).shows("Tidak ada yang berbeda")
	send(page, "offices:\n  - id: bandung\n    nama: x\n").is(422).shows("kantor.yaml:3", "is not known here")
	send(page, strings.Replace(string(down.body), "id: bandung", "id: cimahi", 1)).is(422).shows("tidak memuat kantor dengan id bandung")
	changed := strings.Replace(string(down.body), "fee: 350000", "fee: 400000", 1)
	compared := send(page, changed).is(200).shows("services[paspor-baru].fee", "400000", `value="apply"`)
	h.read(func(s *queue.State) {
		if s.Config.Services[0].Fee != 350000 {
			t.Error("comparing changed the office")
		}
	})
	applied := send(compared, changed, "do", "apply")
	applied.leadsTo(adminAt + "/config/history?said=config")
	send(page, changed, "do", "apply", "key", "x").is(409)
	h.see(adminAt+"/config/history", admin...).shows("400000")
}

func TestANewOfficeBeginsLikeAnother(t *testing.T) {
	h := embedded(t)
	admin := h.as(staff.Administrator)
	h.see("/admin/new", h.as(staff.Supervisor)...).is(403)
	h.see("/admin/new", admin...).is(200).shows("Seperti kantor")
	values := url.Values{"id": {"Cimahi"}, "name": {"Kantor Cimahi"}, "like": {"bandung"}, "key": {"k"}}
	h.form("/admin/new", values, admin...).is(422).shows(`value="Cimahi"`, "is not an id")
	values.Set("id", "bandung")
	h.form("/admin/new", values, admin...).is(422).shows("sudah ada")
	values.Set("id", "cimahi")
	h.form("/admin/new", values, admin...).leadsTo("/admin/offices/cimahi/config?said=office")
	if log := h.logOf("cimahi"); !strings.Contains(log, `"by":"administrator"`) || strings.Contains(log, `"by":"system"`) {
		t.Errorf("the log does not say who made the office: %s", log)
	}
	h.see("/admin/offices/cimahi", admin...).is(200).shows("Kantor Cimahi")
	h.see("/", "Accept-Language", "id").shows("Kantor Cimahi")
}
