package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What is committed in dist is what src and css say: `go generate ./static`.
func TestCommittedBundlesAreFresh(t *testing.T) {
	outputs, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	fresh := map[string]bool{}
	for _, o := range outputs {
		fresh[o.name] = true
		committed, err := os.ReadFile(filepath.Join("..", "dist", o.name))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Equal(committed, o.body) {
			t.Errorf("dist/%s is not what go generate makes", o.name)
		}
	}
	committed, err := os.ReadDir("../dist")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range committed {
		if !fresh[entry.Name()] {
			t.Errorf("dist/%s has no source", entry.Name())
		}
	}
}
