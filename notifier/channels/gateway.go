package channels

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"antrean/notifier"
)

// gateway sends short messages, or WhatsApp by services that are not
// WhatsApp's own, through whatever web service the configuration describes.
// Others read along there, so that its links only show.
type gateway struct {
	gatewaySettings
	name   string
	values map[string]string // of the settings' own placeholders, secrets among them
	escape func(string) string
	client *http.Client
}

type gatewaySettings struct {
	Preset      string            `yaml:"preset"`
	Method      string            `yaml:"method"`
	URL         string            `yaml:"url"`
	Headers     map[string]string `yaml:"headers"`
	Basic       *basic            `yaml:"basic"`
	ContentType string            `yaml:"content_type"`
	Body        string            `yaml:"body"`

	Values  map[string]string          `yaml:"values"`  // placeholders of one's own
	Secrets map[string]notifier.Secret `yaml:"secrets"` // likewise, that are secret

	Phone  string `yaml:"phone"` // e164, digits, local
	Text   string `yaml:"text"`  // short, whole
	Parts  int    `yaml:"parts"` // of a short message at most
	Answer answer `yaml:"answer"`

	Private bool `yaml:"private"`
}

type basic struct {
	User     string `yaml:"user"`
	Password string `yaml:"password"`
}

// answer says how the service's own words are read where the status does not
// say all.
type answer struct {
	// OK is a field of the JSON answer, and what it is when the message was taken.
	OK *field `yaml:"ok"`
	// Refused are fields, and what they are when this message will never be taken.
	Refused []field `yaml:"refused"`
}

type field struct {
	Field string   `yaml:"field"` // with dots: error.code
	Is    []string `yaml:"is"`    // any of these, in any case
}

// mostParts is what a text may cost if the configuration does not say.
const mostParts = 3

// own are the placeholders that a message fills.
var own = []string{"to", "text", "title", "body", "link", "number", "office", "id", "locale"}

// Gateway builds the channel of type "gateway".
func Gateway(name string, s notifier.Settings) (notifier.Channel, error) {
	var named struct {
		Preset string `yaml:"preset"`
	}
	_ = s.ReadSome(&named) // read again, and judged, below
	g := &gateway{name: name}
	if named.Preset != "" {
		preset, ok := presets()[named.Preset]
		if !ok {
			return nil, wrong("preset", "%q is not known (fonnte, twilio)", named.Preset)
		}
		g.gatewaySettings = preset
	}
	if err := s.Read(&g.gatewaySettings); err != nil {
		return nil, err
	}
	if err := g.prepare(); err != nil {
		return nil, err
	}
	g.client = notifier.NewClient(g.Private)
	return g, nil
}

// prepare fills what was left out and checks the rest.
func (g *gateway) prepare() error {
	for value, usual := range map[*string]string{&g.Method: http.MethodPost, &g.Phone: "e164", &g.Text: "short"} {
		if *value == "" {
			*value = usual
		}
	}
	if g.Parts == 0 {
		g.Parts = mostParts
	}
	switch {
	case !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut}, g.Method):
		return wrong("method", "%q is not known (GET, POST, PUT)", g.Method)
	case !slices.Contains([]string{"e164", "digits", "local"}, g.Phone):
		return wrong("phone", "%q is not known (e164: +62812…, digits: 62812…, local: 0812…)", g.Phone)
	case g.Text != "short" && g.Text != "whole":
		return wrong("text", "%q is not known (short, whole)", g.Text)
	case g.Parts < 1 || g.Parts > 10:
		return wrong("parts", "%d is out of range (1 to 10)", g.Parts)
	case g.Answer.OK != nil && !g.Answer.OK.whole() || slices.ContainsFunc(g.Answer.Refused, func(f field) bool { return !f.whole() }):
		return wrong("answer", "ok and refused are made of a field and of what it is (field: status, is: [sent])")
	}
	if err := g.readValues(); err != nil {
		return err
	}
	if err := g.chooseEscape(); err != nil {
		return err
	}
	if err := g.checkPlaceholders(); err != nil {
		return err
	}
	return webAddress("url", fill(g.URL, g.values, pathEscape), g.Private)
}

func (g *gateway) readValues() error {
	g.values = map[string]string{}
	maps.Copy(g.values, g.Values)
	for name, from := range g.Secrets {
		value, err := secret("secrets."+name, from)
		if err != nil {
			return err
		}
		if _, twice := g.values[name]; twice {
			return wrong("secrets."+name, "stands in values as well")
		}
		g.values[name] = value
	}
	for name := range g.values {
		if slices.Contains(own, name) || !word.MatchString("{"+name+"}") {
			return wrong("values."+name, "cannot be a name of one's own (a-z, 0-9 and _; none of %s)", strings.Join(own, ", "))
		}
	}
	return nil
}

// chooseEscape picks how values are written into the body.
func (g *gateway) chooseEscape() error {
	if g.Body == "" {
		return nil
	}
	kind, _, err := mime.ParseMediaType(g.ContentType)
	if err == nil {
		g.escape = escapes()[kind]
	}
	if g.escape == nil {
		return wrong("content_type", "%q is not known (application/x-www-form-urlencoded, application/json, application/xml, text/xml, text/plain)", g.ContentType)
	}
	if kind == "application/json" && !json.Valid([]byte(fill(g.Body, nil, jsonEscape))) {
		return wrong("body", "is no JSON")
	}
	return nil
}

// checkPlaceholders refuses what nothing fills, and a gateway that would not
// say to whom or what.
func (g *gateway) checkPlaceholders() error {
	parts := map[string]string{"url": g.URL, "body": g.Body}
	for name, value := range g.Headers {
		parts["headers."+name] = value
	}
	if g.Basic != nil {
		parts["basic.user"], parts["basic.password"] = g.Basic.User, g.Basic.Password
	}
	seen := map[string]bool{}
	for where, text := range parts {
		for _, found := range word.FindAllStringSubmatch(text, -1) {
			name := found[1]
			seen[name] = true
			if _, mine := g.values[name]; !mine && !slices.Contains(own, name) {
				return wrong(where, "{%s} is not known (%s, or what values and secrets name)", name, strings.Join(own, ", "))
			}
		}
	}
	if !seen["to"] {
		return wrong("body", "{to} is needed, in the body or the url")
	}
	if !seen["text"] && !seen["body"] {
		return wrong("body", "{text} is needed, in the body or the url")
	}
	return nil
}

// Name implements notifier.Channel.
func (g *gateway) Name() string { return g.name }

// Reaches implements notifier.Channel.
func (g *gateway) Reaches(to notifier.Contact) bool { return to.Phone != "" }

// Send implements notifier.Channel.
func (g *gateway) Send(ctx context.Context, m notifier.Message) (notifier.Receipt, error) {
	values := map[string]string{
		"to": phone(g.Phone, m.To.Phone), "title": m.Title, "body": m.Body, "link": m.ShowURL,
		"number": m.Number, "office": m.Office, "id": m.ID, "locale": m.Locale,
	}
	var err error
	if values["text"], err = g.words(m); err != nil {
		return notifier.Receipt{}, err
	}
	maps.Copy(values, g.values)
	var body io.Reader = http.NoBody
	if g.Body != "" {
		body = strings.NewReader(fill(g.Body, values, g.escape))
	}
	r, err := http.NewRequestWithContext(ctx, g.Method, fill(g.URL, values, pathEscape), body)
	if err != nil {
		return notifier.Receipt{}, notifier.Fail(notifier.Later, "url", "the address cannot be used")
	}
	if g.ContentType != "" {
		r.Header.Set("Content-Type", g.ContentType)
	}
	r.Header.Set("User-Agent", "Antrean")
	for name, value := range g.Headers {
		r.Header.Set(name, fill(value, values, oneLine))
	}
	if g.Basic != nil {
		r.SetBasicAuth(fill(g.Basic.User, values, oneLine), fill(g.Basic.Password, values, oneLine))
	}
	said, failed := ask(g.client, r)
	if failed == nil {
		failed = g.Answer.read(said)
	}
	if failed != nil {
		return notifier.Receipt{}, failed
	}
	return notifier.Receipt{}, nil
}

// words are what the message says here: as a short message, without its link if
// there is no room for it.
func (g *gateway) words(m notifier.Message) (string, error) {
	if g.Text == "whole" {
		lines := []string{"*" + m.Title + "*", m.Body}
		if m.ShowURL != "" {
			lines = append(lines, m.ShowURL)
		}
		return strings.Join(lines, "\n\n"), nil
	}
	text := m.Short
	if m.ShowURL != "" && notifier.MeasureSMS(text).Parts > g.Parts {
		text = strings.TrimSuffix(text, " "+m.ShowURL)
	}
	if cost := notifier.MeasureSMS(text); cost.Parts > g.Parts {
		return "", notifier.Fail(notifier.Refused, "too_long", "the text takes %d short messages, %d are allowed", cost.Parts, g.Parts)
	}
	return text, nil
}

// phone writes a number in the way that a service wants it.
func phone(shape, e164 string) string {
	digits := strings.TrimPrefix(e164, "+")
	switch shape {
	case "digits":
		return digits
	case "local":
		if rest, ok := strings.CutPrefix(digits, "62"); ok {
			return "0" + rest
		}
	}
	return e164
}

// read judges an answer; nil: the message was taken.
func (a answer) read(r reply) *notifier.Failure {
	failed := refusal(r)
	if a.OK == nil && len(a.Refused) == 0 {
		return failed
	}
	var said any
	if err := json.Unmarshal(r.body, &said); err != nil {
		if failed == nil && a.OK != nil {
			return notifier.Fail(notifier.Unknown, "garbage", "the answer cannot be read")
		}
		return failed
	}
	for _, f := range a.Refused {
		if f.matches(said) {
			return notifier.Fail(notifier.Refused, "refused", "the service will not take this message")
		}
	}
	switch {
	case failed != nil && failed.Outcome == notifier.Refused && len(a.Refused) > 0:
		// The service says which messages it will never take; this is none of them.
		return notifier.Fail(notifier.Later, failed.Code, "the service does not work for us")
	case failed != nil:
		return failed
	case a.OK != nil && !a.OK.matches(said):
		return notifier.Fail(notifier.Later, "not_taken", "the service did not take the message")
	}
	return nil
}

func (f field) whole() bool { return f.Field != "" && len(f.Is) > 0 }

// matches looks a field up in an answer.
func (f field) matches(said any) bool {
	for _, name := range strings.Split(f.Field, ".") {
		object, ok := said.(map[string]any)
		if !ok {
			return false
		}
		said = object[name]
	}
	text := fmt.Sprint(said)
	return slices.ContainsFunc(f.Is, func(is string) bool { return strings.EqualFold(strings.TrimSpace(text), is) })
}
