package display

import (
	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
)

// once gives a repetition the first success's answer where no office's log
// remembers it. A crash between the deed and its record leaves a repetition to
// be refused, as one without a key would be.
func (a *App) once(handle func(*fiber.Ctx, staff.Session) error) func(*fiber.Ctx, staff.Session) error {
	return func(c *fiber.Ctx, who staff.Session) error {
		o, err := a.orderOf(c, visit{who: who}.scope(), actorOf(who))
		if err != nil {
			return err
		}
		if o.key == "" {
			return handle(c, who)
		}
		first, known, err := a.Staff.Answered(c.UserContext(), o.key)
		switch {
		case err != nil:
			return err
		case known && first.Request != o.body:
			return invalidField(keyHeader, "key_reused")
		case known:
			if first.Kind != "" {
				c.Set(fiber.HeaderContentType, first.Kind)
			}
			return c.Status(first.Status).Send(first.Body)
		}
		if err := handle(c, who); err != nil {
			return err
		}
		answer := staff.Answer{Request: o.body, Status: c.Response().StatusCode(), Body: c.Response().Body()}
		if len(answer.Body) > 0 {
			answer.Kind = string(c.Response().Header.ContentType())
		}
		return a.Staff.KeepAnswer(c.UserContext(), o.key, answer)
	}
}
