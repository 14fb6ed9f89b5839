package acceptance

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestALogThatComesBackShorter loses the end of Redis' file, as a disk that
// lied about a flush does.
func TestALogThatComesBackShorter(t *testing.T) {
	for _, test := range []struct {
		name    string
		running bool // the nodes remember what the log has lost
	}{
		{"nodes started anew: screens are the witness", false},
		{"nodes that go on", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, true, 2)
			screens := []*screen{watch(h.public().at(h.nodes[0]), display()), watch(h.public().at(h.nodes[1]), display())}
			c := gather(h, 4, 2, 1)
			await(t, time.Minute, "a busy office", func() bool { return c.calls.Load() > 150 })
			c.leave()
			c.check()
			before := agree(t, h)
			sound(t, before)
			converge(t, screens, uint64(len(before.entries)))

			if !test.running {
				for _, n := range h.nodes {
					n.kill()
				}
			}
			if err := h.redis.Kill(); err != nil {
				t.Fatal(err)
			}
			shorten(t, h)
			if err := h.redis.Restart(); err != nil {
				t.Fatal(err)
			}
			if !test.running {
				for _, n := range h.nodes {
					n.start()
				}
			}
			for _, s := range screens {
				s.wait(30*time.Second, "a new epoch", func() (frame, bool) { return s.last, s.last.Epoch != before.epochs[0] })
			}
			after := lost(t, before, agree(t, h))
			for i, s := range screens {
				f := s.until(soon, "the new end", func(f frame) bool { return f.Epoch == after.epochs[1] })
				for _, call := range read[hall](t, f.Data).Calls {
					if withdrawn, held := after.calls[call.ID]; !held || withdrawn != call.Withdrawn {
						t.Errorf("screen %d shows call %s (withdrawn: %t), which the log does not hold so", i, call.ID, call.Withdrawn)
					}
				}
			}
			kept(t, h, c, after)
			h.verify()

			made := read[ticket](t, h.login("meja", staffPassword).post(at("/tickets"), map[string]any{"service": "ganti"}).is(t, 201).body)
			for _, s := range screens {
				s.wait(soon, "life goes on", func() (frame, bool) { return s.last, s.position.Version > uint64(len(after.entries)) })
			}
			h.public().get("/api/v1/tickets/"+made.Token).is(t, 200)
		})
	}
}

// shorten cuts Redis' file off in the middle of one of the last appends.
func shorten(t *testing.T, h *house) {
	t.Helper()
	path, err := h.redis.AppendOnlyFile()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var appends []int
	for at, i := 0, 0; i >= 0; at += i + 4 {
		if i = bytes.Index(content[at:], []byte("XADD")); i >= 0 {
			appends = append(appends, at+i)
		}
	}
	if len(appends) < 100 {
		t.Fatalf("only %d appends in the file", len(appends))
	}
	cut := appends[len(appends)-5-rand.IntN(60)] + rand.IntN(80)
	if err := os.Truncate(path, int64(cut)); err != nil {
		t.Fatal(err)
	}
}

// lost expects a log to be the beginning of a former one and a new epoch.
func lost(t *testing.T, before, after history) history {
	t.Helper()
	if len(after.epochs) != 2 {
		t.Fatalf("want one new epoch, got epochs %q", after.epochs)
	}
	held := 0
	for held < len(before.entries) && held < len(after.entries) && bytes.Equal(before.entries[held].Event, after.entries[held].Event) {
		held++
	}
	if held == len(before.entries) || held == len(after.entries) || held < len(before.entries)/2 {
		t.Fatalf("of %d events %d are held: the file was not cut as meant", len(before.entries), held)
	}
	if !strings.Contains(string(after.entries[held].Event), "epoch_began") {
		t.Fatalf("after the %d events that are held, want a new epoch, got %s", held, after.entries[held].Event)
	}
	unchanged(t, "after the loss", before.entries[:held], after.entries)
	return after
}

// kept expects what the log still holds to be there, and what it does not hold
// to be gone.
func kept(t *testing.T, h *house, c *crowd, log history) {
	t.Helper()
	repeated, gone := 0, 0
	for _, a := range c.journal.all() {
		if a.path != at("/tickets") {
			continue
		}
		made := read[ticket](t, a.answer.body)
		seen := h.public().get("/api/v1/tickets/" + made.Token)
		if log.tickets[made.ID] == 0 {
			gone++
			seen.refuses(t, 404, "not_found")
			continue
		}
		seen.is(t, 200)
		again, err := a.by.send(context.Background(), http.MethodPost, a.path, a.key, a.body)
		if err != nil || !bytes.Equal(again.body, a.answer.body) {
			t.Errorf("a ticket that the log holds, asked for again: %v\nfirst: %s\nagain: %s", err, a.answer, again)
		}
		repeated++
	}
	unchanged(t, "after repetitions", log.entries, h.admin.log())
	t.Logf("%d tickets kept, %d gone with the log", repeated, gone)
}
