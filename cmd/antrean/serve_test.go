package main

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"antrean/internal/config"
	"antrean/internal/staff"
)

// node is a server on a store of its own that has not run yet.
func node(t *testing.T) *server {
	t.Helper()
	s, err := newServer(t.Context(), serverOptions{
		serveCommand: serveCommand{storeFlags: storeFlags{Data: t.TempDir()}, Addr: "127.0.0.1:0"},
		offices:      config.Default(), log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestProfilesAreForAdministratorsWhenAskedFor(t *testing.T) {
	t.Setenv(adminPassword, "sandi-panjang")
	for _, asked := range []bool{true, false} {
		s, err := newServer(t.Context(), serverOptions{
			serveCommand: serveCommand{storeFlags: storeFlags{Data: t.TempDir()}, Addr: "127.0.0.1:0", Pprof: asked},
			offices:      config.Default(), log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.welcome(t.Context(), &process{out: t.Output(), err: t.Output()}); err != nil {
			t.Fatal(err)
		}
		_, token, err := s.staff.Login(t.Context(), staff.LoginRequest{Username: "admin", Password: "sandi-panjang", Address: "127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		for bearer, want := range map[string]int{"": http.StatusUnauthorized, token: http.StatusOK} {
			if !asked {
				want = http.StatusNotFound
			}
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/debug/pprof/heap", nil)
			if err != nil {
				t.Fatal(err)
			}
			if bearer != "" {
				r.Header.Set("Authorization", "Bearer "+bearer)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("asked for: %v, signed in: %v: %s", asked, bearer != "", answer.Status)
			}
		}
		stop()
		ended(t, done)
	}
}

// ended waits for a server that was told to stop.
func ended(t *testing.T, done <-chan error) {
	t.Helper()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the server goes on")
	}
}

func TestAServerEndsWhenItIsTold(t *testing.T) {
	s := node(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	answer, err := http.Get(s.url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("it answers %s", answer.Status)
	}
	stop()
	ended(t, done)
}

func TestAServerThatIsToldToStopBeforeItListensEnds(t *testing.T) {
	for range 5 { // which of the two is first is for the scheduler to say
		s := node(t)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		ended(t, done)
	}
}
