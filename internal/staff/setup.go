package staff

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	"antrean/internal/ledger"
)

// setup is how far the making of the first account is. It goes open, taken,
// done, and never back; replacing the record is the race that one of them wins.
// The token is kept as it is, in the sealed record: every node and every start
// prints the same link.
type setup struct {
	Token   string   `json:"token,omitempty"`   // open: what makes an administrator
	Account *account `json:"account,omitempty"` // taken: whom it makes; a crash here is completed
	Done    bool     `json:"done,omitempty"`
}

// SetupLink returns the token of the one-time link that makes the first
// administrator, the same one until it is used, or ErrSetUp when there is an
// account.
func (s *Staff) SetupLink(ctx context.Context) (string, error) {
	state, raw, err := s.setup(ctx)
	if err == nil && raw == nil && !state.Done {
		state, err = s.openSetup(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("setup link: %w", err)
	}
	if state.Account != nil {
		if err := s.completeSetup(ctx, *state.Account); err != nil {
			return "", fmt.Errorf("setup link: %w", err)
		}
	}
	if state.Token == "" {
		return "", ErrSetUp
	}
	return state.Token, nil
}

// SetupOpens is nil while the token makes the first administrator, and
// ErrSetupLink when it is wrong or used.
func (s *Staff) SetupOpens(ctx context.Context, token string) error {
	state, _, err := s.setup(ctx)
	if err != nil {
		return fmt.Errorf("look at the setup link: %w", err)
	}
	if !state.opens(token) {
		return ErrSetupLink
	}
	return nil
}

// Setup makes the first administrator, once. It returns ErrSetupLink when the
// token is wrong or used, ErrName, ErrPassword, or ErrWeakPassword.
func (s *Staff) Setup(ctx context.Context, token, name, password string) error {
	state, _, err := s.setup(ctx)
	if err != nil {
		return fmt.Errorf("make the first administrator: %w", err)
	}
	if !state.opens(token) { // before anything is hashed for a stranger
		return ErrSetupLink
	}
	if err := CheckPassword(name, password); err != nil {
		return err
	}
	made, err := s.newAccount(ctx, Account{Name: name, Roles: []Role{Administrator}}, password)
	if err != nil {
		return err
	}
	first, err := s.closeSetup(ctx, token, made)
	if err != nil {
		return fmt.Errorf("make the first administrator: %w", err)
	}
	if !first {
		return ErrSetupLink
	}
	return nil
}

// closeSetup makes the first account of all and says whether this was it. With a
// token only while that token opens.
func (s *Staff) closeSetup(ctx context.Context, token string, made account) (bool, error) {
	for {
		state, raw, err := s.setup(ctx)
		if err != nil {
			return false, err
		}
		if state.Account != nil {
			if err := s.completeSetup(ctx, *state.Account); err != nil {
				return false, err
			}
			return false, nil
		}
		if state.Done || token != "" && !state.opens(token) {
			return false, nil
		}
		taken, err := s.replace(ctx, setupRecord, raw, setup{Account: &made}, 0)
		if err != nil {
			return false, err
		}
		if taken {
			return true, s.completeSetup(ctx, made)
		}
	}
}

// completeSetup makes the account that the setup was taken for. Doing it twice
// is doing it once.
func (s *Staff) completeSetup(ctx context.Context, made account) error {
	if _, err := s.replace(ctx, accountPrefix+made.Name, nil, made, 0); err != nil {
		return err
	}
	sealed, err := s.seal(setupRecord, setup{Done: true})
	if err != nil {
		return err
	}
	return s.records.Put(ctx, setupRecord, sealed, 0)
}

func (s *Staff) openSetup(ctx context.Context) (setup, error) {
	if _, err := s.replace(ctx, setupRecord, nil, setup{Token: newToken()}, 0); err != nil {
		return setup{}, err
	}
	state, _, err := s.setup(ctx) // ours, or that of a node which was faster
	return state, err
}

// setup is how far it is. Without a record it is still to begin, unless accounts
// came by another way (an import): then it is done.
func (s *Staff) setup(ctx context.Context) (state setup, raw []byte, err error) {
	raw, err = s.load(ctx, setupRecord, &state)
	if !errors.Is(err, ledger.ErrAbsent) {
		return state, raw, err
	}
	accounts, err := s.records.List(ctx, accountPrefix, "", 1)
	return setup{Done: len(accounts) > 0}, nil, err
}

func (st setup) opens(token string) bool {
	return st.Token != "" && subtle.ConstantTimeCompare([]byte(st.Token), []byte(token)) == 1
}
