// Package redistest starts real Redis servers for tests and benchmarks, and
// does to them what the world does: kills, freezes and restarts them.
package redistest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// startWithin is how long a server may take until it answers, loading its
// append-only file included.
const startWithin = 20 * time.Second

// Server is one redis-server process on a free port of the loopback. Its
// methods are for one goroutine.
type Server struct {
	dir  string
	port int
	args []string

	process *os.Process
	output  *bytes.Buffer // of the running process; read it after exited
	exited  chan struct{}
}

// Launch starts a redis-server that keeps its files in dir and acknowledges
// nothing before it is on disk (appendfsync always). More arguments, as on the
// command line of redis-server, come after the defaults and win. It returns
// when the server answers; the caller ends it with Close.
func Launch(dir string, args ...string) (*Server, error) {
	var err error
	// Somebody else may take the port between our look and the server's bind.
	for range 3 {
		s := &Server{dir: dir, args: args}
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.start(); err == nil {
			return s, nil
		}
	}
	return nil, err
}

// Addr is host:port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is the address as redis://host:port.
func (s *Server) URL() string { return "redis://" + s.Addr() }

// Dir is where the server keeps its files.
func (s *Server) Dir() string { return s.dir }

// AppendOnlyFile is the path of the increment that the server appends to now:
// what a crash cuts short.
func (s *Server) AppendOnlyFile() (string, error) {
	found, err := filepath.Glob(filepath.Join(s.dir, "appendonlydir", "*.incr.aof"))
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d append-only increments in %s", len(found), s.dir)
	}
	return found[0], nil
}

// Kill ends the server as a crash does (SIGKILL) and returns when it is gone.
func (s *Server) Kill() error { return s.end() }

// Restart starts the server again on the same port and files, after killing it
// if it still runs.
func (s *Server) Restart() error {
	if err := s.Kill(); err != nil {
		return err
	}
	return s.start()
}

// Close ends the server. Its files stay.
func (s *Server) Close() error { return s.end() }

func (s *Server) start() error {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return fmt.Errorf("redistest needs a redis-server on the PATH: %w", err)
	}
	args := append([]string{
		"--port", strconv.Itoa(s.port),
		"--bind", "127.0.0.1",
		"--dir", s.dir,
		"--appendonly", "yes",
		"--appendfsync", "always",
		"--save", "",
		"--logfile", "",
	}, s.args...)
	cmd := exec.Command(path, args...)
	output := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = output, output
	endWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	exited := make(chan struct{})
	go func() { // ends with the process
		_ = cmd.Wait() // how it ended is in its output
		close(exited)
	}()
	s.process, s.output, s.exited = cmd.Process, output, exited
	return s.awaitAnswer()
}

// awaitAnswer polls PING until the server has loaded its files.
func (s *Server) awaitAnswer() error {
	deadline := time.Now().Add(startWithin)
	for {
		err := s.ping()
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("redis-server ended at once:\n%s", s.output)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("redis-server at %s does not answer: %w", s.Addr(), err), s.Close())
		}
	}
}

func (s *Server) ping() error {
	conn, err := net.DialTimeout("tcp", s.Addr(), time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	// A server that wants a password is up too.
	if !strings.HasPrefix(answer, "+PONG") && !strings.HasPrefix(answer, "-NOAUTH") {
		return fmt.Errorf("PING answered %q", answer)
	}
	return nil
}

func (s *Server) end() error {
	if err := s.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.exited
	return nil
}

// freePort finds a port below the range that the kernel gives to outgoing
// connections: there nobody takes it while a killed server is away.
func freePort() (int, error) {
	var err error
	for range 50 {
		port := 20000 + rand.IntN(12000)
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no free port: %w", err)
}
