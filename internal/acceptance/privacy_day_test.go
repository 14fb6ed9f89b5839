package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/queue"
)

// TestADayOfOfficesTellsNobodysName plays a day of the built-in offices and
// then looks for everybody who booked in every byte that was stored, logged,
// shown or exported.
func TestADayOfOfficesTellsNobodysName(t *testing.T) {
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, store.redis, store.nodes, func(h *house) {
				h.config, h.flags = "", []string{"--clock", "simulated", "--log-level", "debug"}
			})
			var mu sync.Mutex
			var frames bytes.Buffer
			record := func(s *screen) {
				s.heard = func(message []byte) {
					mu.Lock()
					defer mu.Unlock()
					frames.Write(message)
					frames.WriteByte('\n')
				}
			}
			for _, id := range []string{"bandung", "soekarno-hatta"} {
				live := "/live/offices/" + id
				watch(h.public(), live+"/display", record)
				watch(h.public(), live+"/display", record, func(s *screen) { s.events = true })
				watch(h.admin, live+"/display", record) // as in the hall
				watch(h.admin, live+"/overview", record)
				for k := range 4 {
					watch(h.admin, fmt.Sprintf("%s/counters/%d", live, k+1), record)
				}
			}
			e := eavesdrop(t, h.nodes[0].url, func(token string, n int) {
				if n%20 == 0 { // phones, also of families
					watch(h.public(), "/live/tickets/"+token, record)
				}
			})
			ctx, done := context.WithTimeout(t.Context(), 4*time.Minute)
			defer done()
			cmd := exec.CommandContext(ctx, binary, "simulate", "--url", e.url, "--speed", "max", "--seed", "7", "--standby", "0.3")
			cmd.Env = h.env
			told, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("simulate: %v\n%s", err, told)
			}
			secrets, people := e.secrets()
			if people < 200 {
				t.Fatalf("only %d people booked", people)
			}
			look := func(what string, content []byte, least int) {
				t.Helper()
				if len(content) < least {
					t.Errorf("%s: only %d bytes", what, len(content))
				}
				for _, found := range secrets.in(content) {
					t.Errorf("%s tells %s", what, found)
				}
			}
			look("the summary", told, 100)
			look("the metrics", h.admin.get("/metrics").is(t, http.StatusOK).body, 1000)
			for _, id := range []string{"bandung", "soekarno-hatta"} {
				for _, path := range []string{"/queue", "/report", "/report?format=csv", "/config"} {
					look(id+path, h.admin.get("/api/v1/offices/"+id+path).is(t, http.StatusOK).body, 100)
				}
				// A snapshot is compressed in the store, and the archive holds the log.
				s := queue.NewState(id)
				for _, entry := range h.admin.logOf(id) {
					look(id+"'s log", entry.Event, 10)
					event, err := queue.Decode(entry.Event)
					if err == nil {
						err = s.Apply(entry.Version, event)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				snapshot, err := s.Snapshot()
				if err != nil {
					t.Fatal(err)
				}
				look(id+"'s snapshot", snapshot, 1000)
			}
			h.nodes[0].stop()
			mu.Lock()
			look("the frames", frames.Bytes(), 100_000)
			mu.Unlock()
			export := exec.Command(binary, append([]string{"export"}, h.storeFlags(0)...)...)
			export.Env = h.env
			exported, err := export.Output()
			if err != nil {
				t.Fatalf("export: %v", err)
			}
			look("the export", exported, 100_000)
			if err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					var content []byte
					if content, err = os.ReadFile(path); err == nil {
						look(path, content, 0)
					}
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if h.redis != nil {
				path, err := h.redis.AppendOnlyFile()
				if err != nil {
					t.Fatal(err)
				}
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				look("Redis' file", content, 100_000)
			}
			look("the server's log", h.nodes[0].output(), 10_000)
			t.Logf("%d people, %d bytes of frames", people, frames.Len())
		})
	}
}

// An eavesdropper stands between the simulator and the server and remembers who
// books, and what opens their tickets.
type eavesdropper struct {
	url string

	mu     sync.Mutex
	people map[string]bool // their NIK
	needle needles
}

// eavesdrop tells of every token that is handed out, and how many were before.
func eavesdrop(t *testing.T, server string, handed func(token string, n int)) *eavesdropper {
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	e := &eavesdropper{people: map[string]bool{}, needle: needles{}}
	tokens := 0
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(res *http.Response) error {
		if res.StatusCode != http.StatusCreated || !strings.HasSuffix(res.Request.URL.Path, "/bookings") {
			return nil
		}
		text, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		res.Body = io.NopCloser(bytes.NewReader(text))
		var made struct {
			Tickets []ticket `json:"tickets"`
		}
		if err := json.Unmarshal(text, &made); err != nil {
			return err
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, k := range made.Tickets {
			e.needle.add(k.Token)
			handed(k.Token, tokens)
			tokens++
		}
		return nil
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		setBody(r, text)
		var ask struct {
			People []struct{ Name, NIK, Phone, Email string }
		}
		_ = json.Unmarshal(text, &ask) // others are about nobody
		e.mu.Lock()
		for _, p := range ask.People {
			e.people[p.NIK] = true
			e.needle.add(p.Name, strings.ReplaceAll(p.Name, " ", "+"), strings.ReplaceAll(p.Name, " ", "%20"), p.NIK,
				strings.TrimPrefix(p.Phone, "0"), p.Email, strings.ReplaceAll(p.Email, "@", "%40"))
		}
		e.mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	e.url = s.URL
	return e
}

func (e *eavesdropper) secrets() (needles, int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.needle, len(e.people)
}

// needles are texts that are looked for, in any letter case, by their first
// bytes: thousands of them in megabytes of hay.
type needles map[[8]byte][]string

func (n needles) add(texts ...string) {
	for _, text := range texts {
		text = strings.ToLower(text)
		key := [8]byte([]byte(text)) // what is shorter is no secret
		for _, known := range n[key] {
			if known == text {
				return
			}
		}
		n[key] = append(n[key], text)
	}
}

// in tells which are in the hay, with what stands around the first.
func (n needles) in(hay []byte) (found []string) {
	lower := bytes.ToLower(hay)
	seen := map[string]bool{}
	for i := 0; i+8 <= len(lower); i++ {
		for _, text := range n[[8]byte(lower[i:i+8])] {
			if !seen[text] && bytes.HasPrefix(lower[i:], []byte(text)) {
				seen[text] = true
				found = append(found, fmt.Sprintf("%q: …%q…", text, lower[max(0, i-60):min(len(lower), i+60)]))
			}
		}
	}
	return found
}

// TestNeedlesAreFound holds the search itself.
func TestNeedlesAreFound(t *testing.T) {
	n := needles{}
	n.add("Asep Suryana", "Asep Supriyadi", "3273010101900001")
	for hay, want := range map[string]int{
		"": 0, "Asep S": 0, "asep suryana": 1, "x3273010101900001x ASEP SUPRIYADI": 2, "3273010101900002": 0,
	} {
		if found := n.in([]byte(hay)); len(found) != want {
			t.Errorf("%q: %q", hay, found)
		}
	}
}
