package display

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/staff"
)

func TestAnEarlierHourElsewhereIsNamed(t *testing.T) {
	h := embedded(t)
	h.ask("GET", "/api/v1/offices", nil).is(200) // both offices are awake
	sooner := func(query string) (hours []string) {
		t.Helper()
		var v slotsView
		h.ask("GET", "/api/v1/offices/bandung/slots?service=paspor-baru"+query, nil).is(200, &v)
		for _, s := range v.Sooner {
			if s.Name == "" || s.Address == "" || s.Service != "paspor-baru" || s.End.Sub(s.Start) != time.Hour {
				t.Errorf("%+v", s)
			}
			hours = append(hours, s.Office+" "+s.Start.Format(time.RFC3339))
		}
		return hours
	}
	is := func(got []string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	none := map[string]any{"service": "paspor-baru", "places": 0}
	is(sooner("")) // both are free this hour
	h.at(staff.Supervisor, "days/2026-11-24/capacity", none).is(200)
	is(sooner(""), "soekarno-hatta 2026-11-24T08:30:00+07:00")
	is(sooner("&people=5"), "soekarno-hatta 2026-11-24T08:30:00+07:00")
	is(sooner("&people=6")) // more than a booking may be for
	is(sooner("&from=2026-11-25"))
	is(sooner("&from=2026-11-24"), "soekarno-hatta 2026-11-24T08:30:00+07:00")

	there := "/api/v1/offices/soekarno-hatta/"
	supervisor := h.named("kepala", staff.Supervisor, "soekarno-hatta")
	h.ask("POST", there+"days/2026-11-24/capacity", none, supervisor...).is(200)
	h.clock.pass(hoursKept)
	is(sooner("")) // tomorrow's first hour is as early here
	h.ask("POST", there+"days/2026-11-24/capacity", map[string]any{"service": "paspor-baru", "usual": true}, supervisor...).is(200)
	h.clock.pass(hoursKept)
	is(sooner(""), "soekarno-hatta 2026-11-24T08:30:00+07:00")
	h.ask("POST", there+"suspend", map[string]any{"reason": "Listrik padam"}, supervisor...).is(200)
	h.clock.pass(hoursKept)
	is(sooner(""))
}
