package hub

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
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
// and how much more it may say.
type line struct {
	net.Conn // *net.TCPConn or *tls.Conn

	heard  atomic.Int64 // Unix nanoseconds
	credit atomic.Int64 // bytes
}

// newLine takes over a connection from the HTTP server. sendBuffer bounds what
// the kernel keeps for a client that does not read: what is in there can no
// longer be replaced by something newer.
func newLine(raw net.Conn, sendBuffer int) *line {
	l := &line{Conn: raw}
	l.heard.Store(time.Now().UnixNano())
	l.credit.Store(allowance)
	raw.SetDeadline(time.Time{}) // the server's time-outs are not for sockets
	if t, ok := l.bottom().(*net.TCPConn); ok && sendBuffer > 0 {
		_ = t.SetWriteBuffer(sendBuffer) // a bound, not a promise
	}
	return l
}

func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 {
		l.heard.Store(time.Now().UnixNano())
		if l.credit.Add(-int64(n)) < 0 {
			return 0, errTalkative
		}
	}
	return n, err
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
