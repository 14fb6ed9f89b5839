package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// BareRedis is what benchmarks take for the limit: streams of a Redis to which
// entries are added, and nothing else is done.
type BareRedis struct{ client redis.UniversalClient }

// OpenBareRedis connects. The URL is that of OpenRedis.
func OpenBareRedis(url string) (*BareRedis, error) {
	c, err := redisClients(url, false)
	if err != nil {
		return nil, err
	}
	return &BareRedis{c.commands}, c.tails.Close()
}

// Add pipelines an XADD for each entry and waits for all answers.
func (b *BareRedis) Add(ctx context.Context, stream string, entries []Entry) error {
	_, err := b.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, e := range entries {
			p.XAdd(ctx, &redis.XAddArgs{Stream: stream, Values: []any{"t", e.Tag, "d", e.Data}})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add to a bare stream: %w", err)
	}
	return nil
}

// Forget removes a stream and the log of an office that a benchmark made.
func (b *BareRedis) Forget(ctx context.Context, stream, office string) error {
	return errors.Join(b.client.Unlink(ctx, stream).Err(), b.client.Unlink(ctx, logKey(office)).Err())
}

// Close ends the connections.
func (b *BareRedis) Close() error { return b.client.Close() }
