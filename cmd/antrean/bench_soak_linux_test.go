package main

import (
	"encoding/json"
	"testing"
)

func TestASoakLeavesNothingBehind(t *testing.T) {
	out := succeed(t, "", "bench", "soak", "--for", "12s", "--every", "1s", "--sockets", "200", "--json", "--dir", t.TempDir())
	var f soakFigures
	if err := json.Unmarshal([]byte(out), &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Samples) < 8 || f.Samples[len(f.Samples)-1].Returned < 200 || f.Samples[len(f.Samples)-1].Days == 0 {
		t.Fatalf("soaked in %+v", f)
	}
	if f.Lost > 0 {
		t.Errorf("%d sockets ended by themselves", f.Lost)
	}
	// Memory is for longer runs to tell.
	for _, s := range f.Samples {
		if s.Descriptors > f.Samples[1].Descriptors+100 || s.Goroutines > f.Samples[1].Goroutines+300 {
			t.Errorf("from %+v to %+v", f.Samples[1], s)
		}
	}
}
