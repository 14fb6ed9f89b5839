// Package config reads the offices' configuration from YAML, writes it back,
// and tells the difference between two of them.
package config

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"antrean/internal/queue"
)

// Offices are prepared configurations, each with an id of its own.
type Offices []queue.Config

// file is the shape of a configuration file.
type file struct {
	Offices []queue.Config `yaml:"offices"`
}

//go:embed bandung.yaml
var bandung []byte

// Default returns the built-in configuration: the two passport offices of
// Bandung. Every call returns values of their own.
func Default() Offices {
	offices, err := Load("bandung.yaml", bandung)
	if err != nil {
		panic(err) // the embedded file is wrong, which a test holds
	}
	return offices
}

// Load reads a configuration file; name stands in the messages. JSON is read as
// well. The error is of type Errors and holds every mistake (the first hundred
// of them), in the order of the lines.
func Load(name string, text []byte) (Offices, error) {
	r := reader{file: name, lines: make(map[string]int), given: make(map[string]bool), anchors: make(map[string]ast.Node)}
	if root := r.parse(text); root != nil {
		var f file
		r.read(root, "", &f)
		if r.nodes < maxNodes {
			r.check(f.Offices)
		}
		if len(r.errors) == 0 {
			return f.Offices, nil
		}
	}
	slices.SortStableFunc(r.errors, func(a, b Error) int { return cmp.Compare(a.Line, b.Line) })
	return nil, r.errors
}

// parse returns the one document of the file, or nil after an error.
func (r *reader) parse(text []byte) ast.Node {
	parsed, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, message := 0, err.Error()
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			message = syntax.GetMessage()
			if token := syntax.GetToken(); token != nil && token.Position != nil {
				line = token.Position.Line
			}
		}
		r.refuseAt(line, "", "%s", message)
		return nil
	}
	var root ast.Node
	for _, document := range parsed.Docs {
		switch {
		case document.Body == nil || document.Body.Type() == ast.CommentType:
		case root != nil:
			r.refuseAt(lineOf(document.Body), "", "a second document begins (one document with a list of offices)")
			return nil
		default:
			root = document.Body
		}
	}
	if root == nil {
		r.refuseAt(1, "", "the file is empty (a list named offices)")
	}
	return root
}

// check prepares each office and adds what its rules refuse.
func (r *reader) check(offices []queue.Config) {
	if len(offices) == 0 && len(r.errors) == 0 {
		r.refuseAt(1, "offices", "at least one office is needed")
	}
	ids := make(map[string]bool)
	for i := range offices {
		prefix := fmt.Sprintf("offices[%d].", i)
		for _, name := range offices[i].LeftOut() {
			if field := prefix + name; r.given[field] && !r.refused(field) {
				r.refuseAt(r.line(field), field, "0 is out of range (above 0, or left out for the usual value)")
			}
		}
		for _, e := range offices[i].Prepare() {
			// What could not be read need not be refused once more as missing.
			if field := prefix + e.Field; !r.refused(field) {
				r.refuseAt(r.line(field), field, "%s", e.Message)
			}
		}
		if id := offices[i].ID; ids[id] {
			r.refuseAt(r.line(prefix+"id"), prefix+"id", "%q is named twice (every office once)", id)
		}
		ids[offices[i].ID] = true
	}
}

// Error is one mistake in a configuration file. Line is 0 if it has no place.
type Error struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Field   string `json:"field"` // a path such as offices[0].hours.fri[0]
	Message string `json:"message"`
}

// Error returns one line: file, line, field and what is allowed.
func (e Error) Error() string {
	var text strings.Builder
	text.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&text, ":%d", e.Line)
	}
	if e.Field != "" {
		text.WriteString(": " + e.Field)
	}
	return text.String() + ": " + e.Message
}

// Errors are all mistakes of a configuration file.
type Errors []Error

// Error returns one line for each mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}
