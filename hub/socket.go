package hub

import (
	"bufio"
	"encoding/binary"
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
	ears ears
}

// upgrader answers handshakes that Serve has checked. What it returns is let go
// of: from then on frames are written and read beneath it.
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
	if _, err := up.Upgrade(&handshake{line: l}, &http.Request{Method: http.MethodGet, Header: header}, nil); err != nil {
		l.kill()
		return nil, err
	}
	return &socket{line: l}, nil
}

func (s *socket) kind() string { return "websocket" }

func (s *socket) push(f *frame, by *pusher) (pushed, error) { return s.line.push(f.socket, by) }

func (s *socket) send(f *frame, deadline time.Time) error { return s.line.send(f.socket, deadline) }

func (s *socket) ping(deadline time.Time) error {
	return s.line.send(controlFrame(websocket.PingMessage, nil), deadline)
}

func (s *socket) close(code int, reason string, deadline time.Time) {
	_ = s.line.last(controlFrame(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason)), deadline) // it goes either way
	s.SetReadDeadline(deadline)                                                                                 // the client answers with a close of its own, or never
}

// controlFrame is a control frame as a server sends it; its payload has at most
// 125 bytes.
func controlFrame(kind int, payload []byte) []byte {
	return append([]byte{0x80 | byte(kind), byte(len(payload))}, payload...)
}

// replyWithin bounds how long an answer to a client's ping or close may take.
const replyWithin = time.Second

// errClosing says that the client has closed.
var errClosing = errors.New("the client closed")

func (s *socket) read() error {
	for {
		p, err := s.line.hear()
		if err == nil {
			err = s.ears.hear(p, s.reply)
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, errTooLarge):
			s.refuse(websocket.CloseMessageTooBig)
		case errors.Is(err, errProtocol):
			s.refuse(websocket.CloseProtocolError)
		}
		return err
	}
}

// reply answers a control frame.
func (s *socket) reply(kind int, payload []byte) error {
	switch kind {
	case websocket.PingMessage:
		return s.line.send(controlFrame(websocket.PongMessage, payload), time.Now().Add(replyWithin))
	case websocket.CloseMessage:
		var code []byte // the same as the client's
		if len(payload) >= 2 && binary.BigEndian.Uint16(payload) < 5000 {
			code = payload[:2]
		}
		_ = s.line.last(controlFrame(kind, code), time.Now().Add(replyWithin)) // the client is going
		return errClosing
	}
	return nil
}

func (s *socket) refuse(code int) {
	_ = s.line.last(controlFrame(websocket.CloseMessage, websocket.FormatCloseMessage(code, "")), time.Now().Add(replyWithin))
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
