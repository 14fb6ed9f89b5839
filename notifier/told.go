package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"antrean/internal/ledger"
)

// Told is what became of one message about a ticket.
type Told struct {
	Ticket  string
	At      time.Time
	Kind    Kind
	Channel string
	Outcome Outcome
	Code    string // why, if it did not work
}

// ToldOf reads what was told about tickets out of an office's notice log, which
// goes back a month or more, oldest first. Lines of a newer release are passed
// over.
func ToldOf(ctx context.Context, log ledger.Log, office string, tickets []string) ([]Told, error) {
	var all []Told
	for next := uint64(0); ; {
		lines, err := log.Read(ctx, logOf(office), next, readChunk)
		if err != nil {
			return nil, fmt.Errorf("read notices of %s: %w", office, err)
		}
		if len(lines) == 0 {
			return all, nil
		}
		for _, l := range lines {
			next = l.Version + 1
			var said line
			if json.Unmarshal(l.Data, &said) != nil || said.Schema > lineSchema {
				continue
			}
			for _, r := range said.Results {
				if slices.Contains(tickets, r.Ticket) {
					all = append(all, Told{r.Ticket, said.At, r.Kind(), r.Channel, r.Outcome, r.Code})
				}
			}
		}
	}
}
