package display

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// displaysOnly narrows what comes in by the plain listener (Options.Plain) to
// screens of the hall on the local network: their page, what it loads and its
// live topic. Nothing that a browser brings along grants anything there, for
// everybody on the network can read it and write it anew.
func (a *App) displaysOnly(c *fiber.Ctx) error {
	if a.Plain == nil || !a.Plain(c.Context().LocalAddr()) {
		return c.Next()
	}
	from, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok || !Local(from) || !safe(c.Method()) || !ofDisplays(c.Path()) {
		return fiber.ErrNotFound
	}
	asked := &c.Request().Header
	for _, name := range []string{
		fiber.HeaderCookie, fiber.HeaderAuthorization,
		fiber.HeaderXForwardedFor, fiber.HeaderXForwardedProto, fiber.HeaderXForwardedHost,
	} {
		asked.Del(name)
	}
	err := c.Next()
	c.Response().Header.DelAllCookies()
	return err
}

// Local says whether an address is one of a local network.
func Local(at netip.Addr) bool {
	at = at.Unmap()
	return at.IsLoopback() || at.IsPrivate() || at.IsLinkLocalUnicast()
}

func ofDisplays(path string) bool {
	words := strings.Split(path, "/")
	switch {
	case path == "/healthz", strings.HasPrefix(path, "/a/"):
		return true
	case len(words) == 3:
		return words[1] == "display"
	case len(words) == 5:
		return words[1] == "live" && words[2] == "offices" && words[4] == "display"
	}
	return false
}
