package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"antrean/internal/config"
	"antrean/internal/simulate"
)

// benchSoak plays day after day as fast as the server answers, while sockets
// come and go, and weighs the server in between.
type benchSoak struct {
	For     time.Duration `help:"How long." default:"30m"`
	Sockets int           `help:"Clients, of whom a tenth is cut and comes back at a time." default:"5000"`
	Every   time.Duration `help:"How often the server is weighed, after it has collected its garbage." default:"15s"`
	Dir     string        `help:"Where the store is put meanwhile." placeholder:"DIR"`
	JSON    bool          `name:"json" help:"Print the figures as JSON."`
	Profile string        `help:"Write a heap profile (pprof) of the server's end to FILE." placeholder:"FILE" hidden:""`
}

// soakTarget is by how much the last quarter may lie above the second one, in
// which everything has warmed up.
const soakTarget = 1.1

const (
	soakGroups = 10                     // of displays
	soakBeat   = 500 * time.Millisecond // between two groups that are cut
	soakPhones = 50                     // on one applicant's ticket, which is another every day
)

// A soakSample is the server at a moment.
type soakSample struct {
	Seconds     float64 `json:"seconds"`
	Days        int     `json:"days"`      // played
	Memory      float64 `json:"memory_mb"` // resident, without pages of files
	Mapped      float64 `json:"mapped_mb"` // pages of files: the store, the program
	Goroutines  int     `json:"goroutines"`
	Descriptors int     `json:"descriptors"`
	Returned    int     `json:"returned"` // sockets that were cut and came back, so far
}

type soakFigures struct {
	Sockets int          `json:"sockets"`
	Samples []soakSample `json:"samples"`
	// The last quarter's median by that of the second.
	Memory      float64 `json:"memory"`
	Goroutines  float64 `json:"goroutines"`
	Descriptors float64 `json:"descriptors"`
	Lost        int     `json:"lost"` // sockets that ended by themselves
}

func (c benchSoak) Run(p *process) error {
	if c.For <= 0 || c.For > 7*24*time.Hour {
		return misused("--for %s is out of range (above 0, up to 168h)", c.For)
	}
	if c.Every <= 0 || c.Every*4 > c.For {
		return misused("--every %s is out of range (above 0, up to a quarter of --for)", c.Every)
	}
	if c.Sockets < soakGroups || c.Sockets > fdsEach-soakPhones {
		return misused("--sockets %d is out of range (%d to %d)", c.Sockets, soakGroups, fdsEach-soakPhones)
	}
	dir, err := os.MkdirTemp(c.Dir, "antrean-bench-")
	if err != nil {
		return misuse{err}
	}
	defer os.RemoveAll(dir)
	s := &soak{benchSoak: c, progress: p.err, links: make(chan string, 1)}
	if s.server, err = startPeer(p.ctx, "antrean", dir, "--days"); err != nil {
		return err
	}
	defer s.server.close()
	if s.clients, err = startPeer(p.ctx, "clients", dir); err != nil {
		return err
	}
	defer s.clients.close()
	f, err := s.run(p.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(p.out).Encode(f)
	}
	return f.print(p.out)
}

// soak is a run of bench soak.
type soak struct {
	benchSoak
	progress io.Writer
	server   *peer
	clients  *peer
	days     atomic.Int64
	links    chan string // of an applicant's page, the newest
	lost     int
	returned int
	phones   string // the group of those on a ticket
}

func (s *soak) run(ctx context.Context) (*soakFigures, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	played := make(chan error, 1)
	for i := range soakGroups {
		office := config.Default()[i%len(config.Default())].ID
		if err := s.tell(order{
			Do: "connect", Group: group(i), Addr: s.server.hello.Addr, Clients: s.Sockets / soakGroups,
			Paths: []string{"/live/offices/" + office + "/display"},
		}); err != nil {
			return nil, err
		}
	}
	go func() { played <- s.play(ctx) }() // ends with ctx, awaited below
	f := &soakFigures{Sockets: s.Sockets}
	beat := time.NewTicker(soakBeat)
	defer beat.Stop()
	began, weighed := time.Now(), time.Now()
	for round := 0; time.Since(began) < s.For; round++ {
		if err := s.comeAndGo(round); err != nil {
			return nil, err
		}
		select {
		case err := <-played:
			return nil, err
		case link := <-s.links:
			if err := s.follow(link); err != nil {
				return nil, err
			}
		case <-beat.C:
		}
		if time.Since(weighed) >= s.Every {
			weighed = time.Now()
			if err := s.weigh(f, began); err != nil {
				return nil, err
			}
		}
	}
	stop()
	if err := <-played; !errors.Is(err, context.Canceled) {
		return nil, err
	}
	if s.Profile != "" {
		if _, err := s.server.ask(order{Do: "heap", File: s.Profile}); err != nil {
			return nil, err
		}
	}
	f.conclude(s.lost)
	return f, nil
}

// play plays days until the context ends.
func (s *soak) play(ctx context.Context) error {
	day := ""
	_, err := simulate.Run(ctx, simulate.Options{
		URL: s.server.hello.URL, Token: s.server.hello.Tokens[0], Seed: 1, Days: 1 << 20,
		Progress: func(_, _ int, at time.Time) {
			if today := at.Format(time.DateOnly); today != day {
				day = today
				s.days.Add(1)
			}
		},
		Ready: func(_, url string) {
			select {
			case <-s.links:
			default:
			}
			s.links <- url
		},
	})
	return err
}

func group(i int) string { return fmt.Sprintf("hall-%d", i%soakGroups) }

// comeAndGo cuts one group's sockets, as a switch without power does, and lets
// them come back.
func (s *soak) comeAndGo(round int) error {
	if err := s.tell(order{Do: "cut", Group: group(round)}); err != nil {
		return err
	}
	s.returned += s.Sockets / soakGroups
	return s.tell(order{Do: "return", Group: group(round)})
}

// follow lets phones leave the last ticket for another.
func (s *soak) follow(link string) error {
	if s.phones != "" {
		if err := s.tell(order{Do: "leave", Group: s.phones}); err != nil {
			return err
		}
	}
	token := link[strings.LastIndexAny(link, "/#=")+1:]
	s.phones = "ticket-" + token
	return s.tell(order{Do: "connect", Group: s.phones, Addr: s.server.hello.Addr, Clients: soakPhones, Paths: []string{"/live/tickets/" + token}})
}

func (s *soak) tell(o order) error {
	r, err := s.clients.ask(o)
	s.lost += r.Lost
	return err
}

func (s *soak) weigh(f *soakFigures, began time.Time) error {
	r, err := s.server.ask(order{Do: "collect"})
	if err != nil {
		return err
	}
	f.Samples = append(f.Samples, soakSample{
		Seconds: time.Since(began).Seconds(), Days: int(s.days.Load()),
		Memory: float64(r.Usage.RSS-r.Usage.Mapped) / (1 << 20), Mapped: float64(r.Usage.Mapped) / (1 << 20),
		Goroutines: r.Usage.Goroutines, Descriptors: r.Usage.Descriptors, Returned: s.returned,
	})
	if isTerminal() {
		last := f.Samples[len(f.Samples)-1]
		fmt.Fprintf(s.progress, "%.0f s: %d days, %.0f MB, %d goroutines, %d descriptors\n", last.Seconds, last.Days, last.Memory, last.Goroutines, last.Descriptors)
	}
	return nil
}

// conclude compares the last quarter with the second.
func (f *soakFigures) conclude(lost int) {
	f.Lost = lost
	quarter := func(n int, of func(soakSample) float64) float64 {
		part := f.Samples[len(f.Samples)*(n-1)/4 : max(len(f.Samples)*n/4, len(f.Samples)*(n-1)/4+1)]
		var all []float64
		for _, s := range part {
			all = append(all, of(s))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	ratio := func(of func(soakSample) float64) float64 { return quarter(4, of) / quarter(2, of) }
	f.Memory = ratio(func(s soakSample) float64 { return s.Memory })
	f.Goroutines = ratio(func(s soakSample) float64 { return float64(s.Goroutines) })
	f.Descriptors = ratio(func(s soakSample) float64 { return float64(s.Descriptors) })
}

func (f *soakFigures) print(out io.Writer) error {
	last := f.Samples[len(f.Samples)-1]
	fmt.Fprintf(out, "%d days of %d offices in %.0f s; %d sockets, of which %d were cut and came back\n", last.Days, len(config.Default()), last.Seconds, f.Sockets, last.Returned)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "seconds\tdays\tmemory MB\tmapped MB\tgoroutines\tdescriptors\t")
	step := max(1, len(f.Samples)/12)
	for i := len(f.Samples) % step; i < len(f.Samples); i += step {
		s := f.Samples[i]
		fmt.Fprintf(w, "%.0f\t%d\t%.0f\t%.0f\t%d\t%d\t\n", s.Seconds, s.Days, s.Memory, s.Mapped, s.Goroutines, s.Descriptors)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe last quarter by the second: memory %.2f%s, goroutines %.2f%s, descriptors %.2f%s\n",
		f.Memory, verdict(f.Memory <= soakTarget, "at most 1.1"), f.Goroutines, verdict(f.Goroutines <= soakTarget, "at most 1.1"),
		f.Descriptors, verdict(f.Descriptors <= soakTarget, "at most 1.1"))
	_, err := fmt.Fprintf(out, "%d sockets ended by themselves\n", f.Lost)
	return err
}
