package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"antrean/internal/ledger"
)

var sri = Person{Name: "Sri Wahyuni", NIK: "3273014508900001", Phone: "+6281234567890", Email: "sri@example.id", Locale: "id"}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hall is a vault in an embedded store, or in that which onCluster names, with a clock that the test moves. When
// records expire is the store's own time to tell.
type hall struct {
	*Vault
	records ledger.Records
	at      time.Time
}

func newHall(t *testing.T, ring *Keyring) *hall {
	t.Helper()
	h := &hall{at: time.Now()}
	if store, ok := onCluster.Load(t.Name()); ok {
		h.records = store.(ledger.Records)
		h.Vault = New(h.records, ring, h.now)
		return h
	}
	store, err := ledger.OpenEmbedded(filepath.Join(t.TempDir(), "antrean.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h.records = store
	h.Vault = New(h.records, ring, h.now)
	return h
}

func (h *hall) now() time.Time { return h.at }

func TestAPersonIsKeptSealedUntilErasedOrExpired(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	put := func() {
		if err := h.Put(ctx, "bandung", "a1", sri, 30*24*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	put()
	got, err := h.Get(ctx, "bandung", "a1")
	if diff := cmp.Diff(sri, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	sealed, err := h.records.Get(ctx, "vault/bandung/a1")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Sri", "32730145", "812345", "example.id"} {
		if bytes.Contains(sealed, []byte(secret)) {
			t.Errorf("the record shows %q", secret)
		}
	}
	if err := h.Erase(ctx, "bandung", "a1", "a2"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Get(ctx, "bandung", "a1"); !errors.Is(err, ledger.ErrAbsent) {
		t.Errorf("after Erase: %v", err)
	}
	put()
	kept, err := h.records.List(ctx, "vault/bandung/", "", 10)
	if err != nil || len(kept) != 1 || time.Until(kept[0].Expires).Round(time.Hour) != 30*24*time.Hour {
		t.Errorf("kept until its retention ends: %v, %v", kept, err)
	}
	if err := h.Put(ctx, "bandung", "a1", sri, 0); err == nil {
		t.Error("a person is kept for ever")
	}
	if err := h.Put(ctx, "bandung", "a/1", sri, time.Hour); err == nil {
		t.Error("a ticket id reaches into another name")
	}
}

func TestARecordMovedOrUnderAWrongKeyDoesNotOpen(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	if err := h.Put(ctx, "bandung", "a1", sri, time.Hour); err != nil {
		t.Fatal(err)
	}
	sealed, _ := h.records.Get(ctx, "vault/bandung/a1")
	if err := h.records.Put(ctx, "vault/bandung/a2", sealed, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Get(ctx, "bandung", "a2"); !errors.Is(err, ErrSealed) {
		t.Errorf("moved: %v", err)
	}
	if _, err := New(h.records, ringOf(t, 2), h.now).Get(ctx, "bandung", "a1"); !errors.Is(err, ErrSealed) {
		t.Errorf("wrong key: %v", err)
	}
}

func TestAWrongKeyIsNoticedAtStart(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	for _, c := range []struct {
		keys   []byte
		proven bool
	}{
		{[]byte{1}, true}, {[]byte{2}, false}, {[]byte{2, 1}, true}, {[]byte{2}, true}, {[]byte{1}, false},
	} {
		err := New(h.records, ringOf(t, c.keys...), h.now).Prove(ctx)
		if (err == nil) != c.proven || err != nil && !errors.Is(err, ErrSealed) {
			t.Errorf("keys %v: %v", c.keys, err)
		}
	}
}

func TestSweepErasesWhatHasNoTicketAndSparesWhatIsOnItsWay(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	put := func(ticket string) {
		if err := h.Put(ctx, "bandung", ticket, sri, 30*24*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range 300 { // more than a page
		wg.Go(func() {
			if err := h.Put(ctx, "bandung", fmt.Sprintf("gone-%03d", i), sri, 30*24*time.Hour); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	put("kept")
	h.at = h.at.Add(orphanAge)
	put("on-its-way")
	if err := h.Prove(ctx); err != nil {
		t.Fatal(err)
	}
	exists := func(_ context.Context, office, ticket string) (bool, error) {
		if office != "bandung" {
			t.Errorf("asked for office %q", office)
		}
		return ticket == "kept", nil
	}
	if erased, err := h.Sweep(ctx, exists); erased != 300 || err != nil {
		t.Errorf("Sweep = %d, %v", erased, err)
	}
	var left []string
	var records []ledger.Record
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); { // the last ones go within a millisecond
		if records, _ = h.records.List(ctx, "", "", 1000); len(records) == 3 {
			break
		}
	}
	for _, record := range records {
		left = append(left, record.Key)
	}
	if diff := cmp.Diff([]string{"keyring/proof", "vault/bandung/kept", "vault/bandung/on-its-way"}, left); diff != "" {
		t.Error(diff)
	}
	down := errors.New("down")
	if _, err := h.Sweep(ctx, func(context.Context, string, string) (bool, error) { return false, down }); !errors.Is(err, down) {
		t.Errorf("an office that cannot be asked: %v", err)
	}
	if _, err := h.Get(ctx, "bandung", "kept"); err != nil {
		t.Errorf("what could not be asked about is erased: %v", err)
	}
}

func TestAnIdentityHasOneHolderUntilItIsTakenOver(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	first, second, third := Holder{"bandung", "a1"}, Holder{"jakarta", "b1"}, Holder{"bandung", "c1"}
	claim := func(nik string, holder Holder, want ...Claim) {
		t.Helper()
		foreign, err := h.Claim(ctx, Claim{nik, holder})
		if diff := cmp.Diff(want, foreign); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	claim("1", first)
	claim("1", first) // a retry
	claim("1", second, Claim{"1", first})
	claim("2", second)
	if held, err := h.Takeover(ctx, "1", third, second); held != first || err != nil {
		t.Errorf("taken from one who has it not: %v, %v", held, err)
	}
	if held, err := h.Takeover(ctx, "1", first, second); held != second || err != nil {
		t.Errorf("Takeover = %v, %v", held, err)
	}
	if held, err := h.Takeover(ctx, "1", first, third); held != second || err != nil {
		t.Errorf("taken twice: %v, %v", held, err)
	}
	claim("1", first, Claim{"1", second})
	records, _ := h.records.List(ctx, "", "", 100)
	for _, record := range records {
		if record.Key == "claim/1" || !record.Expires.IsZero() {
			t.Errorf("record %s expires %v", record.Key, record.Expires)
		}
	}
}

func TestFamiliesWhoSharePeopleNeverHoldHalfOfEachOther(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	const families = 16
	var wg sync.WaitGroup
	complete := make([]bool, families)
	for i := range families {
		wg.Go(func() {
			var claims []Claim
			for person := range 5 {
				nik := fmt.Sprint((person*(i%2*2-1) + 5) % 5) // half of them name the people backwards
				claims = append(claims, Claim{nik, Holder{"bandung", fmt.Sprintf("%d-%s", i, nik)}})
			}
			foreign, err := h.Claim(ctx, claims...)
			if err != nil {
				t.Error(err)
			}
			complete[i] = len(foreign) == 0
		})
	}
	wg.Wait()
	winners := 0
	for _, won := range complete {
		if won {
			winners++
		}
	}
	if winners != 1 {
		t.Errorf("%d families hold everybody", winners)
	}
}

func TestBeyondAForeignClaimItOnlyLooks(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	other, mine := Holder{"jakarta", "x"}, Holder{"bandung", "a"}
	for _, nik := range []string{"2", "4"} {
		if _, err := h.Claim(ctx, Claim{nik, other}); err != nil {
			t.Fatal(err)
		}
	}
	foreign, err := h.Claim(ctx, Claim{"4", mine}, Claim{"3", mine}, Claim{"2", mine}, Claim{"1", mine})
	if diff := cmp.Diff([]Claim{{"2", other}, {"4", other}}, foreign); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for nik, want := range map[string]Holder{"1": mine, "3": {}} {
		if held, err := h.holder(ctx, nik); held != want || err != nil {
			t.Errorf("%s is held by %v, %v", nik, held, err)
		}
	}
}

func TestAClaimOutlivesTheKeyThatItWasMadeUnder(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	first, second := Holder{"bandung", "a1"}, Holder{"jakarta", "b1"}
	if _, err := h.Claim(ctx, Claim{"1", first}); err != nil {
		t.Fatal(err)
	}
	rotated := New(h.records, ringOf(t, 2, 1), h.now)
	foreign, err := rotated.Claim(ctx, Claim{"1", second})
	if diff := cmp.Diff([]Claim{{"1", first}}, foreign); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if held, err := rotated.Takeover(ctx, "1", first, second); held != second || err != nil {
		t.Errorf("Takeover = %v, %v", held, err)
	}
	foreign, err = New(h.records, ringOf(t, 2), h.now).Claim(ctx, Claim{"1", first})
	if diff := cmp.Diff([]Claim{{"1", second}}, foreign); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestAPersonDoesNotSlipIntoALog(t *testing.T) {
	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Info("booked", "person", sri)
	slog.New(slog.NewTextHandler(&out, nil)).Info("booked", "person", sri)
	fmt.Fprintf(&out, "%v %+v %#v %s", sri, sri, sri, sri)
	if strings.Contains(out.String(), "Wahyuni") || strings.Contains(out.String(), "3273") {
		t.Error(out.String())
	}
}

// A retry may write a record anew just when the sweep has found it an orphan.
func TestSweepSparesWhatARetryWritesMeanwhile(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	put := func() {
		if err := h.Put(ctx, "bandung", "retried", sri, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	put()
	h.at = h.at.Add(orphanAge)
	erased, err := h.Sweep(ctx, func(context.Context, string, string) (bool, error) { put(); return false, nil })
	if erased != 0 || err != nil {
		t.Errorf("Sweep = %d, %v", erased, err)
	}
	if person, err := h.Get(ctx, "bandung", "retried"); err != nil || person.Name != sri.Name {
		t.Errorf("the retry's record is gone: %v", err)
	}
}
