package display

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
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
