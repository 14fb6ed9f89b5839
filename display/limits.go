package display

import (
	"container/list"
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"antrean/internal/queue"
)

// limitedEach is how many are remembered of each kind; the one unseen for
// longest goes first. Kinds do not crowd each other out: whoever makes up
// identities does not make us forget addresses.
const limitedEach = 20_000

// limits counts requests by kind, office and whom.
type limits struct {
	mu    sync.Mutex
	kinds map[string]*buckets

	shared atomic.Pointer[shared]
}

type buckets struct {
	found  map[string]*list.Element
	recent *list.List // of *bucket, latest first
}

type bucket struct {
	key  string
	rule queue.Rate
	left *rate.Limiter
}

func newLimits() *limits { return &limits{kinds: map[string]*buckets{}} }

// take counts one request and returns 0, or how long to wait.
func (l *limits) take(kind, key string, rule queue.Rate, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.kinds[kind]
	if b == nil {
		b = &buckets{found: map[string]*list.Element{}, recent: list.New()}
		l.kinds[kind] = b
	}
	element := b.found[key]
	if element == nil || element.Value.(*bucket).rule != rule {
		if element != nil {
			b.recent.Remove(element)
		} else if len(b.found) >= limitedEach {
			oldest := b.recent.Back()
			delete(b.found, oldest.Value.(*bucket).key)
			b.recent.Remove(oldest)
		}
		every := rate.Every(rule.Per / time.Duration(rule.Count))
		element = b.recent.PushFront(&bucket{key: key, rule: rule, left: rate.NewLimiter(every, rule.Count)})
		b.found[key] = element
	}
	b.recent.MoveToFront(element)
	left := element.Value.(*bucket).left
	booked := left.ReserveN(now, 1)
	if wait := booked.DelayFrom(now); wait > 0 {
		booked.CancelAt(now)
		return wait
	}
	return 0
}

// limited lets so many public requests of a kind through for each address.
func (a *App) limited(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := a.admit(c, kind); err != nil {
			return err
		}
		return c.Next()
	}
}

// admit counts a request under its address.
func (a *App) admit(c *fiber.Ctx, kind string) error {
	return a.take(c, kind, network(a.address(c)), "many_address")
}

// admitBooking counts a booking under its address and its device.
func (a *App) admitBooking(c *fiber.Ctx) error {
	if err := a.admit(c, "bookings"); err != nil {
		return err
	}
	if device, ok := a.visitor(c); ok {
		return a.take(c, "bookings_device", device, "many_device")
	}
	return nil // a new one, which is counted from its next booking on
}

// admitPeople counts a booking under the identities of its people, of which a
// digest is remembered, and that in memory only.
func (a *App) admitPeople(c *fiber.Ctx, b booking) error {
	for _, p := range b.people {
		if err := a.take(c, "bookings_identity", a.Ring.Key("identity", "", p.NIK), "many_identity"); err != nil {
			return err
		}
	}
	return nil
}

// admitTicket counts what is done with a ticket under its address and itself.
func (a *App) admitTicket(c *fiber.Ctx) error {
	if err := a.admit(c, "tickets"); err != nil {
		return err
	}
	if h, err := a.ticketOf(a.tokenOf(c)); err == nil {
		if err := a.take(c, "tickets_each", h.ticket, "many_ticket"); err != nil {
			return err
		}
	}
	return c.Next()
}

// take counts a request of a kind under whom, at the office that it is about.
// why is the word for what to do when there were too many.
func (a *App) take(c *fiber.Ctx, kind, whom, why string) error {
	if a.Simulated {
		return nil
	}
	office := a.officeNamed(c)
	rule, known := a.limitAt(c.UserContext(), office, kind)
	if !known {
		office, rule = "", a.limitAnywhere(c.UserContext(), kind) // no bucket for every name that somebody invents
	}
	if wait := a.limits.take(kind, office+"/"+whom, rule, time.Now()); wait > 0 {
		return limitedFor(wait, why)
	}
	return nil
}

func (a *App) limitAt(ctx context.Context, office, kind string) (rule queue.Rate, known bool) {
	if office == "" {
		return rule, false
	}
	o, err := a.open(ctx, office)
	if err != nil {
		return rule, false
	}
	o.Read(func(s *queue.State) { rule = s.Config.Limit(kind) })
	return rule, true
}

// shared are the limits of what is nobody's office in particular, such as a
// login: the strictest that an office sets.
type shared struct {
	read  time.Time
	rules map[string]queue.Rate
}

const sharedFor = 10 * time.Second // until the offices are asked anew

func (a *App) limitAnywhere(ctx context.Context, kind string) queue.Rate {
	known := a.limits.shared.Load()
	if known == nil || time.Since(known.read) > sharedFor {
		fresh := &shared{time.Now(), map[string]queue.Rate{}}
		err := a.eachOffice(ctx, func(s *queue.State, _ time.Time) {
			for name, rule := range s.Config.Limits {
				if other, ok := fresh.rules[name]; !ok || stricter(rule, other) {
					fresh.rules[name] = rule
				}
			}
		})
		if err == nil || known == nil {
			known = fresh
			a.limits.shared.Store(known)
		}
	}
	if rule, ok := known.rules[kind]; ok {
		return rule
	}
	return queue.UsualLimit(kind)
}

func stricter(a, b queue.Rate) bool {
	return float64(a.Count)/float64(a.Per) < float64(b.Count)/float64(b.Per)
}

// officeNamed is the office that a public request is about, as its path, its
// form or its ticket names it; "" if none does.
func (a *App) officeNamed(c *fiber.Ctx) string {
	if office := c.Params("office"); office != "" {
		return office
	}
	if c.Method() == fiber.MethodPost && (c.Path() == "/" || c.Path() == "/form") {
		return c.FormValue("office")
	}
	h, err := a.ticketOf(a.tokenOf(c))
	if err != nil {
		return ""
	}
	return h.id
}

// network is what one customer has to himself: an IPv4 address, or a /64.
func network(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address
}
