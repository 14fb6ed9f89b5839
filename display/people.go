package display

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/subject"
)

// A person is named in the body of a request: what stands in an address ends in
// logs. Who looked, and at which tickets, is an event of the office.

func (a *App) showPerson(c *fiber.Ctx, who staff.Session) error {
	var q subject.Query
	if err := decode(c, &q); err != nil {
		return err
	}
	held, err := a.subjects().Show(c.UserContext(), actorOf(who), q)
	return a.answerPerson(c, who, "shown", held, err)
}

func (a *App) reportPerson(c *fiber.Ctx, who staff.Session) error {
	var q subject.Query
	if err := decode(c, &q); err != nil {
		return err
	}
	held, err := a.subjects().Report(c.UserContext(), actorOf(who), q)
	return a.answerPerson(c, who, "reported", held, err)
}

// erasePerson forgets a person; with cancel also one who is still expected.
func (a *App) erasePerson(c *fiber.Ctx, who staff.Session) error {
	var body struct {
		NIK    string `json:"nik"`
		Code   string `json:"code"`
		Ticket string `json:"ticket"`
		Office string `json:"office"`
		Cancel bool   `json:"cancel"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	q := subject.Query{NIK: body.NIK, Code: body.Code, Ticket: body.Ticket, Office: body.Office}
	done, err := a.subjects().Erase(c.UserContext(), actorOf(who), q, body.Cancel)
	a.names.forget()
	return a.answerPerson(c, who, "erased", done, err)
}

// listBreach lists whom to tell of a breach.
func (a *App) listBreach(c *fiber.Ctx, who staff.Session) error {
	var body struct {
		Since  *time.Time `json:"since"`
		Until  *time.Time `json:"until"`
		Office string     `json:"office"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Since == nil {
		return invalidField("since", "required")
	}
	until := time.Time{}
	if body.Until != nil {
		until = *body.Until
	}
	breach, err := a.subjects().Breach(c.UserContext(), actorOf(who), *body.Since, until, body.Office)
	return a.answerPerson(c, who, "listed", breach, err)
}

func (a *App) subjects() *subject.Subjects { return subject.New(a.Offices, a.Vault, a.Ring, a.Notices) }

// answerPerson also writes down the looks that no office's log holds, because
// nobody was found.
func (a *App) answerPerson(c *fiber.Ctx, who staff.Session, what string, answer any, err error) error {
	a.Log.Info("personal data", "act", what, "user", nameOf(who), "done", err == nil)
	var wrong *subject.Invalid
	switch {
	case errors.Is(err, subject.ErrUnknown):
		return notFound("person")
	case errors.As(err, &wrong):
		return invalidField(wrong.Field, wrong.Reason)
	case err != nil:
		return err
	}
	return c.JSON(answer)
}

func actorOf(who staff.Session) queue.Actor {
	return queue.Actor{Name: nameOf(who), Anywhere: isAdministrator(who)}
}
