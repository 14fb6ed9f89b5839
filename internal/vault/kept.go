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

// Holder is the ticket that an identity was booked with last, and false if it
// never was, or was erased since.
func (v *Vault) Holder(ctx context.Context, nik string) (Holder, bool, error) {
	held, err := v.holder(ctx, nik)
	return held, held != Holder{} && held != nobody(), err
}

// nobody holds the claims of those who were erased. There is no office of that
// name, so that whoever meets it takes over, as from a ticket that is over.
func nobody() Holder { return Holder{"-", "-"} }

// Forget cuts what ties an identity to the tickets, which must be over: a claim
// of theirs names nobody from now on. It stays, because a claim that vanishes
// could be won by two at once; alone it tells nothing, since its name is an HMAC.
func (v *Vault) Forget(ctx context.Context, nik string, tickets ...Holder) error {
	for i := range v.ring.keys {
		record := claimRecord(&v.ring.keys[i], nik)
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
