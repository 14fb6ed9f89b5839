package staff

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// screens pairs so many screens of one lobby.
func (o *office) screens(t *testing.T, n int) []Device {
	t.Helper()
	var paired []Device
	for range n {
		code, _, _, err := o.RequestPairing(context.Background(), "", DisplayDevice)
		if err != nil {
			t.Fatal(err)
		}
		d, err := o.AcceptPairing(context.Background(), code, Device{Name: "TV", Office: "bandung"}, "budi")
		if err != nil || d.Kind != DisplayDevice {
			t.Fatal(d, err)
		}
		paired = append(paired, d)
	}
	return paired
}

func TestOneScreenOfALobbySpeaks(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	tvs := o.screens(t, 3)
	ask := func(i int, heard bool, spoken string, want bool, wantLast string) {
		t.Helper()
		speaks, last, err := o.node().Speak(ctx, tvs[i], heard, spoken)
		if err != nil || speaks != want || last != wantLast {
			t.Fatalf("screen %d: speaks %v after %q (%v), want %v after %q", i, speaks, last, err, want, wantLast)
		}
	}
	ask(0, false, "", false, "") // blocked: it never gets the voice
	ask(1, true, "", true, "")
	ask(2, true, "", false, "")
	o.pass(voiceLent / 2)
	ask(1, true, "c7", true, "")
	o.pass(voiceLent / 2)
	ask(2, true, "", false, "c7") // it was renewed
	ask(1, false, "c8", false, "c7")
	ask(0, true, "", true, "c8") // the other was blocked: taken over at once
	ask(1, true, "", false, "c8")
	o.pass(voiceLent)
	ask(2, true, "", true, "c8") // the other is gone
	ask(0, true, "c9", false, "c8")

	apart, err := o.SetScreen(ctx, tvs[0].ID, Screen{Lobby: "lantai 2", Sound: true, Volume: 50})
	if err != nil {
		t.Fatal(err)
	}
	if speaks, _, err := o.Speak(ctx, apart, true, ""); err != nil || !speaks {
		t.Error("a lobby of its own has a voice of its own", err)
	}
	mute, err := o.SetScreen(ctx, tvs[1].ID, Screen{Sound: false, Volume: 50})
	if err != nil {
		t.Fatal(err)
	}
	o.pass(voiceLent)
	if speaks, _, err := o.Speak(ctx, mute, true, ""); err != nil || speaks {
		t.Error("a screen whose sound is off speaks", err)
	}
}

func TestScreensThatAskAtOnceGetOneVoice(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	tvs := o.screens(t, 4)
	for range 5 {
		var all sync.WaitGroup
		var speakers atomic.Int32
		for _, d := range tvs {
			all.Go(func() {
				speaks, _, err := o.Speak(ctx, d, true, "")
				if err != nil {
					t.Error(err)
				}
				if speaks {
					speakers.Add(1)
				}
			})
		}
		all.Wait()
		if n := speakers.Load(); n != 1 {
			t.Fatalf("%d screens speak", n)
		}
		o.pass(voiceLent)
	}
}

func TestSettingsOfAScreenSurviveItsReports(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	tv := o.screens(t, 1)[0]
	if diff := cmp.Diff(UsualScreen(), tv.SetUp()); diff != "" {
		t.Error(diff)
	}
	want := Screen{Counters: []string{"1"}, Volume: 40, Sound: true, Brightness: []Brightness{{"06:00", 100}, {"17:30", 60}}}
	if _, err := o.SetScreen(ctx, tv.ID, want); err != nil {
		t.Fatal(err)
	}
	if err := o.Report(ctx, tv.ID, Health{Release: "2", Width: 1920, Height: 1080}); err != nil {
		t.Fatal(err)
	}
	listed, err := o.Devices(ctx)
	if err != nil || len(listed) != 1 {
		t.Fatal(listed, err)
	}
	if diff := cmp.Diff(want, listed[0].SetUp()); diff != "" || listed[0].Health.Width != 1920 {
		t.Error(diff, listed[0].Health)
	}
	if err := o.Revoke(ctx, tv.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.SetScreen(ctx, tv.ID, want); !errors.Is(err, ErrUnpaired) {
		t.Errorf("a revoked screen is set up: %v", err)
	}
}

func TestFlawsOfAScreensSettings(t *testing.T) {
	flaws := func(s Screen) []Flaw {
		return s.Flaws([]string{"baru", "ganti"}, []string{"1", "2"}, []string{"id", "en"})
	}
	whole := Screen{
		Lobby: "Lantai 2", Services: []string{"baru"}, Counters: []string{"2", "1"}, Languages: []string{"id", "en"},
		Volume: 100, Brightness: []Brightness{{"00:00", 20}, {"06:30", 100}}, Depth: 14.5,
	}
	for name, s := range map[string]Screen{"usual": UsualScreen(), "whole": whole, "nothing": {}} {
		if found := flaws(s); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
	wrong := Screen{
		Lobby: "a/b", Services: []string{"lain"}, Counters: []string{"1", "1"}, Languages: []string{"su"},
		Volume: 101, Brightness: []Brightness{{"24:00", 50}, {"06:00", 19}, {"06:00", 50}}, Depth: 0.5,
	}
	want := []Flaw{
		{"lobby", "lobby"}, {"services[0]", "unknown_choice"}, {"counters[1]", "unknown_choice"}, {"languages[0]", "unknown_choice"},
		{"volume", "percent"}, {"brightness[0].from", "day_time"}, {"brightness[1].from", "day_time"}, {"brightness[2].from", "day_time"}, {"depth", "depth"},
	}
	if diff := cmp.Diff(want, flaws(wrong)); diff != "" {
		t.Error(diff)
	}
}

func TestTheScreenThatAHallNeeds(t *testing.T) {
	for _, c := range []struct {
		depth    float64
		pictures bool
		want     int
	}{{8, false, 53}, {15, false, 99}, {5, false, 33}, {5, true, 54}} {
		if got := DiagonalFor(c.depth, c.pictures); got != c.want {
			t.Errorf("a hall of %.0f m (pictures: %v) needs %d inches, want %d", c.depth, c.pictures, got, c.want)
		}
	}
}
