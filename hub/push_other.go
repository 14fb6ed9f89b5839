//go:build !unix

package hub

import (
	"errors"
	"net"
	"syscall"
)

// rawOf is nil: here every frame is written by a goroutine that may wait.
func rawOf(net.Conn) syscall.RawConn { return nil }

type pusher struct{}

func newPusher() *pusher { return nil }

func (*pusher) push(syscall.RawConn, []byte) (int, error) { return 0, nil }

// listen is never called: there is no raw connection.
func listen(syscall.RawConn, []byte) (int, error) { return 0, errors.ErrUnsupported }
