//go:build unix

package hub

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// rawOf is how the socket is written without waiting; nil if it cannot be, as
// with TLS, whose records have an order of their own.
func rawOf(c net.Conn) syscall.RawConn {
	if t, ok := c.(*net.TCPConn); ok {
		if raw, err := t.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// A pusher writes to sockets without waiting, one after the other. It saves an
// allocation for each of them.
type pusher struct {
	data []byte
	n    int
	err  error
	try  func(fd uintptr) bool
}

func newPusher() *pusher {
	b := &pusher{}
	b.try = func(fd uintptr) bool {
		for {
			if b.n, b.err = syscall.Write(int(fd), b.data); !errors.Is(b.err, syscall.EINTR) {
				return true // never: wait until it can be written
			}
		}
	}
	return b
}

// push writes what the kernel takes at once: n is less than all of it, or 0,
// when that is not everything.
func (b *pusher) push(raw syscall.RawConn, data []byte) (n int, err error) {
	b.data = data
	if err := raw.Write(b.try); err != nil {
		return 0, err
	}
	if errors.Is(b.err, syscall.EAGAIN) {
		return 0, nil
	}
	return max(b.n, 0), b.err
}

// listen waits for something to read, and reads it, without the frames of
// net.Conn's Read on the stack.
func listen(raw syscall.RawConn, p []byte) (n int, err error) {
	waited := raw.Read(func(fd uintptr) bool {
		for {
			if n, err = syscall.Read(int(fd), p); !errors.Is(err, syscall.EINTR) {
				return !errors.Is(err, syscall.EAGAIN) // then: when there is something
			}
		}
	})
	switch {
	case waited != nil:
		return 0, waited
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
