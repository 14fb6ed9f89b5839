package jobs

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/config"
	"antrean/internal/queue"
)

func TestEveryDayThatHasTicketsLeftOverIsEnded(t *testing.T) {
	office := config.Default()[0]
	s := queue.NewState(office.ID)
	s.Config = &office
	s.Tickets["over the weekend"] = &queue.Ticket{Date: "2026-11-20", Status: queue.Booked}
	s.Tickets["long done"] = &queue.Ticket{Date: "2026-11-19", Status: queue.Done}
	s.Tickets["to come"] = &queue.Ticket{Date: "2026-11-25", Status: queue.Booked}
	want := []queue.Ask{
		queue.EndDay{Date: "2026-11-20", IfEmpty: true},
		queue.EndDay{Date: "2026-11-23", IfEmpty: true},
		queue.EndDay{Date: "2026-11-24", IfEmpty: true},
	}
	if diff := cmp.Diff(want, endDays(s, morning)); diff != "" {
		t.Error(diff)
	}
}
