package acceptance

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A caller is somebody who uses the API: an account, or the public. It is
// safe for concurrent use but for post, get and must, which end the test.
type caller struct {
	t     testing.TB
	http  *http.Client
	urls  []string // each request goes to one of them
	token string
}

// at is the same caller at one node.
func (c caller) at(n *node) caller {
	c.urls = []string{n.url}
	return c
}

// An answer is what came back, whatever it was.
type answer struct {
	status int
	kind   string // Content-Type
	body   []byte
}

func (a answer) String() string {
	return fmt.Sprintf("%d %s %.600s", a.status, a.kind, a.body)
}

// problem is a refusal's body.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Errors []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`
}

// problem reads the refusal; ok is false when it is not a well-formed one.
func (a answer) problem() (p problem, ok bool) {
	media, _, _ := strings.Cut(a.kind, ";")
	ok = media == "application/problem+json" && json.Unmarshal(a.body, &p) == nil && p.Code != "" && p.Status == a.status
	return p, ok
}

// is expects a status.
func (a answer) is(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("want %d, got %s", status, a)
	}
	return a
}

// refuses expects a refusal with the code and, if given, about the field.
func (a answer) refuses(t testing.TB, status int, code string, field ...string) {
	t.Helper()
	p, ok := a.problem()
	if !ok || p.Status != status || p.Code != code {
		t.Fatalf("want a problem %d %s, got %s", status, code, a)
	}
	if len(field) > 0 && (len(p.Errors) == 0 || p.Errors[0].Field != field[0] || p.Errors[0].Message == "") {
		t.Fatalf("want a word about %s, got %s", field[0], a)
	}
}

// into decodes the body.
func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v: %s", err, a)
	}
}

// send makes one request. A body is bytes as they are, or anything else as
// JSON. An error means that no whole answer came.
func (c caller) send(ctx context.Context, method, path, key string, body any, edit ...func(*http.Request)) (answer, error) {
	var text []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		text = b
	default:
		var err error
		if text, err = json.Marshal(body); err != nil {
			return answer{}, err
		}
	}
	url := c.urls[rand.IntN(len(c.urls))]
	r, err := http.NewRequestWithContext(ctx, method, url+path, bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, e := range edit {
		e(r)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, kind: res.Header.Get("Content-Type")}
	a.body, err = io.ReadAll(res.Body)
	return a, err
}

// post gives a command with a new key.
func (c caller) post(path string, body any) answer {
	c.t.Helper()
	return c.must(http.MethodPost, path, newKey(), body)
}

func (c caller) get(path string) answer {
	c.t.Helper()
	return c.must(http.MethodGet, path, "", nil)
}

// must sends and expects some whole answer.
func (c caller) must(method, path, key string, body any, edit ...func(*http.Request)) answer {
	c.t.Helper()
	a, err := c.send(context.Background(), method, path, key, body, edit...)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// insist gives a command and repeats it with its key until the outcome is
// known, or the context ends.
func (c caller) insist(ctx context.Context, path, key string, body any) (answer, error) {
	for {
		a, err := c.send(ctx, http.MethodPost, path, key, body)
		if err == nil && a.status != http.StatusServiceUnavailable && a.status != http.StatusTooManyRequests {
			return a, nil
		}
		select {
		case <-ctx.Done():
			return answer{}, fmt.Errorf("POST %s: outcome unknown to the end: %s %w", path, a, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func newKey() string { return crand.Text() }

// paths of the office under test.
func at(path string) string { return "/api/v1/offices/" + office + path }

// counter is the path of an act at a counter.
func counter(id, act string) string { return at("/counters/" + id + "/" + act) }

// nothing is the empty body.
type nothing struct{}
