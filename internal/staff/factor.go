package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
)

// factor is the second factor of an account: a time-based one-time password
// (RFC 6238) as every authenticator app makes it, and codes for the day when
// the phone is lost.
type factor struct {
	Secret   string    `json:"secret"` // base32
	Since    time.Time `json:"since"`
	Step     int64     `json:"step"`     // the last one whose code was used
	Recovery []string  `json:"recovery"` // fingerprints of those that are left
}

const (
	codePeriod    = 30 // seconds
	codeSkew      = 1  // steps that a phone's clock may be off
	secretSize    = 20 // bytes, as RFC 4226 advises
	recoveryCodes = 10
	recoverySize  = 10 // letters: 50 bits
	enrolFor      = 15 * time.Minute
	stepFor       = 5 * time.Minute
)

// SecondFactor is what a login with a right password still lacks. Step stands
// for that password in the next LoginRequest, on the same device and for five
// minutes, so that no page has to carry the password along.
type SecondFactor struct{ Step string }

func (*SecondFactor) Error() string {
	return "the password is right; a code of the second factor is wanted"
}

// Enrolment is a second factor before its owner has shown that it works.
type Enrolment struct {
	Secret string // to be typed into an app
	URL    string // otpauth://…, to be drawn as a QR code
	Sealed string // to be given to EnableFactor
}

// enrolment is what Sealed holds; nothing is kept before it is confirmed.
type enrolment struct {
	User    string    `json:"user"`
	Secret  string    `json:"secret"`
	Expires time.Time `json:"expires"`
}

// step is what SecondFactor.Step holds.
type step struct {
	User     string    `json:"user"`
	Device   string    `json:"device"`
	Password string    `json:"password"` // epoch
	Expires  time.Time `json:"expires"`
}

// The names under which these two are sealed; no record is called so.
const (
	enrolName = "staff/enrolment"
	stepName  = "staff/step"
)

// NewFactor makes a secret for the account, which EnableFactor takes within
// fifteen minutes.
func (s *Staff) NewFactor(name string) (Enrolment, error) {
	var raw [secretSize]byte
	rand.Read(raw[:])
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:])
	sealed, err := s.sealText(enrolName, enrolment{name, secret, s.now().Add(enrolFor)})
	address := url.URL{Scheme: "otpauth", Host: "totp", Path: "/Antrean:" + name, RawQuery: "secret=" + secret + "&issuer=Antrean"}
	return Enrolment{Secret: secret, URL: address.String(), Sealed: sealed}, err
}

// Resume is the enrolment of a sealed text, to be shown again, or ErrEnrolment.
func (s *Staff) Resume(name, sealed string) (Enrolment, error) {
	var e enrolment
	if err := s.openText(enrolName, sealed, &e); err != nil || e.User != name || s.now().After(e.Expires) {
		return Enrolment{}, ErrEnrolment
	}
	address := url.URL{Scheme: "otpauth", Host: "totp", Path: "/Antrean:" + name, RawQuery: "secret=" + e.Secret + "&issuer=Antrean"}
	return Enrolment{Secret: e.Secret, URL: address.String(), Sealed: sealed}, nil
}

// EnableFactor makes a code necessary for every login with the password, and
// returns recovery codes, each of which is one such code. It returns ErrCode,
// ErrEnrolment when the enrolment is over, or ErrFactor when there is one.
func (s *Staff) EnableFactor(ctx context.Context, name, sealed, code string) ([]string, error) {
	var e enrolment
	if err := s.openText(enrolName, sealed, &e); err != nil || e.User != name || s.now().After(e.Expires) {
		return nil, ErrEnrolment
	}
	f := factor{Secret: e.Secret, Since: s.now().UTC()}
	if !f.use(code, s.now()) {
		return nil, ErrCode
	}
	codes := f.renew()
	err := s.change(ctx, name, func(a *account) error {
		if a.Factor != nil {
			return ErrFactor
		}
		a.Factor, a.SecondFactor = &f, true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// RenewRecovery returns new recovery codes; the former ones are void. It returns
// ErrNoFactor.
func (s *Staff) RenewRecovery(ctx context.Context, name string) (codes []string, err error) {
	err = s.change(ctx, name, func(a *account) error {
		if a.Factor == nil {
			return ErrNoFactor
		}
		f := *a.Factor
		codes = f.renew()
		a.Factor = &f
		return nil
	})
	return codes, err
}

// RemoveFactor makes the password enough again, for somebody whose phone and
// recovery codes are lost. It returns ErrNoAccount.
func (s *Staff) RemoveFactor(ctx context.Context, name string) error {
	return s.update(ctx, name, func(a *account) { a.Factor, a.SecondFactor = nil, false })
}

// RecoveryLeft is how many recovery codes an account has.
func (s *Staff) RecoveryLeft(ctx context.Context, name string) (int, error) {
	a, _, err := s.account(ctx, name)
	if err != nil || a.Factor == nil {
		return 0, err
	}
	return len(a.Factor.Recovery), nil
}

// useCode spends a code of the account's second factor: it counts once,
// whichever nodes it is shown to at the same moment.
func (s *Staff) useCode(ctx context.Context, name, code string) error {
	return s.change(ctx, name, func(a *account) error {
		if a.Factor == nil {
			return nil // removed meanwhile
		}
		f := *a.Factor
		f.Recovery = slices.Clone(f.Recovery)
		if !f.use(code, s.now()) {
			return ErrCode
		}
		a.Factor = &f
		return nil
	})
}

// use spends a code, if it is one.
func (f *factor) use(code string, now time.Time) bool {
	code = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
	if len(code) == recoverySize {
		left := slices.Index(f.Recovery, fingerprint(code))
		if left >= 0 {
			f.Recovery = slices.Delete(f.Recovery, left, left+1)
		}
		return left >= 0
	}
	at := now.Unix() / codePeriod
	for n := at - codeSkew; n <= at+codeSkew; n++ {
		want, err := hotp.GenerateCode(f.Secret, uint64(n))
		if err == nil && n > f.Step && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			f.Step = n // RFC 6238, 5.2: a second use of it is refused
			return true
		}
	}
	return false
}

// renew makes new recovery codes and returns them as they are written down.
func (f *factor) renew() []string {
	codes := make([]string, recoveryCodes)
	f.Recovery = nil
	for i := range codes {
		letters := newLetters(recoverySize)
		f.Recovery = append(f.Recovery, fingerprint(letters))
		codes[i] = letters[:recoverySize/2] + "-" + letters[recoverySize/2:]
	}
	return codes
}

func (s *Staff) sealText(name string, v any) (string, error) {
	sealed, err := s.seal(name, v)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

func (s *Staff) openText(name, text string, v any) error {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	plain, err := s.sealer.Open(name, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}
