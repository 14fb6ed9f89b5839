package queue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

const (
	mostNotices = 10
	longestLine = 200 // characters
)

// Notice is what the screens tell the hall.
type Notice struct {
	Text  Text      `json:"text"`           // by language; "id" is always there
	From  time.Time `json:"from,omitzero"`  // shown from then on; zero: at once
	Until time.Time `json:"until,omitzero"` // and no longer from then on; zero: until it is removed
}

// Plain is a notice in Indonesian that is always shown.
func Plain(text string) Notice { return Notice{Text: Text{"id": text}} }

// ShownAt says whether the screens show it.
func (n Notice) ShownAt(now time.Time) bool {
	return !now.Before(n.From) && (n.Until.IsZero() || now.Before(n.Until))
}

// plain says whether a text in Indonesian is all of it.
func (n Notice) plain() bool {
	_, indonesian := n.Text["id"]
	return indonesian && len(n.Text) == 1 && n.From.IsZero() && n.Until.IsZero()
}

// MarshalJSON implements json.Marshaler: a plain notice is its text, as releases
// wrote it that knew no other.
func (n Notice) MarshalJSON() ([]byte, error) {
	if n.plain() {
		return json.Marshal(n.Text["id"])
	}
	type whole Notice
	return json.Marshal(whole(n))
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Notice) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte{'"'}) {
		var plain string
		if err := json.Unmarshal(text, &plain); err != nil {
			return err
		}
		*n = Plain(plain)
		return nil
	}
	type whole Notice
	return json.Unmarshal(text, (*whole)(n))
}

// NoticesSet replaces what the screens tell the hall. Where all are plain it is an
// event of the first release; else it is one of its own, because an older release
// that passed over languages and times would keep snapshots without them.
type NoticesSet struct {
	Notices []Notice `json:"notices"`
}

func (f *NoticesSet) kind() string {
	for _, n := range f.Notices {
		if !n.plain() {
			return "notices_written"
		}
	}
	return "notices_set"
}

func (f *NoticesSet) apply(s *State, _ *Event) { assign(s, &s.Notices, f.Notices) }

// SetNotices replaces what the screens tell the hall.
type SetNotices struct{ Notices []Notice }

func (a SetNotices) decide(d *draft) error {
	if len(a.Notices) > mostNotices {
		return refuseField("notices", "too_many")
	}
	notices := make([]Notice, len(a.Notices))
	for i, n := range a.Notices {
		field := fmt.Sprintf("notices[%d]", i)
		if _, ok := n.Text["id"]; !ok {
			return refuseField(field+".text.id", "required")
		}
		for _, language := range sortedKeys(n.Text) {
			at := field + ".text." + language
			if n.plain() {
				at = field
			}
			switch {
			case language != "id" && !slices.Contains(d.Config.Languages, language):
				return refuseField(at, "unknown_language")
			case utf8.RuneCountInString(n.Text[language]) > longestLine:
				return refuseField(at, "too_long")
			}
		}
		last := d.now.AddDate(1, 0, 0) // and a year beyond 9999 is no JSON
		switch {
		case n.From.After(last):
			return refuseField(field+".from", "date_range")
		case n.Until.After(last):
			return refuseField(field+".until", "date_range")
		case !n.Until.IsZero() && !n.Until.After(n.From):
			return refuseField(field+".until", "until_before")
		}
		notices[i] = Notice{Text: n.Text, From: instant(n.From), Until: instant(n.Until)}
	}
	d.emit(&NoticesSet{Notices: notices})
	return nil
}

// instant is a time as events hold it, UTC and to the millisecond; zero stays zero.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Millisecond)
}

// ShownNotices are what the screens tell the hall now.
func (s *State) ShownNotices(now time.Time) []Notice {
	shown := []Notice{}
	for _, n := range s.Notices {
		if n.ShownAt(now) {
			shown = append(shown, n)
		}
	}
	return shown
}
