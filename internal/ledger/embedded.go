package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

const (
	// lockWait is how long OpenEmbedded waits for the file: a server that is just
	// ending lets go within it.
	lockWait = time.Second
	// idleTail is how long a tail waits before it says that nothing came.
	idleTail = 2 * time.Second
)

// The two buckets of the file. Logs hold a bucket for each office: version (8
// bytes, big-endian) → tag length (1 byte), tag, data. Records hold key →
// expiry (8 bytes, milliseconds since 1970, 0 for never), value.
const (
	logsBucket    = "logs"
	recordsBucket = "records"
)

// ErrLocked says that the file belongs to a running server.
var ErrLocked = errors.New("the file belongs to a running server")

// Embedded keeps logs and records in one file. It is safe for concurrent use
// and belongs to one process at a time.
type Embedded struct {
	db *bbolt.DB

	turn    chan struct{} // holds a token while nobody commits
	durable atomic.Int64  // id of the last transaction known to be on disk
	closed  chan struct{}

	mu      sync.Mutex
	waiting []*write                 // to be committed together by whoever gets the turn
	changed map[string]chan struct{} // by office; closed when its log has grown
	closing bool
}

// OpenEmbedded opens the file, or makes it, readable by its owner only. If
// another process has it, the error is ErrLocked.
func OpenEmbedded(path string) (*Embedded, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         lockWait,
		InitialMmapSize: mappedAtFirst(),
		// Its cost stays flat when trimming has left many free pages.
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
	})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		err = ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	e := &Embedded{
		db:      db,
		turn:    make(chan struct{}, 1),
		closed:  make(chan struct{}),
		changed: make(map[string]chan struct{}),
	}
	e.turn <- struct{}{}
	if err := e.prepare(path); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, errors.Join(err, db.Close()))
	}
	return e, nil
}

// prepare makes the buckets, makes a new file's name as durable as its content,
// and clears what expired while nobody was here.
func (e *Embedded) prepare(path string) error {
	err := e.db.Update(func(tx *bbolt.Tx) error {
		e.durable.Store(int64(tx.ID())) // nobody reads yet
		_, errLogs := tx.CreateBucketIfNotExists([]byte(logsBucket))
		_, errRecords := tx.CreateBucketIfNotExists([]byte(recordsBucket))
		return errors.Join(errLogs, errRecords)
	})
	if err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return err
	}
	return e.Sweep(context.Background())
}

func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // a directory cannot be synced there, and need not be
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// mappedAtFirst is how much of the file is mapped into memory from the start.
// Until the file outgrows it, a reader never holds up a writer, and a backup may
// take its time. It costs address space, no memory; but on Windows the file
// itself would be made that large.
func mappedAtFirst() int {
	switch {
	case runtime.GOOS == "windows":
		return 0
	case strconv.IntSize == 32:
		return 128 << 20
	default:
		return 1 << 30
	}
}

// Close waits for what is being written and lets the file go. Tails end with
// ErrClosed.
func (e *Embedded) Close() error {
	e.mu.Lock()
	closing := e.closing
	e.closing = true
	e.mu.Unlock()
	if closing {
		return nil
	}
	close(e.closed)
	return e.db.Close()
}

// Now is this machine's time.
func (e *Embedded) Now(context.Context) (time.Time, error) { return time.Now(), nil }
