package staff

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/ledger"
)

func TestAddChecksWhatItIsGiven(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	for _, c := range []struct {
		name     string
		account  Account
		password string
		want     error
	}{
		{"taken", Account{Name: "Rina", Roles: []Role{Desk}}, good, ErrExists},
		{"no name", Account{Roles: []Role{Desk}}, good, ErrName},
		{"a path", Account{Name: "a/b", Roles: []Role{Desk}}, good, ErrName},
		{"too long", Account{Name: strings.Repeat("a", 41), Roles: []Role{Desk}}, good, ErrName},
		{"no role", Account{Name: "agus"}, good, ErrRole},
		{"unknown role", Account{Name: "agus", Roles: []Role{Desk, "director"}}, good, ErrRole},
		{"short password", Account{Name: "agus", Roles: []Role{Desk}}, "1234567", ErrPassword},
		{"endless password", Account{Name: "agus", Roles: []Role{Desk}}, strings.Repeat("a", 257), ErrPassword},
	} {
		if err := o.Add(ctx, c.account, c.password); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, pin := range []string{"123", "1234567890123", "12a4", "١٢٣٤"} {
		if err := o.SetPIN(ctx, "rina", pin); !errors.Is(err, ErrPIN) {
			t.Errorf("PIN %s: %v", pin, err)
		}
	}
	for name, err := range map[string]error{
		"SetPassword": o.SetPassword(ctx, "nobody", good),
		"SetPIN":      o.SetPIN(ctx, "nobody", "4711"),
		"Remove":      o.Remove(ctx, "nobody"),
		"Remove path": o.Remove(ctx, "../rina"),
	} {
		if !errors.Is(err, ErrNoAccount) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAccountsAreListedSealedAndRemoved(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	for _, name := range []string{"rina", "agus", "budi"} {
		o.add(t, name, Officer)
	}
	if err := o.SetPIN(ctx, "agus", "4711"); err != nil {
		t.Fatal(err)
	}
	if err := o.Remove(ctx, "rina"); err != nil {
		t.Fatal(err)
	}
	got, err := o.List(ctx)
	want := []Account{
		{Name: "agus", Roles: []Role{Officer}, Offices: []string{"bandung"}, Created: o.now(), HasPIN: true},
		{Name: "budi", Roles: []Role{Officer}, Offices: []string{"bandung"}, Created: o.now()},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	records, _ := o.store.List(ctx, "staff/", "", 100)
	for _, record := range records {
		if bytes.Contains(record.Value, []byte("officer")) || bytes.Contains(record.Value, []byte("argon2id")) {
			t.Errorf("%s is readable", record.Key)
		}
	}
	if err := o.SetPIN(ctx, "agus", ""); err != nil {
		t.Fatal(err)
	}
	if got, err := o.List(ctx); err != nil || got[0].HasPIN {
		t.Errorf("the PIN is still there: %v, %v", got, err)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	o.add(t, "rina", Officer)
	if err := o.Remove(ctx, "budi"); !errors.Is(err, ErrLastAdmin) {
		t.Errorf("Remove: %v", err)
	}
	o.add(t, "sari", Administrator)
	if err := o.Remove(ctx, "budi"); err != nil {
		t.Errorf("Remove: %v", err)
	}
}

// slow are records whose lists take until everybody has asked for one.
type slow struct {
	ledger.Records
	all *sync.WaitGroup
}

func (s slow) List(ctx context.Context, prefix, after string, limit int) ([]ledger.Record, error) {
	found, err := s.Records.List(ctx, prefix, after, limit)
	if prefix == accountPrefix && after == "" {
		s.all.Done()
		waited := make(chan struct{})
		go func() { s.all.Wait(); close(waited) }()
		select {
		case <-waited: // both have read what there was
		case <-time.After(200 * time.Millisecond): // the other cannot, before we are done
		}
	}
	return found, err
}

func TestTwoAdministratorsWhoRemoveEachOtherLeaveOne(t *testing.T) {
	for name, away := range map[string]func(s *Staff, who string) error{
		"demoted": func(s *Staff, who string) error { return s.SetRoles(t.Context(), who, []Role{Officer}, nil) },
		"removed": func(s *Staff, who string) error { return s.Remove(t.Context(), who) },
	} {
		o := newOffice(t)
		o.add(t, "budi", Administrator)
		o.add(t, "rina", Administrator)
		var all, done sync.WaitGroup
		all.Add(2)
		errs := make([]error, 2)
		for i, who := range []string{"budi", "rina"} {
			node := o.node()
			node.records = slow{o.store, &all}
			done.Go(func() { errs[i] = away(node, who) })
		}
		done.Wait()
		accounts, err := o.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, a := range accounts {
			if slices.Contains(a.Roles, Administrator) {
				left++
			}
		}
		if left != 1 || (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), ErrLastAdmin) {
			t.Errorf("%s: %d administrators are left: %v", name, left, errs)
		}
	}
}

func TestNobodyIsCalledWhatTheLogCallsOthers(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	for _, name := range []string{"token-pusat", "Device-0f3a", "system", "applicant", "token-"} {
		if err := o.Add(ctx, Account{Name: name, Roles: []Role{Officer}}, good); !errors.Is(err, ErrReserved) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"tokenizer", "device", "systems"} {
		if err := o.Add(ctx, Account{Name: name, Roles: []Role{Officer}}, good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestChangesAtTheSameMomentAllLand(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	tries := 0
	err := o.update(ctx, "rina", func(a *account) {
		if tries++; tries == 1 { // another node is faster
			if err := o.node().SetPIN(ctx, "rina", "4711"); err != nil {
				t.Error(err)
			}
		}
		a.Roles = []Role{Supervisor}
	})
	if err != nil || tries != 2 {
		t.Errorf("%d tries, %v", tries, err)
	}
	_, tablet := o.paired(t, CounterDevice)
	begun, _, err := o.Login(ctx, LoginRequest{Username: "rina", PIN: "4711", Device: tablet})
	if err != nil || !May(begun, Supervise, "bandung") {
		t.Errorf("Login: %+v, %v", begun, err)
	}
}
