package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const budisStory = `Selasa, 2026-11-24
07:05:00  A-011  dipesan: Paspor baru, 24 Nov 2026 09.30–10.30 oleh pemohon
08:30:00  A-011  tiba, menunggu di jalur terjadwal sejak 09.30 oleh pemohon
09:40:04  A-011  dipanggil ke Loket 3 (giliran paling awal, terjadwal 09.30) oleh sari
09:40:30  A-011  mulai dilayani di Loket 3 oleh sari
09:52:00  A-011  selesai di Loket 3 oleh sari
`

func TestATicketsStoryIsTold(t *testing.T) {
	dir := filled(t, morning(t))
	for _, args := range [][]string{
		{"--ticket", "A-011", "--date", "2026-11-24"},
		{"--ticket", "A-011"},
		{"--ticket", "budi"},
	} {
		out := succeed(t, "", append([]string{"trace", "--data", dir, "--office", "bandung"}, args...)...)
		if d := cmp.Diff(budisStory, out); d != "" {
			t.Errorf("%v: %s", args, d)
		}
	}
	out := succeed(t, "", "trace", "--url", serving(t, morning(t)), "--token", "secret", "--office", "bandung", "--ticket", "A-011")
	if d := cmp.Diff(budisStory, out); d != "" {
		t.Errorf("through a server: %s", d)
	}
}

func TestADaysStoryIsTold(t *testing.T) {
	dir := filled(t, morning(t))
	out := succeed(t, "", "trace", "--data", dir, "--office", "bandung", "--date", "2026-11-24", "--lang", "en")
	if lines := strings.Count(out, "\n"); lines != 9 || !strings.Contains(out, "07:31:00  -      Loket 3 is open by sari\n") {
		t.Errorf("%d lines of %s", lines, out)
	}
}

// From the day's first event to its last it took under three hours; a pause is
// cut after three seconds.
func TestADayIsReplayedAtItsPace(t *testing.T) {
	dir := filled(t, morning(t))
	day := []string{"trace", "--data", dir, "--office", "bandung", "--date", "2026-11-24"}
	told := succeed(t, "", day...)
	began := time.Now()
	replayed := succeed(t, "", append(day, "--replay", "--speed", "20000")...)
	if took := time.Since(began); took < 450*time.Millisecond || took > 20*time.Second {
		t.Errorf("two and three quarter hours took %s, 20,000 times as fast", took)
	}
	if d := cmp.Diff(told, replayed); d != "" {
		t.Errorf("another story: %s", d)
	}
	for _, args := range [][]string{{"--replay", "--ticket", "A-011"}, {"--replay", "--date", "2026-11-24", "--speed", "0"}} {
		code, _, errs := call(t, "", append([]string{"trace", "--data", dir, "--office", "bandung"}, args...)...)
		if code != 2 || !strings.Contains(errs, "--replay wants") {
			t.Errorf("%v ended with %d: %s", args, code, errs)
		}
	}
}

func TestWhatTheLogDoesNotTellIsSaid(t *testing.T) {
	dir := filled(t, morning(t))
	for _, args := range [][]string{{"--ticket", "A-011", "--date", "2026-11-25"}, {"--ticket", "Z-001"}, {"--date", "2026-11-25"}} {
		code, out, errs := call(t, "", append([]string{"trace", "--data", dir, "--office", "bandung"}, args...)...)
		if code != 1 || out != "" || !strings.Contains(errs, "tells nothing") {
			t.Errorf("%v ended with %d, %q, %q", args, code, errs, out)
		}
	}
}

func TestAnEventOfANewerReleaseIsNamed(t *testing.T) {
	entries := morning(t)
	last := &entries[len(entries)-1]
	last.Data = []byte(strings.Replace(string(last.Data), `"tickets_completed"`, `"tickets_delighted"`, 1))
	out := succeed(t, "", "trace", "--data", filled(t, entries), "--office", "bandung", "--date", "2026-11-24")
	if !strings.HasSuffix(out, "09:52:00  -      peristiwa \"tickets_delighted\" dari rilis yang lebih baru\n") {
		t.Errorf("told %s", out)
	}
}
