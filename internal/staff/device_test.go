package staff

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestADeviceIsPairedByTheCodeThatItShows(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	code, token, expires, err := o.RequestPairing(ctx, "203.0.113.7", "")
	if err != nil || !regexp.MustCompile(`^[2-9A-HJ-NP-Z]{6}$`).MatchString(code) || expires.Sub(o.now()) != pairingFor {
		t.Fatal(code, expires, err)
	}
	if _, err := o.Device(ctx, token); !errors.Is(err, ErrUnpaired) {
		t.Errorf("before it is accepted: %v", err)
	}
	tv := Device{Name: " TV lobi timur ", Kind: DisplayDevice, Office: "bandung"}
	for name, c := range map[string]struct {
		code   string
		device Device
		want   error
	}{
		"another code": {"AAAAAA", tv, ErrPairingCode},
		"no code":      {"", tv, ErrPairingCode},
		"a path":       {"../../", tv, ErrPairingCode},
		"no name":      {code, Device{Kind: DisplayDevice, Office: "bandung"}, ErrDeviceInvalid},
		"no office":    {code, Device{Name: "TV", Kind: DisplayDevice}, ErrDeviceInvalid},
		"no kind":      {code, Device{Name: "TV", Office: "bandung"}, ErrDeviceInvalid},
	} {
		if _, err := o.AcceptPairing(ctx, c.code, c.device, "budi"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	accepted, err := o.AcceptPairing(ctx, " "+code[:3]+"-"+code[3:], tv, "budi")
	if err != nil {
		t.Fatal(err)
	}
	want := Device{ID: accepted.ID, Name: "TV lobi timur", Kind: DisplayDevice, Office: "bandung", Paired: o.now(), By: "budi"}
	found, err := o.node().Device(ctx, token)
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := o.AcceptPairing(ctx, code, tv, "budi"); !errors.Is(err, ErrPairingCode) {
		t.Errorf("the code works twice: %v", err)
	}
	listed, err := o.Devices(ctx)
	if diff := cmp.Diff([]Device{want}, listed); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if err := o.Revoke(ctx, accepted.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Device(ctx, token); !errors.Is(err, ErrUnpaired) {
		t.Errorf("after it is revoked: %v", err)
	}
	if _, err := o.AcceptPairing(ctx, code, tv, "budi"); !errors.Is(err, ErrPairingCode) {
		t.Errorf("its old code brings it back: %v", err)
	}
}

func TestOfAllWhoAcceptACodeOneWins(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	code, _, _, err := o.RequestPairing(ctx, "", "")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	won := make(chan string, 8)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		wg.Go(func() {
			if _, err := o.AcceptPairing(ctx, code, Device{Name: name, Kind: DeskDevice, Office: "bandung"}, "budi"); err == nil {
				won <- name
			} else if !errors.Is(err, ErrPairingCode) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(won)
	devices, err := o.Devices(ctx)
	if err != nil || len(devices) != 1 || len(won) != 1 || devices[0].Name != <-won {
		t.Errorf("%d accepted, devices %v, %v", len(won), devices, err)
	}
}

func TestOnlyAKioskActsWithNobodyLoggedIn(t *testing.T) {
	o := newOffice(t)
	for kind, want := range map[Kind]bool{KioskDevice: true, DisplayDevice: false, CounterDevice: false, DeskDevice: false} {
		device, _ := o.paired(t, kind)
		session := device.Session()
		if May(session, KioskWork, "bandung") != want || May(session, KioskWork, "jakarta") || May(session, DeskWork, "bandung") {
			t.Errorf("%s: %+v", kind, session)
		}
	}
}

func TestHealthIsWrittenRarelyAndNeverRevives(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	device, token := o.paired(t, DisplayDevice)
	report := func(health Health) {
		t.Helper()
		if err := o.Report(ctx, device.ID, health); err != nil {
			t.Fatal(err)
		}
	}
	seen := func() Health {
		t.Helper()
		d, err := o.Device(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		return d.Health
	}
	begin := o.now()
	report(Health{Agent: "Chromium 53", Sound: true})
	o.pass(time.Minute)
	report(Health{Agent: "Chromium 53", Sound: true})
	if got := seen(); !got.Seen.Equal(begin) {
		t.Errorf("written again after a minute: %v", got)
	}
	report(Health{Agent: "Chromium 53"})
	if got := seen(); got.Sound || !got.Seen.Equal(o.now()) {
		t.Errorf("the lost sound is not told: %v", got)
	}
	o.pass(healthAfter)
	report(Health{Agent: "Chromium 53"})
	if got := seen(); !got.Seen.Equal(o.now()) {
		t.Errorf("not written after five minutes: %v", got)
	}
	if err := o.Revoke(ctx, device.ID); err != nil {
		t.Fatal(err)
	}
	if err := o.Report(ctx, device.ID, Health{Sound: true}); !errors.Is(err, ErrUnpaired) {
		t.Errorf("a revoked device reports: %v", err)
	}
	if _, err := o.Device(ctx, token); !errors.Is(err, ErrUnpaired) {
		t.Errorf("a report brings it back: %v", err)
	}
}

func TestCodesAreNotHandedOutWithoutEnd(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	var limited *RateLimited
	for i := range 32 {
		_, _, _, err := o.RequestPairing(ctx, "203.0.113.7", "")
		if got := errors.As(err, &limited); got != (i > 30) {
			t.Fatalf("request %d: %v", i, err)
		}
	}
}
