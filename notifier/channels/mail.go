package channels

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"antrean/notifier"
)

// mailer sends e-mail through the office's own server or its provider's.
type mailer struct {
	name    string
	from    *netmail.Address
	replyTo *netmail.Address
	host    string
	private bool
	over    string // "starttls", "tls" or "none"
	tls     *tls.Config
	options []mail.Option
}

type mailSettings struct {
	Host     string          `yaml:"host"`
	Port     int             `yaml:"port"`
	TLS      string          `yaml:"tls"`
	CA       string          `yaml:"ca"`
	Username string          `yaml:"username"`
	Password notifier.Secret `yaml:"password"`
	From     string          `yaml:"from"`
	ReplyTo  string          `yaml:"reply_to"`
	Private  bool            `yaml:"private"`
}

// Mail builds the channel of type "mail".
func Mail(name string, s notifier.Settings) (notifier.Channel, error) {
	given := mailSettings{TLS: "starttls"}
	if err := s.Read(&given); err != nil {
		return nil, err
	}
	m := &mailer{name: name, host: given.Host, private: given.Private, over: given.TLS}
	if given.Host == "" || strings.ContainsAny(given.Host, ":/ @") {
		return nil, wrong("host", "%q is no name of a mail server (such as smtp.example.go.id)", given.Host)
	}
	if err := m.encrypt(&given); err != nil {
		return nil, err
	}
	var err error
	if m.from, err = netmail.ParseAddress(given.From); err != nil {
		return nil, wrong("from", "%q is no mail address (such as Antrean <antrean@example.go.id>)", given.From)
	}
	if given.ReplyTo != "" {
		if m.replyTo, err = netmail.ParseAddress(given.ReplyTo); err != nil {
			return nil, wrong("reply_to", "%q is no mail address", given.ReplyTo)
		}
	}
	m.options = append(m.options, mail.WithPort(given.Port), mail.WithoutNoop(), mail.WithoutRset())
	if given.Username == "" {
		return m, nil
	}
	password, err := secret("password", given.Password)
	if err != nil {
		return nil, err
	}
	m.options = append(m.options, mail.WithUsername(given.Username), mail.WithPassword(password),
		mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	return m, nil
}

// encrypt decides how the connection is encrypted, and on which port it is.
func (m *mailer) encrypt(given *mailSettings) error {
	usual := 587
	switch given.TLS {
	case "starttls":
		m.options = append(m.options, mail.WithTLSPolicy(mail.TLSMandatory))
	case "tls":
		usual = 465
		m.options = append(m.options, mail.WithSSL())
	case "none":
		usual = 25
		if !given.Private || given.Username != "" {
			return wrong("tls", "none is for a server in the office's own network (private: true), without a username")
		}
		m.options = append(m.options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return wrong("tls", "%q is not known (starttls, tls, none)", given.TLS)
	}
	if given.Port == 0 {
		given.Port = usual
	}
	if given.Port < 1 || given.Port > 65535 {
		return wrong("port", "%d is out of range (1 to 65535; %d when left out)", given.Port, usual)
	}
	m.tls = &tls.Config{ServerName: given.Host, MinVersion: tls.VersionTLS12}
	if given.CA != "" {
		pem, err := os.ReadFile(given.CA)
		if err != nil {
			return wrong("ca", "%w", err)
		}
		m.tls.RootCAs = x509.NewCertPool()
		if !m.tls.RootCAs.AppendCertsFromPEM(pem) {
			return wrong("ca", "%s holds no certificate (PEM)", given.CA)
		}
	}
	m.options = append(m.options, mail.WithTLSConfig(m.tls))
	return nil
}

// Name implements notifier.Channel.
func (m *mailer) Name() string { return m.name }

// Reaches implements notifier.Channel.
func (m *mailer) Reaches(to notifier.Contact) bool { return to.Email != "" }

// Send implements notifier.Channel. Each mail has a connection of its own, which
// is gone with ctx.
func (m *mailer) Send(ctx context.Context, n notifier.Message) (notifier.Receipt, error) {
	letter, err := m.letter(n)
	if err != nil {
		return notifier.Receipt{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the library leaves a connection open that did not begin well
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(time.Minute)
	}
	options := append([]mail.Option{mail.WithTimeout(max(time.Until(deadline), time.Millisecond)),
		mail.WithDialContextFunc(func(dial context.Context, network, address string) (net.Conn, error) {
			return m.dial(ctx, dial, network, address)
		})}, m.options...)
	client, err := mail.NewClient(m.host, options...)
	if err != nil {
		return notifier.Receipt{}, notifier.Fail(notifier.Later, "settings", "the mail client cannot be made")
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if err == nil || letter.IsDelivered() { // what failed after that is the goodbye
		return notifier.Receipt{}, nil
	}
	return notifier.Receipt{}, failureOfMail(ctx, err)
}

// dial connects, and ends the connection with the sending.
func (m *mailer) dial(sending, dial context.Context, network, address string) (net.Conn, error) {
	conn, err := notifier.NewDialer(m.private).DialContext(dial, network, address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(sending, func() { conn.Close() })
	if m.over != "tls" {
		return conn, nil
	}
	secured := tls.Client(conn, m.tls)
	if err := secured.HandshakeContext(dial); err != nil {
		conn.Close()
		return nil, err
	}
	return secured, nil
}

// letter writes the message. Its id is the same for every attempt, so that a
// mail program shows one letter where an answer was lost and it came twice.
func (m *mailer) letter(n notifier.Message) (*mail.Msg, error) {
	to, err := netmail.ParseAddress(n.To.Email)
	if err != nil {
		return nil, notifier.Fail(notifier.Refused, "address", "the mail address cannot be used")
	}
	words, err := n.Mail()
	if err != nil {
		return nil, notifier.Fail(notifier.Refused, "payload", "the mail cannot be written")
	}
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	letter.FromMailAddress(m.from)
	letter.ToMailAddress(&netmail.Address{Name: n.To.Name, Address: to.Address})
	if m.replyTo != nil {
		letter.ReplyToMailAddress(m.replyTo)
	}
	_, domain, _ := strings.Cut(m.from.Address, "@")
	letter.SetMessageIDWithValue(n.ID + "@" + domain)
	letter.SetDate()
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's answering machine answers
	letter.SetGenHeader("X-Auto-Response-Suppress", "All")
	letter.Subject(words.Subject)
	letter.SetBodyString(mail.TypeTextPlain, words.Text)
	letter.AddAlternativeString(mail.TypeTextHTML, words.HTML)
	if words.QR != nil {
		err = letter.EmbedReader(notifier.QRName, bytes.NewReader(words.QR), mail.WithFileContentID(notifier.QRName), mail.WithFileContentType("image/png"))
	}
	if err == nil && words.Calendar != nil {
		err = letter.AttachReader("antrean.ics", bytes.NewReader(words.Calendar), mail.WithFileContentType("text/calendar; method=PUBLISH; charset=utf-8"))
	}
	if err != nil {
		return nil, notifier.Fail(notifier.Refused, "payload", "the mail cannot be written")
	}
	return letter, nil
}

// failureOfMail reads what a mail server, or the way to it, answered. A letter
// is handed over with the answer to its last line; before that nothing was.
func failureOfMail(ctx context.Context, err error) *notifier.Failure {
	var sending *mail.SendError
	if errors.As(err, &sending) {
		code := sending.ErrorCode()
		text := "smtp_" + strconv.Itoa(code)
		switch {
		case code == 0 && sending.Reason == mail.ErrSMTPDataClose:
			return notifier.Fail(notifier.Unknown, "no_answer", "the answer was lost")
		case code == 0:
			return notifier.Fail(notifier.Later, interrupted(ctx), "the mail server left off")
		case code >= 500 && (sending.Reason == mail.ErrSMTPRcptTo || sending.Reason == mail.ErrSMTPDataClose):
			return notifier.Fail(notifier.Refused, text, "the mail server does not take it")
		}
		return notifier.Fail(notifier.Later, text, "the mail server cannot take it now")
	}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return notifier.Fail(notifier.Later, fmt.Sprintf("smtp_%d", answer.Code), "the mail server does not let us in")
	}
	if f := notifier.FailureOfRequest(err); f.Outcome != notifier.Unknown {
		return f
	}
	return notifier.Fail(notifier.Later, interrupted(ctx), "no connection with the mail server")
}

func interrupted(ctx context.Context) string {
	if ctx.Err() != nil {
		return "timeout"
	}
	return "no_connection"
}
