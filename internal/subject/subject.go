// Package subject answers for one person's data: it finds what is held about
// them, shows it, writes it out, erases it, and lists whom to tell of a breach
// (UU 27/2022 on the protection of personal data, articles 5 to 13 and 46).
// Every look into the vault is an event of the offices concerned, without any
// of the data.
package subject

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// Console is who acts at the command line, with the store open: no account has
// such a name.
func Console() queue.Actor { return queue.Actor{Name: "(console)", Anywhere: true} }

// ErrUnknown says that nothing is held about whoever was asked for.
var ErrUnknown = errors.New("nothing is held about this person")

// Invalid names what is wrong with a question.
type Invalid struct {
	Field  string
	Reason string // a message id: "field.nik.length", "required"
}

func (i *Invalid) Error() string { return i.Field + ": " + i.Reason }

// Query says whose data are meant: by exactly one of NIK, Code (which the person
// has, or their QR code) and Ticket (its id). Office narrows the search.
type Query struct {
	NIK    string `json:"nik"`
	Code   string `json:"code"`
	Ticket string `json:"ticket"`
	Office string `json:"office"`
}

// String hides the query: it may hold a NIK.
func (Query) String() string { return "[query]" }

// Subjects finds people in the offices of a store and in its vault.
type Subjects struct {
	offices *ledger.Offices
	people  *vault.Vault
	ring    *vault.Keyring
	notices Notices
}

// Notices reads what was told about an office's tickets, by ticket.
type Notices func(ctx context.Context, office string, tickets []string) (map[string][]Notice, error)

// New returns the people of a store. notices may be nil: nobody is told anything.
func New(offices *ledger.Offices, people *vault.Vault, ring *vault.Keyring, notices Notices) *Subjects {
	return &Subjects{offices, people, ring, notices}
}

// Show returns what is held about a person, or ErrUnknown.
func (s *Subjects) Show(ctx context.Context, by queue.Actor, q Query) (Held, error) {
	held, err := s.find(ctx, q)
	if err != nil {
		return Held{}, err
	}
	return held, s.note(ctx, by, queue.DataShown, held)
}

// Report is Show with the story of each ticket, to be handed over.
func (s *Subjects) Report(ctx context.Context, by queue.Actor, q Query) (Held, error) {
	held, err := s.find(ctx, q)
	if err != nil {
		return Held{}, err
	}
	if err := s.note(ctx, by, queue.DataReported, held); err != nil {
		return Held{}, err
	}
	return held, s.tell(ctx, held)
}

// note writes down a look before anything is seen.
func (s *Subjects) note(ctx context.Context, by queue.Actor, what string, held Held) error {
	for office, tickets := range held.byOffice() {
		if err := s.do(ctx, office, by, queue.LookAtPeople{What: what, Tickets: tickets}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Subjects) do(ctx context.Context, id string, by queue.Actor, ask queue.Ask) error {
	office, err := s.offices.Office(ctx, id)
	if errors.Is(err, ledger.ErrNoOffice) {
		return nil // a record of an office that is gone
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", id, err)
	}
	return office.Do(ctx, queue.Command{Ask: ask, By: by, ID: rand.Text()}, func(*queue.State, []*queue.Event) {})
}

// ticketKey names a ticket in the whole store.
type ticketKey struct{ office, ticket string }

// find collects every record and ticket of one person. Sealed records are not
// indexed by whom they are about, so all of them are opened.
func (s *Subjects) find(ctx context.Context, q Query) (Held, error) {
	nik, seeds, err := s.meant(ctx, q)
	if err != nil {
		return Held{}, err
	}
	kept := map[ticketKey]vault.Kept{}
	collect := func(same func(vault.Kept) bool) error {
		_, err := s.people.Each(ctx, func(k vault.Kept) error {
			if same(k) {
				kept[ticketKey{k.Office, k.Ticket}] = k
			}
			return nil
		})
		return err
	}
	if nik == "" {
		if err := collect(func(k vault.Kept) bool { return slices.Contains(seeds, ticketKey{k.Office, k.Ticket}) }); err != nil {
			return Held{}, err
		}
		for _, k := range kept {
			nik = k.Person.NIK
		}
	}
	claimed := false
	if nik != "" {
		if err := collect(func(k vault.Kept) bool { return k.Person.NIK == nik }); err != nil {
			return Held{}, err
		}
		holders, err := s.people.Holders(ctx, nik)
		if err != nil {
			return Held{}, err
		}
		for _, h := range holders {
			if !h.Erased() {
				claimed = true
				seeds = append(seeds, ticketKey{h.Office, h.Ticket})
			}
		}
	}
	for key := range kept {
		seeds = append(seeds, key)
	}
	return s.held(ctx, nik, claimed, seeds, kept)
}

// meant reads the question: a NIK, or the ticket that is named.
func (s *Subjects) meant(ctx context.Context, q Query) (nik string, seeds []ticketKey, err error) {
	given := 0
	for _, text := range []string{q.NIK, q.Code, q.Ticket} {
		if text != "" {
			given++
		}
	}
	if given != 1 {
		return "", nil, &Invalid{"nik", "one_of_nik_code_ticket"}
	}
	ids, err := s.at(ctx, q.Office)
	if err != nil {
		return "", nil, err
	}
	if q.NIK != "" {
		nik, wrong := vault.NormalNIK(q.NIK)
		if wrong != "" {
			return "", nil, &Invalid{"nik", wrong}
		}
		return nik, nil, nil
	}
	matches := func(office, ticket string) bool { return ticket == q.Ticket }
	if q.Code != "" {
		if matches, err = s.codeOf(q.Code); err != nil {
			return "", nil, err
		}
	}
	for _, id := range ids {
		office, err := s.offices.Office(ctx, id)
		if err != nil {
			return "", nil, fmt.Errorf("open %s: %w", id, err)
		}
		var tickets []string
		office.Read(func(state *queue.State) {
			for ticket := range state.Tickets {
				tickets = append(tickets, ticket)
			}
		})
		for _, ticket := range tickets {
			if matches(id, ticket) {
				seeds = append(seeds, ticketKey{id, ticket})
			}
		}
	}
	switch len(seeds) {
	case 0:
		return "", nil, ErrUnknown
	case 1:
		return "", seeds, nil
	default: // forty bits are enough for one office, not for all
		return "", nil, &Invalid{"office", "required"}
	}
}

// codeOf reads a QR code or a code that is spoken.
func (s *Subjects) codeOf(text string) (matches func(office, ticket string) bool, err error) {
	if office, ticket, err := s.ring.ParseQR(text); err == nil {
		return func(o, t string) bool { return o == office && t == ticket }, nil
	}
	code, ok := vault.NormalCode(text)
	if !ok {
		return nil, &Invalid{"code", "format"}
	}
	return func(o, t string) bool { return slices.Contains(s.ring.Codes(o, t), code) }, nil
}

// at is the office that was named, or all of them.
func (s *Subjects) at(ctx context.Context, office string) ([]string, error) {
	ids, err := s.offices.IDs(ctx)
	if err != nil || office == "" {
		return ids, err
	}
	if !slices.Contains(ids, office) {
		return nil, &Invalid{"office", "office"}
	}
	return []string{office}, nil
}

// now is the time in whole seconds: nobody needs it finer on paper.
func (s *Subjects) now() time.Time { return s.offices.Now().Truncate(time.Second) }
