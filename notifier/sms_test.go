package notifier

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAShortMessageIsMeasuredAsCarriersDo(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want SMSLength
	}{
		"nothing":                    {"", SMSLength{0, 0, true}},
		"one letter":                 {"a", SMSLength{1, 1, true}},
		"a full one":                 {strings.Repeat("a", 160), SMSLength{160, 1, true}},
		"one letter more":            {strings.Repeat("a", 161), SMSLength{161, 2, true}},
		"two full ones":              {strings.Repeat("a", 306), SMSLength{306, 2, true}},
		"three":                      {strings.Repeat("a", 307), SMSLength{307, 3, true}},
		"the euro takes two":         {strings.Repeat("€", 80), SMSLength{160, 1, true}},
		"and is not torn":            {strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), SMSLength{306, 3, true}},
		"another script":             {strings.Repeat("Ж", 70), SMSLength{70, 1, false}},
		"another script in two":      {strings.Repeat("Ж", 71), SMSLength{71, 2, false}},
		"letters outside the plane":  {strings.Repeat("🛂", 35), SMSLength{70, 1, false}},
		"one of them makes it short": {strings.Repeat("a", 70) + "Ж", SMSLength{71, 2, false}},
	} {
		if diff := cmp.Diff(c.want, MeasureSMS(c.text)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAShortMessageIsWrittenInItsLetters(t *testing.T) {
	for text, want := range map[string]string{
		"Nomor A-012 · Senin":         "Nomor A-012 - Senin",
		"“Sri” – Loket’s…":            `"Sri" - Loket's...`,
		"Ärger ñ é Łukasz ž":          "Ärger ñ é Łukasz z", // é and ñ are letters of it, Ł has no like
		"paspor\u00a0baru\u200b":      "paspor baru",
		"護照":                          "護照",
		"pukul 10.00 [loket] 5€ a\tb": "pukul 10.00 [loket] 5€ a b",
	} {
		if got := PlainSMS(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func FuzzPlainSMS(f *testing.F) {
	f.Add("Nomor A-012 · Senin “a” 護照 🛂")
	f.Fuzz(func(t *testing.T, text string) {
		plain := PlainSMS(text)
		if again := PlainSMS(plain); again != plain {
			t.Errorf("%q became %q and then %q", text, plain, again)
		}
		n := MeasureSMS(plain)
		if most := map[bool]int{true: 160, false: 70}[n.GSM]; (n.Parts == 1) != (n.Letters > 0 && n.Letters <= most) {
			t.Errorf("%q: %+v", plain, n)
		}
	})
}
