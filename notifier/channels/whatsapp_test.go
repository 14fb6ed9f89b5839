package channels

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/queue"
	"antrean/notifier"
)

func TestWhatsAppInTrouble(t *testing.T) {
	t.Setenv("TEST_CHANNEL_SECRET", "0123456789abcdef")
	suffers(t, func(url string) string { return entries(url, true)["whatsapp"] }, nil)
}

func whatsappAt(t *testing.T, url, more string) notifier.Channel {
	t.Helper()
	t.Setenv("TEST_CHANNEL_SECRET", "s3cret")
	t.Setenv("TEST_CHANNEL_VERIFY", "shake")
	return mustBuild(t, fmt.Sprintf(`{name: x, type: whatsapp, settings: {phone_number_id: "10650", token: {env: TEST_CHANNEL_SECRET}, app_secret: {env: TEST_CHANNEL_SECRET}, verify_token: {env: TEST_CHANNEL_VERIFY}, api: "%s/v23.0", private: true, %s}}`, url, more))
}

func TestWhatsAppGetsATemplateWithItsParameters(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"messaging_product": "whatsapp", "contacts": [{"wa_id": "6281234567890"}], "messages": [{"id": "wamid.HBgN"}]}`)
	})
	channel := whatsappAt(t, s.URL, `button: true, languages: {en: en_GB}, templates: {recalled: antrean_again, ready: ""}`)
	receipt, err := channel.Send(t.Context(), call())
	if err != nil || receipt.ID != "abcDEF_-123" {
		t.Fatal(receipt, err)
	}
	got := s.requests()[0]
	if got.Path != "/v23.0/10650/messages" || got.Header.Get("Authorization") != "Bearer s3cret" {
		t.Errorf("asked %s as %s", got.Path, got.Header.Get("Authorization"))
	}
	want := `{
		"messaging_product": "whatsapp", "recipient_type": "individual", "to": "6281234567890", "type": "template",
		"template": {"name": "antrean_called", "language": {"code": "id"}, "components": [
			{"type": "body", "parameters": [{"type": "text", "text": "A-012"}, {"type": "text", "text": "Loket 3"}, {"type": "text", "text": "Kantor Bandung"}]},
			{"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "secret-token"}]}]},
		"biz_opaque_callback_data": "antrean bandung t1 called@42-9f3a"}`
	if diff := cmp.Diff(parsed(t, want), parsed(t, got.Body)); diff != "" {
		t.Error(diff)
	}

	other := call()
	other.Kind, other.Locale, other.To.Phone = notifier.Recalled, "en", "+6281234567892"
	test := notifier.Message{ID: "2", Kind: notifier.TestMessage, Locale: "id", To: notifier.Contact{Phone: "+6281234567893"}}
	for _, m := range []notifier.Message{other, test} {
		if _, err := channel.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{`"name":"antrean_again","language":{"code":"en_GB"}`, `"name":"hello_world","language":{"code":"en_US"}}}`} {
		if body := s.requests()[i+1].Body; !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	ready := call()
	ready.Kind = notifier.Ready
	if _, err := channel.Send(t.Context(), ready); endOf(err) != (end{notifier.Refused, "no_template", 0}) {
		t.Error(err)
	}
}

func parsed(t testing.TB, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhatsAppsErrors(t *testing.T) {
	for code, want := range map[int]end{
		131026: {notifier.Refused, "131026", 0},             // no WhatsApp there
		132001: {notifier.Refused, "132001", 0},             // no such template
		190:    {notifier.Later, "190", 0},                  // our token has expired
		130429: {notifier.Later, "130429", 0},               // too fast
		131056: {notifier.Later, "131056", 6 * time.Second}, // too fast for this person
		999999: {notifier.Later, "999999", 0},
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error": {"message": "(#%d) for +6281234567890", "type": "OAuthException", "code": %d}}`, code, code)
		})
		_, err := whatsappAt(t, s.URL, "").Send(t.Context(), call())
		if diff := cmp.Diff(want, endOf(err)); diff != "" || strings.Contains(err.Error(), "62812") {
			t.Errorf("%d: %v%s", code, err, diff)
		}
	}
}

func TestOnePersonIsWrittenToAtTheirRate(t *testing.T) {
	p := newPace(queue.Rate{Count: 2, Per: 12 * time.Second})
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var waits []time.Duration
	for _, m := range []string{"a", "b", "c", "d"} {
		waits = append(waits, p.turn("sri", m, now))
	}
	if diff := cmp.Diff([]time.Duration{0, 0, 6 * time.Second, 12 * time.Second}, waits); diff != "" {
		t.Error(diff)
	}
	if p.turn("budi", "e", now) != 0 {
		t.Error("another person waits as well")
	}
	if wait := p.turn("sri", "c", now.Add(time.Second)); wait != 5*time.Second {
		t.Errorf("c came early and waits %s", wait)
	}
	for i, m := range []string{"c", "d"} {
		if wait := p.turn("sri", m, now.Add(time.Duration(i+1)*6*time.Second)); wait != 0 {
			t.Errorf("%s has lost its turn: %s", m, wait)
		}
	}
	if p.turn("joko", "x", now.Add(time.Hour)); len(p.persons) != 1 {
		t.Errorf("%d persons are remembered", len(p.persons))
	}
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, taken) })
	channel := whatsappAt(t, s.URL, "per_person: 1/1h")
	if _, err := channel.Send(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	second := call()
	second.ID = "second"
	_, err := channel.Send(t.Context(), second)
	if got := endOf(err); got.Code != "person_rate" || got.After < 59*time.Minute || len(s.requests()) != 1 {
		t.Errorf("%v after %d requests", got, len(s.requests()))
	}
}

const reported = `{"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
	"metadata": {"phone_number_id": "%s"}, "statuses": [
		{"id": "wamid.1", "status": "sent", "recipient_id": "6281234567890", "biz_opaque_callback_data": "antrean bandung t1 called@42-9f3a"},
		{"id": "wamid.1", "status": "delivered", "recipient_id": "6281234567890", "biz_opaque_callback_data": "antrean bandung t1 called@42-9f3a"},
		{"id": "wamid.2", "status": "read", "biz_opaque_callback_data": "antrean bandung t2 ready@43-aaaa"},
		{"id": "wamid.3", "status": "failed", "biz_opaque_callback_data": "antrean bandung t3 booked@44-bbbb", "errors": [{"code": 131026, "title": "Message undeliverable"}]},
		{"id": "wamid.4", "status": "delivered", "biz_opaque_callback_data": "of another program"}]}}]}]}`

func TestWhatWhatsAppReports(t *testing.T) {
	channel, ok := whatsappAt(t, "https://graph.example", "").(notifier.Hears)
	if !ok {
		t.Fatal("it hears nothing")
	}
	signed := func(body, key string) http.Header {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(body))
		return http.Header{"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}}
	}
	ours, theirs := fmt.Sprintf(reported, "10650"), fmt.Sprintf(reported, "10651")
	want := []notifier.Report{
		{Office: "bandung", Ticket: "t1", Event: "called@42-9f3a", Delivered: true},
		{Office: "bandung", Ticket: "t2", Event: "ready@43-aaaa", Delivered: true},
		{Office: "bandung", Ticket: "t3", Event: "booked@44-bbbb", Code: "131026"},
	}
	handshake := func(mode, token string) url.Values {
		return url.Values{"hub.mode": {mode}, "hub.verify_token": {token}, "hub.challenge": {"1158201444"}}
	}
	for name, c := range map[string]struct {
		ask    notifier.Callback
		answer notifier.Answer
		told   []notifier.Report
	}{
		"signed":              {notifier.Callback{Method: "POST", Header: signed(ours, "s3cret"), Body: []byte(ours)}, notifier.Answer{Status: 200}, want},
		"of another number":   {notifier.Callback{Method: "POST", Header: signed(theirs, "s3cret"), Body: []byte(theirs)}, notifier.Answer{Status: 200}, nil},
		"signed by others":    {notifier.Callback{Method: "POST", Header: signed(ours, "guessed"), Body: []byte(ours)}, notifier.Answer{Status: 401}, nil},
		"of another body":     {notifier.Callback{Method: "POST", Header: signed(theirs, "s3cret"), Body: []byte(ours)}, notifier.Answer{Status: 401}, nil},
		"not signed":          {notifier.Callback{Method: "POST", Header: http.Header{}, Body: []byte(ours)}, notifier.Answer{Status: 401}, nil},
		"garbage":             {notifier.Callback{Method: "POST", Header: signed("{", "s3cret"), Body: []byte("{")}, notifier.Answer{Status: 400}, nil},
		"handshake":           {notifier.Callback{Method: "GET", Query: handshake("subscribe", "shake")}, notifier.Answer{Status: 200, Body: "1158201444"}, nil},
		"handshake of others": {notifier.Callback{Method: "GET", Query: handshake("subscribe", "guessed")}, notifier.Answer{Status: 403}, nil},
		"no handshake":        {notifier.Callback{Method: "GET", Query: handshake("", "shake")}, notifier.Answer{Status: 403}, nil},
		"another method":      {notifier.Callback{Method: "DELETE"}, notifier.Answer{Status: 405}, nil},
	} {
		answer, told := channel.Hear(c.ask)
		if diff := cmp.Diff(c.answer, answer) + cmp.Diff(c.told, told); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func FuzzReports(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(reported, "10650")))
	f.Add([]byte(`{"entry": [{"changes": [null]}]}`))
	w := &whatsapp{whatsappSettings: whatsappSettings{PhoneNumberID: "10650"}}
	f.Fuzz(func(t *testing.T, body []byte) {
		reports, err := w.reports(body)
		if err != nil && len(reports) > 0 {
			t.Error("reports of what cannot be read")
		}
	})
}
