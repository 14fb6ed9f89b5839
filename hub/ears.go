package hub

import (
	"encoding/binary"
	"errors"

	"github.com/gorilla/websocket"
)

// errProtocol is what a client gets a 1002 for.
var errProtocol = errors.New("not a WebSocket frame")

// ears take in what a WebSocket client says (RFC 6455, 5.2), in whatever pieces
// it comes. Clients owe pongs and nothing else: messages are passed over, only
// control frames are handed on. gorilla's reader would keep a buffer, a reader
// and a stack of twice the size for that, on each of thousands of connections.
type ears struct {
	head    [14]byte
	have    int    // bytes of the head
	left    int    // bytes of the payload that are still to come
	inside  bool   // the head is whole
	message int    // bytes of the message so far
	control []byte // payload of a control frame so far
}

// hear takes in p and hands on each control frame that is whole.
func (e *ears) hear(p []byte, heard func(kind int, payload []byte) error) error {
	for len(p) > 0 {
		if e.inside {
			p = p[e.payload(p):]
		} else {
			n := copy(e.head[e.have:e.size()], p)
			e.have += n
			p = p[n:]
			if e.have < e.size() {
				continue
			}
			if err := e.begin(); err != nil {
				return err
			}
		}
		if e.left > 0 {
			continue
		}
		e.inside, e.have = false, 0
		if kind := e.kind(); isControl(kind) {
			said := e.control
			e.control = nil
			if err := heard(kind, said); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *ears) kind() int { return int(e.head[0] & 0xf) }

func (e *ears) final() bool { return e.head[0]&0x80 != 0 }

func isControl(kind int) bool { return kind&0x8 != 0 }

// size is that of the head, as far as is known.
func (e *ears) size() int {
	switch {
	case e.have < 2:
		return 2
	case e.head[1]&0x7f == 126:
		return 8
	case e.head[1]&0x7f == 127:
		return 14
	}
	return 6
}

// begin looks at a head that is whole.
func (e *ears) begin() error {
	size := uint64(e.head[1] & 0x7f)
	switch size {
	case 126:
		size = uint64(binary.BigEndian.Uint16(e.head[2:]))
	case 127:
		size = binary.BigEndian.Uint64(e.head[2:])
	}
	masked, reserved := e.head[1]&0x80 != 0, e.head[0]&0x70 != 0
	if !masked || reserved {
		return errProtocol
	}
	switch kind := e.kind(); kind {
	case websocket.CloseMessage, websocket.PingMessage, websocket.PongMessage:
		if size > 125 || !e.final() {
			return errProtocol
		}
	case websocket.TextMessage, websocket.BinaryMessage, 0: // 0 goes on with a message
		if size > uint64(messageLimit-e.message) {
			return errTooLarge
		}
		e.message += int(size)
		if e.final() {
			e.message = 0
		}
	default:
		return errProtocol
	}
	e.inside, e.left = true, int(size)
	return nil
}

// payload takes in what belongs to the frame.
func (e *ears) payload(p []byte) int {
	n := min(len(p), e.left)
	if isControl(e.kind()) {
		mask := e.head[e.have-4 : e.have]
		for _, b := range p[:n] {
			e.control = append(e.control, b^mask[len(e.control)%4])
		}
	}
	e.left -= n
	return n
}
