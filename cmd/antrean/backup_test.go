package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/ledger/redistest"
	"antrean/internal/vault"
	"antrean/notifier"
)

// backedUp is a backup of a store with that morning, and what it holds.
func backedUp(t *testing.T) (file string, lines []string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "antrean.backup")
	succeed(t, "", "backup", "--data", filled(t, morning(t)), file)
	packed, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return file, strings.SplitAfter(string(text), "\n")
}

// repacked is a file with those lines in place of a backup's.
func repacked(t *testing.T, lines []string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(strings.Join(lines, ""))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return written(t, b.Bytes())
}

func written(t *testing.T, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "other.backup")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestARestoredStoreIsTheSame(t *testing.T) {
	file, _ := backedUp(t)
	again := filepath.Join(t.TempDir(), "again")
	url := redistest.Start(t).URL()
	succeed(t, "", "restore", "--data", again, file)
	succeed(t, "", "restore", "--redis", url, "--data", t.TempDir(), file)
	a := succeed(t, "", "export", "--data", again)
	if b := succeed(t, "", "export", "--redis", url, "--data", t.TempDir()); lasting(a) != lasting(b) {
		t.Error("the file and Redis differ")
	}
	if !strings.Contains(a, `"later":{"kept":"<yes> & ü"}`) {
		t.Error("a field that this release does not know was lost")
	}
	// What came back can be taken away again, from Redis too.
	second := filepath.Join(t.TempDir(), "second.backup")
	succeed(t, "", "backup", "--redis", url, "--data", t.TempDir(), second)
	third := filepath.Join(t.TempDir(), "third")
	succeed(t, "", "restore", "--data", third, second)
	if c := succeed(t, "", "export", "--data", third); lasting(a) != lasting(c) {
		t.Errorf("the first and the third store differ:\n%s\n%s", a, c)
	}
	succeed(t, "", "verify", "--data", third)
	if code, _, errs := call(t, "", "backup", "--data", again, file); code != 2 || !strings.Contains(errs, "replaces no other") {
		t.Errorf("a backup over another ended with %d and %q", code, errs)
	}
}

// Redis has no one moment: a claim may be of a booking that the logs do not have yet.
func TestARestoredClaimNamesTheTicketThatTheLogHas(t *testing.T) {
	entries := morning(t)
	dir := filled(t, entries[:3]) // budi is booked
	s := openTest(t, storeFlags{Data: dir})
	people, budi, later := vault.New(s.records, s.ring, time.Now), vault.Holder{Office: "bandung", Ticket: "budi"}, vault.Holder{Office: "bandung", Ticket: "later"}
	_, err := people.Claim(t.Context(), vault.Claim{NIK: nikBudi, Holder: later})
	if err = errors.Join(err, s.records.Put(t.Context(), sessionRecords+"x", []byte("x"), time.Hour), s.close()); err != nil {
		t.Fatal(err)
	}
	file, again := filepath.Join(t.TempDir(), "antrean.backup"), filepath.Join(t.TempDir(), "again")
	succeed(t, "", "backup", "--data", dir, file)
	if code, _, errs := call(t, "", "restore", "--data", again, "--end-sessions", file); code != 0 || !strings.Contains(errs, "not in the backup: 1") {
		t.Fatalf("restore ended with %d and %q", code, errs)
	}
	restored := openTest(t, storeFlags{Data: again})
	defer restored.close()
	held, err := vault.New(restored.records, restored.ring, time.Now).Holders(t.Context(), nikBudi)
	if err != nil || !slices.Equal(held, []vault.Holder{budi}) {
		t.Errorf("the claim names %v, %v", held, err)
	}
	if _, err := restored.records.Get(t.Context(), sessionRecords+"x"); !errors.Is(err, ledger.ErrAbsent) {
		t.Errorf("a session is back: %v", err)
	}
}

func TestABrokenBackupIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	file, lines := backedUp(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	without := func(i int) []string { return append(append([]string{}, lines[:i]...), lines[i+1:]...) }
	with := func(i int, was, is string) []string {
		changed := append([]string{}, lines...)
		if changed[i] = strings.Replace(lines[i], was, is, 1); changed[i] == lines[i] {
			t.Fatalf("line %d has no %q: %s", i, was, lines[i])
		}
		return changed
	}
	last := len(lines) - 2 // what follows the last line's end is empty
	for name, c := range map[string]struct{ file, says string }{
		"cut short":          {written(t, whole[:len(whole)/2]), "cut short"},
		"without its end":    {repacked(t, lines[:last]), "cut short"},
		"a line is missing":  {repacked(t, without(4)), "comes after"},
		"a record is not":    {repacked(t, without(last-1)), "the backup says"},
		"a byte differs":     {repacked(t, with(5, "2026-11-24T", "2026-11-25T")), "was changed"},
		"another end":        {repacked(t, with(last, `"sha256":"`, `"sha256":"0`)), "was changed"},
		"more behind it":     {repacked(t, append(append([]string{}, lines...), "{}\n")), "goes on"},
		"a later format":     {repacked(t, with(0, `"version":1`, `"version":2`)), "this release reads 1"},
		"an export":          {repacked(t, with(0, backupFormat, exportFormat)), "this is no backup"},
		"something else":     {written(t, []byte("hello")), "this is no backup"},
		"bits of it flipped": {written(t, append(bytes.Clone(whole[:len(whole)-5]), 0, 0, 0, 0, 0)), "the backup"},
	} {
		target := filepath.Join(t.TempDir(), "target")
		code, _, errs := call(t, "", "restore", "--data", target, c.file)
		if code == 0 || !strings.Contains(errs, c.says) {
			t.Errorf("%s: restore ended with %d and %q", name, code, errs)
		}
		if _, err := os.Stat(target); !os.IsNotExist(err) {
			t.Errorf("%s: something was written", name)
		}
	}
}

func TestRestoreRefusesAFullTargetAndAForeignKey(t *testing.T) {
	file, _ := backedUp(t)
	full := filepath.Join(t.TempDir(), "full")
	succeed(t, "", "restore", "--data", full, file)
	if code, _, errs := call(t, "", "restore", "--data", full, file); code != 2 || !strings.Contains(errs, "not empty") {
		t.Errorf("restore ended with %d and %q", code, errs)
	}
	url := redistest.Start(t).URL()
	succeed(t, "", "restore", "--redis", url, "--data", t.TempDir(), file)
	if code, _, errs := call(t, "", "restore", "--redis", url, "--data", t.TempDir(), file); code != 2 || !strings.Contains(errs, "not empty") {
		t.Errorf("restore ended with %d and %q", code, errs)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	t.Setenv(vaultKey, strings.Repeat("0123456789abcdef", 4))
	if code, _, errs := call(t, "", "restore", "--data", empty, file); code != 2 || !strings.Contains(errs, "sealed with another key") {
		t.Errorf("restore ended with %d and %q", code, errs)
	}
	t.Setenv(vaultKey, "")
	if code, _, errs := call(t, "", "restore", "--data", empty, file); code != 2 || !strings.Contains(errs, "never part of a backup") {
		t.Errorf("restore ended with %d and %q", code, errs)
	}
	if _, err := os.Stat(empty); !os.IsNotExist(err) {
		t.Error("something was written")
	}
}

func TestWhatIsNewerThanTheLogsStaysOutOfABackup(t *testing.T) {
	ends := map[string]uint64{"bandung": 12, notifier.LogOf("bandung"): 3}
	for key, want := range map[string]bool{
		"vault/bandung/budi":                    true,
		"keyring/proof":                         true,
		"alone":                                 true,
		"lease/bandung":                         false,
		"node/BHQ3XK2M":                         false,
		"office/bandung":                        true,
		"office/cimahi":                         false,
		"snapshot/bandung/00000000000000000012": true,
		"snapshot/bandung/00000000000000000013": false,
		"snapshot/cimahi/00000000000000000001":  false,
		"notices/bandung/00000000000000000003":  true,
		"notices/bandung/00000000000000000004":  false,
	} {
		if got := restorable(key, ends); got != want {
			t.Errorf("%s: %v", key, got)
		}
	}
}
