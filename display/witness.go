package display

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// witness gives a request its time, catches what breaks, and writes it down
// without anything secret or personal.
func (a *App) witness(c *fiber.Ctx) (err error) {
	began := time.Now()
	ctx, done := context.WithTimeout(context.Background(), patience)
	defer done()
	c.SetUserContext(ctx)
	defer func() {
		if broken := recover(); broken != nil {
			err = fault500(fmt.Errorf("panic: %v\n%s", broken, debug.Stack()))
		}
		if err != nil {
			// Here and not later, so that the status is known.
			err = a.refuse(c, err)
		}
		level := slog.LevelInfo
		if path := c.Path(); strings.HasPrefix(path, "/a/") || path == "/healthz" || path == "/readyz" || path == "/metrics" {
			level = slog.LevelDebug
		}
		a.Log.Log(ctx, level, "request", "method", c.Method(), "path", redact(c.Path()),
			"status", c.Response().StatusCode(), "took", time.Since(began))
	}()
	return c.Next()
}

// shortestToken is below any token's length, and above that of other words.
const shortestToken = 40

// redact takes out of a path what may be a token, wherever it stands: a link
// that is typed or cut wrongly still holds one.
func redact(path string) string {
	words := strings.Split(path, "/")
	for i, word := range words {
		if len(word) >= shortestToken {
			words[i] = "[token]"
		}
	}
	return strings.Join(words, "/")
}

// protect tells browsers what a page may do.
func (a *App) protect(c *fiber.Ctx) error {
	scheme, host := a.origin(c)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	// Not no-referrer: forms of our own pages could not tell their origin.
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	camera := "()"
	if isKiosk(c) {
		camera = "(self)" // reads QR codes with its own camera, where there is no scanner
	}
	c.Set("Permissions-Policy", "geolocation=(), microphone=(), camera="+camera)
	if plainHost(host) {
		// Browsers of older screens do not count sockets among 'self'.
		host = " ws://" + host + " wss://" + host
	} else {
		host = ""
	}
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "+
		"font-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; connect-src 'self'"+host+"; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	if scheme == "https" {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	return c.Next()
}

// unpacked refuses what is sent packed: whoever reads a form would unpack all of
// it into memory, a thousand times what was sent, and nothing of ours packs.
func unpacked(c *fiber.Ctx) error {
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" && coding != "identity" {
		return fiber.ErrUnsupportedMediaType
	}
	return c.Next()
}

// plainHost says whether a host can stand in a policy without changing it.
func plainHost(host string) bool {
	if host == "" || len(host) > 255 {
		return false
	}
	for _, b := range []byte(host) {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9':
		case b == '.' || b == '-' || b == ':' || b == '[' || b == ']':
		default:
			return false
		}
	}
	return true
}
