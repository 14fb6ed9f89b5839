package display

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// browserOf is the PushSubscription of a browser.
func browserOf(t *testing.T, endpoint string) map[string]any {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"endpoint": endpoint, "expirationTime": nil, "keys": map[string]string{
		"p256dh": base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()),
		"auth":   base64.RawURLEncoding.EncodeToString(make([]byte, 16)),
	}}
}

func TestABrowserSubscribesToATicketAndLeavesIt(t *testing.T) {
	h := embedded(t, func(o *Options) { o.PushKey = "BPublic" })
	token := h.walkIn("paspor-baru", false).Token
	at := "/api/v1/tickets/" + token + "/push"
	var key struct{ Key string }
	if h.ask("GET", "/api/v1/push-key", nil).is(200, &key); key.Key != "BPublic" {
		t.Errorf("the key is %q", key.Key)
	}
	kept := func() int {
		office, ticket, _, err := h.Ring.ParseToken(token)
		if err != nil {
			t.Fatal(err)
		}
		all, err := h.Vault.Subscriptions(t.Context(), office, ticket)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	phone := browserOf(t, "https://push.example/phone")
	h.ask("PUT", at, phone).is(204)
	h.ask("PUT", at, phone).is(204)
	h.ask("PUT", at, browserOf(t, "https://push.example/laptop")).is(204)
	if n := kept(); n != 2 {
		t.Errorf("%d browsers are kept", n)
	}
	var known struct {
		Ticket   string
		Browsers []string
	}
	sum := sha256.Sum256([]byte("https://push.example/laptop"))
	h.ask("GET", at, nil).is(200, &known)
	if len(known.Browsers) != 2 || known.Browsers[1] != base64.RawURLEncoding.EncodeToString(sum[:]) || known.Ticket == "" {
		t.Errorf("a browser cannot find itself among %+v", known)
	}
	h.ask("DELETE", at, map[string]string{"endpoint": "https://push.example/phone"}).is(204)
	if n := kept(); n != 1 {
		t.Errorf("%d browsers are kept after one left", n)
	}
	h.ask("DELETE", at, nil).is(204)
	if n := kept(); n != 0 {
		t.Errorf("%d browsers are kept after all left", n)
	}
}

func TestASubscriptionIsRefusedWithItsField(t *testing.T) {
	h := embedded(t, func(o *Options) { o.PushKey = "BPublic" })
	at := "/api/v1/tickets/" + h.walkIn("paspor-baru", false).Token + "/push"
	p := h.ask("PUT", at, browserOf(t, "http://10.0.0.1/admin")).problem(422, "invalid")
	if len(p.Errors) != 1 || p.Errors[0].Field != "endpoint" || p.Errors[0].Message == "" {
		t.Errorf("errors are %+v", p.Errors)
	}
	h.ask("PUT", "/api/v1/tickets/wrong/push", browserOf(t, "https://push.example/1")).problem(404, "not_found")
}

func TestWithoutKeysNobodySubscribes(t *testing.T) {
	h := embedded(t)
	h.ask("GET", "/api/v1/push-key", nil).problem(404, "not_found")
	h.ask("PUT", "/api/v1/tickets/"+h.walkIn("paspor-baru", false).Token+"/push", browserOf(t, "https://push.example/1")).problem(404, "not_found")
}

func TestTheHomeScreensAppBeginsWithItsTicket(t *testing.T) {
	h := embedded(t, func(o *Options) { o.PushKey = "BPublic" })
	token := h.walkIn("paspor-baru", false).Token
	cookie := []string{"Cookie", ticketCookie + "=" + token}
	a := h.ask("GET", "/t/manifest.webmanifest", nil, cookie...)
	var m struct {
		Start   string `json:"start_url"`
		Display string
		Icons   []struct{ Src string }
	}
	if err := json.Unmarshal(a.is(200).body, &m); err != nil {
		t.Fatal(err)
	}
	if m.Start != "/t/"+token || m.Display != "standalone" || len(m.Icons) != 2 {
		t.Errorf("the manifest is %+v", m)
	}
	if c := a.header.Get("Cache-Control"); !strings.Contains(c, "no-store") {
		t.Errorf("the manifest, which holds a token, is kept: %q", c)
	}
	h.ask("GET", m.Icons[0].Src, nil).is(200)
	h.ask("GET", "/t/manifest.webmanifest", nil).problem(404, "not_found")
}

func TestTheServiceWorkerIsAlwaysAskedForAnew(t *testing.T) {
	h := embedded(t)
	a := h.ask("GET", "/sw.js", nil).is(200)
	if kind, keep := a.header.Get("Content-Type"), a.header.Get("Cache-Control"); !strings.HasPrefix(kind, "text/javascript") || keep != "no-cache" {
		t.Errorf("it is %q, kept as %q", kind, keep)
	}
	pictures := 0
	for _, address := range strings.Split(string(a.body), `"`) {
		if strings.HasPrefix(address, "/a/") && address != "/a/" { // where all of them lie
			h.ask("GET", address, nil).is(200)
			pictures++
		}
	}
	if pictures != 2 {
		t.Errorf("it names %d pictures", pictures)
	}
}

// A worker subscribes again by itself: nothing of somebody who was erased comes back.
func TestWhoWasErasedIsNotSubscribedAgain(t *testing.T) {
	h := embedded(t, func(o *Options) { o.PushKey = "BPublic" })
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-26T09:30:00+07:00", 1)).is(201, &booked)
	at := "/api/v1/tickets/" + booked.Tickets[0].Token + "/push"
	phone := browserOf(t, "https://push.example/phone")
	h.ask("PUT", at, phone).is(204)
	h.person("erase", map[string]any{"nik": nikOf(1), "cancel": true}).is(200)
	h.ask("PUT", at, phone).problem(404, "not_found")
	if all, err := h.Vault.Subscriptions(t.Context(), "bandung", booked.Tickets[0].ID); err != nil || len(all) != 0 {
		t.Errorf("%d browsers are kept, %v", len(all), err)
	}
}
