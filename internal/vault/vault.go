package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"antrean/internal/ledger"
)

const (
	personPrefix = "vault/" // vault/<office>/<ticket>
	claimPrefix  = "claim/" // claim/<HMAC of the NIK>
	proofRecord  = "keyring/proof"

	// orphanAge is how long a record may wait for its ticket. A booking writes
	// the record first and the event after it; a retry writes both again.
	orphanAge = time.Hour

	page = 256 // records a List
)

// swept stands for a moment in place of an orphan's record: unlike a deletion,
// a replacement spares what a retry has written meanwhile.
var swept = []byte{0}

// Vault keeps one sealed record a ticket, and the claims of identities.
type Vault struct {
	records ledger.Records
	ring    *Keyring
	now     func() time.Time
}

// New returns the vault in those records. now is the clock that the age of
// records is told by.
func New(records ledger.Records, ring *Keyring, now func() time.Time) *Vault {
	return &Vault{records: records, ring: ring, now: now}
}

// sealedPerson is the plain text of a record.
type sealedPerson struct {
	Person
	Written time.Time `json:"written"`
}

// Prove checks that the ring opens what this store holds, before anything is
// written with a wrong key. It returns ErrSealed if not. The first proof is made
// by the first node.
func (v *Vault) Prove(ctx context.Context) error {
	held, err := v.records.Get(ctx, proofRecord)
	if errors.Is(err, ledger.ErrAbsent) {
		held, err = v.records.Replace(ctx, proofRecord, nil, v.proof(), 0)
	}
	if err != nil {
		return fmt.Errorf("prove the vault key: %w", err)
	}
	if _, err := v.ring.Open(proofRecord, held); err != nil {
		return fmt.Errorf("prove the vault key: %w", err)
	}
	if !v.ring.Current(held) { // so that the old key can leave the ring one day
		if _, err := v.records.Replace(ctx, proofRecord, held, v.proof(), 0); err != nil {
			return fmt.Errorf("prove the vault key: %w", err)
		}
	}
	return nil
}

func (v *Vault) proof() []byte { return v.ring.Seal(proofRecord, []byte("antrean")) }

// Put seals the person of a ticket for the time of retention, which must be
// positive: nothing about people is kept for ever.
func (v *Vault) Put(ctx context.Context, office, ticket string, person Person, ttl time.Duration) error {
	if ttl <= 0 {
		return fmt.Errorf("keep the person of %s/%s: no retention is given", office, ticket)
	}
	record, err := personRecord(office, ticket)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(sealedPerson{person, v.now().UTC()})
	if err != nil {
		return fmt.Errorf("keep the person of %s/%s: %w", office, ticket, err)
	}
	if err := v.records.Put(ctx, record, v.ring.Seal(record, plain), ttl); err != nil {
		return fmt.Errorf("keep the person of %s/%s: %w", office, ticket, err)
	}
	return nil
}

// Get returns the person of a ticket, ledger.ErrAbsent if there is none or none
// any more, and ErrSealed if the record does not open.
func (v *Vault) Get(ctx context.Context, office, ticket string) (Person, error) {
	record, err := personRecord(office, ticket)
	if err != nil {
		return Person{}, err
	}
	sealed, err := v.records.Get(ctx, record)
	if err != nil {
		return Person{}, fmt.Errorf("the person of %s/%s: %w", office, ticket, err)
	}
	if bytes.Equal(sealed, swept) {
		return Person{}, fmt.Errorf("the person of %s/%s: %w", office, ticket, ledger.ErrAbsent)
	}
	kept, err := v.open(record, sealed)
	if err != nil {
		return Person{}, fmt.Errorf("the person of %s/%s: %w", office, ticket, err)
	}
	return kept.Person, nil
}

// Change replaces the person of a ticket by what change makes of it, as it is at
// that moment, whoever else changes it. Where there is none, or none any more,
// it makes none.
func (v *Vault) Change(ctx context.Context, office, ticket string, ttl time.Duration, change func(*Person)) error {
	if ttl <= 0 {
		return fmt.Errorf("change the person of %s/%s: no retention is given", office, ticket)
	}
	record, err := personRecord(office, ticket)
	if err != nil {
		return err
	}
	for {
		held, err := v.records.Get(ctx, record)
		if errors.Is(err, ledger.ErrAbsent) || bytes.Equal(held, swept) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("change the person of %s/%s: %w", office, ticket, err)
		}
		kept, err := v.open(record, held)
		if err != nil {
			return fmt.Errorf("change the person of %s/%s: %w", office, ticket, err)
		}
		change(&kept.Person)
		kept.Written = v.now().UTC()
		plain, err := json.Marshal(kept)
		if err != nil {
			return fmt.Errorf("change the person of %s/%s: %w", office, ticket, err)
		}
		sealed := v.ring.Seal(record, plain)
		now, err := v.records.Replace(ctx, record, held, sealed, ttl)
		if err != nil {
			return fmt.Errorf("change the person of %s/%s: %w", office, ticket, err)
		}
		if bytes.Equal(now, sealed) {
			return nil
		}
	}
}

// Erase forgets the people of tickets, the notes about them and their browsers;
// that there is none is no error.
func (v *Vault) Erase(ctx context.Context, office string, tickets ...string) error {
	records := make([]string, 0, 3*len(tickets))
	for _, ticket := range tickets {
		record, err := personRecord(office, ticket)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(record, personPrefix)
		records = append(records, record, notePrefix+name, pushPrefix+name)
	}
	if err := v.records.Delete(ctx, records...); err != nil {
		return fmt.Errorf("erase people of %s: %w", office, err)
	}
	return nil
}

// Sweep erases the records whose ticket, as exists says, is not there, and
// returns how many. Records younger than an hour are left: their ticket may be
// on its way. A record that does not open is left as well, because nobody can
// tell its age.
func (v *Vault) Sweep(ctx context.Context, exists func(ctx context.Context, office, ticket string) (bool, error)) (int, error) {
	erased, after := 0, ""
	for {
		found, err := v.records.List(ctx, personPrefix, after, page)
		if err != nil {
			return erased, fmt.Errorf("sweep the vault: %w", err)
		}
		if len(found) == 0 {
			return erased, nil
		}
		after = found[len(found)-1].Key
		for _, record := range found {
			orphan, err := v.orphan(ctx, record, exists)
			if err != nil {
				return erased, fmt.Errorf("sweep the vault: %w", err)
			}
			if !orphan {
				continue
			}
			held, err := v.records.Replace(ctx, record.Key, record.Value, swept, time.Millisecond)
			if err != nil {
				return erased, fmt.Errorf("sweep the vault: %w", err)
			}
			if bytes.Equal(held, swept) {
				erased++
			}
		}
	}
}

func (v *Vault) orphan(ctx context.Context, record ledger.Record, exists func(context.Context, string, string) (bool, error)) (bool, error) {
	office, ticket, ok := strings.Cut(strings.TrimPrefix(record.Key, personPrefix), "/")
	if !ok {
		return false, nil
	}
	kept, err := v.open(record.Key, record.Value)
	if err != nil || v.now().Sub(kept.Written) < orphanAge {
		return false, nil // what does not open here may open with a key of the past: it expires by itself
	}
	alive, err := exists(ctx, office, ticket)
	return !alive, err
}

func (v *Vault) open(record string, sealed []byte) (sealedPerson, error) {
	plain, err := v.ring.Open(record, sealed)
	if err != nil {
		return sealedPerson{}, err
	}
	var kept sealedPerson
	if err := json.Unmarshal(plain, &kept); err != nil {
		return sealedPerson{}, fmt.Errorf("%w: not a person", ErrSealed)
	}
	return kept, nil
}

func personRecord(office, ticket string) (string, error) {
	if office == "" || ticket == "" || strings.Contains(office, "/") || strings.Contains(ticket, "/") {
		return "", fmt.Errorf("no ticket is called %q at %q", ticket, office)
	}
	return personPrefix + office + "/" + ticket, nil
}
