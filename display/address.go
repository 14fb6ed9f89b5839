package display

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// address is where a request comes from. Behind trusted proxies it is the last
// address that one of them did not vouch for.
func (a *App) address(c *fiber.Ctx) string {
	remote, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return "unknown"
	}
	remote = remote.Unmap()
	if a.trusts(remote) {
		hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			remote = hop.Unmap().WithZone("")
			if !a.trusts(remote) {
				break
			}
		}
	}
	return remote.String()
}

func (a *App) trusts(at netip.Addr) bool {
	for _, proxy := range a.TrustedProxies {
		if proxy.Contains(at) {
			return true
		}
	}
	return false
}

// origin is the scheme and host that the client believes to talk to.
func (a *App) origin(c *fiber.Ctx) (scheme, host string) {
	scheme, host = "http", string(c.Request().Host())
	if c.Context().IsTLS() {
		scheme = "https"
	}
	if remote, ok := netip.AddrFromSlice(c.Context().RemoteIP()); ok && a.trusts(remote.Unmap()) {
		if proto := c.Get(fiber.HeaderXForwardedProto); proto == "http" || proto == "https" {
			scheme = proto
		}
		if forwarded := c.Get(fiber.HeaderXForwardedHost); forwarded != "" && !strings.Contains(forwarded, ",") {
			host = forwarded
		}
	}
	return scheme, host
}

// secure says whether the client talks TLS, to us or to our proxy.
func (a *App) secure(c *fiber.Ctx) bool {
	scheme, _ := a.origin(c)
	return scheme == "https"
}

// publicURL is the address of a path as it is written to people.
func (a *App) publicURL(c *fiber.Ctx, path string) string {
	if a.PublicURL != "" {
		return a.PublicURL + path
	}
	scheme, host := a.origin(c)
	return scheme + "://" + host + path
}

// SameOrigin says whether a browser sent the request for a page of ours. A
// client that tells no origin is no browser: browsers tell one with every
// request that could change something.
func (a *App) SameOrigin(c *fiber.Ctx) bool {
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	if a.PublicURL != "" && origin == a.PublicURL {
		return true
	}
	scheme, host := a.origin(c)
	return strings.EqualFold(origin, scheme+"://"+host)
}
