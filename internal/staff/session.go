package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"antrean/internal/ledger"
)

// Session is who is at the other end of a request, and what they are.
type Session struct {
	User    string // account name; "" for a device without a person
	Roles   []Role
	Offices []string // none: every office
	Device  string   // id of the paired device, or ""
	Expires time.Time

	ID     string // of the session, "" for a device or a token; it opens nothing
	Token  string // name of the API token, or ""
	Scopes Action // what the token may do
	Factor bool   // the account has a second factor
	// Confirmed is when its person last gave their password (or PIN): at the login,
	// or since. Zero for a device or a token.
	Confirmed time.Time
	// Enrol says that an administrator may do nothing of their own before they
	// have set up a second factor.
	Enrol bool
}

const (
	idleLimit   = 12 * time.Hour     // after the last request
	longest     = 7 * 24 * time.Hour // after the login
	renewAfter  = 5 * time.Minute    // how seldom a request moves the expiry
	cacheFor    = 3 * time.Second    // how long another node's logout may go unnoticed
	cacheLimit  = 10_000
	tokenLength = 43
)

// session is a session as it is kept.
type session struct {
	User     string    `json:"user"`
	Device   string    `json:"device,omitempty"`
	Password string    `json:"password"`      // epoch of the account's password
	PIN      string    `json:"pin,omitempty"` // and of its PIN, if the PIN began it
	Started  time.Time `json:"started"`
	Expires  time.Time `json:"expires"`
	Until    time.Time `json:"until,omitzero"`  // when it ends at the latest
	Agent    string    `json:"agent,omitempty"` // browser
	// Confirmed is when the password was given again; zero: not since Started.
	Confirmed time.Time `json:"confirmed,omitzero"`
}

func (s *Staff) beginSession(ctx context.Context, a account, device Device, request LoginRequest) (Session, string, error) {
	now := s.now().UTC()
	kept := session{User: a.Name, Device: device.ID, Password: a.Password.Epoch, Started: now, Expires: now.Add(idleLimit), Agent: clip(request.Agent)}
	if request.PIN != "" && request.Step == "" {
		kept.PIN = a.PIN.Epoch
	}
	if request.Until.After(now) {
		kept.Until = request.Until.UTC()
		kept.Expires = earlier(kept.Expires, kept.Until)
	}
	token := newToken()
	record := sessionPrefix + fingerprint(token)
	sealed, err := s.seal(record, kept)
	if err == nil {
		err = s.records.Put(ctx, record, sealed, idleLimit)
	}
	if err != nil {
		return Session{}, "", fmt.Errorf("begin a session of %s: %w", a.Name, err)
	}
	return s.sessionOf(record, kept, a, device), token, nil
}

// Session returns the session of a token and moves its expiry now and then. It
// returns ErrNoSession when the token is unknown, expired, logged out, its
// account or device removed, or the password changed. On this node that is so at
// once, on others within three seconds.
func (s *Staff) Session(ctx context.Context, token string) (Session, error) {
	read, record := s.readSession, sessionPrefix+fingerprint(token)
	switch {
	case strings.HasPrefix(token, apiPrefix) && len(token) == len(apiPrefix)+tokenLength:
		read, record = s.readToken, tokenPrefix+tokenID(token)
	case len(token) != tokenLength:
		return Session{}, ErrNoSession
	}
	cached, ok, turn := s.cache.get(record, s.now())
	if ok {
		return cached, nil
	}
	found, err := read(ctx, record)
	if err != nil {
		return Session{}, err
	}
	s.cache.put(record, found, s.now(), turn)
	return found, nil
}

func (s *Staff) readSession(ctx context.Context, record string) (Session, error) {
	var kept session
	raw, err := s.load(ctx, record, &kept)
	if errors.Is(err, ledger.ErrAbsent) || errors.Is(err, errUnreadable) { // forged, or its key has left the ring
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, fmt.Errorf("session: %w", err)
	}
	now := s.now()
	if !now.Before(kept.Expires) {
		return Session{}, ErrNoSession
	}
	a, _, err := s.account(ctx, kept.User)
	if errors.Is(err, ErrNoAccount) {
		return Session{}, ErrNoSession
	}
	if err != nil {
		return Session{}, fmt.Errorf("session: %w", err)
	}
	if kept.Password != a.Password.Epoch || kept.PIN != "" && kept.PIN != a.PIN.Epoch {
		return Session{}, ErrNoSession
	}
	var device Device
	if kept.Device != "" {
		device, _, err = s.device(ctx, kept.Device)
		if errors.Is(err, ErrUnpaired) {
			return Session{}, ErrNoSession
		}
		if err != nil {
			return Session{}, fmt.Errorf("session: %w", err)
		}
	}
	if renewed := kept.latest(now); renewed.Sub(kept.Expires) >= renewAfter {
		kept.Expires = renewed.UTC()
		// Replacing only what was read cannot bring back a session that is
		// logged out meanwhile. Whoever loses renews another time.
		if _, err := s.replace(ctx, record, raw, kept, renewed.Sub(now)); err != nil {
			return Session{}, fmt.Errorf("renew a session: %w", err)
		}
	}
	return s.sessionOf(record, kept, a, device), nil
}

// latest is until when a session lives that is used now.
func (kept session) latest(now time.Time) time.Time {
	end := earlier(now.Add(idleLimit), kept.Started.Add(longest))
	if !kept.Until.IsZero() {
		end = earlier(end, kept.Until)
	}
	return end
}

// sessionOf is what the session may do as its account is now. A PIN is short and typed
// in front of people: it counts at the device's office only, and never for more
// than a supervisor.
func (s *Staff) sessionOf(record string, kept session, a account, device Device) Session {
	found := Session{
		User: a.Name, Roles: slices.Clone(a.Roles), Offices: slices.Clone(a.Offices), Device: device.ID, Expires: kept.Expires,
		ID: strings.TrimPrefix(record, sessionPrefix), Factor: a.Factor != nil, Confirmed: kept.Started,
	}
	if kept.Confirmed.After(kept.Started) {
		found.Confirmed = kept.Confirmed
	}
	if kept.PIN != "" {
		found.Offices = []string{device.Office}
		for i, role := range found.Roles {
			if role == Administrator {
				found.Roles[i] = Supervisor
			}
		}
		return found
	}
	if s.RequireFactor && a.Factor == nil && slices.Contains(found.Roles, Administrator) {
		found.Enrol = true
		found.Roles = slices.DeleteFunc(found.Roles, func(r Role) bool { return r == Administrator })
	}
	return found
}

// recentFor is how long after a password the next act of weight asks for none.
const recentFor = 30 * time.Minute

// Recent says whether a session's person gave their password so lately that it is
// certainly still they who sit there.
func (s *Staff) Recent(who Session) bool {
	return !who.Confirmed.IsZero() && s.now().Sub(who.Confirmed) < recentFor
}

// confirmSession notes that the person of a session has given their password. One
// that has ended meanwhile stays so.
func (s *Staff) confirmSession(ctx context.Context, record, name string) error {
	for {
		var kept session
		raw, err := s.load(ctx, record, &kept)
		if errors.Is(err, ledger.ErrAbsent) || err == nil && kept.User != name {
			return nil
		}
		if err != nil {
			return fmt.Errorf("confirm a session: %w", err)
		}
		now := s.now()
		left := kept.Expires.Sub(now)
		if left <= 0 {
			return nil
		}
		kept.Confirmed = now.UTC()
		done, err := s.replace(ctx, record, raw, kept, left)
		if err != nil {
			return fmt.Errorf("confirm a session: %w", err)
		}
		if done {
			s.cache.forget()
			return nil
		}
	}
}

// Logout ends a session. One that is over is no error.
func (s *Staff) Logout(ctx context.Context, token string) error {
	if err := s.records.Delete(ctx, sessionPrefix+fingerprint(token)); err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	s.cache.forget()
	return nil
}

// cache holds sessions for a moment, so that ten thousand requests are not as
// many reads of the store.
type cache struct {
	mu       sync.Mutex
	sessions map[string]cachedSession
	turn     uint64 // counts forget
}

type cachedSession struct {
	session Session
	until   time.Time
}

func newCache() *cache { return &cache{sessions: map[string]cachedSession{}} }

// get also returns the turn to put what is read meanwhile.
func (c *cache) get(record string, now time.Time) (Session, bool, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	held, ok := c.sessions[record]
	return held.session.clone(), ok && now.Before(held.until), c.turn
}

// put keeps a session, unless something was forgotten since its reading began:
// it may have been that.
func (c *cache) put(record string, found Session, now time.Time, turn uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn != c.turn {
		return
	}
	if len(c.sessions) >= cacheLimit {
		clear(c.sessions)
	}
	c.sessions[record] = cachedSession{found.clone(), earlier(now.Add(cacheFor), found.Expires)}
}

// forget empties the cache: logouts are rare, and what is still true is read
// again.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	clear(c.sessions)
}

func (s Session) clone() Session {
	s.Roles, s.Offices = slices.Clone(s.Roles), slices.Clone(s.Offices)
	return s
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
