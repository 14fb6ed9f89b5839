package display

import (
	"context"
	"errors"
	"fmt"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

const claimRounds = 5 // two families who share people may take a few

// claim takes the identities for the tickets to be. A foreign claim is worth
// what its office's log says.
func (a *App) claim(ctx context.Context, office string, ids []string, people []vault.Person) error {
	claims := make([]vault.Claim, len(people))
	ours := map[string]vault.Holder{}
	for i, p := range people {
		claims[i] = vault.Claim{NIK: p.NIK, Holder: vault.Holder{Office: office, Ticket: ids[i]}}
		ours[p.NIK] = claims[i].Holder
	}
	for range claimRounds {
		foreign, err := a.Vault.Claim(ctx, claims...)
		if err != nil || len(foreign) == 0 {
			return err
		}
		for _, f := range foreign {
			if active, err := a.fence(ctx, f.Holder); err != nil {
				return err
			} else if active {
				return alreadyBooked(people, f.NIK)
			}
			if _, err := a.Vault.Takeover(ctx, f.NIK, f.Holder, ours[f.NIK]); err != nil {
				return err
			}
		}
	}
	return limited(time.Second)
}

// fence asks the office of a claim whether that ticket is active, and makes
// sure that it cannot become so if it is not.
func (a *App) fence(ctx context.Context, h vault.Holder) (active bool, err error) {
	office, err := a.open(ctx, h.Office)
	if errors.Is(err, ledger.ErrNoOffice) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = office.Do(ctx, order{by: queue.Actor{Name: "system"}, request: "void-" + h.Ticket}.asks(queue.Void{Ticket: h.Ticket}),
		func(*queue.State, []*queue.Event) {})
	var refusal *queue.Refusal
	if errors.As(err, &refusal) {
		return refusal.Code == queue.AlreadyBooked, nil
	}
	return false, err
}

func alreadyBooked(people []vault.Person, nik string) error {
	f := &failure{status: 409, code: string(queue.AlreadyBooked)}
	for i, p := range people {
		if p.NIK == nik {
			f.fields = []fault{{field: fmt.Sprintf("people[%d].nik", i), reason: "already_booked"}}
		}
	}
	return f
}
