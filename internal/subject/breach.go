package subject

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// Breach is what a notice of a breach needs and the store knows: whose data of
// which kind lay in it while it was open. How it happened and what is done about
// it are for people to write.
type Breach struct {
	At          time.Time      `json:"at"`
	Since       time.Time      `json:"since"`
	Until       time.Time      `json:"until"`
	Offices     []string       `json:"offices"`
	People      int            `json:"people"`
	Contactable int            `json:"contactable"` // have a phone or an e-mail address
	Categories  map[string]int `json:"categories"`  // people, by kind of data
	From        *time.Time     `json:"from"`        // when the first of them were in the store while it was open
	Gone        int            `json:"gone"`        // bookings whose data were there and are erased since: nobody can be told
	Sealed      int            `json:"sealed"`      // records that do not open with this key
	Affected    []Affected     `json:"affected"`
}

// Affected is one person to be told. Their NIK is not repeated: it is not
// needed to reach them.
type Affected struct {
	Name       string    `json:"name"`
	Phone      string    `json:"phone"`
	Email      string    `json:"email"`
	Locale     string    `json:"locale"`
	Categories []string  `json:"categories"`
	From       time.Time `json:"from"`
	Offices    []string  `json:"offices"`
	Tickets    []string  `json:"tickets"` // ids
	Numbers    []string  `json:"numbers"`

	nik string
}

// String hides the person.
func (Affected) String() string { return "[person]" }

// Breach lists whose data were in the store between two moments; no office
// means all of them. That it was listed is an event of each.
func (s *Subjects) Breach(ctx context.Context, by queue.Actor, since, until time.Time, office string) (Breach, error) {
	now := s.offices.Now()
	if until.IsZero() || until.After(now) {
		until = now.Add(time.Minute) // what this moment's clocks disagree about is in the store too
	}
	switch {
	case since.IsZero() || !since.Before(now):
		return Breach{}, &Invalid{"since", "in_the_future"}
	case !since.Before(until):
		return Breach{}, &Invalid{"until", "before_since"}
	}
	offices, err := s.at(ctx, office)
	if err != nil {
		return Breach{}, err
	}
	b := Breach{At: s.now(), Since: since.UTC(), Until: earlier(until, now).UTC().Truncate(time.Second), Offices: offices, Categories: map[string]int{}, Affected: []Affected{}}
	held := map[ticketKey]bool{}
	people := map[string]*Affected{}
	b.Sealed, err = s.people.Each(ctx, func(k vault.Kept) error {
		if !slices.Contains(offices, k.Office) {
			return nil
		}
		held[ticketKey{k.Office, k.Ticket}] = true
		t, _, err := s.ticket(ctx, ticketKey{k.Office, k.Ticket})
		if err != nil {
			return err
		}
		from := k.Written
		if t.Made != nil && t.Made.Before(from) {
			from = *t.Made // sealed anew when the visit moved
		}
		if from.After(until) {
			return nil
		}
		if from.Before(since) {
			from = since
		}
		p := people[k.Person.NIK]
		if p == nil {
			p = &Affected{From: from.UTC(), nik: k.Person.NIK}
			people[k.Person.NIK] = p
		}
		p.add(k, t.Number, from.UTC())
		return nil
	})
	if err != nil {
		return Breach{}, err
	}
	for _, id := range offices {
		gone, err := s.gone(ctx, id, since, until, held)
		if err != nil {
			return Breach{}, err
		}
		b.Gone += gone
	}
	for _, p := range people {
		b.Affected = append(b.Affected, *p)
	}
	slices.SortFunc(b.Affected, func(x, y Affected) int { return cmp.Or(x.From.Compare(y.From), cmp.Compare(x.nik, y.nik)) })
	b.count()
	for _, id := range offices {
		if err := s.do(ctx, id, by, queue.LookAtPeople{What: queue.DataListed, Count: b.People}); err != nil {
			return Breach{}, err
		}
	}
	return b, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (p *Affected) add(k vault.Kept, number string, from time.Time) {
	if from.Before(p.From) {
		p.From = from
	}
	p.Name, p.Locale = cmp.Or(p.Name, k.Person.Name), cmp.Or(p.Locale, k.Person.Locale)
	p.Phone, p.Email = cmp.Or(p.Phone, k.Person.Phone), cmp.Or(p.Email, k.Person.Email)
	for kind, there := range map[string]bool{
		"name": k.Person.Name != "", "nik": k.Person.NIK != "", "phone": k.Person.Phone != "",
		"email": k.Person.Email != "", "birth_date": k.Person.Born != "" || k.Person.NIK != "", // a NIK tells it
	} {
		if there && !slices.Contains(p.Categories, kind) {
			p.Categories = append(p.Categories, kind)
		}
	}
	slices.Sort(p.Categories)
	if !slices.Contains(p.Offices, k.Office) {
		p.Offices = append(p.Offices, k.Office)
	}
	p.Tickets = append(p.Tickets, k.Ticket)
	if number != "" {
		p.Numbers = append(p.Numbers, number)
	}
}

func (b *Breach) count() {
	b.People = len(b.Affected)
	for _, p := range b.Affected {
		if p.Phone != "" || p.Email != "" {
			b.Contactable++
		}
		for _, kind := range p.Categories {
			b.Categories[kind]++
		}
	}
	if b.People > 0 {
		b.From = &b.Affected[0].From
	}
}

// gone counts the bookings of which a record lay in the store while it was open,
// and does not any more.
func (s *Subjects) gone(ctx context.Context, office string, since, until time.Time, held map[ticketKey]bool) (int, error) {
	there := map[string]bool{}
	err := s.entries(ctx, office, func(e ledger.Entry) error {
		if !bytes.Contains(e.Data, []byte(`"tickets_booked"`)) && !bytes.Contains(e.Data, []byte(`"tickets_forgotten"`)) && !bytes.Contains(e.Data, []byte(`"people_erased"`)) {
			return nil
		}
		event, err := queue.Decode(e.Data)
		if err != nil {
			return nil
		}
		switch f := event.Fact.(type) {
		case *queue.TicketsBooked:
			for _, t := range f.Tickets {
				if !event.At.After(until) && !held[ticketKey{office, t.ID}] {
					there[t.ID] = true
				}
			}
		case *queue.TicketsForgotten:
			forget(there, f.Tickets, event.At, since)
		case *queue.PeopleErased:
			forget(there, f.Tickets, event.At, since)
		}
		return nil
	})
	return len(there), err
}

// forget takes out what was gone before the breach.
func forget(there map[string]bool, tickets []string, at, since time.Time) {
	if at.Before(since) {
		for _, id := range tickets {
			delete(there, id)
		}
	}
}

// WriteCSV writes the people, one a line, for letters and messages.
func (b Breach) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"name", "phone", "email", "locale", "contactable", "categories", "from", "offices", "tickets", "numbers"}}
	for _, p := range b.Affected {
		rows = append(rows, []string{
			harmless(p.Name), p.Phone, harmless(p.Email), p.Locale, strconv.FormatBool(p.Phone != "" || p.Email != ""),
			strings.Join(p.Categories, " "), p.From.Format(time.RFC3339), strings.Join(p.Offices, " "), strings.Join(p.Tickets, " "), strings.Join(p.Numbers, " "),
		})
	}
	return out.WriteAll(rows)
}

// harmless keeps a spreadsheet from taking what an applicant typed for a
// formula. Phones are digits behind a plus.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// Summary says what the list holds, and what the law wants beside it.
func (b Breach) Summary(w io.Writer) error {
	kinds := []string{}
	for _, kind := range slices.Sorted(maps.Keys(b.Categories)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, b.Categories[kind]))
	}
	_, err := fmt.Fprintf(w, `people affected: %d, of whom %d have a phone or an e-mail address
kinds of data:   %s
lay open:        %s to %s
besides:         %d bookings whose data were erased or expired since, %d records that do not open with this key
Within 3 x 24 hours of knowing, tell these people and the authority in writing (UU 27/2022, article 46):
which data (above), when and how they were exposed, and what is done about it.
`, b.People, b.Contactable, cmp.Or(strings.Join(kinds, ", "), "none"), b.Since.Format(time.RFC3339), b.Until.Format(time.RFC3339), b.Gone, b.Sealed)
	return err
}
