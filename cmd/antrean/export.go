package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"antrean/internal/ledger"
)

// An export is JSON lines: a header, every entry of every log, every record,
// and a line that says that nothing is missing.
const (
	exportFormat  = "antrean-export"
	exportVersion = 1
)

// exportLine is any line of an export; which fields are there says which.
type exportLine struct {
	// The header.
	Format  string    `json:"format,omitempty"`
	Version uint64    `json:"version,omitempty"` // of the format; in an entry, of the entry
	Offices []string  `json:"offices,omitempty"`
	Release string    `json:"release,omitempty"` // that wrote a backup
	Made    time.Time `json:"made,omitzero"`     // when

	// An entry of a log: its bytes as they are, or in base64 if they would not
	// survive as JSON.
	Office string          `json:"office,omitempty"`
	Tag    string          `json:"tag,omitempty"`
	Event  json.RawMessage `json:"event,omitempty"`
	Bytes  []byte          `json:"bytes,omitempty"`

	// A record. Its value stays sealed.
	Record  string    `json:"record,omitempty"`
	Value   []byte    `json:"value,omitempty"`
	Expires time.Time `json:"expires,omitzero"`

	// The last line.
	End *exportEnd `json:"end,omitempty"`
	Sum string     `json:"sha256,omitempty"` // of a backup's lines before it, in hex
}

type exportEnd struct {
	Entries int `json:"entries"`
	Records int `json:"records"`
}

type exportCommand struct {
	logFlags
	Office []string `help:"Only these offices, and the records that are theirs." placeholder:"ID"`
}

func (c exportCommand) Run(p *process) error {
	if c.URL != "" {
		return c.fromServer(p)
	}
	l, err := c.openLogs(p.ctx)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }() // it was only read
	offices, err := l.offices(p.ctx, c.Office)
	if err != nil {
		return err
	}
	w, err := beginExport(p, offices)
	if err != nil {
		return err
	}
	defer func() { _ = w.bar.Finish() }()
	for _, office := range offices {
		if err := l.each(p.ctx, office, func(e ledger.Entry) error { return w.entry(office, e) }); err != nil {
			return fmt.Errorf("export %s: %w", office, err)
		}
	}
	// Records after the logs: whatever an event speaks of is then there.
	err = eachRecord(p.ctx, l.records, "", func(r ledger.Record) error {
		if !exported(r.Key, c.Office) {
			return nil
		}
		return w.record(r)
	})
	if err != nil {
		return fmt.Errorf("export the records: %w", err)
	}
	if err := w.line(exportLine{End: &w.end}); err != nil {
		return err
	}
	return w.to.Flush()
}

// fromServer makes the export out of the copy that a server makes of its store
// for an administrator: a backup has the same lines. It is read whole before a
// line of it is written.
func (c exportCommand) fromServer(p *process) (err error) {
	server, err := c.dial(p.ctx)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp("", "antrean-*.export-part")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	if err := server.download(p.ctx, "/api/v1/backup?for=export", file); err != nil {
		return err
	}
	if _, err := checkBackup(p.ctx, file, p.err); err != nil {
		return fmt.Errorf("export from %s: %w", c.URL, err)
	}
	r, header, err := openBackup(file)
	if err != nil {
		return err
	}
	offices, err := chosen(header.Offices, c.Office)
	if err != nil {
		return err
	}
	w, err := beginExport(p, offices)
	if err != nil {
		return err
	}
	defer func() { _ = w.bar.Finish() }()
	for {
		l, err := r.next()
		switch {
		case err != nil:
			return err
		case l.End != nil:
			if err := w.line(exportLine{End: &w.end}); err != nil {
				return err
			}
			return w.to.Flush()
		case l.Record != "" && exported(l.Record, c.Office):
			w.end.Records++
		case l.Record == "" && slices.Contains(offices, l.Office):
			w.end.Entries++
		default:
			continue // a log of notices, another office's
		}
		w.draw()
		if err := w.line(l); err != nil {
			return err
		}
	}
}

// exported reports whether a record goes along. Leases and what nodes tell of
// themselves are of nodes that will not be there, snapshots of notices of a log that
// is not exported. With --office only what is named after the office goes, and the
// proof of the vault's key.
func exported(key string, offices []string) bool {
	words := strings.Split(key, "/")
	if slices.Contains([]string{"lease", "node", "notices"}, words[0]) {
		return false
	}
	if len(offices) == 0 || words[0] == "keyring" {
		return true
	}
	for _, office := range offices {
		if len(words) > 1 && words[1] == office {
			return true
		}
	}
	return false
}

type exportWriter struct {
	to  *bufio.Writer
	bar *progressbar.ProgressBar
	end exportEnd
}

// beginExport writes the first line.
func beginExport(p *process, offices []string) (*exportWriter, error) {
	w := &exportWriter{to: bufio.NewWriterSize(p.out, 1<<16), bar: countingBar(p.err, "exported")}
	if err := w.line(exportLine{Format: exportFormat, Version: exportVersion, Offices: offices}); err != nil {
		return nil, errors.Join(err, w.bar.Finish())
	}
	return w, nil
}

func (w *exportWriter) line(l exportLine) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // the bytes of events stay as they are
	if err := encoder.Encode(l); err != nil {
		return err
	}
	_, err := w.to.Write(b.Bytes())
	return err
}

func (w *exportWriter) entry(office string, e ledger.Entry) error {
	l := exportLine{Office: office, Version: e.Version, Tag: e.Tag, Event: e.Data}
	if !plain(e.Data) {
		l.Event, l.Bytes = nil, e.Data
	}
	w.end.Entries++
	w.draw()
	return w.line(l)
}

func (w *exportWriter) record(r ledger.Record) error {
	w.end.Records++
	w.draw()
	return w.line(exportLine{Record: r.Key, Value: r.Value, Expires: r.Expires})
}

func (w *exportWriter) draw() {
	if w.bar != nil { // a server has nobody to show it to
		_ = w.bar.Add(1) // one that cannot be drawn stops nobody
	}
}

// plain reports whether JSON inside JSON comes back byte for byte: encoding
// compacts it.
func plain(data []byte) bool {
	var b bytes.Buffer
	return json.Compact(&b, data) == nil && bytes.Equal(b.Bytes(), data)
}

// countingBar counts what nobody knows the number of, at a terminal.
func countingBar(to io.Writer, what string) *progressbar.ProgressBar {
	return progressbar.NewOptions(-1,
		progressbar.OptionSetWriter(to), progressbar.OptionSetDescription(what), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetVisibility(isTerminal()))
}
