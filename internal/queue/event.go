package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Schema is the version of the events that this release writes. Older ones
// stay readable for ever.
const Schema = 1

// ErrNewer says that an event comes from a newer release: its type or schema
// is unknown here. The office can be read on this node but not written.
var ErrNewer = errors.New("the event is from a newer release")

// Event is one thing that happened. It records outcomes: applying it evaluates
// no rule, so that any release folds it alike.
type Event struct {
	At   time.Time // the store's time, UTC, whole milliseconds
	By   string    // account, "applicant" or "system"
	Fact Fact

	// Key and Body remember a success for its repetition: the first event of a
	// command that came with an idempotency key carries both and Count, the
	// number of the command's events.
	Key   string
	Body  string
	Count int

	raw []byte // as it was read, with fields that this release does not know
}

// Fact is what an event says. Every fact is a struct of this package.
type Fact interface {
	// kind is the fact's name in the log.
	kind() string
	// apply folds the fact into the state, whose version is already the
	// event's.
	apply(s *State, e *Event)
}

// envelope is an event's JSON.
type envelope struct {
	Schema int             `json:"v"`
	Type   string          `json:"type"`
	At     time.Time       `json:"at"`
	By     string          `json:"by,omitempty"`
	Key    string          `json:"key,omitempty"`
	Body   string          `json:"body,omitempty"`
	Count  int             `json:"count,omitempty"`
	Fact   json.RawMessage `json:"fact"`
}

// Encode writes the event as JSON. An event that was decoded is written back
// as it was read, unknown fields included.
func Encode(e *Event) ([]byte, error) {
	if e.raw != nil {
		return e.raw, nil
	}
	fact, err := json.Marshal(e.Fact)
	if err != nil {
		return nil, fmt.Errorf("write event: %s: %w", e.Type(), err)
	}
	// The envelope is written by hand: one reflected struct around the fact
	// takes as long again as the fact.
	data := make([]byte, 0, len(fact)+256)
	data = append(data, `{"v":`...)
	data = strconv.AppendInt(data, Schema, 10)
	data = appendText(data, "type", e.Type())
	at, err := e.At.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write event: %s: %w", e.Type(), err)
	}
	data = append(append(data, `,"at":`...), at...)
	data = appendText(data, "by", e.By)
	data = appendText(data, "key", e.Key)
	data = appendText(data, "body", e.Body)
	if e.Count != 0 {
		data = strconv.AppendInt(append(data, `,"count":`...), int64(e.Count), 10)
	}
	data = append(append(data, `,"fact":`...), fact...)
	return append(data, '}'), nil
}

// appendText adds a field, unless its text is empty.
func appendText(data []byte, field, text string) []byte {
	if text == "" {
		return data
	}
	data = append(append(append(data, `,"`...), field...), `":`...)
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(text) // a string can always be written
			return append(data, quoted...)
		}
	}
	return append(append(append(data, '"'), text...), '"')
}

// Decode reads an event. It wraps ErrNewer when the event is well-formed but
// unknown to this release.
func Decode(data []byte) (*Event, error) {
	var env envelope
	if err := json.Unmarshal(data, &env); err != nil {
		return nil, fmt.Errorf("read event: %w", err)
	}
	if env.Type == "" || env.Schema < 1 {
		return nil, errors.New("read event: type or v is missing")
	}
	if env.Schema > Schema {
		return nil, fmt.Errorf("read event: %s has schema %d, this release knows %d: %w", env.Type, env.Schema, Schema, ErrNewer)
	}
	if env.Count < 0 || env.Count > 1<<16 {
		return nil, fmt.Errorf("read event: count %d is out of range", env.Count)
	}
	blank, known := blanks[env.Type]
	if !known {
		return nil, fmt.Errorf("read event: type %q: %w", env.Type, ErrNewer)
	}
	fact := blank()
	if len(env.Fact) == 0 || env.Fact[0] != '{' {
		return nil, fmt.Errorf("read event: %s has no fact", env.Type)
	}
	if err := json.Unmarshal(env.Fact, fact); err != nil {
		return nil, fmt.Errorf("read event: %s: %w", env.Type, err)
	}
	if f, ok := fact.(interface{ check() error }); ok {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("read event: %s: %w", env.Type, err)
		}
	}
	return &Event{At: env.At, By: env.By, Key: env.Key, Body: env.Body, Count: env.Count, Fact: fact, raw: data}, nil
}

// Apply folds one event as the given version, which must be the next one. The
// event is not kept, but what its fact points to is.
func (s *State) Apply(version uint64, e *Event) error {
	if version != s.Version+1 {
		return fmt.Errorf("fold %s at %d: the state is at %d", e.Type(), version, s.Version)
	}
	assign(s, &s.Version, version)
	assign(s, &s.At, e.At)
	if e.Key != "" {
		set(s, s.Answered, e.Key, Answer{Body: e.Body, First: version, Count: e.Count, At: e.At})
	}
	e.Fact.apply(s, e)
	return nil
}

// Type is the event's name in the log.
func (e *Event) Type() string { return e.Fact.kind() }
