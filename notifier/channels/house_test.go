package channels

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"antrean/notifier"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// build makes one channel from its entry in the file.
func build(t testing.TB, entry string) (notifier.Channel, error) {
	t.Helper()
	config, err := notifier.ParseConfig([]byte("channels:\n  - " + entry))
	if err != nil {
		t.Fatal(err)
	}
	routes, faults := config.Build(Builders())
	if len(faults) > 0 {
		return nil, faults[0]
	}
	return routes[0].Channel, nil
}

func mustBuild(t testing.TB, entry string) notifier.Channel {
	t.Helper()
	c, err := build(t, entry)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// service is the other side: it keeps what it was asked and answers as told.
type service struct {
	*httptest.Server
	answer http.HandlerFunc

	mu    sync.Mutex
	asked []asked
}

type asked struct {
	Method, Path, Query string
	Header              http.Header
	Body                string
}

func serve(t testing.TB, answer http.HandlerFunc) *service {
	t.Helper()
	s := &service{answer: answer}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.asked = append(s.asked, asked{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Clone(), string(body)})
	s.mu.Unlock()
	if s.answer != nil {
		s.answer(w, r)
	}
}

func (s *service) requests() []asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]asked(nil), s.asked...)
}

// call is a message as the notifier makes them.
func call() notifier.Message {
	return notifier.Message{
		ID: "abcDEF_-123", Office: "bandung", Ticket: "t1", Version: 42, Kind: notifier.Called, Event: "called@42-9f3a",
		To:     notifier.Contact{Name: "Sri Wahyuni", Phone: "+6281234567890", Email: "sri@example.id"},
		Locale: "id", Number: "A-012", Counter: "Loket 3", Title: "Nomor A-012: silakan ke Loket 3", Body: "Anda dipanggil di Kantor \"Bandung\".",
		Short: "A-012: silakan ke Loket 3, Kantor Bandung. https://antrean.example/s/abc", ShowURL: "https://antrean.example/s/abc",
		Path: "/t/secret-token", URL: "https://antrean.example/t/secret-token",
		Parameters: []string{"A-012", "Loket 3", "Kantor\n Bandung"},
		Links:      []notifier.Link{{Label: "Buka tiket", URL: "https://antrean.example/t/secret-token"}}, Foot: "Pesan otomatis",
		Urgency: notifier.UrgencyHigh, Expires: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
	}
}

// end is how an attempt ended, to be compared.
type end struct {
	Outcome notifier.Outcome
	Code    string
	After   time.Duration
}

func endOf(err error) end {
	var f *notifier.Failure
	switch {
	case err == nil:
		return end{}
	case errors.As(err, &f):
		return end{f.Outcome, f.Code, f.After}
	}
	return end{"no failure", err.Error(), 0}
}

// trouble are ways in which a web service fails, and what must follow: nothing
// that the other side may have taken is said not to have been.
func trouble(t testing.TB) map[string]struct {
	answer http.HandlerFunc
	want   end
} {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	}
	status := func(code int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(code)
			fmt.Fprint(w, "<html>sri@example.id +6281234567890 sorry</html>")
		}
	}
	return map[string]struct {
		answer http.HandlerFunc
		want   end
	}{
		"hangs":               {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, end{notifier.Unknown, "timeout", 0}},
		"cuts the connection": {cut, end{notifier.Unknown, "no_answer", 0}},
		"cuts its answer": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"sta`)
			w.(http.Flusher).Flush()
			cut(w, r)
		}, end{notifier.Unknown, "no_answer", 0}},
		"is busy":             {status(429, "Retry-After", "7"), end{notifier.Later, "429", 7 * time.Second}},
		"is away":             {status(503, "Retry-After", "120"), end{notifier.Later, "503", 2 * time.Minute}},
		"is broken":           {status(500), end{notifier.Later, "500", 0}},
		"is behind a proxy":   {status(502), end{notifier.Unknown, "502", 0}},
		"does not know us":    {status(401), end{notifier.Later, "401", 0}},
		"leads elsewhere":     {status(302, "Location", "/elsewhere"), end{notifier.Later, "302", 0}},
		"refuses the message": {status(422), end{notifier.Refused, "422", 0}},
	}
}

// suffers sends a message to a service in every trouble and asks for the one
// request that a claim allows.
func suffers(t *testing.T, entry func(url string) string, besides map[string]end) {
	for name, c := range trouble(t) {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.answer)
			channel := mustBuild(t, entry(s.URL))
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			if name == "hangs" {
				ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
			}
			defer cancel()
			want := c.want
			if other, ok := besides[name]; ok {
				want = other
			}
			_, err := channel.Send(ctx, call())
			if diff := cmp.Diff(want, endOf(err)); diff != "" {
				t.Error(diff)
			}
			if n := len(s.requests()); n != 1 {
				t.Errorf("%d requests for one attempt", n)
			}
			for _, secret := range []string{"sri", "6281234567890", s.URL, "secret-token"} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("the failure tells %q: %v", secret, err)
				}
			}
			s.CloseClientConnections()
		})
	}
	t.Run("is not there", func(t *testing.T) {
		s := serve(t, nil)
		channel := mustBuild(t, entry(s.URL))
		s.Close()
		_, err := channel.Send(t.Context(), call())
		if diff := cmp.Diff(end{notifier.Later, "no_connection", 0}, endOf(err)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("dies on a kept connection", func(t *testing.T) {
		n := 0
		s := serve(t, nil)
		s.answer = func(w http.ResponseWriter, r *http.Request) {
			if n++; n > 1 {
				trouble(t)["cuts the connection"].answer(w, r)
				return
			}
			fmt.Fprint(w, taken)
		}
		channel := mustBuild(t, entry(s.URL))
		if _, err := channel.Send(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		m := call()
		m.To.Phone = "+6281234567891"
		_, err := channel.Send(t.Context(), m)
		if got := endOf(err); got.Outcome != notifier.Unknown || len(s.requests()) != 2 {
			t.Errorf("%v, %d requests", got, len(s.requests()))
		}
	})
}

// taken is an answer that every adapter reads as a success.
const taken = `{"status": true, "messages": [{"id": "wamid.x"}]}`
