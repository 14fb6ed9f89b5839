package config

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"antrean/internal/queue"
)

// Change is one difference between two configurations. From and To are as they
// would be written, "" if there is none.
type Change struct {
	Field string `json:"field"` // a path such as services[paspor-baru].fee
	From  string `json:"from"`
	To    string `json:"to"`
}

// String returns the change as one readable line.
func (c Change) String() string {
	none := func(text string) string {
		if text == "" {
			return "(none)"
		}
		return text
	}
	return c.Field + ": " + none(c.From) + " -> " + none(c.To)
}

// Diff returns what differs between two configurations of an office, in the
// order of the file. Stages, services and counters are compared by their ids,
// so that one that is put in between does not change all that follow.
func Diff(old, new queue.Config) []Change {
	var before, after listing
	before.add("", reflect.ValueOf(old))
	after.add("", reflect.ValueOf(new))
	var changes []Change
	for _, field := range union(before.fields, after.fields) {
		if from, to := before.values[field], after.values[field]; from != to {
			changes = append(changes, Change{field, from, to})
		}
	}
	return changes
}

// listing is a configuration as a flat list of fields in the order of the file.
type listing struct {
	fields []string
	values map[string]string
}

func (l *listing) set(field, value string) {
	if l.values == nil {
		l.values = make(map[string]string)
	}
	l.fields = append(l.fields, field)
	l.values[field] = value
}

func (l *listing) add(field string, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if _, isText := v.Interface().(encoding.TextMarshaler); isText {
		l.set(field, written(v))
		return
	}
	if shaped, isShaped := v.Interface().(json.Marshaler); isShaped {
		if text, err := shaped.MarshalJSON(); err == nil {
			l.set(field, strings.Trim(string(text), `"`))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := yamlName(v.Type().Field(i))
			// An element's id is in the list already; an empty list is none.
			if name == "" || name == "id" && field != "" || v.Field(i).Kind() == reflect.Slice && v.Field(i).Len() == 0 {
				continue
			}
			l.add(strings.TrimPrefix(field+"."+name, "."), v.Field(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
		for _, key := range keys {
			l.add(field+"."+key.String(), v.MapIndex(key))
		}
	case reflect.Slice:
		l.list(field, v)
	default:
		l.set(field, written(v))
	}
}

// list adds the elements' ids or texts as one value, and elements that have an
// id each on its own.
func (l *listing) list(field string, v reflect.Value) {
	names := make([]string, v.Len())
	for i := range names {
		if names[i] = written(v.Index(i)); v.Index(i).Kind() == reflect.Struct {
			names[i] = v.Index(i).FieldByName("ID").String()
		}
	}
	l.set(field, "["+strings.Join(names, ", ")+"]")
	for i, name := range names {
		if v.Index(i).Kind() == reflect.Struct {
			l.add(fmt.Sprintf("%s[%s]", field, name), v.Index(i))
		}
	}
}

// written returns a value as it stands in the file.
func written(v reflect.Value) string {
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		if written, err := text.MarshalText(); err == nil {
			return string(written)
		}
	}
	return fmt.Sprint(v.Interface())
}

// union returns the fields of both, those of the second after the one that they
// follow there.
func union(a, b []string) []string {
	merged := slices.Clone(a)
	at := 0
	for _, field := range b {
		if i := slices.Index(merged, field); i >= 0 {
			at = i + 1
			continue
		}
		merged = slices.Insert(merged, at, field)
		at++
	}
	return merged
}
