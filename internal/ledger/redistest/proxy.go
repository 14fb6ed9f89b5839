package redistest

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// Way is a network between a client and a server that can be slow, cut, and
// silent. Its methods are safe for concurrent use.
type Way struct {
	l      net.Listener
	server string
	group  sync.WaitGroup

	mu      sync.Mutex
	latency time.Duration
	silent  bool // for new connections, too
	pairs   map[*pair]struct{}
}

// pair is one connection and its other half.
type pair struct {
	client, server net.Conn
	mute           bool
}

// OpenWay listens on a free port of the loopback and leads to a server.
func OpenWay(server string) (*Way, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a way to %s: %w", server, err)
	}
	w := &Way{l: l, server: server, pairs: map[*pair]struct{}{}}
	w.group.Go(w.accept)
	return w, nil
}

// URL is where the way begins, as redis://host:port.
func (w *Way) URL() string { return "redis://" + w.l.Addr().String() }

// Slow has everything take so much longer in each direction.
func (w *Way) Slow(latency time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.latency = latency
}

// Forget lets nothing more pass on the connections that there are, and tells
// nobody: both sides believe them to be open, as when a firewall was restarted.
// New ones work.
func (w *Way) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p := range w.pairs {
		p.mute = true
	}
}

// Silence is Forget for new connections, too, until it is lifted: then those
// work, but the ones from before stay silent.
func (w *Way) Silence(on bool) {
	w.Forget()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silent = on
}

// Cut resets all connections.
func (w *Way) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p := range w.pairs {
		for _, c := range []net.Conn{p.client, p.server} {
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			c.Close()
		}
	}
}

// Close ends the way and returns when nothing of it is left.
func (w *Way) Close() error {
	err := w.l.Close()
	w.Cut()
	w.group.Wait()
	return err
}

func (w *Way) accept() {
	for {
		client, err := w.l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.server)
		if err != nil {
			client.Close() // the server is away
			continue
		}
		w.mu.Lock()
		p := &pair{client: client, server: server, mute: w.silent}
		w.pairs[p] = struct{}{}
		w.mu.Unlock()
		w.group.Go(func() { w.carry(p, server, client) })
		w.group.Go(func() { w.carry(p, client, server) })
	}
}

// carry brings one direction's bytes over.
func (w *Way) carry(p *pair, to, from net.Conn) {
	defer func() {
		p.client.Close()
		p.server.Close()
		w.mu.Lock()
		delete(w.pairs, p)
		w.mu.Unlock()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		w.mu.Lock()
		latency := w.latency
		w.mu.Unlock()
		if latency > 0 {
			<-time.After(latency)
		}
		w.mu.Lock()
		mute := p.mute
		w.mu.Unlock()
		if mute {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
