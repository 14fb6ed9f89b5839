package calendar

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time written as "90s", "60m", "24h", "30d" or
// "1h30m". A day is 24 hours. It is never negative when it was parsed.
type Duration time.Duration

var units = [...]struct {
	name   string
	length time.Duration
}{
	{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

const durationAllowed = `like "90s", "60m", "24h", "30d" or "1h30m"`

// ParseDuration reads whole numbers with the units d, h, m, s and ms, larger
// units first, each at most once.
func ParseDuration(text string) (Duration, error) {
	refuse := fmt.Errorf("%q is no duration (%s)", text, durationAllowed)
	rest, total, next := text, time.Duration(0), 0
	for first := true; first || rest != ""; first = false {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil {
			return 0, refuse
		}
		rest = rest[digits:]
		letters := len(rest) - len(strings.TrimLeft(rest, "dhms"))
		unit := next
		for unit < len(units) && units[unit].name != rest[:letters] {
			unit++
		}
		if unit == len(units) {
			return 0, refuse
		}
		length := units[unit].length
		if n > (math.MaxInt64-int64(total))/int64(length) {
			return 0, fmt.Errorf("%q is too long (at most %d days)", text, math.MaxInt64/int64(units[0].length))
		}
		total += time.Duration(n) * length
		rest, next = rest[letters:], unit+1
	}
	return Duration(total), nil
}

// D returns d for the standard library.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String returns the shortest text that ParseDuration reads back; what is
// shorter than a millisecond is left off.
func (d Duration) String() string {
	if d < 0 {
		// Not readable back: a negative duration is a mistake worth seeing.
		return "-" + (-max(d, -math.MaxInt64)).String()
	}
	shortest := ""
	for largest := range units {
		var text strings.Builder
		rest := d.D()
		for _, unit := range units[largest:] {
			if n := rest / unit.length; n > 0 {
				text.WriteString(strconv.FormatInt(int64(n), 10) + unit.name)
				rest %= unit.length
			}
		}
		if text.Len() > 0 && (shortest == "" || text.Len() < len(shortest)) {
			shortest = text.String()
		}
	}
	if shortest == "" {
		return "0s"
	}
	return shortest
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// DurationRange is a shortest and a longest duration, "10m-120m", or "30m" if
// both are the same.
type DurationRange struct{ Min, Max Duration }

// String returns the text that UnmarshalText reads back.
func (r DurationRange) String() string {
	if r.Min == r.Max {
		return r.Min.String()
	}
	return r.Min.String() + "-" + r.Max.String()
}

// MarshalText implements encoding.TextMarshaler.
func (r DurationRange) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *DurationRange) UnmarshalText(text []byte) error {
	refuse := fmt.Errorf(`%q is no range of durations (like "10m-120m" or "30m")`, text)
	from, to, isRange := strings.Cut(string(text), "-")
	if !isRange {
		to = from
	}
	shortest, err := ParseDuration(from)
	if err != nil {
		return refuse
	}
	longest, err := ParseDuration(to)
	if err != nil {
		return refuse
	}
	if longest < shortest {
		return fmt.Errorf(`%q ends before it begins (the shorter first, like "10m-120m")`, text)
	}
	*r = DurationRange{Min: shortest, Max: longest}
	return nil
}

// WorkingDays is a number of days on which the office is open, "4 working
// days". Zero, written "", is none.
type WorkingDays int

// maxWorkingDays keeps a slip of the keyboard from promising a pickup in years.
const maxWorkingDays = 365

// String returns the text that UnmarshalText reads back.
func (w WorkingDays) String() string {
	switch w {
	case 0:
		return ""
	case 1:
		return "1 working day"
	}
	return strconv.Itoa(int(w)) + " working days"
}

// MarshalText implements encoding.TextMarshaler.
func (w WorkingDays) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *WorkingDays) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*w = 0
		return nil
	}
	number, unit, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n > maxWorkingDays || unit != "working days" && unit != "working day" {
		return fmt.Errorf(`%q is no number of working days (like "4 working days", at most %d)`, text, maxWorkingDays)
	}
	*w = WorkingDays(n)
	return nil
}
