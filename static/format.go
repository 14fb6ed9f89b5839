package static

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// formatter writes times, money and waits the way people of a language do.
// src/format.js writes the same in the browser.
type formatter struct {
	lang  string
	words catalogue
}

var (
	daysID   = [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}
	monthsID = [...]string{"Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"}
)

// clock is "09.42", in English "09:42".
func (f formatter) clock(t time.Time) string {
	if f.lang == "id" {
		return t.Format("15.04")
	}
	return t.Format("15:04")
}

// day is "Senin 24 Nov".
func (f formatter) day(t time.Time) string {
	if f.lang == "id" {
		return fmt.Sprintf("%s %d %s", daysID[t.Weekday()], t.Day(), monthsID[t.Month()-1])
	}
	return t.Format("Mon 2 Jan")
}

// dayMonth is "24 Nov".
func (f formatter) dayMonth(t time.Time) string {
	_, short, _ := strings.Cut(f.day(t), " ")
	return short
}

// longDay is "Rabu 25 November".
func (f formatter) longDay(t time.Time) string {
	months := strings.Fields(f.say("date.months"))
	return fmt.Sprintf("%s %d %s", f.weekday(t.Weekday()), t.Day(), months[t.Month()-1])
}

func (f formatter) weekday(d time.Weekday) string {
	if f.lang == "id" {
		return daysID[d]
	}
	return d.String()
}

// weekdays are the names of the days, Monday first.
func (f formatter) weekdays() []string {
	all := make([]string, 7)
	for i := range all {
		all[i] = f.weekday(time.Weekday((i + 1) % 7))
	}
	return all
}

// near is "Besok, " before a day's name, or nothing for one further away.
func (f formatter) near(days int) string {
	switch days {
	case 0:
		return f.say("date.today") + ", "
	case 1:
		return f.say("date.tomorrow") + ", "
	}
	return ""
}

// within is "30 menit", "2 jam".
func (f formatter) within(minutes int) string {
	if minutes%60 == 0 {
		return f.say("home.within_hours", "n", minutes/60)
	}
	return f.say("home.within_minutes", "n", minutes)
}

// rupiah is "Rp350.000".
func (f formatter) rupiah(amount int64) string {
	digits := strconv.FormatInt(amount, 10)
	separator := "."
	if f.lang != "id" {
		separator = ","
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(d)
	}
	return "Rp" + b.String()
}

// interval is a predicted wait in words and on a line.
type interval struct {
	Main string // "12–20", "sekitar 15"
	Unit string // "menit", or "" if Main stands alone
	When string // its clock times, "09.54–10.02"
	// X and Width place the interval on a line from now, in per cent; Middle
	// is where its label stands, away from both ends.
	X, Width, Middle float64
}

// longAbout is from how many seconds on a wait that nothing has been measured
// for is said in half hours: minutes would claim to know more.
const longAbout = 45 * 60

// halfHours writes 3 as "1,5".
func (f formatter) halfHours(n int) string {
	whole := strconv.Itoa(n / 2)
	switch {
	case n%2 == 0:
		return whole
	case f.lang == "id":
		return whole + ",5"
	default:
		return whole + ".5"
	}
}

// interval rounds outwards to whole minutes, so that it never promises more
// than was predicted.
func (f formatter) interval(w Wait, at time.Time) interval {
	low, high := w.P10/60, (w.P90+59)/60
	i := interval{
		Unit: f.words.say(f.lang, "wait.minutes", "n", high),
	}
	switch {
	case high <= 1:
		i.Main, i.Unit = f.words.say(f.lang, "wait.soon"), ""
	case w.P10 == w.P90 && w.P50 > longAbout:
		halves := (w.P50 + 900) / 1800
		i.Main = f.words.say(f.lang, "wait.about", "n", f.halfHours(halves))
		i.Unit = f.words.say(f.lang, "wait.hours", "n", (halves+1)/2)
	case w.P10 == w.P90:
		i.Main = f.words.say(f.lang, "wait.about", "n", (w.P50+30)/60)
	default:
		i.Main = f.words.say(f.lang, "wait.range", "a", low, "b", high)
	}
	from, to := f.clock(at.Add(time.Duration(w.P10)*time.Second)), f.clock(at.Add(time.Duration(w.P90)*time.Second))
	if i.When = from; to != from {
		i.When += "–" + to
	}
	whole := math.Max(30*60, float64(w.P90)*1.4)
	i.X = 100 * float64(w.P10) / whole
	i.Width = math.Max(100*float64(w.P90)/whole-i.X, 4)
	i.Middle = math.Min(math.Max(i.X+i.Width/2, 20), 80)
	return i
}

// String is the interval in one piece: "12–20 menit".
func (i interval) String() string { return strings.TrimSpace(i.Main + " " + i.Unit) }

func (f formatter) say(id string, args ...any) string { return f.words.say(f.lang, id, args...) }
