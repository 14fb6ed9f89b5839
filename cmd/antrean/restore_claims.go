package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// claimsMended is what mendClaims found.
type claimsMended struct {
	given   int      // identities whose claim named another ticket than the one that they have
	doubles []string // "office/number" of tickets whose person has another one, too
}

// mendClaims lets each identity be claimed by the ticket that it is booked with. A
// copy of Redis has the logs as they were some seconds before the records: who
// cancelled in between and booked anew has the old ticket in the copy and a claim
// for the new one, and could book a second. Nobody else writes the store.
func mendClaims(ctx context.Context, log ledger.Log, records ledger.Records, people *vault.Vault, offices []string) (found claimsMended, err error) {
	states := map[string]*queue.State{}
	for _, office := range offices {
		s, err := ledger.State(ctx, log, records, "", office)
		if errors.Is(err, ledger.ErrNoOffice) {
			continue
		}
		if err != nil {
			return found, err
		}
		states[office] = s
	}
	active := func(h vault.Holder) bool {
		s := states[h.Office]
		return s != nil && s.Tickets[h.Ticket] != nil && !s.Tickets[h.Ticket].Status.Ended()
	}
	_, err = people.Each(ctx, func(kept vault.Kept) error {
		mine := vault.Holder{Office: kept.Office, Ticket: kept.Ticket}
		if !active(mine) || kept.Person.NIK == "" {
			return nil
		}
		nik := kept.Person.NIK
		places, err := people.Holders(ctx, nik)
		if err != nil || slices.Contains(places, mine) {
			return err
		}
		free := slices.IndexFunc(places, func(h vault.Holder) bool { return !active(h) })
		switch {
		case free >= 0:
			_, err = people.Takeover(ctx, vault.Place(nik, free), places[free], mine)
		case len(places) < states[mine.Office].Config.Booking.PerIdentity:
			_, err = people.Claim(ctx, vault.Claim{NIK: vault.Place(nik, len(places)), Holder: mine})
		default:
			found.doubles = append(found.doubles, mine.Office+"/"+states[mine.Office].Tickets[mine.Ticket].Number)
			return nil
		}
		if err == nil {
			found.given++
		}
		return err
	})
	if err != nil {
		return found, fmt.Errorf("look whose tickets the claims name: %w", err)
	}
	return found, nil
}
