// Package calendar holds an office's hours: when its doors are open, which
// date it has, how its day is cut into slots, and how long somebody has waited
// in working time. It is pure: it reads no clock and does no I/O.
package calendar

import (
	"fmt"
	"strings"
	"time"
)

const dateLayout = "2006-01-02"

// Date is a calendar date of an office, "2026-11-24". Dates order as strings.
type Date string

// ParseDate returns s as a Date, or an error that says what is allowed.
func ParseDate(s string) (Date, error) {
	if d := Date(s); d.Valid() {
		return d, nil
	}
	return "", fmt.Errorf("%q is no date (YYYY-MM-DD)", s)
}

// rangeSign stands between the dates of a range.
const rangeSign = ".."

// ParseDates reads a date, or a range of at most 366 of them that is written
// "2027-02-08..2027-03-09", as its first and last date.
func ParseDates(s string) (from, to Date, err error) {
	first, last, isRange := strings.Cut(s, rangeSign)
	if !isRange {
		last = first
	}
	from, to = Date(first), Date(last)
	switch {
	case !from.Valid() || !to.Valid():
		return "", "", fmt.Errorf("%q is no date and no range of dates (YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD)", s)
	case to < from:
		return "", "", fmt.Errorf("%q ends before it begins (YYYY-MM-DD..YYYY-MM-DD)", s)
	case from.AddDays(maxRange-1) < to:
		return "", "", fmt.Errorf("%q is too long (at most %d days)", s, maxRange)
	}
	return from, to, nil
}

// DateOf returns the date that a wall clock in zone shows at t.
func DateOf(t time.Time, zone *time.Location) Date {
	return dateAt(t.In(zone))
}

// afterAll follows every date that four digits of a year can write, so that
// whoever counts on to the last one comes to an end. It is no valid date.
const afterAll Date = "9999-12-32"

// dateAt is t's own date. Every booking asks for several, so the usual ones are
// written by hand.
func dateAt(t time.Time) Date {
	year, month, day := t.Date()
	switch {
	case year > 9999:
		return afterAll
	case year < 1000:
		return Date(t.Format(dateLayout))
	}
	digit := func(n int) byte { return '0' + byte(n%10) }
	return Date([]byte{
		digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-',
		digit(int(month) / 10), digit(int(month)), '-', digit(day / 10), digit(day),
	})
}

// Valid tells whether d is a date that exists.
func (d Date) Valid() bool {
	_, ok := d.number()
	return ok
}

// AddDays returns the date n days after d, or before it if n is negative.
// An invalid date stays as it is.
func (d Date) AddDays(n int) Date {
	number, ok := d.number()
	if !ok {
		return d
	}
	return dateNumbered(number + int64(n))
}

// Weekday returns the day of the week; Sunday for an invalid date.
func (d Date) Weekday() time.Weekday {
	number, _ := d.number()
	return weekday(number)
}

// String returns the date as it is written, "2026-11-24".
func (d Date) String() string { return string(d) }

const secondsPerDay = 24 * 60 * 60

// number counts the days since 1 January 1970.
func (d Date) number() (int64, bool) {
	t, err := time.Parse(dateLayout, string(d))
	if err != nil {
		return 0, false
	}
	return floorDiv(t.Unix(), secondsPerDay), true
}

func dateNumbered(number int64) Date {
	return dateAt(time.Unix(number*secondsPerDay, 0).UTC())
}

// weekday: day 0, 1 January 1970, was a Thursday.
func weekday(number int64) time.Weekday {
	return time.Weekday(((number+4)%7 + 7) % 7)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
