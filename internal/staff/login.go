package staff

import (
	"context"
	"errors"
	"time"
)

// LoginRequest is an attempt. With a PIN it needs the token of a paired tablet.
type LoginRequest struct {
	Username string
	Password string
	PIN      string
	Step     string    // of a SecondFactor, instead of name and password
	Code     string    // of the second factor
	Agent    string    // the browser, so that the person knows it again in a list
	Device   string    // token of the paired device it comes from, or ""
	Address  string    // where it comes from; behind trusted proxies the client's
	Until    time.Time // when the session ends at the latest; zero: as usual

	Person Attempts // for one name
	Place  Attempts // for one address, or one paired device
}

// Attempts is how many failures are free, and the longest of the pauses after
// more of them, which begin at a second and double. Zero: as usual.
type Attempts struct {
	Free    int
	Longest time.Duration
}

func (a Attempts) rule(free int) rule {
	r := rule{free: free, first: time.Second, longest: 15 * time.Minute}
	if a.Free > 0 && a.Longest > 0 {
		r = rule{free: a.Free, first: min(time.Second, a.Longest), longest: a.Longest}
	}
	return r
}

// Login begins a session and returns its token, which is not kept anywhere. It
// returns ErrCredentials whatever is wrong, ErrUnpaired for a PIN without a
// paired tablet, *SecondFactor when the password is right and the account wants
// a code as well, ErrCode when that is wrong, *RateLimited, and ErrBusy, which is
// worth another try. Whoever is signed in already gives their password again by
// Confirm.
func (s *Staff) Login(ctx context.Context, request LoginRequest) (Session, string, error) {
	a, device, err := s.authenticate(ctx, request)
	if err != nil {
		return Session{}, "", err
	}
	return s.beginSession(ctx, a, device, request)
}

// Confirm is Login within a session: whether it is still the same person. The
// session (its id; "" for none) counts as begun anew for Recent.
func (s *Staff) Confirm(ctx context.Context, request LoginRequest, session string) error {
	a, _, err := s.authenticate(ctx, request)
	if err != nil || session == "" {
		return err
	}
	return s.confirmSession(ctx, sessionPrefix+session, a.Name)
}

// Halfway is the account of a SecondFactor's step, or "" when it is none of ours
// or over.
func (s *Staff) Halfway(text string) string {
	var before step
	if err := s.openText(stepName, text, &before); err != nil || s.now().After(before.Expires) {
		return ""
	}
	return before.User
}

func (s *Staff) authenticate(ctx context.Context, request LoginRequest) (account, Device, error) {
	device, err := s.Device(ctx, request.Device)
	if err != nil && !errors.Is(err, ErrUnpaired) {
		return account{}, Device{}, err
	}
	if request.Step != "" {
		a, err := s.afterPassword(ctx, request, device)
		return a, device, err
	}
	byPIN := request.PIN != ""
	if byPIN && !device.Tablet() {
		return account{}, Device{}, ErrUnpaired
	}
	name, err := normalName(request.Username)
	if err != nil || len(request.Password) > 4*256 || len(request.PIN) > 12 {
		return account{}, Device{}, ErrCredentials // no account is called so, as everybody may know
	}

	person, place := limitKeys(name, device, request.Address)
	wait := s.attempts.try(map[string]rule{
		person: request.Person.rule(5),
		place:  request.Place.rule(60),
	})
	if wait > 0 {
		return account{}, Device{}, &RateLimited{RetryAfter: wait}
	}
	a, err := s.check(ctx, name, request, device)
	switch {
	case errors.Is(err, ErrCredentials):
		return account{}, Device{}, err
	case err != nil: // nothing was learned about the password
		s.attempts.giveBack(person)
		s.attempts.giveBack(place)
		return account{}, Device{}, err
	}
	s.attempts.forgive(person)
	s.attempts.giveBack(place)
	if a.Factor != nil && !byPIN {
		return a, device, s.wantCode(ctx, request, a, device)
	}
	return a, device, nil
}

// afterPassword is the second half of a login whose password was right before.
func (s *Staff) afterPassword(ctx context.Context, request LoginRequest, device Device) (account, error) {
	var before step
	if err := s.openText(stepName, request.Step, &before); err != nil || before.Device != device.ID || s.now().After(before.Expires) {
		return account{}, ErrCredentials
	}
	a, _, err := s.account(ctx, before.User)
	if errors.Is(err, ErrNoAccount) || err == nil && a.Password.Epoch != before.Password {
		return account{}, ErrCredentials
	}
	if err != nil || a.Factor == nil {
		return a, err
	}
	return a, s.wantCode(ctx, request, a, device)
}

// wantCode spends the request's code. Guessing is slowed down as with a password,
// and counted apart from it: who gets this far knows the password.
func (s *Staff) wantCode(ctx context.Context, request LoginRequest, a account, device Device) error {
	if request.Code == "" && request.Step != "" {
		return &SecondFactor{Step: request.Step} // no longer than it was
	}
	if request.Code == "" {
		sealed, err := s.sealText(stepName, step{a.Name, device.ID, a.Password.Epoch, s.now().Add(stepFor)})
		if err != nil {
			return err
		}
		return &SecondFactor{Step: sealed}
	}
	person, _ := limitKeys(a.Name, device, request.Address)
	person += "/code"
	if wait := s.attempts.try(map[string]rule{person: request.Person.rule(5)}); wait > 0 {
		return &RateLimited{RetryAfter: wait}
	}
	err := s.useCode(ctx, a.Name, request.Code)
	switch {
	case err == nil:
		s.attempts.forgive(person)
	case !errors.Is(err, ErrCode):
		s.attempts.giveBack(person)
	}
	return err
}

// limitKeys are what an attempt is counted under. A paired device counts for
// itself: neither strangers who guess an officer's password nor those on the
// hall's wireless network keep an officer out of the tablet at the counter.
func limitKeys(name string, device Device, address string) (person, place string) {
	if device.ID != "" {
		return "person/" + device.ID + "/" + name, "device/" + device.ID
	}
	return "person//" + name, "network/" + network(address)
}

// check does the same work for every name.
func (s *Staff) check(ctx context.Context, name string, request LoginRequest, device Device) (account, error) {
	a, _, err := s.account(ctx, name)
	if err != nil && !errors.Is(err, ErrNoAccount) {
		return account{}, err
	}
	stored, secret := a.Password.Hash, request.Password
	if request.PIN != "" {
		stored, secret = a.PIN.Hash, request.PIN
	}
	known := stored != ""
	if !known {
		stored = s.hasher.decoy
	}
	match, stale, err := s.hasher.verify(ctx, stored, secret)
	if err != nil {
		return account{}, err
	}
	if !match || !known || request.PIN != "" && !a.worksAt(device.Office) {
		return account{}, ErrCredentials
	}
	if stale {
		if err := s.strengthen(ctx, name, stored, secret); err != nil {
			return account{}, err
		}
	}
	return a, nil
}

// strengthen hashes with today's parameters what just has been verified. The
// epoch stays, and with it every session.
func (s *Staff) strengthen(ctx context.Context, name, stored, secret string) error {
	hash, err := s.hasher.hash(ctx, secret)
	if err != nil {
		return err
	}
	return s.update(ctx, name, func(a *account) {
		for _, c := range []*credential{&a.Password, &a.PIN} {
			if c.Hash == stored { // not changed meanwhile
				c.Hash = hash
			}
		}
	})
}

func (a account) worksAt(office string) bool {
	session := Session{Roles: a.Roles, Offices: a.Offices}
	return May(session, Serve, office) || May(session, DeskWork, office)
}
