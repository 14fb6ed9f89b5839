package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"
	"strings"

	"antrean/internal/ledger"
)

// Holder is the ticket that an identity is booked with.
type Holder struct {
	Office string
	Ticket string
}

// Place is the identity of a person's n-th booking beside their others, from 0,
// where offices allow several at a time. The first is the NIK itself, as where
// they allow one.
func Place(nik string, n int) string {
	if n == 0 {
		return nik
	}
	return fmt.Sprintf("%s#%d", nik, n)
}

// Claim is one identity, a NIK or another Place of it, and the ticket that it is,
// or is to be, booked with.
type Claim struct {
	NIK    string
	Holder Holder
}

// Claim claims the identities for their tickets and returns those that other
// tickets hold: none means that all are claimed. A claim that its own ticket
// already holds is claimed again. The identities must differ.
//
// Claims are never deleted, so a foreign one may be long over. Ask the foreign
// office's log: if that ticket is active the identity is booked; if not, append
// "void ticket" there, so that it cannot become active any more, then call
// Takeover and Claim again.
//
// It claims in one order for everybody and stops claiming at the first foreign
// one, so that two families who share people cannot hold half of each other;
// beyond that it only looks.
func (v *Vault) Claim(ctx context.Context, claims ...Claim) (foreign []Claim, err error) {
	ordered := append([]Claim(nil), claims...)
	sort.SliceStable(ordered, func(i, j int) bool { return ordered[i].NIK < ordered[j].NIK })
	for _, claim := range ordered {
		look := v.claim
		if len(foreign) > 0 {
			look = v.look
		}
		held, err := look(ctx, claim)
		if err != nil {
			return nil, err
		}
		if held != claim.Holder && held != (Holder{}) {
			foreign = append(foreign, Claim{claim.NIK, held})
		}
	}
	return foreign, nil
}

// claim makes a claim, if nobody has one, and returns who has it then.
func (v *Vault) claim(ctx context.Context, c Claim) (Holder, error) {
	if len(v.ring.keys) > 1 { // one made under an older key counts
		if held, err := v.look(ctx, c); err != nil || held != (Holder{}) {
			return held, err
		}
	}
	return v.replace(ctx, c.NIK, Holder{}, c.Holder)
}

func (v *Vault) look(ctx context.Context, c Claim) (Holder, error) { return v.holder(ctx, c.NIK) }

// Takeover gives an identity from one ticket to another, if it is still the
// first one's. It returns who holds it afterwards.
func (v *Vault) Takeover(ctx context.Context, nik string, from, to Holder) (Holder, error) {
	if from == (Holder{}) {
		return Holder{}, errors.New("take over a claim: nobody is named to take it from")
	}
	return v.replace(ctx, nik, from, to)
}

// holder reads who holds an identity; nobody is the zero Holder. A claim made
// under an older key of the ring is first copied under the present one, which
// alone decides.
func (v *Vault) holder(ctx context.Context, nik string) (Holder, error) {
	for i := range v.ring.keys {
		value, err := v.records.Get(ctx, claimRecord(&v.ring.keys[i], nik))
		if errors.Is(err, ledger.ErrAbsent) {
			continue
		}
		if err != nil {
			return Holder{}, fmt.Errorf("look up a claim: %w", err)
		}
		held, err := parseHolder(value)
		if err != nil || i == 0 {
			return held, err
		}
		return v.replace(ctx, nik, Holder{}, held)
	}
	return Holder{}, nil
}

func (v *Vault) replace(ctx context.Context, nik string, from, to Holder) (Holder, error) {
	for _, part := range []string{to.Office, to.Ticket} {
		if part == "" || strings.Contains(part, "/") {
			return Holder{}, fmt.Errorf("claim an identity: no ticket is called %q at %q", to.Ticket, to.Office)
		}
	}
	held, err := v.records.Replace(ctx, claimRecord(&v.ring.keys[0], nik), from.value(), to.value(), 0)
	if err != nil {
		return Holder{}, fmt.Errorf("claim an identity: %w", err)
	}
	if len(held) == 0 {
		return Holder{}, nil
	}
	return parseHolder(held)
}

func (h Holder) value() []byte {
	if h == (Holder{}) {
		return nil
	}
	return []byte(h.Office + "/" + h.Ticket)
}

func parseHolder(value []byte) (Holder, error) {
	office, ticket, ok := strings.Cut(string(value), "/")
	if !ok || office == "" || ticket == "" {
		return Holder{}, errors.New("look up a claim: it names no ticket")
	}
	return Holder{office, ticket}, nil
}

func claimRecord(key *subkeys, nik string) string {
	return claimPrefix + hex.EncodeToString(sum(key.claims, nik)[:macSize])
}
