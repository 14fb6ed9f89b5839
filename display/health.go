package display

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"antrean/internal/ledger"
)

// healthz says that the process lives.
func (a *App) healthz(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz says whether this node can do its work.
func (a *App) readyz(c *fiber.Ctx) error {
	if err := a.Offices.Ready(); err != nil {
		return &failure{status: fiber.StatusServiceUnavailable, code: "unavailable", cause: err}
	}
	return c.SendString("ok\n")
}

func (a *App) metrics() fiber.Handler {
	gatherer := a.Metrics
	if gatherer == nil {
		gatherer = prometheus.NewRegistry()
	}
	return adaptor.HTTPHandler(promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{}))
}

func isAbsent(err error) bool { return errors.Is(err, ledger.ErrAbsent) }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
