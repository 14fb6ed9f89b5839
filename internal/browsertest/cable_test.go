package browsertest

import (
	"net"
	"sync"
	"testing"
)

// cable is the network between a browser and the server. Cut, it is silent, as
// when somebody pulls a plug: no connection closes, nothing arrives.
type cable struct {
	url string

	mu       sync.Mutex
	requests bool // they pass
	answers  bool // they pass
	conns    []net.Conn
	carrying sync.WaitGroup
}

// plug is a cable to the server.
func plug(t *testing.T, s *server) *cable {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{url: "http://" + listener.Addr().String()}
	c.mend()
	c.carrying.Add(1)
	go func() {
		defer c.carrying.Done()
		for {
			browser, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", s.host())
			if err != nil {
				browser.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, browser, server)
			c.mu.Unlock()
			c.carrying.Add(2)
			go c.carry(server, browser, &c.requests)
			go c.carry(browser, server, &c.answers)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		c.mend()
		c.carrying.Wait()
	})
	return c
}

// carry moves bytes while they pass and swallows them otherwise.
func (c *cable) carry(to, from net.Conn, pass *bool) {
	defer c.carrying.Done()
	defer to.Close()
	defer from.Close()
	bytes := make([]byte, 32<<10)
	for {
		n, err := from.Read(bytes)
		if err != nil {
			return
		}
		c.mu.Lock()
		passes := *pass
		c.mu.Unlock()
		if !passes {
			continue
		}
		if _, err := to.Write(bytes[:n]); err != nil {
			return
		}
	}
}

// pull cuts both ways.
func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests, c.answers = false, false
}

// swallow lets requests through and loses every answer.
func (c *cable) swallow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests, c.answers = true, false
}

// mend lets everything through again. A connection that lost bytes cannot go
// on, so all of them end.
func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests, c.answers = true, true
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}
