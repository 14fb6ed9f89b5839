package display

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
	"antrean/static"
)

// tokensPage lists the API tokens.
func (a *App) tokensPage(c *fiber.Ctx, who staff.Session) error {
	return a.showTokens(c, who, static.TokenForm{Days: strconv.Itoa(tokenDays), Scopes: scopesTicked(nil)}, "", refusal{status: fiber.StatusOK})
}

func scopesTicked(on []string) []static.Tick {
	var all []static.Tick
	for _, scope := range staff.Scopes() {
		all = append(all, static.Tick{ID: scope})
	}
	return ticked(all, on)
}

func (a *App) showTokens(c *fiber.Ctx, who staff.Session, form static.TokenForm, secret string, wrong refusal) error {
	p := static.TokensPage{Form: form, Secret: secret}
	var err error
	if p.AdminShell, err = a.adminShell(c, who, "", "tokens"); err != nil {
		return err
	}
	p.Path, p.Problem, p.Form.Errors, p.Again = "/admin/tokens", wrong.problem, wrong.others(), a.again(who, wrong)
	offices, zone, err := a.officeNames(c.UserContext())
	if err != nil {
		return err
	}
	if p.Form.Offices == nil {
		p.Form.Offices = ticked(offices, nil)
	}
	tokens, err := a.Staff.Tokens(c.UserContext())
	if err != nil {
		return err
	}
	for _, t := range tokens {
		line := static.TokenLine{ID: t.ID, Name: t.Name, By: t.By, Scopes: t.Scopes, Offices: namesOf(offices, t.Offices), Created: t.Created.In(zone), Expires: t.Expires.In(zone), Suspended: t.Suspended}
		if !t.Used.IsZero() {
			used := t.Used.In(zone)
			line.Used = &used
		}
		p.Tokens = append(p.Tokens, line)
	}
	return a.page(c, wrong.status, "tokens", p)
}

// pageNewToken makes a token and shows it, this once.
func (a *App) pageNewToken(c *fiber.Ctx, who staff.Session) error {
	scopes, ids := many(c, "scope"), many(c, "office")
	days, err := strconv.Atoi(c.FormValue("days"))
	if err != nil || days == 0 {
		days = -1
	}
	secret := ""
	if err = a.sureOnPage(c, who, "add"); err == nil {
		_, secret, err = a.newToken(c, who, staff.Token{Name: c.FormValue("name"), Scopes: scopes, Offices: ids}, days)
	}
	if err != nil {
		r, ok := a.refusalOf(c, err)
		if !ok {
			return err
		}
		if said, wrong := r.errors["username"]; wrong {
			r.errors["name"] = said
		}
		offices, _, err := a.officeNames(c.UserContext())
		if err != nil {
			return err
		}
		return a.showTokens(c, who, static.TokenForm{Name: c.FormValue("name"), Days: c.FormValue("days"), Scopes: scopesTicked(scopes), Offices: ticked(offices, ids)}, "", r)
	}
	return a.showTokens(c, who, static.TokenForm{Days: strconv.Itoa(tokenDays), Scopes: scopesTicked(nil)}, secret, refusal{status: fiber.StatusOK})
}

func (a *App) pageRevokeToken(c *fiber.Ctx, who staff.Session) error {
	if err := a.Staff.RevokeToken(c.UserContext(), c.Params("token")); err != nil {
		return err
	}
	a.note("token revoked", nameOf(who), "token", c.Params("token"))
	return c.Redirect("/admin/tokens?said=token_revoked", fiber.StatusSeeOther)
}
