package ledger

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// BenchmarkEmbeddedAppend appends batches, and in turn puts the same bytes into
// another file in a bare loop of transactions: the limit. It prints both in
// events a second, and the ratio.
func BenchmarkEmbeddedAppend(b *testing.B) {
	for _, size := range []int{1, 16, 256} {
		b.Run(fmt.Sprint("batch of ", size), func(b *testing.B) {
			e := openEmbedded(b, filepath.Join(b.TempDir(), "antrean.db"))
			bare := openEmbedded(b, filepath.Join(b.TempDir(), "bare.db")).db
			batch := make([][]byte, size)
			for i := range batch {
				batch[i] = bytes.Repeat([]byte("x"), eventBytes)
			}
			var end Position
			var raw, ours time.Duration
			for b.Loop() {
				began := time.Now()
				err := bare.Update(func(tx *bbolt.Tx) error {
					bucket := tx.Bucket([]byte(logsBucket))
					for i, data := range batch {
						if err := bucket.Put(versionKey(end.Version+uint64(i)+1), data); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				between := time.Now()
				if err := e.Append(b.Context(), "bandung", end, "0123456789abcdef", batch); err != nil {
					b.Fatal(err)
				}
				raw += between.Sub(began)
				ours += time.Since(between)
				end = Position{end.Version + uint64(size), "0123456789abcdef"}
			}
			events := float64(end.Version)
			b.ReportMetric(events/ours.Seconds(), "events/s")
			b.ReportMetric(events/raw.Seconds(), "raw/s")
			b.ReportMetric(raw.Seconds()/ours.Seconds(), "ratio")
		})
	}
}

// BenchmarkEmbeddedOffices has offices append one event each at the same time,
// and shows what the shared commit saves: fsyncs.
func BenchmarkEmbeddedOffices(b *testing.B) {
	for _, offices := range []int{1, 4, 16, 64} {
		b.Run(fmt.Sprint(offices, " offices"), func(b *testing.B) {
			e := openEmbedded(b, filepath.Join(b.TempDir(), "antrean.db"))
			ends := make([]Position, offices)
			before := e.durable.Load()
			for b.Loop() {
				var group sync.WaitGroup
				for i := range ends {
					group.Go(func() {
						if err := e.Append(b.Context(), fmt.Sprint("office", i), ends[i], "tag", texts("x")); err != nil {
							b.Error(err)
						}
						ends[i] = Position{ends[i].Version + 1, "tag"}
					})
				}
				group.Wait()
			}
			events := float64(ends[0].Version) * float64(offices)
			b.ReportMetric(events/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(events/float64(e.durable.Load()-before), "events/commit")
		})
	}
}
