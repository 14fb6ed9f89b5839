package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"antrean/internal/ledger"
)

// Token lets another program act through the API: within its scopes, at its
// offices, until it expires or is revoked.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"` // what uses it: "sistem-antrean-pusat"
	Scopes  []string  `json:"scopes"`
	Offices []string  `json:"offices"` // none: every office, and what concerns all of them
	By      string    `json:"by"`      // account that made it, or Console
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Used    time.Time `json:"used,omitzero"` // five minutes' accuracy

	// Suspended says that whoever made it is no administrator any more: it opens
	// nothing. It is worked out anew each time.
	Suspended bool `json:"suspended,omitempty"`
}

// Console stands for whoever makes a token on the command line: no account is
// called so.
const Console = "(console)"

// ofPerson says whether an account answers for the token.
func (t Token) ofPerson() bool { return t.By != "" && t.By != Console }

const (
	// apiPrefix lets a token be recognised where it should not be: in a
	// repository, a log, a chat.
	apiPrefix   = "antrean_"
	tokenDay    = 24 * time.Hour
	longestLife = 366 * tokenDay
	usedAfter   = 5 * time.Minute
)

// scope is an action by the name that a token's maker reads.
type scope struct {
	name   string
	action Action
}

func scopes() []scope {
	return []scope{
		{"queue", SeeQueue}, {"log", SeeLog}, {"kiosk", KioskWork}, {"desk", DeskWork}, {"serve", Serve},
		{"call-chosen", CallChosen}, {"take-over", TakeOver}, {"supervise", Supervise}, {"devices", Devices},
		{"configure", Configure}, {"backup", Maintain}, {"people", PersonalData}, {"accounts", Accounts},
	}
}

// Scopes are the names of what a token may be allowed, the harmless first.
func Scopes() []string {
	var names []string
	for _, s := range scopes() {
		names = append(names, s.name)
	}
	return names
}

// ScopesOf are the names of what a token's session may.
func ScopesOf(session Session) []string {
	var names []string
	for _, s := range scopes() {
		if session.Scopes&s.action != 0 {
			names = append(names, s.name)
		}
	}
	return names
}

// actionsOf is false unless there are names and all are known.
func actionsOf(names []string) (all Action, ok bool) {
	for _, name := range names {
		at := slices.IndexFunc(scopes(), func(s scope) bool { return s.name == name })
		if at < 0 {
			return 0, false
		}
		all |= scopes()[at].action
	}
	return all, len(names) > 0
}

// NewToken makes a token that lives for so long and returns it; it is shown this
// once and kept as a hash. It opens something only while the account that made it
// administers. It returns ErrName, ErrTokenInvalid, or ErrNoAccount.
func (s *Staff) NewToken(ctx context.Context, t Token, life time.Duration) (Token, string, error) {
	name, err := normalName(t.Name)
	if err != nil {
		return Token{}, "", err
	}
	if _, ok := actionsOf(t.Scopes); !ok || life < tokenDay || life > longestLife {
		return Token{}, "", ErrTokenInvalid
	}
	if t.ofPerson() {
		if t.By, err = normalName(t.By); err != nil {
			return Token{}, "", ErrNoAccount
		}
		if _, _, err := s.account(ctx, t.By); err != nil {
			return Token{}, "", err
		}
	}
	secret := apiPrefix + newToken()
	t.Suspended = false
	t.ID, t.Name, t.Created, t.Used = tokenID(secret), name, s.now().UTC(), time.Time{}
	t.Scopes, t.Offices = slices.Clone(t.Scopes), append([]string{}, t.Offices...)
	t.Expires = t.Created.Add(life)
	if _, err := s.replace(ctx, tokenPrefix+t.ID, nil, t, life); err != nil {
		return Token{}, "", fmt.Errorf("make a token: %w", err)
	}
	return t, secret, nil
}

// Tokens are all tokens that have not expired.
func (s *Staff) Tokens(ctx context.Context) ([]Token, error) {
	tokens := []Token{}
	err := s.each(ctx, tokenPrefix, func(record ledger.Record) error {
		var t Token
		if err := s.open(record.Key, record.Value, &t); err != nil {
			return fmt.Errorf("%s: %w", record.Key, err)
		}
		if s.now().Before(t.Expires) {
			tokens = append(tokens, t)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	accounts, err := s.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	for i, t := range tokens {
		at := slices.IndexFunc(accounts, func(a Account) bool { return a.Name == t.By })
		tokens[i].Suspended = t.ofPerson() && (at < 0 || !accounts[at].answersFor(t))
	}
	slices.SortFunc(tokens, func(x, y Token) int { return x.Created.Compare(y.Created) })
	return tokens, nil
}

// answersFor says whether an account may still have made a token: one that was
// removed may not, nor who has its name now, nor somebody who administers no more.
func (a Account) answersFor(t Token) bool {
	return slices.Contains(a.Roles, Administrator) && !a.Created.After(t.Created)
}

// RevokeToken ends a token; an unknown id is no error.
func (s *Staff) RevokeToken(ctx context.Context, id string) error {
	if !deviceIDShape(id) {
		return nil
	}
	if err := s.records.Delete(ctx, tokenPrefix+id); err != nil {
		return fmt.Errorf("revoke token %s: %w", id, err)
	}
	s.cache.forget()
	return nil
}

func (s *Staff) readToken(ctx context.Context, record string) (Session, error) {
	var t Token
	raw, err := s.load(ctx, record, &t)
	if errors.Is(err, ledger.ErrAbsent) || errors.Is(err, errUnreadable) {
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, fmt.Errorf("token: %w", err)
	}
	now := s.now()
	if !now.Before(t.Expires) {
		return Session{}, ErrNoSession
	}
	if t.ofPerson() {
		a, _, err := s.account(ctx, t.By)
		if errors.Is(err, ErrNoAccount) || err == nil && !a.answersFor(t) {
			return Session{}, ErrNoSession
		}
		if err != nil {
			return Session{}, fmt.Errorf("token: %w", err)
		}
	}
	if now.Sub(t.Used) >= usedAfter {
		t.Used = now.UTC()
		// Replacing only what was read cannot bring back a token that is revoked
		// meanwhile.
		if _, err := s.replace(ctx, record, raw, t, t.Expires.Sub(now)); err != nil {
			return Session{}, fmt.Errorf("token: %w", err)
		}
	}
	may, _ := actionsOf(t.Scopes)
	return Session{Token: t.Name, Scopes: may, Offices: slices.Clone(t.Offices), Expires: t.Expires}, nil
}

func tokenID(token string) string { return fingerprint(strings.TrimSpace(token))[:deviceIDSize] }
