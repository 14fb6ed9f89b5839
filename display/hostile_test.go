package display

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// hostile is what is typed by mistake and on purpose.
var hostile = map[string]string{
	"nothing":             "",
	"blanks":              " \t  ",
	"markup":              `"><script>alert(1)</script>`,
	"an attribute":        `x" onfocus="alert(1)" autofocus="`,
	"a template":          `{{.Office}}${7*7}<%= 1 %>`,
	"a database command":  `'; DROP TABLE tickets; --`,
	"text turned around":  "Sri\u202eyuhaW",
	"unseen characters":   "Sri\u200b\ufeffWahyuni",
	"a zero byte":         "Sri\x00Wahyuni",
	"lines":               "Sri\r\nBcc: semua@contoh.example",
	"a thousand letters":  strings.Repeat("panjang ", 125),
	"other digits":        "٣٢٧٣٠١٠١٠١٩٠٠٠٠١",
	"a number below zero": "-1",
	"a huge number":       strings.Repeat("9", 400),
	"a fraction":          "1e309",
	"a path":              "../../etc/passwd",
	"a store's key":       "claim/x:{bandung}*",
	"emoji":               "👩‍👩‍👧‍👦",
	"a date":              "9999-12-31T23:59:60Z",
}

// TestWhateverIsTypedIsTakenOrNamedInTheCallersLanguage sends everything hostile
// in every field of a booking.
func TestWhateverIsTypedIsTakenOrNamedInTheCallersLanguage(t *testing.T) {
	h := embedded(t)
	taken := map[string]bool{}
	refused := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		for _, field := range []string{"name", "nik", "phone", "email", "service", "slot", "locale"} {
			body := bookingOf("paspor-baru", "earliest", 1)
			want := field
			if person := body["people"].([]map[string]string)[0]; field == "name" || field == "nik" || field == "phone" || field == "email" {
				person[field] = hostile[name]
				want = "people[0]." + field
			} else {
				body[field] = hostile[name]
			}
			words := map[string]string{}
			for _, language := range []string{"id", "en"} {
				got := h.bookAt(body, "Accept-Language", language)
				if got.status == 201 {
					taken[field] = true
					var booked bookedAnswer
					got.is(201, &booked)
					h.ask("POST", "/api/v1/tickets/"+booked.Tickets[0].Token+"/cancel", nil).is(200)
					words[language] = "taken in " + language
					continue
				}
				p := got.problem(422, "invalid")
				if len(p.Errors) != 1 || p.Errors[0].Field != want {
					t.Fatalf("%s as %s: %+v", name, field, p.Errors)
				}
				refused[field] = true
				words[language] = p.Errors[0].Message
				if hostile[name] != "" && strings.Contains(string(got.body), strings.TrimSpace(hostile[name])) && len(strings.TrimSpace(hostile[name])) > 3 {
					t.Errorf("%s as %s comes back in the problem: %s", name, field, got.body)
				}
			}
			if words["id"] == "" || words["id"] == words["en"] {
				t.Errorf("%s as %s: %q in Indonesian, %q in English", name, field, words["id"], words["en"])
			}
		}
	}
	for _, field := range []string{"name", "nik", "phone", "email", "service", "slot", "locale"} {
		if !refused[field] {
			t.Errorf("nothing is refused as %s", field)
		}
	}
	for _, field := range []string{"name", "phone", "email", "locale"} { // markup is a name like any other; some may be left out
		if !taken[field] {
			t.Errorf("nothing is taken as %s", field)
		}
	}
}

// TestWhateverIsSentInsteadOfAFieldIsNamed sends every kind of JSON in every
// field.
func TestWhateverIsSentInsteadOfAFieldIsNamed(t *testing.T) {
	h := embedded(t)
	for _, value := range []string{"null", "true", "-1", "1e400", "[]", "{}", `["x"]`, `{"name":{}}`, "[[[[[[]]]]]]", `"\ud800"`} {
		for _, field := range []string{"service", "slot", "people", "locale", "standby_minutes", "priority"} {
			body := bookingOf("paspor-baru", "earliest", 1)
			body[field] = json.RawMessage(value)
			var text strings.Builder
			text.WriteString("{")
			for i, k := range slices.Sorted(maps.Keys(body)) {
				part := []byte(value) // json.Marshal would refuse some of it
				if k != field {
					var err error
					if part, err = json.Marshal(body[k]); err != nil {
						t.Fatal(err)
					}
				}
				fmt.Fprintf(&text, "%s%q:%s", []string{"", ","}[min(i, 1)], k, part)
			}
			text.WriteString("}")
			got := h.ask("POST", "/api/v1/offices/bandung/bookings", text.String())
			if got.status == 201 {
				var booked bookedAnswer
				got.is(201, &booked)
				h.ask("POST", "/api/v1/tickets/"+booked.Tickets[0].Token+"/cancel", nil).is(200)
				continue
			}
			if got.status != 400 && got.status != 422 {
				t.Fatalf("%s as %s: %d %s", value, field, got.status, got.body)
			}
			p := got.problem(got.status, "invalid")
			if len(p.Errors) == 0 || p.Errors[0].Message == "" || p.Errors[0].Field != "" && !strings.HasPrefix(p.Errors[0].Field, field) {
				t.Errorf("%s as %s: %s", value, field, got.body)
			}
		}
	}
}

// TestAFormThatIsRefusedKeepsWhatWasTyped does the same with the page's form,
// for a family.
func TestAFormThatIsRefusedKeepsWhatWasTyped(t *testing.T) {
	h := embedded(t)
	for _, language := range []string{"id", "en"} {
		for _, name := range slices.Sorted(maps.Keys(hostile)) {
			for _, field := range []string{"name", "nik", "phone", "email"} {
				one, two := personOf(1), personOf(2)
				values := url.Values{"office": {"bandung"}, "service": {"paspor-baru"}, "slot": {"earliest"}, "locale": {language}, "key": {"k-" + language + field + strings.ReplaceAll(name, " ", "")},
					"name": {one["name"], two["name"]}, "nik": {one["nik"], two["nik"]}, "phone": {one["phone"]}, "email": {one["email"]},
					"standby": {"60"}, "priority": {"yes"}}
				values[field][len(values[field])-1] = hostile[name]
				got := h.form("/", values, "Accept-Language", language)
				if got.status == 303 {
					h.shownHarmless(t, got, language)
					continue
				}
				if got.status != 422 {
					t.Fatalf("%s as %s: %d", name, field, got.status)
				}
				page := parsed(t, got.body)
				if page.language != language {
					t.Errorf("%s as %s: the page speaks %q", name, field, page.language)
				}
				for typed, want := range map[string][]string{"name": values["name"], "nik": values["nik"], "phone": values["phone"], "email": values["email"], "key": values["key"], "standby": {"60"}, "priority": {"yes"}} {
					for i := range want {
						want[i] = asInput(want[i])
					}
					if !slices.Equal(page.inputs[typed], want) {
						t.Errorf("%s as %s: %s was %q and is %q", name, field, typed, want, page.inputs[typed])
					}
				}
				if len(page.wrong) != 1 || !strings.HasPrefix(page.wrong[0], field) {
					t.Errorf("%s as %s: the page marks %q", name, field, page.wrong)
				}
				if page.scripts > 0 || page.handlers > 0 {
					t.Errorf("%s as %s became part of the page:\n%s", name, field, got.body)
				}
			}
		}
	}
	// What the form does not offer is refused like anything else.
	for field, value := range map[string]string{"slot": "2026-11-24T03:17:00+07:00", "office": "mars", "service": "visa", "key": "a b", "standby": "x", "locale": "<b>"} {
		one := personOf(1)
		values := url.Values{"office": {"bandung"}, "service": {"paspor-baru"}, "slot": {"earliest"}, "locale": {"id"}, "key": {"tampered-" + field},
			"name": {one["name"]}, "nik": {one["nik"]}, "phone": {one["phone"]}, "email": {one["email"]}}
		values.Set(field, value)
		got := h.form("/", values)
		if got.status >= 500 || got.status == 200 || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") && got.status != 303 {
			t.Errorf("%s %q: %d %s", field, value, got.status, got.header.Get("Content-Type"))
		}
		if got.status == 303 {
			h.ask("POST", "/api/v1/tickets/"+got.cookie(ticketCookie).Value+"/cancel", nil).is(200)
		}
	}
}

// shownHarmless looks at what was booked under a hostile name, and gives it
// back.
func (h *house) shownHarmless(t *testing.T, booked answer, language string) {
	t.Helper()
	all := booked.cookie(bookedCookie)
	page := h.see(booked.header.Get("Location"), "Cookie", bookedCookie+"="+all.Value, "Accept-Language", language).is(200)
	if p := parsed(t, page.body); p.scripts > 0 || p.handlers > 0 {
		t.Errorf("a name became part of the page:\n%s", page.body)
	}
	for token := range strings.SplitSeq(all.Value, tokenSeparator) {
		h.ask("POST", "/api/v1/tickets/"+token+"/cancel", nil).is(200)
	}
}

// asInput is a text as the value of a one-line input: browsers send no other.
func asInput(text string) string {
	return strings.NewReplacer("\x00", "\ufffd", "\r\n", "\n").Replace(text)
}

// sheet is a page as a browser reads it.
type sheet struct {
	language string
	inputs   map[string][]string // values that would be sent, by name
	wrong    []string            // ids of inputs that are marked
	scripts  int                 // inline ones
	handlers int                 // attributes that run scripts
}

// inert says whether an element is part of a template, which scripts may copy.
func inert(n *html.Node) bool {
	for up := range n.Ancestors() {
		if up.Data == "template" {
			return true
		}
	}
	return false
}

func parsed(t *testing.T, body []byte) sheet {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	s := sheet{inputs: map[string][]string{}}
	var selected string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || inert(n) {
			continue
		}
		a := map[string]string{}
		for _, attribute := range n.Attr {
			a[attribute.Key] = attribute.Val
			if strings.HasPrefix(attribute.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(attribute.Val)), "javascript:") {
				s.handlers++
			}
		}
		_, checked := a["checked"]
		_, chosen := a["selected"]
		switch n.Data {
		case "html":
			s.language = a["lang"]
		case "script":
			if a["src"] == "" && a["type"] != "application/json" {
				s.scripts++
			}
		case "select":
			selected = a["name"]
		case "option":
			if chosen {
				s.inputs[selected] = append(s.inputs[selected], a["value"])
			}
		case "input":
			if a["type"] != "checkbox" && a["type"] != "radio" || checked {
				s.inputs[a["name"]] = append(s.inputs[a["name"]], a["value"])
			}
		}
		if a["aria-invalid"] == "true" {
			s.wrong = append(s.wrong, a["id"])
		}
	}
	return s
}
