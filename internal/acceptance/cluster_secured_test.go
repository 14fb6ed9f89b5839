package acceptance

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
)

// leastRights are what docs/operations.md says that the account needs.
const leastRights = "on >rahasia ~antrean:* +@all -@dangerous -@admin +info +config|get +cluster|myid +cluster|info +cluster|slots"

// TestAnAccountOfLeastRightsIsEnough serves an office, and runs the commands that
// read and write a store, on a Cluster and on a Redis behind TLS.
func TestAnAccountOfLeastRightsIsEnough(t *testing.T) {
	grant := func(t *testing.T, servers ...*redistest.Server) {
		t.Helper()
		for _, s := range servers {
			if _, err := s.Ask(append([]string{"ACL", "SETUSER", "antrean"}, strings.Fields(leastRights)...)...); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name  string
		store func(t *testing.T, h *house) string
	}{
		{"a Cluster", func(t *testing.T, _ *house) string {
			c := redistest.StartCluster(t, 3, 0, 15*time.Second)
			grant(t, c.Servers...)
			return strings.Replace(c.URL(), "redis://", "redis://antrean:rahasia@", 1)
		}},
		{"TLS", func(t *testing.T, h *house) string {
			cert, key := certificate(t, h.dir)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			_, port, _ := net.SplitHostPort(l.Addr().String())
			l.Close()
			grant(t, redistest.Start(t, "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no"))
			h.env = append(h.env, "SSL_CERT_FILE="+cert)
			return "rediss://antrean:rahasia@localhost:" + port
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, false, 2, func(h *house) {
				url := test.store(t, h)
				h.store = func(int) string { return url }
			})
			screen := watch(h.public().at(h.nodes[1]), display())
			desk, officer := h.hire("meja", "desk").at(h.nodes[0]), h.hire("petugas", "officer").at(h.nodes[0])
			h.public().post(at("/bookings"), booking("ganti", "earliest", 1)).is(t, 201)
			desk.post(at("/tickets"), map[string]any{"service": "ganti"}).is(t, 201)
			officer.post(counter("3", "open"), nothing{}).is(t, 200)
			officer.post(counter("3", "next"), nothing{}).is(t, 200)
			screen.until(soon, "the call at the other node", func(f frame) bool { return len(read[hall](t, f.Data).Calls) == 1 })
			h.verify()

			run := func(input []byte, args ...string) []byte {
				t.Helper()
				cmd := exec.Command(binary, args...)
				var problem bytes.Buffer
				cmd.Env, cmd.Stdin, cmd.Stderr = h.env, bytes.NewReader(input), &problem
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("antrean %s: %v\n%s", args[0], err, &problem)
				}
				return out
			}
			for _, n := range h.nodes {
				n.stop() // what is exported twice must not change between
			}
			exported := run(nil, append([]string{"export"}, h.storeFlags(0)...)...)
			other := filepath.Join(h.dir, "moved")
			run(exported, "import", "--data", other)
			run(nil, "verify", "--data", other)
			if accounts := run(nil, append([]string{"user", "list"}, h.storeFlags(0)...)...); !bytes.Contains(accounts, []byte("petugas")) {
				t.Errorf("the accounts are %s", accounts)
			}
			if again := run(nil, "export", "--data", other); bytes.Count(again, []byte("\n")) != bytes.Count(exported, []byte("\n")) {
				t.Errorf("%d lines were exported, %d after moving", bytes.Count(exported, []byte("\n")), bytes.Count(again, []byte("\n")))
			}
		})
	}
}

// certificate makes one for localhost that is its own authority.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, bytes []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("redis.crt", "CERTIFICATE", signed), write("redis.key", "PRIVATE KEY", sealed)
}
