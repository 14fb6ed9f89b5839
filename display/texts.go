package display

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/static"
)

// Texts are the words that people are told, as whoever tells them knows them.
type Texts interface {
	// Keys are the languages and the kinds of messages that there are.
	Keys() (languages, kinds []string)
	// Sample is a text of an office as it would be said to somebody who is made
	// up, if there is such a text.
	Sample(c *queue.Config, language, kind string) (sample static.TextSample, ok bool)
	// Check finds what is wrong with an office's own texts.
	Check(c *queue.Config) []calendar.FieldError
}

// listTexts answers every text of an office with a preview.
func (a *App) listTexts(c *fiber.Ctx, v visit) error {
	config, version := configOf(v)
	languages, kinds := a.Texts.Keys()
	samples := []static.TextSample{}
	for _, language := range languages {
		for _, kind := range kinds {
			if s, ok := a.Texts.Sample(config, language, kind); ok {
				samples = append(samples, s)
			}
		}
	}
	c.Set(fiber.HeaderETag, etag(version))
	return c.JSON(fiber.Map{"languages": languages, "kinds": kinds, "texts": samples})
}

// previewText answers how a text would be said, and changes nothing.
func (a *App) previewText(c *fiber.Ctx, v visit) error {
	w, err := a.wordingOf(c, v)
	if err != nil {
		return err
	}
	config, _ := configOf(v)
	return a.sample(c, config.WithMessage(c.Params("language"), c.Params("kind"), w))
}

// replaceText gives the office its own words for a message.
func (a *App) replaceText(c *fiber.Ctx, v visit) error {
	w, err := a.wordingOf(c, v)
	if err != nil {
		return err
	}
	return a.answerReworded(c, v, w)
}

// resetText makes the office say a message as everywhere.
func (a *App) resetText(c *fiber.Ctx, v visit) error {
	config, _ := configOf(v)
	if _, ok := a.Texts.Sample(config, c.Params("language"), c.Params("kind")); !ok {
		return notFound("text")
	}
	return a.answerReworded(c, v, queue.Wording{})
}

func (a *App) answerReworded(c *fiber.Ctx, v visit, w queue.Wording) error {
	named, err := ifMatch(c)
	if err != nil {
		return err
	}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	config, version, err := a.reword(c, v, o, w, named)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderETag, etag(version))
	return a.sample(c, config)
}

func (a *App) sample(c *fiber.Ctx, config *queue.Config) error {
	s, ok := a.Texts.Sample(config, c.Params("language"), c.Params("kind"))
	if !ok {
		return notFound("text")
	}
	return c.JSON(s)
}

func configOf(v visit) (config *queue.Config, version uint64) {
	v.office.Read(func(s *queue.State) { config, version = s.Config, s.ConfigVersion })
	return config, version
}

// wordingOf is the text of a request, checked.
func (a *App) wordingOf(c *fiber.Ctx, v visit) (w queue.Wording, err error) {
	if err := decode(c, &w); err != nil {
		return w, err
	}
	return a.checkWording(c, v, w)
}

// checkWording refuses a text that cannot be said, by its fields.
func (a *App) checkWording(c *fiber.Ctx, v visit, w queue.Wording) (queue.Wording, error) {
	language, kind := c.Params("language"), c.Params("kind")
	config, _ := configOf(v)
	if _, ok := a.Texts.Sample(config, language, kind); !ok {
		return w, notFound("text")
	}
	w = queue.Wording{Title: strings.TrimSpace(w.Title), Body: strings.TrimSpace(w.Body), Short: strings.TrimSpace(w.Short)}
	if wrong := a.wrongTexts(config.WithMessage(language, kind, w), "messages."+language+"."+kind+"."); len(wrong) > 0 {
		return w, invalid(wrong...)
	}
	return w, nil
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

// reword changes one text of the configuration, as it is now or of the version
// that is named (0: none).
func (a *App) reword(c *fiber.Ctx, v visit, o order, w queue.Wording, named uint64) (config *queue.Config, version uint64, err error) {
	config, version = configOf(v)
	ask := queue.Configure{Config: config.WithMessage(c.Params("language"), c.Params("kind"), w), IfVersion: version}
	if named != 0 {
		ask.IfVersion = named
	}
	err = a.do(c, v.office, o, ask, func(s *queue.State, _ []*queue.Event) { config, version = s.Config, s.ConfigVersion })
	return config, version, err
}
