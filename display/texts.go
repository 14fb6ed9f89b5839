package display

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// Texts are the words that people are told, as whoever tells them knows them.
type Texts interface {
	// Keys are the languages and the kinds of messages that there are.
	Keys() (languages, kinds []string)
	// Sample is a text of an office as it would be said to somebody who is made
	// up, to be written as JSON; nil if there is none such.
	Sample(c *queue.Config, language, kind string) any
	// Check finds what is wrong with an office's own texts.
	Check(c *queue.Config) []calendar.FieldError
}

// listTexts answers every text of an office with a preview.
func (a *App) listTexts(c *fiber.Ctx, v visit) error {
	config, version := configOf(v)
	languages, kinds := a.Texts.Keys()
	samples := []any{}
	for _, language := range languages {
		for _, kind := range kinds {
			samples = append(samples, a.Texts.Sample(config, language, kind))
		}
	}
	c.Set(fiber.HeaderETag, etag(version))
	return c.JSON(fiber.Map{"languages": languages, "kinds": kinds, "texts": samples})
}

// previewText answers how a text would be said, and changes nothing.
func (a *App) previewText(c *fiber.Ctx, v visit) error {
	config, _ := configOf(v)
	changed, err := a.reworded(c, config)
	if err != nil {
		return err
	}
	return c.JSON(a.Texts.Sample(changed, c.Params("language"), c.Params("kind")))
}

// replaceText gives the office its own words for a message.
func (a *App) replaceText(c *fiber.Ctx, v visit) error {
	config, _ := configOf(v)
	changed, err := a.reworded(c, config)
	if err != nil {
		return err
	}
	return a.reword(c, v, changed.Messages[c.Params("language")][c.Params("kind")])
}

// resetText makes the office say a message as everywhere.
func (a *App) resetText(c *fiber.Ctx, v visit) error {
	config, _ := configOf(v)
	if a.Texts.Sample(config, c.Params("language"), c.Params("kind")) == nil {
		return notFound("text")
	}
	return a.reword(c, v, queue.Wording{})
}

func configOf(v visit) (config *queue.Config, version uint64) {
	v.office.Read(func(s *queue.State) { config, version = s.Config, s.ConfigVersion })
	return config, version
}

// reworded is a configuration with the text of the request, checked.
func (a *App) reworded(c *fiber.Ctx, config *queue.Config) (*queue.Config, error) {
	language, kind := c.Params("language"), c.Params("kind")
	if a.Texts.Sample(config, language, kind) == nil {
		return nil, notFound("text")
	}
	var w queue.Wording
	if err := decode(c, &w); err != nil {
		return nil, err
	}
	w = queue.Wording{Title: strings.TrimSpace(w.Title), Body: strings.TrimSpace(w.Body), Short: strings.TrimSpace(w.Short)}
	changed := config.WithMessage(language, kind, w)
	if wrong := a.wrongTexts(changed, "messages."+language+"."+kind+"."); len(wrong) > 0 {
		return nil, invalid(wrong...)
	}
	return changed, nil
}

// wrongTexts are the faults of a configuration's texts under a field, which is
// left away.
func (a *App) wrongTexts(config *queue.Config, under string) (faults []fault) {
	wrong := config.Prepare()
	if a.Texts != nil {
		wrong = append(wrong, a.Texts.Check(config)...)
	}
	for _, w := range wrong {
		if field, ok := strings.CutPrefix(w.Field, under); ok {
			faults = append(faults, fault{field: field, said: w.Message})
		}
	}
	return faults
}

// reword changes one text of the configuration. Another change that comes
// between is kept: only who names a version by If-Match is refused then.
func (a *App) reword(c *fiber.Ctx, v visit, w queue.Wording) error {
	named, err := ifMatch(c)
	if err != nil {
		return err
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	config, version := configOf(v)
	ask := queue.Configure{Config: config.WithMessage(c.Params("language"), c.Params("kind"), w), IfVersion: version}
	if named != 0 {
		ask.IfVersion = named
	}
	err = a.do(c, v.office, o, ask, func(s *queue.State, _ []*queue.Event) { config, version = s.Config, s.ConfigVersion })
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderETag, etag(version))
	return c.JSON(a.Texts.Sample(config, c.Params("language"), c.Params("kind")))
}
