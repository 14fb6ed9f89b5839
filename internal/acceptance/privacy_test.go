package acceptance

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// people are how many book.
const people = 30

// TestNoPersonIsReadableAnywhere scans every byte that a run with bookings has
// left and sent: the store's files, the processes' logs, frames, metrics and
// raw events.
func TestNoPersonIsReadableAnywhere(t *testing.T) {
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, store.redis, store.nodes)
			desk, budi, sri := h.hire("meja", "desk"), h.hire("budi", "officer"), h.hire("sri", "supervisor")
			public := h.public()

			var mu sync.Mutex
			var sent bytes.Buffer
			record := func(s *screen) {
				s.heard = func(message []byte) {
					mu.Lock()
					defer mu.Unlock()
					sent.Write(message)
					sent.WriteByte('\n')
				}
			}
			hallway := watch(public, display(), record)
			watch(public, display(), record, func(s *screen) { s.events = true })
			watch(sri, "/live/offices/"+office+"/overview", record)
			watch(sri, "/live/offices/"+office+"/counters/2", record) // budi sits there

			budi.post(counter("2", "open"), nothing{}).is(t, 200)
			var tokens []string
			for n := range people {
				var made struct {
					Tickets []ticket `json:"tickets"`
				}
				public.post(at("/bookings"), booking("ganti", "earliest", n)).is(t, 201).into(t, &made)
				token := made.Tickets[0].Token
				tokens = append(tokens, token)
				watch(public, "/live/tickets/"+token, record)
				public.post("/api/v1/tickets/"+token+"/check-in", nothing{}).is(t, 200)
			}
			// Refused ones too: what is refused is easily logged.
			public.post(at("/bookings"), booking("ganti", "earliest", 0)).refuses(t, 409, "already_booked")
			wrong := booking("ganti", "earliest", 1)
			wrong["people"].([]map[string]any)[0]["email"] = "pemohon1@contoh.example bukan"
			public.post(at("/bookings"), wrong).refuses(t, 422, "invalid")
			name := applicant(3)["name"].(string)
			found := desk.get(at("/find?q="+url.QueryEscape(name))).is(t, 200)
			if !bytes.Contains(found.body, []byte(name)) {
				t.Errorf("the desk does not find %q: %s", name, found)
			}
			named := 0
			for range people {
				if v := read[tablet](t, budi.post(counter("2", "next"), nothing{}).is(t, 200).body); v.Current.Name != "" {
					named++
				}
				budi.post(counter("2", "serve"), nothing{}).is(t, 200)
				budi.post(counter("2", "complete"), nothing{}).is(t, 200)
			}
			if named != people {
				t.Errorf("the officer read %d of %d names: there was nothing to hide", named, people)
			}
			hallway.until(soon, "all are served", shows(func(d hall) bool { return d.Waiting["ganti"] == 0 && d.number("2") == "" && len(d.Calls) > 0 }))

			for _, path := range []string{"/metrics", at("/log?after=0"), at("/queue"), at("/report"), "/api/v1/offices", at("/config")} {
				hides(t, path, h.admin.get(path).is(t, http.StatusOK).body, tokens)
			}
			mu.Lock()
			hides(t, "the frames", sent.Bytes(), tokens)
			if sent.Len() < 10_000 {
				t.Errorf("only %d bytes of frames", sent.Len())
			}
			mu.Unlock()
			h.nodes[0].stop()
			files := 0
			err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					files++
					scan(t, path, tokens)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if h.redis != nil {
				path, err := h.redis.AppendOnlyFile()
				if err != nil {
					t.Fatal(err)
				}
				scan(t, path, tokens)
			}
			if files < 2 {
				t.Errorf("only %d files were scanned", files)
			}
		})
	}
}

func scan(t *testing.T, path string, tokens []string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	hides(t, path, content, tokens)
}

// hides expects bytes to tell nothing of the applicants, and none of the secrets
// that open their tickets.
func hides(t *testing.T, what string, content []byte, tokens []string) {
	t.Helper()
	for _, told := range tells(content, tokens) {
		t.Errorf("%s tells %s", what, told)
	}
}

func tells(content []byte, tokens []string) (all []string) {
	secrets := append([]string{}, tokens...)
	for n := range people {
		a := applicant(n)
		phone := strings.TrimPrefix(a["phone"].(string), "0") // however it is written
		secrets = append(secrets, a["name"].(string), a["nik"].(string), phone, fmt.Sprintf("pemohon%d@", n))
	}
	for _, secret := range secrets {
		if i := bytes.Index(content, []byte(secret)); i >= 0 {
			all = append(all, fmt.Sprintf("%q: …%q…", secret, content[max(0, i-60):min(len(content), i+60)]))
		}
	}
	return all
}

// TestTheScanFindsWhatIsThere holds the scan itself to a needle.
func TestTheScanFindsWhatIsThere(t *testing.T) {
	for _, needle := range []any{applicant(7)["name"], applicant(7)["nik"], applicant(7)["email"], "+62" + applicant(7)["phone"].(string)[1:], "token"} {
		if len(tells(fmt.Appendf(nil, "hay %v hay", needle), []string{"token"})) != 1 {
			t.Errorf("%v was not found", needle)
		}
	}
	if found := tells([]byte("hay and nothing else"), []string{"token"}); len(found) > 0 {
		t.Errorf("found %q in the hay", found)
	}
}
