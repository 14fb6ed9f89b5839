package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// A hall works our server's office through its public API: an officer at each
// counter, and people who wait.
type hall struct {
	ctx    context.Context
	url    string
	tokens []string
	http   *http.Client
	called int // how many counters have somebody who has been called
	people int // who wait
}

// openHall opens the counters and calls somebody to each.
func openHall(ctx context.Context, p *peer) (*hall, error) {
	h := &hall{
		ctx: ctx, url: p.hello.URL, tokens: p.hello.Tokens,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 30 * time.Second},
	}
	for i := range hubCounters {
		if _, err := h.at(i, "open", nil); err != nil {
			return nil, err
		}
	}
	if err := h.fill(waitingPeople + hubCounters); err != nil {
		return nil, err
	}
	for i := range hubCounters {
		if _, err := h.at(i, "next", nil); err != nil {
			return nil, err
		}
		h.people--
	}
	h.called = hubCounters
	return h, nil
}

// fill lets people take numbers until so many wait.
func (h *hall) fill(people int) error {
	for ; h.people < people; h.people++ {
		if _, err := h.issue(); err != nil {
			return err
		}
	}
	return nil
}

// issue gives one number and returns the ticket's token.
func (h *hall) issue() (string, error) {
	var ticket struct {
		Token string `json:"token"`
	}
	_, err := h.post(h.tokens[0], "/tickets", map[string]any{"service": "paspor-baru"}, &ticket)
	return ticket.Token, err
}

// prepare serves whoever was called to the first n counters, and lets others in.
func (h *hall) prepare(n int) error {
	for i := range min(n, h.called) {
		if _, err := h.at(i, "serve", nil); err != nil {
			return err
		}
	}
	return h.fill(waitingPeople)
}

// prepareAll serves whoever was called.
func (h *hall) prepareAll() error {
	for i := range h.called {
		if _, err := h.at(i, "serve", nil); err != nil {
			return err
		}
	}
	return nil
}

// press presses Next at the first n counters, at once, and tells when it began
// and how long the answers took. Call prepare before.
func (h *hall) press(n int) (began int64, answers []time.Duration, err error) {
	answers = make([]time.Duration, n)
	var all errgroup.Group
	began = now()
	for i := range n {
		all.Go(func() (err error) {
			answers[i], err = h.at(i, "next", map[string]any{"complete": true})
			return err
		})
	}
	h.people -= n
	return began, answers, all.Wait()
}

// at acts at the counter, as its officer.
func (h *hall) at(counter int, act string, body any) (time.Duration, error) {
	return h.post(h.tokens[counter+1], "/counters/"+strconv.Itoa(counter)+"/"+act, body, nil)
}

func (h *hall) post(token, path string, body, answer any) (time.Duration, error) {
	text := []byte("{}")
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return 0, err
		}
	}
	r, err := http.NewRequestWithContext(h.ctx, http.MethodPost, h.url+"/api/v1/offices/"+hubOffice+path, bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", rand.Text())
	began := time.Now()
	res, err := h.http.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	took := time.Since(began)
	if err != nil {
		return 0, err
	}
	if res.StatusCode >= 300 {
		return 0, fmt.Errorf("POST %s: %s: %s", path, res.Status, got)
	}
	if answer != nil {
		err = json.Unmarshal(got, answer)
	}
	return took, err
}
