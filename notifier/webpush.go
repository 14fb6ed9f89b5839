package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"

	"antrean/internal/vault"
)

const (
	// usualTTL is how long a push service keeps what has no end of its own.
	usualTTL = 24 * time.Hour
	// longestTTL is what push services take at most.
	longestTTL = 28 * 24 * time.Hour
	// longestBody keeps a message within the 4096 bytes that a push service must
	// take (RFC 8030, 7.2), padding and keys included.
	longestBody = 2000
)

// WebPush is the channel to browsers that have subscribed.
type WebPush struct {
	name   string
	keys   VAPID
	sender string
	client *http.Client
	forget func(ctx context.Context, office, ticket, endpoint string) error
}

// PushOptions are what Web Push needs besides its settings.
type PushOptions struct {
	Keys VAPID
	// Sender is how a push service's operator may reach this server's: an https
	// address or a mail address. The settings' contact comes first.
	Sender string
	// Private allows push services on private addresses and over plain HTTP.
	Private bool
	// Forget removes a subscription that its push service has ended.
	Forget func(ctx context.Context, office, ticket, endpoint string) error
}

// PushBuilder makes the channel of type "push". Its one setting is contact.
func PushBuilder(o PushOptions) Builder {
	client := NewClient(o.Private)
	return func(name string, s Settings) (Channel, error) {
		given := struct {
			Contact string `yaml:"contact"`
		}{o.Sender}
		if err := s.Read(&given); err != nil {
			return nil, err
		}
		sender := strings.TrimPrefix(given.Contact, "mailto:") // the library puts it back
		if at, err := url.Parse(sender); sender != "" && !strings.Contains(sender, "@") && (err != nil || at.Scheme != "https" || at.Host == "") {
			return nil, fmt.Errorf("contact: %q is neither an https address nor a mail address", given.Contact)
		}
		if sender == "" {
			sender = "antrean@invalid" // RFC 8292 wants one, and nobody may be named in another's name
		}
		return &WebPush{name: name, keys: o.Keys, sender: sender, client: client, forget: o.Forget}, nil
	}
}

// Name implements Channel.
func (p *WebPush) Name() string { return p.name }

// Reaches implements Channel.
func (p *WebPush) Reaches(to Contact) bool { return len(to.Push) > 0 }

// Send implements Channel. Every browser of the ticket is told; one that was
// reached is enough, because to try again would tell it twice.
func (p *WebPush) Send(ctx context.Context, m Message) (Receipt, error) {
	payload, err := payloadOf(m)
	if err != nil {
		return Receipt{}, &Failure{Outcome: Refused, Code: "payload", Err: err}
	}
	var worst *Failure
	reached := false
	for _, s := range m.To.Push {
		f := p.sendTo(ctx, m, payload, s)
		if f == nil {
			reached = true
			continue
		}
		if f.Outcome == Gone && p.forget != nil {
			// Should this fail, the next message learns the same again.
			_ = p.forget(ctx, m.Office, m.Ticket, s.Endpoint)
		}
		if worst == nil || graver(f.Outcome, worst.Outcome) {
			worst = f
		}
	}
	if reached || worst == nil {
		return Receipt{}, nil
	}
	return Receipt{}, worst
}

// graver orders outcomes by what they leave to be done: what may still arrive
// goes before what will not.
func graver(a, b Outcome) bool {
	rank := map[Outcome]int{Gone: 0, Refused: 1, Unknown: 2, Later: 3}
	return rank[a] > rank[b]
}

// payloadOf is what the service worker reads.
func payloadOf(m Message) ([]byte, error) {
	at := m.Path
	if at == "" {
		at = "/t"
	}
	body := m.Body
	if len(body) > longestBody {
		body = strings.ToValidUTF8(body[:longestBody], "") + "…"
	}
	return json.Marshal(struct {
		Type    Kind   `json:"type"`
		Number  string `json:"number"`
		Counter string `json:"counter"`
		Title   string `json:"title"`
		Body    string `json:"body"`
		URL     string `json:"url"`
		Tag     string `json:"tag"` // a later message with the same replaces this one
		Locale  string `json:"locale"`
		Version uint64 `json:"version"` // an older one that comes late is not shown over a newer
	}{m.Kind, m.Number, m.Counter, m.Title, body, at, m.Topic, m.Locale, m.Version})
}

// sendTo hands the message to one push service; nil when it was taken.
func (p *WebPush) sendTo(ctx context.Context, m Message, payload []byte, s vault.Subscription) *Failure {
	ttl := usualTTL
	if !m.Expires.IsZero() {
		ttl = min(max(time.Until(m.Expires), 0), longestTTL)
	}
	answer, err := webpush.SendNotificationWithContext(ctx, payload,
		&webpush.Subscription{Endpoint: s.Endpoint, Keys: webpush.Keys{Auth: s.Auth, P256dh: s.P256dh}},
		&webpush.Options{
			HTTPClient: p.client, Subscriber: p.sender, Topic: m.Topic, TTL: int(ttl.Seconds()), Urgency: webpush.Urgency(m.Urgency),
			VAPIDPublicKey: p.keys.Public, VAPIDPrivateKey: p.keys.Private,
		})
	if err != nil {
		var request *url.Error // holds the address, which is a person's
		if errors.As(err, &request) {
			if ctx.Err() != nil {
				return &Failure{Outcome: Unknown, Code: "timeout", Err: ctx.Err()}
			}
			return FailureOfRequest(request.Err)
		}
		return Fail(Refused, "subscription", "the subscription cannot be used")
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 4<<10) // so that the connection is used again
	return pushAnswer(answer)
}

func pushAnswer(answer *http.Response) *Failure {
	code := strconv.Itoa(answer.StatusCode)
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return nil
	case answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusGone:
		return Fail(Gone, code, "the subscription has ended")
	case answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500:
		return &Failure{Outcome: Later, Code: code, After: RetryAfter(answer.Header, time.Now()), Err: errors.New("the push service cannot take it now")}
	}
	return Fail(Refused, code, "the push service refuses it")
}
