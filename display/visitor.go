package display

import (
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	visitorCookie = "antrean_visitor"
	visitorLife   = 24 * time.Hour
)

// visitor tells one browser from another for the limits, so that those who share
// a carrier's address are not taken for one, and for marks.go. The cookie holds a
// random word and its signature, nothing else: it is written nowhere on our side
// but in the counters of limits.go, which are in memory, and ends after a day.
func (a *App) visitor(c *fiber.Ctx) (word string, ok bool) {
	word, signature, _ := strings.Cut(a.cookie(c, visitorCookie), ".")
	if word == "" || len(word) > 64 {
		return "", false
	}
	right := subtle.ConstantTimeCompare([]byte(signature), []byte(a.visitorMark(word))) == 1
	return word, right
}

// greet gives a cookie to a browser that has none.
func (a *App) greet(c *fiber.Ctx) {
	if _, known := a.visitor(c); !known {
		a.greetAs(c, rand.Text())
	}
}

func (a *App) greetAs(c *fiber.Ctx, word string) {
	a.setCookie(c, visitorCookie, word+"."+a.visitorMark(word), fiber.CookieSameSiteLaxMode, visitorLife)
}

func (a *App) visitorMark(word string) string { return a.Ring.Key("visitor", "", word) }
