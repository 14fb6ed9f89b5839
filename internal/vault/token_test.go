package vault

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestATokenIsOneWordAndGivesBackItsTicket(t *testing.T) {
	ring, other := ringOf(t, 1), ringOf(t, 9)
	word := regexp.MustCompile(`^[0-9A-Za-z]+$`)
	rapid.Check(t, func(t *rapid.T) {
		office := rapid.StringMatching(`[a-z0-9-]{1,40}`).Draw(t, "office")
		ticket := rapid.StringMatching(`[a-z0-9]{1,26}`).Draw(t, "ticket")
		generation := rapid.IntRange(0, 1<<20).Draw(t, "generation")
		token := ring.Token(office, ticket, generation)
		if !word.MatchString(token) {
			t.Fatalf("token %q", token)
		}
		if token != ring.Token(office, ticket, generation) {
			t.Fatal("a token is not derived")
		}
		o, k, g, err := ring.ParseToken(token)
		if err != nil || o != office || k != ticket || g != generation {
			t.Fatalf("ParseToken = %q, %q, %d, %v", o, k, g, err)
		}
		if _, _, _, err := other.ParseToken(token); err == nil {
			t.Fatal("another key takes the token")
		}
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		letter := rapid.StringMatching(`[0-9A-Za-z]`).Draw(t, "letter")
		changed := token[:at] + letter + token[at+1:]
		if _, _, _, err := ring.ParseToken(changed); (err == nil) != (changed == token) {
			t.Fatalf("changed at %d: %v", at, err)
		}
		show := ring.ShowToken(office, ticket, generation)
		o, k, g, err = ring.ParseShowToken(show)
		if err != nil || o != office || k != ticket || g != generation {
			t.Fatalf("ParseShowToken = %q, %q, %d, %v", o, k, g, err)
		}
		if _, _, _, err := ring.ParseToken(show); err == nil {
			t.Fatal("a token that shows opens the ticket")
		}
		if _, _, _, err := ring.ParseShowToken(token); err == nil {
			t.Fatal("a token has two meanings")
		}
		qr := ring.QRCode(office, ticket)
		o, k, err = ring.ParseQR(" " + strings.ToLower(qr) + "\n")
		if err != nil || o != office || k != ticket {
			t.Fatalf("ParseQR = %q, %q, %v", o, k, err)
		}
		if _, _, err := other.ParseQR(qr); err == nil {
			t.Fatal("another key takes the QR code")
		}
	})
}

func TestACheckInCodeIsNoTokenAndNoneHasASecondSpelling(t *testing.T) {
	ring := ringOf(t, 1)
	token, qr := ring.Token("bandung", "k7f3qz2mxw4aa", 0), ring.QRCode("bandung", "k7f3qz2mxw4aa")
	if len(token) > 64 || len(qr) > 72 {
		t.Errorf("token of %d, QR of %d characters", len(token), len(qr))
	}
	for _, text := range []string{
		"", "0", "+" + token, "-" + token, "0" + token, token + "0", token + " ", " " + token, token + "_",
		qr, strings.ToLower(qr), strings.Repeat("z", 100000), "1", "Ж", token[:len(token)-1],
	} {
		if _, _, _, err := ring.ParseToken(text); !errors.Is(err, ErrToken) {
			t.Errorf("ParseToken(%.80q): %v", text, err)
		}
	}
	for _, text := range []string{"", "AQ", token, qr[2:], qr + "A", qr[:len(qr)-1], "AQ" + token, "AQ" + strings.Repeat("A", 100000), qr[:9] + "\n" + qr[9:]} {
		if _, _, err := ring.ParseQR(text); !errors.Is(err, ErrToken) {
			t.Errorf("ParseQR(%.80q): %v", text, err)
		}
	}
	for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" { // some differ in bits that carry nothing
		changed := qr[:len(qr)-1] + string(last)
		if _, _, err := ring.ParseQR(changed); (err == nil) != (changed == qr) {
			t.Errorf("ParseQR ending in %c: %v", last, err)
		}
	}
}

func TestARepeatedRequestDerivesTheSameTickets(t *testing.T) {
	ring := ringOf(t, 1)
	request := ring.Key("kiosk-1", "/api/v1/offices/bandung/tickets", "3f0c")
	shape := regexp.MustCompile(`^[a-z2-7]{13}$`)
	seen := map[string]string{}
	for name, id := range map[string]string{
		"first":          ring.TicketID("bandung", request, 0),
		"second person":  ring.TicketID("bandung", request, 1),
		"other office":   ring.TicketID("jakarta", request, 0),
		"other caller":   ring.TicketID("bandung", ring.Key("kiosk-2", "/api/v1/offices/bandung/tickets", "3f0c"), 0),
		"other path":     ring.TicketID("bandung", ring.Key("kiosk-1", "/api/v1/offices/bandung/bookings", "3f0c"), 0),
		"shifted border": ring.TicketID("bandung", ring.Key("kiosk-", "1/api/v1/offices/bandung/tickets", "3f0c"), 0),
	} {
		if !shape.MatchString(id) {
			t.Errorf("%s: id %q", name, id)
		}
		if twin, ok := seen[id]; ok {
			t.Errorf("%s and %s share an id", name, twin)
		}
		seen[id] = name
	}
	if ring.TicketID("bandung", request, 0) != ringOf(t, 1, 2).TicketID("bandung", request, 0) {
		t.Error("a key added behind changes ids")
	}
	if ring.Body([]byte("{}")) == ring.Body([]byte("{ }")) {
		t.Error("two bodies look alike")
	}
	if ring.Body([]byte("")) == ring.Key("", "", "") {
		t.Error("a body looks like a key")
	}
}

func TestACodeSurvivesBeingReadOut(t *testing.T) {
	ring := ringOf(t, 1)
	shape := regexp.MustCompile(`^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$`)
	rapid.Check(t, func(t *rapid.T) {
		code := ring.Code("bandung", rapid.String().Draw(t, "ticket"))
		if !shape.MatchString(code) {
			t.Fatalf("code %q", code)
		}
		for _, typed := range []string{code, strings.ToLower(code), strings.ReplaceAll(code, "-", ""), " " + strings.ReplaceAll(code, "-", " ") + " "} {
			if normal, ok := NormalCode(typed); !ok || normal != code {
				t.Fatalf("NormalCode(%q) = %q, %v", typed, normal, ok)
			}
		}
	})
	for _, typed := range []string{"", "K7QF", "K7QF-3XZ", "K7QF-3XZPA", "K7QF-3XZ0", "K7QF-3XZ1", "K7QFЖ3XZP"} {
		if normal, ok := NormalCode(typed); ok {
			t.Errorf("NormalCode(%q) = %q", typed, normal)
		}
	}
	rotated := ringOf(t, 2, 1)
	if codes := rotated.Codes("bandung", "a"); len(codes) != 2 || codes[0] != rotated.Code("bandung", "a") || codes[1] != ring.Code("bandung", "a") {
		t.Errorf("Codes = %v", codes)
	}
}

func FuzzParseToken(f *testing.F) {
	ring := ringOf(f, 1)
	f.Add(ring.Token("bandung", "k7f3qz2mxw4aa", 3))
	f.Add("0")
	f.Fuzz(func(t *testing.T, token string) {
		office, ticket, generation, err := ring.ParseToken(token)
		if err == nil && ring.Token(office, ticket, generation) != token {
			t.Fatalf("%q is a second spelling", token)
		}
	})
}

func FuzzParseQR(f *testing.F) {
	ring := ringOf(f, 1)
	f.Add(ring.QRCode("bandung", "k7f3qz2mxw4aa"))
	f.Add("AQAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		office, ticket, err := ring.ParseQR(text)
		if err == nil && ring.QRCode(office, ticket) != strings.ToUpper(strings.TrimSpace(text)) {
			t.Fatalf("%q is a second spelling", text)
		}
	})
}
