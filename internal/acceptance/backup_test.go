package acceptance

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestABackupUnderLoadServesTheNextNextElsewhere copies a store while everybody
// works, loses the house, and opens the office on another machine, which has
// the backup and the key and nothing else.
func TestABackupUnderLoadServesTheNextNextElsewhere(t *testing.T) {
	for _, way := range []struct {
		name     string
		from, to bool // on Redis
	}{
		{"embedded to embedded", false, false},
		{"redis to embedded", true, false},
		{"embedded to redis", false, true},
	} {
		t.Run(way.name, func(t *testing.T) {
			old := newHouse(t, way.from, 1)
			officer := old.hire("sari", "officer")
			screen := pair(old)
			old.public().post(at("/bookings"), map[string]any{"service": "baru", "slot": "earliest", "people": []any{
				map[string]any{"name": "Siti Kartika", "nik": "3273014101900007", "phone": "081234567890"},
			}}).is(t, 201)
			c := gather(old, 3, 1, 1)
			await(t, 30*time.Second, "people are called", func() bool { return c.calls.Load() > 20 })
			known := old.admin.log()
			file := filepath.Join(old.dir, "antrean.backup")
			old.antrean("backup", "--url", old.nodes[0].url, file)
			during := c.calls.Load()
			await(t, 30*time.Second, "the house went on meanwhile", func() bool { return c.calls.Load() > during })
			c.leave()
			c.check()
			old.nodes[0].kill() // the machine is gone
			keyless(t, file, old.key)

			house := newHouse(t, way.to, 1, func(h *house) {
				h.key, h.env = old.key, old.env
				h.antrean(append([]string{"restore", file}, h.storeFlags(0)...)...)
				h.verify()
			})
			log := house.admin.log()
			begins(t, "the restored log", known, log)
			for _, by := range []caller{old.admin, officer} { // sessions go on
				by.urls = house.urls()
				by.get("/api/v1/session").is(t, 200)
			}
			screen.urls = house.urls()
			screen.post("/api/v1/devices/health", map[string]any{"release": "1", "sound": true}).is(t, 204)
			answer := house.admin.get(at("/find?q=Siti")).is(t, 200)
			if !strings.Contains(string(answer.body), "Siti Kartika") {
				t.Errorf("her name was lost: %s", answer)
			}

			officer.urls = house.urls()
			house.admin.post(at("/tickets"), map[string]any{"service": "baru"}).is(t, 201)
			officer.post(counter("4", "open"), nil).is(t, 200)
			officer.post(counter("4", "next"), nil).is(t, 200)
			if after := house.admin.log(); len(after) <= len(log) {
				t.Error("the log did not grow")
			}
			if !way.to {
				house.nodes[0].stop()
			}
			house.verify()
		})
	}
}

// antrean runs a command in the house's environment.
func (h *house) antrean(args ...string) {
	h.t.Helper()
	ctx, done := context.WithTimeout(context.Background(), time.Minute)
	defer done()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = h.env
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("antrean %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// pair is a screen of the office that somebody has accepted.
func pair(h *house) caller {
	h.t.Helper()
	var asked struct{ Code, Token string }
	h.public().post("/api/v1/devices/pairing", map[string]any{}).is(h.t, 201).into(h.t, &asked)
	h.admin.post("/api/v1/devices", map[string]any{"code": asked.Code, "name": "TV", "kind": "display", "office": office}).is(h.t, 201)
	c := h.public()
	c.token = asked.Token
	return c
}

// keyless expects no form of the vault's key in a backup.
func keyless(t *testing.T, file, key string) {
	t.Helper()
	packed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	base64, _ := json.Marshal(raw)
	for _, form := range [][]byte{[]byte(key), raw, base64[1:40], []byte("Siti")} {
		if bytes.Contains(plain, form) {
			t.Errorf("the backup holds %q", form)
		}
	}
}

// TestBackupAndDoctorAreForAdministrators tries them as others.
func TestBackupAndDoctorAreForAdministrators(t *testing.T) {
	h := newHouse(t, false, 1)
	supervisor := h.hire("kepala", "supervisor")
	for _, path := range []string{"/api/v1/backup", "/api/v1/doctor"} {
		h.public().get(path).refuses(t, http.StatusUnauthorized, "unauthenticated")
		supervisor.get(path).refuses(t, http.StatusForbidden, "forbidden")
	}
}
