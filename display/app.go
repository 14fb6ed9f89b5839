// Package display is what people and programs reach over HTTP: the pages, the
// JSON API, and the views of an office that both of them and the live topics
// show. A press of Next goes counters.go → ledger → views_counter.go.
package display

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"antrean/internal/figures/yearbook"
	"antrean/internal/ledger"
	"antrean/internal/staff"
	"antrean/internal/subject"
	"antrean/internal/vault"
	"antrean/static"
)

// Options are what an App is made of. Offices, Staff, Vault, Ring and Pages
// are required.
type Options struct {
	Offices *ledger.Offices
	Staff   *staff.Staff
	Vault   *vault.Vault
	Ring    *vault.Keyring
	Pages   *static.Pages

	// Live takes over a request for a live topic; nil: there are none.
	Live func(c *fiber.Ctx, f Feed) error
	// Changed is told when what an office shows has changed by the passing of
	// time alone: doors, predictions, the code of the day. May be nil.
	Changed func(office string)

	// Figures keeps the days of reports; nil: they are counted from the logs.
	Figures *yearbook.Yearbook

	Notices subject.Notices // what people were told; may be nil

	Channels Channels // by which people are told; nil: nobody asks for them
	// Texts are the words that people are told; nil: they cannot be changed.
	Texts Texts
	// Backup is the whole store as it is now, and its size in bytes; kept says
	// that it counts as a backup. nil: it cannot be taken away here.
	Backup func(ctx context.Context, kept bool) (io.ReadCloser, int64, error)
	// Doctor finds what is wrong with the installation, written in a language;
	// nil: nobody can say.
	Doctor func(ctx context.Context, lang string) (any, error)
	// PushKey is the VAPID key that browsers subscribe with (base64url); "":
	// nobody is told by push. PushInsecure allows push services over plain HTTP.
	PushKey      string
	PushInsecure bool

	Log     *slog.Logger        // slog.Default when nil
	Metrics prometheus.Gatherer // /metrics is empty when nil

	Release        string         // of this program, which screens tell with their health
	PublicURL      string         // such as https://antrean.example; "" takes it from each request
	TrustedProxies []netip.Prefix // whose X-Forwarded-* headers are believed
	// Plain says whether an address of ours is the plain listener's, where only
	// displays are served; nil: there is none.
	Plain func(local net.Addr) bool

	// Speed and Simulated describe the offices' clock as static.Page does. A
	// server on a simulated clock knows no rate limits: it listens on loopback
	// and plays a day in seconds.
	Speed     float64
	Simulated bool
}

// App is the Fiber app of one process.
type App struct {
	Options
	fiber    *fiber.App
	limits   *limits
	booking  chan struct{} // holds those who are booking; the others stand in line before it
	watched  *watched
	names    *names
	looks    *looks
	predicts *predictions
	orders   *orders
	hours    *earliestHours
	pasts    *pasts
	listed   atomic.Pointer[[]string] // the offices' ids, as last read
}

const (
	bodyLimit       = 64 << 10
	configBodyLimit = 1 << 20
	headerLimit     = 8 << 10
	patience        = 10 * time.Second // for one request
)

// New returns the app with every route mounted. It listens nowhere yet.
func New(o Options) (*App, error) {
	if o.Offices == nil || o.Staff == nil || o.Vault == nil || o.Ring == nil || o.Pages == nil {
		return nil, errors.New("display: offices, staff, vault, keyring and pages are required")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Changed == nil {
		o.Changed = func(string) {}
	}
	if o.Figures == nil {
		o.Figures = yearbook.New(o.Offices, nil)
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	a := &App{
		Options:  o,
		limits:   newLimits(),
		booking:  make(chan struct{}, bookTogether),
		watched:  newWatched(),
		names:    newNames(),
		looks:    newLooks(),
		predicts: newPredictions(),
		orders:   newOrders(),
		hours:    newEarliestHours(),
		pasts:    newPasts(),
	}
	a.fiber = fiber.New(fiber.Config{
		AppName:               "antrean",
		DisableStartupMessage: true,
		Immutable:             true, // its strings are recycled, and a command outlives its handler
		CaseSensitive:         true,
		BodyLimit:             bodyLimit,
		ReadBufferSize:        headerLimit,
		ReadTimeout:           30 * time.Second,
		WriteTimeout:          30 * time.Second,
		IdleTimeout:           75 * time.Second,
		ErrorHandler:          a.refuse,
		// Fiber believes forwarded headers of everybody unless this is on; ours
		// are read in address.go.
		EnableTrustedProxyCheck: true,
	})
	a.fiber.Server().HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		if string(h.Method()) == fiber.MethodGet && strings.HasPrefix(string(h.RequestURI()), backupPath) {
			return fasthttp.RequestConfig{WriteTimeout: backupPatience}
		}
		method, path := string(h.Method()), string(h.RequestURI())
		if method == fiber.MethodPut && strings.HasSuffix(path, "/config") || method == fiber.MethodPost && strings.HasPrefix(path, "/admin/offices/") && strings.Contains(path, "/config") {
			return fasthttp.RequestConfig{MaxRequestBodySize: configBodyLimit}
		}
		return fasthttp.RequestConfig{}
	}
	a.fiber.Server().Handler = a.knownMethods(a.fiber.Handler())
	a.fiber.Server().ErrorHandler = heardOut(a.fiber.Server().ErrorHandler)
	a.fiber.Use(a.witness, a.displaysOnly, a.protect, unpacked)
	a.routes()
	return a, nil
}

// knownMethods refuses methods that HTTP does not know as everything else is
// refused: Fiber has plain words for them, which no program can read.
func (a *App) knownMethods(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
			next(ctx)
			return
		}
		c := a.fiber.AcquireCtx(ctx)
		defer a.fiber.ReleaseCtx(c)
		if err := a.refuse(c, fiber.ErrMethodNotAllowed); err != nil {
			ctx.SetStatusCode(fiber.StatusMethodNotAllowed)
		}
	}
}

// Fiber is the app to listen with, and to hand to the hub.
func (a *App) Fiber() *fiber.App { return a.fiber }

// Administrators lets only them through, for what is mounted beside the API.
func (a *App) Administrators() fiber.Handler {
	return a.allOffices(staff.Accounts, func(c *fiber.Ctx, _ staff.Session) error { return c.Next() })
}

// Run keeps awake the offices that somebody watches, refreshes what changes
// with time, and returns when the context ends.
func (a *App) Run(ctx context.Context) error {
	defer a.watched.release()
	beat := time.NewTicker(refreshEvery)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
			a.refresh(ctx)
		}
	}
}

// officeOf is the office that the path names.
func (a *App) officeOf(c *fiber.Ctx) (*ledger.Office, error) {
	return a.open(c.UserContext(), c.Params("office"))
}

func (a *App) open(ctx context.Context, id string) (*ledger.Office, error) {
	o, err := a.Offices.Office(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("open office: %w", err)
	}
	return o, nil
}
