package hub

import (
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// What Serve answers when it does not take the connection over. All are
// *fiber.Error values with the status to answer with, so that the app's error
// handler can choose the words.
var (
	ErrBadSince        = fiber.NewError(http.StatusBadRequest, "since must be <epoch>:<version>")
	ErrBadHandshake    = fiber.NewError(http.StatusBadRequest, "not a WebSocket handshake")
	ErrForeignOrigin   = fiber.NewError(http.StatusForbidden, "only for pages of the same origin")
	ErrUpgradeRequired = fiber.NewError(http.StatusUpgradeRequired, "ask for a WebSocket, or accept text/event-stream")
	ErrDraining        = fiber.NewError(http.StatusServiceUnavailable, "restarting, come back in a moment")
	ErrNotConfigured   = fiber.NewError(http.StatusInternalServerError, "hub.Configure was not called for this app")
)

// Configure prepares the app's server for Serve. Call it before listening.
func Configure(app *fiber.App) {
	// Else the server closes a socket when its hijack handler returns, and the
	// handler would have to stay, with all the request's memory.
	app.Server().KeepHijackedConns = true
}

// Serve takes the request's connection over as a WebSocket or an event stream
// of the topic, from the position in the query's since or in Last-Event-ID.
// It returns at once; the answer goes out after the handler has returned. On
// an error, one of those above, the request is still to be answered.
func (h *Hub) Serve(c *fiber.Ctx, t Topic) error {
	if !c.App().Server().KeepHijackedConns {
		return ErrNotConfigured
	}
	socket := strings.EqualFold(c.Get(fiber.HeaderUpgrade), "websocket")
	events := !socket && strings.Contains(c.Get(fiber.HeaderAccept), "text/event-stream")
	if c.Method() != fiber.MethodGet || !socket && !events {
		c.Set(fiber.HeaderUpgrade, "websocket")
		return ErrUpgradeRequired
	}
	if t.SameOrigin && !h.sameOrigin(c) {
		return ErrForeignOrigin
	}
	since := c.Query("since")
	if id := c.Get("Last-Event-ID"); events && id != "" {
		since = id // newer: the browser repeats the URL that it began with
	}
	at, err := parsePosition(since)
	if err != nil {
		return err
	}
	h.life.Lock()
	draining := h.draining
	h.life.Unlock()
	if draining {
		c.Set(fiber.HeaderRetryAfter, "1")
		return ErrDraining
	}
	if !socket {
		h.takeOver(c, func(l *line) (wire, error) {
			return newStream(l, !t.SameOrigin, h.retry(), h.writeTimeout)
		}, t, at)
		return nil
	}
	header, err := handshakeHeader(c)
	if err != nil {
		return err
	}
	h.takeOver(c, func(l *line) (wire, error) { return newSocket(h.up, l, header) }, t, at)
	return nil
}

// takeOver opens the wire when the server has let go of the connection, on a
// goroutine of the server that ends before the client is served.
func (h *Hub) takeOver(c *fiber.Ctx, open func(*line) (wire, error), t Topic, at position) {
	// The strings may be the request's own, whose memory is used again.
	t.Key, t.Group = strings.Clone(t.Key), strings.Clone(t.Group)
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(raw net.Conn) {
		if u, ok := raw.(interface{ UnsafeConn() net.Conn }); ok {
			raw = u.UnsafeConn() // not through the server's 8 KB reader, and with a Close that closes
		}
		l := newLine(raw, h.sendBuffer)
		w, err := open(l)
		if err != nil {
			h.log.Debug("live connection failed", "office", t.Group, "error", err)
			return
		}
		if !h.admit(w, t, at) {
			soon := time.Now().Add(lingering)
			_ = w.send(newBye(h.retry()), soon) // it goes either way
			w.close(1012, "restart", soon)
			w.kill()
		}
	})
}

// handshakeHeader copies what the handshake is about, and refuses before the
// hijack what gorilla would refuse after it.
func handshakeHeader(c *fiber.Ctx) (http.Header, error) {
	header := http.Header{}
	for _, name := range []string{"Connection", "Upgrade", "Sec-Websocket-Version", "Sec-Websocket-Key"} {
		header.Set(name, strings.Clone(c.Get(name)))
	}
	if header.Get("Sec-Websocket-Version") != "13" {
		c.Set("Sec-WebSocket-Version", "13")
		return nil, ErrUpgradeRequired
	}
	if !c.Context().Request.Header.ConnectionUpgrade() || !keyed(header) {
		return nil, ErrBadHandshake
	}
	return header, nil
}

// keyed says whether the handshake has a challenge of 16 bytes.
func keyed(header http.Header) bool {
	key, err := base64.StdEncoding.DecodeString(header.Get("Sec-Websocket-Key"))
	return err == nil && len(key) == 16
}

// ofOurPage says whether no browser sent this for a page of another origin.
// Browsers name the origin of every WebSocket and of every stream from another
// page, so a request without any is from no such page.
func ofOurPage(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		site := c.Get("Sec-Fetch-Site")
		return site == "" || site == "same-origin" || site == "none"
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(withoutPort(u.Host, u.Scheme), withoutPort(string(c.Context().Host()), u.Scheme))
}

// withoutPort leaves the scheme's own port out, as browsers do.
func withoutPort(host, scheme string) string {
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

// parsePosition reads <epoch>:<version>; nothing at all is nowhere.
func parsePosition(s string) (position, error) {
	if s == "" {
		return position{}, nil
	}
	epoch, digits, _ := strings.Cut(s, ":")
	version, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || epoch == "" || len(epoch) > 64 || strings.ContainsFunc(epoch, odd) {
		return position{}, ErrBadSince
	}
	return position{strings.Clone(epoch), version}, nil
}

// odd are characters that no epoch has.
func odd(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
}
