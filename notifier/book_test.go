package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/ledger"
)

func (j *journal) mustWrite(t *testing.T, l line) {
	t.Helper()
	if landed, err := j.write(t.Context(), l); err != nil || !landed {
		t.Fatal(landed, err)
	}
}

func TestASnapshotGivesTheSameBookAndTheLogIsTrimmed(t *testing.T) {
	s := embeddedStore(t)
	j := &journal{log: s, records: s, office: "bandung"}
	if err := j.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	began := time.Now().Add(-90 * 24 * time.Hour).Round(0).UTC()
	step := 30 * time.Minute
	for i := range 2*snapshotLines + 100 {
		at := began.Add(time.Duration(i) * step)
		n := Notice{fmt.Sprintf("t%d", i), fmt.Sprintf("called@%d-abcd", i+1)}
		timely := Notice{n.Ticket, "payment_due/1"}
		l := line{At: at, Node: "n", Seen: map[haste]mark{urgent: {After: uint64(i + 1), Tag: "abcd"}},
			Claims:  []claim{{task: task{Notice: n}, Channel: "push", Attempt: 1, Until: at.Add(time.Minute)}, {task: task{Notice: timely}, Channel: "push", Attempt: 1, Until: at.Add(time.Minute)}},
			Results: []result{{task: task{Notice: timely}, Channel: "push", Outcome: sent, Receipt: n.Ticket}}}
		if i > 0 {
			before := Notice{fmt.Sprintf("t%d", i-1), fmt.Sprintf("called@%d-abcd", i)}
			l.Results = append(l.Results, result{task: task{Notice: before}, Channel: "push", Outcome: []Outcome{sent, Refused, failed}[i%3]})
		}
		j.mustWrite(t, l)
		if err := j.keep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	again := &journal{log: s, records: s, office: "bandung"}
	if err := again.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	j.book.forget()
	again.book.forget()
	if diff := cmp.Diff(j.book, again.book, cmp.AllowUnexported(dead{}, task{})); diff != "" || j.end != again.end {
		t.Errorf("at %v and %v: %s", j.end, again.end, diff)
	}
	if again.fresh >= snapshotLines {
		t.Errorf("%d lines were read, a snapshot is older than that", again.fresh)
	}
	first, err := s.Read(t.Context(), logOf("bandung"), 0, 1)
	if err != nil || len(first) != 1 || first[0].Version == 1 || first[0].Version > snapshotLines {
		t.Errorf("the log begins at %v, %v", first, err)
	}
}

func TestALineWhoseAnswerIsLostIsWrittenOnce(t *testing.T) {
	s := embeddedStore(t)
	lossy := &lossyLog{Log: s, lose: 3}
	j := &journal{log: lossy, records: s, office: "bandung"}
	if err := j.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		j.mustWrite(t, line{At: time.Now(), Node: "n"})
	}
	found, err := s.Read(t.Context(), logOf("bandung"), 0, 100)
	if err != nil || len(found) != 3 {
		t.Errorf("%d lines, %v", len(found), err)
	}
}

// lossyLog loses the answers of its first appends.
type lossyLog struct {
	ledger.Log
	lose int
}

func (l *lossyLog) Append(ctx context.Context, office string, end ledger.Position, tag string, batch [][]byte) error {
	err := l.Log.Append(ctx, office, end, tag, batch)
	if l.lose--; l.lose >= 0 && err == nil {
		return fmt.Errorf("the answer is lost")
	}
	return err
}

func FuzzALineIsReadOrRefused(f *testing.F) {
	f.Add([]byte(`{"v":1,"at":"2026-11-24T00:00:00Z","node":"n","claims":[{"t":"t1","e":"called@1-ab","c":"push","n":1,"until":"2026-11-24T00:02:00Z"}]}`))
	f.Add([]byte(`{"v":1,"results":[{"t":"t1","e":"reminder/1d/1","c":"push","o":"refused"}],"held":[{"t":"t1","e":"/"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := newBook()
		if b.apply(data) != nil {
			return
		}
		kept, err := b.snapshot(ledger.Position{Version: 1, Tag: "x"})
		if err != nil {
			return // a time that JSON cannot hold
		}
		if _, _, err := restore(kept); err != nil {
			t.Errorf("%s gives %s: %v", data, kept, err)
		}
		var p page
		p.book = newBook()
		if err := json.Unmarshal(kept, &p); err != nil {
			t.Error(err)
		}
	})
}
