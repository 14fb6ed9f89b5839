package channels

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antrean/notifier"
)

// entries are one channel of each type that asks a web service.
func entries(url string, private bool) map[string]string {
	return map[string]string{
		"gateway": fmt.Sprintf(`{name: x, type: gateway, settings: {url: "%s", content_type: text/plain, body: "{to} {text}", private: %v}}`, url, private),
		"whatsapp": fmt.Sprintf(`{name: x, type: whatsapp, settings: {phone_number_id: "10650", token: {env: TEST_CHANNEL_SECRET}, api: "%s", private: %v}}`,
			url, private),
		"webhook": fmt.Sprintf(`{name: x, type: webhook, settings: {url: "%s", secret: {env: TEST_CHANNEL_SECRET}, private: %v}}`, url, private),
	}
}

func TestNothingPrivateIsAskedUnlessAllowed(t *testing.T) {
	t.Setenv("TEST_CHANNEL_SECRET", "0123456789abcdef")
	asked := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(s.Close)
	named := strings.Replace(s.URL, "127.0.0.1", "localhost", 1) // a name that means a private address
	for _, url := range []string{s.URL, named} {
		for kind, entry := range entries(url, false) {
			_, err := mustBuild(t, entry).Send(t.Context(), call())
			if diff := cmp.Diff(end{notifier.Refused, "private_address", 0}, endOf(err)); diff != "" {
				t.Errorf("%s to %s: %s", kind, url, diff)
			}
		}
	}
	mail := mustBuild(t, `{name: x, type: mail, settings: {host: localhost, port: `+s.URL[strings.LastIndex(s.URL, ":")+1:]+`, from: a@example.id}}`)
	_, err := mail.Send(t.Context(), call())
	if diff := cmp.Diff(end{notifier.Refused, "private_address", 0}, endOf(err)); diff != "" {
		t.Error(diff)
	}
	if asked > 0 {
		t.Errorf("%d requests came through", asked)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Setenv("TEST_CHANNEL_SECRET", "0123456789abcdef")
	inside := serve(t, nil)
	outside := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	})
	for kind, entry := range entries(outside.URL, true) {
		if _, err := mustBuild(t, entry).Send(t.Context(), call()); endOf(err).Outcome != notifier.Later {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if n := len(inside.requests()); n > 0 {
		t.Errorf("%d requests were led on", n)
	}
}

func TestAWrongSettingSaysWhichAndWhatIsAllowed(t *testing.T) {
	t.Setenv("TEST_CHANNEL_SECRET", "0123456789abcdef")
	t.Setenv("TEST_CHANNEL_SHORT", "short")
	for entry, want := range map[string]string{
		`{name: x, type: mail, settings: {host: "smtp://a", from: a@b.id}}`:                                                                          `settings.host: "smtp://a" is no name of a mail server (such as smtp.example.go.id)`,
		`{name: x, type: mail, settings: {host: a, from: nobody}}`:                                                                                   `settings.from: "nobody" is no mail address (such as Antrean <antrean@example.go.id>)`,
		`{name: x, type: mail, settings: {host: a, from: a@b.id, tls: ssl}}`:                                                                         `settings.tls: "ssl" is not known (starttls, tls, none)`,
		`{name: x, type: mail, settings: {host: a, from: a@b.id, tls: none}}`:                                                                        `settings.tls: none is for a server in the office's own network (private: true), without a username`,
		`{name: x, type: mail, settings: {host: a, from: a@b.id, username: u}}`:                                                                      `settings.password: is missing (env: NAME or file: PATH)`,
		`{name: x, type: mail, settings: {host: a, from: a@b.id, port: 99999}}`:                                                                      `settings.port: 99999 is out of range (1 to 65535; 587 when left out)`,
		`{name: x, type: mail, settings: {hosts: a}}`:                                                                                                `line 2: unknown field "hosts"`,
		`{name: x, type: gateway, settings: {preset: telepathy}}`:                                                                                    `settings.preset: "telepathy" is not known (fonnte, twilio)`,
		`{name: x, type: gateway, settings: {preset: fonnte}}`:                                                                                       `settings.headers.Authorization: {token} is not known (to, text, title, body, link, number, office, id, locale, or what values and secrets name)`,
		`{name: x, type: gateway, settings: {preset: fonnte, secrets: {token: {env: TEST_CHANNEL_ABSENT}}}}`:                                         `settings.secrets.token: the environment variable TEST_CHANNEL_ABSENT is not set`,
		`{name: x, type: gateway, settings: {url: "http://a/{to}/{text}"}}`:                                                                          `settings.url: is not encrypted (https://, or private: true for a gateway in the office's own network)`,
		`{name: x, type: gateway, settings: {url: "https://a/{text}"}}`:                                                                              `settings.body: {to} is needed, in the body or the url`,
		`{name: x, type: gateway, settings: {url: "https://a/", body: "{to}{text}", content_type: a/b}}`:                                             `settings.content_type: "a/b" is not known (application/x-www-form-urlencoded, application/json, application/xml, text/xml, text/plain)`,
		`{name: x, type: gateway, settings: {url: "https://a/", body: '{"a": {to}}', content_type: application/json}}`:                               `settings.body: is no JSON`,
		`{name: x, type: gateway, settings: {url: "https://a/{to}{text}", values: {to: x}}}`:                                                         `settings.values.to: cannot be a name of one's own (a-z, 0-9 and _; none of to, text, title, body, link, number, office, id, locale)`,
		`{name: x, type: gateway, settings: {url: "https://a/{to}{text}", answer: {ok: {field: status}}}}`:                                           `settings.answer: ok and refused are made of a field and of what it is (field: status, is: [sent])`,
		`{name: x, type: gateway, settings: {url: "https://a/{to}{text}", parts: 11}}`:                                                               `settings.parts: 11 is out of range (1 to 10)`,
		`{name: x, type: whatsapp, settings: {phone_number_id: "+62812"}}`:                                                                           `settings.phone_number_id: "+62812" is not the id of a number (digits, from the app's WhatsApp page; not the number itself)`,
		`{name: x, type: whatsapp, settings: {phone_number_id: "10650", token: {env: TEST_CHANNEL_SECRET}, app_secret: {env: TEST_CHANNEL_SECRET}}}`: `settings.verify_token: is missing (env: NAME or file: PATH)`,
		`{name: x, type: whatsapp, settings: {phone_number_id: "10650", token: {env: TEST_CHANNEL_SECRET}, templates: {called: "Ours!"}}}`:           `settings.templates.called: "Ours!" is no template's name (a-z, 0-9 and _)`,
		`{name: x, type: webhook, settings: {url: "https://user:pass@a/", secret: {env: TEST_CHANNEL_SECRET}}}`:                                      `settings.url: must not hold a password (secrets come from the environment or a file)`,
		`{name: x, type: webhook, settings: {url: "https://a/", secret: {env: TEST_CHANNEL_SHORT}}}`:                                                 `settings.secret: is too short (16 bytes at least)`,
	} {
		_, err := build(t, entry)
		if want = `channel "x": ` + want; err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", entry, err, want)
		}
	}
}
