package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/ledger"
	"antrean/internal/ledger/redistest"
	"antrean/internal/vault"
)

// expiry is where two exports may differ: a lifetime is counted anew by each
// store.
var expiry = regexp.MustCompile(`"expires":"[^"]*"`)

func lasting(export string) string { return expiry.ReplaceAllString(export, `"expires":"later"`) }

func TestAnExportSurvivesTheWayToRedisAndBack(t *testing.T) {
	first := filled(t, morning(t))
	url := redistest.Start(t).URL()
	third := filepath.Join(t.TempDir(), "third")

	export := succeed(t, "", "export", "--data", first)
	succeed(t, export, "import", "--redis", url, "--data", t.TempDir())
	fromRedis := succeed(t, "", "export", "--redis", url, "--data", t.TempDir())
	if d := cmp.Diff(lasting(export), lasting(fromRedis)); d != "" {
		t.Errorf("embedded and Redis differ: %s", d)
	}
	succeed(t, fromRedis, "import", "--data", third)
	if d := cmp.Diff(lasting(export), lasting(succeed(t, "", "export", "--data", third))); d != "" {
		t.Errorf("the first and the third store differ: %s", d)
	}
	if !strings.Contains(export, `"later":{"kept":"<yes> & ü"}`) {
		t.Error("a field that this release does not know was lost")
	}
	if strings.Contains(export, "lease/") || strings.Contains(export, "Budi") {
		t.Error("the export holds a lease or a name")
	}
	succeed(t, "", "verify", "--redis", url, "--data", t.TempDir())
	succeed(t, "", "verify", "--data", third)

	s := openTest(t, storeFlags{Data: third})
	defer func() { _ = s.close() }()
	person, err := vault.New(s.records, s.ring, time.Now).Get(t.Context(), "bandung", "budi")
	if err != nil || person.Name != "Budi" {
		t.Errorf("the sealed person is %v, %v", person, err)
	}
	records, err := s.records.List(t.Context(), "vault/", "", 10)
	if err != nil || len(records) != 1 || time.Until(records[0].Expires) < 29*24*time.Hour || time.Until(records[0].Expires) > 30*24*time.Hour {
		t.Errorf("records of people: %v, %v", len(records), err)
	}
	got, err := ledger.Entries(t.Context(), s.log, s.archive, "bandung", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(morning(t), got); d != "" {
		t.Errorf("versions, tags or bytes differ: %s", d)
	}
}

func TestALogWithoutItsBeginningKeepsItsVersions(t *testing.T) {
	first := filled(t, morning(t)[4:])
	url := redistest.Start(t).URL()
	export := succeed(t, "", "export", "--data", first)
	succeed(t, export, "import", "--redis", url, "--data", t.TempDir())
	if d := cmp.Diff(lasting(export), lasting(succeed(t, "", "export", "--redis", url, "--data", t.TempDir()))); d != "" {
		t.Error(d)
	}
}

func TestBytesThatAreNoJSONSurviveAnExport(t *testing.T) {
	entries := []ledger.Entry{{Version: 1, Tag: "a", Data: []byte("{ \"spaced\" : 1 }")}, {Version: 2, Tag: "b", Data: []byte{0xff, 0, '\n'}}}
	target := filepath.Join(t.TempDir(), "target")
	succeed(t, succeed(t, "", "export", "--data", filled(t, entries)), "import", "--data", target)
	s := openTest(t, storeFlags{Data: target})
	defer func() { _ = s.close() }()
	got, err := ledger.Entries(t.Context(), s.log, s.archive, "bandung", 0, 100)
	if d := cmp.Diff(entries, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestImportRefusesATargetThatHoldsAnything(t *testing.T) {
	full := filled(t, morning(t))
	export := succeed(t, "", "export", "--data", full)
	code, _, errs := call(t, export, "import", "--data", full)
	if code != 2 || !strings.Contains(errs, "not empty: it has records") {
		t.Errorf("import ended with %d and %q", code, errs)
	}
	logOnly := filepath.Join(t.TempDir(), "log-only")
	s := openTest(t, storeFlags{Data: logOnly})
	if err := s.embed.Restore(t.Context(), "bandung", morning(t)[:1]); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	code, _, errs = call(t, export, "import", "--data", logOnly)
	if code != 2 || !strings.Contains(errs, "not empty: it has a log of bandung") {
		t.Errorf("import ended with %d and %q", code, errs)
	}
	if after := succeed(t, "", "export", "--data", full); after != export {
		t.Error("a refused import changed its target")
	}
}

func TestImportNoticesADamagedExport(t *testing.T) {
	export := succeed(t, "", "export", "--data", filled(t, morning(t)))
	lines := strings.SplitAfter(export, "\n")
	for name, damaged := range map[string]string{
		"cut short":              strings.Join(lines[:5], ""),
		"comes after":            strings.Join(append(append([]string{}, lines[:4]...), lines[5:]...), ""),
		"the export says":        strings.Join(append(append([]string{}, lines[:9]...), lines[10:]...), ""),
		"is no line":             strings.Replace(export, lines[3], "{nonsense\n", 1),
		"neither an entry":       strings.Replace(export, lines[3], `{"office":"elsewhere","version":3}`+"\n", 1),
		"this is no export":      "hello\n",
		"the export has version": strings.Replace(export, `"version":1`, `"version":2`, 1),
	} {
		code, _, errs := call(t, damaged, "import", "--data", filepath.Join(t.TempDir(), "target"))
		if code == 0 || !strings.Contains(errs, name) {
			t.Errorf("%s: import ended with %d and %q", name, code, errs)
		}
	}
}

func TestImportUnderAnotherKeyIsNoticed(t *testing.T) {
	export := succeed(t, "", "export", "--data", filled(t, morning(t)))
	t.Setenv(vaultKey, "")
	code, _, errs := call(t, export, "import", "--data", filepath.Join(t.TempDir(), "target"))
	if code != 1 || !strings.Contains(errs, "sealed with another key") {
		t.Errorf("import ended with %d and %q", code, errs)
	}
}

func TestAnExportThroughAServerIsThatOfItsStore(t *testing.T) {
	dir := filled(t, morning(t))
	want := succeed(t, "", "export", "--data", dir)
	copied := filepath.Join(t.TempDir(), "copy")
	succeed(t, "", "backup", copied, "--data", dir)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/backup" || r.URL.Query().Get("for") != "export" || r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("the server is asked for %s", r.URL)
		}
		http.ServeFile(w, r, copied)
	}))
	t.Cleanup(server.Close)
	got := succeed(t, "", "export", "--url", server.URL, "--token", "secret")
	if d := cmp.Diff(lasting(want), lasting(got)); d != "" {
		t.Error(d)
	}
	if code, _, errs := call(t, "", "export", "--url", server.URL, "--token", "secret", "--office", "elsewhere"); code != 2 || !strings.Contains(errs, `no office "elsewhere"`) {
		t.Errorf("export of no office ended with %d and %q", code, errs)
	}
}
