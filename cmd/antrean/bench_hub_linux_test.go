package main

import (
	"context"
	"encoding/json"
	"os"
	"testing"
)

// TestMain lets the test binary be the processes that bench hub starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "bench" && os.Args[2] == "hub-peer" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestBenchHubComparesThreeServers(t *testing.T) {
	out := succeed(t, "", "bench", "hub", "--subscribers", "20", "--rounds", "1", "--idle", "0s", "--json", "--dir", t.TempDir())
	var f hubFigures
	if err := json.Unmarshal([]byte(out), &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Servers) != 3 || len(f.Against) != 2 {
		t.Fatalf("compared %+v", f)
	}
	for _, s := range f.Servers {
		if s.Last <= 0 || s.P99 < s.P50 || s.PerBurst < 1 {
			t.Errorf("%+v", s)
		}
	}
	if ours := f.Servers[0]; ours.PerBurst > 5 {
		t.Errorf("ten calls at once are %.1f frames for each", ours.PerBurst)
	}
}

func TestBenchHubPressesAtOneOfSeveralNodes(t *testing.T) {
	out := succeed(t, "", "bench", "hub", "--nodes", "2", "--subscribers", "20", "--rounds", "3", "--idle", "0s", "--json", "--dir", t.TempDir())
	var f nodesFigures
	if err := json.Unmarshal([]byte(out), &f); err != nil {
		t.Fatal(err)
	}
	if f.Subscribers != 20 || len(f.Servers) != 2 || f.Ratio <= 0 {
		t.Fatalf("compared %+v", f)
	}
	for _, s := range f.Servers {
		if s.Last <= 0 || s.P99 < s.P50 || s.CPU <= 0 {
			t.Errorf("%+v", s)
		}
	}
}

func TestBenchHubBringsCrowds(t *testing.T) {
	for _, crowd := range []string{"--phones", "--storm", "--slow"} {
		t.Run(crowd[2:], func(t *testing.T) {
			out := succeed(t, "", "bench", "hub", crowd, "--subscribers", "20", "--rounds", "4", "--json", "--dir", t.TempDir())
			if !json.Valid([]byte(out)) {
				t.Errorf("it prints %s", out)
			}
		})
	}
}
