package display

import (
	"strconv"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"antrean/internal/staff"
)

func TestABirthDateThatDiffersFromTheNIKIsAWarning(t *testing.T) {
	h := embedded(t)
	born := func(date string) map[string]any {
		b := bookingOf("paspor-baru", "earliest", 1)
		b["people"].([]map[string]string)[0]["born"] = date
		return b
	}
	p := h.bookAt(born("5 August 1990")).problem(422, "invalid")
	if len(p.Errors) != 1 || p.Errors[0].Field != "people[0].born" {
		t.Errorf("no date: %+v", p.Errors)
	}
	var booked bookedAnswer
	key := []string{"Idempotency-Key", "born", "Accept-Language", "en"}
	first := h.bookAt(born("1990-08-05"), key...).is(201, &booked)
	w := booked.Tickets[0].Warnings
	if len(w) != 1 || w[0].Field != "nik" || !strings.Contains(w[0].Message, "differs from the one in the NIK") {
		t.Errorf("warned of %+v", w)
	}
	if again := h.bookAt(born("1990-08-05"), key...).is(201); string(again.body) != string(first.body) {
		t.Errorf("repeated: %s, first %s", again.body, first.body)
	}
	var found struct{ Tickets []foundTicket }
	h.ask("GET", "/api/v1/offices/bandung/find?q="+booked.Tickets[0].Code, nil, h.as(staff.Desk)...).is(200, &found)
	if len(found.Tickets) != 1 || len(found.Tickets[0].Warnings) != 1 {
		t.Errorf("the desk sees %+v", found.Tickets)
	}

	other := bookingOf("paspor-baru", "earliest", 2)
	other["people"].([]map[string]string)[0]["born"] = "1990-01-01" // as in nikOf
	if a := h.bookAt(other).is(201); strings.Contains(string(a.body), "warnings") {
		t.Errorf("the right date is warned of: %s", a.body)
	}
}

// Application, payment, pickup: the last in working days of the office's own
// calendar, which knows a closure on 25 December and no Saturdays.
func TestTheThreeDatesOfABooking(t *testing.T) {
	h := embedded(t)
	for slot, pickup := range map[string]string{
		"2026-11-24T13:00:00+07:00": "2026-11-30", // Wed, Thu, Fri, Mon
		"2026-11-27T13:30:00+07:00": "2026-12-03", // from a Friday
		"2026-12-22T15:00:00+07:00": "2026-12-29", // over the closure
	} {
		var booked bookedAnswer
		h.bookAt(bookingOf("paspor-baru", slot, len(pickup)+int(slot[9]))).is(201, &booked)
		got := booked.Tickets[0]
		if got.Slot.Start.Format(time.RFC3339) != slot || got.PickupFrom.Format(time.RFC3339) != pickup+"T00:00:00+07:00" {
			t.Errorf("%s: picked up from %s", got.Slot.Start, got.PickupFrom)
		}
		if due := got.PaymentDue.Sub(h.clock.Now()); due != 2*time.Hour {
			t.Errorf("paid within %s", due)
		}
		v := h.ticketOf(got.Token)
		if !v.Timeline.Appointment.Equal(got.Slot.Start) || !v.Timeline.PaymentDue.Equal(*got.PaymentDue) || !v.Timeline.PickupFrom.Equal(*got.PickupFrom) {
			t.Errorf("the phone shows %+v", v.Timeline)
		}
	}
}

func TestTheCalendarFileFollowsTheBooking(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-27T13:30:00+07:00", 1)).is(201, &booked)
	ticket := "/api/v1/tickets/" + booked.Tickets[0].Token
	read := func() (e *ics.VEvent, sequence int) {
		t.Helper()
		body := string(h.ask("GET", ticket+"/calendar.ics", nil).is(200).body)
		for line := range strings.SplitSeq(strings.TrimSuffix(body, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("RFC 5545, 3.1 allows no such line: %q", line)
			}
		}
		parsed, err := ics.ParseCalendar(strings.NewReader(body))
		if err != nil || len(parsed.Events()) != 1 {
			t.Fatalf("%v in %s", err, body)
		}
		e = parsed.Events()[0]
		sequence, err = strconv.Atoi(e.GetProperty(ics.ComponentPropertySequence).Value)
		if err != nil {
			t.Error(err)
		}
		return e, sequence
	}
	first, sequence := read()
	if start, err := first.GetStartAt(); err != nil || !start.Equal(booked.Tickets[0].Slot.Start) {
		t.Errorf("it starts at %s, %v", start, err)
	}
	if end, err := first.GetEndAt(); err != nil || !end.Equal(booked.Tickets[0].Slot.End) {
		t.Errorf("it ends at %s, %v", end, err)
	}
	if where := first.GetProperty(ics.ComponentPropertyLocation).Value; where != "Jl. Surapati No. 82, Bandung" {
		t.Errorf("it is at %q", where)
	}
	h.ask("POST", ticket+"/reschedule", map[string]any{"slot": "2026-11-30T13:00:00+07:00"}).is(200)
	moved, later := read()
	if moved.Id() != first.Id() || later <= sequence {
		t.Errorf("the moved event is %s %d, was %s %d", moved.Id(), later, first.Id(), sequence)
	}
	if start, _ := moved.GetStartAt(); !start.Equal(time.Date(2026, 11, 30, 6, 0, 0, 0, time.UTC)) {
		t.Errorf("moved to %s", start)
	}
	h.ask("POST", ticket+"/cancel", nil).is(200)
	if e, _ := read(); e.GetProperty(ics.ComponentPropertyStatus).Value != "CANCELLED" {
		t.Error("the cancelled event is not called off")
	}
}

func TestACheckInNeedsACodeThatWeSigned(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-24T13:00:00+07:00", 1, 2)).is(201, &booked)
	mine, other := booked.Tickets[0], booked.Tickets[1]
	for i := range mine.QR {
		forged := []byte(mine.QR)
		if forged[i]++; string(forged) == other.QR {
			continue
		}
		h.at(staff.Kiosk, "check-ins", map[string]any{"code": string(forged)}).problem(404, "not_found")
	}
	if h.ticketOf(mine.Token).State != "booked" {
		t.Fatal("a forged code checked somebody in")
	}
	h.at(staff.Kiosk, "check-ins", map[string]any{"code": strings.ToLower(mine.Code)}).is(200)
	var states []string
	for _, b := range booked.Tickets {
		states = append(states, h.ticketOf(b.Token).State)
	}
	if diff := cmp.Diff([]string{"waiting", "waiting"}, states); diff != "" {
		t.Errorf("the family: %s", diff)
	}
}
