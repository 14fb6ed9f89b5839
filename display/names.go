package display

import (
	"context"
	"errors"
	"sync"
	"time"

	"antrean/internal/staff"
	"antrean/internal/vault"
	"antrean/static"
)

// nameCurrent adds the name of the person at the counter, for the officer who
// sits there and for nobody else. The error says that the store did not tell.
func (a *App) nameCurrent(ctx context.Context, v *static.CounterView, who staff.Session) (err error) {
	if v.Current == nil || v.Officer == "" || v.Officer != who.User {
		return nil
	}
	if v.Current.Erased {
		return nil
	}
	v.Current.Name, err = a.names.of(ctx, a, v.Office, v.Current.Ticket)
	return err
}

// names remembers for a moment who is at the counters, so that a picture of a
// counter does not ask the vault each time.
type names struct {
	mu    sync.Mutex
	known map[string]knownName
}

type knownName struct {
	name  string
	until time.Time
}

const (
	nameFor   = time.Minute
	namesKept = 1000
)

func newNames() *names { return &names{known: map[string]knownName{}} }

// forget makes every name be asked for again.
func (n *names) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.known)
}

// of is the person's name, "" for a walk-in or when the vault is closed. The
// error says that the store did not tell; the name is then as it was last known.
func (n *names) of(ctx context.Context, a *App, office, ticket string) (string, error) {
	key, now := office+"/"+ticket, time.Now()
	n.mu.Lock()
	held, ok := n.known[key]
	n.mu.Unlock()
	if ok && now.Before(held.until) {
		return held.name, nil
	}
	person, err := a.Vault.Get(ctx, office, ticket)
	if err != nil && !isAbsent(err) {
		a.Log.Warn("the name of who is at a counter cannot be read", "office", office, "ticket", ticket, "error", err)
		if errors.Is(err, vault.ErrSealed) {
			err = nil // and will not open the next time either
		}
		return held.name, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.known) >= namesKept {
		clear(n.known)
	}
	n.known[key] = knownName{person.Name, now.Add(nameFor)}
	return person.Name, nil
}
