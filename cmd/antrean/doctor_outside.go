package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

const (
	outsideWithin   = 10 * time.Second
	certificateSoon = 21 * 24 * time.Hour // ACME renews 30 days before
)

// outsideFindings look at the server as people reach it. roots are the
// authorities to believe; nil: the system's.
func outsideFindings(ctx context.Context, say tongue, public string, offices []string, now time.Time, roots *x509.CertPool) []finding {
	ctx, done := context.WithTimeout(ctx, outsideWithin)
	defer done()
	var found []finding
	if strings.HasPrefix(public, "https://") {
		found = append(found, certificateFinding(ctx, say, public, now, roots))
		if found[0].Level == broken {
			return found // nothing else can be reached through it
		}
	}
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	found = append(found, reachFinding(ctx, say, public, &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}))
	if len(offices) > 0 {
		found = append(found, socketFinding(ctx, say, public, offices[0], &websocket.Dialer{TLSClientConfig: config, HandshakeTimeout: outsideWithin}))
	}
	return found
}

func reachFinding(ctx context.Context, say tongue, public string, by *http.Client) finding {
	do := say.of("periksa DNS, tembok api, dan proksi", "look at DNS, firewall and proxy")
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, public+"/healthz", nil)
	if err != nil {
		return finding{"reach", broken, err.Error(), do}
	}
	answer, err := by.Do(r)
	if err != nil {
		return finding{"reach", broken, err.Error(), do}
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return finding{"reach", broken, public + "/healthz: " + answer.Status, do}
	}
	return finding{"reach", fine, public, ""}
}

// socketFinding opens what every screen and phone needs.
func socketFinding(ctx context.Context, say tongue, public, office string, by *websocket.Dialer) finding {
	c, answer, err := by.DialContext(ctx, "ws"+strings.TrimPrefix(public, "http")+"/live/offices/"+url.PathEscape(office)+"/display", nil)
	if err == nil {
		defer c.Close()
		_ = c.SetReadDeadline(time.Now().Add(outsideWithin))
		_, _, err = c.ReadMessage()
	}
	if answer != nil && answer.Body != nil {
		defer answer.Body.Close()
	}
	if err != nil {
		return finding{"sockets", broken, say.of("WebSocket tidak sampai: ", "WebSockets do not come through: ") + err.Error(), say.of("proksi harus meneruskan Upgrade dan tidak menahan jawaban, lihat docs/operations.md", "the proxy has to pass Upgrade on and hold no answer back, see docs/operations.md")}
	}
	return finding{"sockets", fine, say.of("WebSocket sampai", "WebSockets come through"), ""}
}

func certificateFinding(ctx context.Context, say tongue, public string, now time.Time, roots *x509.CertPool) finding {
	do := say.of("perbarui sertifikat (--acme memperbarui sendiri)", "renew the certificate (--acme does so by itself)")
	u, err := url.Parse(public)
	if err != nil {
		return finding{"certificate", broken, err.Error(), do}
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	// Looked at before it is believed, so that one that has expired says when.
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return finding{"certificate", broken, err.Error(), do}
	}
	chain := conn.(*tls.Conn).ConnectionState().PeerCertificates
	conn.Close()
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	until := chain[0].NotAfter
	_, err = chain[0].Verify(x509.VerifyOptions{DNSName: u.Hostname(), Roots: roots, Intermediates: between, CurrentTime: now})
	switch {
	case err != nil:
		return finding{"certificate", broken, err.Error(), do}
	case until.Sub(now) < certificateSoon:
		return finding{"certificate", warning, say.of("habis ", "ends ") + until.Format(time.DateOnly), do}
	}
	return finding{"certificate", fine, fmt.Sprintf("%s %s", say.of("sampai", "until"), until.Format(time.DateOnly)), ""}
}
