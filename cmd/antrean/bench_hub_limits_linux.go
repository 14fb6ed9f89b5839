package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sys/unix"
)

// rawPeer is the limit: TCP connections that the same bytes are written to, one
// write each, and a handshake that is a constant.
type rawPeer struct {
	listener net.Listener
	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	order    []net.Conn // conns, as a pass goes through them
	frames   [][]byte   // the messages of the next pass, as they go over the wire
	last     []byte
	signal   net.Conn // a subscription that sets passes off, or nil
}

// rawChannel is what raw servers of a fleet listen to.
const rawChannel = "antrean-bench"

// newRawPeer is told when to write by orders, and by a Redis if one is named.
func newRawPeer(redis string) (benchServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &rawPeer{listener: listener, conns: map[net.Conn]struct{}{}}
	if redis != "" {
		if p.signal, err = net.Dial("tcp", strings.TrimPrefix(redis, "redis://")); err != nil {
			return nil, err
		}
		if err := p.hear(); err != nil {
			return nil, err
		}
	}
	go p.accept() // ends with the listener
	return p, nil
}

// hear subscribes, and passes whenever anything is published.
func (p *rawPeer) hear() error {
	if _, err := fmt.Fprintf(p.signal, "SUBSCRIBE %s\r\n", rawChannel); err != nil {
		return err
	}
	heard := make([]byte, 512)
	if _, err := p.signal.Read(heard); err != nil { // that it is subscribed
		return err
	}
	go func() { // ends with the connection
		for {
			if _, err := p.signal.Read(heard); err != nil {
				return
			}
			p.mu.Lock()
			p.pass()
			p.mu.Unlock()
		}
	}()
	return nil
}

func (p *rawPeer) greeting() report { return report{Addr: p.listener.Addr().String()} }

func (p *rawPeer) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.shake(conn) // ends with its first answer
	}
}

// shake answers whatever is asked with a WebSocket and the last message.
func (p *rawPeer) shake(conn net.Conn) {
	head := make([]byte, 512)
	n := 0
	for n < 4 || string(head[n-4:n]) != "\r\n\r\n" {
		more, err := conn.Read(head[n:])
		if err != nil {
			conn.Close()
			return
		}
		n += more
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := append([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), p.last...)
	if _, err := conn.Write(answer); err != nil {
		conn.Close()
		return
	}
	p.conns[conn] = struct{}{}
	p.order = nil
}

func (p *rawPeer) obey(o order) (report, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch o.Do {
	case "load":
		p.frames = nil
		for _, payload := range o.Frames {
			p.frames = append(p.frames, wireFrame(payload))
		}
		if p.order == nil {
			for conn := range p.conns {
				p.order = append(p.order, conn)
			}
		}
	case "go":
		p.pass()
	case "sweep":
		for conn := range p.conns {
			if wasReset(conn) {
				delete(p.conns, conn)
				conn.Close()
			}
		}
	default:
		return report{}, fmt.Errorf("no such order: %s", o.Do)
	}
	return report{}, nil
}

// pass writes what was loaded to everybody.
func (p *rawPeer) pass() {
	for _, frame := range p.frames {
		p.last = frame
		for _, conn := range p.order {
			if _, err := conn.Write(frame); err != nil {
				delete(p.conns, conn)
				conn.Close()
			}
		}
	}
}

// wasReset says whether the client is gone, which nobody reads to find out.
func wasReset(conn net.Conn) bool {
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return true
	}
	gone := 0
	if err := raw.Control(func(fd uintptr) { gone, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR) }); err != nil {
		return true
	}
	return err != nil || gone != 0
}

func (p *rawPeer) close() error {
	if p.signal != nil {
		p.signal.Close()
	}
	return p.listener.Close()
}

// wireFrame is a text message as a server sends it.
func wireFrame(payload []byte) []byte {
	head := []byte{0x81, byte(len(payload))}
	if len(payload) > 125 {
		head = []byte{0x81, 126, byte(len(payload) >> 8), byte(len(payload))}
	}
	return append(head, payload...)
}

// chatPeer is gorilla/websocket as its chat example shows it: two goroutines
// and a channel of 256 messages for each client.
type chatPeer struct {
	listener net.Listener
	server   *http.Server
	mu       sync.Mutex
	conns    map[*chatConn]struct{}
	frames   [][]byte
	last     []byte
}

type chatConn struct {
	ws   *websocket.Conn
	send chan []byte
}

func newChatPeer() (benchServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &chatPeer{listener: listener, conns: map[*chatConn]struct{}{}}
	p.server = &http.Server{Handler: http.HandlerFunc(p.upgrade), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := p.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	}()
	return p, nil
}

func (p *chatPeer) greeting() report { return report{Addr: p.listener.Addr().String()} }

func (p *chatPeer) upgrade(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024, CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // it has been answered
	}
	c := &chatConn{ws: ws, send: make(chan []byte, 256)}
	p.mu.Lock()
	p.conns[c] = struct{}{}
	if p.last != nil {
		c.send <- p.last
	}
	p.mu.Unlock()
	go c.writes()
	go c.reads(p)
}

const (
	chatWriteWait = 10 * time.Second
	chatPongWait  = 60 * time.Second
)

func (c *chatConn) reads(p *chatPeer) {
	defer func() {
		p.mu.Lock()
		if _, here := p.conns[c]; here {
			delete(p.conns, c)
			close(c.send)
		}
		p.mu.Unlock()
		c.ws.Close()
	}()
	c.ws.SetReadLimit(512)
	c.ws.SetReadDeadline(time.Now().Add(chatPongWait))
	c.ws.SetPongHandler(func(string) error { return c.ws.SetReadDeadline(time.Now().Add(chatPongWait)) })
	for {
		_, r, err := c.ws.NextReader()
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, bufio.NewReader(r)); err != nil {
			return
		}
	}
}

func (c *chatConn) writes() {
	ticker := time.NewTicker(chatPongWait * 9 / 10)
	defer func() { ticker.Stop(); c.ws.Close() }()
	for {
		select {
		case message, ok := <-c.send:
			if !ok {
				return
			}
			c.ws.SetWriteDeadline(time.Now().Add(chatWriteWait))
			w, err := c.ws.NextWriter(websocket.TextMessage)
			if err != nil {
				return
			}
			if _, err := w.Write(message); err != nil {
				return
			}
			if err := w.Close(); err != nil {
				return
			}
		case <-ticker.C:
			c.ws.SetWriteDeadline(time.Now().Add(chatWriteWait))
			if err := c.ws.WriteMessage(websocket.PingMessage, nil); err != nil {
				return
			}
		}
	}
}

func (p *chatPeer) obey(o order) (report, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch o.Do {
	case "load":
		p.frames = o.Frames
	case "go":
		for _, frame := range p.frames {
			p.last = frame
			for c := range p.conns {
				select {
				case c.send <- frame:
				default:
					delete(p.conns, c)
					close(c.send)
				}
			}
		}
	default:
		return report{}, fmt.Errorf("no such order: %s", o.Do)
	}
	return report{}, nil
}

func (p *chatPeer) close() error { return p.server.Close() }
