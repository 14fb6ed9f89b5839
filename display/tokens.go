package display

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
)

const tokenDays = 90 // a token's life unless its maker says otherwise

func (a *App) listTokens(c *fiber.Ctx, _ staff.Session) error {
	tokens, err := a.Staff.Tokens(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"tokens": tokens})
}

// makeToken answers with the token itself, which is told nobody again.
func (a *App) makeToken(c *fiber.Ctx, who staff.Session) error {
	var body struct {
		Name    string   `json:"name"`
		Scopes  []string `json:"scopes"`
		Offices []string `json:"offices"`
		Days    int      `json:"days"`
	}
	if who.User == "" {
		return forbidden("")
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	made, token, err := a.newToken(c, who, staff.Token{Name: body.Name, Scopes: body.Scopes, Offices: body.Offices}, body.Days)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(struct {
		staff.Token
		Secret string `json:"token"`
	}{made, token})
}

// newToken makes a token of a person: a token that made others would outlive its
// own end.
func (a *App) newToken(c *fiber.Ctx, who staff.Session, t staff.Token, days int) (staff.Token, string, error) {
	if who.User == "" {
		return staff.Token{}, "", forbidden("")
	}
	if err := a.knownOffices(c, t.Offices); err != nil {
		return staff.Token{}, "", err
	}
	if days == 0 {
		days = tokenDays
	}
	if days < 1 || days > 366 {
		return staff.Token{}, "", invalidField("days", "number_range")
	}
	t.By = who.User
	made, token, err := a.Staff.NewToken(c.UserContext(), t, time.Duration(days)*24*time.Hour)
	if err != nil {
		return staff.Token{}, "", err
	}
	a.note("token made", who.User, "token", made.Name, "scopes", made.Scopes, "offices", made.Offices)
	return made, token, nil
}

func (a *App) revokeToken(c *fiber.Ctx, who staff.Session) error {
	if err := a.Staff.RevokeToken(c.UserContext(), c.Params("token")); err != nil {
		return err
	}
	a.note("token revoked", nameOf(who), "token", c.Params("token"))
	return c.SendStatus(fiber.StatusNoContent)
}
