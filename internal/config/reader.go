package config

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"antrean/internal/calendar"
)

// maxNodes bounds what aliases can multiply a small file to, maxErrors what a
// person can read and what comparing errors with each other costs.
const (
	maxNodes  = 50_000
	maxErrors = 100
)

// reader fills a value from a YAML tree. The library's own decoder ends at the
// first mistake and forgets the lines; an administrator wants to see all
// mistakes of a file, and the office's rules are checked after reading.
type reader struct {
	file    string
	lines   map[string]int  // where each field stands
	given   map[string]bool // fields that hold something, not null
	anchors map[string]ast.Node
	nodes   int
	errors  Errors
}

func (r *reader) read(root ast.Node, field string, into any) {
	ast.Walk(anchorVisitor{r}, root)
	r.value(root, field, reflect.ValueOf(into).Elem())
}

type anchorVisitor struct{ *reader }

// Visit implements ast.Visitor.
func (v anchorVisitor) Visit(node ast.Node) ast.Visitor {
	if anchor, ok := node.(*ast.AnchorNode); ok && anchor.Name != nil {
		name := anchor.Name.GetToken().Value
		if v.anchors[name] != nil {
			v.refuseAt(lineOf(node), "", "the anchor &%s is set twice (every name once)", name)
		}
		v.anchors[name] = anchor.Value
	}
	return v
}

func (r *reader) refuseAt(line int, field, format string, args ...any) {
	if len(r.errors) == maxErrors {
		return
	}
	r.errors = append(r.errors, Error{File: r.file, Line: line, Field: field, Message: fmt.Sprintf(format, args...)})
}

// refused tells whether an error names the field, one within it or one around it.
func (r *reader) refused(field string) bool {
	within := func(inner, outer string) bool {
		rest, ok := strings.CutPrefix(inner, outer)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	}
	for _, e := range r.errors {
		if e.Field != "" && (within(field, e.Field) || within(e.Field, field)) {
			return true
		}
	}
	return false
}

// line returns where a field stands, or else what is around it.
func (r *reader) line(field string) int {
	for field != "" {
		if line, ok := r.lines[field]; ok {
			return line
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return 1
}

func lineOf(node ast.Node) int {
	if token := node.GetToken(); token != nil && token.Position != nil {
		return token.Position.Line
	}
	return 0
}

// value reads node into v.
func (r *reader) value(node ast.Node, field string, v reflect.Value) {
	node = r.resolve(node, field)
	if node == nil || node.Type() == ast.NullType {
		return
	}
	r.given[field] = true
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if unmarshaler, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if text, ok := r.text(node, field); ok {
			if err := unmarshaler.UnmarshalText([]byte(text)); err != nil {
				r.refuseAt(lineOf(node), field, "%v", err)
			}
		}
		return
	}
	if unmarshaler, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		r.shaped(node, field, unmarshaler)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		r.fields(node, field, v)
	case reflect.Map:
		r.entries(node, field, v)
	case reflect.Slice:
		r.list(node, field, v)
	default:
		r.scalar(node, field, v)
	}
}

// resolve follows anchors, aliases and tags to the node that holds the value.
func (r *reader) resolve(node ast.Node, field string) ast.Node {
	if r.nodes++; r.nodes >= maxNodes {
		if r.nodes == maxNodes {
			r.refuseAt(lineOf(node), field, "the file holds too much (at most %d values, aliases counted)", maxNodes)
		}
		return nil
	}
	for range 10 { // an anchor within its own value has no end
		switch n := node.(type) {
		case *ast.AnchorNode:
			node = n.Value
		case *ast.TagNode:
			node = n.Value
		case *ast.AliasNode:
			name := n.Value.GetToken().Value
			if r.anchors[name] == nil {
				r.refuseAt(lineOf(n), field, "nothing is named &%s", name)
				return nil
			}
			node = r.anchors[name]
		default:
			return node
		}
	}
	r.refuseAt(lineOf(node), field, "an alias leads to itself")
	return nil
}

// shaped reads a value that may be written in several shapes: its type reads
// them itself, from JSON, so that the file and the API allow the same.
func (r *reader) shaped(node ast.Node, field string, into json.Unmarshaler) {
	mistakes := len(r.errors)
	plain := r.plain(node, field)
	if len(r.errors) > mistakes {
		return
	}
	text, err := json.Marshal(plain)
	if err == nil {
		err = into.UnmarshalJSON(text)
	}
	var inner calendar.FieldError
	switch {
	case errors.As(err, &inner):
		at := field + "." + inner.Field
		r.refuseAt(r.line(at), at, "%s", inner.Message)
	case err != nil:
		r.refuseAt(lineOf(node), field, "%v", err)
	}
}

// plain returns a node as encoding/json would read it, and notes the lines.
func (r *reader) plain(node ast.Node, field string) any {
	node = r.resolve(node, field)
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, element := range n.Values {
			at := fmt.Sprintf("%s[%d]", field, i)
			r.lines[at] = lineOf(element)
			list[i] = r.plain(element, at)
		}
		return list
	case ast.MapNode:
		all := map[string]any{}
		r.mapping(node, field, func(key, at string, _ int, value ast.Node) { all[key] = r.plain(value, at) })
		return all
	}
	text, ok := r.text(node, field)
	if !ok {
		return nil
	}
	if _, isNumber := node.(*ast.IntegerNode); isNumber {
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	}
	return text
}

// fields reads a mapping into a struct by its yaml tags.
func (r *reader) fields(node ast.Node, field string, v reflect.Value) {
	r.mapping(node, field, func(key, at string, line int, value ast.Node) {
		var known []string
		for i := range v.NumField() {
			switch name := yamlName(v.Type().Field(i)); name {
			case "":
			case key:
				r.value(value, at, v.Field(i))
				return
			default:
				known = append(known, name)
			}
		}
		r.refuseAt(line, at, "%q is not known here (%s)", key, strings.Join(known, ", "))
	})
}

// yamlName returns the name that a struct's field has in the file, "" if none.
func yamlName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}

// entries reads a mapping into a map whose keys are strings.
func (r *reader) entries(node ast.Node, field string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	r.mapping(node, field, func(key, at string, _ int, value ast.Node) {
		if key == "…" && value.Type() == ast.NullType {
			return // {…}, as documentation writes it: all of it as usual
		}
		entry := reflect.New(v.Type().Elem()).Elem()
		r.value(value, at, entry)
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), entry)
	})
}

func (r *reader) mapping(node ast.Node, field string, each func(key, at string, line int, value ast.Node)) {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		r.refuseAt(lineOf(node), field, "a mapping is expected (name: value)")
		return
	}
	first := make(map[string]int)
	for entries := mapping.MapRange(); entries.Next(); {
		key, ok := r.text(entries.Key(), field)
		if !ok {
			continue
		}
		at := key
		if field != "" {
			at = field + "." + key
		}
		line := lineOf(entries.Key())
		if before, twice := first[key]; twice {
			r.refuseAt(line, at, "stands in line %d already (every name once)", before)
			continue
		}
		first[key] = line
		r.lines[at] = line
		each(key, at, line, entries.Value())
	}
}

func (r *reader) list(node ast.Node, field string, v reflect.Value) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		r.refuseAt(lineOf(node), field, "a list is expected ([one, two])")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(sequence.Values), len(sequence.Values)))
	for i, element := range sequence.Values {
		at := fmt.Sprintf("%s[%d]", field, i)
		r.lines[at] = lineOf(element)
		r.value(element, at, v.Index(i))
	}
}

func (r *reader) scalar(node ast.Node, field string, v reflect.Value) {
	text, ok := r.text(node, field)
	if !ok {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			r.refuseAt(lineOf(node), field, "%q is neither true nor false", text)
			return
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			r.refuseAt(lineOf(node), field, "%q is not a whole number", text)
			return
		}
		v.SetInt(n)
	default:
		panic("config: no way to read a " + v.Type().String())
	}
}

// text returns a scalar as it is written: `id: 1` names the counter "1".
func (r *reader) text(node ast.Node, field string) (text string, ok bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.MappingKeyNode:
		return r.text(n.Value, field)
	case ast.ScalarNode:
		return n.GetToken().Value, true
	}
	r.refuseAt(lineOf(node), field, "a single value is expected (in quotes if it has a colon)")
	return "", false
}
