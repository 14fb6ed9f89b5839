package display

import (
	"context"
	"sync"
	"time"

	"antrean/internal/staff"
	"antrean/static"
)

// nameCurrent adds the name of the person at the counter, for the officer who
// sits there and for nobody else.
func (a *App) nameCurrent(ctx context.Context, v *static.CounterView, who staff.Session) {
	if v.Current == nil || v.Officer == "" || v.Officer != who.User {
		return
	}
	v.Current.Name = a.names.of(ctx, a, v.Office, v.Current.Ticket)
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

// of is the person's name, "" for a walk-in or when the vault is closed.
func (n *names) of(ctx context.Context, a *App, office, ticket string) string {
	key, now := office+"/"+ticket, time.Now()
	n.mu.Lock()
	held, ok := n.known[key]
	n.mu.Unlock()
	if ok && now.Before(held.until) {
		return held.name
	}
	person, err := a.Vault.Get(ctx, office, ticket)
	if err != nil && !isAbsent(err) {
		a.Log.Warn("the name of who is at a counter cannot be read", "office", office, "ticket", ticket, "error", err)
		return held.name
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.known) >= namesKept {
		clear(n.known)
	}
	n.known[key] = knownName{person.Name, now.Add(nameFor)}
	return person.Name
}
