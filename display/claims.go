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

// claim takes the identities for the tickets to be, each at the first of its
// places that no active ticket has. A foreign claim is worth what its office's
// log says.
func (a *App) claim(ctx context.Context, office string, ids []string, people []vault.Person, places int) error {
	ours := map[string]vault.Holder{}
	at := map[string]int{} // the place that is tried
	for i, p := range people {
		ours[p.NIK] = vault.Holder{Office: office, Ticket: ids[i]}
	}
	for range claimRounds * places {
		claims := make([]vault.Claim, 0, len(ours))
		person := map[string]string{} // by the place's identity
		for nik, holder := range ours {
			place := vault.Place(nik, at[nik])
			person[place] = nik
			claims = append(claims, vault.Claim{NIK: place, Holder: holder})
		}
		foreign, err := a.Vault.Claim(ctx, claims...)
		if err != nil || len(foreign) == 0 {
			return err
		}
		for _, f := range foreign {
			nik := person[f.NIK]
			active, err := a.fence(ctx, f.Holder)
			switch {
			case err != nil:
				return err
			case !active:
				// One place is free: where an office allows more, others may be taken.
				if others, err := a.activeBeside(ctx, nik, at[nik], ours[nik]); err != nil {
					return err
				} else if others >= places {
					return alreadyBooked(people, nik)
				}
				if _, err := a.Vault.Takeover(ctx, f.NIK, f.Holder, ours[nik]); err != nil {
					return err
				}
			case at[nik]+1 == places:
				return alreadyBooked(people, nik)
			default:
				at[nik]++
			}
		}
	}
	return limited(time.Second)
}

// activeBeside counts the active tickets that claim other places of an identity.
func (a *App) activeBeside(ctx context.Context, nik string, place int, ours vault.Holder) (n int, err error) {
	holders, err := a.Vault.Holders(ctx, nik)
	if err != nil {
		return 0, err
	}
	for i, h := range holders {
		if i == place || h == ours {
			continue
		}
		active, err := a.fence(ctx, h)
		if err != nil {
			return 0, err
		}
		if active {
			n++
		}
	}
	return n, nil
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
