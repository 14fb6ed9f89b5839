package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	webpush "github.com/SherClockHolmes/webpush-go"

	"antrean/internal/ledger"
	"antrean/internal/vault"
)

// vapidRecord is where the keys lie, sealed.
const vapidRecord = "keyring/vapid"

// VAPID are the keys by which push services know this store's messages (RFC
// 8292), base64url. They print as a placeholder.
type VAPID struct {
	Public  string `json:"public"`
	Private string `json:"private"`
}

// String hides the keys.
func (VAPID) String() string { return "[vapid]" }

// GoString hides the keys.
func (VAPID) GoString() string { return "[vapid]" }

// LogValue hides the keys.
func (VAPID) LogValue() slog.Value { return slog.StringValue("[vapid]") }

// LoadVAPID reads the store's keys, which the first node makes. They are kept
// for good: every subscription is bound to them.
func LoadVAPID(ctx context.Context, records ledger.Records, ring *vault.Keyring) (VAPID, error) {
	held, err := records.Get(ctx, vapidRecord)
	if errors.Is(err, ledger.ErrAbsent) {
		held, err = makeVAPID(ctx, records, ring)
	}
	if err != nil {
		return VAPID{}, fmt.Errorf("keys of web push: %w", err)
	}
	plain, err := ring.Open(vapidRecord, held)
	var keys VAPID
	if err == nil {
		err = json.Unmarshal(plain, &keys)
	}
	if err != nil {
		return VAPID{}, fmt.Errorf("keys of web push: %w", err)
	}
	if !ring.Current(held) { // so that the old vault key can leave the ring one day
		if _, err := records.Replace(ctx, vapidRecord, held, ring.Seal(vapidRecord, plain), 0); err != nil {
			return VAPID{}, fmt.Errorf("keys of web push: %w", err)
		}
	}
	return keys, nil
}

func makeVAPID(ctx context.Context, records ledger.Records, ring *vault.Keyring) (held []byte, err error) {
	var keys VAPID
	if keys.Private, keys.Public, err = webpush.GenerateVAPIDKeys(); err != nil {
		return nil, err
	}
	plain, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	return records.Replace(ctx, vapidRecord, nil, ring.Seal(vapidRecord, plain), 0)
}
