package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/trace"
)

type traceCommand struct {
	logFlags
	Office string `required:"" help:"The office." placeholder:"ID"`
	Ticket string `help:"The story of this ticket: its number, on --date or else on the last day that had it, or its id." placeholder:"NUMBER"`
	Date   string `help:"The day of the ticket; without --ticket, the story of this day." placeholder:"DATE"`
	Lang   string `help:"id or en." default:"id" enum:"id,en"`

	Replay bool    `help:"Tell the day at the pace at which it went, --speed times as fast."`
	Speed  float64 `help:"How fast a replay is." default:"60" placeholder:"N"`
}

func (c traceCommand) Run(p *process) error {
	if c.Ticket == "" && c.Date == "" {
		return misused("whose story? --ticket NUMBER, --date 2026-11-24, or both")
	}
	if c.Date != "" && !calendar.Date(c.Date).Valid() {
		return misused("--date %q is not a date (such as 2026-11-24)", c.Date)
	}
	if c.Replay && (c.Date == "" || c.Speed <= 0) {
		return misused("--replay wants a --date, and a --speed above 0")
	}
	l, err := c.openLogs(p.ctx)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }() // it was only read
	if _, err := l.offices(p.ctx, []string{c.Office}); err != nil {
		return err
	}
	out := bufio.NewWriter(p.out)
	var told int
	if c.Ticket == "" {
		told, err = c.day(p.ctx, l, out)
	} else {
		told, err = c.ticket(p.ctx, l, out)
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return err
	}
	if told == 0 {
		return fmt.Errorf("the log of %s tells nothing of that", c.Office)
	}
	return nil
}

// day prints what happened on a day, as it is read.
func (c traceCommand) day(ctx context.Context, l *logs, out *bufio.Writer) (told int, err error) {
	var last time.Time
	err = c.lines(ctx, l, func(line trace.Line) error {
		if line.Day() != calendar.Date(c.Date) {
			return nil
		}
		told++
		if c.Replay {
			if err := c.pace(ctx, out, &last, line.At); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintln(out, line)
		return err
	})
	return told, err
}

// longestPause is how long a replay stands still where nothing happened.
const longestPause = 3 * time.Second

// pace shows what was told so far, and waits as long as it took then, at the
// replay's speed.
func (c traceCommand) pace(ctx context.Context, out *bufio.Writer, last *time.Time, at time.Time) error {
	if err := out.Flush(); err != nil {
		return err
	}
	wait := time.Duration(0)
	if !last.IsZero() {
		wait = min(time.Duration(float64(at.Sub(*last))/c.Speed), longestPause)
	}
	*last = at
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ticket prints one ticket's story, under every number that it had. Numbers
// come again every day: the last ticket that had it is meant.
func (c traceCommand) ticket(ctx context.Context, l *logs, out *bufio.Writer) (told int, err error) {
	var meant trace.Line
	err = c.lines(ctx, l, func(line trace.Line) error {
		named := line.Ticket == c.Ticket || line.Number == c.Ticket
		if named && line.Ticket != "" && (c.Date == "" || line.Date == calendar.Date(c.Date)) && line.Date >= meant.Date {
			meant = line
		}
		return nil
	})
	if err != nil || meant.Ticket == "" {
		return 0, err
	}
	var day calendar.Date
	err = c.lines(ctx, l, func(line trace.Line) error {
		if line.Ticket != meant.Ticket {
			return nil
		}
		told++
		if line.Day() != day {
			day = line.Day()
			fmt.Fprintln(out, trace.Heading(day, c.Lang))
		}
		_, err := fmt.Fprintln(out, line)
		return err
	})
	return told, err
}

// lines tells the whole log.
func (c traceCommand) lines(ctx context.Context, l *logs, do func(trace.Line) error) error {
	var teller *trace.Teller
	return l.each(ctx, c.Office, func(e ledger.Entry) error {
		if teller == nil {
			config, err := c.config(ctx, l, e)
			if err != nil {
				return err
			}
			teller = trace.New(c.Office, c.Lang, config)
		}
		event, err := queue.Decode(e.Data)
		if errors.Is(err, queue.ErrNewer) {
			return do(unknown(teller, e))
		}
		if err != nil {
			return fmt.Errorf("entry %d of %s: %w", e.Version, c.Office, err)
		}
		for _, line := range teller.Tell(e.Version, event) {
			if err := do(line); err != nil {
				return err
			}
		}
		return nil
	})
}

// config is what the office is like now, when the beginning of its log is gone.
func (c traceCommand) config(ctx context.Context, l *logs, first ledger.Entry) (*queue.Config, error) {
	if first.Version == 1 {
		return nil, nil
	}
	state, err := ledger.State(ctx, l.log, l.records, l.archive, c.Office)
	if err != nil {
		return nil, err
	}
	return state.Config, nil
}

func unknown(teller *trace.Teller, e ledger.Entry) trace.Line {
	var event struct {
		At   time.Time `json:"at"`
		Type string    `json:"type"`
	}
	_ = json.Unmarshal(e.Data, &event) // it was read as JSON before
	return teller.Unknown(event.At, event.Type)
}
