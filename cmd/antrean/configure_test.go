package main

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/config"
	"antrean/internal/ledger"
)

// A first start that was cut short between two offices is completed by the
// next; a store that is configured in another way is left alone.
func TestAFirstStartThatWasCutShortIsCompleted(t *testing.T) {
	both := []string{config.Default()[0].ID, config.Default()[1].ID}
	for _, c := range []struct {
		name     string
		founding bool
		want     []string
	}{
		{"cut short", true, both},
		{"another's office", false, both[:1]},
	} {
		t.Run(c.name, func(t *testing.T) {
			flags := storeFlags{Data: t.TempDir()}
			store, err := flags.open(t.Context(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			first := config.Default()[0]
			offices := ledger.New(store.log, store.records, ledger.Options{})
			if _, err := offices.Create(t.Context(), &first); err != nil {
				t.Fatal(err)
			}
			if c.founding {
				if err := store.records.Put(t.Context(), foundingRecord, []byte("{}"), 0); err != nil {
					t.Fatal(err)
				}
			}
			if err := store.close(); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second start finds nothing left to do
				s, err := newServer(t.Context(), serverOptions{
					serveCommand: serveCommand{storeFlags: flags, Addr: "127.0.0.1:0"},
					offices:      config.Default(), log: slog.New(slog.DiscardHandler),
				})
				if err != nil {
					t.Fatal(err)
				}
				known, err := s.ledger.IDs(t.Context())
				if err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(c.want, known); diff != "" {
					t.Error(diff)
				}
				if _, err := s.store.records.Get(t.Context(), foundingRecord); err == nil {
					t.Error("it is still being founded")
				}
				ctx, stop := context.WithCancel(t.Context())
				stop()
				if err := s.Run(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
