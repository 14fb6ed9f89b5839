package channels

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antrean/notifier"
)

func TestAGatewayInTrouble(t *testing.T) {
	suffers(t, func(url string) string { return entries(url, true)["gateway"] }, nil)
	t.Run("asked by GET", func(t *testing.T) {
		suffers(t, func(url string) string {
			return fmt.Sprintf(`{name: x, type: gateway, settings: {method: GET, url: "%s/send?to={to}&text={text}", private: true}}`, url)
		}, nil)
	})
}

func TestWhatAGatewayIsAsked(t *testing.T) {
	t.Setenv("TEST_CHANNEL_SECRET", "a&b c")
	long := call()
	long.Short = strings.Repeat("panjang ", 60) + long.ShowURL
	for name, c := range map[string]struct {
		settings string
		message  notifier.Message
		want     asked
		header   string // "Name: value"
	}{
		"a form": {
			`content_type: application/x-www-form-urlencoded, body: "to={to}&key={key}&text={text}", phone: digits, secrets: {key: {env: TEST_CHANNEL_SECRET}}`,
			call(), asked{Method: "POST", Path: "/x", Body: "to=6281234567890&key=a%26b+c&text=A-012%3A+silakan+ke+Loket+3%2C+Kantor+Bandung.+https%3A%2F%2Fantrean.example%2Fs%2Fabc"},
			"Content-Type: application/x-www-form-urlencoded",
		},
		"JSON": {
			`method: PUT, content_type: application/json, body: '{"to": ["{to}"], "title": "{title}", "text": "{body}", "id": "{id}"}', phone: local, headers: {X-Key: "k {key}"}, secrets: {key: {env: TEST_CHANNEL_SECRET}}`,
			call(), asked{Method: "PUT", Path: "/x", Body: `{"to": ["081234567890"], "title": "Nomor A-012: silakan ke Loket 3", "text": "Anda dipanggil di Kantor \"Bandung\".", "id": "abcDEF_-123"}`},
			"X-Key: k a&b c",
		},
		"XML": {
			`content_type: text/xml, body: "<sms to='{to}'>{body}</sms>"`,
			call(), asked{Method: "POST", Path: "/x", Body: `<sms to='+6281234567890'>Anda dipanggil di Kantor &#34;Bandung&#34;.</sms>`}, "User-Agent: Antrean",
		},
		"the whole, for WhatsApp": {
			`content_type: text/plain, body: "{to}:{text}", text: whole`,
			call(), asked{Method: "POST", Path: "/x", Body: "+6281234567890:*Nomor A-012: silakan ke Loket 3*\n\nAnda dipanggil di Kantor \"Bandung\".\n\nhttps://antrean.example/s/abc"}, "User-Agent: Antrean",
		},
		"no room for the link": {
			`content_type: text/plain, body: "{to}{text}", parts: 4`,
			func() notifier.Message {
				m := call()
				m.Short = strings.Repeat("panjang ", 76) + m.ShowURL
				return m
			}(), asked{Method: "POST", Path: "/x", Body: "+6281234567890" + strings.TrimSpace(strings.Repeat("panjang ", 76))}, "User-Agent: Antrean",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil)
			channel := mustBuild(t, fmt.Sprintf(`{name: x, type: gateway, settings: {url: "%s/x", %s, private: true}}`, s.URL, c.settings))
			if _, err := channel.Send(t.Context(), c.message); err != nil {
				t.Fatal(err)
			}
			got := s.requests()[0]
			key, value, _ := strings.Cut(c.header, ": ")
			if got.Header.Get(key) != value {
				t.Errorf("%s is %q", key, got.Header.Get(key))
			}
			got.Header = nil
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(got.Body, "secret-token") {
				t.Error("whoever reads along could act on the ticket")
			}
		})
	}
	s := serve(t, nil)
	channel := mustBuild(t, entries(s.URL, true)["gateway"])
	_, err := channel.Send(t.Context(), long)
	if diff := cmp.Diff(end{notifier.Refused, "too_long", 0}, endOf(err)); diff != "" || len(s.requests()) > 0 {
		t.Error(diff)
	}
}

func TestPresets(t *testing.T) {
	t.Setenv("TEST_CHANNEL_SECRET", "s3cret")
	twilio := `{name: x, type: gateway, settings: {preset: twilio, url: "%s/Accounts/{account}/Messages.json", private: true, values: {account: AC1, from: "+1555"}, secrets: {token: {env: TEST_CHANNEL_SECRET}}}}`
	fonnte := `{name: x, type: gateway, settings: {preset: fonnte, url: "%s/send", private: true, secrets: {token: {env: TEST_CHANNEL_SECRET}}}}`
	for name, c := range map[string]struct {
		entry  string
		status int
		answer string
		want   end
	}{
		"twilio takes it":                {twilio, 201, `{"sid": "SM1", "status": "queued"}`, end{}},
		"twilio: no such number":         {twilio, 400, `{"code": 21211, "status": 400}`, end{notifier.Refused, "refused", 0}},
		"twilio: they said stop":         {twilio, 400, `{"code": 21610, "status": 400}`, end{notifier.Refused, "refused", 0}},
		"twilio: our sender is wrong":    {twilio, 400, `{"code": 21606, "status": 400}`, end{notifier.Later, "400", 0}},
		"twilio does not know us":        {twilio, 401, `{"code": 20003, "status": 401}`, end{notifier.Later, "401", 0}},
		"fonnte takes it":                {fonnte, 200, `{"detail": "success! message in queue", "id": ["80367170"], "process": "pending", "status": true}`, end{}},
		"fonnte: the token is wrong":     {fonnte, 200, `{"reason": "token invalid", "status": false}`, end{notifier.Later, "not_taken", 0}},
		"fonnte: no such number":         {fonnte, 200, `{"reason": "target invalid", "status": false}`, end{notifier.Refused, "refused", 0}},
		"fonnte answers with a web page": {fonnte, 200, `<html>`, end{notifier.Unknown, "garbage", 0}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.answer)
			})
			_, err := mustBuild(t, fmt.Sprintf(c.entry, s.URL)).Send(t.Context(), call())
			if diff := cmp.Diff(c.want, endOf(err)); diff != "" {
				t.Error(diff)
			}
			got := s.requests()[0]
			want := map[bool][2]string{
				true:  {"Basic QUMxOnMzY3JldA==", "To=%2B6281234567890&From=%2B1555&Body=A-012"},
				false: {"s3cret", "target=6281234567890&message=%2ANomor+A-012"},
			}[strings.HasPrefix(name, "twilio")]
			if got.Header.Get("Authorization") != want[0] || !strings.HasPrefix(got.Body, want[1]) {
				t.Errorf("asked %q with %q", got.Body, got.Header.Get("Authorization"))
			}
		})
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"status": true}`)
	f.Add(400, `{"error": {"code": 1}}`)
	f.Add(200, `[]`)
	a := answer{OK: &field{"status", []string{"true"}}, Refused: []field{{"error.code", []string{"1"}}}}
	f.Fuzz(func(t *testing.T, status int, body string) {
		failed := a.read(reply{status, http.Header{}, []byte(body)})
		if failed == nil && (status < 200 || status > 299 || !strings.Contains(body, "status")) {
			t.Errorf("%d %q is taken for a success", status, body)
		}
	})
}
