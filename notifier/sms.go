package notifier

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// The letters of a short message (GSM 03.38): the alphabet that every phone
// has, and those that take two places of it.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice = "\f^{}\\[~]|€"
)

// SMSLength is what a text costs as a short message.
type SMSLength struct {
	Letters int  `json:"letters"` // places taken: of seven bits, or of UTF-16
	Parts   int  `json:"parts"`   // messages that are paid for
	GSM     bool `json:"gsm"`     // in the alphabet of which 160 letters fit into one, else 70
}

// MeasureSMS counts what a text costs as a short message. In several parts each
// loses room for its place among them.
func MeasureSMS(text string) SMSLength {
	var sizes []int
	gsm := true
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			sizes = append(sizes, 1)
		case strings.ContainsRune(gsmTwice, r):
			sizes = append(sizes, 2)
		default:
			gsm = false
		}
	}
	single, part := 160, 153
	if !gsm {
		single, part, sizes = 70, 67, nil
		for _, r := range text {
			sizes = append(sizes, len(utf16.AppendRune(nil, r)))
		}
	}
	length := SMSLength{GSM: gsm}
	full := 0 // a letter of two places is never torn
	for _, n := range sizes {
		length.Letters += n
		if full+n > part {
			length.Parts, full = length.Parts+1, 0
		}
		full += n
	}
	if full > 0 {
		length.Parts++
	}
	if length.Letters <= single {
		length.Parts = min(length.Parts, 1)
	}
	return length
}

// PlainSMS writes a text with the letters of a short message as far as it can:
// signs become their plain likes and accents are left away. Other scripts stay.
func PlainSMS(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(gsmBasic, r) || strings.ContainsRune(gsmTwice, r) {
			b.WriteRune(r)
			continue
		}
		if like, ok := plainLikes(r); ok {
			b.WriteString(like)
			continue
		}
		var letters strings.Builder
		for _, part := range norm.NFKD.String(string(r)) {
			if !unicode.Is(unicode.Mn, part) {
				letters.WriteRune(part)
			}
		}
		if plain := letters.String(); strings.Trim(plain, gsmBasic) == "" {
			b.WriteString(plain)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func plainLikes(r rune) (like string, ok bool) {
	switch r {
	case '·', '•', '–', '—', '−', '‑', '‐':
		return "-", true
	case '’', '‘', '`', '´', 'ʼ':
		return "'", true
	case '“', '”', '„', '«', '»':
		return `"`, true
	case '…':
		return "...", true
	case '→':
		return ">", true
	case '\t', '\u00a0', '\u202f', '\u2009':
		return " ", true
	case '\u200b', '\u200d', '\ufe0f':
		return "", true
	}
	return "", false
}
