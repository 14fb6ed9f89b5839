package subject

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
)

// Look is one time that personal data left the vault, or were erased.
type Look struct {
	At      time.Time
	Office  string
	By      string
	What    string   // queue.DataShown…, or "erased"
	Numbers []string // of the tickets, where the office still knows them, else ids
	Count   int      // people on a list
}

// longestLooks bounds a page; the newest are kept.
const longestLooks = 500

// Looks reads from the offices' logs who looked at whom since then, the newest
// first, by one account or by all ("").
func (s *Subjects) Looks(ctx context.Context, since time.Time, by string) ([]Look, error) {
	offices, err := s.at(ctx, "")
	if err != nil {
		return nil, err
	}
	all := []Look{}
	for _, id := range offices {
		err := s.entries(ctx, id, func(e ledger.Entry) error {
			if !bytes.Contains(e.Data, []byte(`"people_looked_at"`)) && !bytes.Contains(e.Data, []byte(`"people_erased"`)) {
				return nil
			}
			event, err := queue.Decode(e.Data)
			if err != nil || event.At.Before(since) || by != "" && event.By != by {
				return nil
			}
			look := Look{At: event.At, Office: id, By: event.By}
			var tickets []string
			switch f := event.Fact.(type) {
			case *queue.PeopleLookedAt:
				look.What, look.Count, tickets = f.What, f.Count, f.Tickets
			case *queue.PeopleErased:
				look.What, tickets = "erased", f.Tickets
			default:
				return nil
			}
			for _, ticket := range tickets {
				t, _, err := s.ticket(ctx, ticketKey{id, ticket})
				if err != nil {
					return err
				}
				look.Numbers = append(look.Numbers, cmp.Or(t.Number, ticket))
			}
			all = append(all, look)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(x, y Look) int { return y.At.Compare(x.At) })
	return all[:min(len(all), longestLooks)], nil
}
