package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"antrean/internal/calendar"
	"antrean/internal/config"
	"antrean/internal/simulate"
	"antrean/internal/staff"
)

type demoCommand struct {
	Addr     string  `help:"Loopback address to listen on." default:"127.0.0.1:8080"`
	Speed    float64 `help:"How many times faster than life the day runs." default:"60"`
	Seed     uint64  `help:"Another seed is another day." default:"1"`
	LogLevel string  `help:"debug, info, warn or error." default:"warn"`
}

// demoPassword opens every demo account; the demo listens on loopback only.
const demoPassword = "antrean-demo"

func (c demoCommand) Run(p *process) error {
	if c.Speed < 1 || c.Speed > 600 {
		return misused("--speed %g is out of range (1 to 600)", c.Speed)
	}
	log, err := newLog(p.err, c.LogLevel)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "antrean-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	offices := config.Default()
	for i := range offices {
		offices[i].NoShow.SelfCheckIn = "open" // nobody stands in this hall to read a code
		// The visitor's minute to undo is one of life, not of the demo.
		offices[i].Calling.UndoWithin = calendar.Duration(float64(time.Minute) * c.Speed)
	}
	clock := newSimulatedClock(time.Now(), c.Speed)
	s, err := newServer(p.ctx, serverOptions{
		serveCommand: serveCommand{storeFlags: storeFlags{Data: dir}, Addr: c.Addr, Clock: "simulated"},
		offices:      offices, clock: clock, log: log,
	})
	if err != nil {
		return err
	}
	for _, a := range demoAccounts() {
		if err := s.staff.Add(p.ctx, a, demoPassword); err != nil {
			s.abandon()
			return err
		}
	}
	ctx, stop := context.WithCancel(p.ctx)
	defer stop()
	var all errgroup.Group
	all.Go(func() error { defer stop(); return s.Run(ctx) })
	all.Go(func() error { defer stop(); return c.live(ctx, p.out, s) })
	return all.Wait()
}

// demoAccounts are named by what they may do.
func demoAccounts() []staff.Account {
	everywhere := []string{"bandung", "soekarno-hatta"}
	return []staff.Account{
		{Name: "admin", Roles: []staff.Role{staff.Administrator}},
		{Name: "petugas", Roles: []staff.Role{staff.Officer}, Offices: everywhere},
		{Name: "kepala", Roles: []staff.Role{staff.Supervisor}, Offices: everywhere},
		{Name: "meja", Roles: []staff.Role{staff.Desk}, Offices: everywhere},
	}
}

// live plays one day after the other until somebody stops it.
func (c demoCommand) live(ctx context.Context, out io.Writer, s *server) error {
	_, token, err := s.staff.Login(ctx, staff.LoginRequest{Username: "admin", Password: demoPassword, Address: "127.0.0.1"})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, `Antrean demo: two passport offices of Bandung, a day at %g times the speed of life.

  Booking         %[2]s/
  Lobby TV        %[2]s/display/bandung      %[2]s/display/soekarno-hatta

  With the password %[3]s:
  Officer         %[2]s/counter              as petugas (Loket 10 is free for you)
  Front desk      %[2]s/desk                 as meja
  Kiosk           %[2]s/kiosk/bandung        as meja
  Supervisor      %[2]s/admin                as kepala
  Administrator   %[2]s/admin                as admin

`, c.Speed, s.url, demoPassword)
	days := 0
	_, err = simulate.Run(ctx, simulate.Options{
		URL: s.url, Token: token, Speed: c.Speed, Seed: c.Seed, Days: 10_000, Standby: simulate.UsualStandby,
		Free: map[string]int{"bandung": 1, "soekarno-hatta": 1},
		Ready: func(office, url string) {
			if office != "bandung" {
				return
			}
			if days++; days == 1 {
				fmt.Fprintf(out, "  A phone         %s\n\nStop with Ctrl+C.\n", url)
			} else {
				fmt.Fprintf(out, "  A phone, day %d  %s\n", days, url)
			}
		},
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
