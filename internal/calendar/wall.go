package calendar

import "time"

// instant returns the first instant at which a wall clock in zone has reached
// the given second of the numbered day. A second that the clock shows twice is
// the first of the two; one that it jumps over is the instant of the jump. So
// the order of wall times is the order of instants, and spans of one day never
// overlap.
func instant(zone *time.Location, number int64, second int) time.Time {
	wanted := number*secondsPerDay + int64(second)
	utc := time.Unix(wanted, 0).UTC()
	t := time.Date(utc.Year(), utc.Month(), utc.Day(), utc.Hour(), utc.Minute(), utc.Second(), 0, zone)
	began, ends := t.ZoneBounds()
	switch shown := wallSeconds(t); {
	case shown > wanted && !began.IsZero():
		return began
	case shown < wanted && !ends.IsZero():
		return ends
	}
	if !began.IsZero() {
		_, before := began.Add(-time.Nanosecond).Zone()
		if earlier := time.Unix(wanted-int64(before), 0); earlier.Before(began) {
			return earlier.In(zone)
		}
	}
	return t
}

// wallSeconds returns what t's wall clock shows, as seconds since 1970.
func wallSeconds(t time.Time) int64 {
	_, offset := t.Zone()
	return t.Unix() + int64(offset)
}

// dayNumber returns the number of the date that a wall clock in zone shows at t.
func dayNumber(t time.Time, zone *time.Location) int64 {
	return floorDiv(wallSeconds(t.In(zone)), secondsPerDay)
}
