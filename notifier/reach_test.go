package notifier

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"antrean/internal/queue"
)

// counted is a store that counts how often people are looked up.
type counted struct {
	store
	singly, together atomic.Int64
}

func (c *counted) Get(ctx context.Context, key string) ([]byte, error) {
	if strings.HasPrefix(key, "vault/") || strings.HasPrefix(key, "push/") {
		c.singly.Add(1)
	}
	return c.store.Get(ctx, key)
}

func (c *counted) GetAll(ctx context.Context, keys ...string) ([][]byte, error) {
	c.together.Add(1)
	return c.store.GetAll(ctx, keys...)
}

func TestThePeopleOfARushAreLookedUpTogether(t *testing.T) {
	c := &counted{store: embeddedStore(t)}
	h, phone := openHouse(t, c, func(k *queue.Config) { k.Services[0].SlotCapacity.Places = 500 }), newTray("phone")
	h.tell(nil, phone)()
	const booked = 200
	slot := time.Now().Add(30 * time.Hour).Truncate(time.Hour)
	for i := range booked {
		id := fmt.Sprintf("b%03d", i)
		h.person(id)
		h.do("applicant", queue.Book{IDs: []string{id}, Service: "baru", Slot: slot})
	}
	h.tell(nil, phone)
	phone.await(t, Booked, booked)
	// A line holds so many claims; the first steps may find less in the log.
	if singly, together := c.singly.Load(), c.together.Load(); singly > 0 || together > booked/mostInLine+4 {
		t.Errorf("people were looked up %d times singly and %d times together", singly, together)
	}
}

func TestALaneReadsAheadAndTakesEverythingOnce(t *testing.T) {
	h := newHall(t)
	var want []string
	for i := range 30 {
		id := fmt.Sprintf("b%02d", i)
		h.at("2026-11-24 08:00", "applicant", queue.Book{IDs: []string{id, id + "x"}, Service: "ganti", Slot: clock("2026-11-25 09:00")})
		h.at("2026-11-24 08:00", "applicant", queue.Confirm{Ticket: id}) // of which nobody is told
		want = append(want, id, id+"x")
	}
	read := h.entries()
	for _, stop := range []int{0, 1, 7, 58} { // taken before another node goes on from the mark
		l := lane{haste: calm, at: mark{After: 1}}
		var got []string
		for {
			n, found, err := l.peek(t.Context(), read)
			if err != nil {
				t.Fatal(err)
			}
			if !found {
				break
			}
			ahead := 0
			for ticket := range l.tickets() {
				if ticket != want[len(got)+ahead] {
					t.Fatalf("%s comes as number %d, want %s", ticket, len(got)+ahead, want[len(got)+ahead])
				}
				if ahead++; ahead == 5 {
					break
				}
			}
			got = append(got, n.Ticket)
			if l.take(); len(got) == stop {
				again := lane{haste: calm}
				again.goTo(l.at)
				l = again
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("taken are %v", got)
		}
		if l.at.After != h.state.Version {
			t.Errorf("the lane ends at %d of %d", l.at.After, h.state.Version)
		}
	}
}
