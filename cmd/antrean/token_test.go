package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestATokenIsMadeListedAndEnded(t *testing.T) {
	dir := filled(t, morning(t))
	t.Setenv(adminPassword, "loket-tujuh-pagi")
	for _, wrong := range [][]string{
		{"--scope", "everything"}, {"--scope", "queue", "--days", "367"}, {"--scope", "queue", "--days", "0"},
		{"--scope", "queue", "--office", "jakarta"}, {},
	} {
		if code, _, errs := call(t, "", append([]string{"token", "make", "pusat", "--data", dir}, wrong...)...); code != 2 || errs == "" {
			t.Errorf("%q ended with %d and %q", wrong, code, errs)
		}
	}
	made := strings.TrimSpace(succeed(t, "", "token", "make", "Pusat", "--scope", "queue", "--scope", "log", "--office", "bandung", "--days", "7", "--data", dir))
	if !strings.HasPrefix(made, "antrean_") || strings.ContainsAny(made, " \n") {
		t.Fatalf("printed %q, not the token alone", made)
	}
	list := succeed(t, "", "token", "list", "--data", dir)
	for _, want := range []string{"pusat", "queue,log", "bandung", "by (console)", "used -", "ends " + time.Now().AddDate(0, 0, 7).Format(time.DateOnly)} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q: %s", want, list)
		}
	}
	if strings.Contains(list, made) {
		t.Error("the list tells the token")
	}
	succeed(t, "", "token", "end", "pusat", "--data", dir)
	if list := succeed(t, "", "token", "list", "--data", dir); list != "" {
		t.Errorf("after its end the list is %q", list)
	}
	if code, _, errs := call(t, "", "token", "end", "pusat", "--data", dir); code != 2 || !strings.Contains(errs, "no token") {
		t.Errorf("ended twice: %d %q", code, errs)
	}
}

func TestATokenIsMadeThroughTheServer(t *testing.T) {
	t.Setenv(adminPassword, "loket-tujuh-pagi")
	s := node(t)
	if err := s.welcome(t.Context(), &process{out: t.Output(), err: t.Output()}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	// Two of one name are told apart by their ids.
	first := strings.TrimSpace(succeed(t, "", "token", "make", "pusat", "--scope", "queue", "--url", s.url))
	succeed(t, "", "token", "make", "pusat", "--scope", "queue", "--url", s.url)
	asks := func(want int) {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/api/v1/offices/bandung/queue", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+first)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("the token is answered with %d, want %d", answer.StatusCode, want)
		}
	}
	asks(http.StatusOK)
	list := succeed(t, "", "token", "list", "--url", s.url)
	if strings.Count(list, "by admin") != 2 {
		t.Errorf("the list is %s", list)
	}
	if code, _, errs := call(t, "", "token", "end", "pusat", "--url", s.url); code != 2 || !strings.Contains(errs, "give the id") {
		t.Errorf("an end of either: %d %q", code, errs)
	}
	if code, _, errs := call(t, "", "token", "make", "lain", "--scope", "queue", "--url", s.url, "--token", first); code == 0 || !strings.Contains(errs, "forbidden") {
		t.Errorf("a token made a token: %d %q", code, errs)
	}
	id, _, _ := strings.Cut(list, " ")
	succeed(t, "", "token", "end", id, "--url", s.url)
	asks(http.StatusUnauthorized)
	http.DefaultClient.CloseIdleConnections()
	stop()
	ended(t, done)
}
