package display

import (
	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
)

func (a *App) listUsers(c *fiber.Ctx, _ staff.Session) error {
	accounts, err := a.Staff.List(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"users": append([]staff.Account{}, accounts...)})
}

func (a *App) addUser(c *fiber.Ctx, who staff.Session) error {
	// The contract names none of these fields: the session's word for a person
	// (username) and the account's (name) are both understood, as are one role
	// or office and several.
	var body struct {
		Name     string       `json:"name"`
		Username string       `json:"username"`
		Password string       `json:"password"`
		PIN      string       `json:"pin"`
		Role     staff.Role   `json:"role"`
		Roles    []staff.Role `json:"roles"`
		Office   string       `json:"office"`
		Offices  []string     `json:"offices"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Username == "" {
		body.Username = body.Name
	}
	if body.Role != "" {
		body.Roles = append(body.Roles, body.Role)
	}
	if body.Office != "" {
		body.Offices = append(body.Offices, body.Office)
	}
	if err := a.knownOffices(c, body.Offices); err != nil {
		return err
	}
	if body.PIN != "" { // before there is an account without it
		if err := staff.CheckPIN(body.PIN); err != nil {
			return err
		}
	}
	account := staff.Account{Name: body.Username, Roles: body.Roles, Offices: body.Offices}
	if err := a.Staff.Add(c.UserContext(), account, body.Password); err != nil {
		return err
	}
	a.note("account made", body.Username, "roles", body.Roles, "by", nameOf(who))
	if body.PIN != "" {
		if err := a.Staff.SetPIN(c.UserContext(), body.Username, body.PIN); err != nil {
			return err
		}
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"name": body.Username, "roles": body.Roles, "offices": append([]string{}, body.Offices...)})
}

func (a *App) setPassword(c *fiber.Ctx, who staff.Session) error {
	var body struct {
		Password string `json:"password"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := a.Staff.SetPassword(c.UserContext(), c.Params("name"), body.Password); err != nil {
		return err
	}
	a.note("password set", c.Params("name"), "by", nameOf(who))
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *App) setPIN(c *fiber.Ctx, who staff.Session) error {
	var body struct {
		PIN string `json:"pin"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := a.Staff.SetPIN(c.UserContext(), c.Params("name"), body.PIN); err != nil {
		return err
	}
	a.note("PIN set", c.Params("name"), "by", nameOf(who))
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *App) removeUser(c *fiber.Ctx, who staff.Session) error {
	if err := a.Staff.Remove(c.UserContext(), c.Params("name")); err != nil {
		return err
	}
	a.note("account removed", c.Params("name"), "by", nameOf(who))
	return c.SendStatus(fiber.StatusNoContent)
}

// knownOffices names the field when an account or token would be for an office
// that is not there.
func (a *App) knownOffices(c *fiber.Ctx, ids []string) error {
	for _, id := range ids {
		if _, err := a.open(c.UserContext(), id); err != nil {
			if classify(err).status == fiber.StatusNotFound {
				return invalidField("offices", "office")
			}
			return err
		}
	}
	return nil
}

func (a *App) setRoles(c *fiber.Ctx, who staff.Session) error {
	var body struct {
		Roles   []staff.Role `json:"roles"`
		Offices []string     `json:"offices"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := a.changeRoles(c, who, c.Params("name"), body.Roles, body.Offices); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *App) changeRoles(c *fiber.Ctx, who staff.Session, name string, roles []staff.Role, offices []string) error {
	if err := a.knownOffices(c, offices); err != nil {
		return err
	}
	if err := a.Staff.SetRoles(c.UserContext(), name, roles, offices); err != nil {
		return err
	}
	a.note("roles changed", name, "roles", roles, "offices", offices, "by", nameOf(who))
	return nil
}

// removeFactor is for somebody who has lost their phone and their codes.
func (a *App) removeFactor(c *fiber.Ctx, who staff.Session) error {
	if err := a.Staff.RemoveFactor(c.UserContext(), c.Params("name")); err != nil {
		return err
	}
	a.note("second factor removed", c.Params("name"), "by", nameOf(who))
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *App) listSignIns(c *fiber.Ctx, _ staff.Session) error {
	all, err := a.Staff.SignIns(c.UserContext(), c.Params("name"))
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"sessions": all})
}

// endSignIns ends all sessions of an account, but the one that asks.
func (a *App) endSignIns(c *fiber.Ctx, who staff.Session) error {
	if err := a.Staff.EndSignIns(c.UserContext(), c.Params("name"), who.ID); err != nil {
		return err
	}
	a.note("sessions ended", c.Params("name"), "by", nameOf(who))
	return c.SendStatus(fiber.StatusNoContent)
}
