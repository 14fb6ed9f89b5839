package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/subject"
	"antrean/internal/vault"
	"antrean/notifier"
)

// people answer for their data: out of the store, or through a server.
type people interface {
	Show(context.Context, subject.Query) (subject.Held, error)
	Report(context.Context, subject.Query) (subject.Held, error)
	Erase(ctx context.Context, q subject.Query, cancel bool) (subject.Erased, error)
	Breach(ctx context.Context, since, until time.Time, office string) (subject.Breach, error)
}

// withPeople opens a store that exists, or asks the server that has it.
func withPeople(p *process, f logFlags, do func(people) error) (err error) {
	if f.URL != "" {
		r, err := f.dial(p.ctx)
		if err != nil {
			return err
		}
		return do(remotePeople{r})
	}
	if err := f.existing(); err != nil {
		return err
	}
	s, err := f.open(p.ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	kept := vault.New(s.records, s.ring, time.Now)
	if err := kept.Prove(p.ctx); err != nil {
		return misuse{err}
	}
	// What is looked at is written down: the offices run while it is.
	offices := ledger.New(s.log, s.records, ledger.Options{Archive: s.archive, Node: "console"})
	ctx, stop := context.WithCancel(p.ctx)
	ended := make(chan error, 1)
	go func() { ended <- offices.Run(ctx) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	return ofPeople(do(storedPeople{subject.New(offices, kept, s.ring, noticesIn(s.log)), subject.Console()}))
}

// noticesIn reads what people were told out of the logs of a store.
func noticesIn(log ledger.Log) subject.Notices {
	return func(ctx context.Context, office string, tickets []string) (map[string][]subject.Notice, error) {
		told, err := notifier.ToldOf(ctx, log, office, tickets)
		all := map[string][]subject.Notice{}
		for _, t := range told {
			all[t.Ticket] = append(all[t.Ticket], subject.Notice{At: t.At, Kind: string(t.Kind), Channel: t.Channel, Outcome: string(t.Outcome)})
		}
		return all, err
	}
}

// ofPeople makes what the caller asked wrongly misuse.
func ofPeople(err error) error {
	var wrong *subject.Invalid
	var refusal *queue.Refusal
	switch {
	case errors.As(err, &wrong) && wrong.Field == "nik":
		return misused("this is no NIK: 16 digits, with a region, a birth date and a serial number (%s)", wrong.Reason)
	case errors.As(err, &wrong) && wrong.Reason == "required":
		return misused("several offices have such a ticket: --%s says which", wrong.Field)
	case errors.As(err, &wrong):
		return misused("--%s is not allowed (%s)", wrong.Field, wrong.Reason)
	case errors.As(err, &refusal) && refusal.Detail == "ticket_active":
		return errors.New("this person is still expected: --cancel gives their place back and erases then")
	case errors.As(err, &refusal) && refusal.Detail == "at_counter":
		return errors.New("this person is at a counter: erase when they have left it")
	}
	return err
}

// storedPeople are those of an open store.
type storedPeople struct {
	*subject.Subjects
	by queue.Actor
}

func (s storedPeople) Show(ctx context.Context, q subject.Query) (subject.Held, error) {
	return s.Subjects.Show(ctx, s.by, q)
}

func (s storedPeople) Report(ctx context.Context, q subject.Query) (subject.Held, error) {
	return s.Subjects.Report(ctx, s.by, q)
}

func (s storedPeople) Erase(ctx context.Context, q subject.Query, cancel bool) (subject.Erased, error) {
	return s.Subjects.Erase(ctx, s.by, q, cancel)
}

func (s storedPeople) Breach(ctx context.Context, since, until time.Time, office string) (subject.Breach, error) {
	return s.Subjects.Breach(ctx, s.by, since, until, office)
}

// remotePeople are those of a running server.
type remotePeople struct{ *remote }

func (r remotePeople) Show(ctx context.Context, q subject.Query) (held subject.Held, err error) {
	err = r.send(ctx, http.MethodPost, "/api/v1/people/show", q, &held)
	return held, err
}

func (r remotePeople) Report(ctx context.Context, q subject.Query) (held subject.Held, err error) {
	err = r.send(ctx, http.MethodPost, "/api/v1/people/report", q, &held)
	return held, err
}

func (r remotePeople) Erase(ctx context.Context, q subject.Query, cancel bool) (done subject.Erased, err error) {
	body := struct {
		subject.Query
		Cancel bool `json:"cancel"`
	}{q, cancel}
	err = r.send(ctx, http.MethodPost, "/api/v1/people/erase", body, &done)
	return done, err
}

func (r remotePeople) Breach(ctx context.Context, since, until time.Time, office string) (b subject.Breach, err error) {
	body := struct {
		Since  time.Time `json:"since"`
		Until  time.Time `json:"until,omitzero"`
		Office string    `json:"office"`
	}{since, until, office}
	err = r.send(ctx, http.MethodPost, "/api/v1/people/breach", body, &b)
	return b, err
}
