// Package newer builds the release that comes after this one, for tests of an
// upgrade: the same tree, with one more event and another script for the lobby's
// screen. What differs is laid over the source while it is built, so that
// nothing of it is in the product.
package newer

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Version is what the newer release calls itself.
const Version = "99.0.0"

// Event is the type that only the newer release knows. It is written where this
// one writes sound_muted: when the hall is muted.
const Event = "hall_hushed"

// Screen is what only the newer release's tv.js holds.
const Screen = "/* release " + Version + " */"

const hushed = `package queue

type hallHushed struct{ SoundMuted }

func (*hallHushed) kind() string { return "` + Event + `" }
`

// edits are the changes of files of this tree; each old text stands there once.
var edits = []struct{ file, old, new string }{
	{"internal/queue/facts.go", "var blanks = map[string]func() Fact{", "var blanks = map[string]func() Fact{\n\t\"" + Event + "\": func() Fact { return &hallHushed{} },"},
	{"internal/queue/days.go", "d.emit(muted)", "d.emit(&hallHushed{*muted})"},
}

// Build writes the newer release's binary. root is where go.mod lies; dir is for
// what the build needs.
func Build(root, dir, binary string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	lay := func(file, text string) error {
		to := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		overlay.Replace[filepath.Join(root, filepath.FromSlash(file))] = to
		return os.WriteFile(to, []byte(text), 0o600)
	}
	for _, e := range edits {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(e.file)))
		if err != nil {
			return err
		}
		if n := strings.Count(string(text), e.old); n != 1 {
			return fmt.Errorf("%s has %d times %q", e.file, n, e.old)
		}
		if err := lay(e.file, strings.Replace(string(text), e.old, e.new, 1)); err != nil {
			return err
		}
	}
	if err := lay("internal/queue/hushed.go", hushed); err != nil {
		return err
	}
	script, err := os.ReadFile(filepath.Join(root, "static", "dist", "tv.js"))
	if err != nil {
		return err
	}
	if err := lay("static/dist/tv.js", Screen+string(script)); err != nil {
		return err
	}
	plan, err := json.Marshal(overlay)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, plan, 0o600); err != nil {
		return err
	}
	build := exec.Command("go", "build", "-overlay", file, "-ldflags", "-X main.version="+Version, "-o", binary, "./cmd/antrean")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the newer release: %w\n%s", err, out)
	}
	return nil
}
