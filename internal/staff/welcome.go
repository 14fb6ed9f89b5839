package staff

import (
	"context"
	"errors"
	"time"
)

// ChangePassword is SetPassword by its owner, who gives the old one (and a code)
// in the request: every session ends, and a new one begins. It returns what Login
// and SetPassword do.
func (s *Staff) ChangePassword(ctx context.Context, request LoginRequest, password string) (Session, string, error) {
	if err := CheckPassword(request.Username, password); err != nil { // before a code is spent on it
		return Session{}, "", err
	}
	a, device, err := s.authenticate(ctx, request)
	if err != nil {
		return Session{}, "", err
	}
	if err := s.SetPassword(ctx, a.Name, password); err != nil {
		return Session{}, "", err
	}
	if a, _, err = s.account(ctx, a.Name); err != nil {
		return Session{}, "", err
	}
	return s.beginSession(ctx, a, device, request)
}

// passwordLink is what PasswordLink's token holds: it is void once the password
// is another.
type passwordLink struct {
	User     string    `json:"user"`
	Password string    `json:"password"` // epoch
	Expires  time.Time `json:"expires"`
}

const (
	linkName = "staff/password-link"
	linkFor  = 72 * time.Hour
)

// PasswordLink returns the token of a link by which an account's owner sets their
// own password, once and within three days. It returns ErrNoAccount.
func (s *Staff) PasswordLink(ctx context.Context, name string) (token string, expires time.Time, err error) {
	a, _, err := s.account(ctx, name)
	if err != nil {
		return "", time.Time{}, err
	}
	expires = s.now().Add(linkFor)
	token, err = s.sealText(linkName, passwordLink{a.Name, a.Password.Epoch, expires})
	return token, expires, err
}

// Linked is the account of a password link's token, or ErrSetupLink when that is
// wrong, used, or too old.
func (s *Staff) Linked(ctx context.Context, token string) (name string, err error) {
	var link passwordLink
	if err := s.openText(linkName, token, &link); err != nil || s.now().After(link.Expires) {
		return "", ErrSetupLink
	}
	a, _, err := s.account(ctx, link.User)
	switch {
	case errors.Is(err, ErrNoAccount), err == nil && a.Password.Epoch != link.Password:
		return "", ErrSetupLink
	case err != nil:
		return "", err
	}
	return a.Name, nil
}

// SetLinkedPassword is SetPassword by whoever was given the link; of two at the
// same moment one does. It returns ErrSetupLink as well.
func (s *Staff) SetLinkedPassword(ctx context.Context, token, password string) error {
	name, err := s.Linked(ctx, token)
	if err != nil {
		return err
	}
	if err := CheckPassword(name, password); err != nil {
		return err
	}
	before, _, err := s.account(ctx, name)
	if err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, name, func(a *account) error {
		if a.Password.Epoch != before.Password.Epoch {
			return ErrSetupLink
		}
		a.Password = credential{Hash: hash, Epoch: newToken()}
		return nil
	})
}
