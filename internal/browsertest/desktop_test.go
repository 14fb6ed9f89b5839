package browsertest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// desktop shows the notifications of a browser: it is the notification service
// of a message bus of its own, by the Desktop Notifications Specification.
type desktop struct {
	address string
	bus     *dbus.Conn
	shown   chan notification

	mu   sync.Mutex
	last uint32
}

// notification is one as the browser hands it to the desktop.
type notification struct {
	id          uint32
	title, body string
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`

func openDesktop(t *testing.T) *desktop {
	t.Helper()
	dir, err := os.MkdirTemp("", "bus-") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	config := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, filepath.Join(dir, "bus")), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("dbus-daemon", "--nofork", "--print-address", "--config-file="+config)
	out, err := daemon.StdoutPipe()
	if err == nil {
		err = daemon.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	d := &desktop{address: strings.TrimSpace(line), shown: make(chan notification, 16)}
	if d.bus, err = dbus.Connect(d.address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.bus.Close() })
	err = d.bus.Export(service{d}, "/org/freedesktop/Notifications", "org.freedesktop.Notifications")
	if err == nil {
		_, err = d.bus.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// await is the next notification.
func (d *desktop) await(t *testing.T) notification {
	t.Helper()
	select {
	case n := <-d.shown:
		return n
	case <-time.After(patience):
		t.Fatal("no notification shows")
		return notification{}
	}
}

// tap is somebody's tap on a notification.
func (d *desktop) tap(t *testing.T, n notification) {
	t.Helper()
	if err := d.bus.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked", n.id, "default"); err != nil {
		t.Fatal(err)
	}
}

// service is what the browser calls.
type service struct{ *desktop }

// GetCapabilities is of the specification.
func (service) GetCapabilities() ([]string, *dbus.Error) {
	return []string{"actions", "body", "persistence"}, nil
}

// GetServerInformation is of the specification.
func (service) GetServerInformation() (name, vendor, version, spec string, _ *dbus.Error) {
	return "desktop", "antrean", "1", "1.2", nil
}

// CloseNotification is of the specification.
func (service) CloseNotification(uint32) *dbus.Error { return nil }

// Notify is of the specification.
func (s service) Notify(_ string, replaces uint32, _, title, body string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	s.mu.Lock()
	id := replaces
	if id == 0 {
		s.last++
		id = s.last
	}
	s.mu.Unlock()
	s.shown <- notification{id, title, body}
	return id, nil
}
