package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"antrean/internal/ledger/redistest"
)

// benchHub measures one press of Next until the last of many subscribers has
// the frame. Processes of their own are our server, the limit (bare TCP, one
// write each) and gorilla's chat pattern; the clients are the same for all.
type benchHub struct {
	Subscribers int           `help:"Clients of each server." default:"10000"`
	Rounds      int           `help:"Presses, each paired with a pass of the others." default:"100"`
	Phones      bool          `help:"Instead: each subscriber follows a ticket of its own, all of one queue." xor:"crowd"`
	Storm       bool          `help:"Instead: cut all clients at once, and wait until they are back." xor:"crowd"`
	Slow        bool          `help:"Instead: with and without a stalled and 5 % slow clients." xor:"crowd"`
	Nodes       int           `help:"Instead: share the subscribers among so many nodes on one Redis, beside raw processes that one PUBLISH sets off (2 to 9)." xor:"crowd"`
	Idle        time.Duration `help:"How long sockets are idle before they are weighed: the server lets go of what greeted them within 10 s." default:"15s"`
	Dir         string        `help:"Where the store is put meanwhile." placeholder:"DIR"`
	JSON        bool          `name:"json" help:"Print the figures as JSON."`
	SVG         string        `name:"svg" help:"Draw the figures as a chart." placeholder:"FILE"`
	Profile     string        `help:"Write CPU and heap profiles of our server (pprof) to FILE.cpu and FILE.heap." placeholder:"FILE" hidden:""`
}

// What the figures are held against.
const (
	fanOutTarget  = 1.25 // of a raw pass
	cpuTarget     = 1.25 // of raw
	burstTarget   = 0.3  // of ten raw passes
	socketTarget  = 7.5  // KB
	burstCalls    = hubCounters
	burstEvery    = 5      // rounds
	fdsEach       = 18_000 // sockets that one process of clients may hold
	waitingPeople = 60     // in the hall, as in a busy one
)

func (c benchHub) Run(p *process) error {
	if most := fdsEach * max(1, c.Nodes); c.Subscribers < 1 || c.Subscribers > most {
		return misused("--subscribers %d is out of range (1 to %d)", c.Subscribers, most)
	}
	if c.Nodes != 0 && (c.Nodes < 2 || c.Nodes > 9 || c.Nodes > c.Subscribers) {
		return misused("--nodes %d is out of range (2 to 9, and not more than subscribers)", c.Nodes)
	}
	if c.Rounds < 1 || c.Rounds > 10_000 {
		return misused("--rounds %d is out of range (1 to 10000)", c.Rounds)
	}
	dir, err := os.MkdirTemp(c.Dir, "antrean-bench-")
	if err != nil {
		return misuse{err}
	}
	defer os.RemoveAll(dir)
	b := &hubBench{benchHub: c, ctx: p.ctx, dir: dir, progress: p.err}
	defer b.close()
	switch {
	case c.Nodes > 0:
		b.Subscribers /= c.Nodes // of each
		return b.over(p.out)
	case c.Phones:
		return b.phones(p.out)
	case c.Storm:
		return b.storm(p.out)
	case c.Slow:
		return b.slowOnes(p.out)
	}
	if err := b.fanOut(); err != nil {
		return err
	}
	f := b.figures()
	if c.SVG != "" {
		if err := os.WriteFile(c.SVG, f.chart(), 0o644); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(p.out).Encode(f)
	}
	return f.print(p.out)
}

// hubBench is a run of bench hub.
type hubBench struct {
	benchHub
	ctx      context.Context
	dir      string
	progress io.Writer
	contests []*contest // ours, raw, chat
	clients  []*peer
	hall     *hall
	redis    *redistest.Server // that nodes share, or nil
}

// A contest is one of the servers that are compared, and what was measured.
type contest struct {
	*peer
	ours    bool
	path    string
	version uint64 // of the last message, but ours
	last    []time.Duration
	each    []time.Duration // every subscriber's, of all rounds
	bursts  []time.Duration
	cpu     time.Duration
	frames  int
	burst   int // frames sent in bursts
	idle    int64
	answers []time.Duration // of the presses
}

func newContest(p *peer) *contest {
	if p.name == "antrean" {
		return &contest{peer: p, ours: true, path: "/live/offices/" + hubOffice + "/display"}
	}
	return &contest{peer: p, path: "/", version: 1000}
}

func (b *hubBench) fanOut() error {
	if err := b.start("antrean", "raw", "chat"); err != nil {
		return err
	}
	for _, c := range b.contests {
		if err := b.subscribe(c); err != nil {
			return err
		}
	}
	if err := b.weigh(); err != nil {
		return err
	}
	b.say("%d subscribers each; %d rounds", b.Subscribers, b.Rounds)
	if err := b.profile(b.contests[0], true); err != nil {
		return err
	}
	for round := range b.Rounds {
		for i := range b.contests {
			if err := b.measure(b.contests[(i+round)%len(b.contests)], 1); err != nil {
				return err
			}
		}
		if round%burstEvery != 0 {
			continue
		}
		for i := range b.contests {
			if err := b.measure(b.contests[(i+round)%len(b.contests)], burstCalls); err != nil {
				return err
			}
		}
	}
	return b.profile(b.contests[0], false)
}

// profile begins or ends a CPU profile of a server, if one is asked for.
func (b *hubBench) profile(c *contest, begin bool) error {
	if b.Profile == "" {
		return nil
	}
	o := order{Do: "profiled"}
	if begin {
		o = order{Do: "profile", File: b.Profile + ".cpu"}
	}
	_, err := c.ask(o)
	return err
}

// start starts the servers, and clients enough for all of them.
func (b *hubBench) start(servers ...string) error {
	for _, name := range servers {
		p, err := startPeer(b.ctx, name, b.dir)
		if err != nil {
			return err
		}
		c := newContest(p)
		b.contests = append(b.contests, c)
		if c.ours {
			if b.hall, err = openHall(b.ctx, p); err != nil {
				return err
			}
		}
	}
	processes := (len(servers)*b.Subscribers + fdsEach - 1) / fdsEach
	for range max(2, processes) {
		p, err := startPeer(b.ctx, "clients", b.dir)
		if err != nil {
			return err
		}
		b.clients = append(b.clients, p)
	}
	return nil
}

// subscribe brings a server's clients.
func (b *hubBench) subscribe(c *contest) error {
	if !c.ours { // the first message; its size is that of ours
		if err := b.load(c, 1); err != nil {
			return err
		}
		if _, err := c.ask(order{Do: "go"}); err != nil {
			return err
		}
		c.version++
	}
	before, err := c.ask(order{Do: "collect"})
	if err != nil {
		return err
	}
	c.idle = -before.Usage.RSS
	_, err = b.everyClient(order{Do: "connect", Group: c.name, Addr: c.hello.Addr, Paths: []string{c.path}})
	return err
}

// weigh lets everything rest and then weighs the servers.
func (b *hubBench) weigh() error {
	rest := time.NewTimer(b.Idle)
	defer rest.Stop()
	select {
	case <-b.ctx.Done():
		return b.ctx.Err()
	case <-rest.C:
	}
	for _, c := range b.contests {
		after, err := c.ask(order{Do: "collect"})
		if err != nil {
			return err
		}
		c.idle = (c.idle + after.Usage.RSS) / int64(b.Subscribers)
	}
	if b.Profile != "" {
		_, err := b.contests[0].ask(order{Do: "heap", File: b.Profile + ".heap"})
		return err
	}
	return nil
}

// load gives a server the bytes that ours last sent, as its next n messages.
func (b *hubBench) load(c *contest, n int) error {
	sample := []byte(`{"type":"snapshot","epoch":"-","version":0,"at":"","data":{}}`)
	if r, err := b.clients[0].ask(order{Do: "sample", Group: "antrean"}); err != nil {
		return err
	} else if len(r.Payload) > 0 {
		sample = r.Payload
	}
	frames := make([][]byte, n)
	for i := range frames {
		frames[i] = withVersion(sample, c.version+uint64(i))
	}
	_, err := c.ask(order{Do: "load", Frames: frames})
	return err
}

// withVersion is the message with another version.
func withVersion(payload []byte, version uint64) []byte {
	old, _ := versionOf(payload)
	return bytes.Replace(payload, fmt.Appendf(nil, `"version":%d`, old), fmt.Appendf(nil, `"version":%d`, version), 1)
}

// measure has a server send n messages and waits for the last client.
func (b *hubBench) measure(c *contest, n int) error {
	var version uint64
	var began int64
	if c.ours {
		if err := b.hall.prepare(n); err != nil {
			return err
		}
		if _, err := b.settle(c); err != nil {
			return err
		}
	} else if err := b.load(c, n); err != nil {
		return err
	}
	before, err := c.ask(order{Do: "usage"})
	if err != nil {
		return err
	}
	if c.ours {
		var answers []time.Duration
		if began, answers, err = b.hall.press(n); err != nil {
			return err
		}
		if n == 1 {
			c.answers = append(c.answers, answers...)
		}
		r, err := c.ask(order{Do: "version"})
		if err != nil {
			return err
		}
		version = r.Version
	} else {
		began = now()
		if _, err := c.ask(order{Do: "go"}); err != nil {
			return err
		}
		version = c.version + uint64(n) - 1
		c.version += uint64(n)
	}
	got, err := b.everyClient(order{Do: "await", Group: c.name, Version: version})
	if err != nil {
		return err
	}
	after, err := c.ask(order{Do: "usage"})
	if err != nil {
		return err
	}
	took := time.Duration(slices.Max(got.At) - began)
	if n > 1 {
		c.bursts = append(c.bursts, took)
		c.burst += got.Frames
		return nil
	}
	c.last = append(c.last, took)
	for _, at := range got.At {
		c.each = append(c.each, time.Duration(at-began))
	}
	c.cpu += after.Usage.CPU - before.Usage.CPU
	c.frames += got.Frames
	return nil
}

// settle waits until our clients have all that there is.
func (b *hubBench) settle(c *contest) (report, error) {
	r, err := c.ask(order{Do: "version"})
	if err != nil {
		return r, err
	}
	return b.everyClient(order{Do: "await", Group: c.name, Version: r.Version})
}

// everyClient gives an order to all processes of clients and sums the answers.
// Connections are shared among them.
func (b *hubBench) everyClient(o order) (all report, err error) {
	for i, p := range b.clients {
		part := o
		if o.Do == "connect" {
			n := cmp.Or(o.Clients, b.Subscribers)
			from, to := n*i/len(b.clients), n*(i+1)/len(b.clients)
			part.Clients = to - from
			if len(o.Paths) == n {
				part.Paths = o.Paths[from:to]
			}
		}
		if err := p.order(part); err != nil {
			return all, err
		}
	}
	for _, p := range b.clients {
		r, err := p.answer()
		if err != nil {
			return all, err
		}
		all.At = append(all.At, r.At...)
		all.Frames += r.Frames
		all.Lost += r.Lost
	}
	if all.Lost > 0 {
		return all, fmt.Errorf("%d clients of %s lost their connection", all.Lost, o.Group)
	}
	return all, nil
}

func (b *hubBench) close() {
	if b.hall != nil {
		b.hall.http.CloseIdleConnections()
	}
	for _, p := range b.clients {
		p.close()
	}
	for _, c := range b.contests {
		c.close()
	}
	if b.redis != nil {
		b.redis.Close()
	}
}

func (b *hubBench) say(format string, args ...any) {
	if isTerminal() {
		fmt.Fprintf(b.progress, format+"\n", args...)
	}
}
