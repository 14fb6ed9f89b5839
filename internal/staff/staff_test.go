package staff

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"antrean/internal/ledger"
	"antrean/internal/vault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counted are records that count their reads.
type counted struct {
	ledger.Records
	reads atomic.Int64
}

func (c *counted) Get(ctx context.Context, key string) ([]byte, error) {
	c.reads.Add(1)
	return c.Records.Get(ctx, key)
}

// office is a staff over an embedded store, with a clock that the test moves
// and cheap hashes.
type office struct {
	*Staff
	store *counted
	ring  *vault.Keyring
	at    atomic.Int64
}

const good = "kata sandi panjang"

var cheap = cost{memory: 64, time: 1, threads: 1}

func newOffice(t *testing.T) *office {
	t.Helper()
	store, err := ledger.OpenEmbedded(filepath.Join(t.TempDir(), "antrean.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	ring, err := vault.NewKeyring(vault.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	o := &office{store: &counted{Records: store}, ring: ring}
	o.at.Store(time.Date(2026, 11, 24, 7, 30, 0, 0, time.UTC).UnixNano())
	o.Staff = o.node()
	return o
}

// rotated is the office after a restart with these keys.
func (o *office) rotated(t *testing.T, keys ...vault.Key) *Staff {
	t.Helper()
	ring, err := vault.NewKeyring(keys...)
	if err != nil {
		t.Fatal(err)
	}
	node := o.node()
	node.sealer = ring
	return node
}

func TestAfterResealingAFormerKeyMayGo(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	former, present := vault.NewKey(), vault.NewKey()
	o.Staff = o.rotated(t, former)
	o.add(t, "rina", Administrator)
	old := o.login(t, "rina")
	_, tablet := o.paired(t, CounterDevice)
	if err := o.rotated(t, present).Reseal(ctx); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("the former key went too early: %v", err)
	}
	o.Staff = o.rotated(t, present, former)
	if err := o.Reseal(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, old); err != nil {
		t.Errorf("a session of before: %v", err)
	}
	o.Staff = o.rotated(t, present)
	o.login(t, "rina")
	if _, err := o.Device(ctx, tablet); err != nil {
		t.Errorf("the paired tablet: %v", err)
	}
	if _, err := o.SetupLink(ctx); !errors.Is(err, ErrSetUp) {
		t.Errorf("the setup: %v", err)
	}
	if _, err := o.Session(ctx, old); !errors.Is(err, ErrNoSession) {
		t.Errorf("a session under the key that is gone: %v", err)
	}
}

// node is another server on the same store.
func (o *office) node() *Staff {
	s := New(o.store, o.ring, o.now)
	s.hasher.cost = cheap
	s.hasher.decoy = s.hasher.newDecoy()
	return s
}

func (o *office) now() time.Time          { return time.Unix(0, o.at.Load()).UTC() }
func (o *office) pass(span time.Duration) { o.at.Add(int64(span)) }
func (o *office) add(t *testing.T, name string, roles ...Role) {
	t.Helper()
	if err := o.Add(context.Background(), Account{Name: name, Roles: roles, Offices: []string{"bandung"}}, good); err != nil {
		t.Fatal(err)
	}
}

func (o *office) login(t *testing.T, name string) string {
	t.Helper()
	_, token, err := o.Login(context.Background(), LoginRequest{Username: name, Password: good, Address: "203.0.113.7"})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// paired pairs a device and returns it with its token.
func (o *office) paired(t *testing.T, kind Kind) (Device, string) {
	t.Helper()
	ctx := context.Background()
	code, token, _, err := o.RequestPairing(ctx, "203.0.113.7", "")
	if err != nil {
		t.Fatal(err)
	}
	d, err := o.AcceptPairing(ctx, code, Device{Name: "Loket 1", Kind: kind, Office: "bandung", Counter: "1"}, "rina")
	if err != nil {
		t.Fatal(err)
	}
	return d, token
}
