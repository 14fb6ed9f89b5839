package subject

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/trace"
	"antrean/internal/vault"
)

// Held is everything that is held about one person.
type Held struct {
	At      time.Time `json:"at"`
	Claimed bool      `json:"claimed"` // an HMAC of the NIK names the last ticket booked with it
	Tickets []Ticket  `json:"tickets"`

	nik string
}

// String hides what is held.
func (Held) String() string { return "[held]" }

// Ticket is one visit, with what the vault holds beside it.
type Ticket struct {
	Office     string        `json:"office"`
	OfficeName string        `json:"office_name"`
	Ticket     string        `json:"ticket"`
	Number     string        `json:"number,omitempty"` // "" when the ticket has left the office
	Code       string        `json:"code"`
	Service    string        `json:"service,omitempty"`
	Status     string        `json:"status,omitempty"`
	Lane       string        `json:"lane,omitempty"`
	Date       string        `json:"date,omitempty"`
	Slot       *time.Time    `json:"slot,omitempty"` // its beginning
	Made       *time.Time    `json:"made,omitempty"`
	Arrived    *time.Time    `json:"arrived,omitempty"`
	Ended      *time.Time    `json:"ended,omitempty"`
	Fee        int64         `json:"fee,omitempty"`
	PickupFrom string        `json:"pickup_from,omitempty"`
	Erased     *time.Time    `json:"erased,omitempty"`
	Person     *vault.Person `json:"person"` // null: nothing is held, or no longer
	KeptUntil  *time.Time    `json:"kept_until,omitempty"`
	Notes      []vault.Note  `json:"notes"`
	Browsers   []string      `json:"browsers,omitempty"` // push services that reach them
	Notices    []Notice      `json:"notices,omitempty"`  // in a report
	History    []Line        `json:"history,omitempty"`  // in a report
}

// Notice is one message about a ticket and what became of it. What it said is
// not kept.
type Notice struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Channel string    `json:"channel"`
	Outcome string    `json:"outcome"`
}

// Line is one thing that happened, in both languages.
type Line struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
	EN string    `json:"en"`
}

// byOffice are the tickets' ids, by their office.
func (h Held) byOffice() map[string][]string {
	all := map[string][]string{}
	for _, t := range h.Tickets {
		all[t.Office] = append(all[t.Office], t.Ticket)
	}
	return all
}

// held reads the tickets; the same may be named twice.
func (s *Subjects) held(ctx context.Context, nik string, claimed bool, keys []ticketKey, kept map[ticketKey]vault.Kept) (Held, error) {
	h := Held{At: s.now(), Claimed: claimed, Tickets: []Ticket{}, nik: nik}
	slices.SortFunc(keys, func(a, b ticketKey) int {
		return cmp.Or(cmp.Compare(a.office, b.office), cmp.Compare(a.ticket, b.ticket))
	})
	for _, key := range slices.Compact(keys) {
		record, sealed := kept[key]
		t, known, err := s.ticket(ctx, key)
		if err != nil {
			return Held{}, err
		}
		if !known && !sealed {
			continue // a claim of a booking that never came to be, or is long over
		}
		if sealed {
			person := record.Person
			t.Person = &person
			if !record.Expires.IsZero() {
				until := record.Expires.UTC().Truncate(time.Second)
				if t.Made != nil {
					until = until.In(t.Made.Location())
				}
				t.KeptUntil = &until
			}
		}
		if t.Notes, err = s.people.Notes(ctx, key.office, key.ticket); err != nil {
			return Held{}, err
		}
		if t.Browsers, err = s.browsers(ctx, key); err != nil {
			return Held{}, err
		}
		h.Tickets = append(h.Tickets, t)
	}
	if len(h.Tickets) == 0 {
		return Held{}, ErrUnknown
	}
	slices.SortStableFunc(h.Tickets, func(a, b Ticket) int { return cmp.Compare(a.Date, b.Date) })
	return h, nil
}

// browsers are the push services of the browsers that follow a ticket. The
// addresses themselves would let whoever reads them send.
func (s *Subjects) browsers(ctx context.Context, key ticketKey) ([]string, error) {
	all, err := s.people.Subscriptions(ctx, key.office, key.ticket)
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, one := range all {
		if at, err := url.Parse(one.Endpoint); err == nil {
			hosts = append(hosts, at.Host)
		}
	}
	return hosts, nil
}

// ticket is what the office knows of one; false if nothing, or no longer.
func (s *Subjects) ticket(ctx context.Context, key ticketKey) (t Ticket, known bool, err error) {
	t = Ticket{Office: key.office, Ticket: key.ticket, Code: s.ring.Code(key.office, key.ticket)}
	office, err := s.offices.Office(ctx, key.office)
	if errors.Is(err, ledger.ErrNoOffice) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("open %s: %w", key.office, err)
	}
	office.Read(func(state *queue.State) {
		t.OfficeName = state.Config.Name
		q := state.Tickets[key.ticket]
		if known = q != nil; !known {
			return
		}
		zone := state.Config.Calendar().Zone()
		here := func(at time.Time) *time.Time {
			if at.IsZero() {
				return nil
			}
			at = at.In(zone)
			return &at
		}
		t.Number, t.Service, t.Status, t.Lane, t.Date = q.Number, q.Service, string(q.Status), string(q.Lane), string(q.Date)
		t.Made, t.Arrived, t.Ended, t.Erased = here(q.Made), here(q.Arrived), here(q.Ended), here(q.Erased)
		t.Fee, t.PickupFrom = q.Fee, string(q.PickupFrom)
		if q.Slot != nil {
			t.Slot = here(q.Slot.Start)
		}
	})
	return t, known, nil
}

// readTogether is how many entries of a log are asked for at once.
const readTogether = 1000

// tell adds what the logs say of the tickets. Who of the staff acted is theirs:
// it stays out of what is handed over.
func (s *Subjects) tell(ctx context.Context, h Held) error {
	for office, tickets := range h.byOffice() {
		story, err := s.story(ctx, office, tickets)
		if err != nil {
			return err
		}
		var told map[string][]Notice
		if s.notices != nil {
			if told, err = s.notices(ctx, office, tickets); err != nil {
				return err
			}
		}
		for i := range h.Tickets {
			if t := &h.Tickets[i]; t.Office == office {
				t.History, t.Notices = story[t.Ticket], told[t.Ticket]
			}
		}
	}
	return nil
}

// story reads only the events that name the tickets, and the configuration:
// a log may hold a year, a person a few lines of it.
func (s *Subjects) story(ctx context.Context, office string, tickets []string) (map[string][]Line, error) {
	var tellers [len(trace.Languages)]*trace.Teller
	all := map[string][]Line{}
	err := s.entries(ctx, office, func(e ledger.Entry) error {
		about := bytes.Contains(e.Data, []byte(`"office_configured"`))
		for _, id := range tickets {
			about = about || bytes.Contains(e.Data, []byte(`"`+id+`"`))
		}
		if !about {
			return nil
		}
		event, err := queue.Decode(e.Data)
		if err != nil {
			return nil // of a newer release: told by that
		}
		if event.By != "applicant" && event.By != "system" {
			event.By = ""
		}
		var told [len(trace.Languages)][]trace.Line
		for i, lang := range trace.Languages {
			if tellers[i] == nil {
				config, err := s.config(ctx, office, e)
				if err != nil {
					return err
				}
				tellers[i] = trace.New(office, lang, config)
			}
			told[i] = tellers[i].Tell(e.Version, event)
		}
		for i, line := range told[0] {
			if slices.Contains(tickets, line.Ticket) {
				all[line.Ticket] = append(all[line.Ticket], Line{At: line.At, ID: line.Text, EN: told[1][i].Text})
			}
		}
		return nil
	})
	return all, err
}

// config is what the office is like now, when the beginning of its log is gone.
func (s *Subjects) config(ctx context.Context, id string, first ledger.Entry) (config *queue.Config, err error) {
	if first.Version == 1 {
		return nil, nil
	}
	office, err := s.offices.Office(ctx, id)
	if err == nil {
		office.Read(func(state *queue.State) { config = state.Config })
	}
	return config, err
}

// entries reads an office's whole log.
func (s *Subjects) entries(ctx context.Context, id string, do func(ledger.Entry) error) error {
	office, err := s.offices.Office(ctx, id)
	if errors.Is(err, ledger.ErrNoOffice) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", id, err)
	}
	for after := uint64(0); ; {
		entries, err := office.Events(ctx, after, readTogether)
		if err != nil {
			return fmt.Errorf("read the log of %s: %w", id, err)
		}
		if len(entries) == 0 {
			return nil
		}
		for _, e := range entries {
			if err := do(e); err != nil {
				return err
			}
		}
		after = entries[len(entries)-1].Version
	}
}
