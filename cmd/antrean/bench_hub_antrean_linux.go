package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/config"
	"antrean/internal/queue"
	"antrean/internal/staff"
)

const (
	hubOffice   = "bench"
	hubCounters = 10
)

// antreanPeer is a whole node of ours, on a store of its own.
type antreanPeer struct {
	*server
	tokens []string
	stop   func()
	ended  chan error
}

func newAntreanPeer(ctx context.Context, dir string, at storeOfPeer) (benchServer, error) {
	o := serverOptions{
		serveCommand: serveCommand{storeFlags: storeFlags{Data: dir, Redis: at.Redis}, Addr: "127.0.0.1:0", Clock: "real"},
		offices:      config.Default(), log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	officers := 0
	if at.Days {
		o.Clock = "simulated"
		for i := range o.offices { // what is kept by design is to come and go as well
			o.offices[i].Retention = queue.Retention{Personal: calendar.Duration(24 * time.Hour), Log: calendar.Duration(24 * time.Hour)}
		}
	} else {
		office, err := benchOffice(hubOffice, hubCounters)
		if err != nil {
			return nil, err
		}
		o.offices, officers = config.Offices{*office}, hubCounters
	}
	s, err := newServer(ctx, o)
	if err != nil {
		return nil, err
	}
	p := &antreanPeer{server: s, ended: make(chan error, 1)}
	if !at.Join {
		if err := p.employ(ctx, officers); err != nil {
			s.abandon()
			return nil, err
		}
	}
	ctx, p.stop = context.WithCancel(ctx)
	go func() { p.ended <- s.Run(ctx) }() // ends with ctx, awaited in close
	return p, nil
}

// employ signs an administrator in, and officers.
func (p *antreanPeer) employ(ctx context.Context, officers int) error {
	password := rand.Text()
	for i := range officers + 1 {
		account := staff.Account{Name: "petugas-" + strconv.Itoa(i), Roles: []staff.Role{staff.Officer}, Offices: []string{hubOffice}}
		if i == 0 {
			account = staff.Account{Name: "admin", Roles: []staff.Role{staff.Administrator}}
		}
		if err := p.staff.Add(ctx, account, password); err != nil {
			return err
		}
		_, token, err := p.staff.Login(ctx, staff.LoginRequest{Username: account.Name, Password: password, Address: "127.0.0.1"})
		if err != nil {
			return err
		}
		p.tokens = append(p.tokens, token)
	}
	return nil
}

func (p *antreanPeer) greeting() report {
	u, _ := url.Parse(p.url) // made by listen
	return report{Addr: net.JoinHostPort("127.0.0.1", u.Port()), URL: p.url, Tokens: p.tokens}
}

func (p *antreanPeer) obey(o order) (r report, err error) {
	if o.Do != "version" {
		return r, fmt.Errorf("no such order: %s", o.Do)
	}
	office, err := p.ledger.Office(context.Background(), hubOffice)
	if err != nil {
		return r, err
	}
	office.Read(func(s *queue.State) { r.Version = s.Version })
	return r, nil
}

func (p *antreanPeer) close() error {
	p.stop()
	if err := <-p.ended; err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
