package staff

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"antrean/internal/ledger"
)

// Account is somebody who works at the offices.
type Account struct {
	Name    string    `json:"name"`    // lower case, unique
	Roles   []Role    `json:"roles"`   // at least one
	Offices []string  `json:"offices"` // where; none is everywhere
	Created time.Time `json:"created"`
	HasPIN  bool      `json:"has_pin,omitempty"`

	SecondFactor bool `json:"second_factor,omitempty"` // a code is asked for after the password
}

// account is an account as it is kept.
type account struct {
	Account
	Password credential `json:"password"`
	PIN      credential `json:"pin,omitzero"`
	Factor   *factor    `json:"factor,omitempty"` // replaced, never changed
}

// credential is the hash of a password or PIN. A new one has a new epoch, which
// ends the sessions that were begun with the old; a hash that only was
// strengthened keeps it.
type credential struct {
	Hash  string `json:"hash"`
	Epoch string `json:"epoch"`
}

var nameShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

// reserved says whether a name is what the log calls something that is no person:
// an API token, a device, the server itself, an applicant. Accounts of before that
// have such a name go on.
func reserved(name string) bool {
	return strings.HasPrefix(name, TokenActor) || strings.HasPrefix(name, DeviceActor) || slices.Contains(otherActors, name)
}

// What the log calls those who act and are no person: these, followed by the
// token's name or the device's id.
const (
	TokenActor  = "token-"
	DeviceActor = "device-"
)

var otherActors = []string{"system", "applicant"}

// Add makes an account. It returns ErrName, ErrReserved, ErrRole, ErrPassword, or
// ErrExists.
// Whether the password is one that everybody tries first is for CheckPassword to
// say, where a person chooses one: what programs and installers give is theirs.
// From then on no setup link makes an administrator.
func (s *Staff) Add(ctx context.Context, a Account, password string) error {
	made, err := s.newAccount(ctx, a, password)
	if err != nil {
		return err
	}
	first, err := s.closeSetup(ctx, "", made)
	if err != nil {
		return fmt.Errorf("add account %s: %w", made.Name, err)
	}
	if first {
		return nil
	}
	created, err := s.replace(ctx, accountPrefix+made.Name, nil, made, 0)
	if err != nil {
		return fmt.Errorf("add account %s: %w", made.Name, err)
	}
	if !created {
		return ErrExists
	}
	return nil
}

// newAccount checks everything cheap before it hashes.
func (s *Staff) newAccount(ctx context.Context, a Account, password string) (account, error) {
	name, err := normalName(a.Name)
	if err != nil {
		return account{}, err
	}
	if reserved(name) {
		return account{}, ErrReserved
	}
	if err := checkRoles(a.Roles); err != nil {
		return account{}, err
	}
	if !passwordShape(password) {
		return account{}, ErrPassword
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return account{}, err
	}
	return account{
		Account:  Account{Name: name, Roles: slices.Clone(a.Roles), Offices: slices.Clone(a.Offices), Created: s.now().UTC()},
		Password: credential{Hash: hash, Epoch: newToken()},
	}, nil
}

// SetPassword gives the account another password and ends all its sessions. It
// returns ErrPassword or ErrNoAccount.
func (s *Staff) SetPassword(ctx context.Context, name, password string) error {
	if !passwordShape(password) {
		return ErrPassword
	}
	return s.setCredential(ctx, name, password, func(a *account, c credential) { a.Password = c })
}

// SetPIN gives the account a PIN for paired devices, or takes it away ("" ), and
// ends the sessions that the old one began. It returns ErrPIN or ErrNoAccount.
func (s *Staff) SetPIN(ctx context.Context, name, pin string) error {
	set := func(a *account, c credential) { a.PIN, a.HasPIN = c, c.Hash != "" }
	if pin == "" {
		return s.update(ctx, name, func(a *account) { set(a, credential{}) })
	}
	if err := CheckPIN(pin); err != nil {
		return err
	}
	return s.setCredential(ctx, name, pin, set)
}

// CheckPIN returns ErrPIN when SetPIN would.
func CheckPIN(pin string) error {
	if len(pin) < 4 || len(pin) > 12 || strings.Trim(pin, "0123456789") != "" {
		return ErrPIN
	}
	return nil
}

func (s *Staff) setCredential(ctx context.Context, name, secret string, set func(*account, credential)) error {
	hash, err := s.hasher.hash(ctx, secret)
	if err != nil {
		return err
	}
	return s.update(ctx, name, func(a *account) { set(a, credential{Hash: hash, Epoch: newToken()}) })
}

// List returns all accounts by name.
func (s *Staff) List(ctx context.Context) ([]Account, error) {
	var accounts []Account
	err := s.each(ctx, accountPrefix, func(record ledger.Record) error {
		var a account
		if err := s.open(record.Key, record.Value, &a); err != nil {
			return fmt.Errorf("%s: %w", record.Key, err)
		}
		accounts = append(accounts, a.Account)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return accounts, nil
}

// SetRoles changes what an account is, and where. Its sessions go on with that.
// It returns ErrRole, ErrNoAccount, or ErrLastAdmin.
func (s *Staff) SetRoles(ctx context.Context, name string, roles []Role, offices []string) error {
	if err := checkRoles(roles); err != nil {
		return err
	}
	name, err := normalName(name)
	if err != nil {
		return ErrNoAccount
	}
	mine := false // this is the only change of administrators under way
	set := func() error {
		return s.change(ctx, name, func(a *account) error {
			if !mine && (slices.Contains(a.Roles, Administrator) || slices.Contains(roles, Administrator)) {
				return errTurn
			}
			a.Roles, a.Offices = slices.Clone(roles), slices.Clone(offices)
			return nil
		})
	}
	if err := set(); !errors.Is(err, errTurn) {
		return err
	}
	return s.inTurn(ctx, func() error {
		mine = true
		if !slices.Contains(roles, Administrator) {
			if err := s.othersAdminister(ctx, name); err != nil {
				return err
			}
		}
		return set()
	})
}

// errTurn says that a change has to wait for its turn.
var errTurn = errors.New("administrators change one after the other")

func checkRoles(roles []Role) error {
	if len(roles) == 0 {
		return ErrRole
	}
	for _, role := range roles {
		if role.rights() == 0 {
			return ErrRole
		}
	}
	return nil
}

// Remove ends an account and all its sessions. It returns ErrNoAccount, or
// ErrLastAdmin: somebody must be able to let others in.
func (s *Staff) Remove(ctx context.Context, name string) error {
	name, err := normalName(name)
	if err != nil {
		return ErrNoAccount
	}
	return s.inTurn(ctx, func() error {
		if err := s.othersAdminister(ctx, name); err != nil {
			return err
		}
		if err := s.records.Delete(ctx, accountPrefix+name); err != nil {
			return fmt.Errorf("remove account %s: %w", name, err)
		}
		s.cache.forget()
		return nil
	})
}

// othersAdminister returns nil when somebody is left who lets others in without
// that account, else ErrLastAdmin; or ErrNoAccount. Only in turn (inTurn) does that
// stay so.
func (s *Staff) othersAdminister(ctx context.Context, name string) error {
	accounts, err := s.List(ctx)
	if err != nil {
		return err
	}
	known, others := false, 0
	lastAdmin := false
	for _, a := range accounts {
		admin := slices.Contains(a.Roles, Administrator)
		switch {
		case a.Name == name:
			known, lastAdmin = true, admin
		case admin:
			others++
		}
	}
	if !known {
		return ErrNoAccount
	}
	if lastAdmin && others == 0 {
		return ErrLastAdmin
	}
	return nil
}

// account returns the account as kept and the record it was read from, or
// ErrNoAccount.
func (s *Staff) account(ctx context.Context, name string) (account, []byte, error) {
	name, err := normalName(name)
	if err != nil {
		return account{}, nil, ErrNoAccount
	}
	var a account
	raw, err := s.load(ctx, accountPrefix+name, &a)
	if errors.Is(err, ledger.ErrAbsent) {
		return account{}, nil, ErrNoAccount
	}
	if err != nil {
		return account{}, nil, fmt.Errorf("account %s: %w", name, err)
	}
	return a, raw, nil
}

// update changes an account as it is at that moment, whoever else changes it.
func (s *Staff) update(ctx context.Context, name string, change func(*account)) error {
	return s.change(ctx, name, func(a *account) error { change(a); return nil })
}

// change is update for a change that may be refused.
func (s *Staff) change(ctx context.Context, name string, change func(*account) error) error {
	for {
		a, raw, err := s.account(ctx, name)
		if err != nil {
			return err
		}
		if err := change(&a); err != nil {
			return err
		}
		done, err := s.replace(ctx, accountPrefix+a.Name, raw, a, 0)
		if err != nil {
			return fmt.Errorf("change account %s: %w", a.Name, err)
		}
		if done {
			s.cache.forget()
			return nil
		}
	}
}

func normalName(name string) (string, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if !nameShape.MatchString(name) {
		return "", ErrName
	}
	return name, nil
}

// Known returns the name as the account has it, or "" when there is none.
func (s *Staff) Known(ctx context.Context, name string) string {
	a, _, err := s.account(ctx, name)
	if err != nil {
		return ""
	}
	return a.Name
}
