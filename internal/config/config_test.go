package config

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// sameOffices compares what is written, not what is prepared from it.
var sameOffices = cmp.Options{cmpopts.IgnoreUnexported(queue.Config{}), cmpopts.EquateEmpty()}

const smallest = `offices:
  - id: bandung
    name: Kantor Imigrasi
    timezone: Asia/Jakarta
    hours: {mon-fri: ["07:30-12:00"]}
    stages: [{id: berkas, name: {id: Berkas}}]
    services: [{id: paspor, prefix: A, name: {id: Paspor}, stages: [berkas]}]
`

func TestTheBuiltInOfficesAreThoseOfBandung(t *testing.T) {
	offices := Default()
	type figures struct {
		ID       string
		Counters int
		Places   int // an hour
	}
	var got []figures
	for _, o := range offices {
		f := figures{ID: o.ID, Counters: len(o.Counters)}
		for _, s := range o.Services {
			f.Places += s.SlotCapacity.Total()
			if s.Fee != 350000 {
				t.Errorf("%s: the fee of %s is %d", o.ID, s.ID, s.Fee)
			}
		}
		got = append(got, f)
	}
	if diff := cmp.Diff([]figures{{"bandung", 10, 50}, {"soekarno-hatta", 4, 16}}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if again := Default(); &again[0].Services[0] == &offices[0].Services[0] {
		t.Error("two callers share their offices")
	}
}

func TestTheFileOfTheProtocolIsRead(t *testing.T) {
	text, err := os.ReadFile("testdata/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	offices, err := Load("protocol.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	o := offices[0]
	if o.Counters[1].Lanes[0] != queue.Priority || o.Calling.PriorityShare != (queue.Ratio{Num: 1, Den: 3}) || o.Services[0].PickupAfter != 4 {
		t.Errorf("read %+v", o)
	}
	if opens, _, ok := o.Calendar().Bounds("2026-12-24"); !ok || opens.Format("15:04") != "08:00" {
		t.Errorf("the special date opens at %v", opens)
	}
}

func TestJSONIsReadAsWell(t *testing.T) {
	offices, err := Load("offices.json", []byte(`{"offices": [{"id": "x", "name": "X", "timezone": "UTC", "hours": {"mon": ["08:00-09:00"]},
		"stages": [{"id": "s", "name": {"id": "S"}}], "services": [{"id": "p", "prefix": "A", "name": {"id": "P"}, "stages": ["s"], "walkin_capacity": 0}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if capacity := offices[0].Services[0].WalkinCapacity; capacity == nil || *capacity != 0 {
		t.Errorf("a quota of zero is read as %v", capacity)
	}
}

func TestEveryMistakeIsNamedWithItsLine(t *testing.T) {
	text := strings.NewReplacer(
		`"07:30-12:00"]`, `"07:30-12:00", "11:30-07:30"]`,
		"timezone: Asia/Jakarta", "timezone: Asia/Bandung\n    color: blue",
		"prefix: A", "prefix: A, fee: much, pickup_after: 4 days",
		"stages: [berkas]}]", "stages: [berkas, foto]}]\n    limits: {bookings: 9/1m, booking: 9/1m, tickets: many}\n    booking: [slot]\n    counters:\n      - {id: 1, name: {id: Loket}}\n      - id: 1\n        lanes: [fast]\n    noshow: {check_in_grace: 0s, absent_after: 0s, standby_offer: }\n    address: A\n    address: B",
	).Replace(smallest)
	_, err := Load("offices.yaml", []byte(text))
	want := []string{
		`offices.yaml:4: offices[0].timezone: "Asia/Bandung" is no time zone (an IANA name like Asia/Jakarta)`,
		`offices.yaml:5: offices[0].color: "color" is not known here (`,
		`offices.yaml:6: offices[0].hours.mon-fri[1]: "11:30-07:30" ends before it begins (HH:MM-HH:MM)`,
		`offices.yaml:8: offices[0].services[0].fee: "much" is not a whole number`,
		`offices.yaml:8: offices[0].services[0].pickup_after: "4 days" is no number of working days (`,
		`offices.yaml:8: offices[0].services[0].stages[1]: "foto" is not a stage of this office (berkas)`,
		`offices.yaml:9: offices[0].limits.tickets: "many" is not a rate (count/duration, such as 30/1m)`,
		`offices.yaml:9: offices[0].limits.booking: "booking" is not a limit (bookings, bookings_device, bookings_identity, codes, `,
		`offices.yaml:10: offices[0].booking: a mapping is expected (name: value)`,
		`offices.yaml:12: offices[0].counters[0].name: a single value is expected`,
		`offices.yaml:13: offices[0].counters[1].id: "1" is named twice`,
		`offices.yaml:13: offices[0].counters[1].name: is missing`,
		`offices.yaml:14: offices[0].counters[1].lanes[0]: "fast" is not a lane (`,
		`offices.yaml:15: offices[0].noshow.check_in_grace: 0 is out of range (above 0, or left out for the usual value)`,
		`offices.yaml:17: offices[0].address: stands in line 16 already (every name once)`,
	}
	got := strings.Split(err.Error(), "\n")
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			t.Errorf("missing: %s", want[i])
		case i >= len(want):
			t.Errorf("too much: %s", got[i])
		case !strings.HasPrefix(got[i], want[i]):
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
	var errs Errors
	if !errors.As(err, &errs) || errs[0].Line != 4 || errs[0].Field != "offices[0].timezone" || errs[0].File != "offices.yaml" {
		t.Errorf("the errors are %#v", err)
	}
}

func TestFilesThatAreNoConfigurationAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":            {"", "f:1: the file is empty (a list named offices)"},
		"a comment":        {"# nothing\n", "f:1: the file is empty (a list named offices)"},
		"no offices":       {"offices: []\n", "f:1: offices: at least one office is needed"},
		"not a mapping":    {"- offices\n", "f:1: a mapping is expected (name: value)"},
		"unknown":          {"office: []\n", `f:1: office: "office" is not known here (offices)`},
		"two documents":    {smallest + "---\n" + smallest, "f:9: a second document begins (one document with a list of offices)"},
		"an alias of none": {"offices: *all\n", "f:1: offices: nothing is named &all"},
		"an alias of self": {"offices: &a [*a]\n", "f:1: offices[0]: a mapping is expected (name: value)"},
		"a time unquoted":  {"offices: [{hours: {mon: [08:00-09:00]}}]\n", "f:1: offices[0].hours.mon[0]: a single value is expected (in quotes if it has a colon)"},
		"an anchor twice":  {"offices: [{id: &a x, name: &a y}]\n", "f:1: the anchor &a is set twice (every name once)"},
	} {
		_, err := Load("f", []byte(c.text))
		if err == nil || strings.Split(err.Error(), "\n")[0] != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	for _, text := range []string{"offices: [", "a: b: c", "offices:\n\t- id: x", "offices: []\noffices: []\n"} {
		var errs Errors
		if _, err := Load("f", []byte(text)); !errors.As(err, &errs) || len(errs) != 1 || errs[0].Line == 0 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Load("f", []byte(smallest+strings.TrimPrefix(smallest, "offices:\n"))); err == nil || !strings.Contains(err.Error(), `f:8: offices[1].id: "bandung" is named twice`) {
		t.Errorf("one id for two offices: %v", err)
	}
}

func TestAliasesCannotBlowUpAFile(t *testing.T) {
	text := "offices:\n- languages: &a [" + strings.Repeat("x,", 1000) + "x]\n  services:\n" + strings.Repeat("  - stages: *a\n", 1000)
	_, err := Load("f", []byte(text))
	if err == nil || !strings.Contains(err.Error(), "the file holds too much") {
		t.Errorf("got %.200v", err)
	}
}

func TestAFileFullOfMistakesIsReadToTheHundredth(t *testing.T) {
	_, err := Load("f", []byte("offices:\n"+strings.Repeat("- color: blue\n", 5000)))
	if lines := strings.Count(err.Error(), "\n") + 1; lines != 100 {
		t.Errorf("%d mistakes are named", lines)
	}
}

func TestWhatIsWrittenIsReadBackTheSame(t *testing.T) {
	zero := 0
	offices := Default()
	offices[0].Special = map[string]queue.Special{
		"2026-12-24":             {Special: calendar.Special{Hours: []string{"08:00-11:00"}}},
		"2026-12-31":             {Special: calendar.Special{Hours: []string{}}},
		"2026-12-26":             {Special: calendar.Special{Hours: []string{"08:00-11:00"}}, SlotCapacity: map[string]queue.Capacity{"paspor-baru": {Places: 4, Priority: 1}}},
		"2027-01-04":             {SlotCapacity: map[string]queue.Capacity{"paspor-baru": {Places: 4}}},
		"2027-02-08..2027-03-09": {Special: calendar.Special{Days: map[string][]string{"mon-thu": {"08:00-15:00"}, "fri": {"08:00-11:30", "12:30-15:30"}}}},
	}
	offices[0].Services[1].SlotCapacity = queue.Capacity{Auto: true}
	offices[0].Services[1].ServiceTime = calendar.Duration(8 * time.Minute)
	offices[0].Services[0].WalkinCapacity = &zero
	offices[0].Booking.Reschedules = &zero
	*offices[0].NoShow.AbsentAfter = 0
	offices[0].Calling.PriorityShare = queue.Ratio{Num: 0, Den: 1}
	offices[0].Name = "Kantor: \"Imigrasi\" #1 \u2713\n kelas 'I'"
	offices[0].Limits = map[string]queue.Rate{"login": {Count: 5, Per: 60_000_000_000}}
	offices[0].Messages = map[string]map[string]queue.Wording{"id": {"called": {Title: "{number}: \"mari\"", Short: "ke {counter} #1"}}}
	text, err := Marshal(offices...)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load("written.yaml", text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if diff := cmp.Diff(offices, again, sameOffices); diff != "" {
		t.Errorf("-written +read\n%s\n%s", diff, text)
	}
}

// FuzzLoad holds that whatever is in a file ends in offices or in errors with a
// message, and that offices survive being written.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(smallest))
	f.Add(bandung)
	f.Add([]byte("offices: [{id: &a x, name: *a, hours: {mon: [\"08:00-09:00\"]}}]"))
	f.Add([]byte("offices: !!seq [? a : b]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		offices, err := Load("f.yaml", text)
		if err != nil {
			var errs Errors
			if !errors.As(err, &errs) || len(errs) == 0 {
				t.Fatalf("error %#v", err)
			}
			for _, e := range errs {
				if e.Message == "" {
					t.Errorf("an error without a message: %#v", e)
				}
			}
			return
		}
		written, err := Marshal(offices...)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load("written.yaml", written)
		if err != nil {
			t.Fatalf("%v in\n%s", err, written)
		}
		if diff := cmp.Diff(offices, again, sameOffices); diff != "" {
			t.Errorf("-written +read\n%s\n%s", diff, written)
		}
	})
}
