package ledger

import (
	"fmt"
	"strings"
	"testing"

	"antrean/internal/ledger/redistest"
)

// fillUntilRefused appends batches of three until the server takes no more, and
// returns the end that was acknowledged last.
func fillUntilRefused(t *testing.T, r *Redis, office string, end Position) Position {
	t.Helper()
	for n := range 1000 {
		tag := fmt.Sprint("fill", n)
		if err := r.Append(t.Context(), office, end, tag, texts("x", "y", "z")); err != nil {
			expectUnknown(t, err)
			return end
		}
		end = Position{end.Version + 3, tag}
	}
	t.Fatal("the server takes everything")
	return end
}

// expectWhole wants what was acknowledged, and at most one batch more, whole.
func expectWhole(t *testing.T, r *Redis, office string, end Position) {
	t.Helper()
	entries, err := r.Read(t.Context(), office, end.Version, 100)
	if err != nil || len(entries) == 0 || entries[0].Position() != end || len(entries) != 1 && len(entries) != 4 {
		t.Errorf("acknowledged %v, from there it holds %v, %v", end, entries, err)
	}
}

// The limit of a file's size ends the server in the middle of a write, as a full
// disk does with appendfsync always.
func TestAFullDiskLosesNothingAcknowledged(t *testing.T) {
	for _, fsync := range []string{"always", "everysec"} {
		t.Run(fsync, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, "--appendfsync", fsync)
			r := openRedis(t, server.URL())
			end := land(t, r, "bandung", Position{}, "a", texts("1"))
			must(t, server.FillDisk(2000))
			if end = fillUntilRefused(t, r, "bandung", end); end.Version == 1 {
				t.Fatal("there was no room for anything")
			}
			must(t, server.Restart()) // with room
			eventually(t, func() bool { return r.client.Ping(t.Context()).Err() == nil })
			expectWhole(t, r, "bandung", end)
			entries, err := r.Read(t.Context(), "bandung", 1, 10_000)
			must(t, err)
			land(t, r, "bandung", entries[len(entries)-1].Position(), "b", texts("on"))
		})
	}
}

func TestAFullMemoryLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	r := openRedis(t, server.URL())
	end := land(t, r, "bandung", Position{}, "a", texts("1"))
	if _, err := server.Ask("CONFIG", "SET", "maxmemory", "1"); err != nil {
		t.Fatal(err)
	}
	err := r.Append(t.Context(), "bandung", end, "b", texts("2", "3"))
	if err == nil || !strings.Contains(err.Error(), "OOM") {
		t.Errorf("got %v", err)
	}
	expectEntries(t, r, "bandung", entry(1, "a", "1"))
	if _, err := server.Ask("CONFIG", "SET", "maxmemory", "0"); err != nil {
		t.Fatal(err)
	}
	land(t, r, "bandung", end, "b", texts("2", "3"))
	expectEntries(t, r, "bandung", entry(1, "a", "1"), entry(2, "b", "2"), entry(3, "b", "3"))
}
