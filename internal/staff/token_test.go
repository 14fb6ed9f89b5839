package staff

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestATokenMayWhatItsScopesSayUntilItEnds(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	made, token, err := o.NewToken(ctx, Token{Name: "Pusat", Scopes: []string{"queue", "kiosk"}, Offices: []string{"bandung"}, By: "budi"}, 30*tokenDay)
	if err != nil || made.Name != "pusat" || !strings.HasPrefix(token, apiPrefix) {
		t.Fatalf("%+v, %q, %v", made, token, err)
	}
	found, err := o.node().Session(ctx, token)
	if err != nil || found.Token != "pusat" || found.User != "" {
		t.Fatalf("%+v, %v", found, err)
	}
	for action, want := range map[Action]bool{SeeQueue: true, KioskWork: true, DeskWork: false, Serve: false, Accounts: false} {
		if May(found, action, "bandung") != want || May(found, action, "jakarta") || May(found, action, "") {
			t.Errorf("action %d", action)
		}
	}
	records, _ := o.store.List(ctx, "staff/", "", 100)
	for _, record := range records {
		if strings.Contains(record.Key, token) || bytes.Contains(record.Value, []byte(token)) || bytes.Contains(record.Value, []byte("pusat")) {
			t.Errorf("%s tells the token", record.Key)
		}
	}
	if list, err := o.Tokens(ctx); err != nil || len(list) != 1 || !list[0].Used.Equal(o.now()) {
		t.Errorf("%+v, %v", list, err)
	}
	o.pass(30 * tokenDay)
	if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("an expired token: %v", err)
	}
	if list, err := o.Tokens(ctx); len(list) != 0 || err != nil {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestARevokedTokenOpensNothing(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	made, token, err := o.NewToken(ctx, Token{Name: "pusat", Scopes: []string{"accounts"}}, tokenDay)
	if err != nil {
		t.Fatal(err)
	}
	found, err := o.Session(ctx, token)
	if err != nil || !May(found, Accounts, "") || May(found, PersonalData, "") {
		t.Errorf("%+v, %v", found, err)
	}
	if err := o.RevokeToken(ctx, made.ID); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{token, token + "x", "antrean_" + newToken(), "", apiPrefix} {
		if _, err := o.Session(ctx, wrong); !errors.Is(err, ErrNoSession) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

func TestATokenIsMadeOfKnownScopesForAYearAtMost(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	for name, c := range map[string]struct {
		token Token
		life  time.Duration
		want  error
	}{
		"no name":       {Token{Scopes: []string{"queue"}}, tokenDay, ErrName},
		"no scope":      {Token{Name: "pusat"}, tokenDay, ErrTokenInvalid},
		"unknown scope": {Token{Name: "pusat", Scopes: []string{"queue", "everything"}}, tokenDay, ErrTokenInvalid},
		"no life":       {Token{Name: "pusat", Scopes: []string{"queue"}}, 0, ErrTokenInvalid},
		"for ever":      {Token{Name: "pusat", Scopes: []string{"queue"}}, 10 * longestLife, ErrTokenInvalid},
	} {
		if _, token, err := o.NewToken(ctx, c.token, c.life); !errors.Is(err, c.want) || token != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	all, ok := actionsOf(Scopes())
	if !ok {
		t.Fatal("a scope has no action")
	}
	for _, action := range Actions() {
		if all&action == 0 {
			t.Errorf("no scope allows action %d", action)
		}
	}
}

func TestATokenOpensNothingOnceItsMakerAdministersNoMore(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Administrator)
	o.add(t, "budi", Administrator)
	_, token, err := o.NewToken(ctx, Token{Name: "pusat", Scopes: []string{"accounts"}, By: "budi"}, tokenDay)
	if err != nil {
		t.Fatal(err)
	}
	o.pass(time.Second)
	_, installers, err := o.NewToken(ctx, Token{Name: "cadangan", Scopes: []string{"backup"}, By: Console}, tokenDay)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.NewToken(ctx, Token{Name: "pusat", Scopes: []string{"accounts"}, By: "nobody"}, tokenDay); !errors.Is(err, ErrNoAccount) {
		t.Errorf("nobody's token: %v", err)
	}
	works := func(when string, want bool) {
		t.Helper()
		if _, err := o.Session(ctx, token); errors.Is(err, ErrNoSession) == want {
			t.Errorf("%s: %v", when, err)
		}
		list, err := o.Tokens(ctx)
		if err != nil || len(list) != 2 || list[0].Suspended == want || list[1].Suspended {
			t.Errorf("%s: %+v, %v", when, list, err)
		}
		if _, err := o.Session(ctx, installers); err != nil {
			t.Errorf("%s: the installer's: %v", when, err)
		}
		o.pass(time.Second)
	}
	works("at first", true)
	if err := o.SetRoles(ctx, "budi", []Role{Officer}, nil); err != nil {
		t.Fatal(err)
	}
	works("its maker is an officer", false)
	if err := o.SetRoles(ctx, "budi", []Role{Administrator}, nil); err != nil {
		t.Fatal(err)
	}
	works("an administrator again", true)
	if err := o.Remove(ctx, "budi"); err != nil {
		t.Fatal(err)
	}
	works("removed", false)
	o.add(t, "budi", Administrator)
	works("somebody else has the name", false)
}
