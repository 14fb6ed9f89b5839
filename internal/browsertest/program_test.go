package browsertest

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// program speaks to the API as somebody.
type program struct {
	t     *testing.T
	base  string
	token string
}

func signedIn(t *testing.T, s *server, name string) *program {
	t.Helper()
	p := &program{t: t, base: s.url}
	var session struct{ Token string }
	p.do(http.MethodPost, "/api/v1/session", map[string]string{"username": name, "password": password}, &session)
	p.token = session.Token
	return p
}

// do asks or commands; anything but success fails the test.
func (p *program) do(method, path string, in, out any) {
	p.t.Helper()
	status, answer := p.ask(method, path, in)
	if status >= 300 {
		p.t.Fatalf("%s %s: %d: %s", method, path, status, answer)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(answer, out); err != nil {
		p.t.Fatal(err)
	}
}

// ask returns whatever the server says.
func (p *program) ask(method, path string, in any) (status int, answer []byte) {
	p.t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			p.t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", rand.Text())
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, err = io.ReadAll(res.Body); err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, answer
}

// ticket is one that somebody at the desk was given.
type ticket struct{ ID, Number, URL string }

func (p *program) walkIn() ticket {
	p.t.Helper()
	var tk ticket
	p.do(http.MethodPost, "/api/v1/offices/bandung/tickets", map[string]string{"service": "paspor-baru"}, &tk)
	return tk
}

// at does something at a counter and returns the number that is there then.
func (p *program) at(counter, act string) string {
	p.t.Helper()
	var view struct {
		Current *struct{ Number string }
	}
	p.do(http.MethodPost, "/api/v1/offices/bandung/counters/"+counter+"/"+act, map[string]string{}, &view)
	if view.Current == nil {
		return ""
	}
	return view.Current.Number
}

// calls counts the presses in the office's log that called somebody.
func (p *program) calls() int { return p.events("tickets_called") }

// events counts those of a type in the office's log.
func (p *program) events(kind string) int {
	p.t.Helper()
	var log struct {
		Events []struct {
			Event struct{ Type string }
		}
	}
	p.do(http.MethodGet, "/api/v1/offices/bandung/log?after=0", nil, &log)
	n := 0
	for _, e := range log.Events {
		if e.Event.Type == kind {
			n++
		}
	}
	return n
}
