package static

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// functions are what templates can call, bound to a language.
func (p *Pages) functions(lang string) template.FuncMap {
	f := formatter{lang: lang, words: p.words}
	return template.FuncMap{
		"lang":       func() string { return lang },
		"t":          f.say,
		"asset":      p.Asset,
		"clock":      f.clock,
		"day":        f.day,
		"longDay":    f.longDay,
		"dayMonth":   f.dayMonth,
		"near":       f.near,
		"weekdays":   f.weekdays,
		"within":     f.within,
		"next":       func(i int) int { return i + 1 },
		"mod":        func(i, n int) int { return i % n },
		"asForm":     asForm,
		"pick":       func(typed bool, url, words string) pick { return pick{typed, url, f.say(words)} },
		"rupiah":     f.rupiah,
		"picture":    f.picture,
		"in":         func(t Text) string { return t.In(lang) },
		"inLanguage": inLanguage,
		"problem":    f.problem,
		"stateCard":  f.stateCard,
		"aheadWords": f.ahead,
		"slotWords":  f.slot,
		"waitOf":     f.waitOf,
		"waitWords":  func(w *Wait) string { return f.waitOf(w, time.Time{}).String() },
		"deskList":   newDeskList,
		"deskReason": newDeskReason,
		"inHall":     inHall,
		"without":    without,
		"withdrawn":  withdrawn,
		"expected":   expected,
		"afterNow":   afterNow,
		"shownState": shownState,
		"hide":       hide,
		"cannot":     cannot,
		"place":      placeWords,
		"join":       join,
		"paragraphs": paragraphs,
		"act":        newAct,
		"input":      newInput,
		"stamp":      func(t time.Time) string { return t.Format(time.RFC3339) },
		"errorWords": f.errorWords,
		"span":       f.span,
		"dated":      f.dated,
		"decimal":    f.decimal,
		"hourWords":  f.hourWords,
		"exact":      f.exact,
		"sum":        func(a, b int) int { return a + b },
		"units":      func() []string { return []string{"day", "week", "month"} },
		"coordinate": func(n float64) string { return strconv.FormatFloat(n, 'f', 1, 64) },
		"figure":     newFigure,

		"drawWaiting":  f.drawWaiting,
		"drawLoad":     f.drawLoad,
		"drawCounters": f.drawCounters,
		"drawPeriods":  f.drawPeriods,
		"boot": func(page booted, prefixes ...string) map[string]any {
			m := page.boot(lang, p.words.under(lang, prefixes))
			if d, ok := page.(DisplayPage); ok {
				p.bootScreen(m, d, lang, prefixes)
			}
			return m
		},
	}
}

// inLanguage is the link to the same page in another language.
func inLanguage(path, lang string) string {
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return path + separator + "lang=" + url.QueryEscape(lang)
}

// booted is a page whose scripts carry on where the first paint stands.
type booted interface {
	boot(lang string, words map[string]string) map[string]any
}

func (p Page) bootWith(lang string, words map[string]string, live Live, view any) map[string]any {
	m := map[string]any{
		"lang":    lang,
		"words":   words,
		"speed":   p.Speed,
		"stepped": p.Simulated && p.Speed == 0,
		"live":    live,
		"view":    view,
	}
	if p.Device != "" {
		m["device"], m["release"] = p.Device, p.Release
	}
	return m
}

func (p DisplayPage) boot(lang string, words map[string]string) map[string]any {
	m := p.bootWith(lang, words, p.Live, p.View)
	m["release"] = p.Release // by which a screen that nobody paired knows an update too
	if p.Replay != nil {
		m["replay"], m["speed"], m["stepped"] = p.Replay, p.Replay.Speed, false
	}
	return m
}

func (p TicketPage) boot(lang string, words map[string]string) map[string]any {
	m := p.bootWith(lang, words, p.Live, p.View)
	m["link"] = p.Link
	return m
}

func (p HomePage) boot(lang string, words map[string]string) map[string]any {
	return p.bootWith(lang, words, Live{}, nil)
}

func (p PairPage) boot(lang string, words map[string]string) map[string]any {
	return map[string]any{"lang": lang, "words": words, "kind": p.Kind}
}

func (p CounterPage) boot(lang string, words map[string]string) map[string]any {
	m := p.bootWith(lang, words, p.Live, p.View)
	m["office"], m["user"], m["lock"] = p.Office, p.User, p.Lock
	if len(p.Reasons) > 0 {
		m["reasons"] = p.Reasons
	}
	return m
}

// problem is what a refusal's code means for people; a code without words is
// a fault of ours.
func (f formatter) problem(code string) string {
	if _, ok := f.words[languages[0]]["problem."+code]; !ok {
		code = "internal"
	}
	return f.say("problem." + code)
}

// act is one of the tablet's buttons.
type act struct{ ID, Words, Key, Class string }

func newAct(id, words, key, class string) act { return act{id, words, key, class} }

// pick is a choice on the booking page: a link, or a button that sends along
// what was typed.
type pick struct {
	Typed bool
	URL   string
	Words string
}

// asForm is the address that shows the form again with the choice of a link.
func asForm(link string) string {
	link, _, _ = strings.Cut(link, "#")
	return "/form" + strings.TrimPrefix(link, "/")
}

// errorWords are the title and the text of the error page.
func (f formatter) errorWords(code string) stateWords {
	id := "error." + code
	if _, ok := f.words[languages[0]][id+".title"]; !ok {
		if _, ok := f.words[languages[0]]["problem."+code]; ok {
			return stateWords{Title: f.problem(code)}
		}
		id = "error.internal"
	}
	return stateWords{f.say(id + ".title"), f.say(id + ".text")}
}
