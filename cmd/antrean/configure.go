package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"antrean/internal/config"
	"antrean/internal/ledger"
	"antrean/internal/queue"
)

// foundingRecord is there while the built-in offices are being made, so that a
// start that was cut short is completed by the next.
const foundingRecord = "founding/offices"

// found makes the built-in offices in an empty store, all of them. After that
// offices are configured through the API.
func (s *server) found(ctx context.Context, empty bool) error {
	if empty {
		if err := s.store.records.Put(ctx, foundingRecord, []byte("{}"), 0); err != nil {
			return fmt.Errorf("found the offices: %w", err)
		}
	} else if _, err := s.store.records.Get(ctx, foundingRecord); errors.Is(err, ledger.ErrAbsent) {
		return nil
	} else if err != nil {
		return fmt.Errorf("found the offices: %w", err)
	}
	for i := range s.offices {
		if _, err := s.ledger.Create(ctx, &s.offices[i]); err != nil {
			return fmt.Errorf("found the offices: %w", err)
		}
	}
	if err := s.store.records.Delete(ctx, foundingRecord); err != nil {
		return fmt.Errorf("found the offices: %w", err)
	}
	return nil
}

// configureOffice creates an office that is new, or applies the differences
// that a file brings as one event.
func (s *server) configureOffice(ctx context.Context, i int) error {
	wanted := &s.offices[i]
	created, err := s.ledger.Create(ctx, wanted)
	if err != nil || created {
		return err
	}
	office, err := s.ledger.Office(ctx, wanted.ID)
	if err != nil {
		return err
	}
	var held queue.Config
	var read uint64
	office.Read(func(state *queue.State) { held, read = *state.Config, state.ConfigVersion })
	if wanted.Messages == nil { // a file that names no texts leaves those that were written in the pages
		wanted.Messages = held.Messages
	}
	changes := config.Diff(held, *wanted)
	if len(changes) == 0 {
		return nil
	}
	for _, c := range changes {
		s.log.Info("configuration changes", "office", wanted.ID, "change", c.String())
	}
	err = office.Do(ctx, queue.Command{
		Ask: queue.Configure{Config: wanted, IfVersion: read},
		By:  queue.Actor{Name: "system", Anywhere: true}, ID: rand.Text(),
	}, nil)
	var refusal *queue.Refusal
	if errors.As(err, &refusal) && refusal.Field != "" {
		return misused("%s: %s: %s; the people under way keep it", wanted.ID, refusal.Field, refusal.Detail)
	}
	if errors.Is(err, ledger.ErrReadOnly) {
		return fmt.Errorf("%w: upgrade this node first", err)
	}
	return err
}
