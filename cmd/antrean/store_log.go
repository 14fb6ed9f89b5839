package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"antrean/internal/ledger"
)

// logFlags choose where logs are read from: the store, or a running server.
type logFlags struct {
	storeFlags
	serverFlags
}

// logs are open for reading.
type logs struct {
	log     ledger.Log
	records ledger.Records
	archive string
	remote  *remoteLog // nil: the store itself is open
	close   func() error
}

// openLogs opens the store, or speaks to the server that has it.
func (f logFlags) openLogs(ctx context.Context) (*logs, error) {
	if f.URL == "" {
		if err := f.existing(); err != nil {
			return nil, err
		}
		s, err := f.open(ctx, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, err
		}
		return &logs{log: s.log, records: s.records, archive: s.archive, close: s.close}, nil
	}
	server, err := f.dial(ctx)
	if err != nil {
		return nil, err
	}
	r := &remoteLog{server}
	return &logs{log: r, records: noRecords{}, remote: r, close: func() error { return nil }}, nil
}

// offices are those asked for, all of them when none is; unknown ones are
// misuse.
func (l *logs) offices(ctx context.Context, asked []string) ([]string, error) {
	var known []string
	var err error
	if l.remote != nil {
		known, err = l.remote.offices(ctx)
	} else {
		known, err = ledger.New(l.log, l.records, ledger.Options{}).IDs(ctx)
	}
	if err != nil {
		return nil, err
	}
	return chosen(known, asked)
}

func chosen(known, asked []string) ([]string, error) {
	for _, id := range asked {
		if !slices.Contains(known, id) {
			return nil, misused("there is no office %q (%s)", id, cmp.Or(strings.Join(known, ", "), "this store has none"))
		}
	}
	if len(asked) > 0 {
		return asked, nil
	}
	return known, nil
}

// readTogether is how many entries are asked for at once.
const readTogether = 1000

// each reads an office's whole log, the archive's part included.
func (l *logs) each(ctx context.Context, office string, do func(ledger.Entry) error) error {
	reader := &ledger.Reader{Log: l.log, Archive: l.archive}
	for after := uint64(0); ; {
		entries, err := reader.Entries(ctx, office, after, readTogether)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if err := do(e); err != nil {
				return err
			}
		}
		after = entries[len(entries)-1].Version
	}
}

// remoteLog reads logs through a server's API. It writes nothing.
type remoteLog struct{ *remote }

var errRemote = errors.New("a log that is read through a server cannot be written")

func (r *remoteLog) Append(context.Context, string, ledger.Position, string, [][]byte) error {
	return errRemote
}

func (r *remoteLog) Trim(context.Context, string, uint64) error { return errRemote }

func (r *remoteLog) Tail(context.Context, string, uint64, int) ([]ledger.Entry, error) {
	return nil, errRemote
}

func (r *remoteLog) Now(context.Context) (time.Time, error) { return time.Now(), nil }

// Read implements ledger.Log.
func (r *remoteLog) Read(ctx context.Context, office string, from uint64, limit int) ([]ledger.Entry, error) {
	var page struct {
		Events []struct {
			Version uint64          `json:"version"`
			Tag     string          `json:"tag"`
			Event   json.RawMessage `json:"event"`
		} `json:"events"`
	}
	after := max(from, 1) - 1
	if err := r.get(ctx, fmt.Sprintf("/api/v1/offices/%s/log?after=%d", url.PathEscape(office), after), &page); err != nil {
		return nil, err
	}
	entries := make([]ledger.Entry, 0, min(limit, len(page.Events)))
	for _, e := range page.Events[:min(limit, len(page.Events))] {
		entries = append(entries, ledger.Entry{Version: e.Version, Tag: e.Tag, Data: e.Event})
	}
	return entries, nil
}

func (r *remoteLog) offices(ctx context.Context) ([]string, error) {
	var answer struct {
		Offices []struct {
			ID string `json:"id"`
		} `json:"offices"`
	}
	if err := r.get(ctx, "/api/v1/offices", &answer); err != nil {
		return nil, err
	}
	ids := make([]string, len(answer.Offices))
	for i, o := range answer.Offices {
		ids[i] = o.ID
	}
	return ids, nil
}

// noRecords is a store without records.
type noRecords struct{}

func (noRecords) Get(context.Context, string) ([]byte, error) { return nil, ledger.ErrAbsent }

func (noRecords) GetAll(_ context.Context, keys ...string) ([][]byte, error) {
	return make([][]byte, len(keys)), nil
}

func (noRecords) Put(context.Context, string, []byte, time.Duration) error { return errRemote }

func (noRecords) Replace(context.Context, string, []byte, []byte, time.Duration) ([]byte, error) {
	return nil, errRemote
}

func (noRecords) Delete(context.Context, ...string) error { return nil }

func (noRecords) List(context.Context, string, string, int) ([]ledger.Record, error) {
	return nil, nil
}
