package queue

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestNumbersRiseWithTheTimeOfDay: in whatever order the hours of a day are
// booked, whoever comes later has the higher number, and the door's come last.
func TestNumbersRiseWithTheTimeOfDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const date = "2026-11-24"
		o := newOffice(t, func(c *Config) {
			c.Services[0].SlotCapacity = Capacity{Places: rapid.IntRange(1, 6).Draw(t, "places"), Priority: rapid.IntRange(0, 2).Draw(t, "priority")}
			if rapid.Bool().Draw(t, "special") {
				c.Special = map[string]Special{date: {SlotCapacity: map[string]Capacity{"baru": {Places: rapid.IntRange(1, 9).Draw(t, "that day")}}}}
			}
		})
		slots := o.live.Config.Calendar().Slots(date, o.live.Config.Booking.Slot.D())
		for i := range rapid.IntRange(1, 40).Draw(t, "bookings") {
			book := Book{Service: "baru", Slot: rapid.SampledFrom(slots).Draw(t, "slot").Start, Priority: rapid.Bool().Draw(t, "lane")}
			for k := range rapid.IntRange(1, 3).Draw(t, "people") {
				book.IDs = append(book.IDs, fmt.Sprintf("b%d-%d", i, k))
			}
			_, _ = o.try("applicant", book) // many are full
		}
		highest := 0
		for _, a := range o.live.Tickets {
			highest = max(highest, a.Seq)
			for _, b := range o.live.Tickets {
				if a.Slot.Start.Before(b.Slot.Start) && a.Seq >= b.Seq {
					t.Fatalf("%s at %s, %s at %s", a.Number, a.Slot.Start, b.Number, b.Slot.Start)
				}
			}
		}
		o.at(date+" 08:00").issue("baru", "w")
		if w := o.ticket("w"); w.Seq <= highest {
			t.Fatalf("at the door %s, booked up to %d", w.Number, highest)
		}
	})
}
