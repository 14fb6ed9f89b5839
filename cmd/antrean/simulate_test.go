package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"antrean/internal/config"
	"antrean/internal/simulate"
)

// A whole day of both offices through the public API: everybody who booked or
// took a number ends somewhere, the lanes waited as the policy promises, the
// report says what an independent count of the exported log says, and the log
// that the day left behind is sound.
func TestADayOfBothOfficesIsPlayedToItsEnd(t *testing.T) {
	t.Setenv(adminPassword, "sandi-panjang")
	data := t.TempDir()
	monday := time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	s, err := newServer(t.Context(), serverOptions{
		serveCommand: serveCommand{storeFlags: storeFlags{Data: data}, Addr: "127.0.0.1:0", Clock: "simulated"},
		offices:      config.Default(), clock: newSimulatedClock(monday, 0), log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.welcome(t.Context(), &process{out: t.Output(), err: t.Output()}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()

	var day simulate.Summary
	out := succeed(t, "", "simulate", "--url", s.url, "--speed", "max", "--standby", "0.3", "--json")
	if err := json.Unmarshal([]byte(out), &day); err != nil {
		t.Fatal(err)
	}
	reports := reportsOf(t, s.url, "2026-11-30", "bandung", "soekarno-hatta")
	stop()
	ended(t, done)
	export := succeed(t, "", "export", "--data", data)
	for office, r := range reports {
		agree(t, r, export, office)
	}

	if people := day.Booked + day.WalkedIn; people < 400 || day.Served < people*3/4 {
		t.Errorf("%d people, %d served", people, day.Served)
	}
	if day.NoShows == 0 || day.Refill.Released < day.NoShows || day.Absent == 0 || day.Parked == 0 {
		t.Errorf("a day without mishaps: %+v", day)
	}
	if r := day.Refill; r.Wanted < 10 || r.Share() < 0.95 || r.OfferMax > 10 {
		t.Errorf("of the places that somebody on standby could take %.0f %% were refilled: %+v", 100*r.Share(), r)
	}
	if p := day.Lanes["priority"]; p == nil || p.P90 > 15*60 {
		t.Errorf("the priority lane waited %+v", p)
	}
	succeed(t, "", "verify", "--data", data)
}
