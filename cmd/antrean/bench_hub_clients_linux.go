package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// pace is how fast clients take what they are sent.
type pace string

const (
	prompt  pace = ""        // at once
	slow    pace = "slow"    // a few hundred bytes at a time, a few times a second
	stalled pace = "stalled" // nothing at all
)

// clients are WebSocket clients on one thread and one epoll, so that they cost
// all the servers that are compared the same and little.
type clients struct {
	epoll   int
	groups  map[string]*clientGroup
	sockets []*client // by descriptor
	buffer  []byte
	resting []*client // the slow ones
	nibbled int64     // when they last took something
	orders  bytes.Buffer
	answers *json.Encoder
}

// A clientGroup is all clients of one server.
type clientGroup struct {
	name    string
	address unix.SockaddrInet4
	all     []*client
	coming  []*client // not connected yet
	knocked int       // how many wait for the answer to their handshake
	ready   int       // how many have got a frame since they connected
	frames  int       // since the last answer
	lost    int       // since the last answer
	wanted  uint64    // the version that an answer is waited for with
	lacking int       // how many do not have it yet
	waiting bool
	last    []byte // payload of the newest snapshot
}

type client struct {
	group   *clientGroup
	fd      int
	path    string
	pace    pace
	open    bool   // the handshake is over
	first   bool   // no frame has come yet
	resting bool   // it is not among those that take what comes at once
	rest    []byte // the beginning of what has come in part
	version uint64
	at      int64 // when the version was first there
}

// runBenchClients serves until the orders end.
func runBenchClients() error {
	runtime.LockOSThread()
	epoll, err := unix.EpollCreate1(0)
	if err != nil {
		return err
	}
	c := &clients{
		epoll: epoll, groups: map[string]*clientGroup{}, buffer: make([]byte, 64<<10), answers: json.NewEncoder(os.Stdout),
	}
	if err := unix.SetNonblock(0, true); err != nil {
		return err
	}
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, 0, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: 0}); err != nil {
		return err
	}
	if err := c.answers.Encode(report{}); err != nil {
		return err
	}
	events := make([]unix.EpollEvent, 1024)
	for {
		pause, err := c.nibble(now())
		if err != nil {
			return err
		}
		n, err := unix.EpollWait(epoll, events, pause)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for _, e := range events[:max(n, 0)] {
			if e.Fd == 0 {
				if ended, err := c.listen(); ended || err != nil {
					return err
				}
				continue
			}
			if s := c.sockets[e.Fd]; s != nil {
				if err := c.serve(s); err != nil {
					return err
				}
			}
		}
	}
}

// listen takes orders in.
func (c *clients) listen() (ended bool, err error) {
	n, err := unix.Read(0, c.buffer)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return false, nil
	case err != nil || n == 0:
		return true, err
	}
	c.orders.Write(c.buffer[:n])
	for {
		line, err := c.orders.ReadBytes('\n')
		if err != nil {
			c.orders.Write(line) // the rest is on its way
			return false, nil
		}
		var o order
		if err := json.Unmarshal(line, &o); err != nil {
			return false, err
		}
		if err := c.obey(o); err != nil {
			if err := c.answers.Encode(report{Err: err.Error()}); err != nil {
				return false, err
			}
		}
	}
}

// obey answers at once or, what has to be waited for, when it is there.
func (c *clients) obey(o order) error {
	g := c.groups[o.Group]
	switch o.Do {
	case "connect":
		if g == nil {
			address, err := net.ResolveTCPAddr("tcp4", o.Addr)
			if err != nil {
				return err
			}
			g = &clientGroup{name: o.Group, address: unix.SockaddrInet4{Port: address.Port, Addr: [4]byte(address.IP.To4())}}
			c.groups[o.Group] = g
		}
		for i := range o.Clients {
			s := &client{group: g, path: o.Paths[i%len(o.Paths)], pace: o.Pace}
			g.all, g.coming = append(g.all, s), append(g.coming, s)
		}
		return cmp.Or(c.knock(g), c.want(g, 0))
	case "cut":
		for _, s := range g.all {
			c.forget(s)
		}
		return c.answers.Encode(report{})
	case "return":
		g.coming = append(g.coming, g.all...)
		return cmp.Or(c.knock(g), c.want(g, 0))
	case "leave":
		for _, s := range g.all {
			c.forget(s)
		}
		delete(c.groups, o.Group)
		return c.answers.Encode(report{})
	case "await":
		return c.want(g, o.Version)
	case "sample":
		return c.answers.Encode(report{Payload: g.last})
	}
	return fmt.Errorf("no such order: %s", o.Do)
}

// knocking bounds how many handshakes of one process may be unanswered: a
// listener's queue holds 4,096, and what falls out of it comes a second later.
const knocking = 1000

// knock connects those who are coming.
func (c *clients) knock(g *clientGroup) error {
	for len(g.coming) > 0 && g.knocked < knocking {
		s := g.coming[0]
		g.coming = g.coming[1:]
		if err := c.connect(s); err != nil {
			return err
		}
		g.knocked++
	}
	return nil
}

// connect begins a connection; the handshake is answered in serve.
func (c *clients) connect(s *client) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if s.pace != prompt { // what the kernel would take for the client
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<10); err != nil {
			return err
		}
	}
	if err := unix.Connect(fd, &s.group.address); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	request := "GET " + s.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	if _, err := unix.Write(fd, []byte(request)); err != nil {
		return fmt.Errorf("ask for a WebSocket: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	s.fd, s.open, s.first, s.resting, s.rest, s.version, s.at = fd, false, true, false, nil, 0, 0
	for len(c.sockets) <= fd {
		c.sockets = append(c.sockets, nil)
	}
	c.sockets[fd] = s
	return unix.EpollCtl(c.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// forget closes as a crash does: with a reset.
func (c *clients) forget(s *client) {
	if s.fd == 0 {
		return
	}
	if !s.first {
		s.group.ready--
	}
	if !s.open {
		s.group.knocked--
	}
	c.sockets[s.fd] = nil
	_ = unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	_ = unix.Close(s.fd)
	s.fd, s.first = 0, true
}

// serve takes in what has come.
func (c *clients) serve(s *client) error {
	limit := len(c.buffer)
	if s.pace == slow {
		limit = 512
	}
	n, err := unix.Read(s.fd, c.buffer[:limit])
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return nil
	case err != nil || n == 0:
		s.group.lost++
		c.forget(s)
		return c.reply(s.group)
	}
	data := c.buffer[:n]
	if len(s.rest) > 0 {
		data = append(s.rest, data...)
	}
	data, err = c.parse(s, data)
	if err != nil {
		return err
	}
	s.rest = append(s.rest[:0:0], data...)
	if s.pace == prompt || s.first || s.resting {
		return nil
	}
	s.resting = true
	if s.pace == slow {
		c.resting = append(c.resting, s)
	}
	return unix.EpollCtl(c.epoll, unix.EPOLL_CTL_DEL, s.fd, nil)
}

// nibble lets the slow clients take a little, and says how long to the next time.
func (c *clients) nibble(now int64) (milliseconds int, err error) {
	if len(c.resting) == 0 {
		return -1, nil
	}
	const every = 100_000_000
	if now < c.nibbled+every {
		return int((c.nibbled+every-now)/1_000_000) + 1, nil
	}
	c.nibbled = now
	for _, s := range c.resting {
		if s.fd != 0 {
			if err := c.serve(s); err != nil {
				return 0, err
			}
		}
	}
	return every / 1_000_000, nil
}

// parse takes whole frames off data and returns what is left.
func (c *clients) parse(s *client, data []byte) ([]byte, error) {
	if !s.open {
		end := bytes.Index(data, []byte("\r\n\r\n"))
		if end < 0 {
			return data, nil
		}
		if !bytes.HasPrefix(data, []byte("HTTP/1.1 101")) {
			return nil, fmt.Errorf("%s answers %q", s.group.name, data[:min(end, 200)])
		}
		s.open, data = true, data[end+4:]
		s.group.knocked--
		if err := c.knock(s.group); err != nil {
			return nil, err
		}
	}
	for len(data) >= 2 {
		size, head := int(data[1]&0x7f), 2
		switch size {
		case 126:
			head = 4
		case 127:
			head = 10
		}
		if len(data) < head {
			break
		}
		switch size {
		case 126:
			size = int(binary.BigEndian.Uint16(data[2:]))
		case 127:
			size = int(binary.BigEndian.Uint64(data[2:]))
		}
		if len(data) < head+size {
			break
		}
		if err := c.take(s, data[0]&0xf, data[head:head+size]); err != nil {
			return nil, err
		}
		data = data[head+size:]
	}
	return data, nil
}

// take counts one frame, and answers pings.
func (c *clients) take(s *client, kind byte, payload []byte) error {
	switch kind {
	case 0x1:
	case 0x9:
		_, _ = unix.Write(s.fd, append([]byte{0x8a, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...)) // lost with the connection
		return nil
	default:
		return nil
	}
	g := s.group
	g.frames++
	version, is := versionOf(payload)
	if !is {
		return nil
	}
	if s.first {
		s.first = false
		g.ready++
		s.at = now()
	}
	if version > s.version {
		had := s.version >= g.wanted
		s.version, s.at = version, now()
		if g.waiting && !had && version >= g.wanted && s.pace == prompt {
			g.lacking--
		}
	}
	if bytes.HasPrefix(payload, []byte(`{"type":"snapshot"`)) && len(g.all) > 0 && s == g.all[0] {
		g.last = append(g.last[:0], payload...)
	}
	return c.reply(g)
}

// versionOf reads the version of a frame, which stands at its head.
func versionOf(payload []byte) (uint64, bool) {
	const key = `"version":`
	at := bytes.Index(payload[:min(len(payload), 160)], []byte(key))
	if at < 0 {
		return 0, false
	}
	digits := payload[at+len(key):]
	n := 0
	for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
		n++
	}
	version, err := strconv.ParseUint(string(digits[:n]), 10, 64)
	return version, err == nil
}

// want makes an answer due when all prompt clients have the version.
func (c *clients) want(g *clientGroup, version uint64) error {
	g.wanted, g.waiting, g.lacking = version, true, 0
	for _, s := range g.all {
		if s.pace == prompt && s.version < version {
			g.lacking++
		}
	}
	return c.reply(g)
}

func (c *clients) reply(g *clientGroup) error {
	if !g.waiting || g.lacking > 0 || g.ready+g.lost < len(g.all) && g.wanted == 0 {
		return nil
	}
	g.waiting = false
	r := report{Frames: g.frames, Lost: g.lost, At: make([]int64, 0, len(g.all))}
	for _, s := range g.all {
		if s.pace == prompt {
			r.At = append(r.At, s.at)
		}
	}
	g.frames, g.lost = 0, 0
	return c.answers.Encode(r)
}
