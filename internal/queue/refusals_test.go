package queue

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// served is a hall at 08:00 with ani at counter 1 and budi at 3, who serve c1
// and have called b1; a1 waits, k1 is booked for 08:30.
func served(o *office) {
	o.at("08:00").open("1 ani, 3 budi").issue("tanya", "c1").issue("ganti", "b1")
	o.do("ani", Next{Counter: "1"})
	o.do("ani", Serve{"1"})
	o.do("budi", Next{Counter: "3"})
	o.issue("baru", "a1")
	o.do("applicant", Book{Service: "baru", IDs: []string{"k1"}, Slot: clock("08:30")})
}

func TestRefusals(t *testing.T) {
	long := strings.Repeat("x", 201)
	for _, c := range []struct {
		name  string
		given func(o *office)
		by    string
		ask   Ask
		want  string
	}{
		{"book an unknown service", nil, "applicant", Book{Service: "visa", IDs: []string{"x"}}, "invalid: service: unknown_service"},
		{"book what is not booked", nil, "applicant", Book{Service: "tanya", IDs: []string{"x"}}, "invalid: service: not_booked"},
		{"book for nobody", nil, "applicant", Book{Service: "baru"}, "invalid: people: party_size"},
		{"book for too many", nil, "applicant", Book{Service: "baru", IDs: []string{"1", "2", "3", "4", "5", "6"}}, "invalid: people: party_size"},
		{"book without an id", nil, "applicant", Book{Service: "baru", IDs: []string{""}}, "invalid: ticket_id_missing"},
		{"book the same id twice", nil, "applicant", Book{Service: "baru", IDs: []string{"x", "x"}}, "wrong_state: ticket_exists"},
		{"book an id that exists", served, "applicant", Book{Service: "baru", IDs: []string{"k1"}}, "wrong_state: ticket_exists"},
		{"book a voided id", func(o *office) { o.do("system", Void{"x"}) }, "applicant", Book{Service: "baru", IDs: []string{"x"}}, "wrong_state: ticket_exists"},
		{"book more than fit", nil, "applicant", Book{Service: "ganti", IDs: []string{"x", "y", "z"}, Slot: clock("09:30")}, "slot_full: slot_full"},
		{"book when nothing is free", func(o *office) {
			for i := range 3 {
				o.do("admin", SetCapacity{Date: monday.AddDays(i), Service: "ganti"})
			}
			o.do("admin", CloseDay{Date: monday.AddDays(3)})
		}, "applicant", Book{Service: "ganti", IDs: []string{"x"}}, "slot_full: nothing_free"},
		{"book beyond the horizon", nil, "applicant", Book{Service: "baru", IDs: []string{"x"}, Slot: clock("2026-11-27 07:30")}, "too_early: beyond_horizon"},
		{"book yesterday", nil, "applicant", Book{Service: "baru", IDs: []string{"x"}, Slot: clock("2026-11-20 07:30")}, "too_late: slot_over"},
		{"book a slot that has ended", func(o *office) { o.at("08:30") }, "applicant", Book{Service: "baru", IDs: []string{"x"}, Slot: clock("07:30")}, "too_late: slot_over"},
		{"book no slot", nil, "applicant", Book{Service: "baru", IDs: []string{"x"}, Slot: clock("12:30")}, "outside_hours: no_such_slot"},
		{"book a closed day", func(o *office) { o.do("admin", CloseDay{Date: monday}) }, "applicant", Book{Service: "baru", IDs: []string{"x"}, Slot: clock("09:30")}, "outside_hours: day_closed"},

		{"issue an unknown service", nil, "desk", Issue{ID: "x", Service: "visa"}, "invalid: service: unknown_service"},
		{"issue without an id", nil, "desk", Issue{Service: "baru"}, "invalid: ticket_id_missing"},
		{"issue an id that exists", served, "desk", Issue{ID: "a1", Service: "baru"}, "wrong_state: ticket_exists"},
		{"issue before the doors open", func(o *office) { o.at("2026-11-24 07:29:59") }, "desk", Issue{ID: "x", Service: "baru"}, "outside_hours: doors_closed"},
		{"issue when the doors close", func(o *office) { o.at("16:00") }, "desk", Issue{ID: "x", Service: "baru"}, "outside_hours: doors_closed"},
		{"issue on a closed day", func(o *office) { o.do("admin", CloseDay{Date: monday}) }, "desk", Issue{ID: "x", Service: "baru"}, "outside_hours: day_closed"},
		{"issue beyond the door's capacity", func(o *office) { o.issue("ganti", "1", "2", "3") }, "desk", Issue{ID: "x", Service: "ganti"}, "slot_full: walkins_full"},

		{"check in nobody", nil, "applicant", CheckIn{Ticket: "x"}, "not_found: ticket"},
		{"check in who waits", served, "applicant", CheckIn{Ticket: "a1", Proof: true}, "wrong_state: not_booked"},
		{"check in without the code", served, "applicant", CheckIn{Ticket: "k1"}, "invalid: place_code: place_code_missing"},
		{"check in the day before", func(o *office) {
			o.do("applicant", Book{Service: "baru", IDs: []string{"x"}, Slot: clock("2026-11-24 07:30")})
		}, "desk", CheckIn{Ticket: "x"}, "too_early: another_day"},
		{"check in the day after", func(o *office) { served(o); o.at("2026-11-24 07:00") }, "desk", CheckIn{Ticket: "k1"}, "too_late: another_day"},
		{"confirm who waits", served, "applicant", Confirm{"a1"}, "wrong_state: not_booked"},
		{"cancel who is called", served, "applicant", Cancel{Ticket: "b1"}, "wrong_state: cannot_cancel"},
		{"return who waits", served, "desk", Return{"a1"}, "wrong_state: not_away"},
		{"return who is booked", served, "desk", Return{"k1"}, "wrong_state: not_away"},
		{"return a no-show after the day", func(o *office) { served(o); o.do("admin", EndDay{Date: monday}) }, "desk", Return{"k1"}, "too_late: day_ended"},
		{"return a no-show the day after", func(o *office) { served(o); o.do("admin", EndDay{Date: monday}); o.at("2026-11-24 08:00") }, "desk", Return{"k1"}, "too_late: another_day"},
		{"amend who is called", served, "desk", Amend{Ticket: "b1", Service: "baru", Reason: "r"}, "wrong_state: cannot_amend"},
		{"amend without a reason", served, "desk", Amend{Ticket: "a1", Service: "ganti"}, "invalid: reason: reason_length"},
		{"amend with a long reason", served, "desk", Amend{Ticket: "a1", Service: "ganti", Reason: long}, "invalid: reason: reason_length"},
		{"amend nothing", served, "desk", Amend{Ticket: "a1", Reason: "r"}, "invalid: service: nothing_to_amend"},
		{"amend to the same lane", served, "desk", Amend{Ticket: "a1", Priority: new(bool), Reason: "r"}, "wrong_state: nothing_to_amend"},
		{"amend to an unknown service", served, "desk", Amend{Ticket: "a1", Service: "visa", Reason: "r"}, "invalid: service: unknown_service"},
		{"amend at a stage of the old service", served, "desk", Amend{Ticket: "c1", Service: "ganti", Reason: "r"}, "wrong_state: cannot_amend"},
		{"amend a booking into a full slot", func(o *office) {
			served(o)
			o.do("applicant", Book{Service: "ganti", IDs: []string{"x", "y"}, Slot: clock("08:30")})
		}, "desk", Amend{Ticket: "k1", Service: "ganti", Reason: "r"}, "slot_full: slot_full"},
		{"split who has no family", served, "desk", SplitParty{"a1"}, "wrong_state: cannot_split"},
		{"ready before done", served, "desk", Ready{"a1"}, "wrong_state: not_done"},
		{"reissue for nobody", nil, "desk", ReissueLink{"x"}, "not_found: ticket"},
		{"void a booking", served, "system", Void{"k1"}, "already_booked: ticket_exists"},
		{"void a booking that ended", func(o *office) { served(o); o.do("applicant", Cancel{Ticket: "k1"}) }, "system", Void{"k1"}, "wrong_state: ticket_ended"},

		{"open no counter", nil, "ani", OpenCounter{"9"}, "not_found: counter"},
		{"open another's counter", served, "cici", OpenCounter{"1"}, "counter_busy: counter_taken"},
		{"open another counter with somebody at the first", served, "ani", OpenCounter{"4"}, "counter_busy: other_counter_busy"},
		{"take over with somebody at the own counter", served, "ani", TakeOver{"3"}, "counter_busy: other_counter_busy"},
		{"next at a closed counter", served, "ani", Next{Counter: "4"}, "wrong_state: counter_closed"},
		{"next at another's counter", served, "ani", Next{Counter: "3"}, "forbidden: not_your_counter"},
		{"next with somebody served", served, "ani", Next{Counter: "1"}, "counter_busy: somebody_there"},
		{"next with somebody called", served, "budi", Next{Counter: "3", Complete: true}, "counter_busy: somebody_there"},
		{"next at a paused counter", func(o *office) { o.open("1 ani").do("ani", PauseCounter{"1"}) }, "ani", Next{Counter: "1"}, "wrong_state: counter_paused"},
		{"next in a suspended office", func(o *office) { o.open("1 ani").do("admin", Suspend{Reason: "r"}) }, "ani", Next{Counter: "1"}, "wrong_state: office_suspended"},
		{"next with nobody waiting", func(o *office) { o.open("1 ani") }, "ani", Next{Counter: "1"}, "queue_empty: nobody_waits"},
		{"next and complete with nobody waiting", func(o *office) {
			o.open("1 ani").issue("tanya", "c1").next("ani", "1")
			o.do("ani", Serve{"1"})
		}, "ani", Next{Counter: "1", Complete: true}, "queue_empty: nobody_waits"},
		{"choose without the right", served, "ani", CallTicket{Counter: "1", Ticket: "a1", Reason: "r"}, "forbidden: choosing_needs_supervisor"},
		{"erase who waits", served, "admin", ErasePeople{Tickets: []string{"a1"}}, "wrong_state: ticket_active"},
		{"choose without a reason", served, "ani", CallTicket{Counter: "1", Ticket: "a1", May: true}, "invalid: reason: reason_length"},
		{"choose with somebody there", served, "ani", CallTicket{Counter: "1", Ticket: "a1", Reason: "r", May: true}, "counter_busy: somebody_there"},
		{"choose who is booked", func(o *office) { served(o); o.open("4 cici") }, "cici", CallTicket{Counter: "4", Ticket: "k1", Reason: "r", May: true}, "wrong_state: not_waiting"},
		{"choose who is at another counter", func(o *office) { served(o); o.open("4 cici") }, "cici", CallTicket{Counter: "4", Ticket: "b1", Reason: "r", May: true}, "wrong_state: not_waiting"},
		{"recall who is served", served, "ani", Recall{"1"}, "wrong_state: nobody_called"},
		{"serve twice", served, "ani", Serve{"1"}, "wrong_state: nobody_called"},
		{"complete who has not come", served, "budi", Complete{Counter: "3"}, "wrong_state: nobody_served"},
		{"transfer to no stage", served, "ani", Complete{Counter: "1", To: "kasir"}, "invalid: transfer_to: unknown_stage"},
		{"miss who is served", served, "ani", Miss{"1"}, "wrong_state: nobody_called"},
		{"miss while the clocks stand still", func(o *office) { served(o); o.do("admin", Suspend{Reason: "r"}) }, "budi", Miss{"3"}, "wrong_state: office_suspended"},
		{"park nobody", func(o *office) { o.open("1 ani") }, "ani", Park{"1"}, "wrong_state: nobody_there"},
		{"pause with somebody there", served, "ani", PauseCounter{"1"}, "counter_busy: somebody_there"},
		{"close with somebody there", served, "ani", CloseCounter{"1"}, "counter_busy: somebody_there"},
		{"undo nothing", func(o *office) { o.open("1 ani") }, "ani", UndoLast{"1"}, "wrong_state: nothing_to_undo"},
		{"undo another's act", served, "admin", UndoLast{"1"}, "wrong_state: nothing_to_undo"},
		{"undo too late", func(o *office) { served(o); o.at("08:01:01") }, "ani", UndoLast{"1"}, "too_late: undo_over"},
		{"undo twice", func(o *office) { served(o); o.do("ani", UndoLast{"1"}) }, "ani", UndoLast{"1"}, "wrong_state: nothing_to_undo"},
		{"undo what others went on with", func(o *office) {
			o.at("08:00").open("1 ani, 3 budi").issue("baru", "a1").next("ani", "1")
			o.do("ani", Serve{"1"})
			o.do("ani", Complete{Counter: "1"})
			o.next("budi", "3")
		}, "ani", UndoLast{"1"}, "wrong_state: others_went_on"},
		{"undo after others called who was completed, with a recall in between", func(o *office) {
			o.open("1 ani, 3 budi").issue("baru", "a1", "a2")
			o.next("ani", "1")
			o.do("ani", Serve{"1"})
			o.next("ani", "1")
			o.next("budi", "3")
			o.do("ani", Recall{"1"})
		}, "ani", UndoLast{"1"}, "wrong_state: others_went_on"},
		{"undo after the link was reissued, with a recall in between", func(o *office) {
			o.open("1 ani").issue("tanya", "c1")
			o.next("ani", "1")
			o.do("desk", ReissueLink{"c1"})
			o.do("ani", Recall{"1"})
		}, "ani", UndoLast{"1"}, "wrong_state: others_went_on"},
		{"undo after the link was reissued", func(o *office) { served(o); o.do("desk", ReissueLink{"c1"}) }, "ani", UndoLast{"1"}, "wrong_state: others_went_on"},
		{"undo after leaving", func(o *office) {
			o.open("1 ani").issue("tanya", "c1").next("ani", "1")
			o.do("ani", Park{"1"})
			o.do("ani", CloseCounter{"1"})
			o.do("ani", OpenCounter{"1"})
		}, "ani", UndoLast{"1"}, "wrong_state: nothing_to_undo"},
		{"undo over the day's end", func(o *office) { served(o); o.do("admin", EndDay{Date: monday}); o.do("ani", OpenCounter{"1"}) }, "ani", UndoLast{"1"}, "wrong_state: nothing_to_undo"},

		{"configure after another did", nil, "admin", Configure{Config: plan(), IfVersion: 1}, "wrong_state: config_changed"},
		{"configure another office", nil, "admin", Configure{Config: plan(func(c *Config) { c.ID = "medan" })}, "invalid: id: another_office"},
		{"remove a counter in use", served, "admin", Configure{Config: plan(func(c *Config) { c.Counters = c.Counters[1:] })}, "invalid: counters: counter_in_use"},
		{"remove a service in use", served, "admin", Configure{Config: plan(func(c *Config) { c.Services = c.Services[1:] })}, "invalid: services: service_in_use"},
		{"remove a stage still ahead", served, "admin", Configure{Config: plan(func(c *Config) {
			c.Stages = c.Stages[:1]
			c.Services = c.Services[:2]
			c.Services[0].Stages, c.Services[1].Stages = c.Services[0].Stages[:1], c.Services[0].Stages[:1]
			c.Services = append(c.Services, Service{ID: "tanya", Prefix: "C", Name: Text{"id": "T"}, Stages: []string{"berkas"}})
			c.Counters = []CounterConfig{{ID: "1", Name: "1"}, {ID: "3", Name: "3"}}
		})}, "invalid: stages: stage_in_use"},
		{"start no date", nil, "admin", StartDay{Date: "2026-02-30"}, "invalid: date: date_range"},
		{"start with an unknown prefix", nil, "admin", StartDay{Date: monday, Numbers: map[string]int{"A": 3, "Z": 1}}, "invalid: Z: unknown_prefix"},
		{"start with a negative number", nil, "admin", StartDay{Date: monday, Numbers: map[string]int{"A": -1}}, "invalid: A: number_range"},
		{"start a day without hours", nil, "admin", StartDay{Date: "2026-11-22", Numbers: map[string]int{"A": 3}}, "outside_hours: no_hours"},
		{"numbers at the door of a day without hours", nil, "admin", SetWalkins{Date: "2026-11-22", Service: "tanya", Numbers: 3}, "outside_hours: no_hours"},
		{"start a day that ended", func(o *office) { o.do("admin", EndDay{Date: monday}) }, "admin", StartDay{Date: monday}, "wrong_state: day_ended"},
		{"close a day twice", func(o *office) { o.do("admin", CloseDay{Date: monday}) }, "admin", CloseDay{Date: monday}, "wrong_state: day_closed"},
		{"end a day twice", func(o *office) { o.do("admin", EndDay{Date: monday}) }, "admin", EndDay{Date: monday}, "wrong_state: day_ended"},
		{"end a day that has not come", nil, "admin", EndDay{Date: monday.AddDays(1)}, "too_early: another_day"},
		{"reopen an open day", nil, "admin", ReopenDay{monday}, "wrong_state: day_open"},
		{"capacity of an unknown service", nil, "admin", SetCapacity{Date: monday, Service: "visa"}, "invalid: service: unknown_service"},
		{"capacity below zero", nil, "admin", SetCapacity{Date: monday, Service: "baru", Places: Capacity{Places: -1}}, "invalid: places: number_range"},
		{"suspend twice", func(o *office) { o.do("admin", Suspend{Reason: "r"}) }, "admin", Suspend{Reason: "r"}, "wrong_state: office_suspended"},
		{"suspend without a reason", nil, "admin", Suspend{}, "invalid: reason: reason_length"},
		{"suspend for ever", nil, "admin", Suspend{Reason: "r", Until: clock("07:29").AddDate(7974, 0, 0)}, "invalid: until: date_range"},
		{"suspend until yesterday", nil, "admin", Suspend{Reason: "r", Until: clock("07:29")}, "invalid: until: in_the_past"},
		{"resume what runs", nil, "admin", Resume{}, "wrong_state: not_suspended"},
		{"too many notices", nil, "admin", SetNotices{make([]Notice, 11)}, "invalid: notices: too_many"},
		{"a notice too long", nil, "admin", SetNotices{[]Notice{Plain(long)}}, "invalid: notices[0]: too_long"},
		{"a notice too long in English", nil, "admin", SetNotices{[]Notice{{Text: Text{"id": "x", "en": long}}}}, "invalid: notices[0].text.en: too_long"},
		{"a notice in English alone", nil, "admin", SetNotices{[]Notice{Plain("x"), {Text: Text{"en": "x"}}}}, "invalid: notices[1].text.id: required"},
		{"a notice in a language of nobody here", nil, "admin", SetNotices{[]Notice{{Text: Text{"id": "x", "tlh": "x"}}}}, "invalid: notices[0].text.tlh: unknown_language"},
		{"a notice that ends before it begins", nil, "admin", SetNotices{[]Notice{{Text: Text{"id": "x"}, From: clock("09:00"), Until: clock("08:00")}}}, "invalid: notices[0].until: until_before"},
		{"a notice for ever", nil, "admin", SetNotices{[]Notice{{Text: Text{"id": "x"}, Until: clock("07:29").AddDate(7974, 0, 0)}}}, "invalid: notices[0].until: date_range"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			if c.given != nil {
				c.given(o)
			}
			if diff := cmp.Diff(c.want, o.refused(c.by, c.ask)); diff != "" {
				t.Error(diff)
			}
			o.same()
		})
	}
}

// What is asked by clocks and retries is harmless when there is nothing to do.
func TestNothingToDoMakesNoEvent(t *testing.T) {
	for _, c := range []struct {
		given func(o *office)
		ask   Ask
	}{
		{nil, ReleasePlaces{}},
		{func(o *office) { served(o); o.do("admin", Suspend{Reason: "r"}); o.at("15:00") }, ReleasePlaces{}},
		{nil, Forget{}},
		{nil, EndDay{Date: monday, IfEmpty: true}},
		{func(o *office) { served(o); o.at("16:01") }, EndDay{Date: monday, IfEmpty: true}},
		{func(o *office) { o.do("admin", EndDay{Date: monday}); o.at("16:01") }, EndDay{Date: monday, IfEmpty: true}},
		{func(o *office) { o.do("admin", Suspend{Reason: "r"}); o.at("16:01") }, EndDay{Date: monday, IfEmpty: true}},
		{nil, EndDay{Date: monday.AddDays(1), IfEmpty: true}},
		{func(o *office) { o.do("system", Void{"x"}) }, Void{"x"}},
		{func(o *office) { o.book("baru", "07:30", "a").do("applicant", Confirm{"a"}) }, Confirm{"a"}},
		{nil, BeginEpoch{Epoch: "e3", Found: "e2"}},
	} {
		o := newOffice(t)
		if c.given != nil {
			c.given(o)
		}
		if got := o.do("system", c.ask); len(got) > 0 {
			t.Errorf("%T%+v made %+v", c.ask, c.ask, got[0])
		}
	}
}

func TestAnOfficeWithoutConfigurationTakesNoCommand(t *testing.T) {
	o := &office{t: t, live: NewState("bandung"), settled: NewState("bandung"), now: clock("08:00")}
	if got := o.refused("desk", Issue{ID: "x", Service: "baru"}); got != "not_found: office" {
		t.Error(got)
	}
}
