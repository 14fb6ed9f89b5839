package staff

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func names(t *testing.T, s *Staff) []string {
	t.Helper()
	accounts, err := s.List(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range accounts {
		names = append(names, a.Name)
	}
	return names
}

func TestTheSetupLinkMakesOneAdministratorOnce(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	link, err := o.SetupLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.node().SetupLink(ctx); again != link || err != nil {
		t.Errorf("another start prints another link: %v", err)
	}
	for token, want := range map[string]error{"": ErrSetupLink, newToken(): ErrSetupLink} {
		if err := o.Setup(ctx, token, "budi", good); !errors.Is(err, want) {
			t.Errorf("token %q: %v", token, err)
		}
	}
	if err := o.Setup(ctx, link, "budi", "short"); !errors.Is(err, ErrPassword) {
		t.Errorf("a weak password: %v", err)
	}
	if err := o.Setup(ctx, link, "budi", good); err != nil {
		t.Errorf("the link is spent by a mistake: %v", err)
	}
	if err := o.Setup(ctx, link, "sari", good); !errors.Is(err, ErrSetupLink) {
		t.Errorf("used twice: %v", err)
	}
	if _, err := o.SetupLink(ctx); !errors.Is(err, ErrSetUp) {
		t.Errorf("another link: %v", err)
	}
	begun, _, err := o.Login(ctx, LoginRequest{Username: "budi", Password: good})
	if err != nil || !May(begun, Accounts, "") {
		t.Errorf("%+v, %v", begun, err)
	}
}

func TestOfAllWhoUseTheLinkAtOnceOneWins(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	links := make([]string, 8)
	var wg sync.WaitGroup
	for i := range links {
		wg.Go(func() {
			var err error
			if links[i], err = o.node().SetupLink(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var mu sync.Mutex
	var won []string
	for i, link := range links {
		if link != links[0] {
			t.Fatalf("two links: %v", links)
		}
		wg.Go(func() {
			name := fmt.Sprintf("admin%d", i)
			switch err := o.node().Setup(ctx, link, name, good); {
			case err == nil:
				mu.Lock()
				won = append(won, name)
				mu.Unlock()
			case !errors.Is(err, ErrSetupLink):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff(won, names(t, o.Staff)); diff != "" || len(won) != 1 {
		t.Error(won, diff)
	}
}

func TestAnAccountMadeOtherwiseKillsTheLink(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	link, err := o.SetupLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	o.add(t, "rina", Administrator)
	if err := o.Setup(ctx, link, "eve", good); !errors.Is(err, ErrSetupLink) {
		t.Errorf("Setup: %v", err)
	}
	if _, err := o.SetupLink(ctx); !errors.Is(err, ErrSetUp) {
		t.Errorf("SetupLink: %v", err)
	}
	if diff := cmp.Diff([]string{"rina"}, names(t, o.Staff)); diff != "" {
		t.Error(diff)
	}
	if err := o.store.Delete(ctx, setupRecord); err != nil { // accounts came by an import
		t.Fatal(err)
	}
	if _, err := o.SetupLink(ctx); !errors.Is(err, ErrSetUp) {
		t.Errorf("SetupLink after an import: %v", err)
	}
	if err := o.Add(ctx, Account{Name: "rina", Roles: []Role{Administrator}}, "another horse"); !errors.Is(err, ErrExists) {
		t.Errorf("Add of an imported name: %v", err)
	}
}

func TestACrashInTheMiddleOfSetupIsCompletedOnce(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	made, err := o.newAccount(ctx, Account{Name: "budi", Roles: []Role{Administrator}}, good)
	if err != nil {
		t.Fatal(err)
	}
	if taken, err := o.replace(ctx, setupRecord, nil, setup{Account: &made}, 0); !taken || err != nil {
		t.Fatal(taken, err)
	}
	if _, err := o.node().SetupLink(ctx); !errors.Is(err, ErrSetUp) {
		t.Errorf("SetupLink: %v", err)
	}
	o.login(t, "budi")
	o.add(t, "sari", Administrator)
	if err := o.Remove(ctx, "budi"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.node().SetupLink(ctx); !errors.Is(err, ErrSetUp) {
		t.Errorf("SetupLink: %v", err)
	}
	if diff := cmp.Diff([]string{"sari"}, names(t, o.Staff)); diff != "" {
		t.Errorf("a removed account is back: %s", diff)
	}
}
