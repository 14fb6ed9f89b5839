package ledger

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// BareFile is what benchmarks take for the limit of the embedded store: a file
// into which batches are put, a transaction each, and nothing else is done.
type BareFile struct {
	db   *bbolt.DB
	next uint64
}

// OpenBareFile makes the file with the options of OpenEmbedded.
func OpenBareFile(path string) (*BareFile, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		InitialMmapSize: mappedAtFirst(),
		FreelistType:    bbolt.FreelistMapType,
		NoStatistics:    true,
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &BareFile{db: db}, db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte(logsBucket))
		return err
	})
}

// Put writes a batch in one transaction, durably. It is for one goroutine.
func (b *BareFile) Put(batch []Entry) error {
	return b.db.Update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket([]byte(logsBucket))
		bucket.FillPercent = 1
		for _, e := range batch {
			b.next++
			if err := bucket.Put(binary.BigEndian.AppendUint64(nil, b.next), e.Data); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close lets the file go.
func (b *BareFile) Close() error { return b.db.Close() }
