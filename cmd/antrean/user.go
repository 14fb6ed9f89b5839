package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"antrean/internal/staff"
)

type userCommand struct {
	Add    userAdd    `cmd:"" help:"Make an account."`
	Passwd userPasswd `cmd:"" help:"Set a password; every session of the account ends."`
	List   userList   `cmd:"" help:"List the accounts."`
	Remove userRemove `cmd:"" help:"Remove an account; every session of it ends."`
	Reset  userReset  `cmd:"" name:"reset-totp" help:"Remove the second factor of somebody who has lost their phone and recovery codes."`
}

type userAdd struct {
	logFlags
	Name          string   `arg:"" help:"User name."`
	Role          []string `required:"" help:"administrator, supervisor, officer, desk or kiosk."`
	Office        []string `help:"Where; administrators act everywhere." placeholder:"ID"`
	PasswordStdin bool     `help:"Read the password from standard input."`
}

func (c userAdd) Run(p *process) error {
	account := staff.Account{Name: c.Name, Offices: c.Office}
	for _, text := range c.Role {
		role, err := staff.ParseRole(text)
		if err != nil {
			return misuse{err}
		}
		account.Roles = append(account.Roles, role)
	}
	if len(c.Office) == 0 && !slices.Contains(account.Roles, staff.Administrator) {
		return misused("where does %s work? --office ID (only administrators act everywhere)", c.Name)
	}
	if c.URL != "" {
		return withAccounts(p, c.logFlags, func(ctx context.Context, to accounts) error {
			password, err := readPassword(p, c.Name, c.PasswordStdin)
			if err != nil {
				return err
			}
			return to.Add(ctx, account, password)
		})
	}
	st, err := c.open(p.ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = st.close() }()
	if err := st.knowsOffices(p.ctx, c.Office); err != nil {
		return err
	}
	password, err := readPassword(p, c.Name, c.PasswordStdin)
	if err != nil {
		return err
	}
	return ofStaff(staff.New(st.records, st.ring, time.Now).Add(p.ctx, account, password))
}

type userPasswd struct {
	logFlags
	Name          string `arg:"" help:"User name."`
	PasswordStdin bool   `help:"Read the password from standard input."`
}

func (c userPasswd) Run(p *process) error {
	return withAccounts(p, c.logFlags, func(ctx context.Context, s accounts) error {
		password, err := readPassword(p, c.Name, c.PasswordStdin)
		if err != nil {
			return err
		}
		return s.SetPassword(ctx, c.Name, password)
	})
}

type userRemove struct {
	logFlags
	Name string `arg:"" help:"User name."`
}

func (c userRemove) Run(p *process) error {
	return withAccounts(p, c.logFlags, func(ctx context.Context, s accounts) error { return s.Remove(ctx, c.Name) })
}

type userReset struct {
	logFlags
	Name string `arg:"" help:"User name."`
}

func (c userReset) Run(p *process) error {
	return withAccounts(p, c.logFlags, func(ctx context.Context, s accounts) error { return s.RemoveFactor(ctx, c.Name) })
}

type userList struct{ logFlags }

func (c userList) Run(p *process) error {
	return withAccounts(p, c.logFlags, func(ctx context.Context, s accounts) error {
		accounts, err := s.List(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(p.out, 0, 8, 2, ' ', 0)
		for _, a := range accounts {
			roles := make([]string, len(a.Roles))
			for i, r := range a.Roles {
				roles[i] = string(r)
			}
			offices := strings.Join(a.Offices, ",")
			if offices == "" {
				offices = "-"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\n", a.Name, strings.Join(roles, ","), offices)
		}
		return table.Flush()
	})
}

// accounts are where accounts are kept: in the store, or behind a server.
type accounts interface {
	Add(ctx context.Context, account staff.Account, password string) error
	SetPassword(ctx context.Context, name, password string) error
	Remove(ctx context.Context, name string) error
	RemoveFactor(ctx context.Context, name string) error
	List(ctx context.Context) ([]staff.Account, error)
}

// withAccounts opens a store that exists, or asks the server that has it, for
// one act on its accounts.
func withAccounts(p *process, f logFlags, do func(context.Context, accounts) error) error {
	if f.URL != "" {
		r, err := f.dial(p.ctx)
		if err != nil {
			return err
		}
		return do(p.ctx, remoteAccounts{r})
	}
	if err := f.existing(); err != nil {
		return err
	}
	s, err := f.open(p.ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }()
	return ofStaff(do(p.ctx, staff.New(s.records, s.ring, time.Now)))
}

// remoteAccounts are the accounts of a running server.
type remoteAccounts struct{ *remote }

func (r remoteAccounts) Add(ctx context.Context, a staff.Account, password string) error {
	body := map[string]any{"username": a.Name, "roles": a.Roles, "offices": a.Offices, "password": password}
	return r.send(ctx, http.MethodPost, "/api/v1/users", body, nil)
}

func (r remoteAccounts) SetPassword(ctx context.Context, name, password string) error {
	return r.send(ctx, http.MethodPut, "/api/v1/users/"+url.PathEscape(name)+"/password", map[string]string{"password": password}, nil)
}

func (r remoteAccounts) Remove(ctx context.Context, name string) error {
	return r.send(ctx, http.MethodDelete, "/api/v1/users/"+url.PathEscape(name), nil, nil)
}

func (r remoteAccounts) RemoveFactor(ctx context.Context, name string) error {
	return r.send(ctx, http.MethodDelete, "/api/v1/users/"+url.PathEscape(name)+"/second-factor", nil, nil)
}

func (r remoteAccounts) List(ctx context.Context) ([]staff.Account, error) {
	var answer struct {
		Users []staff.Account `json:"users"`
	}
	err := r.get(ctx, "/api/v1/users", &answer)
	return answer.Users, err
}

// ofStaff makes what the caller asked wrongly misuse.
func ofStaff(err error) error {
	for _, wrong := range []error{staff.ErrExists, staff.ErrNoAccount, staff.ErrLastAdmin, staff.ErrName, staff.ErrReserved, staff.ErrRole, staff.ErrPassword, staff.ErrWeakPassword, staff.ErrTokenInvalid} {
		if errors.Is(err, wrong) {
			return misuse{err}
		}
	}
	return err
}

// readPassword reads the account's password, and says when it is a bad one.
func readPassword(p *process, name string, stdin bool) (string, error) {
	password, err := readSecret(p, stdin)
	if err == nil && errors.Is(staff.CheckPassword(name, password), staff.ErrWeakPassword) {
		fmt.Fprintf(p.err, "antrean: %s\n", staff.ErrWeakPassword)
	}
	return password, err
}

// readSecret asks twice at a terminal and reads one line otherwise.
func readSecret(p *process, stdin bool) (string, error) {
	if stdin {
		line, err := bufio.NewReader(p.in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	fd := int(os.Stdin.Fd())
	if !term.IsTerminal(fd) {
		return "", misused("no terminal to ask for the password: use --password-stdin")
	}
	ask := func(what string) (string, error) {
		fmt.Fprint(p.err, what)
		text, err := term.ReadPassword(fd)
		fmt.Fprintln(p.err)
		return string(text), err
	}
	first, err := ask("Password: ")
	if err != nil {
		return "", err
	}
	again, err := ask("Again: ")
	if err != nil {
		return "", err
	}
	if first != again {
		return "", misused("the two differ")
	}
	return first, nil
}
