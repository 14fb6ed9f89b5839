package acceptance

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
)

// A guillotine stands between a node and Redis. It passes everything on until
// the node sends a certain command, and then kills the node: before Redis gets
// the command, or after Redis has answered it and before the node hears so.
type guillotine struct {
	t     testing.TB
	redis string // address
	l     net.Listener
	group sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	blade *blade
	seen  int // commands that concerned it
}

// blade falls at the n-th command, from 1, of those that concern it.
type blade struct {
	concerns func(command []byte) bool
	n        int
	after    bool
	fall     func() // kills the node and returns when it is gone
	fallen   chan struct{}
}

func newGuillotine(t testing.TB, redis string) *guillotine {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &guillotine{t: t, redis: redis, l: l, conns: map[net.Conn]bool{}}
	g.group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			g.group.Go(func() { g.serve(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		g.mu.Lock()
		for c := range g.conns {
			c.Close()
		}
		g.mu.Unlock()
		g.group.Wait()
	})
	return g
}

func (g *guillotine) url() string { return "redis://" + g.l.Addr().String() }

// set readies the blade and forgets what was counted. nil: none.
func (g *guillotine) set(b *blade) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b != nil {
		b.fallen = make(chan struct{})
	}
	g.blade, g.seen = b, 0
}

// due counts a command and returns the blade if it is to fall.
func (g *guillotine) due(command []byte) *blade {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.blade
	if b == nil || !b.concerns(command) {
		return nil
	}
	g.seen++
	if g.seen != b.n {
		return nil
	}
	return b
}

func (g *guillotine) hold(c net.Conn, open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if open {
		g.conns[c] = true
	} else {
		delete(g.conns, c)
		c.Close()
	}
}

const ping, pong = "*1\r\n$4\r\nPING\r\n", "+PONG\r\n"

// serve passes one connection on, command by command.
func (g *guillotine) serve(node net.Conn) {
	g.hold(node, true)
	defer g.hold(node, false)
	redis, err := net.Dial("tcp", g.redis)
	if err != nil {
		return // Redis is away
	}
	g.hold(redis, true)
	defer g.hold(redis, false)

	var mu sync.Mutex // of what Redis answers; closed once the blade is due
	cut, answered := false, make(chan struct{})
	g.group.Go(func() {
		buffer, tail := make([]byte, 64<<10), []byte(nil)
		for {
			n, err := redis.Read(buffer)
			mu.Lock()
			if cut {
				if tail = append(tail, buffer[:n]...); bytes.Contains(tail, []byte(pong)) {
					mu.Unlock()
					close(answered) // and the node hears nothing, not even an end
					return
				}
			} else if _, err := node.Write(buffer[:n]); err != nil {
				mu.Unlock()
				node.Close()
				return
			}
			mu.Unlock()
			if err != nil {
				node.Close()
				return
			}
		}
	})
	r := bufio.NewReader(node)
	for {
		command, err := readCommand(r)
		if err != nil {
			return
		}
		b := g.due(command)
		if b != nil && !b.after {
			b.fall()
			close(b.fallen)
			return
		}
		if b != nil {
			mu.Lock()
			cut = true // what comes from now on the node does not hear
			mu.Unlock()
			command = append(command, ping...) // answered in order
		}
		if _, err := redis.Write(command); err != nil {
			return
		}
		if b != nil {
			<-answered
			b.fall()
			close(b.fallen)
			return
		}
	}
}

// readCommand reads one command as it is on the wire.
func readCommand(r *bufio.Reader) ([]byte, error) {
	var raw bytes.Buffer
	line := func(kind byte) (int, error) {
		text, err := r.ReadBytes('\n')
		if err != nil {
			return 0, err
		}
		raw.Write(text)
		if len(text) < 3 || text[0] != kind {
			return 0, fmt.Errorf("%q is no command", text)
		}
		return strconv.Atoi(string(bytes.TrimSpace(text[1:])))
	}
	words, err := line('*')
	if err != nil {
		return nil, err
	}
	for range words {
		size, err := line('$')
		if err != nil {
			return nil, err
		}
		if _, err := io.CopyN(&raw, r, int64(size)+2); err != nil {
			return nil, err
		}
	}
	return raw.Bytes(), nil
}
