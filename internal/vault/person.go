package vault

import (
	"log/slog"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Person is who a ticket is for.
type Person struct {
	Name   string `json:"name"`
	NIK    string `json:"nik"`
	Phone  string `json:"phone,omitempty"`  // E.164: +6281234567890
	Email  string `json:"email,omitempty"`  // one bare address
	Locale string `json:"locale,omitempty"` // BCP 47: id, en, su
	Born   string `json:"born,omitempty"`   // 2006-01-02; only compared with the NIK
	// Warnings are message ids that whoever sees the person at the desk reads.
	Warnings []string `json:"warnings,omitempty"`
}

// String hides the person, so that none slips into a log.
func (Person) String() string { return "[person]" }

// GoString hides the person.
func (Person) GoString() string { return "[person]" }

// LogValue hides the person.
func (Person) LogValue() slog.Value { return slog.StringValue("[person]") }

// FieldError names a field of a Person, as JSON spells it, and the message that
// says what is wrong with it.
type FieldError struct {
	Field string
	ID    string
}

// Validate returns the person as it is kept (white space, phone and e-mail in
// one form) and what is wrong with it, nothing if all is right. Name and NIK are
// required. The words are chosen at the edge by message id:
//
//	field.name.required     field.name.length (1 to 100)   field.name.characters
//	field.nik.required      field.nik.length (16 digits)   field.nik.region
//	field.nik.date          field.nik.serial
//	field.phone.format      field.email.format             field.locale.format
//	field.born.format
//
// and one warning: warning.nik.born, the NIK tells another birth date than the
// one given. It is no refusal, because a NIK is not reissued when the birth data
// are corrected.
func Validate(p Person) (Person, []FieldError) {
	var wrong []FieldError
	check := func(field, id string) {
		if id != "" {
			wrong = append(wrong, FieldError{field, "field." + field + "." + id})
		}
	}
	var id string
	p.Warnings = nil
	p.Name, id = normalName(p.Name)
	check("name", id)
	p.NIK = leaveOut(p.NIK, " .-")
	id = nikFault(p.NIK)
	check("nik", id)
	validNIK := id == ""
	p.Phone, id = NormalPhone(p.Phone)
	check("phone", id)
	p.Email, id = normalEmail(p.Email)
	check("email", id)
	p.Locale, id = normalLocale(p.Locale)
	check("locale", id)
	if p.Born != "" {
		born, err := time.Parse(time.DateOnly, p.Born)
		switch {
		case err != nil:
			check("born", "format")
		case validNIK && !nikBorn(p.NIK, born):
			p.Warnings = append(p.Warnings, "warning.nik.born")
		}
	}
	return p, wrong
}

// leaveOut leaves the characters of cut out.
func leaveOut(text, cut string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(cut, r) {
			return -1
		}
		return r
	}, text)
}

const nameLimit = 100 // runes

// normalName trims and joins words by one blank.
func normalName(name string) (normal, fault string) {
	if !utf8.ValidString(name) {
		return "", "characters"
	}
	normal = strings.Join(strings.Fields(name), " ")
	if normal == "" {
		return "", "required"
	}
	if utf8.RuneCountInString(normal) > nameLimit {
		return normal, "length"
	}
	letter := false
	for _, r := range name {
		// Format characters turn the direction of a line around or are not seen
		// at all; the two joiners are part of how some scripts are written.
		if unicode.Is(unicode.Cc, r) && !unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' ||
			unicode.Is(unicode.Co, r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return normal, "characters"
		}
		letter = letter || unicode.IsLetter(r)
	}
	if !letter {
		return normal, "characters"
	}
	return normal, ""
}

// NormalPhone brings a number into E.164. One that begins with a single 0 is
// Indonesian, as is one that begins with 62; 00 is the international prefix.
func NormalPhone(phone string) (normal, fault string) {
	digits := leaveOut(strings.TrimSpace(phone), " -.()/")
	switch {
	case digits == "":
		return "", ""
	case strings.HasPrefix(digits, "+"):
		digits = digits[1:]
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	case strings.HasPrefix(digits, "0"):
		digits = "62" + digits[1:]
	case strings.HasPrefix(digits, "62"):
	case strings.HasPrefix(digits, "8"): // the 0 forgotten
		digits = "62" + digits
	default:
		return phone, "format"
	}
	if national, ok := strings.CutPrefix(digits, "62"); ok {
		national = strings.TrimPrefix(national, "0") // "+62 0812…" is often written
		digits = "62" + national
		if len(national) < 7 || len(national) > 13 || national[0] == '0' {
			return phone, "format"
		}
	}
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return phone, "format"
	}
	return "+" + digits, ""
}

// normalEmail takes one bare address that a mail server on the Internet can
// have: no display name, quotes, or address literal.
func normalEmail(email string) (normal, fault string) {
	email = strings.TrimSpace(email)
	if email == "" {
		return "", ""
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 || strings.ContainsAny(email, "\"\\ <>()[],;:") {
		return email, "format"
	}
	at := strings.LastIndexByte(email, '@')
	local, domain := email[:at], strings.ToLower(email[at+1:])
	if len(local) > 64 || !strings.Contains(domain, ".") {
		return email, "format"
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return email, "format"
		}
	}
	for _, r := range email {
		if !unicode.IsGraphic(r) || unicode.IsSpace(r) {
			return email, "format"
		}
	}
	return local + "@" + domain, ""
}

var localeShape = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

func normalLocale(locale string) (normal, fault string) {
	if locale == "" || localeShape.MatchString(locale) {
		return locale, ""
	}
	return locale, "format"
}
