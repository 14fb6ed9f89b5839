package notifier

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

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
}

// Texts are the messages' words by language.
type Texts map[string]*language

type language struct {
	format format
	kinds  map[Kind]Text
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
		if t, err = ReadTexts(files); err == nil {
			return t
		}
	}
	panic(err) // the embedded files are wrong, which a test holds
}

// ReadTexts reads every <language>.yaml of a directory. The error names each
// text that is missing and each placeholder that the message cannot fill.
func ReadTexts(files fs.FS) (Texts, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	all, wrong := Texts{}, []error(nil)
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read texts: %w", err)
		}
		l, errs := readLanguage(raw)
		for _, e := range errs {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, e))
		}
		all[strings.TrimSuffix(path.Base(name), ".yaml")] = l
	}
	if all[firstLanguage] == nil {
		wrong = append(wrong, fmt.Errorf("%s.yaml is missing", firstLanguage))
	}
	return all, errors.Join(wrong...)
}

func readLanguage(raw []byte) (*language, []error) {
	var file struct {
		Format format        `yaml:"format"`
		Kinds  map[Kind]Text `yaml:",inline"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, []error{plainYAML(err)}
	}
	l := &language{format: file.Format, kinds: file.Kinds}
	var wrong []error
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
	names := []string{"number", "office", "address", "service", "stage", "name", "bring"}
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
	for _, part := range []string{t.Title, t.Body} {
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

// in is the language for a locale such as "en" or "en-GB", and its name.
func (t Texts) in(locale string) (*language, string) {
	base, _, _ := strings.Cut(strings.ToLower(locale), "-")
	if l := t[base]; l != nil {
		return l, base
	}
	return t[firstLanguage], firstLanguage
}

// fill puts values into a text.
func fill(text string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(p string) string { return values[p[1:len(p)-1]] })
}

func (f format) clock(t time.Time) string { return t.Format(f.Clock) }

func (f format) date(t time.Time) string {
	return strings.NewReplacer("{weekday}", f.Weekdays[t.Weekday()], "{day}", strconv.Itoa(t.Day()), "{month}", f.Months[t.Month()-1]).Replace(f.Date)
}

// rupiah is "Rp350.000".
func (f format) rupiah(amount int64) string {
	digits := strconv.FormatInt(amount, 10)
	var b strings.Builder
	b.WriteString("Rp")
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(f.Thousands)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// say renders the facts for a person, in their language.
func (t Texts) say(f Facts, locale, name string) (text Text, values map[string]string, lang string) {
	l, lang := t.in(locale)
	values = l.values(f, lang, name)
	words := l.kinds[f.Kind]
	return Text{Title: fill(words.Title, values), Body: fill(words.Body, values)}, values, lang
}

func (l *language) values(f Facts, lang, name string) map[string]string {
	if f.Ticket == nil { // a test
		return map[string]string{}
	}
	t, c := f.Ticket, f.Config
	zone := c.Calendar().Zone()
	v := map[string]string{
		"number": t.Number, "office": c.Name, "address": c.Address, "name": name,
		"counter": f.Counter, "ahead": strconv.Itoa(f.Ahead), "minutes": strconv.Itoa(f.Minutes), "fee": l.format.rupiah(t.Fee),
	}
	if service, ok := c.Service(t.Service); ok {
		v["service"], v["bring"] = service.Name.In(lang), service.Bring.In(lang)
	}
	if stage, ok := c.Stage(t.Stage); ok {
		v["stage"] = stage.Name.In(lang)
	}
	moment := func(date, clock string, at time.Time) {
		if !at.IsZero() {
			v[date], v[clock] = l.format.date(at.In(zone)), l.format.clock(at.In(zone))
		}
	}
	if t.Slot != nil {
		moment("date", "time", t.Slot.Start)
	}
	if t.Offer != nil {
		moment("offer_date", "offer_time", t.Offer.Slot.Start)
		moment("until_date", "until", t.Offer.Expires)
	}
	if !t.Ready.IsZero() {
		moment("pickup_ends", "pickup_ends_time", t.Ready.Add(pickupKept))
	}
	moment("arrive_date", "arrive_by", t.ArriveBy)
	moment("from_date", "from_time", t.MovedFrom)
	moment("pay_date", "pay_by", t.PaymentDue)
	moment("again_date", "again", latest(t.NotBefore, t.CalledAt))
	return v
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
