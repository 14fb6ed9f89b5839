package channels

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"antrean/notifier"
)

// post is a mail server with STARTTLS that takes mail from whoever signs in
// over TLS.
type post struct {
	host, port, ca string
	implicit       string // the port where TLS comes first
	rcpt, data     error  // what it says to a recipient and to a letter

	mu      sync.Mutex
	letters []string
	to      []string
}

func openPost(t *testing.T) *post {
	t.Helper()
	p := &post{host: "localhost"}
	cert := p.certificate(t)
	for _, port := range []*string{&p.port, &p.implicit} {
		s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &visit{post: p, conn: c}, nil }))
		s.Domain, s.TLSConfig = "localhost", &tls.Config{Certificates: []tls.Certificate{cert}}
		s.ReadTimeout, s.WriteTimeout = 5*time.Second, 5*time.Second
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, *port, _ = net.SplitHostPort(l.Addr().String())
		if port == &p.implicit {
			l = tls.NewListener(l, s.TLSConfig)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = s.Serve(l)
		}()
		t.Cleanup(func() {
			s.Close()
			<-done
		})
	}
	return p
}

func (p *post) certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	is := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, is, is, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	p.ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(p.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// visit is one connection.
type visit struct {
	post *post
	conn *smtp.Conn
	in   bool
}

func (v *visit) AuthMechanisms() []string {
	if _, secured := v.conn.TLSConnectionState(); secured {
		return []string{sasl.Plain}
	}
	return nil
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if v.in = username == "antrean" && password == "s3cret"; !v.in {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (v *visit) Mail(string, *smtp.MailOptions) error {
	if !v.in {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.post.mu.Lock()
	defer v.post.mu.Unlock()
	v.post.to = append(v.post.to, to)
	return v.post.rcpt
}

var errHangUp = errors.New("hang up")

func (v *visit) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.post.mu.Lock()
	defer v.post.mu.Unlock()
	v.post.letters = append(v.post.letters, string(text))
	if errors.Is(v.post.data, errHangUp) {
		v.conn.Conn().Close()
	}
	return v.post.data
}

func (*visit) Reset()        {}
func (*visit) Logout() error { return nil }

func (p *post) mailer(t *testing.T, more string) notifier.Channel {
	t.Helper()
	t.Setenv("TEST_CHANNEL_SECRET", "s3cret")
	return mustBuild(t, fmt.Sprintf(`{name: x, type: mail, settings: {host: %s, port: %s, ca: %s, from: "Antrean Bandung <antrean@example.go.id>", private: true, %s}}`, p.host, p.port, p.ca, more))
}

const signIn = `username: antrean, password: {env: TEST_CHANNEL_SECRET}`

func TestAMailGoesByStartTLSToAServerThatAsksWhoWeAre(t *testing.T) {
	p := openPost(t)
	m := call()
	m.Kind, m.CheckIn, m.Calendar = notifier.Booked, "AB12-CD34", []byte("BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n")
	m.To.Name = "Sri\r\nBcc: all@example.id"
	if _, err := p.mailer(t, signIn+", reply_to: meja@example.go.id").Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sri@example.id"}, p.to); diff != "" {
		t.Error(diff)
	}
	letter, err := netmail.ReadMessage(strings.NewReader(p.letters[0]))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"From": `"Antrean Bandung" <antrean@example.go.id>`, "Reply-To": "<meja@example.go.id>", "Message-Id": "<abcDEF_-123@example.go.id>",
		"Subject": m.Title, "Auto-Submitted": "auto-generated", "Bcc": "",
	} {
		if got := letter.Header.Get(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	found := map[string]string{}
	parts(t, letter.Header.Get("Content-Type"), letter.Body, found)
	for kind, want := range map[string]string{
		"text/plain": m.Body, "text/html": "cid:" + notifier.QRName, "text/calendar": "BEGIN:VCALENDAR", "image/png": "\x89PNG",
	} {
		if !strings.Contains(found[kind], want) {
			t.Errorf("%s is %.200q", kind, found[kind])
		}
	}
}

// parts collects what a letter is made of, by content type.
func parts(t *testing.T, contentType string, body io.Reader, found map[string]string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		found[kind] = string(text)
		return
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var text io.Reader = part
		if part.Header.Get("Content-Transfer-Encoding") == "base64" {
			raw, err := io.ReadAll(part)
			if err != nil {
				t.Fatal(err)
			}
			text = bytes.NewReader(decoded(t, raw))
		}
		parts(t, part.Header.Get("Content-Type"), text, found)
	}
}

func TestTLSMayComeFirst(t *testing.T) {
	p := openPost(t)
	p.port = p.implicit
	if _, err := p.mailer(t, signIn+", tls: tls").Send(t.Context(), call()); err != nil || len(p.letters) != 1 {
		t.Fatal(err)
	}
}

func TestAMailServerInTrouble(t *testing.T) {
	answer := func(code int) error { return &smtp.SMTPError{Code: code, Message: "no sri@example.id here"} }
	for name, c := range map[string]struct {
		settings   string
		rcpt, data error
		want       end
	}{
		"no such person":             {signIn, answer(550), nil, end{notifier.Refused, "smtp_550", 0}},
		"come back":                  {signIn, answer(451), nil, end{notifier.Later, "smtp_451", 0}},
		"it does not like the text":  {signIn, nil, answer(554), end{notifier.Refused, "smtp_554", 0}},
		"its disk is full":           {signIn, nil, answer(452), end{notifier.Later, "smtp_452", 0}},
		"it hangs up over the text":  {signIn, nil, errHangUp, end{notifier.Unknown, "no_answer", 0}},
		"it does not know our name":  {`username: nobody, password: {env: TEST_CHANNEL_SECRET}`, nil, nil, end{notifier.Later, "smtp_535", 0}},
		"it wants to know our name":  {"", nil, nil, end{notifier.Later, "smtp_502", 0}},
		"its certificate is another": {`ca: "", ` + signIn, nil, nil, end{notifier.Later, "tls", 0}},
	} {
		t.Run(name, func(t *testing.T) {
			p := openPost(t)
			p.rcpt, p.data = c.rcpt, c.data
			settings := c.settings
			if rest, ok := strings.CutPrefix(settings, `ca: "", `); ok {
				p.ca, settings = `""`, rest
			}
			_, err := p.mailer(t, settings).Send(t.Context(), call())
			if diff := cmp.Diff(c.want, endOf(err)); diff != "" || strings.Contains(err.Error(), "sri@") {
				t.Errorf("%v%s", err, diff)
			}
		})
	}
}

// mute takes connections and says nothing, or only so much.
func mute(t *testing.T, greeting string) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, greeting)
			_, _ = io.Copy(io.Discard, conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

func TestAMailServerThatSaysNothingIsLeft(t *testing.T) {
	for name, greeting := range map[string]string{"at all": "", "after hello": "220 localhost ESMTP\r\n", "but garbage": "\x00\x01\r\n"} {
		p := openPost(t)
		p.port = mute(t, greeting)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := p.mailer(t, signIn).Send(ctx, call())
		cancel()
		if got := endOf(err); got.Outcome != notifier.Later {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestNoPasswordWithoutTLS(t *testing.T) {
	p := openPost(t)
	p.port = mute(t, "220 localhost ESMTP\r\n250 localhost\r\n")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := p.mailer(t, signIn).Send(ctx, call())
	if got := endOf(err); got.Outcome != notifier.Later || ctx.Err() != nil {
		t.Errorf("a server without STARTTLS: %v", err)
	}
}

func decoded(t *testing.T, text []byte) []byte {
	t.Helper()
	raw, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
