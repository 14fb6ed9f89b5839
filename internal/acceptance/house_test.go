package acceptance

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
)

const (
	office        = "uji"
	adminPassword = "penguji-utama"
	staffPassword = "petugas-uji"
	publicURL     = "http://antrean.test"
)

// A house is a store with the nodes that serve it.
type house struct {
	t     testing.TB
	dir   string
	redis *redistest.Server // nil: the embedded store, or another than the house's own
	env   []string
	nodes []*node
	http  *http.Client
	admin caller // at any node

	binary string                // of the commands that are run on the store
	key    string                // of the vault
	config string                // YAML; "": the built-in offices
	flags  []string              // more of serve's
	store  func(node int) string // URL of Redis, as that node sees it; nil: the embedded store
}

// stores are the two that every node-independent promise is held on.
var stores = []struct {
	name  string
	redis bool
	nodes int
}{
	{"embedded", false, 1},
	{"redis", true, 1},
}

// newHouse starts a store and so many nodes on it. Only Redis takes more than
// one. An edit comes when the store runs and no node does.
func newHouse(t testing.TB, onRedis bool, nodes int, edit ...func(*house)) *house {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	h := &house{t: t, dir: t.TempDir(), binary: binary, http: &http.Client{
		Timeout:   20 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	h.key = hex.EncodeToString(key)
	h.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, "TMPDIR=" + h.dir,
		"ANTREAN_ADMIN_PASSWORD=" + adminPassword, "ANTREAN_VAULT_KEY=" + h.key,
	}
	if onRedis {
		h.redis = redistest.Start(t)
		h.store = func(int) string { return h.redis.URL() }
	}
	h.config = offices()
	for _, e := range edit {
		e(h)
	}
	h.write("offices.yaml", h.config)
	t.Cleanup(h.close)
	for i := range nodes {
		n := &node{
			t: t, url: freeURL(t), binary: h.binary, env: h.env, logFile: filepath.Join(h.dir, fmt.Sprintf("node-%d.log", i)),
			args: append(h.storeFlags(i), "--public-url", publicURL),
		}
		n.args = append(n.args, h.flags...)
		if h.config != "" {
			n.args = append(n.args, "--config", filepath.Join(h.dir, "offices.yaml"))
		}
		h.nodes = append(h.nodes, n)
		n.start()
	}
	h.admin = h.login("admin", adminPassword)
	return h
}

// storeFlags tell a command where the store is.
func (h *house) storeFlags(node int) []string {
	flags := []string{"--data", filepath.Join(h.dir, fmt.Sprintf("data-%d", node))}
	if h.store != nil {
		flags = append(flags, "--redis", h.store(node))
	}
	return flags
}

func (h *house) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) close() {
	for i, n := range h.nodes {
		n.kill()
		if h.t.Failed() {
			h.t.Logf("the end of node %d's log:\n%s", i, n.tail())
		}
	}
	h.http.CloseIdleConnections()
}

// urls are the addresses of all nodes.
func (h *house) urls() []string {
	all := make([]string, len(h.nodes))
	for i, n := range h.nodes {
		all[i] = n.url
	}
	return all
}

// public is somebody without an account, at any node.
func (h *house) public() caller { return caller{t: h.t, http: h.http, urls: h.urls()} }

// login signs an account in. The caller acts at any node.
func (h *house) login(name, password string) caller {
	h.t.Helper()
	c := h.public()
	var session struct {
		Token string `json:"token"`
	}
	c.post("/api/v1/session", map[string]string{"username": name, "password": password}).is(h.t, 200).into(h.t, &session)
	if session.Token == "" {
		h.t.Fatalf("the session of %s has no token", name)
	}
	c.token = session.Token
	return c
}

// hire makes an account and signs it in.
func (h *house) hire(name, role string) caller {
	h.t.Helper()
	account := map[string]any{"username": name, "roles": []string{role}, "offices": []string{office}, "password": staffPassword}
	if a := h.admin.post("/api/v1/users", account); a.status >= 300 {
		h.t.Fatalf("make the account %s: %s", name, a)
	}
	return h.login(name, staffPassword)
}

// verify runs antrean verify on the store and expects it to be satisfied. An
// embedded store must not have a server.
func (h *house) verify() {
	h.t.Helper()
	ctx, done := context.WithTimeout(context.Background(), time.Minute)
	defer done()
	cmd := exec.CommandContext(ctx, h.binary, append([]string{"verify"}, h.storeFlags(0)...)...)
	cmd.Env = h.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		h.t.Errorf("antrean verify: %v\n%s", err, &out)
	}
}

// offices are the configuration of the tests: always open, and around noon so
// that no test runs through midnight.
func offices() string {
	east := 11 - time.Now().UTC().Hour()
	return fmt.Sprintf(`offices:
  - id: %s
    name: Kantor Uji
    timezone: Etc/GMT%+d
    languages: [id, en]
    hours: {mon-sun: ["00:00-24:00"]}
    booking: {slot: 60m, horizon: 3d, party_max: 3}
    noshow: {check_in_grace: 30m, absent_returns: 1, absent_after: 1s, self_check_in: open}
    stages:
      - {id: berkas, name: {id: Pemeriksaan berkas, en: Document check}}
      - {id: wawancara, name: {id: Wawancara, en: Interview}}
    services:
      - {id: baru, prefix: A, name: {id: Paspor baru, en: New passport}, fee: 350000, stages: [berkas, wawancara], slot_capacity: 50, pickup_after: 4 working days}
      - {id: ganti, prefix: B, name: {id: Penggantian, en: Renewal}, stages: [wawancara], slot_capacity: 50}
      - {id: sempit, prefix: C, name: {id: Layanan sempit, en: Narrow service}, stages: [wawancara], slot_capacity: 1}
    counters:
      - {id: "1", name: Loket 1, spoken: loket satu, stages: [berkas]}
      - {id: "2", name: Loket 2, spoken: loket dua, stages: [wawancara]}
      - {id: "3", name: Loket 3}
      - {id: "4", name: Loket 4}
      - {id: "5", name: Loket 5}
      - {id: "6", name: Loket 6}
    limits: {bookings: 100000/1m, tickets: 100000/1m, witnesses: 100000/1m}
    retention: {personal: 30d, log: 365d}
`, office, -clampZone(east))
}

// clampZone keeps an offset within those that have a name (Etc/GMT-14 to
// Etc/GMT+12; the sign of the name is turned around).
func clampZone(east int) int { return min(max(east, -12), 14) }
