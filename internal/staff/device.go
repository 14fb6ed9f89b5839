package staff

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"antrean/internal/ledger"
)

// Kind is what a paired device is used as.
type Kind string

// The kinds of devices.
const (
	DisplayDevice Kind = "display" // a lobby TV
	CounterDevice Kind = "counter" // an officer's tablet
	DeskDevice    Kind = "desk"
	KioskDevice   Kind = "kiosk"
)

func (k Kind) known() bool {
	return slices.Contains([]Kind{DisplayDevice, CounterDevice, DeskDevice, KioskDevice}, k)
}

// Device is a paired screen, tablet or kiosk.
type Device struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"` // "TV lobi timur"
	Kind    Kind      `json:"kind"`
	Office  string    `json:"office"`
	Counter string    `json:"counter,omitempty"`
	Paired  time.Time `json:"paired"`
	By      string    `json:"by"` // account that accepted it
	Health  Health    `json:"health,omitzero"`
	Screen  *Screen   `json:"screen,omitempty"` // of a display that was set up; see SetUp
}

// Health is what a device last told about itself.
type Health struct {
	Seen    time.Time `json:"seen"`
	Release string    `json:"release,omitempty"` // of the page it runs
	Agent   string    `json:"agent,omitempty"`   // browser
	Sound   bool      `json:"sound"`             // whether it may play sound
	Width   int       `json:"width,omitempty"`   // of its screen, in CSS pixels
	Height  int       `json:"height,omitempty"`
}

const (
	pairingFor    = 10 * time.Minute
	codeLength    = 6
	deviceIDSize  = 32 // hexadecimal digits of the token's hash: 128 bits
	healthAfter   = 5 * time.Minute
	healthText    = 200 // bytes
	pairingTokens = 5   // attempts at a free code
)

// pairing is a device that shows its code and waits.
type pairing struct {
	Device string `json:"device"`         // its id to be
	Kind   Kind   `json:"kind,omitempty"` // what it asks to be
}

// RequestPairing gives a device the code to show (six letters, valid for ten
// minutes) and the token that it will be known by once somebody accepts the
// code: until then Device returns ErrUnpaired for it. kind is what the device
// would be, if whoever accepts does not say otherwise; it may be "". It returns
// *RateLimited when an address asks too often.
func (s *Staff) RequestPairing(ctx context.Context, address string, kind Kind) (code, token string, expires time.Time, err error) {
	key := "pairing/" + network(address)
	if wait := s.attempts.try(map[string]rule{key: {free: 30, first: time.Second, longest: time.Hour}}); wait > 0 {
		return "", "", time.Time{}, &RateLimited{RetryAfter: wait}
	}
	token = newToken()
	for range pairingTokens {
		code = newCode()
		free, err := s.replace(ctx, pairingPrefix+code, nil, pairing{Device: deviceID(token), Kind: kind}, pairingFor)
		if err != nil {
			return "", "", time.Time{}, fmt.Errorf("begin a pairing: %w", err)
		}
		if free {
			return code, token, s.now().Add(pairingFor), nil
		}
	}
	return "", "", time.Time{}, errors.New("begin a pairing: no code is free")
}

// AcceptPairing makes the device that shows the code a paired one: d names it,
// its kind and office, and by is who accepts. It returns ErrPairingCode or
// ErrDeviceInvalid.
func (s *Staff) AcceptPairing(ctx context.Context, code string, d Device, by string) (Device, error) {
	d.Name = strings.TrimSpace(d.Name)
	if d.Name == "" || utf8.RuneCountInString(d.Name) > 100 || d.Office == "" || d.Kind != "" && !d.Kind.known() {
		return Device{}, ErrDeviceInvalid
	}
	code, ok := pairingCode(code)
	if !ok {
		return Device{}, ErrPairingCode
	}
	record := pairingPrefix + code
	var waiting pairing
	_, err := s.load(ctx, record, &waiting)
	if errors.Is(err, ledger.ErrAbsent) {
		return Device{}, ErrPairingCode
	}
	if err != nil {
		return Device{}, fmt.Errorf("accept a pairing: %w", err)
	}
	if d.Kind == "" {
		d.Kind = waiting.Kind
	}
	if !d.Kind.known() {
		return Device{}, ErrDeviceInvalid
	}
	d.ID, d.By, d.Paired, d.Health = waiting.Device, by, s.now().UTC(), Health{}
	paired, err := s.replace(ctx, devicePrefix+d.ID, nil, d, 0)
	if err != nil {
		return Device{}, fmt.Errorf("accept a pairing: %w", err)
	}
	if !paired {
		return Device{}, ErrPairingCode // somebody else was faster
	}
	if err := s.records.Delete(ctx, record); err != nil {
		return Device{}, fmt.Errorf("accept a pairing: %w", err)
	}
	return d, nil
}

// Device returns the paired device of a token, or ErrUnpaired.
func (s *Staff) Device(ctx context.Context, token string) (Device, error) {
	if len(token) != tokenLength {
		return Device{}, ErrUnpaired
	}
	d, _, err := s.device(ctx, deviceID(token))
	return d, err
}

// Session is what a device may do with nobody logged in: a kiosk hands out
// numbers and checks people in, anything else only looks.
func (d Device) Session() Session {
	session := Session{Device: d.ID, Offices: []string{d.Office}}
	if d.Kind == KioskDevice {
		session.Roles = []Role{Kiosk}
	}
	return session
}

// Tablet says whether people log in at it with a PIN: not where the public can
// try as well.
func (d Device) Tablet() bool { return d.Kind == CounterDevice || d.Kind == DeskDevice }

// Devices returns all paired devices.
func (s *Staff) Devices(ctx context.Context) ([]Device, error) {
	var devices []Device
	err := s.each(ctx, devicePrefix, func(record ledger.Record) error {
		var d Device
		if err := s.open(record.Key, record.Value, &d); err != nil {
			return fmt.Errorf("%s: %w", record.Key, err)
		}
		devices = append(devices, d)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	return devices, nil
}

// Revoke ends a pairing and every session on that device; an unknown id is no
// error.
func (s *Staff) Revoke(ctx context.Context, id string) error {
	if !deviceIDShape(id) {
		return nil
	}
	if err := s.records.Delete(ctx, devicePrefix+id); err != nil {
		return fmt.Errorf("revoke device %s: %w", id, err)
	}
	s.cache.forget()
	return nil
}

// Report keeps what a device tells about itself, at most every five minutes
// unless something changed. It returns ErrUnpaired for a revoked one.
func (s *Staff) Report(ctx context.Context, id string, health Health) error {
	d, raw, err := s.device(ctx, id)
	if err != nil {
		return err
	}
	health.Seen = s.now().UTC()
	health.Release, health.Agent = clip(health.Release), clip(health.Agent)
	same := d.Health
	same.Seen = health.Seen
	if same == health && health.Seen.Sub(d.Health.Seen) < healthAfter {
		return nil
	}
	d.Health = health
	// If another report or the revocation was faster, theirs stands.
	if _, err := s.replace(ctx, devicePrefix+id, raw, d, 0); err != nil {
		return fmt.Errorf("health of device %s: %w", id, err)
	}
	return nil
}

func (s *Staff) device(ctx context.Context, id string) (Device, []byte, error) {
	if !deviceIDShape(id) {
		return Device{}, nil, ErrUnpaired
	}
	var d Device
	raw, err := s.load(ctx, devicePrefix+id, &d)
	if errors.Is(err, ledger.ErrAbsent) {
		return Device{}, nil, ErrUnpaired
	}
	if err != nil {
		return Device{}, nil, fmt.Errorf("device %s: %w", id, err)
	}
	return d, raw, nil
}

// deviceID is derived from the token, so that a token finds its device and an id
// tells no token.
func deviceID(token string) string { return fingerprint(token)[:deviceIDSize] }

// codeLetters are read off a screen: no 0 and O, no 1 and I.
const codeLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

func newCode() string { return newLetters(codeLength) }

func newLetters(n int) string {
	raw := make([]byte, n)
	rand.Read(raw)
	for i := range raw {
		raw[i] = codeLetters[raw[i]&31]
	}
	return string(raw)
}

// pairingCode is a code as it was typed, in the form that is kept.
func pairingCode(typed string) (code string, ok bool) {
	code = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
	return code, len(code) == codeLength && strings.Trim(code, codeLetters) == ""
}

func deviceIDShape(id string) bool {
	return len(id) == deviceIDSize && strings.Trim(id, "0123456789abcdef") == ""
}

func clip(text string) string {
	if len(text) > healthText {
		return strings.ToValidUTF8(text[:healthText], "")
	}
	return text
}
