// Package jobs is the cron table: what happens to an office without anybody's
// hand. Every job is harmless twice, as the commands of an office are; the duty lease saves
// work and correctness never depends on it.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"antrean/internal/calendar"
	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// Job is one line of the table.
type Job struct {
	Name string
	Spec string // cron's notation
	// Ask makes the commands from the office's clock.
	Ask func(s *queue.State, now time.Time) []queue.Ask
	// Do is what a job does that is no office's own. It has no Ask.
	Do func(ctx context.Context) error
}

// Table is the whole cron table. expire removes what has expired from a store
// that does not do so by itself; it may be nil.
func Table(offices *ledger.Offices, people *vault.Vault, expire func(context.Context) error) []Job {
	table := []Job{
		{Name: "release places", Spec: "@every 5s", Ask: func(*queue.State, time.Time) []queue.Ask {
			return []queue.Ask{queue.ReleasePlaces{}}
		}},
		{Name: "end the day", Spec: "@every 1m", Ask: endDays},
		{Name: "forget", Spec: "@every 1h", Ask: func(*queue.State, time.Time) []queue.Ask {
			return []queue.Ask{queue.Forget{}}
		}},
		{Name: "forget people", Spec: "@every 1h", Do: func(ctx context.Context) error { return forgetPeople(ctx, offices, people) }},
	}
	if expire != nil {
		table = append(table, Job{Name: "expire", Spec: "@every 1h", Do: expire})
	}
	return table
}

// endDays asks to end today, yesterday, and every day before of which a ticket
// is left over: while nobody was running, any number of days may have passed,
// and a booking of one that never ended would stay its owner's only one.
func endDays(s *queue.State, now time.Time) []queue.Ask {
	today := s.Today(now)
	longest := today.AddDays(-366) // EndDay refuses older ones
	dates := map[calendar.Date]bool{today: true, today.AddDays(-1): true}
	for _, t := range s.Tickets {
		if t.Date < today && t.Date >= longest && !t.Status.Ended() {
			dates[t.Date] = true
		}
	}
	var asks []queue.Ask
	for _, date := range slices.Sorted(maps.Keys(dates)) {
		asks = append(asks, queue.EndDay{Date: date, IfEmpty: true})
	}
	return asks
}

// Runner runs the table for every office whose duty this node has.
type Runner struct {
	offices *ledger.Offices
	log     *slog.Logger
	table   []Job
	one     sync.Mutex // a slow round is not overtaken by the next
}

// New returns a runner of a table.
func New(offices *ledger.Offices, table []Job, log *slog.Logger) *Runner {
	return &Runner{offices: offices, log: log, table: table}
}

// Run keeps the table until the context ends and the last job is done.
func (r *Runner) Run(ctx context.Context) error {
	c := cron.New(cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	for _, job := range r.table {
		if _, err := c.AddFunc(job.Spec, func() { r.do(ctx, job) }); err != nil {
			return fmt.Errorf("cron table: %s: %w", job.Name, err)
		}
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// All runs every office's jobs once, as after a jump of a simulated clock.
func (r *Runner) All(ctx context.Context) {
	for _, job := range r.table {
		if job.Ask != nil {
			r.do(ctx, job)
		}
	}
}

func (r *Runner) do(ctx context.Context, job Job) {
	if job.Do != nil {
		r.report(job, "", job.Do(ctx))
		return
	}
	r.one.Lock()
	defer r.one.Unlock()
	ids, err := r.offices.IDs(ctx)
	if err != nil {
		r.report(job, "", err)
		return
	}
	for _, id := range ids {
		if ctx.Err() != nil {
			return
		}
		r.report(job, id, r.office(ctx, job, id))
	}
}

func (r *Runner) office(ctx context.Context, job Job, id string) error {
	if mine, err := r.offices.Duty(ctx, id); err != nil || !mine {
		return err
	}
	office, err := r.offices.Office(ctx, id)
	if err != nil {
		return err
	}
	var asks []queue.Ask
	now := r.offices.Now()
	office.Read(func(s *queue.State) {
		if s.Config != nil {
			asks = job.Ask(s, now)
		}
	})
	for _, ask := range asks {
		if err := office.Do(ctx, queue.Command{Ask: ask, By: queue.Actor{Name: "system", Anywhere: true}}, nil); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) report(job Job, office string, err error) {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, ledger.ErrUnavailable):
		// An outcome that is unknown is settled by the next round.
	default:
		r.log.Warn("job failed", "job", job.Name, "office", office, "error", err)
	}
}
