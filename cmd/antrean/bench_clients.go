package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"
)

// benchClients is the other side of bench booking: a process of its own, so
// that what it costs is counted apart from the server. It reads a load from its
// input, connects, says "ready", waits for a line, works, and prints the answers.
type benchClients struct{}

// load is what clients do to a server. Each client has a connection of its own,
// kept alive, as a phone that has just loaded the page.
type load struct {
	Addr     string        `json:"addr"`
	Requests []string      `json:"requests,omitempty"` // sent in turn by every client, each a whole HTTP request
	Bookings *bookingLoad  `json:"bookings,omitempty"` // or a booking for somebody new each
	Clients  int           `json:"clients"`
	For      time.Duration `json:"for"`
	Once     bool          `json:"once,omitempty"`  // every client sends one request, at some moment within For
	Every    time.Duration `json:"every,omitempty"` // the pause from one request's beginning to the next's; 0: none
}

type bookingLoad struct {
	Office  string `json:"office"`
	Service string `json:"service"`
	First   int    `json:"first"` // person
}

// answers is what became of a load.
type answers struct {
	Statuses map[int]int     `json:"statuses"`
	Waits    []time.Duration `json:"waits"`
	Took     time.Duration   `json:"took"`
	CPU      time.Duration   `json:"cpu"` // of the clients' process, its start included
}

func (benchClients) Run(p *process) error {
	in := bufio.NewReader(p.in)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var l load
	if err := json.Unmarshal(line, &l); err != nil {
		return err
	}
	conns, err := l.connect()
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, "ready")
	if _, err := in.ReadBytes('\n'); err != nil {
		return err
	}
	a, err := l.run(conns)
	if err != nil {
		return err
	}
	return json.NewEncoder(p.out).Encode(a)
}

// connect opens all connections before the clock runs.
func (l load) connect() ([]*benchConn, error) {
	conns := make([]*benchConn, l.Clients)
	failed := make([]error, l.Clients)
	var group sync.WaitGroup
	turns := make(chan struct{}, 64)
	for i := range conns {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			conn, err := net.Dial("tcp", l.Addr)
			conns[i], failed[i] = &benchConn{conn: conn, from: bufio.NewReaderSize(conn, 2048)}, err
		})
	}
	group.Wait()
	return conns, errors.Join(failed...)
}

func (l load) run(conns []*benchConn) (answers, error) {
	all := answers{Statuses: map[int]int{}}
	var (
		mu     sync.Mutex
		failed error
		group  sync.WaitGroup
	)
	began := time.Now()
	for i, conn := range conns {
		group.Go(func() {
			mine, statuses, err := l.client(conn, i, began)
			mu.Lock()
			defer mu.Unlock()
			all.Waits = append(all.Waits, mine...)
			for status, n := range statuses {
				all.Statuses[status] += n
			}
			failed = errors.Join(failed, err)
		})
	}
	group.Wait()
	all.Took = time.Since(began)
	return all, failed
}

// client is one of them; the waits are from when a request was due.
func (l load) client(conn *benchConn, client int, began time.Time) (waits []time.Duration, statuses map[int]int, err error) {
	defer conn.conn.Close()
	statuses = map[int]int{}
	due := began
	if l.Once {
		due = began.Add(rand.N(l.For))
	}
	for step := 0; ; step++ {
		request := l.request(client, step)
		sent := time.Now()
		// Of several requests in turn the first is the one that is looked at.
		looked := len(l.Requests) < 2 || step%len(l.Requests) == 0
		if looked && (l.Once || l.Every > 0) {
			<-time.After(due.Sub(sent))
			if l.Every > 0 && sent.After(due) {
				due = sent // nobody presses again before the answer
			}
			sent, due = due, due.Add(l.Every)
		}
		status, err := conn.ask(request)
		if err != nil {
			return waits, statuses, err
		}
		if looked {
			waits = append(waits, time.Since(sent))
		}
		statuses[status]++
		if l.Once || time.Since(began) >= l.For {
			return waits, statuses, nil
		}
	}
}

func (l load) request(client, step int) []byte {
	if l.Bookings == nil {
		return []byte(l.Requests[step%len(l.Requests)])
	}
	return l.Bookings.request(l.Bookings.First + step*l.Clients + client)
}

// request is the booking of the n-th person, as the page sends it.
func (b bookingLoad) request(n int) []byte {
	body := fmt.Sprintf(`{"service":%q,"slot":"earliest","people":[{"name":"Siti Contoh %s","nik":%q,"phone":"0812%08d","email":"siti%d@example.com"}],"locale":"id"}`,
		b.Service, string([]byte{'A' + byte(n%26), 'a' + byte(n/26%26)}), benchNIK(n), n, n)
	return httpRequest("POST", "/api/v1/offices/"+b.Office+"/bookings", body, "Idempotency-Key", fmt.Sprintf("bench-%d-%08x", n, rand.Uint32()))
}

// benchNIK is the n-th identity: every birth date of a century, 9,999 a day.
func benchNIK(n int) string {
	date := n / 9999
	return fmt.Sprintf("327301%02d%02d%02d%04d", date%28+1, date/28%12+1, date/336%100, n%9999+1)
}

// httpRequest writes a request with the headers that a browser's page sends.
func httpRequest(method, path, body string, headers ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAccept-Language: id\r\n", method, path)
	for i := 0; i+1 < len(headers); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", headers[i], headers[i+1])
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return b.Bytes()
}

// benchConn reads just as much of HTTP as the server answers here.
type benchConn struct {
	conn net.Conn
	from *bufio.Reader
}

func (c *benchConn) ask(request []byte) (status int, err error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	line, err := c.from.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("the server answered %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length := 0
	for {
		line, err := c.from.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
	_, err = c.from.Discard(length)
	return status, err
}

// clientsProcess is a load that has connected and waits to be told.
type clientsProcess struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startClients starts a process of this program for the load.
func (b *bookingBench) startClients(l load) (*clientsProcess, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(b.ctx, program, "bench", "clients")
	cmd.Stderr = b.progress
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &clientsProcess{cmd, in, bufio.NewReader(out)}
	if err := json.NewEncoder(in).Encode(l); err != nil {
		return nil, errors.Join(err, c.end())
	}
	if line, err := c.out.ReadString('\n'); err != nil || line != "ready\n" {
		return nil, errors.Join(fmt.Errorf("the clients said %q", line), err, c.end())
	}
	return c, nil
}

// work lets the load begin and returns what became of it.
func (c *clientsProcess) work() (a answers, err error) {
	_, err = io.WriteString(c.in, "go\n")
	if err == nil {
		err = json.NewDecoder(c.out).Decode(&a)
	}
	if err = errors.Join(err, c.end()); err != nil {
		return a, fmt.Errorf("the clients: %w", err)
	}
	a.CPU = c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime()
	return a, nil
}

func (c *clientsProcess) end() error {
	return errors.Join(c.in.Close(), c.cmd.Wait())
}

// only says that nothing but a status was answered.
func (a answers) only(statuses ...int) error {
	for status, n := range a.Statuses {
		if !slices.Contains(statuses, status) {
			return fmt.Errorf("%d requests were answered %d %s", n, status, http.StatusText(status))
		}
	}
	return nil
}

// percentile is in milliseconds; the waits are put in order.
func percentile(waits []time.Duration, q float64) float64 {
	if len(waits) == 0 {
		return 0
	}
	slices.Sort(waits)
	return float64(waits[int(q*float64(len(waits)-1))]) / float64(time.Millisecond)
}
