package vault

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEachOpensEveryRecordAndCountsThoseThatStayClosed(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	var want []string
	for i := range page + 3 {
		ticket := fmt.Sprintf("t%04d", i)
		want = append(want, ticket)
		if err := h.Put(ctx, "bandung", ticket, sri, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := New(h.records, ringOf(t, 2), h.now).Put(ctx, "bandung", "foreign", sri, time.Hour); err != nil {
		t.Fatal(err)
	}
	var got []string
	closed, err := h.Each(ctx, func(k Kept) error {
		got = append(got, k.Ticket)
		if k.Office != "bandung" || k.Person.NIK != sri.NIK || k.Expires.IsZero() || k.Written.IsZero() {
			t.Errorf("%s lacks something", k.Ticket)
		}
		return nil
	})
	if diff := cmp.Diff(want, got); diff != "" || err != nil || closed != 1 {
		t.Error(diff, err, closed)
	}
}

func TestAForgottenIdentityNamesNobodyUnderAnyKeyAndBooksAgain(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	first, second, third := Holder{"bandung", "a1"}, Holder{"jakarta", "b1"}, Holder{"jakarta", "b2"}
	for n, holder := range []Holder{first, second} {
		if foreign, err := h.Claim(ctx, Claim{Place(sri.NIK, n), holder}); len(foreign) > 0 || err != nil {
			t.Fatal(foreign, err)
		}
	}
	both := New(h.records, ringOf(t, 2, 1), h.now)
	held := func(v *Vault, want ...Holder) {
		t.Helper()
		got, err := v.Holders(ctx, sri.NIK)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	held(both, first, second)
	if err := both.Forget(ctx, sri.NIK, second, third); err != nil {
		t.Fatal(err)
	}
	held(both, first, nobody())
	if err := both.Forget(ctx, sri.NIK, second, first); err != nil {
		t.Fatal(err)
	}
	for _, v := range []*Vault{both, h.Vault, New(h.records, ringOf(t, 2), h.now)} {
		held(v, nobody(), nobody())
	}
	foreign, err := both.Claim(ctx, Claim{sri.NIK, third})
	if diff := cmp.Diff([]Claim{{sri.NIK, nobody()}}, foreign); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if held, err := both.Takeover(ctx, sri.NIK, foreign[0].Holder, third); held != third || err != nil {
		t.Errorf("Takeover = %v, %v", held, err)
	}
}

func TestNotesOfTwoOfficersAreBothKeptAndARepetitionIsOne(t *testing.T) {
	ctx, h := context.Background(), newHall(t, ringOf(t, 1))
	var wg sync.WaitGroup
	for _, id := range []string{"one", "two"} {
		wg.Go(func() {
			for range 2 {
				if err := h.Write(ctx, "bandung", "a1", Note{ID: id, Act: "call", Text: "sakit " + id}, time.Hour); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	notes, err := h.Notes(ctx, "bandung", "a1")
	if err != nil || len(notes) != 2 {
		t.Fatalf("%d notes, %v", len(notes), err)
	}
	if said := fmt.Sprintf("%v %+v %#v", notes, notes[0], notes[0]); strings.Contains(said, "sakit") {
		t.Errorf("a note prints as %s", said)
	}
	sealed, err := h.records.Get(ctx, "note/bandung/a1")
	if err != nil || strings.Contains(string(sealed), "sakit") {
		t.Errorf("the record is %q, %v", sealed, err)
	}
	if err := h.Erase(ctx, "bandung", "a1"); err != nil {
		t.Fatal(err)
	}
	if notes, err := h.Notes(ctx, "bandung", "a1"); err != nil || len(notes) != 0 {
		t.Errorf("after erasing %d notes, %v", len(notes), err)
	}
	if err := h.Write(ctx, "bandung", "a1", Note{ID: "x"}, 0); err == nil {
		t.Error("a note is kept for ever")
	}
}

func TestANIKIsBroughtIntoOneForm(t *testing.T) {
	for given, want := range map[string]string{
		"3273 0101 0190 0001": "", "3273.0101.0190.0001": "", "327301010190001": "field.nik.length",
		"": "field.nik.required", "3273013913900001": "field.nik.date",
	} {
		if _, wrong := NormalNIK(given); wrong != want {
			t.Errorf("%q: %q, want %q", given, wrong, want)
		}
	}
}
