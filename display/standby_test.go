package display

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/jobs"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// release runs the job that keeps the ladder, as it runs every five seconds.
func (h *house) release() {
	h.t.Helper()
	office, err := h.open(context.Background(), "bandung")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, job := range jobs.Table(nil, nil, nil) {
		if job.Name != "release places" {
			continue
		}
		for _, ask := range job.Ask(nil, h.clock.Now()) {
			if err := office.Do(context.Background(), queue.Command{Ask: ask, By: queue.Actor{Name: "system"}}, nil); err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

func (h *house) ticketOf(token string) (v static.TicketView) {
	h.t.Helper()
	h.ask("GET", "/api/v1/tickets/"+token, nil).is(200, &v)
	return v
}

func TestANoShowsPlaceIsOfferedToStandbyAndTaken(t *testing.T) { onBothStores(t, standby) }

func standby(t *testing.T, h *house) {
	// One place an hour; the first is over when its owner could be late.
	h.at(staff.Supervisor, "days/2026-11-24/capacity", map[string]any{"service": "paspor-baru", "places": 1}).is(200)
	var tickets []ticketAnswer
	for n := range 5 {
		var booked bookedAnswer
		h.bookAt(bookingOf("paspor-baru", "earliest", n)).is(201, &booked)
		tickets = append(tickets, booked.Tickets[0])
	}
	last := tickets[len(tickets)-1]
	path := "/api/v1/tickets/" + last.Token
	h.ask("POST", path+"/accept", nil).problem(409, "wrong_state")
	h.ask("POST", path+"/standby", map[string]any{}).problem(422, "invalid")
	h.ask("POST", path+"/standby", map[string]any{"minutes": -1}).problem(422, "invalid")
	h.ask("POST", path+"/standby", map[string]any{"minutes": 20}).is(200)
	if v := h.display(); !slices.Equal(v.Standby, []string{last.Number}) || v.Offered == nil || len(v.Offered) != 0 {
		t.Errorf("on standby %q, offered %q", v.Standby, v.Offered)
	}
	h.release()
	if offer := h.ticketOf(last.Token).StandbyOffer; offer != nil {
		t.Fatalf("offered %+v while everybody may come", offer)
	}
	h.clock.pass(tickets[1].ArriveBy.Sub(h.clock.Now()) + time.Second)
	h.release()
	if !h.ticketOf(tickets[1].Token).Late {
		t.Fatal("the second is not late")
	}
	offer := h.ticketOf(last.Token).StandbyOffer
	if offer == nil {
		t.Fatal("nothing is offered")
	}
	if diff := cmp.Diff([]string{last.Number}, h.display().Offered); diff != "" {
		t.Error(diff)
	}
	// While it is offered nobody else can book it.
	h.bookAt(bookingOf("paspor-baru", offer.Slot.Start.Format(time.RFC3339), 9)).problem(409, "slot_full")
	var v static.TicketView
	h.ask("POST", path+"/accept", nil).is(200, &v)
	if !v.Slot.Start.Equal(offer.Slot.Start) || v.Number != last.Number || v.StandbyOffer != nil || v.State != "booked" {
		t.Errorf("accepted: %+v", v)
	}
	h.bookAt(bookingOf("paspor-baru", last.Slot.Start.Format(time.RFC3339), 9)).is(201)
	// The owner who comes after all is served by arrival.
	h.at(staff.Kiosk, "check-ins", map[string]any{"code": tickets[1].Code}).is(200, &v)
	if v.State != "waiting" || v.Lane != "walkin" {
		t.Errorf("who came late is %s in %s", v.State, v.Lane)
	}
}

func TestAWalkInMayStandByWhenNumbersHaveRunOut(t *testing.T) {
	h := embedded(t)
	h.at(staff.Supervisor, "days/2026-11-24/capacity", map[string]any{"service": "penggantian", "places": 0}).is(200)
	office, err := h.open(context.Background(), "bandung")
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	office.Read(func(s *queue.State) {
		service, _ := s.Config.Service("penggantian")
		most = *service.WalkinCapacity
	})
	for range most {
		h.walkIn("penggantian", false)
	}
	h.at(staff.Kiosk, "tickets", map[string]any{"service": "penggantian"}).problem(409, "slot_full")
	var ticket ticketAnswer
	h.at(staff.Kiosk, "tickets", map[string]any{"service": "penggantian", "standby": true}).is(201, &ticket)
	if v := h.ticketOf(ticket.Token); v.State != "booked" || v.Slot != nil || v.Standby == nil {
		t.Fatalf("it is %+v", v)
	}
	if diff := cmp.Diff([]string{ticket.Number}, h.display().Standby); diff != "" {
		t.Error(diff)
	}
	h.at(staff.Kiosk, "check-ins", map[string]any{"code": ticket.Code}).problem(409, "wrong_state")
	h.at(staff.Supervisor, "days/2026-11-24/capacity", map[string]any{"service": "penggantian", "places": 1}).is(200)
	h.release()
	h.at(staff.Desk, "tickets/"+ticket.ID+"/accept", nil).is(200)
	h.at(staff.Kiosk, "check-ins", map[string]any{"code": ticket.Code}).is(200)
}

func TestStandbyWorksWithoutScripts(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-25T08:30:00+07:00", 1)).is(201, &booked)
	headers := []string{"Cookie", ticketCookie + "=" + booked.Tickets[0].Token, "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://antrean.test"}
	h.ask("POST", "/t/standby", url.Values{"key": {"s"}, "minutes": {"15"}}.Encode(), headers...).is(303)
	if h.ticketOf(booked.Tickets[0].Token).StandbyOffer == nil {
		t.Fatal("a free place of today is not offered")
	}
	h.ask("POST", "/t/accept", url.Values{"key": {"a"}}.Encode(), headers...).is(303)
	if v := h.ticketOf(booked.Tickets[0].Token); v.Slot.Start.Format(time.DateOnly) != "2026-11-24" {
		t.Errorf("it is at %s", v.Slot.Start)
	}
}

func TestTheSupervisorSeesWhoHasNotConfirmed(t *testing.T) {
	h := embedded(t)
	var quiet, said bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-24T13:00:00+07:00", 1)).is(201, &quiet)
	h.bookAt(bookingOf("paspor-baru", "2026-11-24T13:00:00+07:00", 2)).is(201, &said)
	h.ask("POST", "/api/v1/tickets/"+said.Tickets[0].Token+"/confirm", nil).is(200)
	page := func() string {
		t.Helper()
		return string(h.ask("GET", "/staff", nil, h.as(staff.Supervisor)...).is(200).body)
	}
	risky := func() []riskyTicket {
		t.Helper()
		var hall queueView
		h.ask("GET", "/api/v1/offices/bandung/queue", nil, h.as(staff.Supervisor)...).is(200, &hall)
		return hall.AtRisk
	}
	number := quiet.Tickets[0].Number
	if all := risky(); len(all) != 0 || strings.Contains(page(), number) {
		t.Errorf("at risk before the last reminder: %+v", all)
	}
	h.clock.pass(2 * time.Hour) // 11:00
	if all := risky(); len(all) != 1 || all[0].Number != number || all[0].Slot.Start.Hour() != 13 {
		t.Errorf("at risk: %+v", all)
	}
	if !strings.Contains(page(), number) || strings.Contains(page(), said.Tickets[0].Number) {
		t.Error("the supervisor's page does not show it")
	}
	if strings.Contains(string(h.ask("GET", "/staff", nil, h.as(staff.Desk)...).is(200).body), number) {
		t.Error("the desk's page shows it")
	}
}
