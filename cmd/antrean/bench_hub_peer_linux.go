package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// benchPeer is one process of bench hub: a server or a share of the clients. It
// takes orders as JSON lines on its standard input and answers each with one.
type benchPeer struct {
	Role string `help:"antrean, raw, chat or clients." required:"" enum:"antrean,raw,chat,clients"`
	Dir  string `help:"Where the server's store is."`
	storeOfPeer
}

// storeOfPeer is where the node of a fleet reads and writes. Raw ones hear there
// when to write.
type storeOfPeer struct {
	Redis string `help:"Use this Redis instead."`
	Join  bool   `help:"The office and its officers are there."`
	Days  bool   `help:"The built-in offices on a clock that can be moved, and no officers."`
}

// An order is what bench hub asks of a peer.
type order struct {
	Do      string   `json:"do"`
	Group   string   `json:"group,omitempty"`
	Addr    string   `json:"addr,omitempty"`
	Paths   []string `json:"paths,omitempty"` // the clients' in turn
	Clients int      `json:"clients,omitempty"`
	Version uint64   `json:"version,omitempty"`
	Frames  [][]byte `json:"frames,omitempty"`
	Pace    pace     `json:"pace,omitempty"`
	File    string   `json:"file,omitempty"`
}

// A report is a peer's answer to an order.
type report struct {
	Err     string   `json:"err,omitempty"`
	Addr    string   `json:"addr,omitempty"`
	URL     string   `json:"url,omitempty"`
	Tokens  []string `json:"tokens,omitempty"` // the first one the administrator's
	Version uint64   `json:"version,omitempty"`
	At      []int64  `json:"at,omitempty"` // when each client got it, as now tells
	Frames  int      `json:"frames,omitempty"`
	Lost    int      `json:"lost,omitempty"` // connections that ended by themselves
	Payload []byte   `json:"payload,omitempty"`
	Usage   usage    `json:"usage"`
}

// usage is what a process has taken.
type usage struct {
	CPU time.Duration `json:"cpu"`
	RSS int64         `json:"rss"` // bytes
	// Mapped is the part of RSS that is pages of files, the store's above all:
	// the kernel takes them back when anybody needs memory.
	Mapped int64 `json:"mapped"` // bytes

	Goroutines  int `json:"goroutines"`
	Descriptors int `json:"descriptors"`
}

// now is nanoseconds on a clock that all processes of the machine share.
func now() int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // cannot fail with this clock
	return t.Nano()
}

func (c benchPeer) Run(p *process) error {
	switch c.Role {
	case "clients":
		return runBenchClients()
	case "raw":
		return answerOrders(p.in, p.out, func() (benchServer, error) { return newRawPeer(c.Redis) })
	case "chat":
		return answerOrders(p.in, p.out, newChatPeer)
	default:
		return answerOrders(p.in, p.out, func() (benchServer, error) { return newAntreanPeer(p.ctx, c.Dir, c.storeOfPeer) })
	}
}

// A benchServer is one of the servers that are compared.
type benchServer interface {
	greeting() report
	obey(order) (report, error)
	close() error
}

// answerOrders serves until the orders end.
func answerOrders(in io.Reader, out io.Writer, start func() (benchServer, error)) (err error) {
	s, err := start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	answers := json.NewEncoder(out)
	if err := answers.Encode(s.greeting()); err != nil {
		return err
	}
	orders := json.NewDecoder(in)
	var profile *os.File
	for {
		var o order
		if err := orders.Decode(&o); err != nil {
			return nil // the bench has ended
		}
		var r report
		var err error
		switch o.Do {
		case "usage":
		case "collect":
			debug.FreeOSMemory()
			debug.FreeOSMemory() // what finalizers and pools kept through the first
		case "profile":
			if profile, err = os.Create(o.File); err == nil {
				err = pprof.StartCPUProfile(profile)
			}
		case "heap":
			err = writeHeap(o.File)
		case "profiled":
			pprof.StopCPUProfile()
			err = profile.Close()
		default:
			r, err = s.obey(o)
		}
		if err != nil {
			r.Err = err.Error()
		}
		r.Usage = used()
		if o.Do == "collect" {
			r.Usage.Descriptors = openFiles()
		}
		if err := answers.Encode(r); err != nil {
			return err
		}
	}
}

func writeHeap(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(pprof.WriteHeapProfile(file), file.Close())
}

// used asks the kernel, and the runtime without stopping the world.
func used() usage {
	var r unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &r) // cannot fail for oneself
	u := usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Goroutines: runtime.NumGoroutine()}
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 2 {
			pages, _ := strconv.ParseInt(fields[1], 10, 64)
			ofFiles, _ := strconv.ParseInt(fields[2], 10, 64)
			u.RSS, u.Mapped = pages*int64(os.Getpagesize()), ofFiles*int64(os.Getpagesize())
		}
	}
	return u
}

// openFiles counts descriptors; with thousands of them that takes a while.
func openFiles() int {
	all, _ := os.ReadDir("/proc/self/fd") // without /proc: none
	return len(all)
}

// A peer is a process of ours, as the bench sees it.
type peer struct {
	name    string
	cmd     *exec.Cmd
	in      io.WriteCloser
	orders  *json.Encoder
	answers *json.Decoder
	hello   report
}

// startPeer starts this binary once more. The clients' processes answer no
// greeting.
func startPeer(ctx context.Context, role, dir string, more ...string) (*peer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := append([]string{"bench", "hub-peer", "--role", role, "--dir", filepath.Join(dir, role)}, more...)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &peer{name: role, cmd: cmd, in: in, orders: json.NewEncoder(in), answers: json.NewDecoder(out)}
	if err := p.answers.Decode(&p.hello); err != nil {
		p.close()
		return nil, fmt.Errorf("start %s: %w", role, err)
	}
	return p, nil
}

func (p *peer) ask(o order) (report, error) {
	if err := p.order(o); err != nil {
		return report{}, err
	}
	return p.answer()
}

func (p *peer) order(o order) error {
	if err := p.orders.Encode(o); err != nil {
		return fmt.Errorf("tell %s to %s: %w", p.name, o.Do, err)
	}
	return nil
}

func (p *peer) answer() (report, error) {
	var r report
	if err := p.answers.Decode(&r); err != nil {
		return r, fmt.Errorf("wait for %s: %w", p.name, err)
	}
	if r.Err != "" {
		return r, fmt.Errorf("%s: %s", p.name, r.Err)
	}
	return r, nil
}

// close ends the process: it stops when there are no more orders.
func (p *peer) close() {
	p.in.Close()
	_ = p.cmd.Wait()
}
