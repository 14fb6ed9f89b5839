package display

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
)

// looks remember who has seen whose data a moment ago: a page that is painted
// anew whenever the hall changes is one look, not a hundred events.
type looks struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

const (
	lookFor   = 10 * time.Minute
	looksKept = 10_000
)

func newLooks() *looks { return &looks{seen: map[string]time.Time{}} }

// unseen are the tickets whose data the user has not seen for a while.
func (l *looks) unseen(user, office string, tickets []string) (fresh []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range tickets {
		if time.Since(l.seen[user+"/"+office+"/"+id]) > lookFor {
			fresh = append(fresh, id)
		}
	}
	return fresh
}

func (l *looks) keep(user, office string, tickets []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen)+len(tickets) > looksKept {
		clear(l.seen)
	}
	for _, id := range tickets {
		l.seen[user+"/"+office+"/"+id] = time.Now()
	}
}

// look writes down, before anything is shown, whose data somebody sees.
func (a *App) look(c *fiber.Ctx, v visit, people ...foundTicket) error {
	var tickets []string
	for _, f := range people {
		if f.known {
			tickets = append(tickets, f.ID)
		}
	}
	tickets = a.looks.unseen(v.scope(), v.id, tickets)
	if len(tickets) == 0 {
		return nil
	}
	o := order{by: v.actor(), request: rand.Text()}
	err := a.do(c, v.office, o, queue.LookAtPeople{What: queue.DataFound, Tickets: tickets}, func(*queue.State, []*queue.Event) {})
	if err == nil {
		a.looks.keep(v.scope(), v.id, tickets)
	}
	return err
}

func (v visit) supervises() bool { return staff.May(v.who, staff.Supervise, v.id) }
