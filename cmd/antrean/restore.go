package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/vault"
)

type restoreCommand struct {
	storeFlags
	File        string `arg:"" help:"The backup." type:"existingfile"`
	EndSessions bool   `help:"Everybody signs in anew: the backup also has sessions that were ended since."`
}

// Run reads the backup to its end before it writes anything.
func (c restoreCommand) Run(p *process) error {
	file, err := os.Open(c.File)
	if err != nil {
		return misuse{err}
	}
	defer file.Close()
	found, err := checkBackup(p.ctx, file, p.err)
	if err != nil {
		return fmt.Errorf("%s is not restored, nothing was written: %w", c.File, err)
	}
	ring, err := c.key()
	if err != nil {
		return err
	}
	if err := vault.New(found.proof, ring, time.Now).Prove(p.ctx); len(found.proof.value) > 0 && err != nil {
		return misused("the backup is sealed with another key: bring the old store's vault.key to %s, or set %s: %w", c.Data, vaultKey, err)
	}
	if c.Redis != "" {
		err = c.intoRedis(p, file, ring, found.header.Offices)
	} else {
		err = c.intoFile(p, file, ring, found.header.Offices)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.err, "antrean: %d entries of %d offices and %d records are restored, as they were at %s (release %s)\n",
		found.end.Entries, len(found.header.Offices), found.end.Records, found.header.Made.Local().Format(time.RFC3339), found.header.Release)
	return nil
}

// key is the key that the restored store will be read with. None is made: what
// is sealed with the old one would stay closed.
func (c restoreCommand) key() (*vault.Keyring, error) {
	if text := os.Getenv(vaultKey); text != "" {
		ring, err := vault.ParseKeyring(text)
		if err != nil {
			return nil, misused("%s: %w", vaultKey, err)
		}
		return ring, nil
	}
	path := filepath.Join(c.Data, keyFile)
	if _, err := os.Stat(path); err != nil || c.Redis != "" {
		return nil, misused("the vault key is never part of a backup: bring the old store's vault.key to %s, or set %s", path, vaultKey)
	}
	return vault.LoadOrCreateKeyFile(path)
}

// intoFile restores into a file of another name, which becomes the store when
// it is whole.
func (c restoreCommand) intoFile(p *process, from io.ReadSeeker, ring *vault.Keyring, offices []string) (err error) {
	path := filepath.Join(c.Data, storeFile)
	if _, err := os.Lstat(path); err == nil {
		return misused("the target is not empty: there is %s; restore into another --data, or move it away", path)
	}
	part := path + ".part"
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	if err := os.RemoveAll(part); err != nil { // of an attempt that was cut short
		return err
	}
	e, err := ledger.OpenEmbedded(part)
	if err != nil {
		return err
	}
	if err = c.writeBackup(p, from, e, e); err == nil {
		err = settleClaims(p, e, e, ring, offices)
	}
	if err = errors.Join(err, e.Close()); err != nil {
		return fmt.Errorf("nothing was restored: %w", errors.Join(err, os.Remove(part)))
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	// Opened once: a new file's name is made as durable as its content.
	s, err := c.openEmbedded(ring)
	if err != nil {
		return err
	}
	return s.close()
}

func (c restoreCommand) intoRedis(p *process, from io.ReadSeeker, ring *vault.Keyring, offices []string) error {
	s, err := c.open(p.ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // what was written is durable
	if err := empty(p.ctx, s, offices); err != nil {
		return err
	}
	err = c.writeBackup(p, from, s.log.(restorer), s.records)
	if err == nil {
		err = settleClaims(p, s.log, s.records, ring, offices)
	}
	if err != nil {
		return fmt.Errorf("%w (the target is incomplete now: empty it before the next attempt)", err)
	}
	return nil
}

func (c restoreCommand) writeBackup(p *process, from io.ReadSeeker, log restorer, records ledger.Records) error {
	r, header, err := openBackup(from)
	if err != nil {
		return err
	}
	r.bar = countingBar(p.err, "restored")
	defer func() { _ = r.bar.Finish() }()
	if c.EndSessions {
		records = withoutSessions{records}
	}
	return r.all(p.ctx, log, records, header.Offices)
}

// withoutSessions takes all records but those of who is signed in.
type withoutSessions struct{ ledger.Records }

func (w withoutSessions) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if strings.HasPrefix(key, sessionRecords) {
		return nil
	}
	return w.Records.Put(ctx, key, value, ttl)
}

const sessionRecords = "staff/session/"

// settleClaims makes claims and logs say the same, and tells what did not.
func settleClaims(p *process, log ledger.Log, records ledger.Records, ring *vault.Keyring, offices []string) error {
	found, err := mendClaims(p.ctx, log, records, vault.New(records, ring, time.Now), offices)
	if err != nil {
		return err
	}
	if found.given > 0 {
		fmt.Fprintf(p.err, "antrean: people who have the place again that they had when the logs were copied, because what they did in the seconds after that is not in the backup: %d\n", found.given)
	}
	if len(found.doubles) > 0 {
		fmt.Fprintf(p.err, "antrean: these have another place as well; ask them which they keep, and cancel the other at the desk: %s\n", strings.Join(found.doubles, ", "))
	}
	return nil
}

// checkedBackup is what reading a backup to its end has shown.
type checkedBackup struct {
	header exportLine
	end    exportEnd
	proof  *heldProof
}

// checkBackup reads a backup to its end: format, order, counts, checksum.
func checkBackup(ctx context.Context, from io.ReadSeeker, bar io.Writer) (checkedBackup, error) {
	r, header, err := openBackup(from)
	if err != nil {
		return checkedBackup{}, err
	}
	r.bar = countingBar(bar, "checked")
	defer func() { _ = r.bar.Finish() }()
	found := checkedBackup{header: header, proof: &heldProof{}}
	err = r.each(ctx, nowhere{}, header.Offices, func(l exportLine, _ time.Duration) {
		if l.Record == keyProof {
			found.proof.value = l.Value
		}
	})
	found.end = r.found
	return found, err
}

// openBackup begins to read; the header is read.
func openBackup(from io.ReadSeeker) (*importReader, exportLine, error) {
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return nil, exportLine{}, err
	}
	unpacked, err := gzip.NewReader(bufio.NewReaderSize(from, 1<<16))
	if err != nil {
		return nil, exportLine{}, misused("this is no backup: %w", err)
	}
	r := &importReader{from: bufio.NewReaderSize(unpacked, 1<<16), what: "backup", sum: sha256.New()}
	header, err := r.next()
	switch {
	case err != nil || header.Format != backupFormat:
		return nil, header, misused("this is no backup: its first line does not say %q", backupFormat)
	case header.Version != backupVersion:
		return nil, header, misused("the backup has version %d, this release reads %d", header.Version, backupVersion)
	}
	return r, header, nil
}

// nowhere takes entries and looks only at their order, which each has checked.
type nowhere struct{}

func (nowhere) Restore(context.Context, string, []ledger.Entry) error { return nil }

// keyProof is the record that says which key sealed the others.
const keyProof = "keyring/proof"

// heldProof is that record, out of a backup.
type heldProof struct {
	noRecords
	value []byte
}

func (h *heldProof) Get(_ context.Context, key string) ([]byte, error) {
	if key != keyProof || len(h.value) == 0 {
		return nil, ledger.ErrAbsent
	}
	return bytes.Clone(h.value), nil
}

// Replace is asked when another key of the ring is today's; nothing is kept.
func (h *heldProof) Replace(_ context.Context, _ string, _, value []byte, _ time.Duration) ([]byte, error) {
	return value, nil
}
