package jobs

import (
	"context"
	"errors"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// forgetPeople erases the personal records without a ticket: of bookings that
// were refused or died half way, and of tickets that have left their office;
// and those of people whom the log says to be erased, should one be left.
func forgetPeople(ctx context.Context, offices *ledger.Offices, people *vault.Vault) error {
	_, err := people.Sweep(ctx, func(ctx context.Context, office, ticket string) (bool, error) {
		return holds(ctx, offices, office, ticket)
	})
	return err
}

// holds asks the office's log for a ticket. This node may be behind it, or not
// understand all of it; only the log's end says no, and an office that is not
// there says nothing.
func holds(ctx context.Context, offices *ledger.Offices, id, ticket string) (held bool, err error) {
	office, err := offices.Office(ctx, id)
	if errors.Is(err, ledger.ErrNoOffice) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	erased := false
	office.Read(func(s *queue.State) {
		t := s.Tickets[ticket]
		held, erased = t != nil, t != nil && !t.Erased.IsZero()
	})
	if held {
		return !erased, nil
	}
	// Always refused, but not before the log has been read to its end.
	err = office.Do(ctx, queue.Command{Ask: queue.Amend{Ticket: ticket}, By: queue.Actor{Name: "system"}, ID: "look-" + ticket}, nil)
	var refusal *queue.Refusal
	if !errors.As(err, &refusal) {
		return true, err
	}
	return refusal.Code != queue.NotFound, nil
}
