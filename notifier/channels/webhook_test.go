package channels

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"antrean/internal/contract"
)

func TestAWebhookInTrouble(t *testing.T) {
	t.Setenv("TEST_CHANNEL_SECRET", "0123456789abcdef")
	suffers(t, func(url string) string { return entries(url, true)["webhook"] }, nil)
}

// The receiver checks as docs/api.md tells it to.
func TestAWebhookIsSignedAndTellsNothingOfThePerson(t *testing.T) {
	key := []byte("0123456789abcdef01234567")
	promised, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{string(key), "whsec_" + base64.StdEncoding.EncodeToString(key)} {
		t.Setenv("TEST_CHANNEL_SECRET", secret)
		s := serve(t, nil)
		before := time.Now().Unix()
		if _, err := mustBuild(t, entries(s.URL, true)["webhook"]).Send(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		got := s.requests()[0]
		id, stamp := got.Header.Get("webhook-id"), got.Header.Get("webhook-timestamp")
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "." + got.Body))
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.Header.Get("webhook-signature") != want {
			t.Errorf("signed %q, want %q", got.Header.Get("webhook-signature"), want)
		}
		if at, err := json.Number(stamp).Int64(); err != nil || at < before || at > time.Now().Unix() {
			t.Errorf("at %q", stamp)
		}
		if err := promised.Fits(contract.AsyncAPI, "/components/schemas/WebhookNotice", []byte(got.Body)); err != nil {
			t.Errorf("it is not as docs/asyncapi.yaml says: %v\n%s", err, got.Body)
		}
		headers, err := json.Marshal(map[string]string{"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": got.Header.Get("webhook-signature")})
		if err != nil {
			t.Fatal(err)
		}
		if err := promised.Fits(contract.AsyncAPI, "/components/messages/notice/headers", headers); err != nil {
			t.Errorf("its headers are not as docs/asyncapi.yaml says: %v", err)
		}
		var said hooked
		if err := json.Unmarshal([]byte(got.Body), &said); err != nil || said.ID != id || said.Type != "called" || said.Office != "bandung" || said.Ticket != "t1" || said.Number != "A-012" {
			t.Errorf("%v, %s", err, got.Body)
		}
		for _, personal := range []string{"Sri", "81234567890", "example.id", "secret-token"} {
			if strings.Contains(got.Body, personal) {
				t.Errorf("tells %q", personal)
			}
		}
	}
}
