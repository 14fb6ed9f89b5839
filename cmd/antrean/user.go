package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"antrean/internal/ledger"
	"antrean/internal/staff"
)

type userCommand struct {
	Add    userAdd    `cmd:"" help:"Make an account."`
	Passwd userPasswd `cmd:"" help:"Set a password; every session of the account ends."`
	List   userList   `cmd:"" help:"List the accounts."`
	Remove userRemove `cmd:"" help:"Remove an account; every session of it ends."`
}

type userAdd struct {
	storeFlags
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
	st, err := c.open(p.ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = st.close() }()
	// A store that was never served has no offices yet: any name goes.
	known, err := ledger.New(st.log, st.records, ledger.Options{}).IDs(p.ctx)
	if err != nil {
		return err
	}
	for _, id := range c.Office {
		if len(known) > 0 && !slices.Contains(known, id) {
			return misused("there is no office %q (%s)", id, strings.Join(known, ", "))
		}
	}
	password, err := readPassword(p, c.PasswordStdin)
	if err != nil {
		return err
	}
	return ofStaff(staff.New(st.records, st.ring, time.Now).Add(p.ctx, account, password))
}

type userPasswd struct {
	storeFlags
	Name          string `arg:"" help:"User name."`
	PasswordStdin bool   `help:"Read the password from standard input."`
}

func (c userPasswd) Run(p *process) error {
	return withStaff(p, c.storeFlags, func(ctx context.Context, s *staff.Staff) error {
		password, err := readPassword(p, c.PasswordStdin)
		if err != nil {
			return err
		}
		return s.SetPassword(ctx, c.Name, password)
	})
}

type userRemove struct {
	storeFlags
	Name string `arg:"" help:"User name."`
}

func (c userRemove) Run(p *process) error {
	return withStaff(p, c.storeFlags, func(ctx context.Context, s *staff.Staff) error { return s.Remove(ctx, c.Name) })
}

type userList struct{ storeFlags }

func (c userList) Run(p *process) error {
	return withStaff(p, c.storeFlags, func(ctx context.Context, s *staff.Staff) error {
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

// withStaff opens a store that exists for one act on its accounts.
func withStaff(p *process, f storeFlags, do func(context.Context, *staff.Staff) error) error {
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

// ofStaff makes what the caller asked wrongly misuse.
func ofStaff(err error) error {
	for _, wrong := range []error{staff.ErrExists, staff.ErrNoAccount, staff.ErrLastAdmin, staff.ErrName, staff.ErrRole, staff.ErrPassword} {
		if errors.Is(err, wrong) {
			return misuse{err}
		}
	}
	return err
}

// readPassword asks twice at a terminal and reads one line otherwise.
func readPassword(p *process, stdin bool) (string, error) {
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
