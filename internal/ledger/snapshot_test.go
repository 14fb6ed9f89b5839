package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/queue"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// stepClock is a clock that a test moves.
type stepClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *stepClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *stepClock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// longLife is an office with three days behind it, a snapshot asked for after
// each, and the answer to every key.
func longLife(t *testing.T, s store, archive string) (f *Office, clock *stepClock, answers map[string]uint64) {
	t.Helper()
	clock = &stepClock{t: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}
	f = openOffice(t, startNode(t, s, s, Options{Clock: clock, Archive: archive}), "bandung")
	answers = make(map[string]uint64)
	var mu sync.Mutex
	for day := range 3 {
		var group sync.WaitGroup
		for i := range snapshotEvents + 100 {
			c := issue(fmt.Sprintf("t%d-%d", day, i))
			c.Key = fmt.Sprintf("key%d-%d", day, i)
			group.Go(func() {
				err := f.Do(t.Context(), c, func(s *queue.State, _ []*queue.Event) {
					mu.Lock()
					defer mu.Unlock()
					answers[c.Key] = s.Version
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		must(t, f.keep(t.Context(), clock.Now()))
		must(t, f.keep(t.Context(), clock.Now())) // nothing is due so soon
		clock.step(24 * time.Hour)
	}
	return f, clock, answers
}

func TestTwoSnapshotsAndTheLogSinceTheOlderAreKept(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		archive := t.TempDir()
		f, clock, answers := longLife(t, s, archive)
		h := f.history
		kept, err := h.snapshots(t.Context())
		must(t, err)
		if len(kept) != 2 || kept[0] != version(f) {
			t.Fatalf("snapshots at %v, the log ends at %d", kept, version(f))
		}
		first, err := s.Read(t.Context(), "bandung", 0, 1)
		must(t, err)
		if first[0].Version != kept[1] {
			t.Errorf("the log begins at %d, want the older snapshot's %d", first[0].Version, kept[1])
		}
		// A node that wakes now, and the whole past.
		anew := wakeOffice(t, startNode(t, s, s, Options{Clock: clock, Archive: archive}), "bandung")
		whole := queue.NewState("bandung")
		must(t, h.each(t.Context(), 0, version(f), func(e folded) error { return apply(whole, e) }))
		if d := differ(past{state: whole, end: f.at}, past{state: anew.settled, end: anew.at}); d != "" {
			t.Error(d)
		}
		long, err := f.StateAt(t.Context(), 7)
		must(t, err)
		if long.Version != 7 || len(long.Tickets) != 5 {
			t.Errorf("at 7: version %d, %d tickets", long.Version, len(long.Tickets))
		}
		// An answer of the last day is given again.
		for _, key := range []string{"key2-5", "key2-1000"} {
			c := issue(strings.Replace(key, "key", "t", 1))
			c.Key = key
			must(t, anew.Do(t.Context(), c, func(s *queue.State, _ []*queue.Event) {
				if s.Version != answers[key] {
					t.Errorf("%s: answered as of %d, first %d", key, s.Version, answers[key])
				}
			}))
		}
		report, err := Verify(t.Context(), s, s, archive, "bandung")
		must(t, err)
		want := Report{Office: "bandung", From: kept[1], Version: kept[0], Compared: []uint64{kept[0]}}
		if diff := cmp.Diff(want, report); diff != "" {
			t.Error(diff)
		}
	})
}

// Two nodes that share an archive may both believe to have the duty.
func TestLinesThatTwoNodesArchivedAreReadOnce(t *testing.T) {
	archive := t.TempDir()
	entries := []Entry{entry(1, "a", `{"at":"2026-11-24T01:00:00Z"}`), entry(2, "a", `{"at":"2026-11-24T01:00:00Z"}`), entry(3, "b", `{"at":"2026-11-24T01:00:00Z"}`)}
	for _, part := range [][]Entry{entries[:2], entries[:2], entries[2:], entries[2:]} {
		must(t, appendArchive(archive, "bandung", part))
	}
	found, err := archived(archive, "bandung", 0, 10, nil)
	must(t, err)
	if diff := cmp.Diff(entries, found); diff != "" {
		t.Error(diff)
	}
}

// Who reads a year on begins where they stopped, and not with the month's first line
// each time; but a file that is another by now is read from its beginning.
func TestTheArchiveIsReadOnWhereReadingStopped(t *testing.T) {
	archive, read := t.TempDir(), new(bookmarks)
	var entries []Entry
	for n := range uint64(40) {
		entries = append(entries, entry(n+1, "a", `{"at":"2026-11-24T01:00:00Z"}`))
	}
	must(t, appendArchive(archive, "bandung", entries))
	next := func(after uint64) {
		t.Helper()
		found, err := archived(archive, "bandung", after, 10, read)
		must(t, err)
		if diff := cmp.Diff(entries[after:after+10], found); diff != "" {
			t.Errorf("after %d: %s", after, diff)
		}
	}
	next(0)
	files, err := archiveFiles(archive, "bandung")
	must(t, err)
	whole, err := os.ReadFile(files[0])
	must(t, err)
	must(t, os.WriteFile(files[0], append([]byte("no line"), whole[len("no line"):]...), 0o600))
	next(10)
	next(20)
	must(t, os.WriteFile(files[0], append([]byte(`{"version":0,"tag":"x","event":{"at":"2026-11-24T01:00:00Z"}}`+"\n"), whole...), 0o600))
	next(30)
	next(10)
}

func TestWithoutAnArchiveTheLogIsTrimmedByItsRetention(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	f, clock, _ := longLife(t, s, "")
	first, err := s.Read(t.Context(), "bandung", 0, 1)
	must(t, err)
	if first[0].Version != 1 {
		t.Errorf("the log begins at %d within its retention", first[0].Version)
	}
	clock.step(365*24*time.Hour - 36*time.Hour) // the first day is past its retention, the second is not
	all, _, err := f.history.ours(t.Context())
	must(t, err)
	must(t, f.history.forget(t.Context(), all, clock.Now()))
	first, err = s.Read(t.Context(), "bandung", 0, 1)
	must(t, err)
	if at, err := eventTime(first[0].Data); err != nil || at.Day() != 25 {
		t.Errorf("the log begins at %d, on %s", first[0].Version, at)
	}
	clock.step(1000 * 24 * time.Hour)
	must(t, f.history.forget(t.Context(), all, clock.Now()))
	first, err = s.Read(t.Context(), "bandung", 0, 1)
	must(t, err)
	if first[0].Version != all[1].end.Version {
		t.Errorf("the log begins at %d, want the older snapshot's %d", first[0].Version, all[1].end.Version)
	}
}

func TestASnapshotOfAnotherHistoryIsNotTrusted(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
		must(t, f.Do(t.Context(), issue("mine"), nil))
		lost, err := f.StateAt(t.Context(), 3)
		must(t, err)
		lost.Tickets = nil
		must(t, f.history.write(t.Context(), past{state: lost, end: Position{3, "lost"}}))
		ahead := lost.Clone()
		ahead.Version = 50
		must(t, f.history.write(t.Context(), past{state: ahead, end: Position{50, "lost"}}))
		must(t, s.Put(t.Context(), snapshotKey("bandung", 2), []byte("no snapshot"), 0))
		anew := wakeOffice(t, startNode(t, s, s, Options{}), "bandung")
		sameAsLog(t, anew, s)
		// The one that the log has contradicted goes; the other, the log may yet
		// hold: a node of a Cluster may be behind.
		_, err = f.history.keep(t.Context(), past{state: f.settled, end: f.at}, time.Now())
		must(t, err)
		left, err := f.history.snapshots(t.Context())
		must(t, err)
		if diff := cmp.Diff([]uint64{50, 2}, left); diff != "" {
			t.Error(diff)
		}
	})
}

// A crash may come between any two steps of archiving.
func TestArchivingIsGoneOnWithAfterACrash(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	archive := t.TempDir()
	f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
	for i := range 20 {
		must(t, f.Do(t.Context(), issue(fmt.Sprint(i)), nil))
	}
	whole := wholeLog(t, s, "bandung")
	h := history{s, s, archive, "bandung", new(bookmarks)}
	must(t, h.archiveBefore(t.Context(), 8))
	files, err := archiveFiles(archive, "bandung")
	must(t, err)
	half, err := os.OpenFile(files[0], os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = half.WriteString(`{"version":8,"tag":"`)
	must(t, err)
	must(t, half.Close())
	must(t, h.archiveBefore(t.Context(), 12))
	must(t, h.archiveBefore(t.Context(), 12))
	must(t, s.Trim(t.Context(), "bandung", 12))
	for _, c := range []struct{ after, limit int }{{0, 100}, {3, 4}, {3, 8}, {10, 100}, {11, 3}, {22, 9}} {
		var got []Entry
		for len(got) < c.limit {
			more, err := h.entries(t.Context(), uint64(c.after+len(got)), c.limit-len(got))
			must(t, err)
			if len(more) == 0 {
				break
			}
			got = append(got, more...)
		}
		want := whole[c.after:min(c.after+c.limit, len(whole))]
		if diff := cmp.Diff(want, append([]Entry{}, got...)); diff != "" {
			t.Errorf("%d after %d: %s", c.limit, c.after, diff)
		}
	}
	// The log was put back to an older copy and went another way.
	other := openEmbedded(t, t.TempDir()+"/antrean.db")
	openOffice(t, startNode(t, other, other, Options{}), "bandung")
	at := wholeLog(t, other, "bandung")[1].Position()
	for i := range 20 {
		at = appendIssue(t, other, at, fmt.Sprint("other", i))
	}
	mixed := history{other, other, archive, "bandung", new(bookmarks)}
	if err := mixed.archiveBefore(t.Context(), 20); err == nil {
		t.Error("the archive mixes two histories")
	}
	must(t, expireArchive(archive, "bandung", time.Now().AddDate(0, 3, 0)))
	if files, err := filepath.Glob(filepath.Join(archive, "bandung", "*")); err != nil || len(files) != 0 {
		t.Errorf("%v, %v", files, err)
	}
}

// Whatever happened, and wherever snapshots were taken: what is loaded is the
// fold of all events.
func TestASnapshotAndTheLogAfterItAreTheWholeFold(t *testing.T) {
	dir := t.TempDir()
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		s := openEmbedded(t, filepath.Join(dir, fmt.Sprint(runs)))
		defer s.Close()
		h := history{s, s, filepath.Join(dir, fmt.Sprint("archive", runs)), "bandung", new(bookmarks)}
		live := queue.NewState("bandung")
		now := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
		var end Position
		do := func(ask queue.Ask) {
			now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(rt, "seconds")) * time.Second)
			c := command(ask)
			c.Key = random()
			live.Begin()
			events, err := queue.Decide(live, c, now)
			live.Keep()
			if err != nil || len(events) == 0 {
				return
			}
			data, err := encodeAll(events)
			must(t, err)
			tag := random()
			must(t, s.Append(t.Context(), "bandung", end, tag, data))
			end = Position{end.Version + uint64(len(data)), tag}
		}
		do(queue.Configure{Config: roundTheClock(t, "bandung"), Epoch: "e"})
		for i := range rapid.IntRange(0, 60).Draw(rt, "commands") {
			do(anyAsk(rt, i))
			if rapid.IntRange(0, 9).Draw(rt, "snapshot") == 0 {
				must(t, h.write(t.Context(), past{state: live, end: end}))
			}
		}
		if rapid.Bool().Draw(rt, "trim") {
			all, _, err := h.ours(t.Context())
			must(t, err)
			must(t, h.forget(t.Context(), all, now))
		}
		loaded, err := h.load(t.Context())
		must(t, err)
		if d := differ(past{state: live, end: end}, loaded); d != "" {
			rt.Fatal(d)
		}
		version := uint64(rapid.IntRange(0, int(end.Version)).Draw(rt, "version"))
		whole := queue.NewState("bandung")
		must(t, h.each(t.Context(), 0, version, func(e folded) error { return apply(whole, e) }))
		then, err := h.at(t.Context(), version)
		must(t, err)
		if d := differ(past{state: whole, end: then.end}, then); d != "" {
			rt.Fatal(d)
		}
		report, err := Verify(t.Context(), s, s, h.archive, "bandung")
		must(t, err)
		if !report.OK() || report.Version != end.Version {
			rt.Fatalf("verify: %+v; the log ends at %d", report, end.Version)
		}
	})
}

// anyAsk is something that an office may be asked.
func anyAsk(rt *rapid.T, i int) queue.Ask {
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(rt, "of") }
	counter := pick("1", "2", "3")
	ticket := fmt.Sprintf("t%d", rapid.IntRange(0, i).Draw(rt, "ticket"))
	service := pick("paspor-baru", "penggantian")
	switch rapid.IntRange(0, 15).Draw(rt, "ask") {
	case 0:
		return queue.OpenCounter{Counter: counter}
	case 1:
		return queue.Serve{Counter: counter}
	case 2:
		return queue.Complete{Counter: counter}
	case 3:
		return queue.Miss{Counter: counter}
	case 4:
		return queue.Park{Counter: counter}
	case 5:
		return queue.Recall{Counter: counter}
	case 6:
		return queue.UndoLast{Counter: counter}
	case 7:
		return queue.Cancel{Ticket: ticket}
	case 8:
		return queue.CheckIn{Ticket: ticket, Proof: true}
	case 9:
		return queue.Book{Service: service, IDs: []string{fmt.Sprintf("t%d", i), fmt.Sprintf("t%d-2", i)}}
	case 10:
		return queue.Return{Ticket: ticket}
	case 11:
		return queue.Next{Counter: counter, Complete: true}
	case 12, 13:
		return queue.Next{Counter: counter}
	default:
		return queue.Issue{ID: fmt.Sprintf("t%d", i), Service: service, Priority: counter == "1"}
	}
}
