// Package staff knows who works at the offices: accounts, sessions, roles and
// paired devices. All of it lives in sealed records; passwords and PINs are
// hashed, tokens are kept as hashes only.
package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"antrean/internal/ledger"
)

// What staff refuses. Which of user name and password is wrong is never told.
var (
	ErrCredentials   = errors.New("user name and password do not match")
	ErrBusy          = errors.New("too many log in at the same moment")
	ErrNoSession     = errors.New("no such session, or no longer")
	ErrExists        = errors.New("an account of that name exists")
	ErrNoAccount     = errors.New("no account has that name")
	ErrLastAdmin     = errors.New("the last administrator stays")
	ErrName          = errors.New("a user name is 1 to 40 of a-z, 0-9, dot, dash and underscore, and begins with a letter or digit")
	ErrReserved      = errors.New("system, applicant and names that begin with token- or device- stand in the log for what is no person")
	ErrRole          = errors.New("an account has at least one of the roles administrator, supervisor, officer, desk, kiosk")
	ErrPassword      = errors.New("a password has 8 to 256 characters")
	ErrWeakPassword  = errors.New("this password is among those that are tried first")
	ErrCode          = errors.New("the code is wrong, used, or too old")
	ErrFactor        = errors.New("the account has a second factor")
	ErrNoFactor      = errors.New("the account has no second factor")
	ErrEnrolment     = errors.New("setting up the second factor took too long")
	ErrTokenInvalid  = errors.New("a token has a name, at least one scope, and a life of 1 to 366 days")
	ErrPIN           = errors.New("a PIN has 4 to 12 digits")
	ErrSetUp         = errors.New("the first account has been made")
	ErrSetupLink     = errors.New("this link does not make an administrator, or no longer")
	ErrUnpaired      = errors.New("the device is not paired")
	ErrPairingCode   = errors.New("no device shows that code, or no longer")
	ErrDeviceInvalid = errors.New("a device has a name, an office and one of the kinds display, counter, desk, kiosk")
)

// RateLimited refuses a login before it is looked at.
type RateLimited struct {
	RetryAfter time.Duration
}

func (r *RateLimited) Error() string {
	return fmt.Sprintf("too many attempts: again in %s", r.RetryAfter.Round(time.Second))
}

// Sealer seals a record under its name, so that it opens under no other.
type Sealer interface {
	Seal(record string, plain []byte) []byte
	Open(record string, sealed []byte) ([]byte, error)
	// Current says whether sealed was made with the key that seals today.
	Current(sealed []byte) bool
}

// errUnreadable marks a record that is there but does not open.
var errUnreadable = errors.New("unreadable record")

// Staff is safe for concurrent use. It starts no goroutine.
type Staff struct {
	records  ledger.Records
	sealer   Sealer
	now      func() time.Time
	hasher   *hasher
	attempts *limiter
	cache    *cache

	// RequireFactor takes from administrators without a second factor what only
	// administrators may, until they have set one up. Set it before use.
	RequireFactor bool
}

// New returns the staff kept in those records. now is the clock that people live
// by, also where the offices' clock is simulated.
func New(records ledger.Records, sealer Sealer, now func() time.Time) *Staff {
	return &Staff{
		records:  records,
		sealer:   sealer,
		now:      now,
		hasher:   newHasher(),
		attempts: newLimiter(now),
		cache:    newCache(),
	}
}

const (
	accountPrefix = "staff/account/" // staff/account/<name>
	sessionPrefix = "staff/session/" // staff/session/<SHA-256 of the token>
	devicePrefix  = "staff/device/"  // staff/device/<id>
	tokenPrefix   = "staff/token/"   // staff/token/<id>
	pairingPrefix = "staff/pairing/" // staff/pairing/<code>
	setupRecord   = "staff/setup"
)

// load opens the record into v and returns it as stored, to be replaced.
func (s *Staff) load(ctx context.Context, record string, v any) ([]byte, error) {
	sealed, err := s.records.Get(ctx, record)
	if err != nil {
		return nil, err
	}
	return sealed, s.open(record, sealed, v)
}

func (s *Staff) open(record string, sealed []byte, v any) error {
	plain, err := s.sealer.Open(record, sealed)
	if err == nil {
		err = json.Unmarshal(plain, v)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return nil
}

func (s *Staff) seal(record string, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return s.sealer.Seal(record, plain), nil
}

// replace seals v into the record if it still holds old (nil: if there is none)
// and says whether it did.
func (s *Staff) replace(ctx context.Context, record string, old []byte, v any, ttl time.Duration) (bool, error) {
	sealed, err := s.seal(record, v)
	if err != nil {
		return false, err
	}
	held, err := s.records.Replace(ctx, record, old, sealed, ttl)
	return err == nil && string(held) == string(sealed), err // sealing never gives the same bytes twice
}

// Reseal seals with today's key what a former one has sealed and what lasts:
// accounts, devices and tokens. After it (and the life of a session) the former
// key is no longer needed here. A server does this at its start.
func (s *Staff) Reseal(ctx context.Context) error {
	reseal := func(record ledger.Record) error {
		if s.sealer.Current(record.Value) {
			return nil
		}
		plain, err := s.sealer.Open(record.Key, record.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", record.Key, err)
		}
		var ttl time.Duration
		if !record.Expires.IsZero() {
			ttl = max(record.Expires.Sub(s.now()), time.Second)
		}
		// What is written meanwhile is sealed with today's key.
		_, err = s.records.Replace(ctx, record.Key, record.Value, s.sealer.Seal(record.Key, plain), ttl)
		return err
	}
	for _, prefix := range []string{accountPrefix, devicePrefix, tokenPrefix, setupRecord} {
		if err := s.each(ctx, prefix, reseal); err != nil {
			return fmt.Errorf("seal with today's key: %w", err)
		}
	}
	return nil
}

// each calls do for every record under the prefix.
func (s *Staff) each(ctx context.Context, prefix string, do func(ledger.Record) error) error {
	after := ""
	for {
		found, err := s.records.List(ctx, prefix, after, 256)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, record := range found {
			if err := do(record); err != nil {
				return err
			}
		}
		after = found[len(found)-1].Key
	}
}

// newToken is 256 random bits, in 43 characters that fit into a URL or cookie.
func newToken() string {
	var raw [32]byte
	rand.Read(raw[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// fingerprint is what is kept of a token. A token is random enough that its hash
// needs neither salt nor key.
func fingerprint(token string) string {
	hash := sha256.Sum256([]byte(token))
	return hex.EncodeToString(hash[:])
}
