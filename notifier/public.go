package notifier

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errPrivate refuses an address that is not the public Internet's.
var errPrivate = errors.New("the address is not a public one")

// special are ranges that netip does not tell apart from public ones (IANA's
// special-purpose registries): behind them may be a machine of the office.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("fec0::/10"),
}

// public says whether an address belongs to the public Internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// NewDialer makes connections to the outside. Unless private is true it connects
// to public addresses only, and judges the address that it is about to connect
// to, after the name was resolved: a name that points elsewhere a moment later
// gains nothing.
func NewDialer(private bool) *net.Dialer {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	if !private {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !public(at.Addr()) {
				return fmt.Errorf("connect: %w", errPrivate)
			}
			return nil
		}
	}
	return dialer
}

// NewClient makes an HTTP client on such a dialer. It follows no redirects and
// uses no proxy, whose address would be the one that is judged.
func NewClient(private bool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: NewDialer(private).DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 10 * time.Second,
			MaxIdleConns: 64, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// FailureOfRequest reads an error of an HTTP client: what never reached the
// other side may be tried again without harm, of the rest nobody knows.
func FailureOfRequest(err error) *Failure {
	var op *net.OpError
	var name *net.DNSError
	switch {
	case errors.Is(err, errPrivate):
		return Fail(Refused, "private_address", "%w", errPrivate)
	case errors.As(err, &name):
		return Fail(Later, "no_such_host", "the host's name does not resolve")
	case errors.As(err, &op) && op.Op == "dial":
		return Fail(Later, "no_connection", "no connection")
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return Fail(Later, "tls", "the certificate is not trusted")
	}
	return Fail(Unknown, "no_answer", "the answer was lost")
}

// RetryAfter reads the header of that name, in seconds or as a date; 0 if it
// says nothing, an hour at most.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	var wait time.Duration
	if n, err := time.ParseDuration(text + "s"); err == nil {
		wait = n
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), time.Hour)
}
