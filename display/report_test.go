package display

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/figures"
	"antrean/internal/staff"
)

// Two officers serve one after the other at the same counter, Budi last.
func TestWhoDoesNotSuperviseSeesTheirOwnFiguresAlone(t *testing.T) {
	h := embedded(t)
	as := map[string][]string{
		"sari": h.named("sari", staff.Officer, "bandung"), "budi": h.named("budi", staff.Officer, "bandung"),
		"meja": h.named("meja", staff.Desk, "bandung"), "kepala": h.named("kepala", staff.Supervisor, "bandung"),
	}
	act := func(who, act string) {
		t.Helper()
		h.clock.pass(time.Minute)
		h.ask("POST", "/api/v1/offices/bandung/counters/3/"+act, nil, as[who]...).is(200)
	}
	for range 3 {
		h.walkIn("penggantian", false)
	}
	act("sari", "open")
	for _, step := range []string{"next", "serve", "complete", "next", "serve", "complete", "close"} {
		act("sari", step)
	}
	act("budi", "open")
	for _, step := range []string{"next", "serve", "complete"} {
		act("budi", step)
	}

	for _, c := range []struct {
		who, asks, told string
		tickets, served int
		officers        []string
		last            string // who is named at the counter
	}{
		{who: "sari", told: "sari", served: 2, officers: []string{"sari"}, last: "sari"},
		{who: "sari", asks: "budi", told: "sari", served: 2, officers: []string{"sari"}, last: "sari"},
		{who: "budi", told: "budi", served: 1, officers: []string{"budi"}, last: "budi"},
		{who: "meja", told: "meja"},
		{who: "meja", asks: "sari", told: "meja"},
		{who: "kepala", tickets: 3, served: 3, officers: []string{"budi", "sari"}, last: "budi"},
		{who: "kepala", asks: "budi", told: "budi", served: 1, officers: []string{"budi"}, last: "budi"},
	} {
		var r figures.Report
		h.ask("GET", "/api/v1/offices/bandung/report?officer="+c.asks, nil, as[c.who]...).is(200, &r)
		if r.Officer != c.told || r.Total.Tickets != c.tickets || r.Total.Served != c.served || r.Counters["3"].Served != c.served || r.Counters["3"].Officer != c.last {
			t.Errorf("%s, who asks for %q, is told of %q: %+v, at the counter %+v", c.who, c.asks, r.Officer, r.Total, r.Counters["3"])
		}
		if d := cmp.Diff(c.officers, slices.Sorted(maps.Keys(r.Officers))); d != "" {
			t.Errorf("%s, who asks for %q: %s", c.who, c.asks, d)
		}
	}
	h.ask("GET", "/api/v1/offices/bandung/report", nil, h.as(staff.Kiosk)...).problem(403, "forbidden")
}
