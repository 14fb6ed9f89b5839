package staff

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestLoginTellsNobodyWhatIsWrong(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	if err := o.SetPIN(ctx, "rina", "4711"); err != nil {
		t.Fatal(err)
	}
	o.add(t, "agus", Officer) // has no PIN
	if err := o.Add(ctx, Account{Name: "dewi", Roles: []Role{Officer}, Offices: []string{"jakarta"}}, good); err != nil {
		t.Fatal(err)
	}
	if err := o.SetPIN(ctx, "dewi", "4711"); err != nil {
		t.Fatal(err)
	}
	_, tablet := o.paired(t, CounterDevice)
	_, kiosk := o.paired(t, KioskDevice)
	for _, c := range []struct {
		name    string
		request LoginRequest
		want    error
	}{
		{"right", LoginRequest{Username: "rina", Password: good}, nil},
		{"wrong password", LoginRequest{Username: "rina", Password: good + "x"}, ErrCredentials},
		{"no password", LoginRequest{Username: "rina"}, ErrCredentials},
		{"unknown name", LoginRequest{Username: "nobody", Password: good}, ErrCredentials},
		{"impossible name", LoginRequest{Username: "no/body", Password: good}, ErrCredentials},
		{"the PIN as password", LoginRequest{Username: "rina", Password: "4711"}, ErrCredentials},
		{"PIN at the tablet", LoginRequest{Username: "rina", PIN: "4711", Device: tablet}, nil},
		{"wrong PIN", LoginRequest{Username: "rina", PIN: "4712", Device: tablet}, ErrCredentials},
		{"the password as PIN", LoginRequest{Username: "rina", PIN: good, Device: tablet}, ErrCredentials},
		{"PIN of one who has none", LoginRequest{Username: "agus", PIN: "4711", Device: tablet}, ErrCredentials},
		{"PIN at a foreign office", LoginRequest{Username: "dewi", PIN: "4711", Device: tablet}, ErrCredentials},
		{"PIN of nobody", LoginRequest{Username: "nobody", PIN: "4711", Device: tablet}, ErrCredentials},
		{"PIN without a device", LoginRequest{Username: "rina", PIN: "4711"}, ErrUnpaired},
		{"PIN at a kiosk", LoginRequest{Username: "rina", PIN: "4711", Device: kiosk}, ErrUnpaired},
		{"PIN with a forged device", LoginRequest{Username: "rina", PIN: "4711", Device: newToken()}, ErrUnpaired},
		{"password at the tablet", LoginRequest{Username: "rina", Password: good, Device: tablet}, nil},
	} {
		if _, token, err := o.Login(ctx, c.request); !errors.Is(err, c.want) || (err == nil) != (token != "") {
			t.Errorf("%s: %v, token %q", c.name, err, token)
		}
	}
}

func TestAPINNeverOpensMoreThanTheTabletsOffice(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	if err := o.SetPIN(ctx, "budi", "4711"); err != nil {
		t.Fatal(err)
	}
	device, tablet := o.paired(t, CounterDevice)
	begun, token, err := o.Login(ctx, LoginRequest{Username: "budi", PIN: "4711", Device: tablet})
	if err != nil {
		t.Fatal(err)
	}
	found, err := o.Session(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	for _, session := range []Session{begun, found} {
		if !May(session, Supervise, "bandung") || May(session, Configure, "bandung") || May(session, Serve, "jakarta") || session.Device != device.ID {
			t.Errorf("%+v", session)
		}
	}
	if err := o.SetPIN(ctx, "budi", "4712"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("after another PIN: %v", err)
	}
	_, token, err = o.Login(ctx, LoginRequest{Username: "budi", PIN: "4712", Device: tablet})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Revoke(ctx, device.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("on a revoked tablet: %v", err)
	}
}

func TestGuessingSlowsDownAndSuccessForgives(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	try := func(password, address, device string) error {
		_, _, err := o.Login(ctx, LoginRequest{Username: "rina", Password: password, Address: address, Device: device})
		return err
	}
	wait := func(err error) time.Duration {
		var limited *RateLimited
		if errors.As(err, &limited) {
			return limited.RetryAfter
		}
		return 0
	}
	for range 6 {
		if err := try("wrong", "203.0.113.7", ""); !errors.Is(err, ErrCredentials) {
			t.Fatal(err)
		}
	}
	var pauses []time.Duration
	for range 14 {
		pause := wait(try(good, "198.51.100.1", "")) // from anywhere, also with the right one
		pauses = append(pauses, pause)
		o.pass(pause)
		if err := try("wrong", "203.0.113.7", ""); !errors.Is(err, ErrCredentials) {
			t.Fatalf("after the pause of %s: %v", pause, err)
		}
	}
	if pauses[0] != time.Second || pauses[3] != 8*time.Second || pauses[13] != 15*time.Minute {
		t.Errorf("pauses %v", pauses)
	}
	_, tablet := o.paired(t, CounterDevice)
	if err := try(good, "203.0.113.7", tablet); err != nil {
		t.Errorf("strangers lock the tablet at the counter: %v", err)
	}
	o.pass(15 * time.Minute)
	if err := try(good, "203.0.113.7", ""); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if err := try("wrong", "203.0.113.7", ""); !errors.Is(err, ErrCredentials) {
			t.Errorf("after a success: %v", err)
		}
	}
}

func TestAnAddressThatTriesManyNamesIsSlowedDown(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	guess := func(i int, address string) error {
		_, _, err := o.Login(ctx, LoginRequest{Username: fmt.Sprintf("name%d", i), Password: "wrong", Address: address})
		return err
	}
	for i := range 61 {
		if err := guess(i, fmt.Sprintf("[2001:db8::%x]:%d", i, 1024+i)); !errors.Is(err, ErrCredentials) { // one customer's network
			t.Fatal(i, err)
		}
	}
	var limited *RateLimited
	if err := guess(99, "2001:db8::ffff"); !errors.As(err, &limited) {
		t.Errorf("after 61 names: %v", err)
	}
	if err := guess(99, "2001:db8:0:1::1"); !errors.Is(err, ErrCredentials) {
		t.Errorf("a neighbour: %v", err)
	}
	o.pass(time.Second)
	o.login(t, "rina")
	if _, _, err := o.Login(ctx, LoginRequest{Username: "rina", Password: good, Address: "2001:db8::1"}); err != nil {
		t.Fatal(err)
	}
	if err := guess(99, "2001:db8::1"); !errors.As(err, &limited) {
		t.Errorf("logging in lifts the pause for guessing: %v", err)
	}
}

func TestAttemptsAtTheSameMomentAllCount(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	var wg sync.WaitGroup
	var mu sync.Mutex
	looked := 0
	for range 40 {
		wg.Go(func() {
			_, _, err := o.Login(ctx, LoginRequest{Username: "rina", Password: "wrong"})
			if errors.Is(err, ErrCredentials) {
				mu.Lock()
				looked++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if looked != 6 {
		t.Errorf("%d of 40 guesses were looked at", looked)
	}
}

func TestAnOfficeBehindOneAddressLogsInAsOftenAsItLikes(t *testing.T) {
	o := newOffice(t)
	o.add(t, "rina", Officer)
	for range 100 {
		o.login(t, "rina")
	}
}

func TestADayWithoutAnAttemptIsANewBeginning(t *testing.T) {
	o := newOffice(t)
	guess := func() error {
		_, _, err := o.Login(context.Background(), LoginRequest{Username: "rina", Password: "wrong"})
		return err
	}
	for day := range 2 {
		for i := range 6 {
			if err := guess(); !errors.Is(err, ErrCredentials) {
				t.Fatalf("day %d, guess %d: %v", day, i, err)
			}
		}
		o.pass(forgetAfter + time.Second)
	}
}

func TestTheLimiterIsBoundedAndForgetsTheLongestUnusedFirst(t *testing.T) {
	l := newLimiter(time.Now)
	watched := map[string]rule{"watched": {free: 3 * entriesLimit}}
	for i := range 3 * entriesLimit {
		l.try(watched)
		l.try(map[string]rule{fmt.Sprint(i): {}})
	}
	if len(l.entries) > entriesLimit || l.recent.Len() != len(l.entries) {
		t.Errorf("%d entries, %d in the line", len(l.entries), l.recent.Len())
	}
	if got := l.find("watched"); got == nil || got.failed != 3*entriesLimit {
		t.Errorf("what is tried again and again is forgotten: %+v", got)
	}
}
