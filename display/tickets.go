package display

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/static"
)

// ticketAnswer is a ticket as it is handed out: the only place where its token
// is written.
type ticketAnswer struct {
	ID         string         `json:"id"`
	Number     string         `json:"number"`
	Code       string         `json:"code"`
	QR         string         `json:"qr"` // what its QR code holds
	Token      string         `json:"token,omitempty"`
	URL        string         `json:"url,omitempty"`
	Service    string         `json:"service"`
	Lane       string         `json:"lane"`
	Slot       *static.Slot   `json:"slot"`
	ArriveBy   *time.Time     `json:"arrive_by"`
	Fee        int64          `json:"fee"`
	PaymentDue *time.Time     `json:"payment_due"`
	PickupFrom *time.Time     `json:"pickup_from"`
	Party      []string       `json:"party,omitempty"`    // numbers
	Warnings   []ProblemField `json:"warnings,omitempty"` // what to have a look at; nothing was refused for it
}

// links is the address that tokens are appended to.
func (a *App) links(c *fiber.Ctx) string { return a.publicURL(c, "/t/") }

func (a *App) answerTicket(links string, s *queue.State, t *queue.Ticket, party []string) ticketAnswer {
	answer := ticketAnswer{
		ID: t.ID, Number: t.Number, Code: a.Ring.Code(s.Office, t.ID), QR: a.Ring.QRCode(s.Office, t.ID),
		Token: a.Ring.Token(s.Office, t.ID, t.Link), Service: t.Service, Lane: string(t.Lane), Slot: slotOf(s, t),
		ArriveBy: moment(s, t.ArriveBy), Fee: t.Fee, PaymentDue: moment(s, t.PaymentDue), PickupFrom: dayStart(s, t.PickupFrom),
	}
	answer.URL = links + answer.Token
	if len(party) > 1 {
		answer.Party = party
	}
	return answer
}

// held is a ticket in the hands of whoever has its token.
type held struct {
	office *ledger.Office
	id     string // the office's
	ticket string
	token  string
	link   int  // the token's generation
	shows  bool // and lets nobody act
}

// mine is the word that stands for the ticket of the cookie where a path wants
// a token.
const mine = "mine"

// holder finds the ticket of the path's token, or of the cookie, for somebody
// who may act on it.
func (a *App) holder(c *fiber.Ctx) (held, error) {
	h, err := a.viewer(c)
	if err == nil && h.shows {
		return held{}, forbidden("only_shows")
	}
	return h, err
}

// viewer is holder for what only shows.
func (a *App) viewer(c *fiber.Ctx) (held, error) { return a.holderOf(c, a.tokenOf(c)) }

// ticketOf reads either kind of token.
func (a *App) ticketOf(token string) (h held, err error) {
	h.token = token
	h.id, h.ticket, h.link, err = a.Ring.ParseToken(token)
	if err != nil {
		h.shows = true
		h.id, h.ticket, h.link, err = a.Ring.ParseShowToken(token)
	}
	return h, err
}

func (a *App) tokenOf(c *fiber.Ctx) string {
	if byCookie(c) {
		return a.cookie(c, ticketCookie)
	}
	return c.Params("token")
}

// byCookie says whether the path leaves it to the cookie which ticket is meant.
func byCookie(c *fiber.Ctx) bool {
	token := c.Params("token")
	return token == "" || token == mine
}

func (a *App) holderOf(c *fiber.Ctx, token string) (held, error) {
	h, err := a.ticketOf(token)
	if err != nil {
		return held{}, err
	}
	if h.office, err = a.open(c.UserContext(), h.id); err != nil {
		return held{}, err
	}
	if h.valid() {
		return h, nil
	}
	// Made on another node a moment ago? This command changes nothing, but it is
	// refused only when the log has been read to its end.
	err = h.office.Do(c.UserContext(), order{by: applicant, request: "look-" + h.ticket}.asks(queue.Amend{Ticket: h.ticket}),
		func(*queue.State, []*queue.Event) {})
	var refusal *queue.Refusal
	if !errors.As(err, &refusal) {
		return held{}, err
	}
	if !h.valid() {
		return held{}, notFound("ticket")
	}
	return h, nil
}

// valid says whether links of the token's generation still open the ticket.
func (h held) valid() bool {
	ok := false
	h.office.Read(func(s *queue.State) {
		t := s.Tickets[h.ticket]
		ok = t != nil && t.Link == h.link
	})
	return ok
}

func (a *App) showTicket(c *fiber.Ctx) error {
	h, err := a.viewer(c)
	if err != nil {
		return err
	}
	v, ok := a.ticketView(h)
	if !ok {
		return notFound("ticket")
	}
	return c.JSON(v)
}

// ticketView is the ticket as it is now.
func (a *App) ticketView(h held) (v static.TicketView, ok bool) {
	now := a.Offices.Now()
	h.office.Read(func(s *queue.State) {
		if t := s.Tickets[h.ticket]; t != nil {
			v, ok = viewTicket(s, t, now, a.predicts.ticket(h.id, t.ID)), true
		}
	})
	if h.shows {
		v.Can = []string{}
	}
	return v, ok
}

func (a *App) checkIn(c *fiber.Ctx) error {
	var body struct {
		PlaceCode string `json:"place_code"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := a.admitCode(c, body.PlaceCode); err != nil {
		return err
	}
	return a.applicantAct(c, func(h held) queue.Ask {
		return queue.CheckIn{Ticket: h.ticket, Proof: a.isPlaceCode(h.id, body.PlaceCode)}
	})
}

func (a *App) confirm(c *fiber.Ctx) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	return a.applicantAct(c, func(h held) queue.Ask { return queue.Confirm{Ticket: h.ticket} })
}

func (a *App) cancel(c *fiber.Ctx) error {
	if err := decode(c, &struct{}{}); err != nil {
		return err
	}
	return a.applicantAct(c, a.cancels(c))
}

func (a *App) cancels(c *fiber.Ctx) func(held) queue.Ask {
	return func(h held) queue.Ask { return queue.Cancel{Ticket: h.ticket, Luck: luck(), Marks: a.giverMarks(c, h)} }
}

// applicantAct is what an applicant does with their own ticket; the answer is
// the ticket as the act left it.
func (a *App) applicantAct(c *fiber.Ctx, ask func(held) queue.Ask) error {
	if byCookie(c) && !a.SameOrigin(c) {
		return forbidden("foreign_origin")
	}
	h, err := a.holder(c)
	if err != nil {
		return err
	}
	o, err := a.orderOf(c, "public", applicant)
	if err != nil {
		return err
	}
	v, err := a.actOn(c, h, o, ask(h))
	if err != nil {
		return err
	}
	return c.JSON(v)
}

func (a *App) actOn(c *fiber.Ctx, h held, o order, ask queue.Ask) (static.TicketView, error) {
	var v static.TicketView
	err := a.do(c, h.office, o, ask, func(s *queue.State, _ []*queue.Event) {
		if t := s.Tickets[h.ticket]; t != nil {
			v = viewTicket(s, t, s.At, nil)
		}
	})
	if err != nil {
		return static.TicketView{}, err // v may still be written by an answer that comes too late
	}
	return v, nil
}
