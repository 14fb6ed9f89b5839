package display

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"antrean/internal/staff"
)

func TestAPersonsDataAreShownHandedOverAndErasedOnTheirPage(t *testing.T) {
	h := embedded(t)
	me := h.signIn("ibu-kepala", staff.Administrator)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201, &booked)
	number := booked.Tickets[0].Number
	h.see("/admin/privacy", me...).is(200).shows("Tidak ada yang dilihat", "antrean-1")
	ask := func(do string, more url.Values) answer {
		values := url.Values{"by": {"nik"}, "value": {nikOf(1)}, "do": {do}}
		for name, value := range more {
			values[name] = value
		}
		return h.form("/admin/privacy/person", values, me...)
	}
	ask("show", url.Values{"value": {nikOf(9)}}).is(422).shows("value-wrong")
	ask("show", url.Values{"value": {"123"}}).is(422).shows("value-wrong", `value="123"`)
	ask("show", nil).is(200).shows("Ujang Rahasia", number)
	report := ask("report", nil).is(200)
	if !strings.Contains(report.header.Get("Content-Disposition"), "attachment") || report.header.Get("Cache-Control") != "no-store" || !strings.Contains(string(report.body), nikOf(1)) {
		t.Errorf("the report is %v", report.header)
	}
	ask("erase", nil).is(200).shows("again-password", `name="cancel"`)
	ask("erase-sure", url.Values{"password": {"wrong horse"}}).is(422).shows("again-password-wrong")
	ask("erase-sure", url.Values{"password": {"correct horse"}}).is(409).shows(`name="cancel"`) // still expected
	if _, err := h.Vault.Get(t.Context(), "bandung", booked.Tickets[0].ID); err != nil {
		t.Fatalf("a refused erasure: %v", err)
	}
	ask("erase-sure", url.Values{"password": {"correct horse"}, "cancel": {"yes"}}).is(200).shows("Dihapus", number)
	h.opensNothing(t, nikOf(1))

	page := h.see("/admin/privacy?user=ibu-kepala", me...).is(200).shows("Ditampilkan", "Diserahkan", "Dihapus", number)
	h.at(staff.Desk, "find", map[string]any{"q": number})
	none := h.see("/admin/privacy?user=nobody", me...).is(200).shows("Tidak ada yang dilihat")
	for _, secret := range []string{nikOf(1), "Rahasia"} {
		if strings.Contains(string(page.body)+string(none.body)+h.logs.String(), secret) {
			t.Errorf("%q is told where nobody asked", secret)
		}
	}
}

func TestWhomToTellOfABreachIsATable(t *testing.T) {
	h := embedded(t)
	me := h.signIn("ibu-kepala", staff.Administrator)
	h.bookAt(bookingOf("paspor-baru", "earliest", 1)).is(201)
	ask := func(since, password string) answer {
		return h.form("/admin/privacy/breach", url.Values{"since": {since}, "password": {password}}, me...)
	}
	ask("yesterday", "correct horse").is(422).shows("since-wrong", "yesterday")
	ask("2026-11-24T08:00", "wrong horse").is(422).shows("breach-password-wrong")
	ask("2036-11-24T08:00", "correct horse").is(422).shows("since-wrong")
	table := ask("2026-11-24T08:00", "correct horse").is(200)
	if !strings.HasPrefix(table.header.Get("Content-Type"), "text/csv") || !strings.Contains(string(table.body), "Ujang Rahasia B") {
		t.Errorf("%v %s", table.header, table.body)
	}
	if !strings.Contains(h.logOf("bandung"), `"what":"listed"`) {
		t.Error("the log does not say that people were listed")
	}
}

func TestABookingNamesTheNoticeThatWasRead(t *testing.T) {
	h := embedded(t)
	me := h.signIn("ibu-kepala", staff.Administrator)
	const at = "/admin/offices/bandung/privacy"
	page := h.see("/?office=bandung&service=paspor-baru").is(200).shows("Siapa yang bertanggung jawab", `name="notice" value="antrean-1"`)
	one := personOf(1)
	form := url.Values{"office": {"bandung"}, "service": {"paspor-baru"}, "slot": {"earliest"}, "locale": {"id"}, "key": {page.found(`name="key" value="([^"]+)"`)},
		"name": {one["name"]}, "nik": {one["nik"]}, "notice": {"antrean-1"}}

	save := func(values url.Values) answer {
		for name, hidden := range fill(h.see(at, me...).is(200)) {
			values[name] = hidden
		}
		return h.form(at, values, me...)
	}
	save(url.Values{"text-id": {""}}).is(422)
	save(url.Values{"text-id": {strings.Repeat("a", 8001)}}).is(422)
	save(url.Values{"text-id": {"Kami jaga <b>data</b> Anda.\r\n\r\nSelalu."}}).is(303)
	day := morning.Format("2006-01-02")
	h.form("/", form).is(409).shows("baru saja diganti", `name="notice" value="`+day+`"`, one["nik"], "&lt;b&gt;data")
	form.Set("notice", day)
	h.form("/", form).is(303)
	if log := h.logOf("bandung"); !strings.Contains(log, `"notice":"`+day+`"`) {
		t.Error("the booking does not name the notice")
	}
	save(url.Values{"text-id": {"Lain lagi."}, "do": {"save"}}).is(303)
	h.see(at, me...).is(200).shows(day + "-b")
	save(url.Values{"do": {"reset"}}).is(303)
	h.see(at, me...).is(200).shows("antrean-1", "Siapa yang bertanggung jawab")
	body := bookingOf("paspor-baru", "earliest", 2)
	body["notice"] = day
	h.bookAt(body).problem(409, "wrong_state")
	delete(body, "notice") // a program that showed none says so
	h.bookAt(body).is(201)
}

func TestNoticesAreNamedByTheirDay(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for former, want := range map[string]string{"": "2026-11-24", "2026-11-23-c": "2026-11-24", "2026-11-24": "2026-11-24-b", "2026-11-24-b": "2026-11-24-c", "2026-11-24-z": "2026-11-24-zb", "antrean-1": "2026-11-24"} {
		if got := nextNotice(former, now); got != want {
			t.Errorf("after %q comes %q, want %q", former, got, want)
		}
	}
}
