package vault

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"antrean/internal/ledger"
)

const (
	pushPrefix = "push/" // push/<office>/<ticket>
	// subscriptionsKept is how many browsers of one ticket are told; the oldest
	// gives way.
	subscriptionsKept = 5
	endpointLimit     = 2048
)

// Subscription is where one browser takes push messages, and the keys with
// which they are sealed for it (RFC 8291). It prints as a placeholder: its
// address is a person's.
type Subscription struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"` // base64url
	Auth     string `json:"auth"`   // base64url
}

// String hides the subscription.
func (Subscription) String() string { return "[subscription]" }

// GoString hides the subscription.
func (Subscription) GoString() string { return "[subscription]" }

// LogValue hides the subscription.
func (Subscription) LogValue() slog.Value { return slog.StringValue("[subscription]") }

// Validate says what is wrong with a subscription, nothing if all is right:
//
//	field.endpoint.format   field.keys.p256dh.format   field.keys.auth.format
//
// insecure allows http, for push services of one's own.
func (s Subscription) Validate(insecure bool) []FieldError {
	var wrong []FieldError
	at, err := url.Parse(s.Endpoint)
	if err != nil || len(s.Endpoint) > endpointLimit || at.Host == "" || at.User != nil || at.Fragment != "" ||
		at.Scheme != "https" && !(insecure && at.Scheme == "http") {
		wrong = append(wrong, FieldError{"endpoint", "field.endpoint.format"})
	}
	point, err := decodeKey(s.P256dh)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	if err != nil {
		wrong = append(wrong, FieldError{"keys.p256dh", "field.keys.p256dh.format"})
	}
	if secret, err := decodeKey(s.Auth); err != nil || len(secret) != 16 {
		wrong = append(wrong, FieldError{"keys.auth", "field.keys.auth.format"})
	}
	return wrong
}

// decodeKey reads base64 of either alphabet, as browsers differ.
func decodeKey(text string) ([]byte, error) {
	if len(text) > 200 {
		return nil, errors.New("too long")
	}
	text = strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(text)
	return base64.RawURLEncoding.DecodeString(text)
}

// Subscribe adds a browser to those of a ticket; one that is there already is
// replaced. ttl must be positive.
func (v *Vault) Subscribe(ctx context.Context, office, ticket string, s Subscription, ttl time.Duration) error {
	if ttl <= 0 {
		return fmt.Errorf("subscribe to %s/%s: no retention is given", office, ticket)
	}
	return v.changePush(ctx, office, ticket, ttl, func(all []Subscription) []Subscription {
		all = append(without(all, s.Endpoint), s)
		return all[max(0, len(all)-subscriptionsKept):]
	})
}

// Unsubscribe forgets a browser of a ticket, or all of them ("").
func (v *Vault) Unsubscribe(ctx context.Context, office, ticket, endpoint string) error {
	return v.changePush(ctx, office, ticket, 0, func(all []Subscription) []Subscription {
		if endpoint == "" {
			return nil
		}
		return without(all, endpoint)
	})
}

// Subscriptions are the browsers of a ticket, none if there are none.
func (v *Vault) Subscriptions(ctx context.Context, office, ticket string) ([]Subscription, error) {
	kept, _, err := v.push(ctx, office, ticket)
	return kept.All, err
}

// sealedPush is the plain text of a record. It remembers when it expires,
// because forgetting one browser does not keep the others longer.
type sealedPush struct {
	All     []Subscription `json:"all"`
	Expires time.Time      `json:"expires"`
}

func (v *Vault) push(ctx context.Context, office, ticket string) (kept sealedPush, held []byte, err error) {
	record, err := pushRecord(office, ticket)
	if err != nil {
		return sealedPush{}, nil, err
	}
	held, err = v.records.Get(ctx, record)
	if errors.Is(err, ledger.ErrAbsent) {
		return sealedPush{}, nil, nil
	}
	if err != nil {
		return sealedPush{}, nil, fmt.Errorf("subscriptions of %s/%s: %w", office, ticket, err)
	}
	return v.openPush(record, held), held, nil
}

// changePush replaces a ticket's subscriptions; of two who do so at once the
// later one begins again.
func (v *Vault) changePush(ctx context.Context, office, ticket string, ttl time.Duration, how func([]Subscription) []Subscription) error {
	record, err := pushRecord(office, ticket)
	if err != nil {
		return err
	}
	for {
		kept, held, err := v.push(ctx, office, ticket)
		if err != nil {
			return err
		}
		now := v.now()
		if ttl > 0 {
			kept.Expires = now.Add(ttl).UTC()
		}
		kept.All = how(kept.All)
		if len(kept.All) == 0 || !kept.Expires.After(now) {
			return v.records.Delete(ctx, record)
		}
		plain, err := json.Marshal(kept)
		if err != nil {
			return fmt.Errorf("keep the subscriptions of %s/%s: %w", office, ticket, err)
		}
		sealed := v.ring.Seal(record, plain)
		after, err := v.records.Replace(ctx, record, held, sealed, kept.Expires.Sub(now))
		if err != nil {
			return fmt.Errorf("keep the subscriptions of %s/%s: %w", office, ticket, err)
		}
		if bytes.Equal(after, sealed) {
			return nil
		}
	}
}

func without(all []Subscription, endpoint string) []Subscription {
	return slices.DeleteFunc(slices.Clone(all), func(s Subscription) bool { return s.Endpoint == endpoint })
}

func pushRecord(office, ticket string) (string, error) {
	record, err := personRecord(office, ticket)
	return pushPrefix + strings.TrimPrefix(record, personPrefix), err
}
