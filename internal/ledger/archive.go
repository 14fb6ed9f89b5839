package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// archiveLine is one entry in the archive: a line of JSON in
// <archive>/<office>/<year>-<month>.jsonl, by the month of the event. Versions
// rise from line to line and from file to file.
type archiveLine struct {
	Version uint64          `json:"version"`
	Tag     string          `json:"tag"`
	Event   json.RawMessage `json:"event"`
}

// archiveFiles are the office's files in their order.
func archiveFiles(archive, office string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(archive, office)) // sorted by name
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var files []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".jsonl" {
			files = append(files, filepath.Join(archive, office, e.Name()))
		}
	}
	return files, err
}

// archived returns at most limit entries after a version. Who reads on finds the
// next by its bookmark.
func archived(archive, office string, after uint64, limit int, b *bookmarks) ([]Entry, error) {
	files, err := archiveFiles(archive, office)
	if err != nil {
		return nil, err
	}
	if at, ok := b.at(office, after); ok {
		if from := slices.Index(files, at.file); from >= 0 {
			found, err := readArchive(files[from:], at.offset, office, after, limit, b)
			if err == nil && len(found) > 0 && found[0].Version == after+1 {
				return found, nil
			}
		}
		// The files are others than they were: read them from their beginning.
	}
	// The last file that begins at or before the first entry wanted holds it.
	from := 0
	for i := range files {
		first, err := firstLine(files[i])
		if err != nil {
			return nil, err
		}
		if first.Version > after+1 {
			break
		}
		from = i
	}
	return readArchive(files[min(from, len(files)):], 0, office, after, limit, b)
}

// readArchive reads files in their order, the first from an offset on.
func readArchive(files []string, offset int64, office string, after uint64, limit int, b *bookmarks) ([]Entry, error) {
	var entries []Entry
	for _, file := range files {
		err := eachLine(file, offset, func(l archiveLine, end int64) bool {
			if l.Version > after { // nodes that archived at once wrote some lines twice
				entries = append(entries, Entry{l.Version, l.Tag, l.Event})
				after = l.Version
			}
			offset = end
			return len(entries) < limit
		})
		if err != nil {
			return nil, err
		}
		if len(entries) >= limit {
			b.keep(office, bookmark{after, file, offset})
			return entries, nil
		}
		offset = 0
	}
	return entries, nil
}

// bookmarks are where in the archive readers have stopped. A year is read a chunk
// at a time, and each chunk would else begin with all lines of its month.
type bookmarks struct {
	mu   sync.Mutex
	last map[string][]bookmark // by office, the latest last
}

type bookmark struct {
	version uint64 // the last one that was read
	file    string
	offset  int64 // where the line after it begins
}

const bookmarksKept = 8 // of an office: so many read at once

func (b *bookmarks) at(office string, version uint64) (bookmark, bool) {
	if b == nil {
		return bookmark{}, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.last[office] {
		if one.version == version {
			return one, true
		}
	}
	return bookmark{}, false
}

func (b *bookmarks) keep(office string, one bookmark) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil {
		b.last = map[string][]bookmark{}
	}
	kept := slices.DeleteFunc(b.last[office], func(other bookmark) bool { return other.version == one.version })
	b.last[office] = append(kept[max(0, len(kept)-bookmarksKept+1):], one)
}

func firstLine(file string) (archiveLine, error) {
	var first archiveLine
	err := eachLine(file, 0, func(l archiveLine, _ int64) bool {
		first = l
		return false
	})
	return first, err
}

// eachLine reads a file from an offset until each returns false; end is where the
// line ends.
// A last line without its end was cut short by a crash and is passed over.
func eachLine(file string, from int64, each func(l archiveLine, end int64) bool) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(f, 1<<16)
	end := from
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		end += int64(len(line))
		var l archiveLine
		if err := json.Unmarshal(line, &l); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if !each(l, end) {
			return nil
		}
	}
}

// archiveBefore appends to the archive what the log holds before a version.
// What a crash left there from an earlier attempt is recognised.
func (h history) archiveBefore(ctx context.Context, version uint64) error {
	last, err := h.lastArchived()
	if err != nil {
		return err
	}
	if last.Version > 0 {
		// A log that was put back to an older copy goes another way: the archive
		// must not mix the two.
		found, err := h.log.Read(ctx, h.office, last.Version, 1)
		if err != nil {
			return err
		}
		if len(found) == 1 && found[0].Version == last.Version && found[0].Tag != last.Tag {
			return fmt.Errorf("the archive holds another %d than the log: set its files aside", last.Version)
		}
	}
	for next := last.Version + 1; next < version; {
		entries, err := h.log.Read(ctx, h.office, next, readChunk)
		if err != nil {
			return err
		}
		for len(entries) > 0 && entries[len(entries)-1].Version >= version {
			entries = entries[:len(entries)-1]
		}
		if len(entries) == 0 {
			return nil
		}
		if err := appendArchive(h.archive, h.office, entries); err != nil {
			return err
		}
		next = entries[len(entries)-1].Version + 1
	}
	return nil
}

// lastArchived finds the end of the archive and cuts off a line that a crash
// left unfinished.
func (h history) lastArchived() (archiveLine, error) {
	files, err := archiveFiles(h.archive, h.office)
	if err != nil || len(files) == 0 {
		return archiveLine{}, err
	}
	for i := len(files) - 1; i >= 0; i-- {
		var last archiveLine
		var whole int64
		err := eachLine(files[i], 0, func(l archiveLine, end int64) bool {
			last, whole = l, end
			return true
		})
		if err == nil {
			err = os.Truncate(files[i], whole)
		}
		if err != nil || last.Version > 0 {
			return last, err
		}
	}
	return archiveLine{}, nil
}

// appendArchive writes entries, durably, to the files of their months.
func appendArchive(archive, office string, entries []Entry) error {
	dir := filepath.Join(archive, office)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for len(entries) > 0 {
		month, n, lines, err := oneMonth(entries)
		if err != nil {
			return err
		}
		if err := appendDurably(filepath.Join(dir, month+".jsonl"), lines); err != nil {
			return err
		}
		entries = entries[n:]
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close()) // a new file's name
}

// oneMonth writes the lines of the first entries that share a month.
func oneMonth(entries []Entry) (month string, n int, lines []byte, err error) {
	var b bytes.Buffer
	for _, e := range entries {
		at, err := eventTime(e.Data)
		if err != nil {
			return "", 0, nil, fmt.Errorf("entry %d: %w", e.Version, err)
		}
		m := at.UTC().Format("2006-01")
		if month == "" {
			month = m
		}
		if m != month {
			break
		}
		line, err := json.Marshal(archiveLine{e.Version, e.Tag, e.Data})
		if err != nil {
			return "", 0, nil, fmt.Errorf("entry %d: %w", e.Version, err)
		}
		b.Write(line)
		b.WriteByte('\n')
		n++
	}
	return month, n, b.Bytes(), nil
}

func appendDurably(file string, data []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// expireArchive removes the files of months that ended before a time.
func expireArchive(archive, office string, oldest time.Time) error {
	files, err := archiveFiles(archive, office)
	if err != nil {
		return err
	}
	for _, file := range files {
		month, err := time.Parse("2006-01.jsonl", filepath.Base(file))
		if err == nil && month.AddDate(0, 1, 0).Before(oldest) {
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	return nil
}
