package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// Reached is how the person of a ticket can be reached. What is not known, or
// does not open any more, is empty.
type Reached struct {
	Person        Person
	Subscriptions []Subscription
}

// Reach looks the people of tickets up, in their order and in one round trip.
func (v *Vault) Reach(ctx context.Context, office string, tickets ...string) ([]Reached, error) {
	keys := make([]string, 0, 2*len(tickets))
	for _, ticket := range tickets {
		person, err := personRecord(office, ticket)
		if err != nil {
			return nil, err
		}
		keys = append(keys, person, pushPrefix+strings.TrimPrefix(person, personPrefix))
	}
	held, err := v.records.GetAll(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("people of %s: %w", office, err)
	}
	all := make([]Reached, len(tickets))
	for i := range all {
		if sealed := held[2*i]; sealed != nil && !bytes.Equal(sealed, swept) {
			if kept, err := v.open(keys[2*i], sealed); err == nil {
				all[i].Person = kept.Person
			}
		}
		if sealed := held[2*i+1]; sealed != nil {
			all[i].Subscriptions = v.openPush(keys[2*i+1], sealed).All
		}
	}
	return all, nil
}

// openPush reads a ticket's subscriptions; what does not open, of a key that is
// gone, is as good as none.
func (v *Vault) openPush(record string, sealed []byte) (kept sealedPush) {
	plain, err := v.ring.Open(record, sealed)
	if err != nil || json.Unmarshal(plain, &kept) != nil {
		return sealedPush{}
	}
	return kept
}
