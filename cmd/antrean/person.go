package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"antrean/internal/subject"
)

type personCommand struct {
	Show   personShow   `cmd:"" help:"Show what is held about a person."`
	Report personReport `cmd:"" help:"Write all that is held about a person, with the story of each ticket, to hand over."`
	Erase  personErase  `cmd:"" help:"Erase a person's data; numbers and times that nothing ties to them stay in the log."`
	Breach personBreach `cmd:"" help:"List whose data lay in the store at a time, to tell them of a breach within 3 x 24 hours."`
}

// whoFlags name a person. A NIK is no flag: command lines are remembered by
// shells and seen by whoever lists processes.
type whoFlags struct {
	logFlags
	NIK    bool   `name:"nik" help:"By NIK, which is asked for: unseen at a terminal, else the first line of standard input."`
	Code   string `help:"By the code of a ticket, or what its QR code holds." placeholder:"CODE"`
	Ticket string `help:"By a ticket's id." placeholder:"ID"`
	Office string `help:"Only if several offices have that code." placeholder:"ID"`
}

// query asks for the NIK when that is how the person is named.
func (f whoFlags) query(p *process) (subject.Query, error) {
	q := subject.Query{Code: f.Code, Ticket: f.Ticket, Office: f.Office}
	if !f.NIK {
		if (f.Code == "") == (f.Ticket == "") {
			return q, misused("whose data? one of --nik, --code and --ticket")
		}
		return q, nil
	}
	if f.Code != "" || f.Ticket != "" {
		return q, misused("whose data? one of --nik, --code and --ticket")
	}
	var err error
	q.NIK, err = readNIK(p)
	return q, err
}

func readNIK(p *process) (string, error) {
	var text string
	if fd := int(os.Stdin.Fd()); p.in == os.Stdin && term.IsTerminal(fd) {
		fmt.Fprint(p.err, "NIK: ")
		line, err := term.ReadPassword(fd)
		fmt.Fprintln(p.err)
		if err != nil {
			return "", err
		}
		text = string(line)
	} else {
		line, err := bufio.NewReader(io.LimitReader(p.in, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		text = line
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", misused("no NIK was given: --nik reads it from the terminal or from standard input")
	}
	return text, nil
}

type personShow struct {
	whoFlags
	Lang string `help:"id or en." default:"id" enum:"id,en"`
}

func (c personShow) Run(p *process) error {
	q, err := c.query(p)
	if err != nil {
		return err
	}
	return withPeople(p, c.logFlags, func(from people) error {
		held, err := from.Show(p.ctx, q)
		if err != nil {
			return err
		}
		return held.Write(p.out, c.Lang)
	})
}

type personReport struct {
	whoFlags
	Lang string `help:"Of the text: id or en." default:"id" enum:"id,en"`
	Out  string `required:"" help:"Write NAME.json and NAME.txt, which must not exist; only you can read them." placeholder:"NAME"`
}

func (c personReport) Run(p *process) error {
	for _, name := range []string{c.Out + ".json", c.Out + ".txt"} {
		if err := absent(name); err != nil {
			return err
		}
	}
	q, err := c.query(p)
	if err != nil {
		return err
	}
	return withPeople(p, c.logFlags, func(from people) error {
		held, err := from.Report(p.ctx, q)
		if err != nil {
			return err
		}
		if err := writePrivate(c.Out+".json", func(w io.Writer) error { return indented(w, held) }); err != nil {
			return err
		}
		if err := writePrivate(c.Out+".txt", func(w io.Writer) error { return held.Write(w, c.Lang) }); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s.json and %s.txt: %d tickets\n", c.Out, c.Out, len(held.Tickets))
		return nil
	})
}

type personErase struct {
	whoFlags
	Cancel bool `help:"Cancel what is still to come; otherwise such a person is refused."`
}

func (c personErase) Run(p *process) error {
	q, err := c.query(p)
	if err != nil {
		return err
	}
	return withPeople(p, c.logFlags, func(from people) error {
		done, err := from.Erase(p.ctx, q, c.Cancel)
		if err != nil {
			return err
		}
		none := func(numbers []string) string { return cmp.Or(strings.Join(numbers, ", "), "none") }
		fmt.Fprintf(p.out, "sealed records and notes erased: %d\ntickets cancelled: %s\ntickets without a person now: %s\n",
			done.Records, none(done.Cancelled), none(done.Tickets))
		fmt.Fprintln(p.out, "Backups and exports made before still hold the sealed records: they open with the vault key until you delete them.")
		return nil
	})
}

type personBreach struct {
	logFlags
	Since  string `required:"" help:"When the store lay open first: 2026-11-24, 2026-11-24T08:00 (local) or RFC 3339." placeholder:"TIME"`
	Until  string `help:"When it was closed again; now otherwise." placeholder:"TIME"`
	Office string `help:"Only this office." placeholder:"ID"`
	Format string `help:"csv (one person a line) or json (with the counts)." default:"csv" enum:"csv,json"`
	Out    string `required:"" help:"The file, which must not exist; only you can read it." placeholder:"FILE"`
}

func (c personBreach) Run(p *process) error {
	since, err := moment("--since", c.Since)
	if err != nil {
		return err
	}
	var until time.Time
	if c.Until != "" {
		if until, err = moment("--until", c.Until); err != nil {
			return err
		}
	}
	if err := absent(c.Out); err != nil {
		return err
	}
	return withPeople(p, c.logFlags, func(from people) error {
		b, err := from.Breach(p.ctx, since, until, c.Office)
		if err != nil {
			return err
		}
		write := b.WriteCSV
		if c.Format == "json" {
			write = func(w io.Writer) error { return indented(w, b) }
		}
		if err := writePrivate(c.Out, write); err != nil {
			return err
		}
		return b.Summary(p.out)
	})
}

// moment reads a time; without a zone it is this machine's.
func moment(flag, text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, misused("%s %q is no time (2026-11-24, 2026-11-24T08:00 or RFC 3339)", flag, text)
}

// absent refuses a name that is taken, before anybody is asked anything.
func absent(name string) error {
	if _, err := os.Lstat(name); !errors.Is(err, os.ErrNotExist) {
		return misused("%s exists: name a file that does not", name)
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return misused("there is no directory %s", filepath.Dir(name))
	}
	return nil
}

// writePrivate makes a file that only its owner reads.
func writePrivate(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
