package notifier

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed texts
var embedded embed.FS

// firstLanguage is said to whom no other language is known of.
const firstLanguage = "id"

// Text is what a message says, with placeholders.
type Text struct {
	Title string `yaml:"title" json:"title"`
	Body  string `yaml:"body" json:"body"`
	// Short is the whole in one short message, of which each 160 letters cost;
	// title and body when it is empty.
	Short string `yaml:"short" json:"short"`
}

// Texts are the messages' words by language.
type Texts map[string]*language

type language struct {
	format format
	links  links
	kinds  map[Kind]Text
}

// links are the words of a message's links and of its foot.
type links struct {
	Open       string `yaml:"open"`
	Confirm    string `yaml:"confirm"`
	Reschedule string `yaml:"reschedule"`
	Cancel     string `yaml:"cancel"`
	Accept     string `yaml:"accept"`
	Foot       string `yaml:"foot"` // with {office}
}

type format struct {
	Clock     string   `yaml:"clock"` // as Go's time package writes 15:04
	Date      string   `yaml:"date"`  // of {weekday}, {day} and {month}
	Weekdays  []string `yaml:"weekdays"`
	Months    []string `yaml:"months"`
	Thousands string   `yaml:"thousands"`
}

// DefaultTexts are the built-in ones.
func DefaultTexts() Texts {
	files, err := fs.Sub(embedded, "texts")
	if err == nil {
		var t Texts
		if t, err = readTexts(files, Texts{}); err == nil {
			return t
		}
	}
	panic(err) // the embedded files are wrong, which a test holds
}

// ReadTexts reads every <language>.yaml of a directory over the built-in texts:
// a language that is not built in says everything, one that is what it says
// otherwise. The error names each text that is missing and each placeholder
// that the message cannot fill.
func ReadTexts(files fs.FS) (Texts, error) { return readTexts(files, DefaultTexts()) }

func readTexts(files fs.FS, all Texts) (Texts, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read texts: %w", err)
		}
		lang := strings.TrimSuffix(path.Base(name), ".yaml")
		l, errs := readLanguage(raw, all[lang])
		for _, e := range errs {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, e))
		}
		all[lang] = l
	}
	return all, errors.Join(wrong...)
}

func readLanguage(raw []byte, builtIn *language) (*language, []error) {
	if builtIn == nil {
		builtIn = &language{}
	}
	file := struct {
		Format format        `yaml:"format"`
		Links  links         `yaml:"links"`
		Kinds  map[Kind]Text `yaml:",inline"`
	}{Format: builtIn.format, Links: builtIn.links}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, []error{plainYAML(err)}
	}
	l := &language{format: file.Format, links: file.Links, kinds: maps.Clone(builtIn.kinds)}
	if l.kinds == nil {
		l.kinds = map[Kind]Text{}
	}
	var wrong []error
	for kind, text := range file.Kinds {
		switch {
		case kind == "format" || kind == "links": // the library puts them here as well
			continue
		case knownKinds([]Kind{kind}) != nil:
			wrong = append(wrong, fmt.Errorf("%q is no kind of message", kind))
		}
		l.kinds[kind] = text
	}
	if k := l.links; k.Open == "" || k.Confirm == "" || k.Reschedule == "" || k.Cancel == "" || k.Accept == "" || k.Foot == "" {
		wrong = append(wrong, errors.New("links: open, confirm, reschedule, cancel, accept and foot are needed"))
	}
	if f := l.format; f.Clock == "" || f.Date == "" || len(f.Weekdays) != 7 || len(f.Months) != 12 {
		wrong = append(wrong, errors.New("format: clock, date, seven weekdays and twelve months are needed"))
	}
	for _, kind := range Kinds() {
		text, ok := l.kinds[kind]
		if !ok || text.Title == "" || text.Body == "" {
			wrong = append(wrong, fmt.Errorf("%s: title and body are needed", kind))
			continue
		}
		if err := text.Check(kind); err != nil {
			wrong = append(wrong, err)
		}
	}
	return l, wrong
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// Placeholders are the names that a message of the kind can fill.
func Placeholders(kind Kind) []string {
	names := []string{"number", "office", "address", "service", "stage", "name", "bring", "code"}
	switch kind {
	case TestMessage:
		return nil
	case Booked, Rescheduled, Reminder, DayHappens, ChooseDay:
		names = append(names, "date", "time", "arrive_by", "fee")
	case Moved:
		names = append(names, "date", "time", "arrive_by", "from_date", "from_time")
	case PaymentDue:
		names = append(names, "fee", "pay_date", "pay_by")
	case Offer:
		names = append(names, "offer_time", "until")
	case NearTurn:
		names = append(names, "ahead", "minutes")
	case Called, Recalled:
		names = append(names, "counter")
	case Missed:
		names = append(names, "again")
	case Ready, PickupEnds:
		names = append(names, "pickup_ends")
	}
	return names
}

// Check refuses placeholders that the kind cannot fill, and stray braces.
func (t Text) Check(kind Kind) error {
	allowed := Placeholders(kind)
	for _, part := range []string{t.Title, t.Body, t.Short} {
		for _, found := range placeholder.FindAllStringSubmatch(part, -1) {
			if !slices.Contains(allowed, found[1]) {
				return fmt.Errorf("%s: {%s} is not known here (%s)", kind, found[1], strings.Join(allowed, ", "))
			}
		}
		if strings.ContainsAny(placeholder.ReplaceAllString(part, ""), "{}") {
			return fmt.Errorf("%s: a brace stands alone", kind)
		}
	}
	return nil
}
