package subject

import (
	"context"
	"crypto/rand"
	"encoding/binary"

	"antrean/internal/queue"
	"antrean/internal/vault"
)

// Erased is what erasing did.
type Erased struct {
	Records   int      `json:"records"`   // sealed records and notes that are gone
	Tickets   []string `json:"tickets"`   // numbers, whose person nobody can tell any more
	Cancelled []string `json:"cancelled"` // numbers, that were still to come
}

// Erase forgets a person: the sealed records and notes of all their tickets, and
// which tickets their identity was booked with. What stays in the logs are
// numbers and times that nothing ties to them. Somebody who is still expected or
// waits is refused (*queue.Refusal, "ticket_active") unless cancel gives their
// place back first; somebody at a counter in any case ("at_counter").
//
// The log says it before the vault does it, so that a crash in between leaves
// records that the job "forget people" finds; repeating it finds them too.
func (s *Subjects) Erase(ctx context.Context, by queue.Actor, q Query, cancel bool) (Erased, error) {
	held, err := s.find(ctx, q)
	if err != nil {
		return Erased{}, err
	}
	done := Erased{Tickets: []string{}, Cancelled: []string{}}
	if err := erasable(held, cancel); err != nil {
		return Erased{}, err
	}
	for _, t := range held.Tickets {
		if t.active() {
			if err := s.do(ctx, t.Office, by, queue.Cancel{Ticket: t.Ticket, Luck: luck()}); err != nil {
				return Erased{}, err
			}
			done.Cancelled = append(done.Cancelled, t.Number)
		}
	}
	var holders []vault.Holder
	for office, tickets := range held.byOffice() {
		if err := s.do(ctx, office, by, queue.ErasePeople{Tickets: tickets}); err != nil {
			return Erased{}, err
		}
		if err := s.people.Erase(ctx, office, tickets...); err != nil {
			return Erased{}, err
		}
		for _, ticket := range tickets {
			holders = append(holders, vault.Holder{Office: office, Ticket: ticket})
		}
	}
	if held.nik != "" {
		if err := s.people.Forget(ctx, held.nik, holders...); err != nil {
			return Erased{}, err
		}
	}
	for _, t := range held.Tickets {
		if t.Person != nil {
			done.Records++
		}
		done.Records += len(t.Notes)
		if t.Number != "" {
			done.Tickets = append(done.Tickets, t.Number)
		}
	}
	return done, nil
}

// erasable refuses before anything is touched.
func erasable(h Held, cancel bool) error {
	for _, t := range h.Tickets {
		switch status := queue.Status(t.Status); {
		case status == queue.Called || status == queue.Serving:
			return &queue.Refusal{Code: queue.WrongState, Detail: "at_counter"}
		case t.active() && !cancel:
			return &queue.Refusal{Code: queue.WrongState, Detail: "ticket_active"}
		}
	}
	return nil
}

// active says whether the visit is still to come or under way.
func (t Ticket) active() bool { return t.Status != "" && !queue.Status(t.Status).Ended() }

// luck says when a future day's place returns; nobody can guess it.
func luck() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}
