package display

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// correction is what was typed wrong: a field that is nil stays as it is. The
// NIK stays whatever happens: the place, and the claim that nobody has two,
// belong to that identity, so that who booked under a wrong one cancels and
// books anew.
type correction struct {
	Name  *string `json:"name"`
	Phone *string `json:"phone"`
	Email *string `json:"email"`
}

// correct changes the name, phone or e-mail that a ticket's sealed record
// holds. The log says that they were corrected, and nothing of them.
func (a *App) correct(c *fiber.Ctx, v visit) error {
	var body correction
	if err := decode(c, &body); err != nil {
		return err
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	id := c.Params("ticket")
	if err := a.correctPerson(c, v, o, id, body); err != nil {
		return err
	}
	f, err := a.person(c, v, id)
	if err != nil {
		return err
	}
	return c.JSON(f)
}

// correctPerson writes the event, then the fields of the record, as it is then:
// what was refused changes nothing, and what another desk corrects meanwhile
// stays. Should the record's turn fail, the outcome is unknown and the
// repetition, with the same key, writes it; one that comes after a later
// correction writes nothing any more. A person who is erased in the same moment
// does not come back.
func (a *App) correctPerson(c *fiber.Ctx, v visit, o order, id string, to correction) error {
	was, err := a.Vault.Get(c.UserContext(), v.id, id)
	if errors.Is(err, ledger.ErrAbsent) || errors.Is(err, vault.ErrSealed) {
		known := false
		v.office.Read(func(s *queue.State) { known = s.Tickets[id] != nil })
		switch {
		case !known:
			return notFound("ticket")
		case a.remembered(c, v, o):
			return nil // corrected, and erased since
		}
		return conflict(queue.WrongState, "no_person")
	}
	if err != nil {
		return err
	}
	person, fields, err := to.of(was)
	if err != nil {
		return err
	}
	var at time.Time
	repeated := o.answeredAt(v.office)
	err = a.do(c, v.office, o, queue.CorrectPerson{Ticket: id, Fields: fields}, func(s *queue.State, events []*queue.Event) {
		for _, e := range events {
			at = e.At
		}
	})
	if err != nil || len(fields) == 0 {
		return err
	}
	var keep time.Duration
	now := a.Offices.Now()
	v.office.Read(func(s *queue.State) {
		t := s.Tickets[id]
		if t == nil || repeated && t.Corrected.After(at) || !t.Erased.IsZero() {
			return
		}
		if service, ok := s.Config.Service(t.Service); ok {
			until := now
			if t.Slot != nil && t.Slot.End.After(until) {
				until = t.Slot.End
			}
			keep = keepFor(s, service, until, now)
		}
	})
	if keep == 0 {
		return nil
	}
	defer a.names.forget()
	return a.Vault.Change(c.UserContext(), v.id, id, keep, func(now *vault.Person) {
		for _, field := range fields {
			switch field {
			case "name":
				now.Name = person.Name
			case "phone":
				now.Phone = person.Phone
			case "email":
				now.Email = person.Email
			}
		}
	})
}

// of is the person with what is corrected, and which fields that changes.
func (to correction) of(was vault.Person) (vault.Person, []string, error) {
	person, faults := was, []fault{}
	warnings := was.Warnings // compared with a birth date that is not corrected here
	set := func(field *string, typed *string) {
		if typed != nil {
			*field = *typed
		}
	}
	set(&person.Name, to.Name)
	set(&person.Phone, to.Phone)
	set(&person.Email, to.Email)
	person, wrong := vault.Validate(person)
	person.Warnings = warnings
	var fields []string
	for _, f := range []struct {
		name    string
		changed bool
	}{{"name", person.Name != was.Name}, {"phone", person.Phone != was.Phone}, {"email", person.Email != was.Email}} {
		if f.changed {
			fields = append(fields, f.name)
		}
	}
	for _, w := range wrong {
		if w.Field == "name" || w.Field == "phone" || w.Field == "email" {
			faults = append(faults, fault{field: w.Field, reason: w.ID})
		}
	}
	if len(faults) > 0 {
		return person, nil, invalid(faults...)
	}
	return person, fields, nil
}
