package ledger

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"
)

// Restore writes entries as they are, with their versions and tags, behind the
// end of a log that nobody else writes. The first of an empty log may have any
// version: what came before it was trimmed.
func (e *Embedded) Restore(ctx context.Context, office string, entries []Entry) error {
	err := consecutive(entries)
	if err == nil {
		err = e.commit(ctx, func(tx *bbolt.Tx) (bool, error) {
			log, err := tx.Bucket([]byte(logsBucket)).CreateBucketIfNotExists([]byte(office))
			if err != nil {
				return false, err
			}
			if end := endOf(log); len(entries) > 0 && end.Version > 0 && end.Version+1 != entries[0].Version {
				return false, errGap
			}
			log.FillPercent = 1
			for _, one := range entries {
				if err := log.Put(versionKey(one.Version), sealEntry(one.Tag, one.Data)); err != nil {
					return false, err
				}
			}
			return len(entries) > 0, nil
		})
	}
	if err != nil {
		return fmt.Errorf("restore the log of %s: %w", office, err)
	}
	return nil
}
