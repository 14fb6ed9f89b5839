package staff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"antrean/internal/ledger"
)

// SignIn is a session as the list of those that can be ended shows it.
type SignIn struct {
	ID      string    `json:"id"` // a hash of its token, which opens nothing
	User    string    `json:"user"`
	Device  string    `json:"device,omitempty"` // name of the paired device
	Agent   string    `json:"agent,omitempty"`  // browser
	PIN     bool      `json:"pin,omitempty"`    // begun with a PIN
	Started time.Time `json:"started"`
	Used    time.Time `json:"used"` // five minutes' accuracy
	Expires time.Time `json:"expires"`
}

// SignIns are the sessions that are under way, of one account or of all (""),
// the last used first.
func (s *Staff) SignIns(ctx context.Context, name string) ([]SignIn, error) {
	accounts := map[string]account{}
	err := s.each(ctx, accountPrefix, func(record ledger.Record) error {
		var a account
		if err := s.open(record.Key, record.Value, &a); err != nil {
			return fmt.Errorf("%s: %w", record.Key, err)
		}
		accounts[a.Name] = a
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	devices, err := s.Devices(ctx)
	if err != nil {
		return nil, err
	}
	all := []SignIn{}
	err = s.each(ctx, sessionPrefix, func(record ledger.Record) error {
		var kept session
		if err := s.open(record.Key, record.Value, &kept); errors.Is(err, errUnreadable) {
			return nil // of a key that has left the ring: it opens nothing either
		} else if err != nil {
			return err
		}
		a, known := accounts[kept.User]
		over := !s.now().Before(kept.Expires) || kept.Password != a.Password.Epoch || kept.PIN != "" && kept.PIN != a.PIN.Epoch
		if !known || over || name != "" && name != kept.User {
			return nil
		}
		found := SignIn{
			ID: strings.TrimPrefix(record.Key, sessionPrefix), User: kept.User, Agent: kept.Agent, PIN: kept.PIN != "",
			Started: kept.Started, Used: kept.Expires.Add(-idleLimit), Expires: kept.Expires,
		}
		if kept.Device != "" {
			at := slices.IndexFunc(devices, func(d Device) bool { return d.ID == kept.Device })
			if at < 0 {
				return nil // revoked
			}
			found.Device = devices[at].Name
		}
		all = append(all, found)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	slices.SortFunc(all, func(x, y SignIn) int { return cmp.Or(y.Used.Compare(x.Used), cmp.Compare(x.ID, y.ID)) })
	return all, nil
}

// EndSignIn ends a session of the account by its id; one that is over is no
// error.
func (s *Staff) EndSignIn(ctx context.Context, name, id string) error {
	all, err := s.SignIns(ctx, name)
	if err != nil {
		return err
	}
	return s.end(ctx, slices.DeleteFunc(all, func(one SignIn) bool { return one.ID != id }))
}

// EndSignIns ends all sessions of an account but one ("": none is spared).
func (s *Staff) EndSignIns(ctx context.Context, name, but string) error {
	all, err := s.SignIns(ctx, name)
	if err != nil {
		return err
	}
	return s.end(ctx, slices.DeleteFunc(all, func(one SignIn) bool { return one.ID == but }))
}

func (s *Staff) end(ctx context.Context, these []SignIn) error {
	defer s.cache.forget()
	for _, one := range these {
		if err := s.records.Delete(ctx, sessionPrefix+one.ID); err != nil {
			return fmt.Errorf("end a session of %s: %w", one.User, err)
		}
	}
	return nil
}
