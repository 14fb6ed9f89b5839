package notifier

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"testing"

	"antrean/internal/queue"
)

// sample is a message of a kind about a visit that has everything.
func sample(t testing.TB, kind Kind, lang string) Message {
	t.Helper()
	f := madeUp(roundTheClock(t, func(c *queue.Config) { c.Name = "Kantor Imigrasi Kelas I Bandung" }), kind)
	f.Counter = "Loket 12"
	m := Message{Kind: kind, Number: "A-012", To: Contact{Name: "Sri Wahyuni"}, URL: "https://antrean.example/t/abc", CheckIn: "AQ123"}
	DefaultTexts().say(&m, f, lang, "K7M2XQ")
	return m
}

func TestEveryTextIsFilled(t *testing.T) {
	for lang := range DefaultTexts() {
		for _, kind := range Kinds() {
			m := sample(t, kind, lang)
			all := strings.Join([]string{m.Title, m.Body, m.Short, m.Foot}, "|")
			if strings.ContainsAny(all, "{}") || strings.Contains(all, "  ") || strings.Contains(all, " .") || strings.Contains(all, " ,") {
				t.Errorf("%s %s: a placeholder was left empty: %s", lang, kind, all)
			}
			if n := MeasureSMS(m.Short); n.Parts != 1 || !n.GSM {
				t.Errorf("%s %s: the short message takes %+v: %s", lang, kind, n, m.Short)
			}
			if m.Locale != lang {
				t.Errorf("%s %s was said in %s", lang, kind, m.Locale)
			}
		}
	}
}

func TestTheParametersOfATemplateFollowItsText(t *testing.T) {
	text := Text{Title: "Nomor {number}: silakan ke {counter}", Body: "{office} memanggil {number}."}
	if got, want := text.Template(), "Nomor {{1}}: silakan ke {{2}}\n{{3}} memanggil {{1}}."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m := sample(t, Called, "id")
	if got, want := fmt.Sprint(m.Parameters), "[A-012 Loket 12 Kantor Imigrasi Kelas I Bandung]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAShortMessageEndsWithTheLinkThatOnlyShows(t *testing.T) {
	f := Facts{Kind: Called, Config: roundTheClock(t), Ticket: &queue.Ticket{Number: "A-012"}, Counter: "Loket 1"}
	m := Message{URL: "https://antrean.example/t/acts", ShowURL: "https://antrean.example/t/shows"}
	DefaultTexts().say(&m, f, "id", "")
	if want := "A-012: silakan ke Loket 1, Kantor Bandung. https://antrean.example/t/shows"; m.Short != want {
		t.Errorf("%q, want %q", m.Short, want)
	}
}

func TestAMailHasWordsLinksAndTheQRCode(t *testing.T) {
	m := sample(t, Reminder, "id")
	m.Body += ` <script>"`
	mail, err := m.Mail()
	if err != nil {
		t.Fatal(err)
	}
	if mail.Subject != "Rabu, 25 November pukul 09.30: nomor A-012" {
		t.Errorf("the subject is %q", mail.Subject)
	}
	for _, want := range []string{
		"Buka tiket: https://antrean.example/t/abc\n", "Konfirmasi kedatangan: https://antrean.example/t/abc#confirm\n",
		"Ubah jadwal: https://antrean.example/t/abc#reschedule\n", "Batalkan: https://antrean.example/t/abc#cancel\n",
	} {
		if !strings.Contains(mail.Text, want) {
			t.Errorf("%q is not in %s", want, mail.Text)
		}
	}
	for _, want := range []string{`<html lang="id">`, `href="https://antrean.example/t/abc#cancel"`, `src="cid:qr.png"`, `alt="K7M2XQ"`, "&lt;script&gt;"} {
		if !strings.Contains(mail.HTML, want) {
			t.Errorf("%q is not in %s", want, mail.HTML)
		}
	}
	if p, err := png.DecodeConfig(bytes.NewReader(mail.QR)); err != nil || p.Width != qrSide {
		t.Errorf("the picture is %d wide, %v", p.Width, err)
	}
}

func TestAMailWithoutALinkStandsAlone(t *testing.T) {
	mail, err := Message{Kind: TestMessage, Title: "Pesan percobaan", Body: "Saluran ini berfungsi.", Locale: "id"}.Mail()
	if err != nil || mail.QR != nil || strings.Contains(mail.HTML, "<img") || strings.Contains(mail.HTML, "href") {
		t.Errorf("%v: %s", err, mail.HTML)
	}
}
