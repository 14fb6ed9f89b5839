package vault

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestValidateRefusesWhatCannotBeAndKeepsTheRestInOneForm(t *testing.T) {
	const nik = "3273014508900001" // a woman, born 5 August 1990
	valid := Person{Name: "Sri Wahyuni", NIK: nik}
	with := func(change func(*Person)) Person { p := valid; change(&p); return p }
	for _, c := range []struct {
		name   string
		person Person
		want   Person
		wrong  []FieldError
	}{
		{"only what is required", valid, valid, nil},
		{"all of it, loosely written",
			Person{Name: "  Sri \t Wahyuni ", NIK: "3273 0145 0890 0001", Phone: "0812-3456-7890", Email: " Sri.W@Example.CO.ID ", Locale: "id", Born: "1990-08-05"},
			Person{Name: "Sri Wahyuni", NIK: nik, Phone: "+6281234567890", Email: "Sri.W@example.co.id", Locale: "id", Born: "1990-08-05"}, nil},
		{"another birth date is a warning", with(func(p *Person) { p.Born = "1990-08-06" }),
			with(func(p *Person) { p.Born = "1990-08-06"; p.Warnings = []string{"warning.nik.born"} }), nil},
		{"warnings are ours to give", with(func(p *Person) { p.Warnings = []string{"x"} }), valid, nil},
		{"one name only", with(func(p *Person) { p.Name = "Suharto" }), with(func(p *Person) { p.Name = "Suharto" }), nil},
		{"nothing at all", Person{}, Person{}, []FieldError{{"name", "field.name.required"}, {"nik", "field.nik.required"}}},
		{"every field wrong",
			Person{Name: "7", NIK: "1", Phone: "x", Email: "x", Locale: "x", Born: "x"},
			Person{Name: "7", NIK: "1", Phone: "x", Email: "x", Locale: "x", Born: "x"},
			[]FieldError{{"name", "field.name.characters"}, {"nik", "field.nik.length"}, {"phone", "field.phone.format"},
				{"email", "field.email.format"}, {"locale", "field.locale.format"}, {"born", "field.born.format"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, wrong := Validate(c.person)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.wrong, wrong); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestANIKHasItsRealShape(t *testing.T) {
	for nik, want := range map[string]string{
		"3273010508900001":  "",
		"3273014508900001":  "", // a woman: day + 40
		"3273017112999999":  "",
		"1101012902000001":  "",       // 29 February 2000
		"9603012902960001":  "",       // the newest province
		"3273012902010001":  "date",   // no leap year
		"3273013104900001":  "date",   // 31 April
		"3273010008900001":  "date",   // day 0
		"3273014008900001":  "date",   // a woman's day 0
		"3273017208900001":  "date",   // a woman's day 32
		"3273013208900001":  "date",   // day 32
		"3273010500900001":  "date",   // month 0
		"3273010513900001":  "date",   // month 13
		"3273010508900000":  "serial", // serials begin at 0001
		"0173010508900001":  "region",
		"1073010508900001":  "region",
		"3200010508900001":  "region",
		"3273000508900001":  "region",
		"327301050890000":   "length",
		"32730105089000012": "length",
		"327301050890000x":  "length",
		"３２７３０１０５０８９０":      "length",
		"":                  "required",
	} {
		if got := nikFault(nik); got != want {
			t.Errorf("%s: %q, want %q", nik, got, want)
		}
	}
}

func TestEveryBirthDateHasANIKThatTellsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		born := time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 46000).Draw(t, "days"))
		day := born.Day() + 40*rapid.IntRange(0, 1).Draw(t, "woman")
		nik := fmt.Sprintf("327301%02d%02d%02d%04d", day, born.Month(), born.Year()%100, rapid.IntRange(1, 9999).Draw(t, "serial"))
		if fault := nikFault(nik); fault != "" || !nikBorn(nik, born) || nikBorn(nik, born.AddDate(0, 0, 1)) {
			t.Fatalf("%s, born %s: %q", nik, born.Format(time.DateOnly), fault)
		}
	})
}

func TestAPhoneNumberBecomesE164(t *testing.T) {
	for phone, want := range map[string]string{
		"":                    "",
		"081234567890":        "+6281234567890",
		"0812 3456 7890":      "+6281234567890",
		"+62 812-3456-7890":   "+6281234567890",
		"6281234567890":       "+6281234567890",
		"81234567890":         "+6281234567890",
		"+62 0812 3456 7890":  "+6281234567890",
		"0062 812 3456 7890":  "+6281234567890",
		"(022) 727-2081":      "+62227272081",
		"+65 6123 4567":       "+6561234567",
		"+1 (202) 555-0143":   "+12025550143",
		"0812":                "fault",
		"0812345678901234567": "fault",
		"+0812345678":         "fault",
		"00":                  "fault",
		"0":                   "fault",
		"+":                   "fault",
		"12025550143":         "fault",
		"081234x67890":        "fault",
		"٠٨١٢٣٤٥٦٧٨٩٠":        "fault",
		"+62081234567890#1":   "fault",
	} {
		got, fault := NormalPhone(phone)
		if fault != "" {
			got = "fault"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", phone, got, want)
		}
	}
}

func TestAnEmailIsOneBareAddress(t *testing.T) {
	for email, valid := range map[string]bool{
		"":                                      true,
		"sri@example.id":                        true,
		"sri+paspor@mail.co.id":                 true,
		"sri@localhost":                         false,
		"Sri <sri@example.id>":                  false,
		"sri@[127.0.0.1]":                       false,
		"\"sri w\"@example.id":                  false,
		"sri@example.id, a@b.c":                 false,
		"sri@example.id\r\nBcc: x@y.z":          false,
		"sri@-example.id":                       false,
		"sri@example..id":                       false,
		"@example.id":                           false,
		"sri":                                   false,
		strings.Repeat("a", 65) + "@a.id":       false,
		"a@" + strings.Repeat("a.", 130) + "id": false,
	} {
		if _, fault := normalEmail(email); (fault == "") != valid {
			t.Errorf("%.60q: %q", email, fault)
		}
	}
}

func TestANameIsShortAndVisible(t *testing.T) {
	for name, want := range map[string]string{
		"Sri":                    "",
		"I Gusti Ayu Ngurah Rai": "",
		"O'Neill-Siregar, S.H.":  "",
		"محمد":                   "",
		strings.Repeat("é", 100): "",
		strings.Repeat("é", 101): "length",
		" \t ":                   "required",
		"Sri\x00":                "characters",
		"Sri\x1b[2J":             "characters",
		"Sri\u202eidA":           "characters",
		"Sri\u200b":              "characters",
		"Sri\u2028x":             "characters",
		"\xff\xfe":               "characters",
		"123":                    "characters",
	} {
		if _, got := normalName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestNormalFormsStayAsTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, wrong := Validate(Person{
			Name:  rapid.String().Draw(t, "name"),
			NIK:   "3273014508900001",
			Phone: rapid.StringMatching(`(\+|0|00|62|)[0-9 ().-]{0,16}`).Draw(t, "phone"),
			Email: rapid.StringMatching(`[a-zA-Z.+]{1,8}@[a-zA-Z.-]{1,12}`).Draw(t, "email"),
		})
		if len(wrong) > 0 {
			return
		}
		twice, wrong := Validate(once)
		if diff := cmp.Diff(once, twice); diff != "" || len(wrong) > 0 {
			t.Fatal(diff, wrong)
		}
	})
}
