package static_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/gorilla/websocket"

	"antrean/static"
)

// server is a hub and an API reduced to what one page asks of them.
type server struct {
	*httptest.Server
	watchers chan *watcher // each connection of the page's live topic
	api      http.HandlerFunc
	life     time.Duration          // of a browser, if longer than usual
	release  atomic.Pointer[string] // what the page's script is called, after an update
	voice    bool                   // false: the recorded words cannot be fetched
	sockets  bool                   // false: upgrades are refused, as some proxies do
}

// watcher is one connection of the page.
type watcher struct {
	since string
	send  func(frame string) error
	close func()
}

// serve answers / with the page, under the policy that the product uses.
func serve(t *testing.T, template string, data func() any) *server {
	t.Helper()
	pages, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{watchers: make(chan *watcher, 16), sockets: true}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/live/"):
			s.live(w, r)
		case strings.HasPrefix(r.URL.Path, "/api/"):
			s.api(w, r)
		case r.URL.Path == "/":
			var b bytes.Buffer
			if err := pages.Render(&b, template, "id", data()); err != nil {
				t.Error(err)
			}
			if script := s.release.Load(); script != nil {
				b = *bytes.NewBuffer(bytes.ReplaceAll(b.Bytes(), []byte("/tv.js"), []byte("/"+*script)))
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; connect-src 'self' ws:")
			_, _ = w.Write(b.Bytes())
		default:
			path := r.URL.Path
			if script := s.release.Load(); script != nil {
				path = strings.Replace(path, "/"+*script, "/tv.js", 1)
			}
			body, contentType, ok := pages.Open(path)
			if !ok || !s.voice && strings.HasSuffix(r.URL.Path, ".bin") {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(body)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) live(w http.ResponseWriter, r *http.Request) {
	watcher := &watcher{since: r.URL.Query().Get("since")}
	if websocket.IsWebSocketUpgrade(r) {
		if !s.sockets {
			http.Error(w, "no upgrades here", http.StatusBadRequest)
			return
		}
		upgrader := websocket.Upgrader{}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		watcher.send = func(frame string) error { return conn.WriteMessage(websocket.TextMessage, []byte(frame)) }
		watcher.close = func() {
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1012, "restart"), time.Now().Add(time.Second))
			_ = conn.Close()
		}
		s.connected(watcher)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	_ = out.Flush()
	ended := make(chan struct{})
	watcher.send = func(frame string) error {
		fmt.Fprintf(w, "data: %s\n\n", frame)
		return out.Flush()
	}
	watcher.close = func() { close(ended) }
	s.connected(watcher)
	select {
	case <-ended:
	case <-r.Context().Done():
	}
}

// connected hands a connection to the test, unless it has stopped to look.
func (s *server) connected(w *watcher) {
	select {
	case s.watchers <- w:
	default:
	}
}

// browser opens a tab whose page runs script first, and goes to the server.
func browser(t *testing.T, s *server, script string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), max(3*time.Minute, s.life))
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true))
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	first := page.AddScriptToEvaluateOnNewDocumentParams{Source: script}
	err := chromedp.Do(ctx,
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, first)
			return err
		}),
		chromedp.Navigate(s.URL+"/"))
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// holds waits until the page says that the expression is true.
func holds(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(40*time.Second))); err != nil {
		text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText.slice(0, 600)`))
		t.Fatalf("never true: %s: %v\nthe page says:\n%s", expression, err, text)
	}
}

// evaluate asks the page.
func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// connection is the page's next one.
func (s *server) connection(t *testing.T) *watcher {
	t.Helper()
	select {
	case w := <-s.watchers:
		return w
	case <-time.After(40 * time.Second):
		t.Fatal("the page never connected")
		return nil
	}
}

// frame is what the hub would send. At is now, in the office's offset.
func frame(t *testing.T, kind, epoch string, version int, confirmed time.Time, data any) string {
	t.Helper()
	f := map[string]any{"type": kind, "epoch": epoch, "version": version, "at": now()}
	if kind == "tick" {
		f["confirmed"] = confirmed
	} else {
		f["data"] = data
	}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func now() time.Time { return time.Now().In(time.FixedZone("WIB", 7*3600)) }
