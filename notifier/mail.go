package notifier

import (
	"bytes"
	_ "embed" // the template
	"fmt"
	"html/template"
	"strings"

	"github.com/skip2/go-qrcode"
)

//go:embed mail.html
var mailPage string

// QRName is the Content-ID and the file name by which a mail's HTML shows the
// QR code that the mail carries.
const QRName = "qr.png"

// qrSide is the width of the QR code's picture.
const qrSide = 240

// Link is a link of a message and what it is for. It only shows: what it leads
// to has a button, because mail scanners follow links.
type Link struct {
	Label string
	URL   string
}

// Mail is a message as an e-mail.
type Mail struct {
	Subject string
	Text    string
	HTML    string
	QR      []byte // PNG, shown by the HTML as cid:QRName; nil without one
	// Calendar is the appointment as text/calendar, nil without one.
	Calendar []byte
}

// Mail renders the message as an e-mail.
func (m Message) Mail() (Mail, error) {
	mail := Mail{Subject: m.Title, Calendar: m.Calendar}
	lines := []string{m.Title, "", m.Body}
	if len(m.Links) > 0 {
		lines = append(lines, "")
	}
	for _, l := range m.Links {
		lines = append(lines, l.Label+": "+l.URL)
	}
	if m.Foot != "" {
		lines = append(lines, "", "-- ", m.Foot)
	}
	mail.Text = strings.Join(lines, "\n") + "\n"
	if m.CheckIn != "" {
		picture, err := qrcode.Encode(m.CheckIn, qrcode.Medium, qrSide)
		if err != nil {
			return Mail{}, fmt.Errorf("picture of the QR code: %w", err)
		}
		mail.QR = picture
	}
	page, err := template.New("mail").Parse(mailPage)
	if err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	var html bytes.Buffer
	err = page.Execute(&html, struct {
		Message
		QR  template.URL
		Alt string
	}{m, template.URL("cid:" + QRName), m.Values["code"]})
	if err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	mail.HTML = html.String()
	return mail, nil
}
