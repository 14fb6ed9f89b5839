package display

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"antrean/internal/staff"
)

func TestActsOfWeightWantAPasswordOfLately(t *testing.T) {
	h := embedded(t)
	me := h.signIn("ibu-kepala", staff.Administrator)
	program := []string{"Authorization", "Bearer " + strings.TrimPrefix(me[1], sessionCookie+"=")}
	h.named("budi", staff.Officer, "bandung")
	budi := "/admin/users/budi"
	h.see(budi, me...).is(200).hides(`id="roles-password"`)
	h.form(budi+"/pin", url.Values{"pin": {"4711"}}, me...).is(303)

	h.later.Store(int64(31 * time.Minute))
	for path, values := range map[string]url.Values{
		budi + "/roles":    {"role": {"desk"}, "office": {"bandung"}},
		budi + "/link":     {},
		budi + "/password": {"new": {"kereta malam ke utara"}},
		budi + "/pin":      {"pin": {"4712"}},
		"/admin/users":     {"username": {"tamu"}, "role": {"administrator"}},
		"/admin/tokens":    {"name": {"pusat"}, "scope": {"accounts"}, "days": {"30"}},
	} {
		h.form(path, values, me...).is(422).shows(`-password-wrong"`)
	}
	refused := h.form(budi+"/roles", url.Values{"role": {"desk"}, "office": {"bandung"}, "password": {"wrong horse"}}, me...)
	refused.is(422).shows(`name="role" value="desk" checked`, `aria-describedby="roles-password-wrong"`)
	for _, asked := range [][2]string{
		{"DELETE", "/api/v1/users/budi"}, {"DELETE", "/api/v1/users/budi/second-factor"}, {"PUT", "/api/v1/users/budi/password"},
		{"PUT", "/api/v1/users/budi/pin"}, {"PUT", "/api/v1/users/budi/roles"}, {"POST", "/api/v1/users"}, {"POST", "/api/v1/tokens"},
		{"POST", "/api/v1/people/erase"}, {"POST", "/api/v1/people/breach"},
	} {
		if p := h.ask(asked[0], asked[1], nil, me...).problem(403, "forbidden"); !strings.Contains(p.Detail, "masuk") && !strings.Contains(p.Detail, "Masuk") {
			t.Errorf("%s %s: %s", asked[0], asked[1], p.Detail)
		}
	}
	h.ask("GET", "/api/v1/users", nil, me...).is(200)
	h.ask("PUT", "/api/v1/users/budi/pin", map[string]any{"pin": "4713"}, program...).is(204) // a program sends its token itself

	// One password is enough for the next half hour.
	h.form(budi+"/pin", url.Values{"pin": {"4714"}, "password": {"correct horse"}}, me...).is(303)
	h.form(budi+"/roles", url.Values{"role": {"desk"}, "office": {"bandung"}}, me...).is(303)
	h.ask("DELETE", "/api/v1/users/budi/second-factor", nil, me...).is(204)
	h.form(budi+"/remove", url.Values{}, me...).is(422) // but for what nobody can take back
	h.ask("DELETE", "/api/v1/users/budi", nil, me...).is(204)
}

func TestAKioskGoesOnWhenASessionOnItHasEnded(t *testing.T) {
	h := embedded(t)
	kiosk, _ := h.pair("kiosk", "bandung")
	tablet, _ := h.pair("counter", "bandung", "counter", "1")
	over := h.signIn("rina", staff.Officer, "bandung")
	if err := h.Staff.EndSignIns(t.Context(), "rina", ""); err != nil {
		t.Fatal(err)
	}
	with := func(device []string) []string { return []string{"Cookie", over[1] + "; " + device[1]} }
	h.ask("POST", "/api/v1/offices/bandung/tickets", map[string]any{"service": "paspor-baru"}, with(kiosk)...).is(201)
	h.ask("POST", "/api/v1/offices/bandung/tickets", map[string]any{"service": "paspor-baru"}, with(tablet)...).problem(401, "unauthenticated")
	h.ask("POST", "/api/v1/offices/bandung/tickets", map[string]any{"service": "paspor-baru"}, over...).problem(401, "unauthenticated")
}

func TestARefusedCodeIsWrittenDownUnderItsAccount(t *testing.T) {
	h := embedded(t)
	h.named("ibu-kepala", staff.Administrator)
	h.named("budi", staff.Officer, "bandung")
	e, err := h.Staff.NewFactor("ibu-kepala")
	if err == nil {
		_, err = h.Staff.EnableFactor(t.Context(), "ibu-kepala", e.Sealed, codeOf(t, e.Secret, -1))
	}
	if err != nil {
		t.Fatal(err)
	}
	step := h.form("/login", url.Values{"username": {"ibu-kepala"}, "password": {"correct horse"}}).is(200).found(`name="step" value="([^"]+)"`)
	h.form("/login", url.Values{"step": {step}, "username": {"budi"}, "code": {"000000"}}).is(401)
	if logs := h.logs.String(); !strings.Contains(logs, `event="sign-in refused" user=ibu-kepala why=code`) || strings.Contains(logs, "refused\" user=budi") {
		t.Error("the refusal is written down under what the form said")
	}
}

func TestAnAccountCalledAsATokenHasKeysOfItsOwn(t *testing.T) {
	person := visit{who: staff.Session{User: "token-pusat"}} // of a former release
	token := visit{who: staff.Session{Token: "pusat"}}
	if person.scope() == token.scope() || token.scope() != "staff/token-pusat" {
		t.Errorf("%s, %s", person.scope(), token.scope())
	}
	if rina := (visit{who: staff.Session{User: "rina"}}); rina.scope() != "staff/rina" {
		t.Error(rina.scope())
	}
}
