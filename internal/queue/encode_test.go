package queue

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The envelope is written by hand; whatever its texts hold, it reads back.
func TestAnEventReadsBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "sari", "a\"b", `a\b`, "<é>", "\x00", "\u2028"}))
		e := &Event{
			At: time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at")).UTC(), By: text.Draw(t, "by"),
			Key: text.Draw(t, "key"), Body: text.Draw(t, "body"), Count: rapid.IntRange(0, 9).Draw(t, "count"),
			Fact: &NoticesSet{Notices: []Notice{Plain(text.Draw(t, "notice"))}},
		}
		data, err := Encode(e)
		if err != nil || !json.Valid(data) {
			t.Fatalf("%v: %s", err, data)
		}
		again, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		again.raw = nil
		if diff := cmp.Diff(e, again, cmp.AllowUnexported(Event{})); diff != "" {
			t.Fatal(diff)
		}
	})
}
