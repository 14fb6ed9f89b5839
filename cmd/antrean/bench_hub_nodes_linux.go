package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"antrean/internal/ledger/redistest"
	"antrean/internal/vault"
)

// nodesTarget is what a press over several nodes is held against: raw processes
// that one PUBLISH sets off.
const nodesTarget = 1.3

// A fleet is several servers on one Redis that share the subscribers, and what
// was measured.
type fleet struct {
	nodes  []*contest
	last   []time.Duration
	each   []time.Duration
	frames int
}

// over has subscribers at several nodes on one Redis, and presses Next at the
// first of them. Beside it the same bytes are written by as many raw processes,
// each as soon as it hears of one PUBLISH.
func (b *hubBench) over(out io.Writer) error {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return misused("bench hub --nodes starts a redis-server of its own, and there is none on the PATH: install it (Debian: apt install redis-server)")
	}
	var err error
	if b.redis, err = redistest.Launch(b.dir); err != nil {
		return err
	}
	key := vault.NewKey()
	if err := os.Setenv(vaultKey, hex.EncodeToString(key[:])); err != nil { // of all nodes
		return err
	}
	ours, raw := &fleet{}, &fleet{}
	for range max(2, (2*b.Nodes*b.Subscribers+fdsEach-1)/fdsEach) {
		p, err := startPeer(b.ctx, "clients", b.dir)
		if err != nil {
			return err
		}
		b.clients = append(b.clients, p)
	}
	if err := b.launch(ours, "antrean"); err != nil {
		return err
	}
	if err := b.launch(raw, "raw"); err != nil {
		return err
	}
	if err := b.weigh(); err != nil {
		return err
	}
	b.say("%d subscribers at %d nodes; %d rounds", b.Subscribers, b.Nodes, b.Rounds)
	for round := range b.Rounds {
		turns := []func() error{
			func() error { return b.pressOver(ours) },
			func() error { return b.publishOver(raw) },
		}
		for i := range turns {
			if err := turns[(i+round)%len(turns)](); err != nil {
				return err
			}
		}
	}
	return b.printNodes(out, ours, raw)
}

// launch starts a fleet's nodes, one after the other, and brings their clients.
func (b *hubBench) launch(f *fleet, role string) error {
	for i := range b.Nodes {
		args := []string{"--redis", b.redis.URL()}
		if i > 0 {
			args = append(args, "--join")
		}
		p, err := startPeer(b.ctx, role, filepath.Join(b.dir, strconv.Itoa(i)), args...)
		if err != nil {
			return err
		}
		c := newContest(p)
		b.contests, f.nodes = append(b.contests, c), append(f.nodes, c)
		if c.ours && i == 0 {
			if b.hall, err = openHall(b.ctx, p); err != nil {
				return err
			}
		}
		if i > 0 {
			p.name += "-" + strconv.Itoa(i)
		}
		if err := b.subscribe(c); err != nil {
			return err
		}
	}
	return nil
}

func (b *hubBench) pressOver(f *fleet) error {
	if err := b.hall.prepare(1); err != nil {
		return err
	}
	before, err := f.nodes[0].ask(order{Do: "version"})
	if err != nil {
		return err
	}
	if _, _, err := b.everywhere(f, before.Version); err != nil {
		return err
	}
	return b.pass(f, func() (began int64, version uint64, err error) {
		began, answers, err := b.hall.press(1)
		if err != nil {
			return 0, 0, err
		}
		f.nodes[0].answers = append(f.nodes[0].answers, answers...)
		r, err := f.nodes[0].ask(order{Do: "version"})
		return began, r.Version, err
	})
}

func (b *hubBench) publishOver(f *fleet) error {
	for _, c := range f.nodes {
		if err := b.load(c, 1); err != nil {
			return err
		}
	}
	return b.pass(f, func() (began int64, version uint64, err error) {
		version = f.nodes[0].version
		for _, c := range f.nodes {
			c.version++
		}
		began = now()
		_, err = b.redis.Ask("PUBLISH", rawChannel, "go")
		return began, version, err
	})
}

// pass sets a fleet off, waits for the last of all clients, and keeps the
// figures.
func (b *hubBench) pass(f *fleet, set func() (began int64, version uint64, err error)) error {
	for _, c := range f.nodes {
		r, err := c.ask(order{Do: "usage"})
		if err != nil {
			return err
		}
		c.cpu -= r.Usage.CPU
	}
	began, version, err := set()
	if err != nil {
		return err
	}
	at, frames, err := b.everywhere(f, version)
	if err != nil {
		return err
	}
	f.frames += frames
	for _, c := range f.nodes {
		r, err := c.ask(order{Do: "usage"})
		if err != nil {
			return err
		}
		c.cpu += r.Usage.CPU
	}
	f.last = append(f.last, time.Duration(slices.Max(at)-began))
	for _, t := range at {
		f.each = append(f.each, time.Duration(t-began))
	}
	return nil
}

// everywhere waits until the clients of all nodes have a version, and tells
// since when, and how many frames came meanwhile.
func (b *hubBench) everywhere(f *fleet, version uint64) (at []int64, frames int, err error) {
	for _, c := range f.nodes {
		got, err := b.everyClient(order{Do: "await", Group: c.name, Version: version})
		if err != nil {
			return nil, 0, err
		}
		frames += got.Frames
		at = append(at, got.At...)
	}
	return at, frames, nil
}

// nodesFigures is what bench hub --nodes found.
type nodesFigures struct {
	Nodes       int           `json:"nodes"`
	Subscribers int           `json:"subscribers"` // of all nodes
	Rounds      int           `json:"rounds"`
	Servers     []hubServer   `json:"servers"` // ours, raw
	Ratio       float64       `json:"ratio"`   // median of the pairs'
	CPU         float64       `json:"cpu_ratio"`
	Next        latencyFigure `json:"next"`
}

func (f *fleet) server(name string) hubServer {
	s := hubServer{Name: name, Last: ms(quantile(f.last, 0.5)), P50: ms(quantile(f.each, 0.5)), P99: ms(quantile(f.each, 0.99))}
	all := contest{frames: f.frames}
	for _, c := range f.nodes {
		all.cpu, all.idle = all.cpu+c.cpu, all.idle+c.idle
	}
	s.CPU, s.Socket = all.perFrame(), float64(all.idle)/float64(len(f.nodes))/1024
	return s
}

func (b *hubBench) printNodes(out io.Writer, ours, raw *fleet) error {
	f := nodesFigures{
		Nodes: b.Nodes, Subscribers: b.Subscribers * b.Nodes, Rounds: b.Rounds,
		Servers: []hubServer{ours.server("antrean"), raw.server("raw")},
		Ratio:   pairs(ours.last, raw.last), Next: latencyOf(ours.nodes[0].answers),
	}
	f.CPU = f.Servers[0].CPU / f.Servers[1].CPU
	if b.JSON {
		return json.NewEncoder(out).Encode(f)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "One press of Next to %d subscribers at %d nodes on one Redis, %d rounds side by side; medians\n", f.Subscribers, f.Nodes, f.Rounds)
	fmt.Fprintln(w, "servers\tlast ms\tp50 ms\tp99 ms\tCPU µs/frame\tKB/socket\t")
	for _, s := range f.Servers {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t\n", s.Name, s.Last, s.P50, s.P99, s.CPU, s.Socket)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe presses were answered in %.1f ms (p50), %.1f ms (p99).\n", f.Next.P50, f.Next.P99)
	_, err := fmt.Fprintf(out, "Fan-out %.2f of raw processes that one PUBLISH sets off%s; CPU per frame %.2f\n", f.Ratio, verdict(f.Ratio <= nodesTarget, "at most 1.3"), f.CPU)
	return err
}
