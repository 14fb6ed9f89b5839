package vault

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func browser(t *testing.T, endpoint string) Subscription {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Subscription{
		Endpoint: endpoint,
		P256dh:   base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()),
		Auth:     base64.StdEncoding.EncodeToString(make([]byte, 16)), // with padding, as some browsers write it
	}
}

func TestSubscriptionsAreSealedReplacedAndForgotten(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	for i := range subscriptionsKept + 2 {
		if err := h.Subscribe(ctx, "bandung", "a1", browser(t, fmt.Sprintf("https://push.example/%d", i)), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	again := browser(t, "https://push.example/3")
	if err := h.Subscribe(ctx, "bandung", "a1", again, 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	sealed, err := h.records.Get(ctx, "push/bandung/a1")
	if err != nil || bytes.Contains(sealed, []byte("push.example")) {
		t.Errorf("the record shows where: %v", err)
	}
	if err := h.Unsubscribe(ctx, "bandung", "a1", "https://push.example/4"); err != nil {
		t.Fatal(err)
	}
	at := func() []string {
		all, err := h.Subscriptions(ctx, "bandung", "a1")
		if err != nil {
			t.Fatal(err)
		}
		var ends []string
		for _, s := range all {
			ends = append(ends, s.Endpoint[len("https://push.example/"):])
		}
		return ends
	}
	if diff := cmp.Diff([]string{"2", "5", "6", "3"}, at()); diff != "" {
		t.Error(diff)
	}
	if err := h.Erase(ctx, "bandung", "a1"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string(nil), at()); diff != "" {
		t.Errorf("after Erase: %s", diff)
	}
}

func TestASubscriptionSaysWhatIsWrongWithIt(t *testing.T) {
	right := browser(t, "https://push.example/1")
	for name, c := range map[string]struct {
		change   func(*Subscription)
		insecure bool
		wrong    string
	}{
		"right":          {func(*Subscription) {}, false, ""},
		"http":           {func(s *Subscription) { s.Endpoint = "http://push.example/1" }, false, "endpoint"},
		"http, allowed":  {func(s *Subscription) { s.Endpoint = "http://push.example/1" }, true, ""},
		"a file":         {func(s *Subscription) { s.Endpoint = "file:///etc/passwd" }, true, "endpoint"},
		"with a user":    {func(s *Subscription) { s.Endpoint = "https://a:b@push.example/1" }, false, "endpoint"},
		"off the curve":  {func(s *Subscription) { s.P256dh = base64.RawURLEncoding.EncodeToString(make([]byte, 65)) }, false, "keys.p256dh"},
		"a short secret": {func(s *Subscription) { s.Auth = "AAAA" }, false, "keys.auth"},
	} {
		s := right
		c.change(&s)
		got := ""
		for _, w := range s.Validate(c.insecure) {
			got += w.Field
		}
		if got != c.wrong {
			t.Errorf("%s: %q is wrong, want %q", name, got, c.wrong)
		}
	}
}
