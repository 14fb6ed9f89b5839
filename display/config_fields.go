package display

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"antrean/internal/queue"
)

// readField is the value as a form shows it, "" if there is none.
func readField(c any, path string) string {
	return readValue(reflect.ValueOf(c).Elem(), strings.Split(path, "."), false)
}

func readValue(v reflect.Value, names []string, given bool) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v, given = v.Elem(), true
	}
	if len(names) > 0 {
		switch v.Kind() {
		case reflect.Struct:
			return readValue(named(v, names[0]), names[1:], false)
		case reflect.Map:
			if of := v.MapIndex(reflect.ValueOf(names[0])); of.IsValid() {
				return readValue(of, names[1:], true)
			}
		}
		return ""
	}
	if v.IsZero() && !given {
		return ""
	}
	if places, ok := v.Interface().(queue.Capacity); ok {
		return writtenPlaces(places)
	}
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		written, _ := text.MarshalText() // a value of a prepared configuration can be written
		return string(written)
	}
	if v.Kind() == reflect.Slice {
		all := make([]string, v.Len())
		for i := range all {
			all[i] = fmt.Sprint(v.Index(i))
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprint(v.Interface())
}

// named is the field that the file calls so.
func named(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		if written, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ","); written == name {
			return v.Field(i)
		}
	}
	panic("display: a configuration has no " + name) // the forms are ours
}

var errNumber = errors.New("is no whole number (such as 20)")

// writeField reads a value from a form; "" takes it away, so that the usual one
// is taken.
func writeField(c any, path, text string) error {
	return writeValue(reflect.ValueOf(c).Elem(), strings.Split(path, "."), strings.TrimSpace(text))
}

func writeValue(v reflect.Value, names []string, text string) error {
	if len(names) > 0 && v.Kind() == reflect.Struct {
		return writeValue(named(v, names[0]), names[1:], text)
	}
	if len(names) > 0 && v.Kind() == reflect.Map {
		return writeEntry(v, names, text)
	}
	if text == "" {
		v.SetZero()
		return nil
	}
	if v.Kind() == reflect.Pointer {
		made := reflect.New(v.Type().Elem())
		v.Set(made)
		v = made.Elem()
	}
	if places, ok := v.Addr().Interface().(*queue.Capacity); ok {
		return readPlaces(text, places)
	}
	if into, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return into.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(text == "yes" || text == "true")
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errNumber
		}
		v.SetInt(n)
	case reflect.Slice:
		list := reflect.MakeSlice(v.Type(), 0, 4)
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = reflect.Append(list, reflect.ValueOf(part).Convert(v.Type().Elem()))
			}
		}
		v.Set(list)
	}
	return nil
}

// writeEntry sets one entry of a map, or takes it away.
func writeEntry(v reflect.Value, names []string, text string) error {
	key := reflect.ValueOf(names[0])
	if text == "" {
		if !v.IsNil() {
			v.SetMapIndex(key, reflect.Value{})
		}
		return nil
	}
	entry := reflect.New(v.Type().Elem()).Elem()
	if err := writeValue(entry, names[1:], text); err != nil {
		return err
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	v.SetMapIndex(key, entry)
	return nil
}

// writtenPlaces is a capacity as people type it: 30, auto, or 25+5 for 25 and 5
// more for the priority lane.
func writtenPlaces(c queue.Capacity) string {
	if c.Priority > 0 {
		return fmt.Sprintf("%d+%d", c.Places, c.Priority)
	}
	return c.String()
}

func readPlaces(text string, into *queue.Capacity) error {
	if text == "auto" {
		*into = queue.Capacity{Auto: true}
		return nil
	}
	places, priority, both := strings.Cut(text, "+")
	n, err := strconv.Atoi(strings.TrimSpace(places))
	m := 0
	if both && err == nil {
		m, err = strconv.Atoi(strings.TrimSpace(priority))
	}
	if err != nil || n < 0 || m < 0 {
		return fmt.Errorf("%q is no capacity (30, 25+5 or auto)", text)
	}
	*into = queue.Capacity{Places: n, Priority: m}
	return nil
}

// weekdayKeys are the days of the week as the file names them, Monday first.
var weekdayKeys = [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// weekOf spreads hours by days and ranges of days over the week.
func weekOf(hours map[string][]string) (week [7]string) {
	for key, spans := range hours {
		for part := range strings.SplitSeq(key, ",") {
			from, to, isRange := strings.Cut(part, "-")
			if !isRange {
				to = from
			}
			first, last := slices.Index(weekdayKeys[:], from), slices.Index(weekdayKeys[:], to)
			if first < 0 || last < 0 {
				continue
			}
			for d := first; ; d = (d + 1) % 7 {
				week[d] = strings.Join(spans, ", ")
				if d == last {
					break
				}
			}
		}
	}
	return week
}

// hoursOf puts days in a row that have the same hours under one key.
func hoursOf(week [7]string) map[string][]string {
	hours := map[string][]string{}
	for first := 0; first < 7; {
		last := first
		for last+1 < 7 && spansIn(week[last+1]) == spansIn(week[first]) {
			last++
		}
		if spans := listed(week[first]); len(spans) > 0 {
			key := weekdayKeys[first]
			if last > first {
				key += "-" + weekdayKeys[last]
			}
			hours[key] = spans
		}
		first = last + 1
	}
	return hours
}

func spansIn(text string) string { return strings.Join(listed(text), ",") }

// listed are the parts of a text between commas.
func listed(text string) []string {
	all := []string{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.ReplaceAll(strings.TrimSpace(part), ".", ":"); part != "" { // 07.30 is how a clock is written here
			all = append(all, part)
		}
	}
	return all
}

// closedWords say that a special day has no hours.
var closedWords = []string{"tutup", "closed", "-"}

// writtenSpecial is a special day as it is typed: "08:00-11:00", "tutup", or by
// days of the week, "mon-thu 08:00-14:00; fri 08:00-11:00".
func writtenSpecial(s queue.Special) string {
	switch {
	case len(s.Days) > 0:
		var parts []string
		for key, spans := range s.Days {
			hours := strings.Join(spans, ", ")
			if hours == "" {
				hours = closedWords[0]
			}
			parts = append(parts, key+" "+hours)
		}
		slices.SortFunc(parts, func(a, b string) int {
			return slices.Index(weekdayKeys[:], a[:3]) - slices.Index(weekdayKeys[:], b[:3])
		})
		return strings.Join(parts, "; ")
	case s.Hours == nil:
		return ""
	case len(s.Hours) == 0:
		return closedWords[0]
	}
	return strings.Join(s.Hours, ", ")
}

func readSpecial(text string, into *queue.Special) {
	into.Hours, into.Days = nil, nil
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return
	}
	if c := text[0]; c >= 'a' && c <= 'z' && !slices.Contains(closedWords, text) {
		into.Days = map[string][]string{}
		for part := range strings.SplitSeq(text, ";") {
			days, hours, _ := strings.Cut(strings.TrimSpace(part), " ")
			if days != "" {
				into.Days[days] = hoursOrNone(hours)
			}
		}
		return
	}
	into.Hours = hoursOrNone(text)
}

func hoursOrNone(text string) []string {
	if slices.Contains(closedWords, strings.TrimSpace(text)) {
		return []string{}
	}
	return listed(text)
}
