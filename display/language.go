package display

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

const (
	languageCookie = "lang"
	hallLanguage   = "hall-language" // a local: a screen speaks its office's language, not its browser's
)

// language is the one that the client would like best: asked for in the
// address, chosen before, or told by its browser; else Indonesian.
func (a *App) language(c *fiber.Ctx) string {
	ours := a.Pages.Languages()
	if !strings.HasPrefix(c.Path(), "/api/") {
		for _, chosen := range []string{c.Query("lang"), a.cookie(c, languageCookie)} {
			if slices.Contains(ours, chosen) {
				return chosen
			}
			if isKiosk(c) {
				break // what one visitor chose is not the next one's language
			}
		}
	}
	if lang, ok := c.Locals(hallLanguage).(string); ok && slices.Contains(ours, lang) {
		return lang
	}
	return preferred(c.Get(fiber.HeaderAcceptLanguage), ours)
}

// isKiosk says whether a page is read by one stranger after the other.
func isKiosk(c *fiber.Ctx) bool { return strings.HasPrefix(c.Path(), "/kiosk/") }

// preferred reads an Accept-Language header (RFC 9110, 12.5.4).
func preferred(header string, ours []string) string {
	best, weight := ours[0], 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, parameters, _ := strings.Cut(part, ";")
		tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q="); ok {
			if given, err := strconv.ParseFloat(text, 64); err == nil {
				q = given
			}
		}
		if q > weight && slices.Contains(ours, tag) {
			best, weight = tag, q
		}
	}
	return best
}

// say returns the words with that id. The pages' own words go first; those
// that only programs read are in words.go.
func (a *App) say(lang, id string) string {
	if a.Pages.HasWords(id) {
		return a.Pages.Words(lang, id)
	}
	if said, ok := refusalWords[strings.TrimPrefix(id, "refusal.")]; ok {
		if lang == "en" {
			return said.en
		}
		return said.id
	}
	return a.Pages.Words(lang, "problem.invalid")
}
