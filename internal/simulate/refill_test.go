package simulate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"antrean/internal/calendar"
	"antrean/internal/config"
	"antrean/internal/queue"
)

// A log of a morning with one released place, told fact by fact.
func TestAReleasedPlaceIsFollowedToItsNextOwner(t *testing.T) {
	wib := time.FixedZone("WIB", 7*3600)
	at := func(clock string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-11-24 "+clock, wib)
		if err != nil {
			t.Fatal(err)
		}
		return when.UTC()
	}
	hour := func(clock string) *calendar.Interval {
		return &calendar.Interval{Start: at(clock), End: at(clock).Add(time.Hour)}
	}
	office := config.Default()[0]
	if errs := office.Prepare(); len(errs) > 0 {
		t.Fatal(errs[0])
	}
	booked := func(id, number, clock string, standby bool) *queue.Ticket {
		ticket := &queue.Ticket{
			ID: id, Number: number, Service: "paspor-baru", Stage: "berkas", Status: queue.Booked, Lane: queue.Appointment,
			Date: "2026-11-24", Slot: hour(clock), ArriveBy: at(clock).Add(30 * time.Minute),
		}
		if standby {
			ticket.Standby = &queue.Standby{Minutes: 15, Since: at("07:00:00")}
		}
		return ticket
	}
	released := &queue.PlacesReleased{Tickets: []string{"gone"}}
	offered := func(to string) queue.Fact {
		return &queue.PlacesOffered{Offers: []queue.Offered{{Ticket: to, Offer: queue.Offer{Slot: *hour("07:30:00"), Date: "2026-11-24", Expires: at("08:05:05")}}}}
	}
	taken := func(by string) queue.Fact {
		return &queue.TicketsMoved{Why: queue.FromStandby, Moves: []queue.Move{{Ticket: by, Slot: *hour("07:30:00"), Date: "2026-11-24", Number: "A-031"}}}
	}
	type told struct {
		at   string
		fact queue.Fact
	}
	over := told{"08:31:00", &queue.NoticesSet{}}
	for name, c := range map[string]struct {
		standby bool
		then    []told
		want    Refill
		share   float64
	}{
		"nobody could take it":    {false, []told{{"08:00:05", released}, over}, Refill{Released: 1}, 1},
		"taken":                   {true, []told{{"08:00:05", released}, {"08:00:05", offered("far")}, {"08:01:00", taken("far")}, over}, Refill{Released: 1, Wanted: 1, Offered: 1, Refilled: 1, OfferP50: 5, OfferMax: 5}, 1},
		"kept back":               {true, []told{{"08:00:05", released}, over}, Refill{Released: 1, Wanted: 1}, 0},
		"offered late":            {true, []told{{"08:00:05", released}, {"08:02:00", offered("far")}, {"08:03:00", taken("far")}, over}, Refill{Released: 1, Wanted: 1, Offered: 1, Refilled: 1, OfferP50: 120, OfferMax: 120}, 1},
		"not answered":            {true, []told{{"08:00:05", released}, {"08:00:05", offered("far")}, {"08:05:06", &queue.OffersLapsed{Tickets: []string{"far"}}}, over}, Refill{Released: 1, Wanted: 1, Offered: 1, Unanswered: 1, OfferP50: 5, OfferMax: 5}, 1},
		"somebody asks afterward": {false, []told{{"08:00:05", released}, {"08:10:00", &queue.StandbyChanged{Ticket: "far", Standby: &queue.Standby{Minutes: 15, Since: at("08:10:00")}}}, {"08:10:01", offered("far")}, {"08:15:02", &queue.OffersLapsed{Tickets: []string{"far"}}}, over}, Refill{Released: 1, Wanted: 1, Offered: 1, Unanswered: 1, OfferP50: 1, OfferMax: 1}, 1},
		"booked by another":       {true, []told{{"08:00:05", released}, {"08:01:00", &queue.TicketsBooked{Tickets: []*queue.Ticket{booked("new", "A-031", "07:30:00", false)}}}, over}, Refill{Released: 1, Wanted: 1, Refilled: 1, Booked: 1}, 1},
		"too far away":            {true, []told{{"08:20:00", released}, over}, Refill{Released: 1}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var got Refill
			s, places := queue.NewState("bandung"), &watch{refill: &got}
			for i, e := range append([]told{
				{"07:00:00", &queue.OfficeConfigured{Config: &office}},
				{"07:00:00", &queue.TicketsBooked{Tickets: []*queue.Ticket{booked("gone", "A-001", "07:30:00", false)}}},
				{"07:00:00", &queue.TicketsBooked{Tickets: []*queue.Ticket{booked("far", "A-200", "13:00:00", c.standby)}}},
			}, c.then...) {
				places.before(s, e.fact)
				if err := s.Apply(uint64(i+1), &queue.Event{At: at(e.at), Fact: e.fact}); err != nil {
					t.Fatal(err)
				}
				places.after(s, e.fact)
			}
			got.measure()
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(Refill{})); diff != "" {
				t.Error(diff)
			}
			if got.Share() != c.share {
				t.Errorf("a share of %g", got.Share())
			}
		})
	}
}
