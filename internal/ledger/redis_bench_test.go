package ledger

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"

	"github.com/redis/go-redis/v9"
)

// eventBytes is about what a call of a ticket weighs.
const eventBytes = 200

// BenchmarkRedisAppend appends batches, and in turn pipelines plain XADDs of
// the same bytes to another stream of the same server: the limit. It prints
// both in events a second, and the ratio.
func BenchmarkRedisAppend(b *testing.B) {
	server := redistest.Start(b)
	for _, size := range []int{1, 16, 256} {
		b.Run(fmt.Sprint("batch of ", size), func(b *testing.B) {
			r := openRedis(b, server.URL())
			office := fmt.Sprint("bench", size, "of", b.N)
			batch := make([][]byte, size)
			for i := range batch {
				batch[i] = bytes.Repeat([]byte("x"), eventBytes)
			}
			tag := "0123456789abcdef"
			var end Position
			var raw, ours time.Duration
			for b.Loop() {
				began := time.Now()
				_, err := r.client.Pipelined(b.Context(), func(p redis.Pipeliner) error {
					for i, data := range batch {
						p.XAdd(b.Context(), &redis.XAddArgs{
							Stream: logKey(office + "raw"),
							ID:     entryID(end.Version + uint64(i) + 1),
							Values: []any{"t", tag, "d", data},
						})
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				between := time.Now()
				if err := r.Append(b.Context(), office, end, tag, batch); err != nil {
					b.Fatal(err)
				}
				raw += between.Sub(began)
				ours += time.Since(between)
				end = Position{end.Version + uint64(size), tag}
			}
			events := float64(end.Version)
			b.ReportMetric(events/ours.Seconds(), "events/s")
			b.ReportMetric(events/raw.Seconds(), "raw/s")
			b.ReportMetric(raw.Seconds()/ours.Seconds(), "ratio")
		})
	}
}
