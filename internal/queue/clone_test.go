package queue

import (
	"reflect"
	"testing"
)

// A field that Clone forgets would let the writer's undecided events show
// through to readers.
func TestCloneSharesNoMap(t *testing.T) {
	s := NewState("bandung")
	s.waiting["berkas"] = make([]*Ticket, 1, 8)
	s.parties["p"] = make([]string, 1, 8)
	s.barred[placeKey{}] = make([]Hold, 1, 8)
	c := s.Clone()
	was, is := reflect.ValueOf(s).Elem(), reflect.ValueOf(c).Elem()
	maps := 0
	for _, field := range reflect.VisibleFields(was.Type()) {
		if field.Type.Kind() != reflect.Map {
			continue
		}
		maps++
		if f := was.FieldByIndex(field.Index); f.IsNil() || f.Pointer() == is.FieldByIndex(field.Index).Pointer() {
			t.Errorf("%s is shared, or was never made", field.Name)
		}
	}
	if maps < 12 {
		t.Errorf("looked at %d maps only", maps)
	}
	if &s.waiting["berkas"][0] == &c.waiting["berkas"][0] || &s.parties["p"][0] == &c.parties["p"][0] || &s.barred[placeKey{}][0] == &c.barred[placeKey{}][0] {
		t.Error("a list that is changed in place is shared")
	}
}
