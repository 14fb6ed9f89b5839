package vault

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestManyPeopleAreLookedUpAtOnce(t *testing.T) {
	h := newHall(t, ringOf(t, 1))
	phone := browser(t, "https://push.example/1")
	for _, ticket := range []string{"both", "person"} {
		if err := h.Put(t.Context(), "bandung", ticket, sri, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	for _, ticket := range []string{"both", "browser"} {
		if err := h.Subscribe(t.Context(), "bandung", ticket, phone, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := New(h.records, ringOf(t, 7), h.now).Put(t.Context(), "bandung", "lost", sri, time.Hour); err != nil {
		t.Fatal(err)
	}
	got, err := h.Reach(t.Context(), "bandung", "browser", "none", "both", "lost", "person")
	if err != nil {
		t.Fatal(err)
	}
	want := []Reached{
		{Subscriptions: []Subscription{phone}}, {}, {Person: sri, Subscriptions: []Subscription{phone}}, {}, {Person: sri},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := h.Reach(t.Context(), "bandung", "a/b"); err == nil {
		t.Error("a ticket of another shelf is looked up")
	}
}
