package display

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"antrean/internal/staff"
)

// form posts a form as a browser would from our own page.
func (h *house) form(path string, values url.Values, headers ...string) answer {
	h.t.Helper()
	return h.ask("POST", path, values.Encode(), append([]string{
		"Content-Type", "application/x-www-form-urlencoded", "Origin", "https://antrean.test", "X-Forwarded-Proto", "https",
		"Sec-Fetch-Site", "same-origin", "Accept", "text/html",
	}, headers...)...)
}

func (h *house) see(path string, headers ...string) answer {
	h.t.Helper()
	return h.ask("GET", path, nil, append([]string{"Accept", "text/html"}, headers...)...)
}

// shows demands texts of a page.
func (a answer) shows(texts ...string) answer {
	a.t.Helper()
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		a.t.Fatalf("%s: %s is no page", a.asked, a.header.Get("Content-Type"))
	}
	for _, text := range texts {
		if !strings.Contains(string(a.body), text) {
			a.t.Errorf("%s does not show %q:\n%s", a.asked, text, a.body)
		}
	}
	return a
}

// cookie is the value that the answer sets.
func (a answer) cookie(name string) *http.Cookie {
	a.t.Helper()
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == name {
			return c
		}
	}
	a.t.Fatalf("%s sets no cookie %s: %v", a.asked, name, a.header["Set-Cookie"])
	return nil
}

func TestATicketsTokenLeavesTheAddress(t *testing.T) {
	h := embedded(t)
	ticket := h.walkIn("penggantian", false)
	a := h.see("/t/" + ticket.Token).is(303)
	c := a.cookie(ticketCookie)
	if a.header.Get("Location") != "/t" || a.header.Get("Referrer-Policy") != "no-referrer" || a.header.Get("Cache-Control") != "no-store" ||
		!c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Value != ticket.Token {
		t.Errorf("the answer is %v", a.header)
	}
	page := h.see("/t", "Cookie", ticketCookie+"="+c.Value).is(200).shows(ticket.Number, "/t/cancel")
	if page.header.Get("Referrer-Policy") != "no-referrer" || page.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page's headers are %v", page.header)
	}
	if strings.Contains(string(page.body), ticket.Token) {
		t.Error("the page holds the token")
	}
	h.see("/t").is(404)
	other := "x"
	if strings.HasSuffix(ticket.Token, other) {
		other = "y"
	}
	h.see("/t/" + ticket.Token[:len(ticket.Token)-1] + other).is(404)
	h.see("/t/qr.svg", "Cookie", ticketCookie+"="+c.Value).is(200)
}

var hiddenKey = regexp.MustCompile(`name="key" value="([^"]+)"`)

func TestATicketIsHandledWithoutScripts(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 1)).is(201, &booked)
	cookie := []string{"Cookie", ticketCookie + "=" + booked.Tickets[0].Token}
	page := h.see("/t", cookie...).is(200)
	key := hiddenKey.FindStringSubmatch(string(page.body))
	if key == nil {
		t.Fatalf("the page has no key: %s", page.body)
	}
	values := url.Values{"key": {key[1]}}
	h.form("/t/check-in", values, cookie...).is(422).shows(booked.Tickets[0].Number)
	values.Set("place_code", h.display(h.as(staff.Officer)...).PlaceCode)
	h.ask("POST", "/t/check-in", values.Encode(), append(cookie, "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://evil.test")...).problem(403, "forbidden")
	h.ask("POST", "/t/check-in", values.Encode(), append(cookie, "Content-Type", "application/x-www-form-urlencoded", "Origin", "null", "Sec-Fetch-Site", "cross-site")...).problem(403, "forbidden")
	for range 2 { // pressed twice
		h.form("/t/check-in", values, cookie...).is(303)
	}
	// A page that tells no referrer tells no origin.
	asked := h.ask("POST", "/t/cancel", url.Values{"key": {"c"}}.Encode(), append(cookie, "Content-Type", "application/x-www-form-urlencoded", "Origin", "null")...).is(200)
	asked.shows("sure")
	h.form("/t/cancel", url.Values{"key": {"c"}, "sure": {"yes"}}, cookie...).is(303)
	h.see("/t", cookie...).is(200).shows("cancelled")
}

func TestAnHourIsBookedWithoutScripts(t *testing.T) {
	h := embedded(t)
	h.see("/").is(200).shows("Kantor Imigrasi Kelas I Bandung", "ULP Soekarno-Hatta")
	h.see("/?office=bandung").is(200).shows("Paspor baru")
	page := h.see("/?office=bandung&service=paspor-baru").is(200).shows("nik")
	key := hiddenKey.FindStringSubmatch(string(page.body))
	if key == nil {
		t.Fatalf("the page has no key: %s", page.body)
	}
	person := personOf(1)
	values := url.Values{"office": {"bandung"}, "service": {"paspor-baru"}, "slot": {"earliest"}, "locale": {"id"}, "key": {key[1]},
		"name": {person["name"]}, "nik": {"12"}, "phone": {person["phone"]}, "email": {person["email"]}}
	h.form("/", values).is(422).shows(person["name"], "NIK terdiri dari 16 angka.")
	values.Set("nik", person["nik"])
	h.form("/", values, "Sec-Fetch-Site", "cross-site").is(403)
	booked := h.form("/", values).is(303)
	again := h.form("/", values).is(303)
	if booked.cookie(ticketCookie).Value != again.cookie(ticketCookie).Value {
		t.Error("booked twice by one page")
	}
	h.see(again.header.Get("Location"), "Cookie", bookedCookie+"="+again.cookie(bookedCookie).Value).is(200).shows("A-", "<svg")
	h.see("/t", "Cookie", ticketCookie+"="+again.cookie(ticketCookie).Value).is(200)
	values.Set("key", "another")
	h.form("/", values).is(409).shows(person["name"])
}

func TestStaffSignInAndFindTheirCounter(t *testing.T) {
	h := embedded(t)
	h.as(staff.Officer)
	away := h.see("/counter").is(303)
	if to := away.header.Get("Location"); to != "/login?next=%2Fcounter" {
		t.Errorf("a stranger is sent to %s", to)
	}
	h.see("/login?next=/counter").is(200).shows("/counter", "password")
	h.form("/login", url.Values{"username": {"officer"}, "password": {"wrong"}}).is(401).shows("officer")
	h.form("/login", url.Values{"username": {"officer"}, "password": {"correct horse"}}, "Sec-Fetch-Site", "cross-site").is(403)
	for next, want := range map[string]string{"/counter?office=bandung": "/counter?office=bandung", "//evil.test": "/counter", "https://evil.test": "/counter", "/\\evil.test": "/counter"} {
		in := h.form("/login", url.Values{"username": {"officer"}, "password": {"correct horse"}, "next": {next}}).is(303)
		if to := in.header.Get("Location"); to != want {
			t.Errorf("next=%s leads to %s", next, to)
		}
	}
	in := h.form("/login", url.Values{"username": {"officer"}, "password": {"correct horse"}})
	cookie := []string{"Cookie", sessionCookie + "=" + in.cookie(sessionCookie).Value}
	page := h.see("/counter", cookie...).is(200).shows("Loket 3")
	if strings.Contains(string(page.body), "ULP Soekarno-Hatta") {
		t.Error("another office's counters are offered")
	}
	h.press(append(cookie, "Origin", "https://antrean.test"), "3", "open", nil).is(200)
	ticket := h.walkIn("penggantian", false)
	h.see("/counter", cookie...).is(200).shows("Loket 3", ticket.Number)
	h.see("/counter?office=bandung&counter=99", cookie...).is(404)
	h.see("/counter?office=soekarno-hatta&counter=1", cookie...).is(403)
	h.see("/staff", cookie...).is(200).shows("Kantor Imigrasi Kelas I Bandung")
	h.form("/logout", nil, cookie...).is(303)
	h.see("/counter", cookie...).is(303)
}

func TestTheFirstAdministratorIsMadeOnce(t *testing.T) {
	h := embedded(t)
	token, err := h.Staff.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.see("/setup?token=" + token).is(200).shows(token)
	h.see("/setup?token="+token+"&lang=en").is(200).shows(token, "Create account", `/setup?token=`+token+`&amp;lang=id`)
	values := url.Values{"token": {token}, "username": {"Admin!"}, "password": {"short"}}
	h.form("/setup", values).is(422)
	values.Set("username", "admin")
	values.Set("password", "correct horse")
	h.form("/setup", url.Values{"token": {"x"}, "username": {"admin"}, "password": {"correct horse"}}).is(403)
	in := h.form("/setup", values).is(303)
	h.see("/staff", "Cookie", sessionCookie+"="+in.cookie(sessionCookie).Value).is(200).shows("admin", "Kantor Imigrasi Kelas I Bandung")
	h.form("/setup", values).is(403).shows("sudah dipakai", `href="/login"`)
	if used := h.see("/setup?token="+token).is(403).shows("sudah dipakai", `href="/login"`); strings.Contains(string(used.body), "<form") {
		t.Error("a used link shows the form")
	}
}

func TestPagesSpeakTheChosenLanguageAndRememberIt(t *testing.T) {
	h := embedded(t)
	chosen := h.see("/display/bandung?lang=en").is(200).shows(`lang="en"`)
	c := chosen.cookie(languageCookie)
	h.see("/display/bandung", "Cookie", "lang="+c.Value).is(200).shows(`lang="en"`)
	h.see("/login?lang=xx", "Accept-Language", "en").is(200).shows(`lang="en"`)
	h.see("/display/bandung", "Accept-Language", "en").is(200).shows(`lang="id"`) // a screen speaks its office's
	h.see("/display/bandung").is(200).shows(`lang="id"`, "Kantor Imigrasi")
	h.see("/display/mars").is(404).shows("<html")
}

func TestAssetsAreKeptForEver(t *testing.T) {
	h := embedded(t)
	a := h.ask("GET", h.Pages.Asset("tv.js"), nil, "Accept-Encoding", "br, gzip").is(200)
	if a.header.Get("Content-Encoding") != "br" || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || a.header.Get("Vary") == "" {
		t.Errorf("the headers are %v", a.header)
	}
}

func TestPoliciesForbidInlineScriptsAndFrames(t *testing.T) {
	h := embedded(t)
	policy := h.see("/display/bandung").header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "wss://antrean.test"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
}

func TestNoPageLinksToAnotherSite(t *testing.T) {
	h := embedded(t)
	r := httptest.NewRequest("GET", "/", nil)
	r.RequestURI, r.Host = "//evil.test/x", "antrean.test"
	r.Header.Set("Accept", "text/html")
	response, err := h.fiber.Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 404 || !bytes.Contains(body, []byte(`href="/evil.test/x?lang=en"`)) || bytes.Contains(body, []byte(`"//`)) {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}

// While two releases serve together, a page of the one loads from the other.
func TestAnAddressOfAnotherReleaseHasSomethingAndIsNotKept(t *testing.T) {
	h := embedded(t)
	own := h.Pages.Asset("tv.js")
	ours := h.ask("GET", own, nil).is(200)
	other := h.ask("GET", "/a/0123456789abcdef/tv.js", nil).is(200)
	if string(other.body) != string(ours.body) || !strings.Contains(ours.header.Get("Cache-Control"), "immutable") || other.header.Get("Cache-Control") != "no-store" {
		t.Errorf("kept as %q and %q", ours.header.Get("Cache-Control"), other.header.Get("Cache-Control"))
	}
	for _, none := range []string{"/a/0123456789abcdef/none.js", "/a/none/tv.js", "/a/0123456789abcdef/../tv.js", "/a/0123456789abcdef/x/tv.js"} {
		h.ask("GET", none, nil).is(404)
	}
}
