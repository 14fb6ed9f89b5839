package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/queue"
)

const fasting = `offices:
  - id: bandung
    name: Kantor Imigrasi
    timezone: Asia/Jakarta
    hours: {mon-fri: ["07:30-12:00"]}
    special:
      "2027-02-08..2027-03-09":
        mon-thu: ["08:00-12:00"]
        fri: ["08:00-11:00"]
      "2027-02-20":
        hours: ["08:00-10:00"]
        slot_capacity: {paspor: 3, umrah: {priority: 1, appointment: 2}}
      "2027-02-22": {slot_capacity: {paspor: 0}}
      "2027-02-24": []
    stages: [{id: berkas, name: {id: Berkas}}]
    services:
      - {id: paspor, prefix: A, name: {id: Paspor}, stages: [berkas], slot_capacity: {priority: 2, appointment: 8}}
      - {id: umrah, prefix: B, name: {id: Umrah}, stages: [berkas], slot_capacity: auto, service_time: 20m}
    counters: [{id: 1, name: Loket 1}, {id: 2, name: Loket 2, services: [umrah]}]
`

func TestRangesSaturdaysAndPlacesAreRead(t *testing.T) {
	offices, err := Load("f", []byte(fasting))
	if err != nil {
		t.Fatal(err)
	}
	o := &offices[0]
	want := map[string]queue.Capacity{"paspor": {Places: 8, Priority: 2}, "umrah": {Auto: true}}
	got := map[string]queue.Capacity{}
	for _, s := range o.Services {
		got[s.ID] = s.SlotCapacity
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if opens, closes, ok := o.Calendar().Bounds("2027-02-12"); !ok || opens.Hour() != 8 || closes.Hour() != 11 {
		t.Errorf("a Friday of the range is open from %s to %s", opens, closes)
	}
	if diff := cmp.Diff([]string{"2027-02-20", "2027-02-22"}, datesWithPlaces(o)); diff != "" {
		t.Error(diff)
	}
}

func datesWithPlaces(o *queue.Config) (dates []string) {
	for _, key := range []string{"2027-02-08..2027-03-09", "2027-02-20", "2027-02-22", "2027-02-24"} {
		if len(o.Special[key].SlotCapacity) > 0 {
			dates = append(dates, key)
		}
	}
	return dates
}

func TestMistakesInRangesAndPlacesAreNamedWithTheirLines(t *testing.T) {
	text := strings.NewReplacer(
		`fri: ["08:00-11:00"]`, `fri: ["11:00-08:00"]`+"\n        sat: 08-11",
		`paspor: 3, umrah: {priority: 1, appointment: 2}`, `paspor: many, visa: 2`,
		`"2027-02-22": {slot_capacity: {paspor: 0}}`, `"2027-02-22": {slot_capacity: {visa: 1}}`,
		`"2027-02-24": []`, `"2027-02-24..2027-02-25": []`+"\n      \"2027-02-30\": 7\n      \"2027-02-26\": {}\n      \"2027-02-27\": {closed: true}",
		`slot_capacity: {priority: 2, appointment: 8}`, `slot_capacity: {priority: 2, walkin: 8}`,
		`service_time: 20m`, `service_time: 25h`,
	).Replace(fasting)
	_, err := Load("f", []byte(text))
	want := []string{
		`f:9: offices[0].special.2027-02-08..2027-03-09.fri[0]: "11:00-08:00" ends before it begins (HH:MM-HH:MM)`,
		`f:10: offices[0].special.2027-02-08..2027-03-09.sat: a list of hours is expected (["08:00-11:00"])`,
		`f:13: offices[0].special.2027-02-20.slot_capacity.paspor: "many" is no capacity (a number, "auto", or {"priority": 5, "appointment": 25})`,
		`f:14: offices[0].special.2027-02-22.slot_capacity.visa: "visa" is not a service of this office (paspor, umrah)`,
		`f:15: offices[0].special.2027-02-24..2027-02-25: 2027-02-24 lies in "2027-02-08..2027-03-09" already (ranges do not overlap)`,
		`f:16: offices[0].special.2027-02-30: a list of hours is expected (["08:00-11:00"])`,
		`f:17: offices[0].special.2027-02-26: says nothing (hours like ["08:00-11:00"], [] if it is closed, or slot_capacity)`,
		`f:18: offices[0].special.2027-02-27.closed: a list of hours is expected (["08:00-11:00"])`,
		`f:21: offices[0].services[0].slot_capacity: {"priority":2,"walkin":8} is no capacity (a number, "auto", or {"priority": 5, "appointment": 25})`,
		`f:22: offices[0].services[1].service_time: 25h is out of range (1s to 1d)`,
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var errs Errors
	if !errors.As(err, &errs) || errs[0].Line != 9 {
		t.Errorf("%#v", errs)
	}

	overlap := strings.Replace(fasting, `"2027-02-24": []`, `"2027-03-09..2027-03-10": []`, 1)
	if _, err := Load("f", []byte(overlap)); err == nil || err.Error() != `f:14: offices[0].special.2027-03-09..2027-03-10: 2027-03-09 lies in "2027-02-08..2027-03-09" already (ranges do not overlap)` {
		t.Errorf("two ranges with one date: %v", err)
	}
}

// Each duration has a shortest and a longest that make sense; what lies outside
// is named with what is allowed.
func TestDurationsHaveLimits(t *testing.T) {
	for written, want := range map[string]string{
		"booking: {slot: 999ms}":              `offices[0].booking.slot: 999ms is out of range (1s to 1d)`,
		"booking: {slot: 25h}":                `offices[0].booking.slot: 25h is out of range (1s to 1d)`,
		"booking: {horizon: 367d}":            `offices[0].booking.horizon: 367d is out of range (1s to 366d)`,
		"booking: {reschedule_until: 400d}":   `offices[0].booking.reschedule_until: 400d is out of range (0s to 366d)`,
		"booking: {payment_within: 367d}":     `offices[0].booking.payment_within: 367d is out of range (1s to 366d)`,
		"noshow: {check_in_grace: 25h}":       `offices[0].noshow.check_in_grace: 25h is out of range (1s to 1d)`,
		"noshow: {absent_after: 2d}":          `offices[0].noshow.absent_after: 2d is out of range (0s to 1d)`,
		"noshow: {standby_offer: 500ms}":      `offices[0].noshow.standby_offer: 500ms is out of range (1s to 1d)`,
		"noshow: {future_release_delay: 31d}": `offices[0].noshow.future_release_delay: 31d is out of range (0s to 30d)`,
		"calling: {ceiling: 8d}":              `offices[0].calling.ceiling: 8d is out of range (1s to 7d)`,
		"calling: {undo_within: 2h}":          `offices[0].calling.undo_within: 2h is out of range (1s to 1h)`,
		"calling: {offsets: {walkin: 8d}}":    `offices[0].calling.offsets.walkin: 8d is out of range (0s to 7d)`,
		"retention: {personal: 4000d}":        `offices[0].retention.personal: 4000d is out of range (1s to 3660d)`,
		"retention: {log: 4000d}":             `offices[0].retention.log: 4000d is out of range (1s to 3660d)`,
		"booking: {slot: soon}":               `offices[0].booking.slot: "soon" is no duration (like "90s", "60m", "24h", "30d" or "1h30m")`,
		"booking: {slot: 1h, horizon: -1d}":   `offices[0].booking.horizon: "-1d" is no duration (like "90s", "60m", "24h", "30d" or "1h30m")`,
	} {
		_, err := Load("f", []byte(smallest+"    "+written+"\n"))
		if err == nil || err.Error() != "f:8: "+want {
			t.Errorf("%s:\ngot  %v\nwant f:8: %s", written, err, want)
		}
	}
	for _, written := range []string{
		"booking: {slot: 1s, horizon: 1s, payment_within: 1s, reschedule_until: 1s}",
		"noshow: {check_in_grace: 1s, absent_after: 0s, standby_offer: 1s, future_release_delay: 1s}",
		"calling: {ceiling: 1s, undo_within: 1s, offsets: {priority: 0s, appointment: 1s, walkin: 1s}}",
		"retention: {personal: 1s, log: 1s}",
	} {
		if _, err := Load("f", []byte(smallest+"    "+written+"\n")); err != nil {
			t.Errorf("%s: %v", written, err)
		}
	}
}
