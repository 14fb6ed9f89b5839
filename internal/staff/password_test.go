package staff

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestTheHashSaysHowItWasMade(t *testing.T) {
	h := newHasher()
	stored, err := h.hash(context.Background(), good)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(stored) {
		t.Errorf("hash %s", stored)
	}
	for _, c := range []struct {
		stored, password string
		match            bool
	}{{stored, good, true}, {stored, "Kata sandi panjang", false}, {stored, "", false}, {h.decoy, good, false}} {
		if match, stale, err := h.verify(context.Background(), c.stored, c.password); match != c.match || stale || err != nil {
			t.Errorf("%q: %v, %v, %v", c.password, match, stale, err)
		}
	}
}

func TestAnOldHashIsStrengthenedAtLoginAndSessionsStay(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	if err := o.SetPIN(ctx, "rina", "4711"); err != nil {
		t.Fatal(err)
	}
	token := o.login(t, "rina")
	o.hasher.cost = cost{memory: 128, time: 1, threads: 1}
	o.login(t, "rina")
	a, _, err := o.account(ctx, "rina")
	if err != nil || !strings.Contains(a.Password.Hash, "$m=128,t=1,p=1$") {
		t.Errorf("hash %s, %v", a.Password.Hash, err)
	}
	if _, err := o.Session(ctx, token); err != nil {
		t.Errorf("the session of before: %v", err)
	}
	o.login(t, "rina")
	if again, _, _ := o.account(ctx, "rina"); again.Password.Hash != a.Password.Hash {
		t.Error("hashed again without need")
	}
	_, tablet := o.paired(t, CounterDevice)
	if _, _, err := o.Login(ctx, LoginRequest{Username: "rina", PIN: "4711", Device: tablet}); err != nil {
		t.Errorf("the PIN of before: %v", err)
	}
}

func TestALoginStormIsToldToComeBack(t *testing.T) {
	o := newOffice(t)
	o.add(t, "rina", Officer)
	for range cap(o.hasher.slots) {
		o.hasher.slots <- struct{}{}
	}
	o.hasher.waiting.Store(waitingLimit)
	request := LoginRequest{Username: "rina", Password: good}
	for range 20 { // no attempt counts against her
		if _, _, err := o.Login(context.Background(), request); !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
	}
	o.hasher.waiting.Store(0)
	gone, leave := context.WithCancel(context.Background())
	leave()
	if _, _, err := o.Login(gone, request); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who left: %v", err)
	}
	for range cap(o.hasher.slots) {
		<-o.hasher.slots
	}
	o.login(t, "rina")
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=19456,t=0,p=1$$")
	f.Fuzz(func(t *testing.T, text string) {
		c, salt, hash, err := parsePHC(text)
		if err == nil && phc(c, salt, hash) != text {
			t.Fatalf("%q is a second spelling", text)
		}
	})
}
