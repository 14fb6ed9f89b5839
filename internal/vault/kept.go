package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"antrean/internal/ledger"
)

// Kept is a person as the vault holds them: one sealed record of one ticket.
type Kept struct {
	Office, Ticket string
	Person         Person
	Written        time.Time
	Expires        time.Time
}

// Each opens every record that opens with this ring, in the order of offices
// and tickets, and returns how many did not open.
func (v *Vault) Each(ctx context.Context, do func(Kept) error) (closed int, err error) {
	after := ""
	for {
		found, err := v.records.List(ctx, personPrefix, after, page)
		if err != nil {
			return closed, fmt.Errorf("read the vault: %w", err)
		}
		if len(found) == 0 {
			return closed, nil
		}
		after = found[len(found)-1].Key
		for _, record := range found {
			office, ticket, ok := strings.Cut(strings.TrimPrefix(record.Key, personPrefix), "/")
			kept, err := v.open(record.Key, record.Value)
			if err != nil || !ok {
				closed++
				continue
			}
			if err := do(Kept{office, ticket, kept.Person, kept.Written, record.Expires}); err != nil {
				return closed, err
			}
		}
	}
}

// Holders are the tickets that claimed a NIK's places last, in the places' order.
// None means that it was never booked.
func (v *Vault) Holders(ctx context.Context, nik string) (all []Holder, err error) {
	for n := 0; ; n++ {
		held, err := v.holder(ctx, Place(nik, n))
		if err != nil || held == (Holder{}) {
			return all, err
		}
		all = append(all, held)
	}
}

// nobody holds the claims of those who were erased. There is no office of that
// name, so that whoever meets it takes over, as from a ticket that is over.
func nobody() Holder { return Holder{"-", "-"} }

// Erased says that the place names no ticket, because its person was erased.
func (h Holder) Erased() bool { return h == nobody() }

// Forget cuts what ties an identity to the tickets, which must be over: a claim
// of theirs names nobody from now on. It stays, because a claim that vanishes
// could be won by two at once; alone it tells nothing, since its name is an HMAC.
func (v *Vault) Forget(ctx context.Context, nik string, tickets ...Holder) error {
	places, err := v.Holders(ctx, nik)
	if err != nil {
		return err
	}
	for n := range places {
		if err := v.forget(ctx, Place(nik, n), tickets); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) forget(ctx context.Context, identity string, tickets []Holder) error {
	for i := range v.ring.keys {
		record := claimRecord(&v.ring.keys[i], identity)
		held, err := v.records.Get(ctx, record)
		if errors.Is(err, ledger.ErrAbsent) {
			continue
		}
		if err != nil {
			return fmt.Errorf("forget a claim: %w", err)
		}
		for _, t := range tickets {
			if string(held) != string(t.value()) {
				continue
			}
			if _, err := v.records.Replace(ctx, record, held, nobody().value(), 0); err != nil {
				return fmt.Errorf("forget a claim: %w", err)
			}
		}
	}
	return nil
}

// NormalNIK returns a NIK as it is kept, and the message id of what is wrong
// with it, "" if nothing is.
func NormalNIK(nik string) (normal, wrong string) {
	normal = leaveOut(nik, " .-")
	if fault := nikFault(normal); fault != "" {
		return normal, "field.nik." + fault
	}
	return normal, ""
}
