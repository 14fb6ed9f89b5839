package display

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"antrean/internal/staff"
)

// signIn signs somebody in as a browser does, and returns the cookie's header.
func (h *house) signIn(name string, role staff.Role, offices ...string) []string {
	h.t.Helper()
	h.named(name, role, offices...)
	return h.cookieOf(h.form("/login", url.Values{"username": {name}, "password": {"correct horse"}}).is(303))
}

func (h *house) cookieOf(in answer) []string {
	h.t.Helper()
	return []string{"Cookie", sessionCookie + "=" + in.cookie(sessionCookie).Value}
}

// found is what the first group of a pattern matches in a page.
func (a answer) found(pattern string) string {
	a.t.Helper()
	m := regexp.MustCompile(pattern).FindSubmatch(a.body)
	if m == nil {
		a.t.Fatalf("%s does not hold %s:\n%s", a.asked, pattern, a.body)
	}
	return string(m[1])
}

// codeOf is what an authenticator app would show, so many steps from now: each
// code counts once, and a test does not wait for the next.
func codeOf(t *testing.T, secret string, step int) string {
	t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), time.Now().Add(time.Duration(step)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestASecondFactorIsSetAskedForAndRemoved(t *testing.T) {
	h := embedded(t)
	me := h.signIn("ibu-kepala", staff.Administrator)
	elsewhere := h.tokens["ibu-kepala"]
	h.see("/staff", me...).is(200).shows("/account/second-factor")
	page := h.see("/account/second-factor", me...).is(200).shows("data:image/png;base64,")
	secret, sealed := page.found(`<code>([A-Z2-7 ]+)</code>`), page.found(`name="sealed" value="([^"]+)"`)
	set := func(code, password string) answer {
		return h.form("/account/second-factor", url.Values{"sealed": {sealed}, "code": {code}, "password": {password}}, me...)
	}
	set("000000", "correct horse").is(422).shows(sealed, `aria-describedby="code-wrong"`) // the secret that was scanned stays
	set(codeOf(t, secret, -1), "wrong horse").is(422).shows(sealed, "again-password-wrong")
	codes := set(codeOf(t, secret, -1), "correct horse").is(200)
	recovery := codes.found(`<li><code>([A-Z2-9]{5}-[A-Z2-9]{5})</code>`)
	h.ask("GET", "/api/v1/session", nil, "Authorization", "Bearer "+elsewhere).problem(401, "unauthenticated")
	h.see("/account/second-factor", me...).is(200)

	// The page asks in two steps, the API in one.
	half := h.form("/login", url.Values{"username": {"ibu-kepala"}, "password": {"correct horse"}, "next": {"/admin"}}).is(200)
	if len(half.header["Set-Cookie"]) > 0 {
		t.Errorf("a cookie after half a login: %v", half.header["Set-Cookie"])
	}
	step := half.found(`name="step" value="([^"]+)"`)
	h.form("/login", url.Values{"step": {step}, "code": {"000000"}}).is(401).shows(step)
	h.form("/login", url.Values{"step": {step[:len(step)-4] + "AAAA"}, "code": {codeOf(t, secret, 0)}}).is(401).shows(`name="password"`)
	in := h.form("/login", url.Values{"step": {step}, "code": {codeOf(t, secret, 0)}, "next": {"/admin"}}).is(303)
	if to := in.header.Get("Location"); to != "/admin" {
		t.Errorf("the second step leads to %s", to)
	}
	body := map[string]any{"username": "ibu-kepala", "password": "correct horse"}
	h.ask("POST", "/api/v1/session", body).problem(401, "second_factor")
	body["code"] = codeOf(t, secret, 0)
	if p := h.ask("POST", "/api/v1/session", body).problem(401, "second_factor"); len(p.Errors) != 1 || p.Errors[0].Field != "code" {
		t.Errorf("a code that was used: %+v", p)
	}
	body["code"] = recovery
	h.ask("POST", "/api/v1/session", body).is(200)
	h.ask("POST", "/api/v1/session", body).problem(401, "second_factor")

	// New recovery codes, and the end, want password and code.
	change := func(values url.Values) answer { return h.form("/account/second-factor/change", values, me...) }
	change(url.Values{"do": {"remove"}, "password": {"correct horse"}}).is(422).shows("again-code-wrong")
	fresh := change(url.Values{"do": {"codes"}, "password": {"correct horse"}, "code": {codeOf(t, secret, 1)}}).is(200).found(`<li><code>([A-Z2-9-]+)</code>`)
	change(url.Values{"do": {"remove"}, "password": {"correct horse"}, "code": {fresh}}).is(303)
	h.ask("POST", "/api/v1/session", map[string]any{"username": "ibu-kepala", "password": "correct horse"}).is(200)

	for _, secret := range []string{recovery, fresh, "correct horse", strings.ReplaceAll(secret, " ", "")} {
		if strings.Contains(h.logs.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, event := range []string{`event="second factor set" user=ibu-kepala`, `event="sign-in refused" user=ibu-kepala why=code`, `event="second factor removed"`} {
		if !strings.Contains(h.logs.String(), event) {
			t.Errorf("the log lacks %s", event)
		}
	}
}

func TestAnAdministratorWithoutTheRequiredFactorIsLedToIt(t *testing.T) {
	h := embedded(t, func(o *Options) { o.Staff.RequireFactor = true })
	h.named("ibu-kepala", staff.Administrator)
	in := h.form("/login", url.Values{"username": {"ibu-kepala"}, "password": {"correct horse"}, "next": {"/admin/users"}}).is(303)
	if to := in.header.Get("Location"); to != "/account/second-factor" {
		t.Errorf("led to %s", to)
	}
	me := h.cookieOf(in)
	if to := h.see("/admin/users", me...).is(303).header.Get("Location"); to != "/account/second-factor" {
		t.Errorf("led to %s", to)
	}
	h.ask("GET", "/api/v1/users", nil, me...).problem(403, "forbidden")
	page := h.see("/account/second-factor", me...).is(200)
	secret, sealed := page.found(`<code>([A-Z2-7 ]+)</code>`), page.found(`name="sealed" value="([^"]+)"`)
	h.form("/account/second-factor", url.Values{"sealed": {sealed}, "code": {codeOf(t, secret, 0)}, "password": {"correct horse"}}, me...).is(200)
	h.see("/admin/users", me...).is(200)
}

func TestAnAccountIsMadeWithALinkAndItsOwnerChoosesThePassword(t *testing.T) {
	h := embedded(t)
	me := h.signIn("ibu-kepala", staff.Administrator)
	add := func(values url.Values) answer { return h.form("/admin/users", values, me...) }
	add(url.Values{"username": {"Sari W"}, "role": {"officer"}, "office": {"bandung"}}).is(422).shows("Sari W", "username-wrong")
	add(url.Values{"username": {"sari"}, "role": {"officer"}}).is(422).shows("Pilih kantor")
	add(url.Values{"username": {"sari"}, "office": {"bandung"}}).is(422)
	add(url.Values{"username": {"sari"}, "role": {"director"}, "office": {"bandung"}}).is(422)
	add(url.Values{"username": {"sari"}, "role": {"officer"}, "office": {"mars"}}).is(422)
	add(url.Values{"username": {"sari"}, "role": {"officer"}, "office": {"bandung"}, "new": {"password"}}).is(422).shows("new-wrong")
	link := add(url.Values{"username": {"sari"}, "role": {"officer", "desk"}, "office": {"bandung"}}).is(200).found(`class="once">([^<]+)<`)
	if !strings.HasPrefix(link, "https://antrean.test/password?token=") {
		t.Fatalf("the link is %s", link)
	}
	token := link[strings.Index(link, "=")+1:]
	page := h.see("/password?token="+token).is(200).shows("sari", token)
	if page.header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("the link's page tells its address")
	}
	h.form("/password", url.Values{"token": {token}, "password": {"sari"}}).is(422)
	h.form("/password", url.Values{"token": {token}, "password": {"kata sandi sari"}}, "Sec-Fetch-Site", "cross-site").is(403)
	h.form("/password", url.Values{"token": {token}, "password": {"kata sandi sari"}}, "Origin", "null").is(303)
	h.form("/password", url.Values{"token": {token}, "password": {"kata sandi lain"}}).is(403)
	h.see("/password?token=" + token).is(403)
	in := h.cookieOf(h.form("/login", url.Values{"username": {"sari"}, "password": {"kata sandi sari"}}).is(303))
	h.see("/counter", in...).is(200)
	if strings.Contains(h.logs.String(), token) {
		t.Error("the log holds the link")
	}

	change := func(what string, values url.Values) answer { return h.form("/admin/users/sari/"+what, values, me...) }
	change("roles", url.Values{"role": {"desk"}, "office": {"soekarno-hatta"}}).is(303)
	h.see("/counter", in...).is(403) // at once
	change("roles", url.Values{"role": {"desk"}}).is(422)
	change("pin", url.Values{"pin": {"12"}}).is(422).shows("pin-wrong")
	change("pin", url.Values{"pin": {"4711"}}).is(303)
	change("password", url.Values{"new": {"short"}}).is(422).shows("new-wrong")
	change("password", url.Values{"new": {"kata sandi baru"}}).is(303)
	if to := h.see("/account", in...).is(303).header.Get("Location"); !strings.HasPrefix(to, "/login") {
		t.Errorf("the session goes on after another password: %s", to)
	}
	change("remove", url.Values{"password": {"wrong horse"}}).is(422).shows("again-password-wrong")
	change("remove", url.Values{"password": {"correct horse"}}).is(303)
	change("remove", url.Values{"password": {"correct horse"}}).is(404)
	change("nonsense", nil).is(404)
	h.form("/admin/users/ibu-kepala/roles", url.Values{"role": {"desk"}, "office": {"bandung"}}, me...).is(409).shows("Administrator terakhir")
	h.form("/admin/users", url.Values{"username": {"eve"}, "role": {"administrator"}}, append(me, "Sec-Fetch-Site", "cross-site")...).is(403)
}

func TestSessionsAreSeenAndEndedByTheirOwnerAndByAdministrators(t *testing.T) {
	h := embedded(t)
	me, sari := h.signIn("ibu-kepala", staff.Administrator), h.signIn("sari", staff.Officer, "bandung")
	page := h.see("/account", append(sari, "User-Agent", "x")...).is(200).shows("Yang ini")
	other := page.found(`name="id" value="([0-9a-f]{64})"`)
	h.form("/account/sessions/end", url.Values{"id": {other}}, me...).is(303) // not hers to end
	h.ask("GET", "/api/v1/session", nil, h.named("sari", staff.Officer)...).is(200)
	h.form("/account/sessions/end", nil, sari...).is(303)
	h.ask("GET", "/api/v1/session", nil, h.named("sari", staff.Officer)...).is(401)
	h.see("/admin/sessions?user=sari", me...).is(200).shows("sari")
	h.form("/admin/sessions/end", url.Values{"user": {"sari"}}, me...).is(303)
	h.see("/account", sari...).is(303)
	h.form("/admin/sessions/end", url.Values{"user": {"nobody"}}, me...).is(404)
	h.form("/admin/sessions/end", url.Values{"user": {"ibu-kepala"}}, me...).is(303)
	h.see("/admin/sessions", me...).is(200) // who asks stays
}

func TestAPasswordIsChangedByItsOwnerWhoStaysIn(t *testing.T) {
	h := embedded(t)
	sari := h.signIn("sari", staff.Officer, "bandung")
	change := func(old, new string) answer {
		return h.form("/account/password", url.Values{"password": {old}, "new": {new}}, sari...)
	}
	change("wrong horse", "kata sandi baru").is(422).shows("again-password-wrong")
	change("correct horse", "sari").is(422).shows("new-wrong")
	in := h.cookieOf(change("correct horse", "kata sandi baru").is(303))
	h.see("/account", sari...).is(303)
	h.see("/account", in...).is(200)
}

func TestALoginEndsTheSessionOfBefore(t *testing.T) {
	h := embedded(t)
	before := h.signIn("sari", staff.Officer, "bandung")
	after := h.cookieOf(h.form("/login", url.Values{"username": {"sari"}, "password": {"correct horse"}}, before...).is(303))
	if before[1] == after[1] {
		t.Error("the session is the one of before")
	}
	h.see("/account", before...).is(303)
	h.see("/account", after...).is(200)
}

func TestTheSessionCookieOverTLSBelongsToThisHost(t *testing.T) {
	h := embedded(t, func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")} })
	h.named("sari", staff.Officer, "bandung")
	in := h.form("/login", url.Values{"username": {"sari"}, "password": {"correct horse"}}).is(303)
	c := in.cookie("__Host-" + sessionCookie)
	if !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != 3 {
		t.Errorf("the cookie is %v", c)
	}
	https := []string{"X-Forwarded-Proto", "https"}
	h.see("/account", append(https, "Cookie", c.Name+"="+c.Value)...).is(200)
	h.see("/account", append(https, "Cookie", sessionCookie+"="+c.Value)...).is(303) // set by a plain page, or a neighbour
	if in.header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS over TLS")
	}
}

// A paired screen goes on when its server is given TLS, or a release that names the
// cookie otherwise; what is set from then on has the name that nobody else can set.
func TestCookiesOverTLSBelongToThisHost(t *testing.T) {
	h := embedded(t, func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")} })
	https := []string{"X-Forwarded-Proto", "https"}
	ticket := h.walkIn("penggantian", false)
	opened := h.see("/t/"+ticket.Token, https...).is(303).cookie("__Host-" + ticketCookie)
	if !opened.Secure || opened.Path != "/" || opened.Domain != "" {
		t.Errorf("the ticket's cookie is %v", opened)
	}
	for _, name := range []string{opened.Name, ticketCookie} {
		h.see("/t", append(https, "Cookie", name+"="+opened.Value)...).is(200).shows(ticket.Number)
	}
	h.see("/?lang=en", https...).is(200).cookie("__Host-" + languageCookie)
	screen, _ := h.pair("display", "bandung")
	h.ask("GET", "/api/v1/devices/pairing", nil, append(https, screen...)...).is(200)
	waiting := h.ask("POST", "/api/v1/devices/pairing", map[string]string{"kind": "display"}, https...).is(201)
	waiting.cookie("__Host-" + deviceCookie)
	for _, set := range waiting.header["Set-Cookie"] {
		if !strings.HasPrefix(set, "__Host-") {
			t.Errorf("set is %s", set)
		}
	}
}

func TestATokenActsWithinItsScopes(t *testing.T) {
	h := embedded(t)
	me := h.signIn("ibu-kepala", staff.Administrator)
	h.form("/admin/tokens", url.Values{"name": {"Pusat 1"}, "scope": {"queue"}, "days": {"90"}}, me...).is(422).shows("name-wrong", "Pusat 1")
	h.form("/admin/tokens", url.Values{"name": {"pusat"}, "days": {"90"}}, me...).is(422)
	h.form("/admin/tokens", url.Values{"name": {"pusat"}, "scope": {"queue"}, "days": {"4000"}}, me...).is(422).shows("days-wrong")
	h.form("/admin/tokens", url.Values{"name": {"pusat"}, "scope": {"queue"}, "days": {"90"}, "office": {"mars"}}, me...).is(422)
	secret := h.form("/admin/tokens", url.Values{"name": {"pusat"}, "scope": {"queue", "kiosk"}, "office": {"bandung"}, "days": {"90"}}, me...).is(200).found(`class="once">(antrean_[\w-]{43})<`)
	as := []string{"Authorization", "Bearer " + secret}
	h.ask("GET", "/api/v1/offices/bandung/queue", nil, as...).is(200)
	h.ask("POST", "/api/v1/offices/bandung/tickets", map[string]any{"service": "penggantian"}, as...).is(201)
	h.ask("GET", "/api/v1/offices/soekarno-hatta/queue", nil, as...).problem(403, "forbidden")
	h.ask("GET", "/api/v1/offices/bandung/find?q=A-001", nil, as...).problem(403, "forbidden")
	h.ask("GET", "/api/v1/users", nil, as...).problem(403, "forbidden")
	if log := h.logOf("bandung"); !strings.Contains(log, `"by":"token-pusat"`) {
		t.Error("the log does not say that the token did it")
	}
	var list struct{ Tokens []staff.Token }
	h.ask("GET", "/api/v1/tokens", nil, h.as(staff.Administrator)...).is(200, &list)
	if len(list.Tokens) != 1 || list.Tokens[0].Used.IsZero() || list.Tokens[0].By != "ibu-kepala" {
		t.Fatalf("tokens %+v", list.Tokens)
	}
	page := h.see("/admin/tokens", me...).is(200).shows("pusat")
	if strings.Contains(string(page.body), secret) || strings.Contains(h.logs.String(), secret) {
		t.Error("the token is told again")
	}
	h.form("/admin/tokens/"+list.Tokens[0].ID+"/revoke", nil, me...).is(303)
	h.ask("GET", "/api/v1/offices/bandung/queue", nil, as...).problem(401, "unauthenticated")

	// A token that manages accounts makes no tokens.
	var made struct{ Token string }
	h.ask("POST", "/api/v1/tokens", map[string]any{"name": "akun", "scopes": []string{"accounts"}}, h.as(staff.Administrator)...).is(201, &made)
	as[1] = "Bearer " + made.Token
	h.ask("GET", "/api/v1/users", nil, as...).is(200)
	h.ask("POST", "/api/v1/tokens", map[string]any{"name": "akun2", "scopes": []string{"accounts"}}, as...).problem(403, "forbidden")
	h.ask("POST", "/api/v1/people/show", map[string]any{"nik": nikOf(1)}, as...).problem(403, "forbidden")
}

func TestDevicesArePairedAndRevokedOnTheirPage(t *testing.T) {
	h := embedded(t)
	me, there := h.signIn("pengawas", staff.Supervisor, "bandung"), h.signIn("pengawas-lain", staff.Supervisor, "soekarno-hatta")
	h.see("/admin/devices", me...).is(200).shows("/pair")
	var asked struct{ Code, Token string }
	h.ask("POST", "/api/v1/devices/pairing", nil).is(201, &asked)
	pair := func(who []string, change func(url.Values)) answer {
		values := url.Values{"code": {strings.ToLower(asked.Code)}, "name": {"TV ruang tunggu"}, "kind": {"display"}, "office": {"bandung"}}
		change(values)
		return h.form("/admin/devices", values, who...)
	}
	pair(me, func(v url.Values) { v.Set("code", "ZZZZZZ") }).is(422).shows("code-wrong", "TV ruang tunggu")
	pair(me, func(v url.Values) { v.Set("name", "") }).is(422).shows("name-wrong")
	pair(me, func(v url.Values) { v.Set("counter", "99") }).is(422).shows("counter-wrong")
	pair(me, func(v url.Values) { v.Set("office", "soekarno-hatta") }).is(403)
	pair(me, func(url.Values) {}).is(303)
	h.ask("POST", "/api/v1/devices/health", map[string]any{"sound": false, "width": 1920, "height": 1080}, "Authorization", "Bearer "+asked.Token).is(204)
	page := h.see("/admin/devices", me...).is(200).shows("TV ruang tunggu", "Suara terblokir", "1920 × 1080")
	if strings.Contains(string(page.body), "Versi lama") {
		t.Error("a device that tells no release is called old")
	}
	h.ask("POST", "/api/v1/devices/health", map[string]any{"release": "v0.0.1", "sound": false}, "Authorization", "Bearer "+asked.Token).is(204)
	h.see("/admin/devices", me...).is(200).shows("Versi lama")
	if strings.Contains(string(h.see("/admin/devices", there...).is(200).body), "TV ruang tunggu") {
		t.Error("another office sees the device")
	}
	path := page.found(`action="(/admin/devices/[0-9a-f]+/revoke)"`)
	h.form(path, nil, there...).is(403)
	h.form(path, nil, me...).is(303)
	h.form(path, nil, me...).is(404)
	h.ask("POST", "/api/v1/devices/health", map[string]any{"sound": true}, "Authorization", "Bearer "+asked.Token).problem(401, "unauthenticated")
}
