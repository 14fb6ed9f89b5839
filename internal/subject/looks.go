package subject

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
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
		few := longestLooks
		err := s.back(ctx, id, since, func(e ledger.Entry) error {
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
			if few--; few == 0 {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(x, y Look) int { return y.At.Compare(x.At) })
	return all[:min(len(all), longestLooks)], nil
}

var errEnough = errors.New("enough was read")

// back reads an office's log from its end, until what is older than since: a log
// holds a year, and what a page shows of it is mostly of the last days.
func (s *Subjects) back(ctx context.Context, id string, since time.Time, do func(ledger.Entry) error) error {
	office, err := s.offices.Office(ctx, id)
	if errors.Is(err, ledger.ErrNoOffice) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", id, err)
	}
	end, _ := office.Confirmed()
	for upTo := end.Version; upTo > 0; {
		after := upTo - min(upTo, readTogether)
		var entries []ledger.Entry
		for at := after; at < upTo; { // the archive ends where the log begins
			found, err := office.Events(ctx, at, int(upTo-at))
			if err != nil {
				return fmt.Errorf("read the log of %s: %w", id, err)
			}
			if len(found) == 0 {
				break
			}
			entries, at = append(entries, found...), found[len(found)-1].Version
		}
		entries = slices.DeleteFunc(entries, func(e ledger.Entry) bool { return e.Version > upTo })
		for _, e := range slices.Backward(entries) {
			if err := do(e); err != nil {
				return err
			}
		}
		if len(entries) == 0 || entries[0].Version > after+1 {
			return nil // what comes before was trimmed
		}
		if first, err := queue.Decode(entries[0].Data); err == nil && first.At.Before(since) {
			return nil
		}
		upTo = after
	}
	return nil
}
