package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/pprof"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/sync/errgroup"

	"antrean/display"
	"antrean/hub"
	"antrean/internal/config"
	"antrean/internal/figures/yearbook"
	"antrean/internal/jobs"
	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/vault"
	"antrean/notifier"
	"antrean/static"
)

type serveCommand struct {
	storeFlags
	notifyFlags
	hallFlags
	Addr           string   `help:"Address to listen on." default:":8080"`
	DisplayAddr    string   `name:"display-addr" help:"Address of a second, plain listener (such as :8081) for old screens on the local network: displays and nothing else." placeholder:"ADDR"`
	Config         string   `help:"Offices as YAML; the built-in Bandung configuration otherwise." placeholder:"FILE" type:"existingfile"`
	PublicURL      string   `name:"public-url" help:"How people reach this server, for links." placeholder:"URL"`
	TrustedProxies []string `help:"Addresses or prefixes whose X-Forwarded headers are believed." placeholder:"CIDR"`
	TLSCert        string   `name:"tls-cert" help:"Certificate chain (PEM)." placeholder:"FILE" type:"existingfile"`
	TLSKey         string   `name:"tls-key" help:"Its key (PEM)." placeholder:"FILE" type:"existingfile"`
	ACME           string   `name:"acme" help:"Domain for which a certificate is fetched by ACME." placeholder:"DOMAIN"`
	RequireTOTP    bool     `name:"require-totp" help:"Administrators may do nothing before they have set up a second factor."`
	Clock          string   `help:"real, or simulated: set through /api/v1/clock, loopback only." default:"real" enum:"real,simulated"`
	LogLevel       string   `help:"debug, info, warn or error." default:"info"`
	Pprof          bool     `help:"Serve profiles at /debug/pprof to signed-in administrators."`
}

// adminPassword is the environment variable that makes the first administrator.
const adminPassword = "ANTREAN_ADMIN_PASSWORD"

func (c serveCommand) Run(p *process) error {
	log, err := newLog(p.err, c.LogLevel)
	if err != nil {
		return err
	}
	offices := config.Default()
	if c.Config != "" {
		text, err := os.ReadFile(c.Config)
		if err != nil {
			return misuse{err}
		}
		if offices, err = config.Load(c.Config, text); err != nil {
			return err
		}
	}
	s, err := newServer(p.ctx, serverOptions{serveCommand: c, offices: offices, fromFile: c.Config != "", log: log})
	if err != nil {
		return err
	}
	if err := s.welcome(p.ctx, p); err != nil {
		s.abandon()
		return err
	}
	return s.Run(p.ctx)
}

type serverOptions struct {
	serveCommand
	offices  config.Offices
	fromFile bool
	clock    *simulatedClock // nil: the real one
	log      *slog.Logger
}

// server is one node: everything that serve wires together.
type server struct {
	serverOptions
	store    *store
	ledger   *ledger.Offices
	staff    *staff.Staff
	hub      *hub.Hub
	app      *display.App
	jobs     *jobs.Runner
	notifier *notifier.Notifier
	words    notifier.Texts // that people are told
	listener net.Listener
	plain    net.Listener // for displays only; nil: there is none
	url      string       // where it listens
}

// newServer wires a node, top to bottom, and listens. Run serves.
func newServer(ctx context.Context, o serverOptions) (_ *server, err error) {
	s := &server{serverOptions: o}
	defer func() {
		if err != nil {
			s.abandon()
		}
	}()
	proxies, err := prefixes(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	if err := checkDomain(o.ACME); err != nil {
		return nil, err
	}
	if err := checkPublicURL(o.PublicURL); err != nil {
		return nil, err
	}
	if o.Clock == "simulated" && s.clock == nil {
		s.clock = newSimulatedClock(time.Now(), 1)
	}
	if err := s.listen(); err != nil {
		return nil, err
	}
	if s.plain, err = o.listenPlainly(s.clock != nil); err != nil {
		return nil, err
	}
	if s.plain != nil {
		if err := apart(s.plain, s.listener); err != nil {
			return nil, err
		}
	}
	if s.store, err = o.open(ctx, o.log); err != nil {
		return nil, err
	}
	sweepSpools(o.Data)
	people := vault.New(s.store.records, s.store.ring, time.Now)
	if err := people.Prove(ctx); err != nil {
		return nil, misuse{err}
	}
	s.staff = staff.New(s.store.records, s.store.ring, time.Now)
	s.staff.RequireFactor = o.RequireTOTP
	if err := s.staff.Reseal(ctx); err != nil {
		return nil, err
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	// Changes flow ledger → hub, and from there ask display for the views; the
	// notifier reads the office's log when it has time.
	ledgerOptions := ledger.Options{
		Log: o.log, Registerer: metrics, Archive: s.store.archive,
		OnChange: func(office string) {
			s.hub.Changed(office)
			s.notifier.Changed(office)
		},
	}
	if s.clock != nil {
		ledgerOptions.Clock = s.clock
	}
	s.ledger = ledger.New(s.store.log, s.store.records, ledgerOptions)
	s.hub = hub.New(hub.Options{
		Log: o.log, Registerer: metrics, Clock: s.ledger.Now,
		SameOrigin: func(c *fiber.Ctx) bool { return s.app.SameOrigin(c) }, // knows the proxies
	})
	var push notifier.VAPID
	if s.notifier, push, err = s.newNotifier(ctx, people, metrics); err != nil {
		return nil, err
	}
	pages, err := static.New()
	if err != nil {
		return nil, err
	}
	dressed, err := o.dress(pages)
	if err != nil {
		return nil, err
	}
	speed := 1.0
	if s.clock != nil {
		speed = s.clock.speed
	}
	figures := yearbook.New(s.ledger, s.store.records)
	s.app, err = display.New(display.Options{
		Offices: s.ledger, Staff: s.staff, Vault: people, Ring: s.store.ring, Pages: pages,
		Live:    func(c *fiber.Ctx, f display.Feed) error { return s.hub.Serve(c, s.topic(f)) },
		Changed: s.hub.Changed, Figures: figures, Notices: noticesIn(s.store.log), Texts: wordings{s.words}, Channels: channelsOf{s.notifier}, Log: o.log, Metrics: metrics,
		Backup:    s.backup,
		Doctor:    s.doctor,
		Plain:     isAddress(s.plain),
		PublicURL: o.PublicURL, TrustedProxies: proxies, PushKey: push.Public, PushInsecure: o.PushAllowPrivate,
		Simulated: s.clock != nil, Speed: speed, Release: version,
	})
	if err != nil {
		return nil, err
	}
	hearCallbacks(s.app.Fiber(), s.notifier)
	hub.Configure(s.app.Fiber())
	if o.Pprof {
		s.app.Fiber().Use("/debug/pprof", s.app.Administrators(), pprof.New())
	}
	table := append(jobs.Table(s.ledger, people, s.store.expire), jobs.Job{Name: "keep figures", Spec: "@every 30m", Do: figures.Keep})
	s.jobs = jobs.New(s.ledger, table, o.log)
	if err := s.configure(ctx); err != nil {
		return nil, err
	}
	return s, s.checkOffices(ctx, dressed)
}

// topic is a display's feed as the hub knows it.
func (s *server) topic(f display.Feed) hub.Topic {
	return hub.Topic{Key: f.Key, Group: f.Office, Tick: f.Tick, SameOrigin: f.SameOrigin, Allowed: f.Allowed, View: view{f.View, s.clock}}
}

// view hands a display's snapshots to the hub.
type view struct {
	display.View
	clock *simulatedClock
}

func (v view) Snapshot(epoch string, version uint64) (hub.Snapshot, error) {
	s, err := v.View.Snapshot(epoch, version)
	return hub.Snapshot(s), err
}

// Confirmed tells the age of the log's end in real seconds, also where the
// offices' clock runs faster: what is stale is so for people who look.
func (v view) Confirmed() (epoch string, version uint64, at time.Time) {
	epoch, version, at = v.View.Confirmed()
	if v.clock != nil {
		at = v.clock.realAge(at)
	}
	return epoch, version, at
}

// configure brings the offices of the configuration to life, and tells how a
// changed file differs before applying it as one event.
func (s *server) configure(ctx context.Context) error {
	known, err := s.ledger.IDs(ctx)
	if err != nil {
		return err
	}
	if s.clock != nil {
		if err := s.resumeClock(ctx, known); err != nil {
			return err
		}
	}
	if !s.fromFile {
		return s.found(ctx, len(known) == 0)
	}
	for i := range s.offices {
		if err := s.configureOffice(ctx, i); err != nil {
			return fmt.Errorf("configure %s: %w", s.offices[i].ID, err)
		}
	}
	return nil
}

// resumeClock lets a simulated clock go on where the logs left it.
func (s *server) resumeClock(ctx context.Context, offices []string) error {
	for _, id := range offices {
		office, err := s.ledger.Office(ctx, id)
		if err != nil {
			return err
		}
		office.Read(func(state *queue.State) { s.clock.Set(state.At, s.clock.speed) })
	}
	return nil
}

func (s *server) listen() (err error) {
	if s.listener, err = net.Listen("tcp", s.Addr); err != nil {
		var inner *net.OpError
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return misused("--addr %s: %w", s.Addr, err)
	}
	s.listener = &patientListener{Listener: s.listener}
	address := s.listener.Addr().(*net.TCPAddr)
	if s.clock != nil && !address.IP.IsLoopback() {
		return misused("a simulated clock listens on loopback only (for example --addr 127.0.0.1:8080)")
	}
	host := "localhost"
	if address.IP.IsLoopback() {
		host = address.IP.String()
	}
	scheme := "http"
	switch {
	case s.ACME != "":
		manager := &autocert.Manager{Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(s.ACME), Cache: autocert.DirCache(s.Data + "/certificates")}
		s.listener = tls.NewListener(s.listener, &tls.Config{GetCertificate: manager.GetCertificate, NextProtos: []string{"http/1.1", acme.ALPNProto}, MinVersion: tls.VersionTLS12})
		scheme, host = "https", s.ACME
	case s.TLSCert != "" || s.TLSKey != "":
		if s.TLSCert == "" || s.TLSKey == "" {
			return misused("--tls-cert and --tls-key go together")
		}
		cert, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
		if err != nil {
			return misused("--tls-cert and --tls-key: %w", err)
		}
		s.listener = tls.NewListener(s.listener, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
		scheme = "https"
	}
	s.url = fmt.Sprintf("%s://%s", scheme, net.JoinHostPort(host, fmt.Sprint(address.Port)))
	return nil
}

// welcome makes the first administrator: by the password of the environment, or
// by a link that is printed and works once.
func (s *server) welcome(ctx context.Context, p *process) error {
	if password := os.Getenv(adminPassword); password != "" {
		err := s.staff.Add(ctx, staff.Account{Name: "admin", Roles: []staff.Role{staff.Administrator}}, password)
		if err != nil && !errors.Is(err, staff.ErrExists) {
			return misused("%s: %w", adminPassword, err)
		}
		if errors.Is(staff.CheckPassword("admin", password), staff.ErrWeakPassword) {
			s.log.Warn("the first administrator's password is among those that are tried first", "from", adminPassword)
		}
	}
	link, err := s.staff.SetupLink(ctx)
	switch {
	case errors.Is(err, staff.ErrSetUp):
	case err != nil:
		return err
	default:
		base := s.PublicURL
		if base == "" {
			base = s.url
		}
		fmt.Fprintf(p.out, "The first administrator is made here, once:\n\n    %s/setup?token=%s\n\n", strings.TrimRight(base, "/"), link)
	}
	s.log.Info("serving", "url", s.url, "version", version)
	return nil
}

// Run serves until the context ends; then everybody is told to come back, what
// is under way is finished, and everything started here is gone.
func (s *server) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, s.store.close()) }()
	inner, stopInner := context.WithCancel(context.WithoutCancel(ctx)) // what requests need outlives them
	defer stopInner()
	var core, edge errgroup.Group
	core.Go(func() error { return s.ledger.Run(inner) })

	edgeCtx, stopEdge := context.WithCancel(ctx)
	defer stopEdge()
	if s.clock != nil {
		var jump sync.Mutex
		var last time.Time
		s.clock.routes(s.app.Fiber(), func() {
			jump.Lock()
			defer jump.Unlock()
			if now := s.clock.Now(); now.Sub(last) >= 4*time.Second {
				last = now
				s.jobs.All(edgeCtx)
			}
		})
	}
	s.app.Fiber().Handler() // builds the routes, which two listeners are about to read
	edge.Go(func() error {
		err := s.app.Fiber().Listener(s.listener)
		stopEdge()
		return err
	})
	if s.plain != nil {
		edge.Go(func() error {
			err := s.app.Fiber().Server().Serve(s.plain)
			stopEdge()
			return err
		})
	}
	edge.Go(func() error { return s.hub.Run(edgeCtx) })
	edge.Go(func() error { return s.app.Run(edgeCtx) })
	edge.Go(func() error { return s.jobs.Run(edgeCtx) })
	edge.Go(func() error { return s.notifier.Run(edgeCtx) })
	edge.Go(func() error { return s.announce(edgeCtx) })
	edge.Go(func() error {
		<-edgeCtx.Done()
		defer s.stopListening() // a shutdown that comes before the server listens closes nothing
		return s.app.Fiber().ShutdownWithTimeout(5 * time.Second)
	})
	err = edge.Wait()
	stopInner()
	return errors.Join(err, core.Wait())
}

// backup is the store as it is now, for an administrator to take away: to be
// kept, or to be exported.
func (s *server) backup(ctx context.Context, kept bool) (io.ReadCloser, int64, error) {
	write := s.store.copy
	if kept {
		write = s.store.backup
	}
	f, err := s.store.spool(ctx, s.Data, write)
	if err != nil {
		return nil, 0, err
	}
	return f, f.Size, nil
}

// abandon closes what a server that never ran has opened.
func (s *server) abandon() {
	s.stopListening()
	if s.store != nil {
		_ = s.store.close() // nothing was written
	}
}

// checkPublicURL refuses what links could not begin with.
func checkPublicURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return misused("--public-url %q is not allowed (http:// or https:// and a host, such as https://antrean.example.go.id)", text)
	}
	return nil
}

// domain is what a certificate can be fetched for.
var domain = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$`)

func checkDomain(text string) error {
	if text != "" && !domain.MatchString(text) {
		return misused("--acme %q is not allowed (a domain, such as antrean.example.go.id)", text)
	}
	return nil
}

// prefixes reads addresses and prefixes.
func prefixes(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, t := range texts {
		if a, err := netip.ParseAddr(t); err == nil {
			all = append(all, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, misused("--trusted-proxies %q is neither an address nor a prefix (such as 10.0.0.0/8)", t)
		}
		all = append(all, p)
	}
	return all, nil
}
