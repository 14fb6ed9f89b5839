package staff

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestASessionSaysWhoItIsAndSurvivesARestart(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "Rina", Officer, Desk)
	begun, token, err := o.Login(ctx, LoginRequest{Username: " RINA ", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	want := Session{User: "rina", Roles: []Role{Officer, Desk}, Offices: []string{"bandung"}, Expires: o.now().Add(idleLimit), ID: fingerprint(token), Confirmed: o.now()}
	if diff := cmp.Diff(want, begun); diff != "" {
		t.Error(diff)
	}
	found, err := o.node().Session(ctx, token)
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := o.Session(ctx, token[:42]+"x"); !errors.Is(err, ErrNoSession) {
		t.Errorf("a guessed token: %v", err)
	}
}

func TestASessionExpiresWhenIdleAndAfterAWeekAnyway(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	token := o.login(t, "rina")
	for hours := 0; hours+11 < 7*24; hours += 11 {
		o.pass(11 * time.Hour)
		if _, err := o.Session(ctx, token); err != nil {
			t.Fatalf("after %d hours of work: %v", hours+11, err)
		}
	}
	o.pass(11 * time.Hour)
	if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("after a week: %v", err)
	}
	token = o.login(t, "rina")
	o.pass(idleLimit)
	if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("after a night: %v", err)
	}
}

func TestASessionEndsWhenItWasToldHoweverMuchItIsUsed(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	midnight := o.now().Add(3 * time.Hour)
	begun, token, err := o.Login(ctx, LoginRequest{Username: "rina", Password: good, Until: midnight})
	if err != nil || !begun.Expires.Equal(midnight) {
		t.Fatalf("it ends at %s, want %s (%v)", begun.Expires, midnight, err)
	}
	for range 5 {
		o.pass(30 * time.Minute)
		if found, err := o.Session(ctx, token); err != nil || !found.Expires.Equal(midnight) {
			t.Fatalf("used, it ends at %s: %v", found.Expires, err)
		}
	}
	o.pass(30 * time.Minute)
	if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("after midnight: %v", err)
	}
}

func TestASessionEndsAtOnceHereAndSoonElsewhere(t *testing.T) {
	ctx := context.Background()
	for name, end := range map[string]func(*office, string) error{
		"logout":          func(o *office, token string) error { return o.Logout(ctx, token) },
		"password change": func(o *office, _ string) error { return o.SetPassword(ctx, "rina", "kata sandi lain") },
		"account removed": func(o *office, _ string) error { return o.Remove(ctx, "rina") },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.add(t, "budi", Administrator)
			o.add(t, "rina", Officer)
			token, elsewhere := o.login(t, "rina"), o.node()
			for _, node := range []*Staff{o.Staff, elsewhere} {
				if _, err := node.Session(ctx, token); err != nil {
					t.Fatal(err)
				}
			}
			if err := end(o, token); err != nil {
				t.Fatal(err)
			}
			if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
				t.Errorf("here: %v", err)
			}
			o.pass(cacheFor)
			if _, err := elsewhere.Session(ctx, token); !errors.Is(err, ErrNoSession) {
				t.Errorf("elsewhere: %v", err)
			}
		})
	}
}

func TestAnAccountMadeAgainDoesNotInheritSessions(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	o.add(t, "rina", Officer)
	token := o.login(t, "rina")
	if err := o.Remove(ctx, "rina"); err != nil {
		t.Fatal(err)
	}
	o.add(t, "rina", Supervisor)
	if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("Session: %v", err)
	}
}

func TestTenThousandRequestsReadTheStoreAFewTimes(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	token := o.login(t, "rina")
	before := o.store.reads.Load()
	for range 10_000 {
		if _, err := o.Session(ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	if reads := o.store.reads.Load() - before; reads > 2 {
		t.Errorf("%d reads", reads)
	}
}

func TestARequestUnderWayDoesNotBringALoggedOutSessionBack(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	for range 50 {
		token := o.login(t, "rina")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { o.Session(ctx, token) })
		}
		if err := o.Logout(ctx, token); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
			t.Fatalf("Session: %v", err)
		}
	}
}

func TestWhatWasReadBeforeALogoutIsNotCachedAfterIt(t *testing.T) {
	c, now := newCache(), time.Now()
	found := Session{User: "rina", Expires: now.Add(time.Hour)}
	_, _, turn := c.get("a", now)
	c.forget()
	c.put("a", found, now, turn)
	if _, ok, _ := c.get("a", now); ok {
		t.Error("cached")
	}
	_, _, turn = c.get("a", now)
	c.put("a", found, now, turn)
	if _, ok, _ := c.get("a", now); !ok {
		t.Error("what was read after it is not cached")
	}
}

func TestACallerWhoChangesASessionChangesItForHimselfOnly(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	token := o.login(t, "rina")
	for range 3 {
		found, err := o.Session(ctx, token)
		if err != nil || found.Roles[0] != Officer {
			t.Fatal(found, err)
		}
		found.Roles[0], found.Offices[0] = Administrator, "jakarta"
	}
}

func TestARecordMovedToAnotherTokenDoesNotOpen(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Administrator)
	token, forged := o.login(t, "rina"), newToken()
	stolen, err := o.store.Get(ctx, sessionPrefix+fingerprint(token))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.store.Put(ctx, sessionPrefix+fingerprint(forged), stolen, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, forged); !errors.Is(err, ErrNoSession) {
		t.Errorf("Session: %v", err)
	}
}

func TestWhoGaveThePasswordLatelyIsNotAskedAgain(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Administrator)
	token := o.login(t, "rina")
	recent := func(when string, want bool) Session {
		t.Helper()
		who, err := o.node().Session(ctx, token)
		if err != nil || o.Recent(who) != want {
			t.Errorf("%s: %+v, %v", when, who, err)
		}
		return who
	}
	recent("after the login", true)
	o.pass(recentFor)
	who := recent("half an hour later", false)
	if err := o.Confirm(ctx, LoginRequest{Username: "rina", Password: "wrong horse"}, who.ID); !errors.Is(err, ErrCredentials) {
		t.Errorf("a wrong password: %v", err)
	}
	recent("after a wrong password", false)
	if err := o.Confirm(ctx, LoginRequest{Username: "rina", Password: good}, who.ID); err != nil {
		t.Fatal(err)
	}
	recent("after the password", true)
	o.pass(recentFor)
	recent("another half hour later", false)
	_, device := o.paired(t, KioskDevice)
	d, err := o.Device(ctx, device)
	if err != nil || o.Recent(d.Session()) {
		t.Errorf("a device is taken for a person: %v", err)
	}
	if err := o.Logout(ctx, token); err != nil {
		t.Fatal(err)
	}
	if err := o.Confirm(ctx, LoginRequest{Username: "rina", Password: good}, who.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("a session is back: %v", err)
	}
}
