package queue

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTheOrderIsWhatEachIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewState("bandung")
		moment := func(name string) time.Time {
			return time.Unix(int64(rapid.IntRange(0, 20).Draw(t, name)), 0)
		}
		for i := range rapid.IntRange(0, 30).Draw(t, "waiting") {
			s.waiting["berkas"] = append(s.waiting["berkas"], &Ticket{
				ID: strconv.Itoa(i), Seq: i, Stage: "berkas", Due: moment("due"), Since: moment("since"), Arrived: moment("arrived"),
				Lane: rapid.SampledFrom([]Lane{Priority, Appointment, Walkin}).Draw(t, "lane"), Deferred: rapid.IntRange(0, 5).Draw(t, "deferred") == 0,
			})
		}
		slices.SortFunc(s.waiting["berkas"], senior)
		order := s.Order("berkas")
		for _, ticket := range s.waiting["berkas"] {
			if got, want := order[ticket.ID], s.Ahead(ticket); got != want {
				t.Errorf("%+v: %d ahead in the order, told %d", ticket, got, want)
			}
		}
	})
}
