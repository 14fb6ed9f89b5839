package display

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// booking is what an applicant asks for.
type booking struct {
	Service  string         `json:"service"`
	Slot     string         `json:"slot"` // "earliest" or a start time
	People   []bookedPerson `json:"people"`
	Locale   string         `json:"locale"`
	Standby  int            `json:"standby_minutes"`
	Priority bool           `json:"priority"`
	Notice   string         `json:"notice"` // version of the privacy notice that was shown; may be left out

	start  time.Time // of Slot; zero: the earliest
	people []vault.Person
	marks  []string // of who asks
}

type bookedPerson struct {
	Name  string `json:"name"`
	NIK   string `json:"nik"`
	Phone string `json:"phone"`
	Email string `json:"email"`
	Born  string `json:"born"` // 2006-01-02; only compared with the NIK, may be left out
}

// person is who is booked, in the form that is kept, and what is wrong.
func (p bookedPerson) person(locale string) (vault.Person, []vault.FieldError) {
	return vault.Validate(vault.Person{Name: p.Name, NIK: p.NIK, Phone: p.Phone, Email: p.Email, Locale: locale, Born: p.Born})
}

// bookTogether is how many bookings are worked on at once: enough that they
// share round trips, and few enough that thousands of them, who come when a
// quota opens, leave the processor to an officer's press.
const bookTogether = 64

// inLine lets so many bookings in, in the order in which they came.
func (a *App) inLine(c *fiber.Ctx) error {
	select {
	case a.booking <- struct{}{}:
		defer func() { <-a.booking }()
		return c.Next()
	case <-c.UserContext().Done():
		return limited(time.Second) // nothing was done yet
	}
}

// book takes places: 201 with one ticket a person.
func (a *App) book(c *fiber.Ctx) error {
	if err := a.admitBooking(c); err != nil {
		return err
	}
	office, err := a.officeOf(c)
	if err != nil {
		return err
	}
	var b booking
	if err := decode(c, &b); err != nil {
		return err
	}
	o, err := a.orderOf(c, "public", applicant)
	if err != nil {
		return err
	}
	tickets, err := a.bookPlaces(c, office, c.Params("office"), o, b)
	if err != nil {
		return err
	}
	for i := range min(len(tickets), len(b.People)) {
		person, _ := b.People[i].person(b.Locale)
		for _, id := range person.Warnings {
			tickets[i].Warnings = append(tickets[i].Warnings, ProblemField{warningField(id), a.say(a.language(c), "refusal."+id)})
		}
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"tickets": tickets})
}

// warningField is the field that a warning is about: warning.nik.born is about
// the NIK.
func warningField(id string) string {
	_, rest, _ := strings.Cut(id, ".")
	field, _, _ := strings.Cut(rest, ".")
	return field
}

// applicant acts without an account.
var applicant = queue.Actor{Name: "applicant", Public: true}

// bookPlaces books in an order that a crash may cut anywhere: claims of the
// identities, sealed records, then the event. A retry with the same key derives
// the same ticket ids and completes it; without one, whoever meets the claim
// fences the ticket that never came to be. A retry that comes after that starts
// anew, with the next ids of its key.
func (a *App) bookPlaces(c *fiber.Ctx, office *ledger.Office, id string, o order, b booking) ([]ticketAnswer, error) {
	if wrong := b.check(office); wrong != nil {
		// What was right the first time stays answered, whatever the office has
		// configured since. Nobody's ticket has this id.
		var tickets []ticketAnswer
		links := a.links(c)
		if o.answeredAt(office) && a.do(c, office, o, queue.Amend{}, func(s *queue.State, events []*queue.Event) { tickets = a.booked(links, s, events) }) == nil {
			return tickets, nil
		}
		return nil, wrong
	}
	b.marks = a.marks(c, office, id, phonesOf(b.people)...)
	for range claimRounds {
		ids := a.idsOf(office, id, o, len(b.people))
		tickets, err := a.bookAs(c, office, id, o, b, ids)
		if !errors.Is(err, errTaken) {
			return tickets, err
		}
		if !fenced(office, ids) { // booked, so long ago that the answer is forgotten
			return nil, conflict(queue.AlreadyBooked, "ticket_exists")
		}
	}
	return nil, limited(time.Second)
}

// errTaken says that the ids of tickets to be are used or fenced.
var errTaken = errors.New("the ticket ids are taken")

// idsOf are the ids of an order's tickets to be: the first of its key that are
// not fenced, as far as this node knows.
func (a *App) idsOf(office *ledger.Office, id string, o order, people int) []string {
	ids := make([]string, people)
	for try := 0; ; try++ {
		request := o.request
		if try > 0 {
			request = fmt.Sprintf("%s/%d", o.request, try)
		}
		for i := range ids {
			ids[i] = a.Ring.TicketID(id, request, i)
		}
		if !fenced(office, ids) {
			return ids
		}
	}
}

func fenced(office *ledger.Office, ids []string) (yes bool) {
	office.Read(func(s *queue.State) { yes = slices.ContainsFunc(ids, s.Fenced) })
	return yes
}

// bookAs books tickets of these ids, or returns errTaken.
func (a *App) bookAs(c *fiber.Ctx, office *ledger.Office, id string, o order, b booking, ids []string) (tickets []ticketAnswer, err error) {
	ctx := c.UserContext()
	links := a.links(c)
	answer := func(s *queue.State, events []*queue.Event) { tickets = a.booked(links, s, events) }
	places := 1
	office.Read(func(s *queue.State) { places = max(places, s.Config.Booking.PerIdentity) })
	seen, _ := office.Confirmed()
	keep, why := b.plan(office, o, ids, a.Offices.Now())
	planned := why
	if why == nil && keep > 0 {
		if err := a.admitPeople(c, b); err != nil {
			return nil, err
		}
		why = a.claim(ctx, id, ids, b.people, places)
	}
	if why != nil {
		// Our own view may be behind the log. This command is refused for
		// certain, unless it is a repetition: then it has its first answer.
		err := a.do(c, office, o, queue.Amend{Ticket: ids[0]}, answer)
		var refusal *queue.Refusal
		switch {
		case err == nil:
			return tickets, nil
		case !errors.As(err, &refusal) || refusal.Field == keyHeader:
			return nil, err
		}
		if now, _ := office.Confirmed(); planned != nil && now == seen {
			return nil, planned // which the log has just confirmed
		}
		if keep, why = b.plan(office, o, ids, a.Offices.Now()); why != nil {
			return nil, why
		}
		if err := a.claim(ctx, id, ids, b.people, places); err != nil {
			return nil, err
		}
	}
	if keep > 0 { // not a repetition
		for i, person := range b.people {
			if err := a.Vault.Put(ctx, id, ids[i], person, keep); err != nil {
				return nil, err
			}
		}
	}
	err = a.do(c, office, o, queue.Book{
		Service: b.Service, Slot: b.start, IDs: ids, Priority: b.Priority, Locale: b.Locale, Standby: b.Standby, Marks: b.marks, Notice: b.Notice,
	}, answer)
	var refusal *queue.Refusal
	if errors.As(err, &refusal) {
		if refusal.Detail == "ticket_exists" {
			return nil, errTaken
		}
		if keep > 0 {
			a.forget(ctx, id, o, ids)
		}
	}
	if err != nil {
		return nil, err // tickets may still be written by an answer that comes too late
	}
	return tickets, nil
}

// forget erases the records of a refused booking. Another try of its key may be
// under way with the same ids: fenced, they are no longer that try's.
func (a *App) forget(ctx context.Context, office string, o order, ids []string) {
	for _, id := range ids {
		if o.key != "" {
			if active, err := a.fence(ctx, vault.Holder{Office: office, Ticket: id}); err != nil || active {
				continue // the other try has booked it, or the sweep erases it
			}
		}
		if err := a.Vault.Erase(ctx, office, id); err != nil {
			a.Log.Warn("the record of a refused booking stays until it is swept", "office", office, "error", err)
		}
	}
}

// check says what is wrong with a booking before anything is looked up.
func (b *booking) check(office *ledger.Office) error {
	var wrong []fault
	most, known := 0, false
	office.Read(func(s *queue.State) {
		most = s.Config.Booking.PartyMax
		_, known = s.Config.Service(b.Service)
	})
	switch {
	case b.Service == "":
		wrong = append(wrong, fault{field: "service", reason: "required"})
	case !known:
		wrong = append(wrong, fault{field: "service", reason: "unknown_service"})
	}
	if b.Slot != "" && b.Slot != "earliest" {
		start, err := time.Parse(time.RFC3339, b.Slot)
		if err != nil || start.IsZero() {
			wrong = append(wrong, fault{field: "slot", reason: "slot_format"})
		}
		b.start = start
	}
	if b.Standby < 0 || b.Standby > 24*60 {
		wrong = append(wrong, fault{field: "standby_minutes", reason: "number_range"})
	}
	if len(b.People) == 0 || len(b.People) > most {
		return invalid(append(wrong, fault{field: "people", reason: "party_size"})...)
	}
	b.people = make([]vault.Person, len(b.People))
	seen := map[string]bool{}
	for i, p := range b.People {
		person, faults := p.person(b.Locale)
		b.people[i] = person
		for _, f := range faults {
			field := fmt.Sprintf("people[%d].%s", i, f.Field)
			if f.Field == "locale" {
				if i > 0 {
					continue
				}
				field = "locale"
			}
			wrong = append(wrong, fault{field: field, reason: f.ID})
		}
		if seen[person.NIK] && person.NIK != "" {
			wrong = append(wrong, fault{field: fmt.Sprintf("people[%d].nik", i), reason: "same_person"})
		}
		seen[person.NIK] = true
	}
	if len(wrong) > 0 {
		return invalid(wrong...)
	}
	return nil
}

// plan looks at the office as far as this node knows it: how long the personal
// records are to be kept, 0 if this is a repetition, or why there is no place.
func (b *booking) plan(office *ledger.Office, o order, ids []string, now time.Time) (keep time.Duration, why error) {
	office.Read(func(s *queue.State) {
		if was, repeated := s.Answered[o.key]; repeated && o.key != "" && now.Sub(was.At) <= queue.AnswersKept {
			return
		}
		for _, id := range ids {
			if s.Tickets[id] != nil || s.Fenced(id) {
				why = errTaken
				return
			}
		}
		service, ok := s.Config.Service(b.Service)
		if !ok {
			why = invalidField("service", "unknown_service")
			return
		}
		until := b.start
		if b.start.IsZero() {
			p, ok := s.EarliestPlaceFor(b.marks, b.lane(), service, s.Today(now), len(ids), now)
			if !ok {
				why = conflict(queue.SlotFull, "nothing_free")
				return
			}
			until = p.End
		} else if full(s, service, b, len(ids), now) {
			why = conflict(queue.SlotFull, "slot_full")
			return
		}
		keep = keepFor(s, service, until, now)
	})
	return keep, why
}

// lane is the one in which the people of a booking will wait.
func (b *booking) lane() queue.Lane {
	if b.Priority {
		return queue.Priority
	}
	return queue.Appointment
}

// full says whether the slot exists and has no room; what is wrong otherwise
// is the office's to say.
func full(s *queue.State, service *queue.Service, b *booking, people int, now time.Time) bool {
	for _, p := range s.PlacesFor(b.marks, service, s.Today(b.start), now) {
		if p.Start.Equal(b.start) {
			return p.FreeFor(b.lane()) < people
		}
	}
	return false
}

// booked answers a booking from its event alone, so that a repetition says the
// same whatever has become of the tickets.
func (a *App) booked(links string, s *queue.State, events []*queue.Event) []ticketAnswer {
	var all []ticketAnswer
	for _, e := range events {
		if f, ok := e.Fact.(*queue.TicketsBooked); ok {
			numbers := []string{}
			for _, t := range f.Tickets {
				numbers = append(numbers, t.Number)
			}
			for _, t := range f.Tickets {
				all = append(all, a.answerTicket(links, s, t, numbers))
			}
		}
	}
	return all
}
