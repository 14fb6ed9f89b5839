package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/queue"
	"antrean/internal/vault"
	"antrean/notifier/pushtest"
)

// service is a push service that knows the house's keys, and the channel to it.
func (h *house) service(private bool) (*pushtest.Service, Channel) {
	h.t.Helper()
	keys, err := LoadVAPID(h.t.Context(), h.store, h.ring)
	if err != nil {
		h.t.Fatal(err)
	}
	s := pushtest.New(keys.Public)
	h.t.Cleanup(s.Close)
	c, err := PushBuilder(PushOptions{Keys: keys, Sender: "mailto:it@kantor.example", Private: private, Forget: h.vault.Unsubscribe})(pushType, Settings{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(c.(*WebPush).client.CloseIdleConnections)
	return s, c
}

func (h *house) subscribe(s *pushtest.Service, browser, ticket string) vault.Subscription {
	h.t.Helper()
	sub, err := s.Subscribe(browser)
	if err == nil {
		err = h.vault.Subscribe(h.t.Context(), "bandung", ticket, sub, time.Hour)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return sub
}

func awaitPushes(t testing.TB, s *pushtest.Service, n int) []pushtest.Push {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		taken, more, err := s.Taken()
		if err != nil {
			t.Fatal(err)
		}
		if len(taken) >= n {
			return taken
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%d of %d push messages came", len(taken), n)
		}
	}
}

func TestACallReachesTheBrowserThatSubscribed(t *testing.T) {
	h := openHouse(t, embeddedStore(t))
	service, channel := h.service(true)
	h.tell(nil, channel)
	h.do("desk", queue.Issue{ID: "t1", Service: "baru", Locale: "en"})
	h.subscribe(service, "chrome", "t1")
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("sari", queue.Next{Counter: "1"})
	p := awaitPushes(t, service, 1)[0]
	if p.Urgency != "high" || p.Subject != "mailto:it@kantor.example" || len(p.Topic) != 32 || p.TTL < 25*time.Minute || p.TTL > 30*time.Minute {
		t.Errorf("urgency %q, subject %q, topic %q, TTL %s", p.Urgency, p.Subject, p.Topic, p.TTL)
	}
	var got map[string]any
	if err := json.Unmarshal(p.Payload, &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "version")
	want := map[string]any{
		"type": "called", "number": "A-721", "counter": "Loket 1", "title": "Number A-721: please go to Loket 1",
		"body": "You are called at Kantor Bandung.", "url": "/t/" + h.ring.Token("bandung", "t1", 0), "tag": p.Topic, "locale": "en",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestASubscriptionThatEndedIsForgotten(t *testing.T) {
	h := openHouse(t, embeddedStore(t))
	service, channel := h.service(true)
	h.tell(nil, channel)
	h.do("desk", queue.Issue{ID: "t1", Service: "baru"})
	h.subscribe(service, "gone", "t1")
	h.subscribe(service, "lives", "t1")
	service.Answer(func(browser string) (int, http.Header) {
		if browser == "gone" {
			return http.StatusGone, nil
		}
		return 0, nil
	})
	h.do("sari", queue.OpenCounter{Counter: "1"})
	h.do("sari", queue.Next{Counter: "1"})
	awaitPushes(t, service, 1)
	left, err := h.vault.Subscriptions(t.Context(), "bandung", "t1")
	if err != nil || len(left) != 1 || !strings.HasSuffix(left[0].Endpoint, "/lives") {
		t.Errorf("%d subscriptions are left, %v", len(left), err)
	}
}

func TestWhatAPushServiceAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		after  string
		want   Outcome
		rest   time.Duration
	}{
		"taken":       {201, "", "", 0},
		"accepted":    {202, "", "", 0},
		"ended":       {410, "", Gone, 0},
		"unknown":     {404, "", Gone, 0},
		"too many":    {429, "17", Later, 17 * time.Second},
		"down":        {503, "", Later, 0},
		"too large":   {413, "", Refused, 0},
		"not for us":  {403, "", Refused, 0},
		"sent around": {307, "", Refused, 0},
	} {
		f := pushAnswer(&http.Response{StatusCode: c.status, Header: http.Header{"Retry-After": {c.after}}})
		switch {
		case c.want == "" && f != nil, c.want != "" && (f == nil || f.Outcome != c.want || f.After != c.rest):
			t.Errorf("%s: %v", name, f)
		}
	}
}

func TestNoRequestGoesToAPrivateAddress(t *testing.T) {
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	client := NewClient(false)
	defer client.CloseIdleConnections()
	for _, url := range []string{inside.URL, strings.Replace(inside.URL, "127.0.0.1", "localhost", 1), strings.Replace(inside.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err == nil {
			answer.Body.Close()
		}
		if !errors.Is(err, errPrivate) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if asked {
		t.Error("a private address was asked")
	}
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"127.0.0.1": false, "0.0.0.0": false, "100.64.0.1": false, "::1": false, "fe80::1": false, "fd00::1": false, "::ffff:10.0.0.1": false,
		"64:ff9b::a00:1": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "2002:a00:1::": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is public: %v", text, got)
		}
	}
}

func TestTheKeysOfWebPushAreMadeOnceAndKept(t *testing.T) {
	h := openHouse(t, embeddedStore(t))
	first, err := LoadVAPID(t.Context(), h.store, h.ring)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := vault.NewKeyring(vault.Key{9, 9, 8}, vault.Key{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		again, err := LoadVAPID(t.Context(), h.store, newer)
		if err != nil || again != first {
			t.Fatalf("the keys changed, %v", err)
		}
	}
	alone, err := vault.NewKeyring(vault.Key{9, 9, 8})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := LoadVAPID(context.Background(), h.store, alone); err != nil || again != first {
		t.Errorf("not sealed anew: %v", err)
	}
}
