package display

import (
	"net"
	"net/netip"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"antrean/internal/queue"
)

func TestTheAddressBehindProxiesCannotBeMadeUp(t *testing.T) {
	a := &App{Options: Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}}
	app := fiber.New()
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.7", "", "203.0.113.7"},
		{"203.0.113.7", "198.51.100.1", "203.0.113.7"}, // no proxy of ours
		{"10.0.0.1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1", "198.51.100.1, rubbish", "10.0.0.1"},
		{"10.0.0.1", "", "10.0.0.1"},
		{"::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"},
	} {
		var request fasthttp.Request
		request.Header.Set(fiber.HeaderXForwardedFor, c.forwarded)
		var ctx fasthttp.RequestCtx
		ctx.Init(&request, &net.TCPAddr{IP: net.ParseIP(c.remote), Port: 1}, nil)
		fc := app.AcquireCtx(&ctx)
		if got := a.address(fc); got != c.want {
			t.Errorf("%s forwarding %q is %s, want %s", c.remote, c.forwarded, got, c.want)
		}
		app.ReleaseCtx(fc)
	}
}

func TestLimitsCountByNetworkAndForgetTheOldest(t *testing.T) {
	if network("2001:db8:1:2:3::4") != network("2001:db8:1:2:ffff::1") || network("192.0.2.1") == network("192.0.2.2") {
		t.Error("networks are told apart wrongly")
	}
	l := newLimits()
	rule := queue.Rate{Count: 2, Per: 60e9}
	now := morning
	for want := range 3 {
		if wait := l.take("k", "a", rule, now); (wait > 0) != (want == 2) {
			t.Errorf("request %d waits %s", want, wait)
		}
	}
	if wait := l.take("k", "a", rule, now.Add(30e9)); wait != 0 {
		t.Errorf("half a minute later it still waits %s", wait)
	}
	l.take("other", "a", rule, now)
	for i := range limitedEach {
		l.take("k", string(rune(i+1000)), rule, now)
	}
	if k := l.kinds["k"]; len(k.found) > limitedEach || k.recent.Len() != len(k.found) {
		t.Errorf("%d addresses are remembered", len(k.found))
	}
	if len(l.kinds["other"].found) != 1 {
		t.Error("one kind has crowded out another")
	}
	if wait := l.take("k", "a", queue.Rate{Count: 5, Per: 60e9}, now); wait != 0 {
		t.Error("a changed limit is not taken up")
	}
}
