package display

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/static"
)

// mostNotices is how many a screen says one after the other.
const mostNotices = 10

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
	p.Shown = noticesNow(v)
	p.Seen = namedNotices(p.Shown)
	p.Notices = p.Shown
	change(&p)
	p.Notices = slices.Clone(p.Notices)
	for free := 0; free < 2 && len(p.Notices) < mostNotices; free++ {
		p.Notices = append(p.Notices, "")
	}
	return a.page(c, status, "notices", p)
}

func noticesNow(v visit) (notices []string) {
	v.office.Read(func(s *queue.State) { notices = s.Notices })
	return notices
}

// namedNotices is a text that differs when the notices do.
func namedNotices(notices []string) string {
	text, _ := json.Marshal(append([]string{}, notices...)) // texts can always be written
	return string(text)
}

// pageNotices replaces the notices by the lines of the form, those left empty
// left out.
func (a *App) pageNotices(c *fiber.Ctx, v visit) error {
	notices := []string{}
	for _, line := range c.Request().PostArgs().PeekMulti("notice") {
		if text := strings.TrimSpace(string(line)); text != "" {
			notices = append(notices, text)
		}
	}
	o, err := a.formOrder(c, v)
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
		p.Key, p.Problem, p.Notices, p.Wrong = r.key, r.problem, notices, r.wrong["notices"]
	})
}
