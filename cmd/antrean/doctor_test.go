package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/notifier"
)

// is expects a finding of a check.
func (f finding) is(t *testing.T, check string, l level, says string) {
	t.Helper()
	if f.Check != check || f.Level != l || !strings.Contains(f.Says, says) || l != fine && f.Do == "" {
		t.Errorf("found %+v, want %s %s with %q", f, check, l, says)
	}
}

const english = tongue(false)

func TestTheDoctorLooksAtAStoreThatNobodyHas(t *testing.T) {
	dir := filled(t, morning(t))
	t.Setenv("LANG", "en_US.UTF-8")
	t.Setenv("LC_ALL", "")
	code, out, errs := call(t, "", "doctor", "--data", dir, "--public-url", "http://antrean.example.go.id")
	for _, line := range []string{
		"ok         store", "warning    backup", "there never was a backup", "PROBLEM    accounts     there is no administrator",
		"PROBLEM    public_url   http://antrean.example.go.id is no HTTPS",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("the doctor says nothing of %q:\n%s", line, out)
		}
	}
	if code != 1 || !strings.Contains(errs, "problems to mend") {
		t.Errorf("it ended with %d and %q", code, errs)
	}
	succeed(t, "", "backup", "--data", dir, filepath.Join(t.TempDir(), "antrean.backup"))
	t.Setenv("LANG", "id_ID.UTF-8")
	_, out, _ = call(t, "", "doctor", "--data", dir, "--json")
	var told struct{ Findings []finding }
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatal(err)
	}
	found := map[string]finding{}
	for _, f := range told.Findings {
		found[f.Check] = f
	}
	found["backup"].is(t, "backup", fine, "20")
	found["store"].is(t, "store", fine, "satu berkas")
	found["public_url"].is(t, "public_url", warning, "tidak diatur")
}

func TestTheDoctorAsksAServer(t *testing.T) {
	t.Setenv(adminPassword, "loket-tujuh-pagi")
	t.Setenv("LC_ALL", "en_US")
	s := node(t)
	if err := s.welcome(t.Context(), &process{out: t.Output(), err: t.Output()}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	code, out, errs := call(t, "", "doctor", "--url", s.url)
	for _, line := range []string{
		"ok         ready", "ok         offices      bandung", "warning    accounts     administrators without a second factor: admin",
		"ok         channels", "ok         sockets", "ok         reach", "warning    screens",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("the doctor says nothing of %q:\n%s", line, out)
		}
	}
	if code != 0 {
		t.Errorf("it ended with %d and %q", code, errs)
	}
	stop()
	ended(t, done)
}

func TestTheDoctorNamesWhatMakesRedisForget(t *testing.T) {
	t.Setenv(vaultKey, testVaultKey)
	server := redistest.Start(t)
	s := openTest(t, storeFlags{Redis: server.URL(), Data: t.TempDir()})
	defer func() { _ = s.close() }()
	s.durability(t.Context(), english)[0].is(t, "store", fine, "always")
	if _, err := server.Ask("CONFIG", "SET", "appendfsync", "everysec"); err != nil {
		t.Fatal(err)
	}
	s.durability(t.Context(), english)[0].is(t, "store", warning, "everysec")
	s.clock(t.Context(), english).is(t, "clock", fine, "")
}

func TestTheDoctorTellsReleasesApart(t *testing.T) {
	nodesFinding(english, nil, nil).is(t, "nodes", fine, "no server runs")
	nodesFinding(english, []presence{{Release: "1.4"}, {Release: "1.4"}}, nil).is(t, "nodes", fine, "2 on release 1.4")
	nodesFinding(english, []presence{{Release: "1.5"}, {Release: "1.4"}, {Release: "1.5"}}, nil).is(t, "nodes", warning, "1 × 1.4, 2 × 1.5")
	nodesFinding(english, nil, os.ErrClosed).is(t, "nodes", warning, "closed")
}

func TestTheDoctorNoticesAClockThatWentBack(t *testing.T) {
	entries := morning(t)
	last := &entries[len(entries)-1]
	last.Data = []byte(strings.Replace(string(last.Data), "2026-11-24T", fmt.Sprintf("%d-11-24T", time.Now().Year()+1), 1))
	s := openTest(t, storeFlags{Data: filled(t, entries)})
	defer func() { _ = s.close() }()
	s.clock(t.Context(), english).is(t, "clock", broken, "ahead of this machine's clock")
}

func TestTheDoctorLooksAtDiskKeyAndBackup(t *testing.T) {
	diskOf(english, 5<<30).is(t, "disk", fine, "5120 MB")
	diskOf(english, diskFew-1).is(t, "disk", warning, "MB")
	diskOf(english, diskTooFew-1).is(t, "disk", broken, "MB")
	diskFinding(english, filepath.Join(t.TempDir(), "absent")).is(t, "disk", diskFinding(english, ".").Level, "free")

	dir := filled(t, morning(t))
	s := openTest(t, storeFlags{Data: dir})
	defer func() { _ = s.close() }()
	s.key(english, dir).is(t, "vault_key", fine, "from "+vaultKey)
	t.Setenv(vaultKey, "")
	path := filepath.Join(dir, keyFile)
	if err := os.WriteFile(path, []byte(testVaultKey), 0o600); err != nil {
		t.Fatal(err)
	}
	s.key(english, dir).is(t, "vault_key", fine, path)
	if runtime.GOOS != "windows" {
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		s.key(english, dir).is(t, "vault_key", broken, "others can read")
	}
	if err := s.records.Put(t.Context(), lastBackup, []byte(`{"at":"2026-11-20T02:00:00Z"}`), 0); err != nil {
		t.Fatal(err)
	}
	s.backups(t.Context(), english, time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)).is(t, "backup", fine, "2026-11-20")
	s.backups(t.Context(), english, time.Date(2026, 11, 28, 20, 0, 0, 0, time.UTC)).is(t, "backup", warning, "2026-11-20")
}

func TestTheDoctorLooksAtOffices(t *testing.T) {
	c := testOffice(t)
	officeFindings(english, []*queue.Config{c}, bandung("08:00:00"))[0].is(t, "offices", fine, "bandung: 2026-11-24 07:30 WIB")
	officeFindings(english, []*queue.Config{c}, bandung("20:00:00"))[0].is(t, "offices", fine, "bandung: 2026-11-25 07:30 WIB")
	officeFindings(english, nil, bandung("08:00:00"))[0].is(t, "offices", broken, "no office")

	shut := testOffice(t)
	shut.Hours = map[string][]string{}
	for i := range 20 {
		shut.Closures = append(shut.Closures, bandung("08:00:00").AddDate(0, 0, i).Format(time.DateOnly))
	}
	shut.Hours["mon-sun"] = []string{"07:30-16:00"}
	shut.Prepare()
	officeFindings(english, []*queue.Config{shut}, bandung("08:00:00"))[0].is(t, "offices", broken, "does not open")

	bare := testOffice(t)
	bare.Counters = nil
	officeFindings(english, []*queue.Config{bare}, bandung("08:00:00"))[0].is(t, "offices", broken, "no counter")
}

func TestTheDoctorLooksAtAccountsScreensChannelsAndAddress(t *testing.T) {
	admin := staff.Account{Name: "rina", Roles: []staff.Role{staff.Administrator}}
	accountFindings(english, nil)[0].is(t, "accounts", broken, "no administrator")
	accountFindings(english, []staff.Account{admin})[0].is(t, "accounts", warning, "rina")
	admin.SecondFactor = true
	accountFindings(english, []staff.Account{admin})[0].is(t, "accounts", fine, "1 administrators")

	now := bandung("08:00:00")
	c := testOffice(t)
	tv := staff.Device{Name: "TV lobi", Kind: staff.DisplayDevice, Office: "bandung"}
	screens := func(d ...staff.Device) finding { return screenFindings(english, d, []*queue.Config{c}, now)[0] }
	screens(tv).is(t, "screens", warning, "TV lobi never reported")
	tv.Health = staff.Health{Seen: now.Add(-48 * time.Hour), Sound: true}
	screens(tv).is(t, "screens", warning, "was last seen")
	tv.Health = staff.Health{Seen: now}
	screens(tv).is(t, "screens", warning, "is mute")
	tv.Health.Sound = true
	screens(tv).is(t, "screens", fine, "1 devices")
	c.NoShow.SelfCheckIn = "code"
	screens().is(t, "screens", warning, "no screen is paired")

	channelFindings(english, []notifier.ChannelState{{Name: "sms", Fault: "settings.url: is missing"}})[0].is(t, "channels", broken, "sms: settings.url")
	channelFindings(english, []notifier.ChannelState{{Name: "sms", Resting: now}})[0].is(t, "channels", warning, "sms rests")
	channelFindings(english, []notifier.ChannelState{{Name: "sms"}})[0].is(t, "channels", fine, "1 channels")

	addressFinding(english, "").is(t, "public_url", warning, "not set")
	addressFinding(english, "http://antrean.example.go.id").is(t, "public_url", broken, "no HTTPS")
	addressFinding(english, "http://localhost:8080").is(t, "public_url", fine, "localhost")
	addressFinding(english, "https://antrean.example.go.id").is(t, "public_url", fine, "https")
	readyFinding(english, os.ErrClosed).is(t, "ready", broken, "closed")
}

func TestTheDoctorLooksFromOutside(t *testing.T) {
	// A proxy that passes pages on and no WebSockets.
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	ends := s.Certificate().NotAfter
	check := func(public string, now time.Time, pool *x509.CertPool) []finding {
		t.Helper()
		return outsideFindings(t.Context(), english, public, []string{"bandung"}, now, pool)
	}
	found := check(s.URL, time.Now(), roots)
	found[0].is(t, "certificate", fine, "until")
	found[1].is(t, "reach", fine, s.URL)
	found[2].is(t, "sockets", broken, "WebSockets do not come through")
	check(s.URL, ends.Add(-48*time.Hour), roots)[0].is(t, "certificate", warning, "ends")
	check(s.URL, ends.Add(time.Hour), roots)[0].is(t, "certificate", broken, "expired")
	check(s.URL, time.Now(), x509.NewCertPool())[0].is(t, "certificate", broken, "unknown authority")
	check(strings.Replace(s.URL, "127.0.0.1", "localhost", 1), time.Now(), roots)[0].is(t, "certificate", broken, "not localhost")
	gone := httptest.NewServer(http.NotFoundHandler())
	check(gone.URL, time.Now(), nil)[0].is(t, "reach", broken, "404")
	gone.Close()
	check(gone.URL, time.Now(), nil)[0].is(t, "reach", broken, "refused")
}
