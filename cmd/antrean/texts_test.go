package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"antrean/internal/config"
	"antrean/internal/queue"
)

// A text that cannot be said ends the start with its place; one that an
// administrator wrote outlives a start with a file that names none.
func TestTextsOfTheConfigurationAreCheckedAndThoseOfThePagesKept(t *testing.T) {
	flags := storeFlags{Data: t.TempDir()}
	start := func(title string) (*server, error) {
		offices := config.Default()[:1]
		if title != "" {
			offices[0] = *offices[0].WithMessage("id", "called", queue.Wording{Title: title})
		}
		return newServer(t.Context(), serverOptions{
			serveCommand: serveCommand{storeFlags: flags, Addr: "127.0.0.1:0", Config: "offices.yaml"},
			offices:      offices, fromFile: true, log: slog.New(slog.DiscardHandler),
		})
	}
	_, err := start("{nomor}")
	var misused misuse
	if want := "offices.yaml: offices[0].messages.id.called.title: called: {nomor} is not known here"; !errors.As(err, &misused) || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %s", err, want)
	}
	title := func(s *server, change string) (now string) {
		office, err := s.ledger.Office(t.Context(), "bandung")
		if err != nil {
			t.Fatal(err)
		}
		var c *queue.Config
		office.Read(func(s *queue.State) { c = s.Config })
		if change != "" {
			ask := queue.Configure{Config: c.WithMessage("id", "called", queue.Wording{Title: change})}
			if err := office.Do(t.Context(), queue.Command{Ask: ask, By: queue.Actor{Name: "admin", Anywhere: true}, ID: rand.Text()}, nil); err != nil {
				t.Fatal(err)
			}
		}
		office.Read(func(s *queue.State) { now = s.Config.Messages["id"]["called"].Title })
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
		return now
	}
	for _, step := range []struct{ file, change, want string }{
		{"", "Mari, {number}", "Mari, {number}"},
		{"", "", "Mari, {number}"},
		{"{number}!", "", "{number}!"},
	} {
		s, err := start(step.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := title(s, step.change); got != step.want {
			t.Errorf("%+v: the office says %q", step, got)
		}
	}
}
