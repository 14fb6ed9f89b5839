package acceptance

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
)

// A journal remembers every success with its key, to ask for each again. It is
// safe for concurrent use.
type journal struct {
	mu   sync.Mutex
	acks []ack
}

type ack struct {
	by     caller
	path   string
	key    string
	body   any
	answer answer
}

// note remembers a success; refusals are not remembered by anybody.
func (j *journal) note(a ack) {
	if a.answer.status >= 300 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.acks = append(j.acks, a)
}

// post gives a command with a new key and notes its success.
func (j *journal) post(c caller, path string, body any) answer {
	c.t.Helper()
	a := ack{by: c, path: path, key: newKey(), body: body}
	a.answer = c.must(http.MethodPost, path, a.key, body)
	j.note(a)
	return a.answer
}

// all are the successes so far.
func (j *journal) all() []ack {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]ack{}, j.acks...)
}

// repeat gives commands again with their keys and expects the first answers,
// byte by byte; of many, a random few hundred. It reports how many were asked.
func (j *journal) repeat(h *house) int {
	h.t.Helper()
	const most = 400
	asked := j.all()
	if len(asked) > most {
		rand.Shuffle(len(asked), func(a, b int) { asked[a], asked[b] = asked[b], asked[a] })
		asked = asked[:most]
	}
	wrong := 0
	for _, a := range asked {
		again, err := a.by.send(context.Background(), http.MethodPost, a.path, a.key, a.body)
		if err == nil && again.status == a.answer.status && bytes.Equal(again.body, a.answer.body) {
			continue
		}
		if wrong++; wrong <= 5 {
			h.t.Errorf("POST %s again: %v\nfirst: %s\nagain: %s", a.path, err, a.answer, again)
		}
	}
	if wrong > 5 {
		h.t.Errorf("%d more answers were not the first", wrong-5)
	}
	return len(asked)
}
