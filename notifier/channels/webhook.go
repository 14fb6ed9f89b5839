package channels

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"antrean/notifier"
)

// shortestSecret is what a webhook is signed with at least, in bytes.
const shortestSecret = 16

// webhook tells another program, signed as https://www.standardwebhooks.com
// has it, for which there are libraries in most languages.
type webhook struct {
	name   string
	url    string
	key    []byte
	client *http.Client
}

// Webhook builds the channel of type "webhook". What is told, and of which
// offices, stands beside its settings, as with every channel.
func Webhook(name string, s notifier.Settings) (notifier.Channel, error) {
	var given struct {
		URL     string          `yaml:"url"`
		Secret  notifier.Secret `yaml:"secret"`
		Private bool            `yaml:"private"`
	}
	if err := s.Read(&given); err != nil {
		return nil, err
	}
	if err := webAddress("url", given.URL, given.Private); err != nil {
		return nil, err
	}
	text, err := secret("secret", given.Secret)
	if err != nil {
		return nil, err
	}
	key := []byte(text)
	if encoded, ok := strings.CutPrefix(text, "whsec_"); ok {
		if key, err = base64.StdEncoding.DecodeString(encoded); err != nil {
			return nil, wrong("secret", "begins with whsec_ and is not base64 behind that")
		}
	}
	if len(key) < shortestSecret {
		return nil, wrong("secret", "is too short (%d bytes at least)", shortestSecret)
	}
	return &webhook{name: name, url: given.URL, key: key, client: notifier.NewClient(given.Private)}, nil
}

// Name implements notifier.Channel.
func (w *webhook) Name() string { return w.name }

// Reaches implements notifier.Channel.
func (w *webhook) Reaches(notifier.Contact) bool { return true }

// TellsPrograms implements notifier.TellsPrograms.
func (w *webhook) TellsPrograms() {}

// hooked is what a program is told: nothing about the person.
type hooked struct {
	ID      string        `json:"id"`
	Type    notifier.Kind `json:"type"`
	Office  string        `json:"office"`
	Ticket  string        `json:"ticket"`
	Number  string        `json:"number"`
	Counter string        `json:"counter,omitempty"`
	Version uint64        `json:"version"` // of the office, for GET …/log
	Sent    time.Time     `json:"sent"`
	Expires *time.Time    `json:"expires,omitempty"`
}

// Send implements notifier.Channel.
func (w *webhook) Send(ctx context.Context, m notifier.Message) (notifier.Receipt, error) {
	now := time.Now().UTC()
	told := hooked{ID: m.ID, Type: m.Kind, Office: m.Office, Ticket: m.Ticket, Number: m.Number, Counter: m.Counter, Version: m.Version, Sent: now}
	if !m.Expires.IsZero() {
		expires := m.Expires.UTC()
		told.Expires = &expires
	}
	body, err := json.Marshal(told)
	if err != nil {
		return notifier.Receipt{}, notifier.Fail(notifier.Refused, "payload", "the message cannot be written")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return notifier.Receipt{}, notifier.Fail(notifier.Later, "url", "the address cannot be used")
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Antrean")
	r.Header.Set("webhook-id", m.ID)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(sign(w.key, m.ID, stamp, body)))
	said, failed := ask(w.client, r)
	if failed == nil {
		failed = refusal(said)
	}
	if failed != nil {
		return notifier.Receipt{}, failed
	}
	return notifier.Receipt{}, nil
}

// sign is the signature over a webhook's id, its time and its body.
func sign(key []byte, id, stamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
