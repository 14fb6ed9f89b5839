package display

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"antrean/internal/staff"
	"antrean/internal/subject"
)

// The table of who may ask for what. A route without a line fails
// TestEverybodyAtEveryRoute, as does a line without its route: add one under the
// group of those who may.
var (
	anybody  = []string{"anonymous"}             // and with it everybody
	bySecret = []string{"anonymous", "a secret"} // which a page asks for, and refuses without it
	// Everybody else is refused.
	signedIn  = []string{"an account", "a device", "a token"}
	accounts  = []string{"an account"}
	devices   = []string{"a device"}
	screens   = []string{"a paired display"}
	kioskWork = []string{"administrator", "supervisor", "desk", "kiosk", "a paired kiosk", "token kiosk", "token kiosk everywhere"}
	deskWork  = []string{"administrator", "supervisor", "desk", "token desk", "token desk everywhere"}
	seeQueue  = []string{"administrator", "supervisor", "officer", "desk", "token queue", "token queue everywhere"}
	serve     = []string{"administrator", "supervisor", "officer", "token serve", "token serve everywhere"}
	supervise = []string{"administrator", "supervisor", "token supervise", "token supervise everywhere"}
	seeLog    = []string{"administrator", "supervisor", "token log", "token log everywhere"}
	configure = []string{"administrator", "token configure", "token configure everywhere"}
	// At any office: what is seen and changed there is for the handlers' own tests.
	serveSome     = append([]string{"supervisor elsewhere", "officer elsewhere", "token serve elsewhere"}, serve...)
	servesSelf    = []string{"administrator", "supervisor", "supervisor elsewhere", "officer", "officer elsewhere"} // their own figures
	deskSome      = append([]string{"supervisor elsewhere", "desk elsewhere", "token desk elsewhere"}, deskWork...)
	superviseSome = append([]string{"supervisor elsewhere", "token supervise elsewhere"}, supervise...)
	devicesSome   = []string{"administrator", "supervisor", "supervisor elsewhere", "token devices", "token devices elsewhere", "token devices everywhere"}
	// What concerns all offices: a token for some of them may not.
	configureAll = []string{"administrator", "token configure everywhere"}
	manage       = []string{"administrator", "token accounts everywhere"}
	people       = []string{"administrator", "token people everywhere"}
	maintain     = []string{"administrator", "token backup everywhere"}
	inPerson     = []string{"administrator"} // no token makes another
)

func accessTable() map[string][]string {
	table := map[string][]string{}
	add := func(who []string, routes ...string) {
		for _, route := range routes {
			table[route] = who
		}
	}
	add(anybody,
		"GET /healthz", "GET /readyz", "GET /metrics", "GET /a/+", "GET /sw.js",
		"GET /docs", "GET /docs/openapi.yaml", "GET /docs/asyncapi.yaml",
		"GET /", "POST /", "POST /form", "GET /booked", "GET /display/:office", "GET /pair", "POST /pair",
		"GET /login", "POST /logout", "GET /docs", "GET /docs/openapi.yaml", "GET /docs/asyncapi.yaml",
		"GET /live/offices/:office/display", "GET /api/v1/offices", "GET /api/v1/offices/:office/slots", "POST /api/v1/offices/:office/bookings",
		"GET /api/v1/push-key", "POST /api/v1/session", "POST /api/v1/devices/pairing", "GET /api/v1/devices/pairing",
		// Whoever has the ticket's token, or its cookie.
		"GET /t", "GET /t/qr.svg", "GET /t/calendar.ics", "GET /t/manifest.webmanifest", "GET /t/:token",
		"POST /t/check-in", "POST /t/confirm", "POST /t/cancel", "POST /t/reschedule", "POST /t/standby", "POST /t/accept", "POST /t/defer", "POST /t/help",
		"GET /live/tickets/:token?", "GET /api/v1/tickets/:token", "GET /api/v1/tickets/:token/qr.svg", "GET /api/v1/tickets/:token/calendar.ics",
		"POST /api/v1/tickets/:token/check-in", "POST /api/v1/tickets/:token/confirm", "POST /api/v1/tickets/:token/cancel", "POST /api/v1/tickets/:token/reschedule",
		"POST /api/v1/tickets/:token/standby", "POST /api/v1/tickets/:token/accept", "POST /api/v1/tickets/:token/defer", "POST /api/v1/tickets/:token/help",
		"GET /api/v1/tickets/:token/push", "PUT /api/v1/tickets/:token/push", "DELETE /api/v1/tickets/:token/push",
	)
	add(bySecret, "POST /login", "POST /login/pin", "GET /setup", "POST /setup", "GET /password", "POST /password")
	add(signedIn, "GET /staff", "GET /account", "GET /api/v1/session", "DELETE /api/v1/session")
	add(accounts, "GET /account/pin", "POST /account/pin", "GET /account/second-factor", "POST /account/second-factor", "POST /account/second-factor/change", "POST /account/password", "POST /account/sessions/end")
	add(devices, "POST /api/v1/devices/health")
	add(screens, "POST /api/v1/devices/voice")
	add(kioskWork,
		"GET /kiosk/:office", "POST /kiosk/:office/tickets", "POST /kiosk/:office/check-ins",
		"POST /api/v1/offices/:office/tickets", "POST /api/v1/offices/:office/check-ins",
	)
	add(deskWork,
		"GET /api/v1/offices/:office/find", "POST /api/v1/offices/:office/find",
		"GET /api/v1/offices/:office/tickets/:ticket", "GET /api/v1/offices/:office/tickets/:ticket/messages",
	)
	for _, act := range []string{"return", "amend", "reissue", "accept", "ready", "check-in", "undo-check-in", "confirm", "cancel", "reschedule", "standby", "defer", "join", "split", "correct", "collected"} {
		add(deskWork, "POST /api/v1/offices/:office/tickets/:ticket/"+act)
	}
	add(deskSome, "GET /desk")
	add(deskWork, "POST /desk/:office/find", "POST /desk/:office/tickets", "GET /desk/:office/tickets/:ticket", "GET /desk/:office/tickets/:ticket/slip", "POST /desk/:office/tickets/:ticket/:act")
	add(servesSelf, "GET /staff/figures")
	add(supervise, "GET /admin/offices/:office/report")
	add(seeQueue,
		"POST /staff/:office/tickets/:ticket/helped", "POST /api/v1/offices/:office/tickets/:ticket/helped",
		"GET /live/offices/:office/overview", "GET /live/offices/:office/counters/:counter", "GET /api/v1/offices/:office/counters/:counter",
		"GET /api/v1/offices/:office/queue", "GET /api/v1/offices/:office/report",
	)
	for _, act := range []string{"open", "close", "pause", "take-over", "next", "recall", "serve", "complete", "no-show", "park", "call", "undo"} {
		add(serve, "POST /api/v1/offices/:office/counters/:counter/"+act)
	}
	add(serve, "POST /api/v1/offices/:office/mute", "POST /staff/:office/mute")
	add(serveSome, "GET /counter")
	for _, base := range []string{"/api/v1/offices/:office", "/admin/offices/:office"} {
		add(supervise, "POST "+base+"/suspend", "POST "+base+"/resume", "GET "+base+"/notices", "POST "+base+"/notices")
		for _, act := range []string{"start", "close", "end", "reopen", "capacity", "walkins"} {
			add(supervise, "POST "+base+"/days/:date/"+act)
		}
	}
	add(supervise,
		"GET /admin/offices/:office", "GET /admin/offices/:office/days", "GET /admin/offices/:office/notices",
		"POST /admin/offices/:office/mute", "GET /admin/offices/:office/messages", "POST /admin/offices/:office/messages/retry",
		"GET /api/v1/offices/:office/dead-letters", "POST /api/v1/offices/:office/dead-letters/retry",
	)
	add(superviseSome, "GET /admin")
	add(seeLog, "GET /admin/offices/:office/log", "GET /admin/offices/:office/log/:ticket", "GET /admin/offices/:office/replay", "GET /api/v1/offices/:office/replay", "GET /api/v1/offices/:office/log")
	add(configure,
		"GET /api/v1/offices/:office/config", "PUT /api/v1/offices/:office/config",
		"GET /admin/offices/:office/config", "POST /admin/offices/:office/config", "GET /admin/offices/:office/config.yaml",
		"GET /admin/offices/:office/config/history", "POST /admin/offices/:office/config/history",
		"GET /admin/offices/:office/config/file", "POST /admin/offices/:office/config/file",
		"GET /admin/texts/:office", "POST /admin/texts/:office/:language/:kind", "GET /api/v1/offices/:office/texts",
		"POST /api/v1/offices/:office/texts/:language/:kind/preview", "PUT /api/v1/offices/:office/texts/:language/:kind", "DELETE /api/v1/offices/:office/texts/:language/:kind",
	)
	add(configureAll, "GET /admin/new", "POST /admin/new")
	add(configureAll, "GET /admin/channels", "POST /admin/channels/:channel/test", "GET /api/v1/channels", "POST /api/v1/channels/:channel/test")
	add(devicesSome,
		"GET /admin/devices", "POST /admin/devices", "GET /admin/devices/:device", "POST /admin/devices/:device", "POST /admin/devices/:device/revoke",
		"GET /api/v1/devices", "POST /api/v1/devices", "PUT /api/v1/devices/:device/settings", "DELETE /api/v1/devices", "DELETE /api/v1/devices/:device",
	)
	add(manage,
		"GET /admin/users", "POST /admin/users", "GET /admin/users/:name", "POST /admin/users/:name/:what",
		"GET /admin/sessions", "POST /admin/sessions/end", "GET /admin/tokens", "POST /admin/tokens/:token/revoke",
		"GET /api/v1/users", "POST /api/v1/users", "PUT /api/v1/users/:name/password", "PUT /api/v1/users/:name/pin", "PUT /api/v1/users/:name/roles",
		"DELETE /api/v1/users/:name/second-factor", "GET /api/v1/users/:name/sessions", "DELETE /api/v1/users/:name/sessions", "DELETE /api/v1/users/:name",
		"GET /api/v1/tokens", "DELETE /api/v1/tokens/:token",
	)
	add(inPerson, "POST /admin/tokens", "POST /api/v1/tokens")
	add(configure, "GET /admin/offices/:office/privacy", "POST /admin/offices/:office/privacy")
	add(people, "GET /admin/privacy", "POST /admin/privacy/person", "POST /admin/privacy/breach")
	add(people, "POST /api/v1/people/show", "POST /api/v1/people/report", "POST /api/v1/people/erase", "POST /api/v1/people/breach")
	add(maintain, "GET /api/v1/backup")
	return table
}

// caller is somebody at the door.
type caller struct {
	name, kind string // kind: "anonymous", "an account", "a device", "a token"
	headers    []string
}

// everybody is one of each: every role at this office and at another, every kind
// of device, and a token of every scope for this office, another, and all.
func (h *house) everybody(t *testing.T) []caller {
	t.Helper()
	all := []caller{{"anonymous", "anonymous", nil}}
	for _, role := range staff.Roles() {
		all = append(all, caller{string(role), "an account", h.as(role)})
		if role != staff.Administrator {
			all = append(all, caller{string(role) + " elsewhere", "an account", h.named(string(role)+"-elsewhere", role, "soekarno-hatta")})
		}
	}
	for _, kind := range []staff.Kind{staff.DisplayDevice, staff.CounterDevice, staff.DeskDevice, staff.KioskDevice} {
		var asked struct{ Code, Token string }
		h.ask("POST", "/api/v1/devices/pairing", nil).is(201, &asked)
		if _, err := h.Staff.AcceptPairing(t.Context(), asked.Code, staff.Device{Name: "uji", Kind: kind, Office: "bandung"}, "administrator"); err != nil {
			t.Fatal(err)
		}
		all = append(all, caller{"a paired " + string(kind), "a device", []string{"Authorization", "Bearer " + asked.Token}})
	}
	for _, scope := range staff.Scopes() {
		for where, offices := range map[string][]string{"": {"bandung"}, " elsewhere": {"soekarno-hatta"}, " everywhere": nil} {
			_, token, err := h.Staff.NewToken(t.Context(), staff.Token{Name: scope, Scopes: []string{scope}, Offices: offices}, 24*time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, caller{"token " + scope + where, "a token", []string{"Authorization", "Bearer " + token}})
		}
	}
	return all
}

// skips leaves out who tells nothing more: of all who come to an open door, and
// of tokens for some offices whose scope has nothing to do with it.
func (c caller) skips(who []string) bool {
	if slices.Contains(who, "anonymous") {
		return c.name != "anonymous" && c.name != "officer"
	}
	if c.kind != "a token" || strings.HasSuffix(c.name, " everywhere") {
		return false
	}
	scope := strings.TrimSuffix(c.name, " elsewhere")
	return !slices.ContainsFunc(who, func(name string) bool { return strings.HasPrefix(name, scope) })
}

// TestEverybodyAtEveryRoute knocks at every door as everybody. 401 and 403 say
// no; whatever else says that the door was open. What is sent is nothing that
// anything could be done with.
func TestEverybodyAtEveryRoute(t *testing.T) {
	h := embedded(t, func(o *Options) {
		o.Channels, o.Texts = &ways{}, words{}
		o.Notices = func(context.Context, string, []string) (map[string][]subject.Notice, error) { return nil, nil }
		o.Backup = func(context.Context, bool) (io.ReadCloser, int64, error) {
			return io.NopCloser(strings.NewReader("")), 0, nil
		}
	})
	table, everybody := accessTable(), h.everybody(t)
	fill := strings.NewReplacer(":act", "dance", ":office", "bandung", ":counter", "3", ":date", "2026-13-99", ":name", "nobody", ":what", "nothing", ":language", "id", ":kind", "nothing",
		":ticket", "nothing", ":token", "nothing", ":device", "nothing", ":channel", "nothing", "+", "nothing")
	known := map[string]bool{}
	for _, r := range h.fiber.GetRoutes(true) {
		route := r.Method + " " + strings.TrimSuffix(r.Path, "/")
		if r.Path == "/" {
			route = r.Method + " /"
		}
		if r.Method == "HEAD" || known[route] {
			continue
		}
		known[route] = true
		who, listed := table[route]
		if !listed {
			t.Errorf("nobody said who may %q: add it to accessTable in access_test.go, under the group of those who may", route)
			continue
		}
		path := fill.Replace(r.Path)
		if strings.Contains(path, ":") {
			t.Fatalf("TestEverybodyAtEveryRoute has no value for a parameter of %s", route)
		}
		for _, c := range everybody {
			if route == "DELETE /api/v1/session" && c.kind == "an account" {
				continue // it would be the last that they ask
			}
			allowed := slices.Contains(who, "anonymous") || slices.Contains(who, c.kind) || slices.Contains(who, c.name)
			if c.skips(who) {
				continue
			}
			got := h.knock(r.Method, path, c)
			open := got.status != 401 && got.status != 403
			if open != allowed && !slices.Contains(who, "a secret") || got.status >= 500 || c.name == "anonymous" && !allowed && got.status != 401 {
				t.Errorf("%s as %s: %d %s", route, c.name, got.status, got.body[:min(len(got.body), 300)])
			}
		}
	}
	for route := range table {
		if !known[route] {
			t.Errorf("%q stands in accessTable and is no route", route)
		}
	}
}

func (h *house) knock(method, path string, c caller) answer {
	h.t.Helper()
	switch {
	case method == "GET" || method == "DELETE":
		return h.ask(method, path, nil, c.headers...)
	case strings.HasPrefix(path, "/api/"):
		return h.ask(method, path, `{"?": 1}`, c.headers...)
	}
	return h.ask(method, path, "nothing=1", append([]string{"Content-Type", "application/x-www-form-urlencoded"}, c.headers...)...)
}
