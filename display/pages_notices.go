package display

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/static"
)

const (
	mostNotices = 10 // that a screen says one after the other
	freeLines   = 2  // of the form
	// localMinute is how a form writes a time on the office's clock.
	localMinute = "2006-01-02T15:04"
)

// noticesPage is what the screens tell the hall.
func (a *App) noticesPage(c *fiber.Ctx, v visit) error {
	return a.showNotices(c, v, fiber.StatusOK, func(*static.NoticesPage) {})
}

func (a *App) showNotices(c *fiber.Ctx, v visit, status int, change func(*static.NoticesPage)) error {
	shell, err := a.adminShell(c, v.who, v.id, "notices")
	if err != nil {
		return err
	}
	p := static.NoticesPage{AdminShell: shell, Key: newKey()}
	p.Path = "/admin/offices/" + v.id + "/notices"
	notices, now := noticesNow(v), a.Offices.Now()
	p.Seen = namedNotices(notices)
	v.office.Read(func(s *queue.State) {
		p.Screens = a.screensOf(s, notices, now)
		for _, n := range notices {
			p.Lines = append(p.Lines, lineOf(s, n, now))
		}
		p.Texts = noticeLanguages(s)
	})
	change(&p)
	for free := 0; free < freeLines && len(p.Lines) < mostNotices; free++ {
		p.Lines = append(p.Lines, static.NoticeLine{})
	}
	return a.page(c, status, "notices", p)
}

func noticesNow(v visit) (notices []queue.Notice) {
	v.office.Read(func(s *queue.State) { notices = s.Notices })
	return notices
}

// noticeLanguages are those that a notice of the office may have, Indonesian first.
func noticeLanguages(s *queue.State) []string {
	return append([]string{"id"}, slices.DeleteFunc(slices.Clone(s.Config.Languages), func(l string) bool { return l == "id" })...)
}

// screensOf is what the screens show of the notices at a time, in each of the
// office's languages: the notices, then the line that never goes.
func (a *App) screensOf(s *queue.State, notices []queue.Notice, now time.Time) []static.NoticeScreen {
	var all []static.NoticeScreen
	for _, language := range noticeLanguages(s) {
		screen := static.NoticeScreen{Lang: language}
		for _, n := range notices {
			if n.ShownAt(now) {
				screen.Said = append(screen.Said, n.Text.In(language))
			}
		}
		screen.Said = append(screen.Said, a.say(language, "tv.order"))
		all = append(all, screen)
	}
	return all
}

func lineOf(s *queue.State, n queue.Notice, now time.Time) static.NoticeLine {
	local := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return here(s, t).Format(localMinute)
	}
	l := static.NoticeLine{Text: n.Text, From: local(n.From), Until: local(n.Until)}
	switch {
	case n.From.After(now):
		l.State = "later"
	case !n.ShownAt(now):
		l.State = "over"
	default:
		l.State = "shown"
	}
	return l
}

// namedNotices is a text that differs when the notices do.
func namedNotices(notices []queue.Notice) string {
	text, _ := json.Marshal(append([]queue.Notice{}, notices...)) // they can always be written
	return string(text)
}

// typedNotices reads the lines of the form; those without a word are left out. The
// lines are what was typed; a time that is none is wrong.
func typedNotices(c *fiber.Ctx, v visit) (lines []static.NoticeLine, notices []queue.Notice, err error) {
	args := c.Request().PostArgs()
	column := func(name string) []string {
		var all []string
		for _, value := range args.PeekMulti(name) {
			all = append(all, strings.TrimSpace(string(value)))
		}
		return all
	}
	cell := func(of []string, i int) string {
		if i < len(of) {
			return of[i]
		}
		return ""
	}
	from, until, texts, longest := column("from"), column("until"), map[string][]string{}, 0
	var languages []string
	var zone *time.Location
	v.office.Read(func(s *queue.State) { languages, zone = noticeLanguages(s), s.Config.Calendar().Zone() })
	for _, language := range languages {
		name := "notice-" + language
		if language == "id" {
			name = "notice"
		}
		texts[language] = column(name)
		longest = max(longest, len(texts[language]))
	}
	notices = []queue.Notice{}
	var faults []fault
	for i := range longest {
		line := static.NoticeLine{Text: map[string]string{}, From: cell(from, i), Until: cell(until, i)}
		for language, column := range texts {
			if text := cell(column, i); text != "" {
				line.Text[language] = text
			}
		}
		if len(line.Text) == 0 {
			continue
		}
		n := queue.Notice{Text: line.Text}
		for name, to := range map[string]*time.Time{"from": &n.From, "until": &n.Until} {
			text := line.From
			if name == "until" {
				text = line.Until
			}
			if text == "" {
				continue
			}
			at, err := time.ParseInLocation(localMinute, text, zone)
			if err != nil {
				faults = append(faults, fault{field: fmt.Sprintf("notices[%d].%s", len(notices), name), reason: "not_a_time"})
			}
			*to = at
		}
		lines, notices = append(lines, line), append(notices, n)
	}
	if len(faults) > 0 {
		return lines, notices, invalid(faults...)
	}
	return lines, notices, nil
}

// pageNotices replaces the notices by the lines of the form, or shows what the
// screens would show.
func (a *App) pageNotices(c *fiber.Ctx, v visit) error {
	lines, notices, err := typedNotices(c, v)
	if err == nil && c.FormValue("do") == "preview" {
		return a.showNotices(c, v, fiber.StatusOK, func(p *static.NoticesPage) {
			now := a.Offices.Now()
			p.Key, p.Seen, p.Preview, p.Lines = c.FormValue("key"), c.FormValue("seen"), true, nil
			v.office.Read(func(s *queue.State) {
				p.Screens = a.screensOf(s, notices, now)
				for _, n := range notices {
					p.Lines = append(p.Lines, lineOf(s, n, now))
				}
			})
		})
	}
	var o order
	if err == nil {
		o, err = a.formOrder(c, v)
	}
	if err == nil && !o.answeredAt(v.office) && c.FormValue("seen") != namedNotices(noticesNow(v)) {
		err = conflict(queue.WrongState, "notices_changed")
	}
	if err == nil {
		err = a.do(c, v.office, o, queue.SetNotices{Notices: notices}, func(*queue.State, []*queue.Event) {})
	}
	if err == nil {
		return c.Redirect("/admin/offices/"+v.id+"/notices?said=notices", fiber.StatusSeeOther)
	}
	r, err := a.refusal(c, err)
	if err != nil {
		return err
	}
	return a.showNotices(c, v, r.status, func(p *static.NoticesPage) {
		p.Key, p.Problem, p.Lines, p.Wrong = r.key, r.problem, lines, r.wrong["notices"]
		for i := range p.Lines {
			at := fmt.Sprintf("notices[%d]", i)
			l := &p.Lines[i]
			l.Wrong = map[string]string{"from": r.wrong[at+".from"], "until": r.wrong[at+".until"], "id": r.wrong[at]}
			for _, language := range p.Texts {
				if said := r.wrong[at+".text."+language]; said != "" {
					l.Wrong[language] = said
				}
			}
		}
	})
}
