package static

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A call is "now" for this long; page-tv.js keeps the same.
const freshCall = 90 * time.Second

const (
	recentCalls    = 3
	offeredNumbers = 5
	lineLength     = 98 // letters that a line of the footer holds
	waitingLines   = 2
	boardRow       = 10 // counters
	boardRows      = 2
	shownNext      = 5
	shownStandby   = 2
)

// tvPicture is the first paint of the lobby's screen, which page-tv.js then
// carries on.
type tvPicture struct {
	Call                 bool // show a call, else the words below
	Fresh                bool
	Number, Label, Place string

	Title, Text, More string

	Recent   []tvCall
	Board    []tvCounter // every counter, or those that work where there are many
	Many     bool        // the board has two rows
	Next     string
	Standby  string
	Services []tvService
	Lines    int // that all services would take, no more than there are
	Notice   string
}

type tvCounter struct{ Name, Place, Number, State string }

type tvCall struct{ Number, Place string }

type tvService struct{ Name, Waiting string }

var numberedName = regexp.MustCompile(`^(.*\S)\s+(\S{1,3})$`)

// placeOf splits "Loket 3" into what it is and which one; a name without a
// short end stands alone.
func placeOf(name string) (label, place string) {
	if m := numberedName.FindStringSubmatch(name); m != nil {
		return m[1], m[2]
	}
	return "", name
}

func (f formatter) picture(v DisplayView, at time.Time) tvPicture {
	var p tvPicture
	seen := map[string]bool{}
	for _, c := range v.Calls {
		if c.Withdrawn || seen[c.Number] {
			continue
		}
		seen[c.Number] = true
		if p.Number == "" {
			p.Number = c.Number
			p.Label, p.Place = placeOf(c.CounterName)
			p.Fresh = at.Sub(c.At) < freshCall
			continue
		}
		if len(p.Recent) < recentCalls {
			_, place := placeOf(c.CounterName)
			p.Recent = append(p.Recent, tvCall{c.Number, place})
		}
	}
	p.Call = p.Number != "" && (p.Fresh || v.Open && !v.Suspended)
	if !p.Call && p.Number != "" {
		p.Recent = append([]tvCall{{p.Number, p.Place}}, p.Recent[:min(len(p.Recent), recentCalls-1)]...)
	}
	p.Title, p.Text, p.More = f.quiet(v)
	lines, room := 1, lineLength
	for _, s := range v.Services {
		n, listed := v.Waiting[s.ID]
		if !listed {
			continue
		}
		row := tvService{Name: s.Name.In(f.lang), Waiting: f.say("tv.nobody")}
		if n > 0 {
			row.Waiting = f.say("tv.people", "n", n)
			if w, ok := v.Wait[s.ID]; ok {
				row.Waiting += ", " + f.interval(w, at).String()
			}
		}
		length := utf8.RuneCountInString(row.Name+row.Waiting) + 4
		if room < length && room < lineLength {
			lines, room = lines+1, lineLength
		}
		if room -= length; lines > waitingLines {
			break
		}
		p.Services = append(p.Services, row)
	}
	p.Lines = min(lines, waitingLines)
	p.Board, p.Many = board(v.Counters)
	p.Next = strings.Join(v.Next[:min(len(v.Next), shownNext)], "  ")
	p.Standby = strings.Join(some(v.Standby, shownStandby), "  ")
	p.Notice = f.say("tv.order")
	if len(v.Notices) > 0 {
		p.Notice = v.Notices[0].In(f.lang)
	}
	if len(v.Offered) > 0 {
		p.Notice = f.offered(v.Offered)
	}
	return p
}

// offered names who on standby is offered a place, a few of them.
func (f formatter) offered(numbers []string) string {
	return f.say("tv.offered", "numbers", strings.Join(some(numbers, offeredNumbers), ", "))
}

// some are the first n numbers, and how many more there are.
func some(numbers []string, n int) []string {
	shown := slices.Clone(numbers[:min(len(numbers), n)])
	if more := len(numbers) - len(shown); more > 0 {
		shown = append(shown, fmt.Sprintf("+%d", more))
	}
	return shown
}

// board is the first page of the counters: all of them if they fit into a row,
// else those that are not closed.
func board(counters []DisplayCounter) (shown []tvCounter, many bool) {
	if len(counters) > boardRow {
		counters = slices.DeleteFunc(slices.Clone(counters), func(k DisplayCounter) bool { return k.State == "closed" && k.Number == "" })
	}
	many = len(counters) > boardRow
	for _, k := range counters[:min(len(counters), boardRow*boardRows)] {
		_, place := placeOf(k.Name)
		shown = append(shown, tvCounter{k.Name, place, k.Number, k.State})
	}
	return shown, many
}

// quiet is what the screen says while it shows no call.
func (f formatter) quiet(v DisplayView) (title, text, more string) {
	state := v.Phase
	if state == "open" {
		state = "closed"
	}
	if v.Open {
		state = "quiet"
		for _, n := range v.Waiting {
			if n > 0 {
				state = "first"
			}
		}
	}
	var args []any
	if v.Opens != nil {
		args = []any{"time", f.clock(*v.Opens), "day", f.day(*v.Opens)}
	}
	if v.Suspended {
		state, args = "suspended", nil
		if s := v.Suspension; s != nil && s.Reason != "" {
			args = []any{"reason", s.Reason}
		}
		if s := v.Suspension; s != nil && s.Until != nil {
			more = f.say("tv.suspended.until", "time", f.clock(*s.Until))
		}
	}
	title = f.say("tv." + state + ".title")
	switch {
	case state == "quiet" || state == "first":
		text = f.say("tv." + state + ".text")
	case args != nil:
		text = f.say("tv."+state+".text", args...)
	default:
		text = f.say("tv." + state + ".plain")
	}
	return title, text, more
}
