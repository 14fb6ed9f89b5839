package ledger

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Restore writes entries as they are, with their versions and tags, behind the
// end of a log that nobody else writes. The first of an empty log may have any
// version: what came before it was trimmed.
func (r *Redis) Restore(ctx context.Context, office string, entries []Entry) error {
	err := consecutive(entries)
	for err == nil && len(entries) > 0 {
		n := min(len(entries), MaxBatch)
		_, err = r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, e := range entries[:n] {
				p.XAdd(ctx, &redis.XAddArgs{Stream: logKey(office), ID: entryID(e.Version), Values: []any{"t", e.Tag, "d", e.Data}})
			}
			return nil
		})
		entries = entries[n:]
	}
	if err != nil {
		return fmt.Errorf("restore the log of %s: %w", office, err)
	}
	return nil
}
