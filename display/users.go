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

func (a *App) addUser(c *fiber.Ctx, _ staff.Session) error {
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
	for _, id := range body.Offices {
		if _, err := a.open(c.UserContext(), id); err != nil {
			if classify(err).status == fiber.StatusNotFound {
				return invalidField("offices", "office")
			}
			return err
		}
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
	if body.PIN != "" {
		if err := a.Staff.SetPIN(c.UserContext(), body.Username, body.PIN); err != nil {
			return err
		}
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"name": body.Username, "roles": body.Roles, "offices": append([]string{}, body.Offices...)})
}

func (a *App) setPassword(c *fiber.Ctx, _ staff.Session) error {
	var body struct {
		Password string `json:"password"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := a.Staff.SetPassword(c.UserContext(), c.Params("name"), body.Password); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *App) setPIN(c *fiber.Ctx, _ staff.Session) error {
	var body struct {
		PIN string `json:"pin"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := a.Staff.SetPIN(c.UserContext(), c.Params("name"), body.PIN); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *App) removeUser(c *fiber.Ctx, _ staff.Session) error {
	if err := a.Staff.Remove(c.UserContext(), c.Params("name")); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
