package hub

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// allowance is how many bytes a client may send between two pings. It owes a
// pong and nothing else.
const allowance = 4 << 10

var (
	errTalkative = errors.New("the client says too much")
	errTooLarge  = errors.New("the client's message is too large")
)

// A line is a hijacked connection that knows when its client was last heard
// and how much more it may say. Several goroutines write to it: passes, the
// transient writer, and the reader, which answers pings and closes.
type line struct {
	net.Conn                 // *net.TCPConn or *tls.Conn
	raw      syscall.RawConn // nil: cannot be written without waiting

	// out is held while something is written, and from a frame that the kernel
	// took in part until finish has written the rest: nothing comes between.
	out  sync.Mutex
	rest []byte
	over bool // a close frame is out, nothing comes after it

	in [64]byte // what the client said last; owned by the reader

	heard  atomic.Int64 // Unix nanoseconds
	credit atomic.Int64 // bytes
}

// newLine takes over a connection from the HTTP server. sendBuffer bounds what
// the kernel keeps for a client that does not read: what is in there can no
// longer be replaced by something newer.
func newLine(raw net.Conn, sendBuffer int) *line {
	l := &line{Conn: raw, raw: rawOf(raw)}
	l.heard.Store(time.Now().UnixNano())
	l.credit.Store(allowance)
	raw.SetDeadline(time.Time{}) // the server's time-outs are not for sockets
	if t, ok := l.bottom().(*net.TCPConn); ok && sendBuffer > 0 {
		_ = t.SetWriteBuffer(sendBuffer) // a bound, not a promise
	}
	return l
}

// pushed says how far a push came.
type pushed int

const (
	nothing pushed = iota // the client is not ready, or somebody else is writing
	partly                // the line is locked: call finish
	wholly
)

// push writes p without waiting.
func (l *line) push(p []byte, by *pusher) (pushed, error) {
	if l.raw == nil || !l.out.TryLock() {
		return nothing, nil
	}
	if l.over {
		l.out.Unlock()
		return nothing, net.ErrClosed
	}
	n, err := by.push(l.raw, p)
	if n > 0 && n < len(p) && err == nil {
		l.rest = p[n:]
		return partly, nil
	}
	l.out.Unlock()
	if n < len(p) {
		return nothing, err
	}
	return wholly, err
}

// finish writes what a push left over, by another goroutine than the one that
// pushed.
func (l *line) finish(deadline time.Time) error {
	defer l.out.Unlock()
	rest := l.rest
	l.rest = nil
	return l.put(rest, deadline)
}

// send writes p after whatever is being written.
func (l *line) send(p []byte, deadline time.Time) error {
	l.out.Lock()
	defer l.out.Unlock()
	return l.put(p, deadline)
}

// put writes p; the caller holds out. No deadline stays behind: a push after
// it has passed would fail.
func (l *line) put(p []byte, deadline time.Time) error {
	if l.over {
		return net.ErrClosed
	}
	l.Conn.SetWriteDeadline(deadline)
	defer l.Conn.SetWriteDeadline(time.Time{})
	_, err := l.Conn.Write(p)
	return err
}

// last is send, and nothing comes after it.
func (l *line) last(p []byte, deadline time.Time) error {
	l.out.Lock()
	defer l.out.Unlock()
	defer func() { l.over = true }()
	return l.put(p, deadline)
}

// hear waits for a few bytes of the client's and returns them; they are
// overwritten by the next. A goroutine that waits here has a shallow stack:
// the smallest will do.
func (l *line) hear() ([]byte, error) {
	var n int
	var err error
	if l.raw == nil {
		n, err = l.Conn.Read(l.in[:])
	} else {
		n, err = listen(l.raw, l.in[:])
	}
	if n > 0 {
		l.heard.Store(time.Now().UnixNano())
		if l.credit.Add(-int64(n)) < 0 {
			return nil, errTalkative
		}
	}
	return l.in[:n], err
}

func (l *line) silent(then time.Time) bool { return l.heard.Load() < then.UnixNano() }

func (l *line) refill() { l.credit.Store(allowance) }

func (l *line) discard(deadline time.Time) {
	l.SetReadDeadline(deadline)
	_, _ = io.Copy(io.Discard, l.Conn) // until it closes or the deadline
}

// kill closes the socket itself: a TLS close would wait for a stalled client.
func (l *line) kill() { l.bottom().Close() }

func (l *line) bottom() net.Conn {
	if t, ok := l.Conn.(*tls.Conn); ok {
		return t.NetConn()
	}
	return l.Conn
}
