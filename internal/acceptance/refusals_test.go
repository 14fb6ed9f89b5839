package acceptance

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A route of the API and of the live topics, with a body that would do if it
// has one.
type route struct {
	method string
	path   string
	body   string
	who    string // staff, supervisor, admin, or public
}

// routes are those of the contract. {token} is a ticket's, {id} its id.
func routes() []route {
	all := []route{
		{"GET", "/api/v1/offices", "", "public"},
		{"GET", at("/slots?service=baru"), "", "public"},
		{"POST", at("/bookings"), `{"service":"baru","slot":"earliest","people":[{"name":"Rina","nik":"3273014101900009","phone":"0812","email":""}],"locale":"id"}`, "public"},
		{"GET", "/api/v1/tickets/{token}", "", "public"},
		{"GET", "/api/v1/tickets/{token}/calendar.ics", "", "public"},
		{"GET", "/api/v1/tickets/{token}/qr.svg", "", "public"},
		{"POST", "/api/v1/tickets/{token}/check-in", `{"place_code":"1"}`, "public"},
		{"POST", "/api/v1/session", `{"username":"sri","password":"salah"}`, "public"},
		{"DELETE", "/api/v1/session", "", "public"}, // ending no session ends none
		{"POST", at("/tickets"), `{"service":"baru"}`, "staff"},
		{"POST", at("/check-ins"), `{"code":"x"}`, "staff"},
		{"POST", at("/tickets/{id}/amend"), `{"priority":true,"reason":"x"}`, "staff"},
		{"GET", at("/find?q=rina"), "", "staff"},
		{"POST", counter("1", "next"), `{"complete":true}`, "staff"},
		{"POST", counter("1", "complete"), `{"transfer_to":"berkas"}`, "staff"},
		{"POST", counter("1", "call"), `{"ticket":"x","reason":"x"}`, "staff"},
		{"POST", at("/suspend"), `{"reason":"x"}`, "supervisor"},
		{"POST", at("/days/2026-11-24/start"), `{"A":57}`, "supervisor"},
		{"POST", at("/days/2026-11-24/capacity"), `{"baru":3}`, "supervisor"},
		{"POST", at("/notices"), `{"notices":["x"]}`, "supervisor"},
		{"GET", at("/queue"), "", "staff"},
		{"GET", at("/report?date=2026-11-24&format=csv"), "", "staff"},
		{"GET", at("/log?after=0"), "", "supervisor"},
		{"GET", at("/config"), "", "admin"},
		{"PUT", at("/config"), `{}`, "admin"},
		{"GET", "/api/v1/users", "", "admin"},
		{"POST", "/api/v1/users", `{"username":"x","roles":["desk"],"offices":["uji"],"password":"rahasia-sekali"}`, "admin"},
		{"DELETE", "/api/v1/users/tiada", "", "admin"},
		{"GET", "/api/v1/devices", "", "admin"},
		{"POST", "/api/v1/devices", `{"code":"x"}`, "admin"},
		{"GET", display(), "", "public"},
		{"GET", "/live/tickets/{token}", "", "public"},
		{"GET", "/live/offices/" + office + "/counters/1", "", "staff"},
		{"GET", "/live/offices/" + office + "/overview", "", "staff"},
	}
	for _, act := range []string{"confirm", "cancel"} {
		all = append(all, route{"POST", "/api/v1/tickets/{token}/" + act, `{}`, "public"})
	}
	for _, act := range []string{"open", "close", "pause", "take-over", "recall", "serve", "no-show", "park", "undo"} {
		all = append(all, route{"POST", counter("1", act), `{}`, "staff"})
	}
	for _, act := range []string{"return", "reissue", "ready"} {
		all = append(all, route{"POST", at("/tickets/{id}/" + act), `{}`, "staff"})
	}
	for _, act := range []string{"resume", "days/2026-11-24/close", "days/2026-11-24/end"} {
		all = append(all, route{"POST", at("/" + act), `{}`, "supervisor"})
	}
	return all
}

// codes are those that a refusal may have, by status.
var codes = map[int][]string{
	400: {"invalid"}, 401: {"unauthenticated"}, 403: {"forbidden"}, 404: {"not_found"},
	409: {"wrong_state", "queue_empty", "counter_busy", "slot_full", "already_booked", "outside_hours", "too_early", "too_late"},
	422: {"invalid"}, 429: {"rate_limited"},
}

// A spoiler makes a request wrong.
type spoiler struct {
	name   string
	only   func(r route) bool // nil: every route
	status []int              // allowed; empty: any refusal
	spoil  func(r *http.Request, rt route) (body []byte)
}

func posts(r route) bool   { return r.method != "GET" && r.method != "DELETE" }
func guarded(r route) bool { return r.who != "public" }

// spoilers are applied to each route as an administrator, who may do anything.
func spoilers() []spoiler {
	body := func(text string) func(*http.Request, route) []byte {
		return func(*http.Request, route) []byte { return []byte(text) }
	}
	header := func(name, value string) func(*http.Request, route) []byte {
		return func(r *http.Request, rt route) []byte {
			r.Header.Set(name, value)
			return []byte(rt.body)
		}
	}
	path := func(change func(string) string) func(*http.Request, route) []byte {
		return func(r *http.Request, rt route) []byte {
			u, err := url.Parse(r.URL.Scheme + "://" + r.URL.Host + change(r.URL.RequestURI()))
			if err == nil {
				r.URL = u
			}
			return []byte(rt.body)
		}
	}
	invalid := []int{400, 422}
	return []spoiler{
		{"half a body", posts, invalid, body(`{"service":`)},
		{"a list for a body", posts, invalid, body(`[]`)},
		{"a text for a body", posts, invalid, body(`"service"`)},
		{"null for a body", posts, invalid, body(`null`)},
		{"a field that nobody knows", posts, invalid, body(`{"tidak_ada":1}`)},
		{"a field given twice", posts, invalid, body(`{"x":1,"x":2}`)},
		{"two bodies", posts, invalid, body(`{}{}`)},
		{"bytes that are no text", posts, invalid, body("{\"\xff\xfe\":1}")},
		{"half a character", posts, invalid, body(`{"\ud800":1}`)},
		{"a deep body", posts, invalid, body(strings.Repeat(`{"a":`, 12000) + "1" + strings.Repeat("}", 12000)[:4000])},
		{"wrong types", posts, invalid, body(`{"service":5,"slot":[],"people":"x","code":{},"complete":"yes","reason":1,"ticket":[],"transfer_to":true,"A":"x","username":9,"place_code":[1],"id":3,"until":0,"notices":5,"roles":1,"baru":"x","mode":1}`)},
		{"numbers beyond number", posts, invalid, body(`{"A":1e999,"baru":-1e999,"standby_minutes":99999999999999999999}`)},
		{"another type of body", posts, []int{415}, header("Content-Type", "text/plain")},
		{"a form", posts, []int{415}, header("Content-Type", "application/x-www-form-urlencoded")},
		{"a packed body", posts, []int{415}, header("Content-Encoding", "gzip")},
		{"a body too large", posts, []int{413}, body(`{"x":"` + strings.Repeat("x", 3<<20) + `"}`)},
		{"a header too large", nil, []int{431}, header("X-Large", strings.Repeat("x", 20<<10))},
		{"a URL too large", nil, []int{404, 414, 431}, path(func(p string) string { return p + "/" + strings.Repeat("x", 20<<10) })},
		{"another method", nil, []int{404, 405}, func(r *http.Request, rt route) []byte { r.Method = "PATCH"; return []byte(rt.body) }},
		{"a made-up method", nil, []int{400, 404, 405, 501}, func(r *http.Request, rt route) []byte { r.Method = "JUMP"; return []byte(rt.body) }},
		{"no session", guarded, []int{401}, func(r *http.Request, rt route) []byte { r.Header.Del("Authorization"); return []byte(rt.body) }},
		{"a session that is none", guarded, []int{401}, header("Authorization", "Bearer "+strings.Repeat("a", 43))},
		{"another kind of session", guarded, []int{401}, header("Authorization", "Basic YWRtaW46YWRtaW4=")},
		{"an office that is none", func(r route) bool { return strings.Contains(r.path, "/offices/"+office) }, []int{404}, path(func(p string) string { return strings.Replace(p, "/offices/"+office, "/offices/tiada", 1) })},
		{"an office of odd letters", func(r route) bool { return strings.Contains(r.path, "/offices/"+office) }, []int{400, 404}, path(func(p string) string { return strings.Replace(p, "/offices/"+office, "/offices/%00%2f..%2f%ff{x}", 1) })},
		{"an office of a long name", func(r route) bool { return strings.Contains(r.path, "/offices/"+office) }, []int{404}, path(func(p string) string {
			return strings.Replace(p, "/offices/"+office, "/offices/"+strings.Repeat("u", 3000), 1)
		})},
		{"a counter that is none", func(r route) bool {
			return strings.Contains(r.path, "/counters/1") && r.body != `{"ticket":"x","reason":"x"}`
		}, []int{404}, path(func(p string) string { return strings.Replace(p, "/counters/1", "/counters/%F0%9F%92%A9", 1) })},
		{"a ticket that is none", func(r route) bool { return strings.Contains(r.path, "/tickets/{") }, []int{404}, path(func(p string) string {
			head, rest, _ := strings.Cut(p, "/tickets/")
			_, tail, more := strings.Cut(rest, "/")
			if more {
				tail = "/" + tail
			}
			return head + "/tickets/tiada" + tail
		})},
		{"a date that is none", func(r route) bool { return strings.Contains(r.path, "2026-11-24/") }, []int{400, 404, 422}, path(func(p string) string { return strings.Replace(p, "2026-11-24", "2026-02-31", 1) })},
		{"a query that is none", func(r route) bool { return r.method == "GET" && strings.Contains(r.path, "?") }, []int{400, 404, 422}, path(func(p string) string {
			p, _, _ = strings.Cut(p, "?")
			return p + "?service=%ff&from=x&days=-1&after=-1&date=x&format=x&q=x"
		})},
		{"a live topic without an upgrade", func(r route) bool { return strings.HasPrefix(r.path, "/live/") }, []int{426}, body("")},
		{"a place that is none", func(r route) bool { return strings.HasPrefix(r.path, "/live/") }, []int{400}, func(r *http.Request, _ route) []byte {
			r.URL.RawQuery = "since=" + url.QueryEscape("x\x00:9e9")
			r.Header.Set("Accept", "text/event-stream")
			return nil
		}},
	}
}

// keys that are none.
var oddKeys = map[string]string{"empty": "", "long": strings.Repeat("k", 300), "with a blank": "a b", "not ASCII": "kunci-é"}

func TestWrongRequestsAreRefusedAndChangeNothing(t *testing.T) {
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, store.redis, store.nodes)
			h.hire("sri", "supervisor")
			kiosk, desk := h.hire("mesin", "kiosk"), h.hire("meja", "desk")
			made := read[ticket](t, desk.post(at("/tickets"), map[string]any{"service": "ganti"}).is(t, 201).body)
			fill := strings.NewReplacer("{token}", made.Token, "{id}", made.ID)
			before := h.admin.log()

			for _, rt := range routes() {
				for _, s := range spoilers() {
					if s.only != nil && !s.only(rt) {
						continue
					}
					var sent *http.Request
					a, err := h.admin.send(t.Context(), rt.method, fill.Replace(rt.path), newKey(), []byte(rt.body), func(r *http.Request) {
						setBody(r, s.spoil(r, rt))
						sent = r
					})
					if err != nil { // refused before it was sent to its end
						var ok bool
						if a, ok = raw(t, h.nodes[0].address(), written(sent)); ok {
							err = nil
						}
					}
					judge(t, fmt.Sprintf("%s: %s %.80s", s.name, rt.method, rt.path), a, err, s.status)
				}
				if posts(rt) && !strings.Contains(rt.path, "/session") && !strings.Contains(rt.path, "/users") && !strings.Contains(rt.path, "/devices") && rt.method == "POST" {
					for name, key := range oddKeys {
						a, err := h.admin.send(t.Context(), rt.method, fill.Replace(rt.path), "", []byte(rt.body), func(r *http.Request) { r.Header["Idempotency-Key"] = []string{key} })
						judge(t, fmt.Sprintf("a key that is %s: %s %s", name, rt.method, rt.path), a, err, nil)
					}
				}
				if guarded(rt) {
					who := kiosk
					if rt.path == "/api/v1/session" || rt.path == at("/tickets") || rt.path == at("/check-ins") {
						continue // a kiosk may
					}
					a, err := who.send(t.Context(), rt.method, fill.Replace(rt.path), newKey(), []byte(rt.body))
					judge(t, "a kiosk: "+rt.method+" "+rt.path, a, err, []int{403})
				}
				fromElsewhere(t, h, rt, fill.Replace(rt.path))
			}
			garbage(t, h)
			unchanged(t, "after all that", before, h.admin.log())
			if !h.nodes[0].ready() {
				t.Error("the node is not ready any more")
			}
			if bytes.Contains(h.nodes[0].output(), []byte("panic")) {
				t.Errorf("something panicked:\n%s", h.nodes[0].tail())
			}
		})
	}
}

// fromElsewhere sends what a browser sends for a page of another site.
func fromElsewhere(t *testing.T, h *house, rt route, path string) {
	t.Helper()
	if !guarded(rt) || rt.method == "GET" && !strings.HasPrefix(rt.path, "/live/") {
		return
	}
	cookie := caller{t: t, http: h.http, urls: h.urls()}
	a, err := cookie.send(t.Context(), rt.method, path, newKey(), []byte(rt.body), func(r *http.Request) {
		r.Header.Set("Cookie", "antrean_session="+h.admin.token)
		r.Header.Set("Origin", "https://jahat.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if rt.method == "GET" {
			r.Header.Set("Accept", "text/event-stream")
		}
	})
	judge(t, "from another site: "+rt.method+" "+rt.path, a, err, []int{403})
}

// judge expects a refusal that a program can read.
func judge(t *testing.T, what string, a answer, err error, status []int) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: no answer: %v", what, err)
		return
	}
	p, ok := a.problem()
	if !ok || a.status < 400 || a.status >= 500 {
		t.Errorf("%s: %s", what, a)
		return
	}
	if known := codes[a.status]; known != nil && !contains(known, p.Code) {
		t.Errorf("%s: code %s with status %d", what, p.Code, a.status)
	}
	if len(status) > 0 && !contains(status, a.status) {
		t.Errorf("%s: want one of %d, got %s", what, status, a)
	}
}

func contains[T comparable](all []T, one T) bool {
	for _, x := range all {
		if x == one {
			return true
		}
	}
	return false
}

// garbage is what no client sends.
func garbage(t *testing.T, h *house) {
	t.Helper()
	address := h.nodes[0].address()
	for _, request := range []string{
		"\r\n\r\n",
		"GET\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", // TLS
		"GET /api/v1/offices HTTP/9.9\r\nHost: x\r\n\r\n",
		"GET /api/v1/offices HTTP/1.1\r\n\r\n",
		"GET /api/v1/offices HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n",
		"GET http://x:y:z/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST " + at("/bookings") + " HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST " + at("/bookings") + " HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
		"POST " + at("/bookings") + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
		"POST " + at("/bookings") + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"POST " + at("/bookings") + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\n{\r\n0\r\n\r\n",
		"GET " + display() + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n",
		"GET " + display() + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 7\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n",
		"GET " + display() + " HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
	} {
		// A node may hang up on what is no request at all.
		if a, ok := raw(t, address, []byte(request)); ok && a.status >= 400 {
			judge(t, fmt.Sprintf("%.60q", request), a, nil, nil)
		}
	}
}
