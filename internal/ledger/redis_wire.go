package ledger

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// silence is how long a server may owe an answer before all connections to it
	// that heard nothing meanwhile are suspects. What is broken without a word (a
	// firewall that forgot, a cable) breaks for all of them, and to find each
	// out by a time-out of its own would make a press wait once for each.
	silence = time.Second
	// tailSlack is how much longer than its wait a tail's answer may take.
	tailSlack = time.Second
	// wireProbe is how often the kernel asks an idle connection whether it lives.
	wireProbe = 15 * time.Second
)

// errFormer refuses to connect to a server whose slots another has taken over.
var errFormer = errors.New("it is no master any more")

// wires are the open connections to Redis.
type wires struct {
	mu     sync.Mutex
	open   map[*wire]struct{}
	former map[string]bool // addresses of masters that were replaced
}

func newWires() *wires {
	return &wires{open: map[*wire]struct{}{}, former: map[string]bool{}}
}

// dialer connects for a client; tail says that it is one of blocking reads.
func (w *wires) dialer(config *tls.Config, tail bool) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		w.mu.Lock()
		former := w.former[sameHost(addr)]
		w.mu.Unlock()
		if former {
			return nil, &net.OpError{Op: "connect", Net: network, Err: errFormer}
		}
		d := net.Dialer{
			Timeout:         dialTimeout,
			KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: wireProbe, Interval: wireProbe / 3, Count: 3},
		}
		conn, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		one := &wire{Conn: conn, all: w, addr: sameHost(addr), tail: tail}
		one.heard.Store(time.Now().UnixNano())
		w.mu.Lock()
		w.open[one] = struct{}{}
		w.mu.Unlock()
		if config == nil {
			return one, nil
		}
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		sealed := tls.Client(one, config)
		if err := sealed.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, one.Close())
		}
		return sealed, nil
	}
}

// replaced ends all connections to masters that were replaced, and with them the
// reads that wait on one, and allows those of the masters that there are now.
func (w *wires) replaced(before, now map[string]bool) {
	w.mu.Lock()
	for addr := range before {
		w.former[addr] = true
	}
	for addr := range now {
		delete(w.former, addr)
	}
	w.mu.Unlock()
	w.end(func(one *wire) bool { return before[one.addr] && !now[one.addr] })
}

// suspect ends the connections to where one of them was owed an answer for so
// long, as far as they heard nothing since. The next ones are dialed.
func (w *wires) suspect(silent *wire) {
	asked := silent.asked.Load()
	if time.Now().UnixNano()-asked < int64(silence) {
		return // its caller was in a hurry
	}
	w.end(func(one *wire) bool {
		since := asked
		if one.tail {
			since -= int64(tailWait) // it may have nothing to say for so long
		}
		return one != silent && one.addr == silent.addr && one.heard.Load() < since
	})
}

func (w *wires) end(which func(*wire) bool) {
	var gone []*wire
	w.mu.Lock()
	for one := range w.open {
		if which(one) {
			gone = append(gone, one)
		}
	}
	w.mu.Unlock()
	for _, one := range gone {
		_ = one.Close() // whoever uses it learns of it
	}
}

// wire is one connection. It notes when the server was last asked and heard.
type wire struct {
	net.Conn
	all  *wires
	addr string
	tail bool

	asked, heard atomic.Int64 // ns since 1970
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.heard.Store(time.Now().UnixNano())
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.all.suspect(w)
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	w.asked.Store(time.Now().UnixNano())
	return w.Conn.Write(p)
}

// SetReadDeadline bounds a tail's read: the client library would let it go on
// ten seconds longer than the server's wait.
func (w *wire) SetReadDeadline(t time.Time) error {
	if w.tail && !t.IsZero() {
		if latest := time.Now().Add(tailWait + tailSlack); t.After(latest) {
			t = latest
		}
	}
	return w.Conn.SetReadDeadline(t)
}

func (w *wire) Close() error {
	w.all.mu.Lock()
	delete(w.all.open, w)
	w.all.mu.Unlock()
	return w.Conn.Close()
}

// SyscallConn lets the client library look whether the other side has hung up.
func (w *wire) SyscallConn() (syscall.RawConn, error) {
	inner, ok := w.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return inner.SyscallConn()
}

// sameHost writes all names of this machine alike.
func sameHost(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsLoopback()) {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}
