package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/staff"
)

type tokenCommand struct {
	Make tokenMake `cmd:"" help:"Make a token for another program; it is printed this once."`
	List tokenList `cmd:"" help:"List the tokens that have not ended."`
	End  tokenEnd  `cmd:"" help:"End a token at once."`
}

const tokenDaysMax = 366

type tokenMake struct {
	logFlags
	Name   string   `arg:"" help:"What uses it, such as sistem-pusat."`
	Scope  []string `required:"" help:"What it may: queue, log, kiosk, desk, serve, call-chosen, take-over, supervise, devices, configure, backup, people or accounts." placeholder:"SCOPE"`
	Office []string `help:"Where; every office, and what concerns all of them, otherwise." placeholder:"ID"`
	Days   int      `help:"How long it lives, 366 at most." default:"90" placeholder:"N"`
}

func (c tokenMake) Run(p *process) error {
	for _, s := range c.Scope {
		if !slices.Contains(staff.Scopes(), s) {
			return misused("--scope %q is not allowed (%s)", s, strings.Join(staff.Scopes(), ", "))
		}
	}
	if c.Days < 1 || c.Days > tokenDaysMax {
		return misused("--days %d is not allowed (1 to %d)", c.Days, tokenDaysMax)
	}
	return withTokens(p, c.logFlags, func(ctx context.Context, to tokens) error {
		made, secret, err := to.Make(ctx, staff.Token{Name: c.Name, Scopes: c.Scope, Offices: c.Office}, c.Days)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.err, "The token of %s, until %s; keep it now, it is not shown again:\n", made.Name, made.Expires.Local().Format(time.DateOnly))
		_, err = fmt.Fprintln(p.out, secret)
		return err
	})
}

type tokenList struct{ logFlags }

func (c tokenList) Run(p *process) error {
	return withTokens(p, c.logFlags, func(ctx context.Context, from tokens) error {
		all, err := from.List(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(p.out, 0, 8, 2, ' ', 0)
		for _, t := range all {
			offices, used := strings.Join(t.Offices, ","), "-"
			if offices == "" {
				offices = "-"
			}
			if !t.Used.IsZero() {
				used = t.Used.Local().Format(time.DateOnly)
			}
			end := "ends " + t.Expires.Local().Format(time.DateOnly)
			if t.Suspended {
				end = "opens nothing: " + t.By + " administers no more"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\tby %s\tused %s\t%s\n", t.ID, t.Name, strings.Join(t.Scopes, ","), offices, t.By, used, end)
		}
		return table.Flush()
	})
}

type tokenEnd struct {
	logFlags
	ID string `arg:"" name:"id" help:"Its id or name, as in the list."`
}

func (c tokenEnd) Run(p *process) error {
	return withTokens(p, c.logFlags, func(ctx context.Context, of tokens) error {
		all, err := of.List(ctx)
		if err != nil {
			return err
		}
		var meant []staff.Token
		for _, t := range all {
			if t.ID == c.ID {
				meant = []staff.Token{t}
				break
			}
			if t.Name == strings.ToLower(c.ID) {
				meant = append(meant, t)
			}
		}
		switch len(meant) {
		case 0:
			return misused("there is no token %q (antrean token list)", c.ID)
		case 1:
			return of.End(ctx, meant[0].ID)
		}
		return misused("%d tokens are called %q: give the id (antrean token list)", len(meant), c.ID)
	})
}

// tokens are where tokens are kept: in the store, or behind a server.
type tokens interface {
	Make(ctx context.Context, t staff.Token, days int) (staff.Token, string, error)
	List(ctx context.Context) ([]staff.Token, error)
	End(ctx context.Context, id string) error
}

// withTokens opens a store that exists, or asks the server that has it.
func withTokens(p *process, f logFlags, do func(context.Context, tokens) error) error {
	if f.URL != "" {
		r, err := f.dial(p.ctx)
		if err != nil {
			return err
		}
		return do(p.ctx, remoteTokens{r})
	}
	if err := f.existing(); err != nil {
		return err
	}
	s, err := f.open(p.ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(ofStaff(do(p.ctx, localTokens{s})), s.close())
}

// localTokens are the tokens of a store.
type localTokens struct{ *store }

func (l localTokens) staff() *staff.Staff { return staff.New(l.records, l.ring, time.Now) }

func (l localTokens) Make(ctx context.Context, t staff.Token, days int) (staff.Token, string, error) {
	if err := l.knowsOffices(ctx, t.Offices); err != nil {
		return staff.Token{}, "", err
	}
	t.By = staff.Console
	return l.staff().NewToken(ctx, t, time.Duration(days)*24*time.Hour)
}

func (l localTokens) List(ctx context.Context) ([]staff.Token, error) { return l.staff().Tokens(ctx) }
func (l localTokens) End(ctx context.Context, id string) error {
	return l.staff().RevokeToken(ctx, id)
}

// knowsOffices refuses an office that the store does not have. One that was never
// served has none yet: any name goes.
func (s *store) knowsOffices(ctx context.Context, offices []string) error {
	known, err := ledger.New(s.log, s.records, ledger.Options{}).IDs(ctx)
	if err != nil {
		return err
	}
	for _, id := range offices {
		if len(known) > 0 && !slices.Contains(known, id) {
			return misused("there is no office %q (%s)", id, strings.Join(known, ", "))
		}
	}
	return nil
}

// remoteTokens are the tokens of a running server.
type remoteTokens struct{ *remote }

func (r remoteTokens) Make(ctx context.Context, t staff.Token, days int) (staff.Token, string, error) {
	var made struct {
		staff.Token
		Secret string `json:"token"`
	}
	body := map[string]any{"name": t.Name, "scopes": t.Scopes, "offices": append([]string{}, t.Offices...), "days": days}
	err := r.send(ctx, http.MethodPost, "/api/v1/tokens", body, &made)
	return made.Token, made.Secret, err
}

func (r remoteTokens) List(ctx context.Context) ([]staff.Token, error) {
	var answer struct {
		Tokens []staff.Token `json:"tokens"`
	}
	err := r.get(ctx, "/api/v1/tokens", &answer)
	return answer.Tokens, err
}

func (r remoteTokens) End(ctx context.Context, id string) error {
	return r.send(ctx, http.MethodDelete, "/api/v1/tokens/"+url.PathEscape(id), nil, nil)
}
