// Package browsertest drives a real Chromium against the real server, as the
// people do who stand in the hall.
package browsertest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the program under test, as `go build` makes it.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "browsertest-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "antrean")
	build := exec.Command("go", "build", "-o", binary, "antrean/cmd/antrean")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build antrean:", err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

const password = "sandi-yang-panjang"

// offices is one small office that is always open. Its zone is one in which it
// is about ten in the morning, so that no test meets midnight.
func offices() string {
	ahead := 10 - time.Now().UTC().Hour()
	if ahead < -12 {
		ahead += 24
	}
	return fmt.Sprintf(`offices:
  - id: bandung
    name: Kantor Imigrasi Kelas I Bandung
    address: Jl. Surapati No. 82, Bandung
    timezone: "Etc/GMT%+d"
    languages: [id, en]
    hours: {mon-sun: ["00:00-24:00"]}
    booking: {slot: 60m, horizon: 3d, per_identity: 1, party_max: 5}
    noshow: {check_in_grace: 30m, absent_returns: 1, absent_after: 10m, self_check_in: open}
    calling: {priority_share: "1/3", ceiling: 60m, offsets: {priority: 5m, appointment: 20m, walkin: 45m}}
    stages: [{id: berkas, name: {id: Pemeriksaan berkas, en: Document check}}]
    services:
      - {id: paspor-baru, prefix: A, name: {id: Paspor baru, en: New passport}, fee: 350000, stages: [berkas], slot_capacity: 30, walkin_capacity: 400, pickup_after: 4 working days}
    counters:
      - {id: "1", name: Loket 1, spoken: loket satu}
      - {id: "2", name: Loket 2, spoken: loket dua}
      - {id: "3", name: Loket 3, spoken: loket tiga}
      - {id: "4", name: Loket 4, spoken: loket empat}
`, -ahead)
}

// server is a running antrean.
type server struct {
	url   string
	from  string // the binary of its release
	link  string // that makes the first administrator; "" when there is one
	data  string
	flags []string
	cmd   *exec.Cmd
	ended chan struct{}
	said  chan string // lines of both outputs, while somebody reads them
}

// serve starts a server on its own data, with an administrator and officers
// sari and budi.
func serve(t *testing.T, config string, flags ...string) *server {
	t.Helper()
	s := unopened(t, config, flags...)
	for _, who := range []string{"admin administrator", "sari officer", "budi officer"} {
		name, role, _ := strings.Cut(who, " ")
		add := exec.Command(binary, "user", "add", name, "--role", role, "--office", "bandung", "--password-stdin", "--data", s.data)
		add.Stdin = strings.NewReader(password)
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("add %s: %v\n%s", name, err, out)
		}
	}
	s.start(t)
	return s
}

// unopened is a server that has not been started, without accounts.
func unopened(t *testing.T, config string, flags ...string) *server {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "offices.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &server{from: binary, data: filepath.Join(dir, "data"), flags: append([]string{"serve", "--addr", "127.0.0.1:0", "--config", file}, flags...)}
	s.flags = append(s.flags, "--data", s.data)
	return s
}

var (
	serving   = regexp.MustCompile(`msg=serving url=(\S+)`)
	setupLink = regexp.MustCompile(`^\s+(http://\S+/setup\?token=\S+)`)
)

// start runs the server until it listens. The test's end stops it.
func (s *server) start(t *testing.T) {
	t.Helper()
	s.run(t)
	for line := range s.said {
		if m := setupLink.FindStringSubmatch(line); m != nil {
			s.link = m[1]
		}
		if m := serving.FindStringSubmatch(line); m != nil {
			s.url = m[1]
			go drain(s.said)
			return
		}
		t.Log(line)
	}
	t.Fatal("the server ended before it listened")
}

// run starts the process; its lines arrive at said.
func (s *server) run(t *testing.T) {
	t.Helper()
	out, write := io.Pipe()
	s.cmd = exec.Command(s.from, s.flags...)
	s.cmd.Stdout, s.cmd.Stderr = write, write
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd, ended, said := s.cmd, make(chan struct{}), make(chan string)
	s.ended, s.said = ended, said
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	go func() {
		defer close(ended)
		_ = cmd.Wait()
		write.Close()
	}()
	t.Cleanup(func() { s.end(t, cmd, ended) })
}

// end stops a server as the house does, and kills one that does not go.
func (s *server) end(t *testing.T, cmd *exec.Cmd, ended <-chan struct{}) {
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(15 * time.Second):
		t.Error("the server did not stop within 15 s")
		_ = cmd.Process.Kill()
		<-ended
	}
}

// fail kills the server as a power cut does.
func (s *server) fail(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
}

// again starts the server anew, on the same data and address.
func (s *server) again(t *testing.T) {
	t.Helper()
	for i, f := range s.flags {
		if f == "--addr" {
			s.flags[i+1] = s.host()
		}
	}
	s.start(t)
}

func (s *server) host() string { return strings.TrimPrefix(s.url, "http://") }

func drain(lines <-chan string) {
	for range lines {
	}
}
