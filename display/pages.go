package display

import (
	"bytes"
	"crypto/rand"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// worthPacking is from how many bytes on a page is sent compressed; it fits into
// one packet below.
const worthPacking = 1400

// page renders a page into a buffer first: half a page is worse than an error.
func (a *App) page(c *fiber.Ctx, status int, name string, data any) error {
	var html bytes.Buffer
	if err := a.Pages.Render(&html, name, a.language(c), data); err != nil {
		return fault500(err)
	}
	if chosen := c.Query("lang"); chosen != "" && !isKiosk(c) && slices.Contains(a.Pages.Languages(), chosen) {
		a.setCookie(c, languageCookie, chosen, fiber.CookieSameSiteLaxMode, 365*24*time.Hour)
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderVary, "Accept-Language, Cookie, Accept-Encoding")
	c.Status(status)
	if html.Len() < worthPacking || !c.Request().Header.HasAcceptEncoding("gzip") {
		return c.Send(html.Bytes())
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(fasthttp.AppendGzipBytes(nil, html.Bytes()))
}

// base is what every page reads.
func (a *App) base(c *fiber.Ctx) static.Page {
	query := url.Values{}
	for name, value := range c.Queries() {
		if name != "lang" {
			query.Set(name, value)
		}
	}
	path := "/" + strings.TrimLeft(c.Path(), "/") // links to it must not lead to //another.site
	if strings.HasPrefix(path, "/t/") {
		path = "/t" // never a token, never the address of a form
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return static.Page{
		Lang: a.language(c), Languages: a.Pages.Languages(), Path: path,
		Speed: a.Speed, Simulated: a.Simulated,
	}
}

// liveAt is where a page's scripts carry on.
func (a *App) liveAt(address string, s *queue.State, now, confirmed time.Time) static.Live {
	return static.Live{URL: address, Epoch: s.Epoch, Version: s.Version, At: here(s, now), Confirmed: here(s, confirmed)}
}

// readsPages says whether an error is answered with a page.
func readsPages(c *fiber.Ctx) bool {
	path := c.Path()
	for _, prefix := range []string{"/api/", "/live/", "/a/", "/metrics", "/healthz", "/readyz"} {
		if strings.HasPrefix(path, prefix) {
			return false
		}
	}
	return strings.Contains(c.Get(fiber.HeaderAccept), "text/html")
}

// errorPage answers with a page; without one the caller answers otherwise.
func (a *App) errorPage(c *fiber.Ctx, f *failure) error {
	if f.status == fiber.StatusUnauthorized && safe(c.Method()) {
		return c.Redirect("/login?next="+url.QueryEscape(c.OriginalURL()), fiber.StatusSeeOther)
	}
	if f.reason == "enrol" && safe(c.Method()) {
		return c.Redirect("/account/second-factor", fiber.StatusSeeOther)
	}
	return a.page(c, f.status, "error", static.ErrorPage{Page: a.base(c), Code: f.code})
}

// assetAddress is what the address of an asset of any release looks like.
var assetAddress = regexp.MustCompile(`^/a/[0-9a-f]{16}/[a-z0-9._-]+$`)

// asset serves what pages load. Its address changes with its content. While nodes
// of two releases serve together, a page of the one asks the other: it gets that
// one's own, better than none, and keeps it for no other page.
func (a *App) asset(c *fiber.Ctx) error {
	keep := "public, max-age=31536000, immutable"
	body, kind, encoding, ok := a.Pages.OpenEncoded(c.Path(), c.Get(fiber.HeaderAcceptEncoding))
	if !ok && assetAddress.MatchString(c.Path()) {
		keep = "no-store"
		body, kind, encoding, ok = a.Pages.OpenEncoded(a.Pages.Asset(path.Base(c.Path())), c.Get(fiber.HeaderAcceptEncoding))
	}
	if !ok {
		return notFound("")
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderCacheControl, keep)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if encoding != "" {
		c.Set(fiber.HeaderContentEncoding, encoding)
	}
	return c.Send(body)
}

// displayPage is the lobby's screen.
func (a *App) displayPage(c *fiber.Ctx) error {
	office, err := a.officeOf(c)
	if err != nil {
		return err
	}
	office.Read(func(s *queue.State) { c.Locals(hallLanguage, s.Config.Languages[0]) })
	inHall := a.standsIn(c, c.Params("office"))
	p, now := static.DisplayPage{Page: a.base(c), Screen: a.screenOf(c, c.Params("office"))}, a.Offices.Now()
	if p.Screen != nil {
		p.Page = a.reporting(p.Page, staff.DisplayDevice)
	}
	p.Release = a.Release
	if p.Screen != nil && p.Screen.Pictures {
		p.Pictures = a.Pages.Pictures(c.Params("office"))
	}
	_, confirmed := office.Confirmed()
	office.Read(func(s *queue.State) {
		p.Live = a.liveAt("/live/offices/"+s.Office+"/display", s, now, confirmed)
		p.View = a.renderDisplay(s, 0, now, inHall)
	})
	return a.page(c, fiber.StatusOK, "display", p)
}

// newKey is an idempotency key for the next command of a page without scripts.
func newKey() string { return rand.Text() }
