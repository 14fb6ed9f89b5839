package display

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"antrean/internal/queue"
)

// usualLimits are for one address, where the office sets none. A whole village
// may share the address of its network, so they only stop machines.
var usualLimits = map[string]queue.Rate{
	"bookings":  {Count: 120, Per: time.Minute},
	"forms":     {Count: 240, Per: time.Minute}, // filled in further, without scripts
	"tickets":   {Count: 240, Per: time.Minute},
	"pairing":   {Count: 30, Per: time.Minute},
	"setup":     {Count: 20, Per: time.Minute},
	"witnesses": {Count: 30, Per: time.Minute},      // live clients that know more than this node
	"codes":     {Count: 10, Per: 10 * time.Minute}, // given at check-in, for one ticket and not one address
}

const limitedAddresses = 10_000 // remembered; the one unseen for longest goes first

// limits counts requests by kind, office and address.
type limits struct {
	mu      sync.Mutex
	buckets map[string]*list.Element
	recent  *list.List // of *bucket, latest first
}

type bucket struct {
	key  string
	rule queue.Rate
	left *rate.Limiter
}

func newLimits() *limits {
	return &limits{buckets: map[string]*list.Element{}, recent: list.New()}
}

// take counts one request and returns 0, or how long to wait.
func (l *limits) take(key string, rule queue.Rate, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	element := l.buckets[key]
	if element == nil || element.Value.(*bucket).rule != rule {
		if element != nil {
			l.recent.Remove(element)
		} else if len(l.buckets) >= limitedAddresses {
			oldest := l.recent.Back()
			delete(l.buckets, oldest.Value.(*bucket).key)
			l.recent.Remove(oldest)
		}
		every := rate.Every(rule.Per / time.Duration(rule.Count))
		element = l.recent.PushFront(&bucket{key: key, rule: rule, left: rate.NewLimiter(every, rule.Count)})
		l.buckets[key] = element
	}
	l.recent.MoveToFront(element)
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

func (a *App) admit(c *fiber.Ctx, kind string) error {
	return a.take(c, kind, network(a.address(c)))
}

// take counts a request of a kind under whom, at the office that it is about.
func (a *App) take(c *fiber.Ctx, kind, whom string) error {
	if a.Simulated {
		return nil
	}
	rule, office := usualLimits[kind], a.officeNamed(c)
	if office != "" {
		if o, err := a.open(c.UserContext(), office); err == nil {
			o.Read(func(s *queue.State) {
				if set, ok := s.Config.Limits[kind]; ok {
					rule = set
				}
			})
		} else {
			office = "" // no bucket for every name that somebody invents
		}
	}
	if wait := a.limits.take(kind+"/"+office+"/"+whom, rule, time.Now()); wait > 0 {
		return limited(wait)
	}
	return nil
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
	office, _, _, err := a.Ring.ParseToken(tokenOf(c))
	if err != nil {
		return ""
	}
	return office
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
