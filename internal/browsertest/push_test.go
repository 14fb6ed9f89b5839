package browsertest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"

	"antrean/internal/vault"
	"antrean/notifier/pushtest"
)

// lendPush gives the pages of a tab a push service: a browser's own needs its
// vendor's. All else is the browser's.
const lendPush = `(() => {
  const lent = %s;
  const held = () => sessionStorage.getItem("lent") === null ? null : {
    endpoint: lent.endpoint, options: {}, toJSON: () => lent,
    unsubscribe: () => { sessionStorage.removeItem("lent"); return Promise.resolve(true); },
  };
  PushManager.prototype.getSubscription = () => Promise.resolve(held());
  PushManager.prototype.subscribe = (o) => {
    if (!o.userVisibleOnly || o.applicationServerKey.length !== 65) return Promise.reject(new Error("a key is needed"));
    sessionStorage.setItem("lent", "1");
    return Promise.resolve(held());
  };
})()`

func (p *tab) lend(s vault.Subscription) {
	p.t.Helper()
	lent, err := json.Marshal(map[string]any{"endpoint": s.Endpoint, "expirationTime": nil, "keys": map[string]string{"p256dh": s.P256dh, "auth": s.Auth}})
	if err == nil {
		_, err = chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(lendPush, lent)})
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// answers is what somebody says when a site asks whether it may notify.
func (b *browser) answers(t *testing.T, origin string, answer cdpbrowser.PermissionSetting) {
	t.Helper()
	_, err := chromedp.CallBrowser(b.ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
		Permission: &cdpbrowser.PermissionDescriptor{Name: "notifications"}, Setting: answer, Origin: origin,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func pushed(t *testing.T, s *pushtest.Service, n int) pushtest.Push {
	t.Helper()
	late := time.After(patience)
	for {
		taken, more, err := s.Taken()
		if err != nil {
			t.Fatal(err)
		}
		if len(taken) >= n {
			return taken[n-1]
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%d of %d push messages came", len(taken), n)
		}
	}
}

// windows are the browser's pages on the server, once there are n of them.
func (b *browser) windows(t *testing.T, s *server, n int) (ids []string) {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		all, err := chromedp.Targets(b.ctx)
		if err != nil {
			t.Fatal(err)
		}
		ids = nil
		for _, one := range all {
			if one.Type == "page" && strings.HasPrefix(one.URL, s.url) {
				ids = append(ids, string(one.TargetID))
			}
		}
		if len(ids) == n {
			return ids
		}
		if time.Now().After(end) {
			t.Fatalf("%d windows are open, want %d", len(ids), n)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// registration finds the server's service worker, from a page of nobody.
func (b *browser) registration(t *testing.T, s *server) (deliver func(payload []byte)) {
	t.Helper()
	found := make(chan serviceworker.RegistrationID, 16)
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithListener(func(event any) {
		if e, ok := event.(*serviceworker.EventWorkerRegistrationUpdated); ok {
			for _, r := range e.Registrations {
				if r.ScopeURL == s.url+"/" && !r.IsDeleted {
					found <- r.RegistrationID
				}
			}
		}
	}))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, serviceworker.Enable, struct{}{}); err != nil {
		t.Fatal(err)
	}
	select {
	case id := <-found:
		return func(payload []byte) {
			t.Helper()
			_, err := chromedp.Call(ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: s.url, RegistrationID: id, Data: string(payload)})
			if err != nil {
				t.Fatal(err)
			}
		}
	case <-time.After(patience):
		t.Fatal("no service worker is registered")
		return nil
	}
}

// Somebody taps "tell me" and closes the page. What the server sends passes a
// push service, is shown by the browser's own worker on the desktop, and a tap
// on it opens the ticket.
func TestACallShowsWhileThePageIsClosedAndOpensTheTicket(t *testing.T) {
	t.Parallel()
	s := serve(t, offices(), "--push-allow-private")
	staff := signedIn(t, s, "admin")
	var key struct{ Key string }
	staff.do(http.MethodGet, "/api/v1/push-key", nil, &key)
	service := pushtest.New(key.Key)
	t.Cleanup(service.Close)
	subscription, err := service.Subscribe("phone")
	if err != nil {
		t.Fatal(err)
	}
	ticket := staff.walkIn()
	d := openDesktop(t)
	b := open(t, chromedp.Env("DBUS_SESSION_BUS_ADDRESS="+d.address))
	b.answers(t, s.url, cdpbrowser.PermissionSettingGranted)

	phone := b.tab(t, "phone")
	phone.lend(subscription)
	phone.goTo(ticket.URL)
	phone.press("#tell-yes")
	phone.sees(text("#tell-on"))
	deliver := b.registration(t, s)
	phone.close()
	b.windows(t, s, 0)

	staff.at("1", "open")
	staff.at("1", "next")
	p := pushed(t, service, 1)
	if p.Urgency != "high" || p.TTL < 25*time.Minute || p.TTL > 30*time.Minute || len(p.Topic) != 32 {
		t.Errorf("urgency %q, TTL %s, topic %q", p.Urgency, p.TTL, p.Topic)
	}
	deliver(p.Payload)
	n := d.await(t)
	if want := "Nomor " + ticket.Number + ": silakan ke Loket 1"; n.title != want || !strings.Contains(n.body, "Anda dipanggil di Kantor Imigrasi") {
		t.Errorf("shown is %q, %q; want %q", n.title, n.body, want)
	}
	d.tap(t, n)
	opened := b.windows(t, s, 1)
	again := b.tab(t, "phone again", chromedp.WithTargetID(targetID(opened[0])))
	again.sees(`location.pathname === "/t" && ` + text("#number") + ` === "` + ticket.Number + `"`)
	again.sees(text("#counter-place"))

	// A recall leads to the page that is open, and the call that comes late does
	// not stand over it.
	staff.at("1", "recall")
	deliver(pushed(t, service, 2).Payload)
	recalled := d.await(t)
	deliver(p.Payload)
	if late := d.await(t); late.title != recalled.title || late.title == n.title {
		t.Errorf("shown is %q after %q", late.title, recalled.title)
	}
	d.tap(t, recalled)
	again.sees(text("#again"))
	if now := b.windows(t, s, 1); !slices.Equal(now, opened) {
		t.Errorf("another window opened: %v after %v", now, opened)
	}
}

// A subscription that the server has lost is made again when the page is
// opened, one that somebody stops is kept nowhere, and a blocked site says how
// it is allowed.
func TestALostSubscriptionIsFoundAndAStoppedOneForgotten(t *testing.T) {
	t.Parallel()
	s := serve(t, offices(), "--push-allow-private")
	staff := signedIn(t, s, "admin")
	ticket := staff.walkIn()
	at := "/api/v1/tickets/" + ticket.URL[strings.LastIndex(ticket.URL, "/")+1:] + "/push"
	service := pushtest.New("")
	t.Cleanup(service.Close)
	subscription, err := service.Subscribe("phone")
	if err != nil {
		t.Fatal(err)
	}
	kept := func() int {
		var there struct{ Browsers []string }
		staff.do(http.MethodGet, at, nil, &there)
		return len(there.Browsers)
	}
	b := open(t)
	b.answers(t, s.url, cdpbrowser.PermissionSettingGranted)
	phone := b.tab(t, "phone")
	phone.lend(subscription)
	phone.goTo(ticket.URL)
	phone.press("#tell-yes")
	phone.sees(text("#tell-on"))
	if n := kept(); n != 1 {
		t.Fatalf("%d browsers are kept", n)
	}
	staff.do(http.MethodDelete, at, nil, nil)
	phone.goTo(s.url + "/t")
	phone.sees(text("#tell-on"))
	if n := kept(); n != 1 {
		t.Errorf("%d browsers are kept after the page was opened again", n)
	}
	phone.press("#tell-no")
	phone.sees(text("#tell-ask"))
	if n := kept(); n != 0 {
		t.Errorf("%d browsers are kept after it was stopped", n)
	}
	phone.goTo(s.url + "/t")
	phone.sees(text("#tell-ask"))
	b.answers(t, s.url, cdpbrowser.PermissionSettingDenied)
	phone.goTo(s.url + "/t")
	phone.sees(text("#tell-denied"))
}

// An iPhone's Safari has push for what is on the home screen only: the page
// shows the way there, which begins with the ticket's own link.
func TestAnIPhoneIsShownTheWayOverTheHomeScreen(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	ticket := signedIn(t, s, "admin").walkIn()
	phone := open(t).person(t, "iphone")
	_, err := chromedp.Call(phone.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", AcceptLanguage: "id",
	})
	if err == nil {
		_, err = chromedp.Call(phone.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "delete window.PushManager"})
	}
	if err != nil {
		t.Fatal(err)
	}
	phone.goTo(ticket.URL)
	phone.sees(text("#tell-iphone li:nth-child(2)") + `.indexOf("Layar Utama") > 0`)
	if n := read[int](phone, `[].filter.call(document.querySelectorAll("#tell-iphone svg"), (e) => e.getBoundingClientRect().width > 40).length`); n != 3 {
		t.Errorf("%d pictures show", n)
	}
	read[any](phone, `fetch(document.querySelector("link[rel=manifest]").href).then((r) => r.json()).then((m) => { window.start = m.start_url; }), null`)
	phone.sees(`window.start === "` + strings.TrimPrefix(ticket.URL, s.url) + `"`)
}

// inWorker evaluates an expression in the server's service worker, which may be
// a promise.
func (b *browser) inWorker(t *testing.T, s *server, expression string) {
	t.Helper()
	all, err := chromedp.Targets(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if one.Type != "service_worker" || !strings.HasPrefix(one.URL, s.url) {
			continue
		}
		ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(one.TargetID))
		defer cancel()
		_, err := chromedp.Run(ctx, chromedp.Evaluate[any](expression, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("the service worker does not run")
}

// The browser's vendor gives a subscription up while no page is open: the worker
// leaves the old one and keeps the new one.
func TestTheWorkerKeepsTheSubscriptionThatReplacesAnother(t *testing.T) {
	t.Parallel()
	s := serve(t, offices(), "--push-allow-private")
	staff := signedIn(t, s, "admin")
	ticket := staff.walkIn()
	at := "/api/v1/tickets/" + ticket.URL[strings.LastIndex(ticket.URL, "/")+1:] + "/push"
	service := pushtest.New("")
	t.Cleanup(service.Close)
	b := open(t)
	b.answers(t, s.url, cdpbrowser.PermissionSettingGranted)
	phone := b.tab(t, "phone")
	old, err := service.Subscribe("old")
	if err != nil {
		t.Fatal(err)
	}
	phone.lend(old)
	phone.goTo(ticket.URL)
	phone.press("#tell-yes")
	phone.sees(text("#tell-on"))
	fresh, err := service.Subscribe("new")
	if err != nil {
		t.Fatal(err)
	}
	b.inWorker(t, s, fmt.Sprintf(`(() => {
  const e = new Event("pushsubscriptionchange");
  e.newSubscription = {endpoint: %[1]q, keys: {p256dh: %[2]q, auth: %[3]q}};
  e.oldSubscription = {endpoint: %[4]q};
  let done;
  e.waitUntil = (work) => { done = work; };
  self.dispatchEvent(e);
  return done;
})()`, fresh.Endpoint, fresh.P256dh, fresh.Auth, old.Endpoint))
	var there struct{ Browsers []string }
	staff.do(http.MethodGet, at, nil, &there)
	sum := sha256.Sum256([]byte(fresh.Endpoint))
	if want := base64.RawURLEncoding.EncodeToString(sum[:]); !slices.Equal(there.Browsers, []string{want}) {
		t.Errorf("kept are %v, want %s", there.Browsers, want)
	}
}
