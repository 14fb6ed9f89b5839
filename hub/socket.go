package hub

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// messageLimit is the size in bytes of the largest message that is read, only
// to be ignored.
const messageLimit = 512

// A socket is a WebSocket client.
type socket struct {
	*line
	ws *websocket.Conn
}

// upgrader answers handshakes that Serve has checked. 256 bytes suffice: a
// client says next to nothing and frames are written as prepared, past the
// write buffer.
func upgrader(timeout time.Duration) *websocket.Upgrader {
	return &websocket.Upgrader{
		HandshakeTimeout: timeout,
		ReadBufferSize:   256,
		WriteBufferSize:  256,
		WriteBufferPool:  &sync.Pool{},
		CheckOrigin:      func(*http.Request) bool { return true },
	}
}

// newSocket answers the handshake on the hijacked line and closes it when that
// fails. The header holds copies: the request's own memory is recycled.
func newSocket(up *websocket.Upgrader, l *line, header http.Header) (*socket, error) {
	ws, err := up.Upgrade(&handshake{line: l}, &http.Request{Method: http.MethodGet, Header: header}, nil)
	if err != nil {
		l.kill()
		return nil, err
	}
	ws.SetReadLimit(messageLimit)
	return &socket{l, ws}, nil
}

func (s *socket) kind() string { return "websocket" }

func (s *socket) push(f *frame, by *pusher) (pushed, error) { return s.line.push(f.socket, by) }

func (s *socket) send(f *frame, deadline time.Time) error { return s.line.send(f.socket, deadline) }

func (s *socket) ping(deadline time.Time) error {
	return s.line.send([]byte{pingFrame, 0}, deadline)
}

func (s *socket) close(code int, reason string, deadline time.Time) {
	s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), deadline)
	s.SetReadDeadline(deadline) // the client answers with a close of its own, or never
}

func (s *socket) read() error {
	for {
		if _, _, err := s.ws.NextReader(); errors.Is(err, websocket.ErrReadLimit) {
			return errTooLarge // gorilla has sent the close
		} else if err != nil {
			return err
		}
	}
}

// A handshake hands a connection that is hijacked already to gorilla's
// Upgrader, which asks for it as an http.Hijacker.
type handshake struct {
	line   *line
	header http.Header
}

func (h *handshake) Header() http.Header {
	if h.header == nil {
		h.header = http.Header{}
	}
	return h.header
}

// WriteHeader and Write get the Upgrader's refusal. Serve has refused before
// whatever the Upgrader would; the line is closed without an answer.
func (h *handshake) WriteHeader(int)             {}
func (h *handshake) Write(p []byte) (int, error) { return len(p), nil }

func (h *handshake) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.line, bufio.NewReadWriter(bufio.NewReaderSize(h.line, 16), bufio.NewWriterSize(h.line, 16)), nil
}
