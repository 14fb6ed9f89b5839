package channels

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"regexp"
	"strings"
)

// word is a placeholder.
var word = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)

// fill puts values into a text, each written so that it cannot end what it
// stands in.
func fill(text string, values map[string]string, escape func(string) string) string {
	return word.ReplaceAllStringFunc(text, func(p string) string { return escape(values[p[1:len(p)-1]]) })
}

// escapes write a value into a body, by its content type.
func escapes() map[string]func(string) string {
	return map[string]func(string) string{
		"application/x-www-form-urlencoded": url.QueryEscape,
		"application/json":                  jsonEscape,
		"application/xml":                   xmlEscape,
		"text/xml":                          xmlEscape,
		"text/plain":                        func(s string) string { return s },
	}
}

// jsonEscape writes what stands between a JSON string's quotes.
func jsonEscape(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return "" // a string can always be written
	}
	return string(quoted[1 : len(quoted)-1])
}

func xmlEscape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

// pathEscape is right in a path and in a query: what both could mistake is
// written as a number.
func pathEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// oneLine keeps a value from beginning another header.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
