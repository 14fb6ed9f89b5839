package trace

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

var update = flag.Bool("update", false, "write the golden files anew")

// at is a moment of 24 November 2026 in Bandung, seven hours before UTC's.
func at(clock string) time.Time {
	t, err := time.Parse(time.DateTime, "2026-11-24 "+clock)
	if err != nil {
		panic(err)
	}
	return t.Add(-7 * time.Hour)
}

func moment(clock string) *time.Time {
	t := at(clock)
	return &t
}

func office(t *testing.T) *queue.Config {
	t.Helper()
	c := &queue.Config{
		ID: "bandung", Name: "Kantor Imigrasi Bandung", Timezone: "Asia/Jakarta",
		Hours: map[string][]string{"mon-fri": {"07:30-16:00"}},
		Stages: []queue.Stage{
			{ID: "berkas", Name: queue.Text{"id": "Pemeriksaan berkas", "en": "Document check"}},
			{ID: "wawancara", Name: queue.Text{"id": "Wawancara", "en": "Interview"}},
		},
		Services: []queue.Service{
			{ID: "paspor-baru", Prefix: "A", Name: queue.Text{"id": "Paspor baru", "en": "New passport"}, Stages: []string{"berkas", "wawancara"}},
			{ID: "penggantian", Prefix: "B", Name: queue.Text{"id": "Penggantian", "en": "Renewal"}, Stages: []string{"wawancara"}},
		},
		Counters: []queue.CounterConfig{{ID: "2", Name: "Loket 2"}, {ID: "3", Name: "Loket 3"}},
	}
	if errs := c.Prepare(); len(errs) > 0 {
		t.Fatal(errs)
	}
	return c
}

// everyFact is a day on which each fact happens.
func everyFact(t *testing.T) []*queue.Event {
	slot := &calendar.Interval{Start: at("09:00:00"), End: at("10:00:00")}
	booked := func(id, number string) *queue.Ticket {
		return &queue.Ticket{
			ID: id, Number: number, Service: "paspor-baru", Route: []string{"berkas", "wawancara"}, Stage: "berkas",
			Status: queue.Booked, Lane: queue.Appointment, Date: "2026-11-24", Slot: slot, ArriveBy: at("09:30:00"),
		}
	}
	family := booked("t2", "A-013")
	family.Lane = queue.Priority
	walkin := &queue.Ticket{
		ID: "t3", Number: "B-001", Service: "penggantian", Route: []string{"wawancara"}, Stage: "wawancara",
		Status: queue.Waiting, Lane: queue.Walkin, Date: "2026-11-24", Arrived: at("08:10:00"), Since: at("08:10:00"),
	}
	undone := booked("t1", "A-012")
	undone.Status = queue.Waiting
	config := office(t)
	return []*queue.Event{
		{At: at("07:00:00"), By: "system", Fact: &queue.EpochBegan{Epoch: "e1", Why: "new office"}},
		{At: at("07:00:00"), By: "system", Fact: &queue.OfficeConfigured{Config: config}},
		{At: at("07:01:00"), By: "admin", Fact: &queue.OfficeConfigured{Config: config}},
		{At: at("07:02:00"), By: "kepala", Fact: &queue.DayStarted{Date: "2026-11-24", Numbers: map[string]int{"A": 11, "B": 0}}},
		{At: at("07:03:00"), By: "kepala", Fact: &queue.CapacitySet{Date: "2026-11-25", Service: "paspor-baru", Places: queue.Capacity{Places: 12}}},
		{At: at("07:03:10"), By: "kepala", Fact: &queue.CapacitySet{Date: "2026-11-24", Service: "paspor-baru", Slot: moment("09:00:00"), Places: queue.Capacity{Places: 3, Priority: 1}}},
		{At: at("07:03:20"), By: "kepala", Fact: &queue.CapacitySet{Date: "2026-11-25", Service: "paspor-baru", Usual: true}},
		{At: at("07:03:30"), By: "kepala", Fact: &queue.WalkinsSet{Date: "2026-11-25", Service: "paspor-baru"}},
		{At: at("07:03:40"), By: "kepala", Fact: &queue.WalkinsSet{Date: "2026-11-25", Service: "paspor-baru", Usual: true}},
		{At: at("07:04:00"), By: "kepala", Fact: &queue.NoticesSet{Notices: []queue.Notice{queue.Plain("Bawa KTP asli"), queue.Plain("Kantin buka")}}},
		{At: at("07:04:30"), By: "kepala", Fact: &queue.NoticesSet{Notices: []queue.Notice{{Text: queue.Text{"id": "Kantin tutup", "en": "The canteen is closed"}, From: at("09:00:00"), Until: at("11:00:00")}}}},
		{At: at("07:05:00"), By: "kepala", Fact: &queue.NoticesSet{}},
		{At: at("07:10:00"), By: "applicant", Fact: &queue.TicketsBooked{Tickets: []*queue.Ticket{booked("t1", "A-012"), family}}},
		{At: at("07:11:00"), By: "applicant", Fact: &queue.TicketConfirmed{Ticket: "t1"}},
		{At: at("07:12:00"), By: "meja", Fact: &queue.LinkReissued{Ticket: "t1", Link: 1}},
		{At: at("07:13:00"), By: "system", Fact: &queue.TicketVoided{Ticket: "t9"}},
		{At: at("07:14:00"), By: "system", Fact: &queue.VoidsAged{}},
		{At: at("08:00:00"), By: "sari", Fact: &queue.CounterChanged{Counter: "3", State: queue.Open, Officer: "sari", Vacated: []string{"2"}}},
		{At: at("08:00:30"), By: "kepala", Fact: &queue.CounterChanged{Counter: "2", State: queue.Open, Officer: "budi"}},
		{At: at("08:01:00"), By: "budi", Fact: &queue.CounterChanged{Counter: "2", State: queue.Paused, Officer: "budi"}},
		{At: at("08:02:00"), By: "budi", Fact: &queue.CounterChanged{Counter: "2", State: queue.Closed}},
		{At: at("08:10:00"), By: "meja", Fact: &queue.TicketIssued{Ticket: walkin}},
		{At: at("08:50:00"), By: "applicant", Fact: &queue.TicketsCheckedIn{Arrivals: []queue.Arrival{{Ticket: "t1", Lane: queue.Appointment, Since: at("09:00:00")}}}},
		{At: at("08:51:00"), By: "meja", Fact: &queue.CheckInUndone{Ticket: "t1", Lane: queue.Appointment}},
		{At: at("08:52:00"), By: "meja", Fact: &queue.TicketsCheckedIn{Arrivals: []queue.Arrival{{Ticket: "t1", Lane: queue.Appointment, Since: at("09:00:00")}}}},
		{At: at("09:12:04"), By: "sari", Fact: &queue.TicketsCalled{Call: "c1", Counter: "3", Tickets: []string{"t1", "t2"}, Why: string(queue.ByAppointment)}},
		{At: at("09:12:34"), By: "sari", Fact: &queue.TicketsRecalled{Call: "c2", Counter: "3", Tickets: []string{"t1"}}},
		{At: at("09:12:40"), By: "sari", Fact: &queue.ActUndone{Counter: "3", What: "next", Tickets: []*queue.Ticket{undone}}},
		{At: at("09:12:50"), By: "sari", Fact: &queue.TicketsCalled{Call: "c3", Counter: "3", Tickets: []string{"t1"}, Why: string(queue.ByCeiling)}},
		{At: at("09:13:00"), By: "sari", Fact: &queue.ServingBegan{Counter: "3", Tickets: []string{"t1"}}},
		{At: at("09:20:00"), By: "sari", Fact: &queue.TicketsCompleted{Counter: "3", Tickets: []string{"t1"}, To: "wawancara", Date: "2026-11-24"}},
		{At: at("09:21:00"), By: "sari", Fact: &queue.TicketsCalled{Call: "c4", Counter: "3", Tickets: []string{"t3"}, Why: string(queue.ByArrival)}},
		{At: at("09:22:00"), By: "sari", Fact: &queue.TicketsMissed{Counter: "3", Tickets: []string{"t3"}, NotBefore: at("09:32:00")}},
		{At: at("09:33:00"), By: "sari", Fact: &queue.TicketsCalled{Call: "c5", Counter: "3", Tickets: []string{"t3"}, Why: string(queue.ByPriority)}},
		{At: at("09:34:00"), By: "sari", Fact: &queue.TicketsMissed{Counter: "3", Tickets: []string{"t3"}}},
		{At: at("09:35:00"), By: "meja", Fact: &queue.TicketReturned{Arrival: queue.Arrival{Ticket: "t3", Lane: queue.Walkin, Since: at("09:35:00")}}},
		{At: at("09:36:00"), By: "kepala", Fact: &queue.TicketsCalled{Call: "c6", Counter: "3", Tickets: []string{"t3"}, Why: string(queue.Chosen), Note: "harus ke bandara"}},
		{At: at("09:37:00"), By: "sari", Fact: &queue.TicketsParked{Counter: "3", Tickets: []string{"t3"}}},
		{At: at("09:38:00"), By: "meja", Fact: &queue.TicketAmended{Ticket: "t3", Service: "paspor-baru", Route: []string{"berkas"}, Stage: "berkas", Lane: queue.Priority}},
		{At: at("09:39:00"), By: "sari", Fact: &queue.TicketsCalled{Call: "c7", Counter: "3", Tickets: []string{"t3"}, Why: string(queue.ByAge)}},
		{At: at("09:40:00"), By: "sari", Fact: &queue.TicketsCompleted{Counter: "3", Tickets: []string{"t3"}, Date: "2026-11-24"}},
		{At: at("09:41:00"), By: "system", Fact: &queue.PlacesReleased{Tickets: []string{"t2"}}},
		{At: at("09:42:00"), By: "applicant", Fact: &queue.PartySplit{Ticket: "t2"}},
		{At: at("10:00:00"), By: "kepala", Fact: &queue.OfficeSuspended{Reason: "listrik padam", Until: at("10:30:00")}},
		{At: at("10:30:00"), By: "kepala", Fact: &queue.OfficeResumed{ArriveBy: map[string]time.Time{"t2": at("10:00:00")}, NotBefore: map[string]time.Time{"t1": at("10:40:00")}}},
		{At: at("10:31:00"), By: "applicant", Fact: &queue.TicketCancelled{Ticket: "t2"}},
		{At: at("10:32:00"), By: "applicant", Fact: &queue.TicketsMoved{Why: queue.Rescheduled, Moves: []queue.Move{{
			Ticket: "t1", Slot: calendar.Interval{Start: at("13:00:00"), End: at("14:00:00")}, Date: "2026-11-24", Number: "A-012", Counted: true,
			Hold: &queue.Hold{Service: "paspor-baru", Start: at("09:00:00"), Until: at("10:50:00")},
		}}}},
		{At: at("10:51:00"), By: "system", Fact: &queue.PlacesReturned{Places: []queue.PlaceReturned{{Ticket: "t1", Start: at("09:00:00")}}}},
		{At: at("10:52:00"), By: "applicant", Fact: &queue.StandbyChanged{Ticket: "t1", Standby: &queue.Standby{Minutes: 20, Since: at("10:52:00")}}},
		{At: at("10:53:00"), By: "system", Fact: &queue.PlacesOffered{Offers: []queue.Offered{{Ticket: "t1", Offer: queue.Offer{
			Slot: calendar.Interval{Start: at("11:00:00"), End: at("12:00:00")}, Date: "2026-11-24", Expires: at("10:58:00"),
		}}}}},
		{At: at("10:58:05"), By: "system", Fact: &queue.OffersLapsed{Tickets: []string{"t1"}}},
		{At: at("10:59:00"), By: "applicant", Fact: &queue.StandbyChanged{Ticket: "t1"}},
		{At: at("11:00:00"), By: "applicant", Fact: &queue.TicketsDeferred{Places: 2, Tickets: []queue.Arrival{{Ticket: "t1", Lane: queue.Appointment, Since: at("11:00:00")}}}},
		{At: at("11:01:00"), By: "applicant", Fact: &queue.HelpAsked{Ticket: "t1"}},
		{At: at("11:01:30"), By: "meja", Fact: &queue.HelpEnded{Ticket: "t1"}},
		{At: at("11:02:00"), By: "kepala", Fact: &queue.NewDayAsked{Tickets: []string{"t1"}}},
		{At: at("11:03:00"), By: "kepala", Fact: &queue.NewDayAsked{Tickets: []string{"t1"}, Settled: true}},
		{At: at("11:55:00"), By: "sari", Fact: &queue.SoundMuted{Until: at("12:25:00")}},
		{At: at("12:20:00"), By: "sari", Fact: &queue.SoundMuted{}},
		{At: at("15:00:00"), By: "kepala", Fact: &queue.DoorsClosed{Date: "2026-11-24", Why: "hujan"}},
		{At: at("16:00:00"), By: "system", Fact: &queue.DayEnded{Date: "2026-11-24", Tickets: map[string]queue.Status{"t1": queue.Expired}}},
		{At: at("16:05:00"), By: "kepala", Fact: &queue.DayReopened{Date: "2026-11-24", Tickets: map[string]queue.Status{"t1": queue.Waiting}}},
		{At: at("16:06:00"), By: "meja", Fact: &queue.TicketReady{Ticket: "t3"}},
		{At: at("16:07:00"), By: "kepala", Fact: &queue.TicketAmended{Ticket: "t1", Lane: queue.Priority, Note: "mistake"}},
		{At: at("16:08:00"), By: "admin", Fact: &queue.PeopleLookedAt{What: queue.DataShown, Tickets: []string{"t3"}}},
		{At: at("16:09:00"), By: "admin", Fact: &queue.PeopleLookedAt{What: queue.DataReported, Tickets: []string{"t3"}}},
		{At: at("16:10:00"), By: "admin", Fact: &queue.PeopleLookedAt{What: queue.DataListed, Count: 3}},
		{At: at("16:10:10"), By: "meja", Fact: &queue.PeopleLookedAt{What: queue.DataFound, Tickets: []string{"t3"}}},
		{At: at("16:10:20"), By: "meja", Fact: &queue.PersonCorrected{Ticket: "t3", Fields: []string{"name", "phone"}}},
		{At: at("16:10:30"), By: "meja", Fact: &queue.PartyJoined{Party: "c1-9", Tickets: []string{"t2", "t3"}}},
		{At: at("16:10:40"), By: "meja", Fact: &queue.TicketCollected{Ticket: "t3"}},
		{At: at("16:11:00"), By: "(console)", Fact: &queue.PeopleErased{Tickets: []string{"t3"}}},
		{At: at("17:00:00").AddDate(0, 1, 0), By: "system", Fact: &queue.TicketsForgotten{Tickets: []string{"t2"}}},
	}
}

func tellAll(t *testing.T, language string, events []*queue.Event) []string {
	t.Helper()
	teller := New("bandung", language, nil)
	var lines []string
	for i, e := range events {
		for _, l := range teller.Tell(uint64(i+1), e) {
			lines = append(lines, l.String())
		}
	}
	return lines
}

func TestEveryFactIsTold(t *testing.T) {
	for _, language := range Languages {
		t.Run(language, func(t *testing.T) {
			got := strings.Join(tellAll(t, language, everyFact(t)), "\n") + "\n"
			file := filepath.Join("testdata", "day."+language+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
		})
	}
}

// A fact that the rules gain must gain words too.
func TestNoKindOfFactIsForgotten(t *testing.T) {
	source, err := os.ReadFile("../queue/facts.go")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, e := range everyFact(t) {
		told[e.Type()] = true
	}
	kinds := regexp.MustCompile(`(?m)^\t"(\w+)":\s+func\(\) Fact`).FindAllSubmatch(source, -1)
	if len(kinds) < 30 {
		t.Fatalf("only %d kinds of facts were found", len(kinds))
	}
	for _, k := range kinds {
		if !told[string(k[1])] {
			t.Errorf("%s is not in the golden day", k[1])
		}
	}
}

func TestAStoryWithoutItsBeginningIsTold(t *testing.T) {
	teller := New("bandung", "en", office(t))
	lines := teller.Tell(1042, &queue.Event{At: at("09:00:00"), By: "sari", Fact: &queue.ServingBegan{Counter: "3", Tickets: []string{"t7"}}})
	if len(lines) != 1 || lines[0].String() != "09:00:00  ?      is being served at Loket 3 by sari" {
		t.Errorf("told %v", lines)
	}
}
