package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"antrean/internal/ledger"
)

const (
	notePrefix = "note/" // note/<office>/<ticket>
	noteRounds = 5       // two officers seldom write about one ticket at once
	mostNotes  = 50
)

// Note is what an officer wrote about somebody in their own words.
type Note struct {
	ID   string    `json:"id"` // of the command: a repetition writes it again, not twice
	At   time.Time `json:"at"`
	Act  string    `json:"act"` // "call" or "amend"
	Text string    `json:"text"`
}

// String hides the note: it may be about somebody's health.
func (Note) String() string { return "[note]" }

// GoString hides the note.
func (Note) GoString() string { return "[note]" }

// Write seals a note beside the ticket for the time of retention, which must be
// positive.
func (v *Vault) Write(ctx context.Context, office, ticket string, note Note, ttl time.Duration) error {
	if ttl <= 0 {
		return fmt.Errorf("keep a note about %s/%s: no retention is given", office, ticket)
	}
	record, err := noteRecord(office, ticket)
	if err != nil {
		return err
	}
	for range noteRounds {
		held, notes, err := v.notes(ctx, record)
		if err != nil {
			return fmt.Errorf("keep a note about %s/%s: %w", office, ticket, err)
		}
		notes = slices.DeleteFunc(notes, func(n Note) bool { return n.ID == note.ID })
		notes = append(notes, note)
		plain, err := json.Marshal(notes[max(0, len(notes)-mostNotes):])
		if err != nil {
			return fmt.Errorf("keep a note about %s/%s: %w", office, ticket, err)
		}
		sealed := v.ring.Seal(record, plain)
		now, err := v.records.Replace(ctx, record, held, sealed, ttl)
		if err != nil {
			return fmt.Errorf("keep a note about %s/%s: %w", office, ticket, err)
		}
		if string(now) == string(sealed) {
			return nil
		}
	}
	return fmt.Errorf("keep a note about %s/%s: others write there", office, ticket)
}

// Notes are the notes about a ticket, oldest first.
func (v *Vault) Notes(ctx context.Context, office, ticket string) ([]Note, error) {
	record, err := noteRecord(office, ticket)
	if err != nil {
		return nil, err
	}
	_, notes, err := v.notes(ctx, record)
	if err != nil {
		return nil, fmt.Errorf("notes about %s/%s: %w", office, ticket, err)
	}
	return notes, nil
}

func (v *Vault) notes(ctx context.Context, record string) (held []byte, notes []Note, err error) {
	held, err = v.records.Get(ctx, record)
	if errors.Is(err, ledger.ErrAbsent) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	plain, err := v.ring.Open(record, held)
	if err != nil {
		return nil, nil, err
	}
	if err := json.Unmarshal(plain, &notes); err != nil {
		return nil, nil, fmt.Errorf("%w: no notes", ErrSealed)
	}
	return held, notes, nil
}

func noteRecord(office, ticket string) (string, error) {
	record, err := personRecord(office, ticket)
	return notePrefix + strings.TrimPrefix(record, personPrefix), err
}
