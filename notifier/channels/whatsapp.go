package channels

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"antrean/internal/queue"
	"antrean/notifier"
)

// whatsapp sends templates by WhatsApp's own Cloud API. Its templates are texts
// that WhatsApp has approved; a message brings their parameters.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/template-messages
type whatsapp struct {
	whatsappSettings
	name      string
	token     string
	appSecret string // "": nothing is heard
	verify    string
	pace      *pace
	client    *http.Client
}

type whatsappSettings struct {
	PhoneNumberID string          `yaml:"phone_number_id"`
	Token         notifier.Secret `yaml:"token"`
	// AppSecret signs what WhatsApp reports, VerifyToken is what it shows when
	// it is told the address for that; both or none.
	AppSecret   notifier.Secret `yaml:"app_secret"`
	VerifyToken notifier.Secret `yaml:"verify_token"`

	Prefix    string                   `yaml:"prefix"`    // of the templates' names, before the kind
	Templates map[notifier.Kind]string `yaml:"templates"` // names that are otherwise; "" sends none of the kind
	Languages map[string]string        `yaml:"languages"` // ours to theirs, where they differ
	Button    bool                     `yaml:"button"`    // the templates have a button that opens the ticket

	PerPerson string `yaml:"per_person"` // a rate: 1/6s
	API       string `yaml:"api"`
	Private   bool   `yaml:"private"`
}

const (
	usualAPI = "https://graph.facebook.com/v23.0"
	// usualTest is the template that every WhatsApp account has from the start.
	usualTest, usualTestLanguage = "hello_world", "en_US"
)

var (
	onlyDigits   = regexp.MustCompile(`^[0-9]{5,32}$`)
	templateName = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)
)

// WhatsApp builds the channel of type "whatsapp".
func WhatsApp(name string, s notifier.Settings) (notifier.Channel, error) {
	w := &whatsapp{name: name, whatsappSettings: whatsappSettings{Prefix: "antrean_", API: usualAPI}}
	if err := s.Read(&w.whatsappSettings); err != nil {
		return nil, err
	}
	if !onlyDigits.MatchString(w.PhoneNumberID) {
		return nil, wrong("phone_number_id", "%q is not the id of a number (digits, from the app's WhatsApp page; not the number itself)", w.PhoneNumberID)
	}
	if err := webAddress("api", w.API, w.Private); err != nil {
		return nil, err
	}
	var err error
	if w.token, err = secret("token", w.Token); err != nil {
		return nil, err
	}
	if w.AppSecret != (notifier.Secret{}) || w.VerifyToken != (notifier.Secret{}) {
		if w.appSecret, err = secret("app_secret", w.AppSecret); err != nil {
			return nil, err
		}
		if w.verify, err = secret("verify_token", w.VerifyToken); err != nil {
			return nil, err
		}
	}
	if err := w.checkTemplates(); err != nil {
		return nil, err
	}
	each := queue.Rate{Count: 1, Per: 6 * time.Second}
	if w.PerPerson != "" {
		if err := each.UnmarshalText([]byte(w.PerPerson)); err != nil {
			return nil, wrong("per_person", "%w", err)
		}
	}
	w.pace = newPace(each)
	w.client = notifier.NewClient(w.Private)
	return w, nil
}

func (w *whatsapp) checkTemplates() error {
	if !templateName.MatchString(w.Prefix + "x") {
		return wrong("prefix", "%q cannot begin a template's name (a-z, 0-9 and _)", w.Prefix)
	}
	for kind, name := range w.Templates {
		if !slices.Contains(notifier.Kinds(), kind) {
			return wrong("templates", "%q is no kind of message", kind)
		}
		if name != "" && !templateName.MatchString(name) {
			return wrong("templates."+string(kind), "%q is no template's name (a-z, 0-9 and _)", name)
		}
	}
	return nil
}

// Name implements notifier.Channel.
func (w *whatsapp) Name() string { return w.name }

// Reaches implements notifier.Channel.
func (w *whatsapp) Reaches(to notifier.Contact) bool { return to.Phone != "" }

type (
	outgoing struct {
		Product  string   `json:"messaging_product"`
		Kind     string   `json:"recipient_type"`
		To       string   `json:"to"`
		Type     string   `json:"type"`
		Template template `json:"template"`
		Callback string   `json:"biz_opaque_callback_data,omitempty"`
	}
	template struct {
		Name       string      `json:"name"`
		Language   language    `json:"language"`
		Components []component `json:"components,omitempty"`
	}
	language struct {
		Code string `json:"code"`
	}
	component struct {
		Type       string      `json:"type"`
		SubType    string      `json:"sub_type,omitempty"`
		Index      string      `json:"index,omitempty"`
		Parameters []parameter `json:"parameters"`
	}
	parameter struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
)

// Send implements notifier.Channel. What WhatsApp calls the message is not kept:
// the number of its person is in it. The receipt is our own id.
func (w *whatsapp) Send(ctx context.Context, m notifier.Message) (notifier.Receipt, error) {
	filled, ok := w.template(m)
	if !ok {
		return notifier.Receipt{}, notifier.Fail(notifier.Refused, "no_template", "no template for messages %q", m.Kind)
	}
	if wait := w.pace.turn(m.To.Phone, m.ID, time.Now()); wait > 0 {
		return notifier.Receipt{}, &notifier.Failure{Outcome: notifier.Later, Code: "person_rate", After: wait, Own: true}
	}
	body, err := json.Marshal(outgoing{
		Product: "whatsapp", Kind: "individual", To: strings.TrimPrefix(m.To.Phone, "+"), Type: "template",
		Template: filled, Callback: callbackOf(m),
	})
	if err != nil {
		return notifier.Receipt{}, notifier.Fail(notifier.Refused, "payload", "the message cannot be written")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(w.API, "/")+"/"+w.PhoneNumberID+"/messages", bytes.NewReader(body))
	if err != nil {
		return notifier.Receipt{}, notifier.Fail(notifier.Later, "url", "the address cannot be used")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+w.token)
	said, failed := ask(w.client, r)
	if failed == nil {
		failed = w.read(said)
	}
	if failed != nil {
		return notifier.Receipt{}, failed
	}
	if w.appSecret == "" || m.Event == "" {
		return notifier.Receipt{}, nil
	}
	return notifier.Receipt{ID: m.ID}, nil
}

// template fills the template of the message; false: there is none.
func (w *whatsapp) template(m notifier.Message) (template, bool) {
	name, otherwise := w.Templates[m.Kind]
	switch {
	case otherwise && name == "":
		return template{}, false
	case !otherwise && m.Kind == notifier.TestMessage:
		return template{Name: usualTest, Language: language{usualTestLanguage}}, true
	case !otherwise:
		name = w.Prefix + string(m.Kind)
	}
	t := template{Name: name, Language: language{m.Locale}}
	if theirs := w.Languages[m.Locale]; theirs != "" {
		t.Language.Code = theirs
	}
	if len(m.Parameters) > 0 {
		body := component{Type: "body"}
		for _, p := range m.Parameters {
			body.Parameters = append(body.Parameters, parameter{"text", oneRow(p)})
		}
		t.Components = append(t.Components, body)
	}
	if token, ok := strings.CutPrefix(m.Path, "/t/"); ok && w.Button {
		t.Components = append(t.Components, component{Type: "button", SubType: "url", Index: "0", Parameters: []parameter{{"text", token}}})
	}
	return t, true
}

// oneRow makes a text one that a parameter may be: no line ends, no wide gaps,
// not nothing.
func oneRow(text string) string {
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return "-"
	}
	return text
}

// read judges an answer; nil: the message was taken.
func (w *whatsapp) read(r reply) *notifier.Failure {
	var said struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	err := json.Unmarshal(r.body, &said)
	failed := refusal(r)
	switch {
	case err == nil && said.Error.Code != 0:
		return failureOfCode(said.Error.Code, notifier.RetryAfter(r.header, time.Now()))
	case failed != nil:
		return failed
	case err != nil || len(said.Messages) == 0 || said.Messages[0].ID == "":
		return notifier.Fail(notifier.Unknown, "garbage", "the answer cannot be read")
	}
	return nil
}

// failureOfCode reads one of WhatsApp's error codes.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
func failureOfCode(code int, after time.Duration) *notifier.Failure {
	text := strconv.Itoa(code)
	switch code {
	case 131056: // too many to one person
		return &notifier.Failure{Outcome: notifier.Later, Code: text, After: max(after, 6*time.Second), Own: true}
	case 131008, 131009, // a parameter is missing or wrong
		131021, 131026, 131030, 131047, 131049, 131050, 131051, // this person cannot be written to, or not now
		132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069: // this template cannot be sent
		return notifier.Fail(notifier.Refused, text, "WhatsApp will not take this message")
	}
	return &notifier.Failure{Outcome: notifier.Later, Code: text, After: after, Err: fmt.Errorf("WhatsApp does not work for us (%d)", code)}
}
