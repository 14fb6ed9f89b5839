package acceptance

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"antrean/internal/contract"
)

// TestFramesAreAsDescribed holds the frames of every live topic against
// docs/asyncapi.yaml: the snapshot, a snapshot after a change, a display's tick,
// and the last word of a server that ends.
func TestFramesAreAsDescribed(t *testing.T) {
	promised, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, false, 1)
	officer := h.hire("sari", "officer")
	officer.post(counter("3", "open"), nil).is(t, 200)
	var issued struct{ Token string }
	h.admin.post(at("/tickets"), map[string]any{"service": "ganti"}).is(t, 201).into(t, &issued)

	ctx, done := context.WithTimeout(t.Context(), 30*time.Second)
	defer done()
	topics := map[string]*frames{
		"DisplayFrame":  listen(ctx, t, h.public(), "/live/offices/"+office+"/display"),
		"TicketFrame":   listen(ctx, t, h.public(), "/live/tickets/"+issued.Token),
		"CounterFrame":  listen(ctx, t, officer, "/live/offices/"+office+"/counters/3"),
		"OverviewFrame": listen(ctx, t, h.admin, "/live/offices/"+office+"/overview"),
	}
	fits := func(schema string, frame []byte) {
		t.Helper()
		if err := promised.Fits(contract.AsyncAPI, "/components/schemas/"+schema, frame); err != nil {
			t.Errorf("%s: %v\n%s", schema, err, frame)
		}
	}
	for schema, topic := range topics {
		fits(schema, topic.next("snapshot"))
	}
	officer.post(counter("3", "next"), nil).is(t, 200)
	for schema, topic := range topics {
		fits(schema, topic.next("snapshot"))
	}
	fits("Tick", topics["DisplayFrame"].next("tick"))
	h.nodes[0].stop()
	for _, topic := range topics {
		fits("Bye", topic.next("bye"))
	}
}

// frames are what a live topic sends as server-sent events.
type frames struct {
	t     *testing.T
	lines *bufio.Scanner
}

func listen(ctx context.Context, t *testing.T, c caller, path string) *frames {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.urls[0]+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := (&http.Client{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s", path, res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return &frames{t, lines}
}

// next passes over frames until one of the kind comes.
func (f *frames) next(kind string) []byte {
	f.t.Helper()
	for f.lines.Scan() {
		data, ok := strings.CutPrefix(f.lines.Text(), "data: ")
		if !ok {
			continue
		}
		var frame struct{ Type string }
		if err := json.Unmarshal([]byte(data), &frame); err != nil {
			f.t.Fatalf("%v in %s", err, data)
		}
		if frame.Type == kind {
			return []byte(data)
		}
	}
	f.t.Fatalf("no %s came: %v", kind, f.lines.Err())
	return nil
}
