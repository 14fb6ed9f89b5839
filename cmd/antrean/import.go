package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"

	"antrean/internal/ledger"
	"antrean/internal/vault"
	"antrean/notifier"
)

type importCommand struct {
	storeFlags
	File string `arg:"" optional:"" help:"The export; standard input otherwise."`
}

func (c importCommand) Run(p *process) (err error) {
	from, err := c.input(p)
	if err != nil {
		return err
	}
	defer from.Close()
	s, err := c.open(p.ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	r := &importReader{from: bufio.NewReaderSize(from, 1<<16), what: "export", bar: countingBar(p.err, "imported")}
	defer func() { _ = r.bar.Finish() }()
	header, err := r.header()
	if err != nil {
		return err
	}
	if err := empty(p.ctx, s, header.Offices); err != nil {
		return err
	}
	target, ok := s.log.(restorer)
	if !ok {
		return fmt.Errorf("a store of type %T takes no import", s.log)
	}
	if err := r.all(p.ctx, target, s.records, header.Offices); err != nil {
		return fmt.Errorf("%w (the target is incomplete now: empty it before the next attempt)", err)
	}
	fmt.Fprintf(p.err, "antrean: %d entries of %d offices and %d records are imported\n", r.found.Entries, len(header.Offices), r.found.Records)
	if r.found.Records == 0 {
		return nil
	}
	if err := vault.New(s.records, s.ring, time.Now).Prove(p.ctx); err != nil {
		return fmt.Errorf("everything is imported, but sealed with another key: bring the old store's vault.key to %s, or set %s: %w", c.Data, vaultKey, err)
	}
	return nil
}

func (c importCommand) input(p *process) (io.ReadCloser, error) {
	if c.File == "" {
		return io.NopCloser(p.in), nil
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, misuse{err}
	}
	return file, nil
}

// restorer is a store that takes entries as they are.
type restorer interface {
	Restore(ctx context.Context, office string, entries []ledger.Entry) error
}

// empty refuses a target that holds anything.
func empty(ctx context.Context, s *store, offices []string) error {
	records, err := s.records.List(ctx, "", "", 1)
	if err != nil {
		return err
	}
	if len(records) > 0 {
		return misused("the target is not empty: it has records; import into a new one")
	}
	for _, office := range offices {
		entries, err := ledger.Entries(ctx, s.log, s.archive, office, 0, 1)
		if err != nil {
			return err
		}
		if len(entries) > 0 {
			return misused("the target is not empty: it has a log of %s; import into a new one", office)
		}
	}
	return nil
}

// importReader reads the lines of an export.
type importReader struct {
	from  *bufio.Reader
	what  string    // it is, in errors
	sum   hash.Hash // of a backup's lines before the last; nil: there is no checksum
	bar   *progressbar.ProgressBar
	lines int
	found exportEnd
}

// next reads a line. Numbers in errors are those of the lines.
func (r *importReader) next() (exportLine, error) {
	text, err := r.from.ReadBytes('\n')
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return exportLine{}, fmt.Errorf("the %s ends after line %d without its last line: it was cut short", r.what, r.lines)
	}
	if err != nil {
		return exportLine{}, fmt.Errorf("read line %d of the %s: %w", r.lines+1, r.what, err)
	}
	r.lines++
	var l exportLine
	if err := json.Unmarshal(text, &l); err != nil {
		return exportLine{}, fmt.Errorf("line %d is no line of an export: %w", r.lines, err)
	}
	if r.sum != nil && l.End == nil {
		r.sum.Write(text)
	}
	return l, nil
}

func (r *importReader) header() (exportLine, error) {
	l, err := r.next()
	switch {
	case err != nil || l.Format != exportFormat:
		return l, misused("this is no export: its first line does not say %q", exportFormat)
	case l.Version != exportVersion:
		return l, misused("the export has version %d, this release reads %d", l.Version, exportVersion)
	}
	return l, nil
}

const (
	restoreTogether = 1000 // entries
	writersTogether = 32   // of records; they share the store's fsync
)

// all reads the rest, until the line that says that nothing is missing.
func (r *importReader) all(ctx context.Context, target restorer, records ledger.Records, offices []string) error {
	writers, ctx := errgroup.WithContext(ctx)
	writers.SetLimit(writersTogether)
	err := r.each(ctx, target, offices, func(l exportLine, ttl time.Duration) {
		writers.Go(func() error { return records.Put(ctx, l.Record, l.Value, ttl) })
	})
	if failed := writers.Wait(); failed != nil {
		return failed
	}
	return err
}

func (r *importReader) each(ctx context.Context, target restorer, offices []string, put func(l exportLine, ttl time.Duration)) error {
	var office string
	var entries []ledger.Entry
	last := map[string]uint64{}
	flush := func() error {
		if len(entries) == 0 {
			return nil
		}
		err := target.Restore(ctx, office, entries)
		entries = nil
		return err
	}
	for ctx.Err() == nil {
		l, err := r.next()
		if err != nil {
			return err
		}
		if l.Office != office || len(entries) == restoreTogether || l.Record != "" || l.End != nil {
			if err := flush(); err != nil {
				return err
			}
		}
		switch {
		case l.End != nil:
			if *l.End != r.found {
				return fmt.Errorf("the "+r.what+" says that it holds %d entries and %d records, %d and %d were read", l.End.Entries, l.End.Records, r.found.Entries, r.found.Records)
			}
			return r.ends(l)
		case l.Record != "":
			r.found.Records++
			ttl := time.Duration(0)
			if !l.Expires.IsZero() {
				if ttl = time.Until(l.Expires); ttl <= 0 {
					continue // expired on the way
				}
			}
			put(l, ttl)
		case l.Office != "" && (slices.Contains(offices, l.Office) || r.sum != nil && slices.ContainsFunc(offices, func(o string) bool { return notifier.LogOf(o) == l.Office })):
			if before, known := last[l.Office]; l.Version == 0 || known && l.Version != before+1 {
				return fmt.Errorf("line %d: entry %d of %s comes after %d", r.lines, l.Version, l.Office, before)
			}
			last[l.Office], office = l.Version, l.Office
			data := []byte(l.Event)
			if l.Bytes != nil {
				data = l.Bytes
			}
			entries = append(entries, ledger.Entry{Version: l.Version, Tag: cmp.Or(l.Tag, "import"), Data: data})
			r.found.Entries++
		default:
			return fmt.Errorf("line %d is neither an entry of an office that the first line names nor a record", r.lines)
		}
		_ = r.bar.Add(1) // a bar that cannot be drawn stops nobody
	}
	return ctx.Err()
}

// ends looks at what follows the last line, and at the checksum in it.
func (r *importReader) ends(last exportLine) error {
	if r.sum == nil {
		return nil
	}
	switch _, err := r.from.ReadByte(); {
	case err == nil:
		return fmt.Errorf("the %s goes on after its last line", r.what)
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("read the end of the %s: %w", r.what, err)
	}
	if found := hex.EncodeToString(r.sum.Sum(nil)); found != last.Sum {
		return fmt.Errorf("the %s was changed: its checksum is %s, its last line says %s", r.what, found, last.Sum)
	}
	return nil
}
