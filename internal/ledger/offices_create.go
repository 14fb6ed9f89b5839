package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"antrean/internal/queue"
)

const officePrefix = "office/"

// IDs are the ids of all offices, sorted.
func (o *Offices) IDs(ctx context.Context) ([]string, error) {
	const page = 500
	var ids []string
	after := ""
	for {
		records, err := o.records.List(ctx, officePrefix, after, page)
		if err != nil {
			return nil, fmt.Errorf("list offices: %w", err)
		}
		for _, r := range records {
			ids = append(ids, strings.TrimPrefix(r.Key, officePrefix))
			after = r.Key
		}
		if len(records) < page {
			return ids, nil
		}
	}
}

// Create gives an office its first configuration, which must be prepared. It
// leaves an office that exists as it is, and reports whether it made one.
func (o *Offices) Create(ctx context.Context, c *queue.Config) (created bool, err error) {
	return o.CreateBy(ctx, c, queue.Actor{Name: system})
}

// CreateBy is Create by somebody, whom the log names.
func (o *Offices) CreateBy(ctx context.Context, c *queue.Config, by queue.Actor) (created bool, err error) {
	if err := o.askTime(ctx); err != nil {
		return false, err
	}
	s := queue.NewState(c.ID)
	s.Begin()
	events, err := queue.Decide(s, queue.Command{
		Ask: queue.Configure{Config: c, Epoch: random()},
		By:  by,
		ID:  random(),
	}, o.Now())
	if err != nil {
		return false, err
	}
	data, err := encodeAll(events)
	if err != nil {
		return false, err
	}
	err = o.log.Append(ctx, c.ID, Position{}, random(), data)
	if moved := (*Moved)(nil); errors.As(err, &moved) {
		created = false
	} else if err != nil {
		return false, fmt.Errorf("create %s: %w: %w", c.ID, ErrUnavailable, err)
	} else {
		created = true
	}
	if err := o.records.Put(ctx, officePrefix+c.ID, []byte("{}"), 0); err != nil {
		return created, fmt.Errorf("list %s: %w", c.ID, err)
	}
	return created, nil
}
