package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"antrean/internal/ledger"
	"antrean/notifier"
)

// A backup is the lines of an export, packed by gzip, with the logs of what
// people were told, and with a checksum in its last line.
const (
	backupFormat  = "antrean-backup"
	backupVersion = 1
)

type backupCommand struct {
	logFlags
	File string `arg:"" help:"The file to write; there must be none of that name. - is standard output."`
}

func (c backupCommand) Run(p *process) error {
	if c.File == "-" {
		_, err := c.write(p.ctx, p, p.out)
		return err
	}
	if _, err := os.Lstat(c.File); err == nil {
		return misused("%s is there already: a backup replaces no other", c.File)
	}
	part := c.File + ".part"
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return misuse{err}
	}
	_, err = c.write(p.ctx, p, file)
	var found checkedBackup
	if err == nil {
		// What was written is read before it is called a backup.
		found, err = checkBackup(p.ctx, file, p.err)
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(part, c.File)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", c.File, err), os.Remove(part))
	}
	fmt.Fprintf(p.err, "antrean: %s holds %d entries of %d offices and %d records; the vault key is not in it\n",
		c.File, found.end.Entries, len(found.header.Offices), found.end.Records)
	return nil
}

// write copies from the store, or from the server that has it.
func (c backupCommand) write(ctx context.Context, p *process, to io.Writer) (exportEnd, error) {
	if c.URL != "" {
		server, err := c.dial(ctx)
		if err != nil {
			return exportEnd{}, err
		}
		return exportEnd{}, server.download(ctx, "/api/v1/backup", to)
	}
	if err := c.existing(); err != nil {
		return exportEnd{}, err
	}
	s, err := c.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return exportEnd{}, err
	}
	bar := countingBar(p.err, "backed up")
	defer func() { _ = bar.Finish() }()
	end, err := s.backup(ctx, to, bar)
	return end, errors.Join(err, s.close())
}

// spool writes a backup into a file that goes when it is closed. Whoever takes
// it over a slow line holds nothing up, and one that fails is not half sent.
func (s *store) spool(ctx context.Context, dir string, write func(ctx context.Context, to io.Writer, bar *progressbar.ProgressBar) (exportEnd, error)) (_ *spooled, err error) {
	if _, err := os.Stat(dir); err != nil {
		dir = "" // a node on Redis needs no directory of its own
	}
	file, err := os.CreateTemp(dir, "antrean-*"+spoolEnding)
	if err != nil {
		return nil, err
	}
	f := &spooled{File: file}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if _, err := write(ctx, file, nil); err != nil {
		return nil, err
	}
	if f.Size, err = file.Seek(0, io.SeekCurrent); err != nil {
		return nil, err
	}
	_, err = file.Seek(0, io.SeekStart)
	return f, err
}

const spoolEnding = ".backup-part"

// sweepSpools removes what a killed server left of backups.
func sweepSpools(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, "antrean-*"+spoolEnding)) // the pattern is well-formed
	for _, name := range left {
		_ = os.Remove(name)
	}
}

type spooled struct {
	*os.File
	Size int64
}

func (s *spooled) Close() error { return errors.Join(s.File.Close(), os.Remove(s.Name())) }

// lastBackup is a record about the store: when it was last copied.
const lastBackup = "operations/backup"

type backupMade struct {
	At      time.Time `json:"at"`
	Entries int       `json:"entries"`
	Records int       `json:"records"`
}

// lister lists records, of a store or of a moment of it.
type lister interface {
	List(ctx context.Context, prefix, after string, limit int) ([]ledger.Record, error)
}

// backup makes a copy and remembers when.
func (s *store) backup(ctx context.Context, to io.Writer, bar *progressbar.ProgressBar) (exportEnd, error) {
	end, err := s.copy(ctx, to, bar)
	if err != nil {
		return end, err
	}
	made, err := json.Marshal(backupMade{time.Now().UTC().Truncate(time.Second), end.Entries, end.Records})
	if err != nil {
		return end, err
	}
	return end, s.records.Put(ctx, lastBackup, made, 0)
}

// copy writes a restorable copy while others write. The embedded file is
// copied as it was at one moment. Redis is not one moment: there the notice logs
// are read first, then the offices', then the records. So every record that an
// event speaks of is in the copy (a record without its event is cleaned up; an
// event without its record would have lost a name), and no notice is marked as
// said about an event that the copy does not hold.
func (s *store) copy(ctx context.Context, to io.Writer, bar *progressbar.ProgressBar) (exportEnd, error) {
	log, records := s.log, lister(s.records)
	if s.embed != nil {
		moment, err := s.embed.At(ctx)
		if err != nil {
			return exportEnd{}, err
		}
		defer func() { _ = moment.Close() }() // it was only read
		log, records = moment, moment
	}
	return copyStore(ctx, log, records, s.archive, to, bar)
}

func copyStore(ctx context.Context, log ledger.Log, records lister, archive string, to io.Writer, bar *progressbar.ProgressBar) (exportEnd, error) {
	offices, err := officesOf(ctx, records)
	if err != nil {
		return exportEnd{}, err
	}
	packed, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return exportEnd{}, err
	}
	sum := sha256.New()
	w := &exportWriter{to: bufio.NewWriterSize(io.MultiWriter(packed, sum), 1<<16), bar: bar}
	if err := w.line(exportLine{Format: backupFormat, Version: backupVersion, Release: version, Made: time.Now().UTC(), Offices: offices}); err != nil {
		return w.end, err
	}
	names := make([]string, 0, 2*len(offices))
	for _, office := range offices {
		names = append(names, notifier.LogOf(office))
	}
	names = append(names, offices...)
	ends := make(map[string]uint64, len(names))
	from := &logs{log: log, archive: archive}
	for _, name := range names {
		err := from.each(ctx, name, func(e ledger.Entry) error {
			ends[name] = e.Version
			return w.entry(name, e)
		})
		if err != nil {
			return w.end, fmt.Errorf("copy %s: %w", name, err)
		}
	}
	err = eachRecord(ctx, records, "", func(r ledger.Record) error {
		if !restorable(r.Key, ends) {
			return nil
		}
		return w.record(r)
	})
	if err != nil {
		return w.end, fmt.Errorf("copy the records: %w", err)
	}
	if err := w.to.Flush(); err != nil {
		return w.end, err
	}
	if err := w.line(exportLine{End: &w.end, Sum: hex.EncodeToString(sum.Sum(nil))}); err != nil {
		return w.end, err
	}
	return w.end, cmp.Or(w.to.Flush(), packed.Close())
}

// restorable reports whether a record belongs into a copy whose logs end where
// ends says: leases, and what nodes tell of themselves, are of nodes that will not be
// there; offices and snapshots that are newer than the copy of the logs would belong
// to nothing.
func restorable(key string, ends map[string]uint64) bool {
	words := strings.Split(key, "/")
	if len(words) < 2 {
		return true
	}
	log := words[1]
	switch words[0] {
	case "lease", "node":
		return false
	case "office":
		_, known := ends[log]
		return known
	case "notices":
		log = notifier.LogOf(log)
	case "snapshot":
	default:
		return true
	}
	var at uint64
	_, err := fmt.Sscanf(words[len(words)-1], "%d", &at)
	return err == nil && at <= ends[log]
}

func officesOf(ctx context.Context, records lister) (offices []string, err error) {
	err = eachRecord(ctx, records, "office/", func(r ledger.Record) error {
		offices = append(offices, strings.TrimPrefix(r.Key, "office/"))
		return nil
	})
	return offices, err
}

func eachRecord(ctx context.Context, records lister, prefix string, do func(ledger.Record) error) error {
	for after := ""; ; {
		found, err := records.List(ctx, prefix, after, readTogether)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, r := range found {
			if err := do(r); err != nil {
				return err
			}
		}
		after = found[len(found)-1].Key
	}
}
