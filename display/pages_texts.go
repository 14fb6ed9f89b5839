package display

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// textsPage is what people are told by an office, in one language.
func (a *App) textsPage(c *fiber.Ctx) error {
	v, err := a.visit(c, staff.Configure)
	if err != nil {
		return err
	}
	saved := c.Query("saved")
	return a.showTexts(c, v, c.Query("words"), fiber.StatusOK, func(f *static.TextForm) {
		f.Saved = f.Kind == saved
		f.Open = f.Saved
	})
}

func (a *App) showTexts(c *fiber.Ctx, v visit, language string, status int, change func(*static.TextForm)) error {
	languages, kinds := a.Texts.Keys()
	if language == "" && slices.Contains(languages, a.language(c)) {
		language = a.language(c)
	}
	if !slices.Contains(languages, language) {
		return notFound("text")
	}
	config, _ := configOf(v)
	shell, err := a.adminShell(c, v.who, v.id, "texts")
	if err != nil {
		return err
	}
	p := static.TextsPage{AdminShell: shell, Language: language, Key: newKey()}
	p.Path = "/admin/texts/" + v.id + "?words=" + language
	p.Others = slices.DeleteFunc(languages, func(l string) bool { return l == language })
	for _, kind := range kinds {
		if s, ok := a.Texts.Sample(config, language, kind); ok {
			f := static.TextForm{TextSample: s, Was: a.textDigest(s)}
			change(&f)
			p.Texts = append(p.Texts, f)
		}
	}
	return a.page(c, status, "texts", p)
}

// pageText previews, saves or resets the text of a form.
func (a *App) pageText(c *fiber.Ctx) error {
	if !a.SameOrigin(c) {
		return forbidden("foreign_origin")
	}
	v, err := a.visit(c, staff.Configure)
	if err != nil {
		return err
	}
	language, kind, what := c.Params("language"), c.Params("kind"), c.FormValue("do")
	typed := queue.Wording{Title: c.FormValue("title"), Body: c.FormValue("body"), Short: c.FormValue("short")}
	w := queue.Wording{}
	if what != "reset" {
		w, err = a.checkWording(c, v, a.unlikeBuiltIn(c, v, typed))
	}
	if err == nil && what != "preview" {
		var o order
		o, err = a.orderWith(v.scope(), c.Path(), c.FormValue("key"), c.Request().Body(), v.actor())
		if err == nil && !a.remembered(c, v, o) {
			if err = a.sameText(c, v); err == nil {
				_, _, err = a.reword(c, v, o, w, 0)
			}
		}
		if err == nil {
			return c.Redirect("/admin/texts/"+v.id+"?words="+language+"&saved="+kind+"#"+kind, fiber.StatusSeeOther)
		}
	}
	status := fiber.StatusOK
	var f *failure
	if err != nil {
		if f = classify(err); f.status >= 500 || f.status == fiber.StatusNotFound {
			return err
		}
		status = f.status
	}
	return a.showTexts(c, v, language, status, func(form *static.TextForm) {
		if form.Kind != kind {
			return
		}
		config, _ := configOf(v)
		if s, ok := a.Texts.Sample(config.WithMessage(language, kind, w), language, kind); ok && f == nil {
			form.TextSample = s
		}
		form.Open, form.Wording, form.Errors = true, static.Wording(typed), map[string]string{}
		if f != nil && len(f.fields) == 0 {
			form.Problem = f.code
		}
		if f != nil {
			for _, wrong := range f.fields {
				if form.Errors[wrong.field] = wrong.said; wrong.said == "" {
					form.Errors[wrong.field] = a.say(a.language(c), "refusal."+wrong.reason)
				}
			}
		}
	})
}

// textDigest tells whether a text is still the one that a form was made of.
func (a *App) textDigest(s static.TextSample) string {
	return a.Ring.Key("text", s.Language+"/"+s.Kind, strings.Join([]string{s.Title, s.Body, s.Short}, "\x00"))
}

// sameText refuses a form whose text somebody else has written anew since.
func (a *App) sameText(c *fiber.Ctx, v visit) error {
	config, _ := configOf(v)
	s, ok := a.Texts.Sample(config, c.Params("language"), c.Params("kind"))
	if was := c.FormValue("was"); ok && was != "" && was != a.textDigest(s) {
		return conflict(queue.WrongState, "text_changed")
	}
	return nil
}

// unlikeBuiltIn leaves out what is said as everywhere: the form holds it too,
// and it is to follow when the built-in text changes.
func (a *App) unlikeBuiltIn(c *fiber.Ctx, v visit, w queue.Wording) queue.Wording {
	config, _ := configOf(v)
	language, kind := c.Params("language"), c.Params("kind")
	built, ok := a.Texts.Sample(config.WithMessage(language, kind, queue.Wording{}), language, kind)
	if !ok {
		return w
	}
	if w.Title == built.Title {
		w.Title = ""
	}
	if w.Body == built.Body {
		w.Body = ""
	}
	if w.Short == built.Short {
		w.Short = ""
	}
	return w
}
