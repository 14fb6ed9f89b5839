package calendar

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	// An office's zone must be known wherever the single binary is started,
	// also in a container that brings no zone files.
	_ "time/tzdata"
)

// Plan is an office's hours as they are written in its configuration.
type Plan struct {
	Timezone string              `json:"timezone" yaml:"timezone"`                     // IANA name, "Asia/Jakarta"
	Hours    map[string][]string `json:"hours" yaml:"hours"`                           // "mon-thu": ["07:30-12:00", "13:00-16:00"]
	Special  map[string]Special  `json:"special,omitempty" yaml:"special,omitempty"`   // by date or range: hours instead of the weekdays'
	Closures []string            `json:"closures,omitempty" yaml:"closures,omitempty"` // dates without hours
}

// Special are the hours of a date ("2026-12-24") or of a range of dates
// ("2027-02-08..2027-03-09") instead of the usual ones. A date's own go before
// those of a range that it lies in, and a closure before both.
type Special struct {
	// Hours of the date, none: closed. In a range they are those of every date
	// that has hours usually. Nil: the usual ones.
	Hours []string
	// Days are the hours by days of the week, as in a Plan; days that are not
	// named keep theirs.
	Days map[string][]string
}

// maxRange is how many days a range may have.
const maxRange = 366

// FieldError says what is wrong with one field of a configuration and what is
// allowed there. Field is a path such as `hours.mon-thu[1]`.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error implements error.
func (e FieldError) Error() string { return e.Field + ": " + e.Message }

// Compile checks a plan and makes it fit for use. It returns every error that
// it finds, in the order of the fields' names; Hours is nil if there is one.
func Compile(p Plan) (*Hours, []FieldError) {
	c := compiler{hours: &Hours{special: make(map[int64][]span)}}
	c.timezone(p.Timezone)
	c.hours.week, _ = c.weekly("hours.", p.Hours)
	c.ranges(p.Special)
	c.dates(p.Special, p.Closures)
	if len(p.Hours) == 0 && len(p.Special) == 0 {
		c.refuse("hours", `no day is open (like mon-thu: ["07:30-12:00", "13:00-16:00"])`)
	}
	if len(c.errors) > 0 {
		return nil, c.errors
	}
	return c.hours, nil
}

type compiler struct {
	hours  *Hours
	errors []FieldError
}

func (c *compiler) refuse(field, format string, args ...any) {
	c.errors = append(c.errors, FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

func (c *compiler) timezone(name string) {
	zone, err := time.LoadLocation(name)
	// The standard library takes "" for UTC and "Local" for the machine's zone:
	// an office's date must not depend on where it is computed.
	if err != nil || name == "" || name == "Local" {
		c.refuse("timezone", "%q is no time zone (an IANA name like Asia/Jakarta)", name)
		return
	}
	c.hours.zone = zone
}

// weekly reads hours by days of the week, and tells which days are named.
func (c *compiler) weekly(within string, hours map[string][]string) (week [7][]span, named [7]bool) {
	var namedBy [7]string
	for _, key := range slices.Sorted(maps.Keys(hours)) {
		field := within + key
		days, ok := parseDays(key)
		if !ok {
			c.refuse(field, "%q names no days of the week (mon, tue, wed, thu, fri, sat, sun, ranges like mon-thu, lists like mon,wed)", key)
		}
		spans := c.spans(field, hours[key])
		for _, weekday := range days {
			if first := namedBy[weekday]; first != "" {
				c.refuse(field, "%s is named by %q already (every day at most once)", dayNames[weekday], first)
				continue
			}
			namedBy[weekday], named[weekday], week[weekday] = key, true, spans
		}
	}
	return week, named
}

// ranges reads the special hours of more than one date.
func (c *compiler) ranges(special map[string]Special) {
	namedBy := make(map[int64]string)
	for _, key := range slices.Sorted(maps.Keys(special)) {
		if !strings.Contains(key, rangeSign) {
			continue
		}
		field := "special." + key
		from, to, err := ParseDates(key)
		if err != nil {
			c.refuse(field, "%v", err)
		}
		hours := c.specialHours(field, special[key])
		first, ok := from.number()
		last, _ := to.number()
		for number := first; ok && number <= last; number++ {
			if other := namedBy[number]; other != "" {
				c.refuse(field, "%s lies in %q already (ranges do not overlap)", dateNumbered(number), other)
				break
			}
			namedBy[number] = key
			if spans, changed := hours(number); changed && (special[key].Hours == nil || len(c.hours.week[weekday(number)]) > 0) {
				c.hours.special[number] = spans
			}
		}
	}
}

// specialHours reads special hours: those of a numbered day, and whether they
// are other than the usual ones.
func (c *compiler) specialHours(field string, s Special) func(number int64) ([]span, bool) {
	if s.Hours != nil && len(s.Days) > 0 {
		c.refuse(field, "hours and days of the week are given (one of them)")
	}
	all := c.spans(field, s.Hours)
	week, named := c.weekly(field+".", s.Days)
	return func(number int64) ([]span, bool) {
		if s.Hours != nil {
			return all, true
		}
		return week[weekday(number)], named[weekday(number)]
	}
}

func (c *compiler) dates(special map[string]Special, closures []string) {
	named := make(map[int64]bool)
	for _, key := range slices.Sorted(maps.Keys(special)) {
		if strings.Contains(key, rangeSign) {
			continue
		}
		field := "special." + key
		date, err := ParseDate(key)
		if err != nil {
			c.refuse(field, "%v", err)
		}
		hours := c.specialHours(field, special[key])
		if number, ok := date.number(); ok {
			named[number] = true
			if spans, changed := hours(number); changed {
				c.hours.special[number] = spans
			}
		}
	}
	for i, text := range closures {
		field := fmt.Sprintf("closures[%d]", i)
		date, err := ParseDate(text)
		if err != nil {
			c.refuse(field, "%v", err)
			continue
		}
		number, _ := date.number()
		if named[number] {
			c.refuse(field, "%s is named already (every date once, in special or in closures)", date)
		}
		named[number] = true
		c.hours.special[number] = nil
	}
}

// spans reads one day's openings and puts them in order.
func (c *compiler) spans(field string, texts []string) []span {
	type written struct {
		span
		index int
	}
	var list []written
	for i, text := range texts {
		s, message := parseSpan(text)
		if message != "" {
			c.refuse(fmt.Sprintf("%s[%d]", field, i), "%s", message)
			continue
		}
		list = append(list, written{s, i})
	}
	slices.SortStableFunc(list, func(a, b written) int { return cmp.Compare(a.start, b.start) })
	spans := make([]span, 0, len(list))
	for i, w := range list {
		if i > 0 && w.start < list[i-1].end {
			other := list[i-1].index
			c.refuse(fmt.Sprintf("%s[%d]", field, max(w.index, other)), "%q and %q overlap (each begins when the one before has ended)", texts[other], texts[w.index])
			continue
		}
		spans = append(spans, w.span)
	}
	return spans
}

var dayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseDays reads "mon", "mon-thu", "sat-mon" and "mon,wed".
func parseDays(key string) (days []time.Weekday, ok bool) {
	for part := range strings.SplitSeq(key, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, last := slices.Index(dayNames[:], from), slices.Index(dayNames[:], to)
		if first < 0 || last < 0 {
			return nil, false
		}
		for d := first; ; d = (d + 1) % 7 {
			days = append(days, time.Weekday(d))
			if d == last {
				break
			}
		}
	}
	return days, true
}

// parseSpan reads "07:30-12:00"; message is empty if it is right.
func parseSpan(text string) (s span, message string) {
	const allowed = "(HH:MM-HH:MM)"
	from, to, _ := strings.Cut(text, "-")
	start, startOK := parseClock(from)
	end, endOK := parseClock(to)
	switch {
	case !startOK || !endOK:
		return span{}, fmt.Sprintf("%q is no span of the day %s, from 00:00 to 24:00", text, allowed)
	case end < start:
		return span{}, fmt.Sprintf("%q ends before it begins %s", text, allowed)
	case end == start:
		return span{}, fmt.Sprintf("%q is empty %s", text, allowed)
	}
	return span{start, end}, ""
}

// parseClock reads "07:30" as seconds since midnight.
func parseClock(text string) (second int, ok bool) {
	if len(text) != len("07:30") || text[2] != ':' {
		return 0, false
	}
	hour, err := strconv.ParseUint(text[:2], 10, 8)
	if err != nil {
		return 0, false
	}
	minute, err := strconv.ParseUint(text[3:], 10, 8)
	if err != nil || minute > 59 || hour*60+minute > 24*60 {
		return 0, false
	}
	return int(hour*60+minute) * 60, true
}
