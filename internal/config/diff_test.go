package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

func TestDiffNamesWhatChanged(t *testing.T) {
	old, new := Default()[0], Default()[0]
	if changes := Diff(old, new); changes != nil {
		t.Errorf("equal configurations differ: %v", changes)
	}
	new.Name = "Kantor Imigrasi Bandung"
	new.Hours["sat"] = []string{"08:00-11:00"}
	new.Special = map[string]queue.Special{"2026-12-24": {Special: calendar.Special{Hours: []string{}}}}
	new.Booking.Slot = calendar.Duration(30 * time.Minute)
	new.Calling.PriorityShare = queue.Ratio{Num: 1, Den: 2}
	new.Services[1].Fee = 650000
	new.Services[1].WalkinCapacity = nil
	new.Messages = map[string]map[string]queue.Wording{"id": {"called": {Title: "{number}"}}}
	new.Counters = append([]queue.CounterConfig{{ID: "0", Name: "Loket 0", Stages: []string{"berkas"}}}, new.Counters[:9]...)
	want := []string{
		`name: Kantor Imigrasi Kelas I Bandung -> Kantor Imigrasi Bandung`,
		`hours.sat: (none) -> [08:00-11:00]`,
		`special.2026-12-24: (none) -> []`,
		`booking.slot: 1h -> 30m`,
		`calling.priority_share: 1/3 -> 1/2`,
		`services[penggantian].fee: 350000 -> 650000`,
		`services[penggantian].walkin_capacity: 20 -> (none)`,
		`counters: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] -> [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]`,
		`counters[0].name: (none) -> Loket 0`,
		`counters[0].stages: (none) -> [berkas]`,
		`counters[10].name: Loket 10 -> (none)`,
		`counters[10].spoken: loket sepuluh -> (none)`,
		`messages.id.called.title: (none) -> {number}`,
	}
	var got []string
	for _, c := range Diff(old, new) {
		got = append(got, c.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
