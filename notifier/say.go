package notifier

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

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

// say puts what the facts are said with into a message: words, links and the
// values of its placeholders, in its person's language. code is what the person
// may type to check in.
func (t Texts) say(m *Message, f Facts, locale, code string) {
	l, lang := t.in(locale)
	words, _ := t.words(f.Config, lang, f.Kind)
	m.Locale, m.Values = lang, l.values(f, lang, m.To.Name, code)
	m.Title, m.Body, m.Short = fill(words.Title, m.Values), fill(words.Body, m.Values), PlainSMS(fill(words.short(), m.Values))
	for _, name := range words.names() {
		m.Parameters = append(m.Parameters, m.Values[name])
	}
	if m.Links = l.links.of(f.Kind, m.URL); len(m.Links) > 0 {
		m.Foot = fill(l.links.Foot, m.Values)
	}
	if m.ShowURL != "" {
		m.Short += " " + m.ShowURL
	}
}

// short is the text of a short message.
func (t Text) short() string {
	if t.Short != "" {
		return t.Short
	}
	return t.Title + ". " + t.Body
}

// names are the placeholders of title and body in the order in which they first
// stand there: the parameters of a template that another service keeps.
func (t Text) names() (names []string) {
	for _, found := range placeholder.FindAllStringSubmatch(t.Title+"\n"+t.Body, -1) {
		if !slices.Contains(names, found[1]) {
			names = append(names, found[1])
		}
	}
	return names
}

// Template is title and body as WhatsApp wants them to be handed in: each
// placeholder is the number of its parameter, {{1}} and on.
func (t Text) Template() string {
	names := t.names()
	return placeholder.ReplaceAllStringFunc(t.Title+"\n"+t.Body, func(p string) string {
		return "{{" + strconv.Itoa(slices.Index(names, p[1:len(p)-1])+1) + "}}"
	})
}

// of are the links of a kind of message, the ticket first.
func (l links) of(kind Kind, ticket string) []Link {
	if ticket == "" {
		return nil
	}
	all := []Link{{l.Open, ticket}}
	switch kind {
	case Booked, Reminder, DayHappens:
		all = append(all, Link{l.Confirm, ticket + "#confirm"}, Link{l.Reschedule, ticket + "#reschedule"}, Link{l.Cancel, ticket + "#cancel"})
	case Rescheduled, Moved, ChooseDay:
		all = append(all, Link{l.Reschedule, ticket + "#reschedule"}, Link{l.Cancel, ticket + "#cancel"})
	case Offer:
		all = append(all, Link{l.Accept, ticket + "#offer"})
	}
	return all
}

func (l *language) values(f Facts, lang, name, code string) map[string]string {
	if f.Ticket == nil { // a test
		return map[string]string{}
	}
	t, c := f.Ticket, f.Config
	zone := c.Calendar().Zone()
	v := map[string]string{
		"number": t.Number, "office": c.Name, "address": c.Address, "name": name, "code": code,
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
