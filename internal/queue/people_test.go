package queue

import "testing"

func TestErasingTwiceIsOneEventAndNothingIsUndoneAfterIt(t *testing.T) {
	o := newOffice(t)
	served(o)
	o.do("ani", Complete{Counter: "1"})
	if events := o.do("admin", ErasePeople{Tickets: []string{"c1", "left-long-ago"}}); len(events) == 0 {
		t.Fatal("nothing was erased")
	}
	if o.live.Tickets["c1"].Erased.IsZero() {
		t.Error("the ticket does not say that its person is erased")
	}
	if !o.live.Fenced("c1") || !o.live.Fenced("left-long-ago") {
		t.Error("an erased person's ticket may come back")
	}
	version := o.live.Version
	o.do("admin", ErasePeople{Tickets: []string{"c1"}})
	if o.live.Version != version {
		t.Error("erasing twice is written twice")
	}
	if got := o.refused("ani", UndoLast{"1"}); got != "wrong_state: others_went_on" {
		t.Errorf("undone after erasing: %s", got)
	}
	o.same()
}

func TestTheLogHoldsNoWordsOfAReason(t *testing.T) {
	for reason, want := range map[string]string{"pingsan di lobi": OtherNote, "missed_call": "missed_call", OtherNote: OtherNote, " mistake": OtherNote} {
		if got := NoteOf(reason); got != want {
			t.Errorf("%q is %q in the log", reason, got)
		}
	}
}
