// Command build bundles the pages' scripts and styles from src and css into
// dist, for browsers as old as Chromium 53. Run it by `go generate ./static`.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run bundles the static directory at root into its dist.
func run(root string) error {
	outputs, err := bundle(root)
	if err != nil {
		return err
	}
	for _, o := range outputs {
		if err := os.WriteFile(filepath.Join(root, "dist", o.name), o.body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

type output struct {
	name string
	body []byte
}

// bundle makes one classic script and one stylesheet a page.
func bundle(root string) ([]output, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	var entries []string
	for _, pattern := range []string{"src/page-*.js", "css/page-*.css"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		entries = append(entries, found...)
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: root,
		EntryPoints:   entries,
		EntryNames:    "[name]",
		Outdir:        filepath.Join(root, "dist"),
		Bundle:        true,
		Format:        api.FormatIIFE,
		Target:        api.ES2015,
		Engines:       []api.Engine{{Name: api.EngineChrome, Version: "53"}},
		External:      []string{"../fonts/*"},
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone,

		MinifyWhitespace:  true,
		MinifySyntax:      true,
		MinifyIdentifiers: true,
	})
	var problems []error
	for _, m := range append(result.Errors, result.Warnings...) {
		where := ""
		if m.Location != nil {
			where = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		problems = append(problems, errors.New(where+m.Text))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	var outputs []output
	for _, f := range result.OutputFiles {
		outputs = append(outputs, output{name: filepath.Base(f.Path)[len("page-"):], body: f.Contents})
	}
	return outputs, nil
}
