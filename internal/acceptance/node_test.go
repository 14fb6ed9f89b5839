package acceptance

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// readyWithin is how long a node may take until it serves, on a busy machine.
const readyWithin = 30 * time.Second

// A node is one server process on a port of its own, which it keeps when it is
// started again. Its methods are for one goroutine; url is for all.
type node struct {
	t       testing.TB
	url     string
	binary  string // of the release that it runs
	args    []string
	env     []string
	logFile string

	process *os.Process
	exited  chan struct{}
}

// address is host:port.
func (n *node) address() string { return strings.TrimPrefix(n.url, "http://") }

// start starts the process and returns when it is ready.
func (n *node) start() {
	n.t.Helper()
	n.launch()
	await(n.t, readyWithin, n.url+" is ready", func() bool {
		select {
		case <-n.exited:
			n.t.Fatalf("the server ended at once:\n%s", n.tail())
		default:
		}
		return n.ready()
	})
}

// launch starts the process and does not wait for it.
func (n *node) launch() {
	n.t.Helper()
	output, err := os.OpenFile(n.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		n.t.Fatal(err)
	}
	defer output.Close()
	cmd := exec.Command(n.binary, append([]string{"serve", "--addr", n.address()}, n.args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = n.env, output, output
	endWithParent(cmd)
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.process, n.exited = cmd.Process, make(chan struct{})
	go func(done chan struct{}) { // ends with the process
		_ = cmd.Wait() // how it ended is in its log
		close(done)
	}(n.exited)
}

// ready asks the node whether it is.
func (n *node) ready() bool {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(n.url + "/readyz")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill ends the process as a crash does.
func (n *node) kill() {
	if n.process == nil {
		return
	}
	_ = n.process.Kill() // it may be gone already
	<-n.exited
}

// stop asks the process to end and waits until it has.
func (n *node) stop() {
	n.t.Helper()
	if err := n.process.Signal(os.Interrupt); err != nil {
		n.t.Fatalf("stop %s: %v", n.url, err)
	}
	select {
	case <-n.exited:
	case <-time.After(20 * time.Second):
		n.kill()
		n.t.Fatalf("the server did not end when asked:\n%s", n.tail())
	}
}

// output is all that the process has written.
func (n *node) output() []byte {
	text, err := os.ReadFile(n.logFile)
	if err != nil {
		return []byte(err.Error())
	}
	return text
}

// tail is the end of the output.
func (n *node) tail() string {
	text := n.output()
	return string(text[max(0, len(text)-4000):])
}

// freeURL is an address below the range that the kernel gives to outgoing
// connections: there nobody takes it while a killed node is away.
func freeURL(t testing.TB) string {
	t.Helper()
	for range 50 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return "http://" + address
		}
	}
	t.Fatal("no free port")
	return ""
}

// await polls something outside this process until it is so.
func await(t testing.TB, within time.Duration, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", within, what)
		}
		<-time.After(10 * time.Millisecond)
	}
}
