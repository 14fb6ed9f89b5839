package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// golden is a log with every type of event, as the first release wrote it. It
// must decode and fold for ever: lines may be added to it, never changed.
func golden(t testing.TB) [][]byte {
	t.Helper()
	data, err := os.ReadFile("testdata/events_v1.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(data), []byte("\n"))
}

func TestFirstReleasesLogFoldsForEver(t *testing.T) {
	s, seen := NewState("bandung"), map[string]bool{}
	for i, data := range golden(t) {
		e, err := Decode(data)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		forgets := e.Type() == "tickets_forgotten"
		if forgets {
			foldsTo(t, s, "testdata/state_v1.json")
		}
		if err := s.Apply(uint64(i+1), e); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if forgets && len(s.Tickets) != 0 {
			t.Errorf("not forgotten: %v", sortedKeys(s.Tickets))
		}
		seen[e.Type()] = true
	}
	for kind := range blanks {
		if !seen[kind] {
			t.Errorf("the golden log lacks %s", kind)
		}
	}
	foldsTo(t, s, "testdata/state_v1_ladder.json")
}

// foldsTo compares a state with the one that the release of the log kept.
func foldsTo(t *testing.T, s *State, file string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, []byte(snapshot(t, s)), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the golden log folds differently from %s (-want +got):\n%s", file, diff)
	}
}

func TestEncodeWritesBackWhatItDoesNotKnow(t *testing.T) {
	const data = `{"v":1,"type":"ticket_ready","at":"2026-11-23T03:00:00Z","mood":"good","fact":{"ticket":"t1","shelf":{"row":4}}}`
	e, err := Decode([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(data, string(must(Encode(e)))); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const at = `"at":"2026-11-23T03:00:00Z"`
	for _, c := range []struct {
		name, data string
		newer      bool
	}{
		{"no JSON", `{`, false},
		{"no type", `{"v":1,` + at + `,"fact":{}}`, false},
		{"no schema", `{"type":"ticket_ready",` + at + `,"fact":{}}`, false},
		{"no fact", `{"v":1,"type":"ticket_ready",` + at + `}`, false},
		{"null fact", `{"v":1,"type":"ticket_ready",` + at + `,"fact":null}`, false},
		{"null ticket", `{"v":1,"type":"tickets_booked",` + at + `,"fact":{"tickets":[null]}}`, false},
		{"ticket without id", `{"v":1,"type":"ticket_issued",` + at + `,"fact":{"ticket":{"number":"A-1","status":"waiting","date":"2026-11-23"}}}`, false},
		{"no configuration", `{"v":1,"type":"office_configured",` + at + `,"fact":{}}`, false},
		{"unknown zone", `{"v":1,"type":"office_configured",` + at + `,"fact":{"config":{"timezone":"Mars/Olympus","hours":{"mon":["08:00-09:00"]}}}}`, false},
		{"a million events in one command", `{"v":1,"type":"ticket_ready",` + at + `,"count":1000000,"fact":{}}`, false},
		{"newer schema", `{"v":2,"type":"ticket_ready",` + at + `,"fact":{}}`, true},
		{"unknown type", `{"v":1,"type":"ticket_framed",` + at + `,"fact":{}}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode([]byte(c.data))
			if err == nil || errors.Is(err, ErrNewer) != c.newer {
				t.Errorf("%v, newer wanted: %v", err, c.newer)
			}
		})
	}
}

// A release that checks more strictly must still read what an older one let
// pass.
func TestConfigurationsInForceOnceAreReadWithoutTodaysChecks(t *testing.T) {
	data := `{"v":1,"type":"office_configured","at":"2026-11-23T03:00:00Z","fact":{"config":{"id":"Not An Id","name":"","timezone":"Asia/Jakarta","hours":{"mon":["08:00-09:00"]},"stages":null,"services":null,"counters":null,"booking":{"party_max":99}}}}`
	e, err := Decode([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	s := NewState("bandung")
	if err := s.Apply(1, e); err != nil {
		t.Fatal(err)
	}
	if !s.Config.Calendar().OpenAt(clock("08:30")) {
		t.Error("its hours are not known")
	}
}

func TestApplyRefusesGapsAndOldVersions(t *testing.T) {
	s := NewState("bandung")
	e := &Event{At: clock("08:00"), Fact: &EpochBegan{Epoch: "e"}}
	for _, version := range []uint64{0, 2} {
		if err := s.Apply(version, e); err == nil {
			t.Errorf("version %d was folded", version)
		}
	}
	if s.Version != 0 || s.Epoch != "" {
		t.Errorf("a refused event changed the state: %d %q", s.Version, s.Epoch)
	}
}

func TestRestoreRefusesWhatIsNoSnapshot(t *testing.T) {
	for _, data := range []string{``, `[]`, `{"tickets":{"a":null}}`, `{"config":{"timezone":"Mars/Olympus"}}`} {
		if _, err := Restore([]byte(data)); err == nil {
			t.Errorf("%s was restored", data)
		}
	}
}

// FuzzDecode: whatever the log holds, reading and folding it never panics, and
// what was read is written back unchanged.
func FuzzDecode(f *testing.F) {
	for _, data := range golden(f) {
		f.Add(data)
	}
	f.Add([]byte(`{"v":1,"type":"act_undone","at":"2026-11-23T03:00:00Z","fact":{"counter":"1","tickets":[],"seat":null}}`))
	f.Add([]byte(`{"v":1,"type":"ticket_issued","at":"2026-11-23T03:00:00Z","fact":{"ticket":{"id":"t9","number":"A","seq":-9223372036854775808,"status":"waiting","stage":"berkas","date":"2026-11-23","party":"t1","slot":{}}}}`))
	f.Add([]byte(`{"v":1,"type":"day_ended","at":"0000-01-01T00:00:00Z","fact":{"date":"","tickets":{"":"x"},"counters":[""]}}`))
	log := golden(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := Decode(bytes.Clone(data))
		if err != nil {
			return
		}
		if diff := cmp.Diff(string(data), string(must(Encode(e)))); diff != "" {
			t.Fatal(diff)
		}
		// Before, in the middle of and after a day with everything in it.
		for _, until := range []int{0, len(log) / 2, len(log)} {
			s := NewState("bandung")
			for i, line := range log[:until] {
				if err := s.Apply(uint64(i+1), must(Decode(line))); err != nil {
					t.Fatal(err)
				}
			}
			before, indexed := snapshot(t, s), drawn(s)
			s.Begin()
			if err := s.Apply(uint64(until+1), e); err != nil {
				t.Fatal(err)
			}
			snapshot(t, s)
			s.Rollback(0)
			s.Keep()
			if diff := cmp.Diff(before, snapshot(t, s)); diff != "" {
				t.Fatalf("rolled back:\n%s", diff)
			}
			// A number that two tickets share is the later one's; nobody makes such.
			if !strings.Contains(string(data), `"number"`) {
				if diff := cmp.Diff(indexed, drawn(s)); diff != "" {
					t.Fatalf("rolled back indexes:\n%s", diff)
				}
			}
		}
	})
}
