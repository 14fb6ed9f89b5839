package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"antrean/internal/config"
	"antrean/internal/staff"
)

func TestThePlainListenerServesDisplaysAndNothingElse(t *testing.T) {
	t.Setenv(adminPassword, "loket-tujuh-pagi")
	s, err := newServer(t.Context(), serverOptions{
		serveCommand: serveCommand{storeFlags: storeFlags{Data: t.TempDir()}, Addr: "127.0.0.1:0", DisplayAddr: "127.0.0.1:0", TrustedProxies: []string{"127.0.0.0/8"}},
		offices:      config.Default(), log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.welcome(t.Context(), &process{out: t.Output(), err: t.Output()}); err != nil {
		t.Fatal(err)
	}
	_, token, err := s.staff.Login(t.Context(), staff.LoginRequest{Username: "admin", Password: "loket-tujuh-pagi", Address: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	plain := "http://" + s.plain.Addr().String()
	ask := func(method, url string, header ...string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { answer.Body.Close() })
		return answer
	}

	page := ask("GET", plain+"/display/bandung?lang=en", "X-Forwarded-Proto", "https")
	html, err := io.ReadAll(page.Body)
	if err != nil || page.StatusCode != http.StatusOK {
		t.Fatalf("the display answers %s, %v", page.Status, err)
	}
	if page.Header.Get("Set-Cookie") != "" || page.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("the display gives %v", page.Header)
	}
	_, asset, _ := strings.Cut(string(html), `href="/a/`)
	asset, _, _ = strings.Cut(asset, `"`)
	for path, want := range map[string]int{
		"/a/" + asset: 200, "/healthz": 200,
		"/": 404, "/t": 404, "/login": 404, "/admin": 404, "/metrics": 404, "/readyz": 404, "/docs": 404, "/display": 404, "/display/bandung/": 404, "/display/bandung/x": 404,
		"/api/v1/offices": 404, "/api/v1/users": 404, "/api/v1/backup": 404, "/live/offices/bandung/overview": 404, "/live/tickets/" + strings.Repeat("a", 60): 404,
		"/display/../api/v1/users": 404, "/a/../api/v1/users": 404, "/display/%2e%2e%2fapi": 404, "//api/v1/users": 404,
	} {
		if got := ask("GET", plain+path, "Authorization", "Bearer "+token, "Cookie", "antrean_session="+token); got.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, got.Status, want)
		}
	}
	if got := ask("POST", plain+"/display/bandung"); got.StatusCode != http.StatusNotFound {
		t.Errorf("a POST: %s", got.Status)
	}
	if got := ask("GET", s.url+"/api/v1/users", "Authorization", "Bearer "+token); got.StatusCode != http.StatusOK {
		t.Errorf("the same at the other listener: %s", got.Status)
	}
	live := bufio.NewReader(ask("GET", plain+"/live/offices/bandung/display", "Accept", "text/event-stream").Body)
	for line := ""; !strings.Contains(line, `"type":"snapshot"`); {
		if line, err = live.ReadString('\n'); err != nil {
			t.Fatalf("the live display: %v", err)
		}
	}
	stop()
	ended(t, done)
}

func TestAPlainListenerIsRefusedWhereItDoesNotBelong(t *testing.T) {
	for addr, says := range map[string]string{
		"203.0.113.7:0": "--display-addr",
		"0.0.0.0:0":     "loopback only",
		"nonsense":      "--display-addr nonsense",
	} {
		_, err := serveCommand{DisplayAddr: addr}.listenPlainly(addr == "0.0.0.0:0")
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestTheListenersAreToldApartByAddressAndPort(t *testing.T) {
	at := func(address string) net.Listener {
		return addressed(*net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address)))
	}
	plain := at("192.168.1.5:8080")
	for address, want := range map[string]bool{"192.168.1.5:8080": true, "[::ffff:192.168.1.5]:8080": true, "127.0.0.1:8080": false, "192.168.1.5:80": false} {
		if got := isAddress(plain)(at(address).Addr()); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if !isAddress(at("0.0.0.0:8081"))(at("192.168.1.5:8081").Addr()) {
		t.Error("what comes in at any address is not recognised")
	}
	for other, fine := range map[string]bool{"127.0.0.1:8080": true, "0.0.0.0:8080": false, "0.0.0.0:80": true, "[::]:8080": false} {
		if err := apart(plain, at(other)); (err == nil) != fine {
			t.Errorf("beside %s: %v", other, err)
		}
	}
}

// addressed is a listener that has an address and nothing else.
type addressed net.TCPAddr

func (a addressed) Addr() net.Addr            { at := net.TCPAddr(a); return &at }
func (a addressed) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (a addressed) Close() error              { return nil }
